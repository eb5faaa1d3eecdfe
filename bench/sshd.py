"""An SSH server of our own, for comparison: made, used and ended by the bench."""

import getpass
import os
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.places import Place

CIPHER: Final = "aes128-gcm@openssh.com"
SYSTEM_PATH: Final = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
START: Final = 5.0  # seconds
LOOPBACK: Final = Place()
PRIVILEGES: Final = Path("/run/sshd")  # sshd, as root, wants it to be there


@dataclass(frozen=True, slots=True)
class Server:
    """A running sshd and the key that it lets in; who copies is at `client`."""

    folder: Path
    port: int
    place: Place
    client: Place

    def options(self) -> list[str]:
        given = {
            "Ciphers": CIPHER,
            "IdentitiesOnly": "yes",
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
        }
        words = ["-F", "/dev/null", "-i", str(self.folder / "user")]
        return words + [word for name in given for word in ("-o", f"{name}={given[name]}")]

    def copy(self, source: Path, target: Path) -> None:
        """By scp: the whole process, as a user would start it."""
        command = ["scp", "-q", "-r", *self.options(), "-P", str(self.port), str(source)]
        command.append(f"{self._user}:{target}")
        self._run(command)

    def rsync(self, source: Path, target: Path) -> None:
        """By rsync, every file anew and whole."""
        command = ["rsync", "-aW", "-e", shlex.join(self._shell), str(source)]
        command.append(f"{self._user}:{target}/")
        self._run(command)

    def tar(self, source: Path, target: Path) -> None:
        """By tar at both ends of a pipe."""
        command = [*self._shell, self._user, f"tar -xf - -C {target}"]
        packing = ["tar", "-cf", "-", "-C", str(source.parent), source.name]
        with subprocess.Popen(packing, stdout=subprocess.PIPE) as packed:
            subprocess.run(self.client.command(command), check=True, stdin=packed.stdout)

    def _run(self, command: list[str]) -> None:
        subprocess.run(self.client.command(command), check=True, stdin=subprocess.DEVNULL)

    @property
    def _shell(self) -> list[str]:
        return ["ssh", *self.options(), "-p", str(self.port)]

    @property
    def _user(self) -> str:
        return f"{getpass.getuser()}@{self.place.address}"


def missing() -> str:
    """Why there can be no comparison with scp; empty if there can."""
    for tool in ("sshd", "scp", "ssh-keygen"):
        if shutil.which(tool, path=SYSTEM_PATH) is None:
            return f"{tool} is not installed (Debian: openssh-server, openssh-client)"
    return ""


@contextmanager
def running(
    folder: Path, place: Place = LOOPBACK, client: Place = LOOPBACK
) -> Iterator[Server]:
    """A server at `place`, with its keys in `folder`, which it makes."""
    folder.mkdir(mode=0o700)
    for name in ("host", "user"):
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(made, check=True)
    shutil.copy(folder / "user.pub", folder / "authorized")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "config"
    config.write_text(
        f"Port {port}\nListenAddress {place.address}\nHostKey {folder}/host\nPidFile none\n"
        f"AuthorizedKeysFile {folder}/authorized\nStrictModes no\nUsePAM no\n"
        "PermitRootLogin prohibit-password\nPasswordAuthentication no\n"
        "Subsystem sftp internal-sftp\n"
    )
    sshd = shutil.which("sshd", path=SYSTEM_PATH) or "sshd"
    with _room_for_privileges(), (folder / "log").open("wb") as log:
        command = place.command([sshd, "-D", "-e", "-f", str(config)])
        process = subprocess.Popen(command, stderr=log)
        try:
            _wait_for(process, folder / "log")
            yield Server(folder, port, place, client)
        finally:
            process.terminate()
            process.wait()


@contextmanager
def _room_for_privileges() -> Iterator[None]:
    ours = os.geteuid() == 0 and not PRIVILEGES.exists()
    if ours:
        PRIVILEGES.mkdir(mode=0o755)
    try:
        yield
    finally:
        if ours:
            PRIVILEGES.rmdir()


def _wait_for(process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and process.poll() is None:
        if "Server listening" in log.read_text(errors="replace"):
            return
        time.sleep(0.05)
    raise RuntimeError(f"sshd did not start: {log.read_text(errors='replace')}")
