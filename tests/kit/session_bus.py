"""A session bus of a test's own, and a desktop on it; nothing else can be started on it."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.kit.display import end, wait_for
from tests.kit.drag import PYTHON

SERVICE: Final = Path(__file__).with_name("desktopservice.py")
PORTAL: Final = Path(__file__).with_name("portalservice.py")
CONFIG: Final = """
<busconfig>
  <type>session</type>
  <listen>unix:path={place}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class SessionBus:
    """A dbus-daemon; a context manager.  `address` is what programs are told of it."""

    def __init__(self) -> None:
        self.address = ""
        self._folder = ""
        self._started: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        self._folder = tempfile.mkdtemp(prefix="bus")  # short: a socket's path is limited
        place = Path(self._folder, "bus")
        config = Path(self._folder, "config")
        config.write_text(CONFIG.format(place=place))
        daemon = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._started.append(daemon)
        assert daemon.stdout is not None
        self.address = daemon.stdout.readline().strip()  # it listens now
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def stop(self) -> None:
        """End the bus, and with it whoever was on it.  Twice is once."""
        for process in reversed(self._started):
            end(process)  # type: ignore[arg-type]  # of texts instead of bytes
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def desktop(self, *abilities: str) -> "Desktop":
        """Somebody who shows notices and folders."""
        return Desktop(*self._start(SERVICE, abilities, names=2))

    def portal(self, scheme: int, *methods: str) -> "Portal":
        """Somebody who says whether the desktop is dark: 1 if it is, 2 if it is light."""
        return Portal(*self._start(PORTAL, (str(scheme), *methods), names=1))

    def _start(
        self, service: Path, words: tuple[str, ...], names: int
    ) -> "tuple[subprocess.Popen[str], Path]":
        """Start one that owns so many names; it does by then."""
        log = Path(self._folder, f"{service.stem}.log")
        with log.open("w") as out:
            process = subprocess.Popen(
                [PYTHON, str(service), *words],
                env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": self.address},
                stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
        self._started.append(process)
        owner = Service(process, log)
        wait_for(lambda: len(owner.rows("owns")) == names, f"names: {log.read_text()}")
        return process, log


class Service:
    """What came to somebody on the bus, in order."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self._process = process
        self._log = log

    def rows(self, key: str) -> list[dict[str, Any]]:
        """What it said of one kind, such as "owns"."""
        lines = self._log.read_text().splitlines()
        return [row for row in map(json.loads, lines) if key in row]

    def do(self, what: str, number: int) -> None:
        """Tell it what a person does."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what} {number}\n")
        self._process.stdin.flush()


class Portal(Service):
    """Who says whether the desktop is dark.  `do`: change, answer, lie (portalservice.py)."""

    def end(self) -> None:
        """Leave the bus."""
        end(self._process)  # type: ignore[arg-type]  # of texts instead of bytes


class Desktop(Service):
    """What came to a desktop: owns, notify, closed, show.  `do`: click or close a notice."""

    @property
    def notices(self) -> list[dict[str, Any]]:
        """The notices it was given: app, replaces, headline, body, actions, hints, number."""
        return [{**row["notify"], "number": row["number"]} for row in self.rows("notify")]
