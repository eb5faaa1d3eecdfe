"""Loaded by every Python of a fault run before anything else, as this folder is on PYTHONPATH.

It writes down each key and nonce that seals (the key as its SHA-256), and what a lane begins
at; it kills its process at a step of its work on the disk, if FAULTS_STEP says so; and it
adds to the wall clock what the file FAULTS_CLOCK holds.  lanchat knows nothing of it: the
run wraps what lanchat calls, and the calls stay as they are.
"""

import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import mmap
import os
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

PARTS: Final = ".lanchat-parts"
PLACES: Final = "places.new"
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_STEPS: Final = frozenset(
    {"os.mkdir", "os.link", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.utime"}
)


class Record:
    """One file for each process, a line for each event, whole even after SIGKILL."""

    def __init__(self, folder: Path) -> None:
        name = f"{os.getpid()}-{time.monotonic_ns()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._file = os.open(folder / name, flags, 0o600)

    def note(self, *words: object) -> None:
        os.write(self._file, (" ".join(map(str, words)) + "\n").encode())


class Recorded:
    """AESGCM, with everything it seals and opens written down first."""

    def __init__(self, real: Callable[[bytes], Any], record: Record, key: bytes) -> None:
        self._real = real(key)
        self._record = record
        self._key = hashlib.sha256(key).hexdigest()

    def encrypt(self, nonce: bytes, data: Any, ad: Any) -> bytes:
        self._record.note("seal", self._key, bytes(nonce).hex(), len(data))
        return bytes(self._real.encrypt(nonce, data, ad))

    def encrypt_into(self, nonce: bytes, data: Any, ad: Any, buf: Any) -> int:
        self._record.note("seal", self._key, bytes(nonce).hex(), len(data))
        return int(self._real.encrypt_into(nonce, data, ad, buf))

    def decrypt(self, nonce: bytes, data: Any, ad: Any) -> bytes:
        return bytes(self._real.decrypt(nonce, data, ad))

    def decrypt_into(self, nonce: bytes, data: Any, ad: Any, buf: Any) -> int:
        size = int(self._real.decrypt_into(nonce, data, ad, buf))
        self._record.note("open", self._key, bytes(nonce).hex(), size)
        return size


def record_seals(record: Record) -> Callable[[ModuleType], None]:
    def wrap(module: ModuleType) -> None:
        real = module.AESGCM
        module.AESGCM = lambda key: Recorded(real, record, key)  # type: ignore[attr-defined]  # of any module

    return wrap


def record_lanes(record: Record) -> Callable[[ModuleType], None]:
    """Where in its stream each attempt begins, on either side."""

    def wrap(module: ModuleType) -> None:
        for name in ("send", "receive"):
            setattr(module, name, _noting(name, getattr(module, name)))

    def _noting(name: str, carry: Callable[..., Any]) -> Callable[..., Any]:
        def carries(sock: Any, attempt: Any, *rest: Any) -> Any:
            key = hashlib.sha256(attempt.key).hexdigest()
            record.note(name, key, attempt.transfer.hex(), attempt.number, attempt.offset)
            return carry(sock, attempt, *rest)

        return carries

    return wrap


class Wrapping(importlib.abc.MetaPathFinder):
    """Wraps modules as they are loaded, and loads none that nobody asks for."""

    def __init__(self, wraps: dict[str, Callable[[ModuleType], None]]) -> None:
        self._wraps = wraps

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        wrap = self._wraps.get(name)
        if wrap is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_and_wrap(module: ModuleType) -> None:
            load(module)
            wrap(module)

        spec.loader.exec_module = load_and_wrap  # type: ignore[method-assign]  # of this one loader
        return spec


class Step:
    """Kills the process at a step of its work on the disk: "part:17:0" or "places:3:500".

    The 17th change to the disk once a part was begun, or the third once its places are
    being written; so many microseconds later.
    """

    def __init__(self, said: str) -> None:
        self._behind, number, delay = said.split(":")
        self._left, self._delay = int(number), int(delay) / 1e6
        self._begun = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._left < 0 or not self._counts(event, arguments):
            return
        if not self._begun:
            wanted = PARTS if self._behind == "part" else PLACES
            self._begun = bool(arguments) and arguments[0] == wanted
        if self._begun:
            self._left -= 1
            if self._left < 0:
                self._die()

    @staticmethod
    def _counts(event: str, arguments: tuple[Any, ...]) -> bool:
        if event == "open":
            return isinstance(arguments[2], int) and bool(arguments[2] & _WRITES)
        return event in _STEPS

    def _die(self) -> None:
        if not self._delay:
            os.kill(os.getpid(), signal.SIGKILL)
        threading.Timer(self._delay, os.kill, (os.getpid(), signal.SIGKILL)).start()


def shift_clock(file: Path) -> None:
    """Let the wall clock say what it says and what the file holds: seconds, i64."""
    with file.open("r+b") as opened:
        held = mmap.mmap(opened.fileno(), 8)
    real, real_ns = time.time, time.time_ns

    def shift() -> int:
        return int(struct.unpack("=q", held[:8])[0])

    time.time = lambda: real() + shift()
    time.time_ns = lambda: real_ns() + shift() * 10**9


def begin() -> None:
    folder = os.environ.get("FAULTS_RECORD")
    if not folder:
        return
    record = Record(Path(folder))
    wraps = {
        "cryptography.hazmat.primitives.ciphers.aead": record_seals(record),
        "lanchat.transfer.lane": record_lanes(record),
    }
    sys.meta_path.insert(0, Wrapping(wraps))
    if step := os.environ.pop("FAULTS_STEP", ""):
        sys.addaudithook(Step(step))
    if clock := os.environ.get("FAULTS_CLOCK"):
        shift_clock(Path(clock))


begin()
