"""An SSH server of our own on loopback, for comparison: made, used and ended by the bench."""

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

CIPHER: Final = "aes128-gcm@openssh.com"
SYSTEM_PATH: Final = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
START: Final = 5.0  # seconds
PRIVILEGES: Final = Path("/run/sshd")  # sshd, as root, wants it to be there


@dataclass(frozen=True, slots=True)
class Server:
    """A running sshd and the key that it lets in."""

    folder: Path
    port: int

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
        command.append(f"{self._user}@127.0.0.1:{target}")
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)

    def rsync(self, source: Path, target: Path) -> None:
        """By rsync, every file anew and whole."""
        command = ["rsync", "-aW", "-e", shlex.join(self._shell), str(source)]
        command.append(f"{self._user}@127.0.0.1:{target}/")
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)

    def tar(self, source: Path, target: Path) -> None:
        """By tar at both ends of a pipe."""
        command = [*self._shell, f"{self._user}@127.0.0.1", f"tar -xf - -C {target}"]
        packing = ["tar", "-cf", "-", "-C", str(source.parent), source.name]
        with subprocess.Popen(packing, stdout=subprocess.PIPE) as packed:
            subprocess.run(command, check=True, stdin=packed.stdout)

    @property
    def _shell(self) -> list[str]:
        return ["ssh", *self.options(), "-p", str(self.port)]

    @property
    def _user(self) -> str:
        return getpass.getuser()


def missing() -> str:
    """Why there can be no comparison with scp; empty if there can."""
    for tool in ("sshd", "scp", "ssh-keygen"):
        if shutil.which(tool, path=SYSTEM_PATH) is None:
            return f"{tool} is not installed (Debian: openssh-server, openssh-client)"
    return ""


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    for name in ("host", "user"):
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(made, check=True)
    shutil.copy(folder / "user.pub", folder / "authorized")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\n"
        f"AuthorizedKeysFile {folder}/authorized\nStrictModes no\nUsePAM no\n"
        "PermitRootLogin prohibit-password\nPasswordAuthentication no\n"
        "Subsystem sftp internal-sftp\n"
    )
    sshd = shutil.which("sshd", path=SYSTEM_PATH) or "sshd"
    with _room_for_privileges(), (folder / "log").open("wb") as log:
        process = subprocess.Popen([sshd, "-D", "-e", "-f", str(config)], stderr=log)
        try:
            _wait_for(process, port, folder / "log")
            yield Server(folder, port)
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


def _wait_for(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"sshd did not start: {log.read_text(errors='replace')}")
