"""What this machine can do at the most: each stage of a copy alone, in CPU seconds a GiB.

A goal that is missed because of the machine must be visible as such.  A lane reads, seals and
sends on one side, receives, opens and writes on the other; were both sides' cores busy all the
time with nothing else, they would come to `limit`.
"""

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.figures import Spread

MEBIBYTE: Final = 2**20
VOLUME: Final = 256  # MiB through each stage
CORES: Final = min(2, os.cpu_count() or 1)  # one thread a side

Stage = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Limit:
    """CPU seconds a GiB of each stage, both sides of the connection together."""

    stages: dict[str, Spread]

    @property
    def cpu(self) -> float:
        """CPU seconds a GiB of all stages; the cipher works on both sides."""
        return sum(spread.median for spread in self.stages.values())

    @property
    def speed(self) -> float:
        """GB/s at which nothing could be faster: two cores, never idle."""
        slowest = max(spread.median for spread in self.stages.values())
        return 2**30 / 1e9 / max(self.cpu / CORES, slowest / 2)


def measure(folder: Path, rounds: int) -> Limit:
    """Each stage once a round, on the file system of `folder`."""
    file = folder / "stage"
    stages: dict[str, Stage] = {
        "AES-256-GCM, sealing and opening": _seal_and_open,
        "TCP over loopback, both sides": _through_tcp,
        "writing a new file": lambda: _write(file),
        "reading a file": lambda: _read(file),
    }
    taken: dict[str, list[float]] = {name: [] for name in stages}
    for number in range(rounds + 1):
        for name, stage in stages.items():
            began = time.process_time()
            stage()
            if number:  # before that a warm-up: memory that the host has yet to give us
                taken[name].append((time.process_time() - began) * 1024 / VOLUME)
        file.unlink()
    return Limit({name: Spread.of(times) for name, times in taken.items()})


def _seal_and_open() -> None:
    buffer = memoryview(bytearray(MEBIBYTE + 16))
    cipher = AESGCM(bytes(32))
    for number in range(VOLUME):
        nonce = number.to_bytes(12, "big")
        cipher.encrypt_into(nonce, buffer[:MEBIBYTE], None, buffer)
        cipher.decrypt_into(nonce, buffer, None, buffer[:MEBIBYTE])


def _through_tcp() -> None:
    buffer = memoryview(bytearray(MEBIBYTE))
    with socket.create_server(("127.0.0.1", 0)) as server:
        sending = threading.Thread(target=_pour, args=(server.getsockname(),))
        sending.start()
        sock, _ = server.accept()
        with sock:
            while sock.recv_into(buffer, 0, socket.MSG_WAITALL):
                pass
        sending.join()


def _pour(where: tuple[str, int]) -> None:
    buffer = bytes(MEBIBYTE)
    with socket.create_connection(where) as sock:
        for _ in range(VOLUME):
            sock.sendall(buffer)


def _write(path: Path) -> None:
    buffer = bytes(MEBIBYTE)
    with path.open("xb", buffering=0) as file:
        for _ in range(VOLUME):
            file.write(buffer)
        os.fsync(file.fileno())


def _read(path: Path) -> None:
    buffer = bytearray(MEBIBYTE)
    with path.open("rb", buffering=0) as file:
        while file.readinto(buffer):
            pass
