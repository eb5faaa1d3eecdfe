"""A lane's socket: whole buffers in and out, that can be stopped and may not stand still."""

import contextlib
import socket
import struct
import sys
import time
from threading import Event
from typing import Final

from lanchat.errors import LaneLost, LaneStalled, TransferAbandoned
from lanchat.transfer.throttle import FREE, Brake

PATIENCE: Final = 0.5  # seconds that one call may block before `stop` is looked at
LEAST: Final = 64 * 1024  # bytes that must move
WITHIN: Final = 30.0  # seconds in which they must (PROTOCOL.md, 3b)
FAREWELL: Final = 5.0  # seconds to wait for the end behind the last chunk
_TIMEVAL: Final = struct.pack("@ll", 0, int(PATIENCE * 1_000_000))


class Counters:
    """Progress of one lane, written by its thread, read by anyone at any time.

    `done` is how far into the stream this attempt has come, in bytes, what was resumed
    included; 0 until the first byte moves.
    """

    __slots__ = ("_base", "_size", "done")

    def __init__(self) -> None:
        self.done = 0
        self._base = 0
        self._size = 0

    def begin(self, base: int, size: int) -> None:
        """A chunk of `size` bytes begins, `base` bytes into the stream."""
        self._base, self._size = base, size

    def moved(self, at: int) -> None:
        """`at` bytes of the chunk and its tag are through."""
        self.done = self._base + min(at, self._size)


class Pipe:
    """A connected blocking socket as a lane uses it.  Belongs to one thread.

    The socket stays blocking, so that one call moves a whole chunk; the system's own
    timeouts give it back now and then.  `brake` says how many bytes may go next.
    """

    def __init__(self, sock: socket.socket, stop: Event, brake: Brake = FREE) -> None:
        self._sock = sock
        self._stop = stop
        self._brake = brake
        self._allowed = 0  # bytes that may go now
        self._moved = 0
        self._since = time.monotonic()
        try:
            if sys.platform == "win32":
                sock.settimeout(PATIENCE)
            else:
                sock.settimeout(None)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIMEVAL)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _TIMEVAL)
        except OSError as error:
            raise LaneLost(f"errno {error.errno}") from error

    def prefer_bbr(self) -> None:
        """Ask for congestion control that a little loss does not slow down."""
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"bbr")

    def send(self, data: memoryview, counters: Counters) -> None:
        """Hand all of `data` to the system."""
        at = 0
        while at < len(data):
            end = at + self._may_go(len(data) - at)
            try:
                size = self._sock.send(data[at:end])
            except (BlockingIOError, TimeoutError):
                size = 0
            except OSError as error:
                raise self._lost(error.errno) from error
            at += size
            if size:
                counters.moved(at)
            self._account(size)

    def receive(self, data: memoryview, counters: Counters) -> None:
        """Fill all of `data`."""
        at = 0
        while at < len(data):
            size = self._take(data[at : at + self._may_go(len(data) - at)])
            if size == 0:
                raise self._lost(None)
            size = max(0, size)  # -1: nothing yet
            at += size
            if size:
                counters.moved(at)
            self._account(size)

    def finish(self) -> None:
        """Tell the other side that nothing follows."""
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise self._lost(error.errno) from error

    def ended(self) -> bool:
        """Whether nothing follows; one who leaves it open without a word counts as ended."""
        until = time.monotonic() + FAREWELL
        while time.monotonic() < until:
            try:
                size = self._take(memoryview(bytearray(1)))
            except LaneLost:  # reset, but all chunks are here and open
                return True
            if size >= 0:
                return size == 0
            if self._stop.is_set():
                raise TransferAbandoned("stopped")
        return True

    def _take(self, data: memoryview) -> int:
        """Bytes received, 0 at the end, -1 if there were none in time."""
        try:
            return self._sock.recv_into(data, 0, socket.MSG_WAITALL)
        except (BlockingIOError, TimeoutError):
            return -1
        except OSError as error:
            raise self._lost(error.errno) from error

    def _may_go(self, wanted: int) -> int:
        """How many of `wanted` bytes may go now, after a wait if need be."""
        if not self._allowed:
            self._allowed = self._brake.allow(wanted, self._stop)
        return min(wanted, self._allowed)

    def _account(self, size: int) -> None:
        if self._stop.is_set():
            raise TransferAbandoned("stopped")
        self._allowed -= size
        self._moved += size
        now = time.monotonic()
        if self._moved >= LEAST:
            self._moved, self._since = 0, now
        elif now - self._since > WITHIN:
            raise LaneStalled(f"{self._moved} bytes in {WITHIN:.0f} s")

    def _lost(self, number: int | None) -> LaneLost | TransferAbandoned:
        if self._stop.is_set():
            return TransferAbandoned("stopped")
        return LaneLost(f"errno {number}" if number else "closed before its end")
