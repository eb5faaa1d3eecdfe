"""BIND, as docs/DEPLOYMENT.md says it is to be set up: its very words, in a folder of ours."""

import base64
import re
import secrets
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest

from lanchat.discovery import domain
from lanchat.discovery.advert import sign
from lanchat.identity.keys import Identity

DOMAIN: Final = "chat.example.org"
PATIENCE: Final = 10.0  # seconds
GUIDE: Final = Path(__file__).parents[2] / "docs" / "DEPLOYMENT.md"
OPTIONS: Final = """
options {{
    directory "{folder}";
    pid-file none;
    session-keyfile "{folder}/session.key";
    listen-on port {port} {{ {address}; }};
    listen-on-v6 {{ none; }};
    recursion no;
    dnssec-validation no;
    empty-zones-enable no;
}};
controls {{ }};
logging {{
    category update {{ null; }};
    category update-security {{ null; }};
    category xfer-out {{ null; }};
    category security {{ null; }};
}};
"""
Spawn = Callable[[Sequence[str]], "subprocess.Popen[bytes]"]


def named() -> str:
    """Where BIND is."""
    found = shutil.which(
        "named", path="/usr/sbin:/usr/bin:/sbin:/usr/local/sbin:/usr/local/bin"
    )
    if found is None:
        pytest.skip("the DNS server of the tests needs bind9")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _here(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


class Bind:
    """A BIND of our own.

    `change` may make something else of the words of the guide, `more` stands behind them, and
    `records` are in the zone from the start.
    """

    def __init__(
        self,
        folder: Path,
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        spawn: Spawn = _here,
        change: Callable[[str], str] = lambda words: words,
        more: str = "",
        records: str = "",
    ) -> None:
        self.folder: Final = folder
        self.address: Final = address
        self.port: Final = port or free_port()
        self.key: Final = folder / "lanchat.key"
        self._spawn = spawn
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        folder.mkdir(parents=True, exist_ok=True)
        # Under a name of its own: a profile of AppArmor would keep it out of our folder.
        self._program = folder / "name-server"
        shutil.copy2(named(), self._program)
        write_key(self.key)
        guide = GUIDE.read_text(encoding="utf-8")
        (conf,) = re.findall(r"^```named\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
        (zone,) = re.findall(r"^```zone\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
        self._zone = zone + records
        conf = conf.replace("/etc/bind/", f"{folder}/").replace("/var/lib/bind/", f"{folder}/")
        options = OPTIONS.format(folder=folder, port=self.port, address=address)
        (folder / "named.conf").write_text(options + change(conf) + more)
        self.forget()

    @property
    def server(self) -> str:
        """As `--dns DOMAIN@SERVER` wants it."""
        return f"{self.address}:{self.port}"

    def forget(self) -> None:
        """An empty zone."""
        for path in self.folder.glob(f"{DOMAIN}*"):
            path.unlink()
        (self.folder / DOMAIN).write_text(self._zone)

    def start(self) -> None:
        """Run until it answers."""
        command = [str(self._program), "-g", "-n", "1", "-c", str(self.folder / "named.conf")]
        self._process = process = self._spawn(command)
        assert process.stderr is not None
        log = []
        for line in process.stderr:
            log.append(line.decode(errors="replace"))
            if b": running" in line or line.rstrip().endswith(b" running"):
                self._reader = threading.Thread(
                    target=process.stderr.read, daemon=True
                )  # or it would stall
                self._reader.start()
                return
        raise AssertionError("BIND did not start:\n" + "".join(log))

    def stop(self) -> None:
        """End it, as a server that is switched off."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._reader is not None:
            self._reader.join()
        if process.stderr is not None:
            process.stderr.close()


def write_key(path: Path, name: str = "lanchat") -> Path:
    """A key file as tsig-keygen writes it."""
    secret = base64.b64encode(secrets.token_bytes(32)).decode()
    path.write_text(f'key "{name}" {{\n\talgorithm hmac-sha256;\n\tsecret "{secret}";\n}};\n')
    return path


def registration(number: int) -> str:
    """What one registration looks like in a zone file."""
    now = time.time()
    identity = Identity((7_000_000 + number).to_bytes(32, "big"))
    signed = sign(identity, f"Person {number}", 40_000, int(now * 1000))
    record = domain.with_expiry(signed.txt, int(now) + domain.LEASE)
    text = " ".join(f'"{one.decode()}"' for one in domain.strings(record))
    instance = domain.instance(signed.label)
    return (
        f"{domain.service()} PTR {instance}\n"
        f"{instance} SRV 0 0 {signed.port} {signed.label}\n"
        f"{instance} TXT {text}\n"
        f"{signed.label} A 10.88.{number // 250}.{number % 250 + 1}\n"
    )
