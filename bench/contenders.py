"""Contenders: lanchat, python-zeroconf's defaults and avahi, each alone in a LAN of one shape.

All say what they learn in rows of the same names, so that one clock and one way of measuring
serves them all.  The clock is the machine's: the hosts of the lab share it.
"""

import asyncio
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node import profiles
from lanchat.store.contacts import Contacts
from tests.integration.cli_driver import PASSPHRASE, InHost, Listener, Person
from tests.lab.lab import Lab

CHECKOUT: Final = Path(__file__).parent.parent
AVAHI: Final = ("avahi-daemon", "avahi-publish", "avahi-browse", "dbus-daemon", "stdbuf")
VERSION: Final = [
    "dbus-send", "--system", "--print-reply", "--dest=org.freedesktop.Avahi", "/",
    "org.freedesktop.Avahi.Server.GetVersionString",
]  # fmt: skip
OPEN_TO_ALL: Final = """<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/> <allow own="*"/>
    <allow send_destination="*"/> <allow receive_sender="*"/> <allow eavesdrop="false"/>
  </policy>
</busconfig>
"""
AS_PACKAGED: Final = """[server]
use-ipv4=yes
use-ipv6=yes
ratelimit-interval-usec=1000000
ratelimit-burst=1000
[publish]
publish-hinfo=no
publish-workstation=no
"""

_serials: Final = itertools.count(1)


class Contender(Protocol):
    """Somebody on a host, who can come and go."""

    @property
    def host(self) -> str: ...

    peer_id: str  # how the others name it

    def listen(self) -> Listener: ...
    def leave(self) -> None: ...


Make = Callable[[Lab, str, Path], Contender]


class Lanchat(Person):
    """`lanchat listen`, which also tells when it begins to look for others."""

    def __init__(self, lab: Lab, host: str, folder: Path) -> None:
        self.host: Final = host
        super().__init__(host, InHost(lab, host), folder / f"{host}-{next(_serials)}")
        self.settle()

    def listen(self, *options: str) -> Listener:
        diagnostics = self.folder / "listen.err"
        words = ["listen", "--downloads", str(self.downloads), *options, "--json"]
        with diagnostics.open("ab") as file:
            process = subprocess.Popen(
                self.place.command([sys.executable, "-m", "bench.timed", *words]),
                env={**self.environment(), "PYTHONPATH": str(CHECKOUT)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=file,
                start_new_session=True,
            )
        listener = Listener(process, diagnostics)
        self._listeners.append(listener)
        listener.wait_for("ready")
        return listener

    def knows(self, *others: "Lanchat") -> None:
        """Make contacts of them, so that sessions are held; before it listens."""
        asyncio.run(self._remember(others))

    async def _remember(self, others: "tuple[Lanchat, ...]") -> None:
        opened = await profiles.unlock(profiles.hold(str(self.profile)), PASSPHRASE)
        try:
            for other in others:
                peer = PeerId.parse(other.peer_id)
                known = Contact(peer, other.name, trust=Trust.KNOWN, was_known=True)
                await Contacts(opened.database).save(known)
        finally:
            await opened.close()


class Script:
    """A script of this folder, run in a host."""

    def __init__(self, lab: Lab, host: str, folder: Path, script: str, *words: str) -> None:
        self.host: Final = host
        self.peer_id = f"{host}-{next(_serials)}"
        self._lab = lab
        place = str(Path(__file__).with_name(script))
        self._words = [sys.executable, place, self.peer_id, *words]
        self._diagnostics = folder / f"{self.peer_id}.err"
        self._listener: Listener | None = None

    def listen(self) -> Listener:
        with self._diagnostics.open("ab") as file:
            process = self._lab.popen(
                self.host, self._words, stdout=subprocess.PIPE, stderr=file
            )
        self._listener = Listener(process, self._diagnostics)
        self._listener.wait_for("ready")
        return self._listener

    def leave(self) -> None:
        if self._listener is not None and self._listener.running:
            self._listener.stop()


def plainly(lab: Lab, host: str, folder: Path) -> Script:
    return Script(lab, host, folder, "plainly.py", lab.address(host))


def by_avahi(lab: Lab, host: str, folder: Path) -> Script:
    daemon(lab, host)
    return Script(lab, host, folder, "by_avahi.py")


def lacks_avahi() -> str:
    """What is not installed of it; empty if all is."""
    path = os.environ.get("PATH", "") + ":/usr/sbin"
    return ", ".join(one for one in AVAHI if shutil.which(one, path=path) is None)


def daemon(lab: Lab, host: str) -> None:
    """Start avahi's daemon in a host, with a bus of its own."""
    run = lab.home(host).parent / "run"
    if (run / "bus.conf").exists():
        return
    for part in ("dbus", "avahi-daemon"):
        (run / part).mkdir(exist_ok=True)
    (run / "bus.conf").write_text(OPEN_TO_ALL)
    (run / "avahi.conf").write_text(AS_PACKAGED)
    quiet = subprocess.DEVNULL
    bus = ["dbus-daemon", "--nofork", "--config-file=/run/bus.conf"]
    lab.popen(host, bus, stdout=quiet, stderr=quiet)
    _await(host, lambda: (run / "dbus" / "system_bus_socket").exists())
    serve = ["/usr/sbin/avahi-daemon", "--no-drop-root", "--no-chroot", "-f", "/run/avahi.conf"]
    started: list[subprocess.Popen[bytes]] = []

    def ready() -> bool:
        if not started or started[-1].poll() is not None:  # the bus did not listen yet
            started.append(lab.popen(host, serve, stdout=quiet, stderr=quiet))
        return lab.exec(host, VERSION).returncode == 0

    _await(host, ready)


def _await(host: str, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not ready():
        if time.monotonic() > deadline:
            raise RuntimeError(f"avahi does not start on {host}")
        time.sleep(0.02)


def kill(listener: Listener) -> None:
    """End it and what it started, as a power cut would."""
    with suppress(ProcessLookupError):
        os.killpg(listener.process.pid, signal.SIGKILL)
    listener.kill()
