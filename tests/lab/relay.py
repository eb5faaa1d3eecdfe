"""The relay process: delay, jitter, loss, rate and doubles where the kernel has no netem.

`python -m tests.lab.relay LEFT RIGHT DELAY JITTER LOSS RATE DUPLICATE` carries frames
between two interfaces of the switch room, with their offload headers, so that big
segments stay whole.
"""

import contextlib
import heapq
import itertools
import random
import select
import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Final

SOL_PACKET: Final = 263
VNET_HDR: Final = 15  # keep checksum and segmentation data with each frame
IGNORE_OUTGOING: Final = 23
ETH_P_ALL: Final = 3
OUTGOING: Final = 4  # PACKET_OUTGOING: a frame we sent ourselves
BATCH: Final = 64  # frames read of one side before the other has its turn
LONGEST_QUEUE: Final = 2.0  # seconds; a real queue is finite


@dataclass(slots=True)
class Cable:
    """What happens to frames on their way, the same in both directions."""

    delay_ms: float
    jitter_ms: float
    loss: float
    rate_kbit: float
    duplicate: float
    free_at: list[float] = field(default_factory=lambda: [0.0, 0.0])
    last_at: list[float] = field(default_factory=lambda: [0.0, 0.0])

    def arrivals(self, side: int, size: int, now: float) -> list[float]:
        """When the frame comes out at the other end: no time, one, or two."""
        if random.random() * 100 < self.loss:
            return []
        at = now
        if self.rate_kbit:
            lasts = size * 8 / (self.rate_kbit * 1000)
            at = max(now, self.free_at[side]) + lasts
            if at - now > LONGEST_QUEUE:
                return []
            self.free_at[side] = at
        jitter = random.uniform(-self.jitter_ms, self.jitter_ms) if self.jitter_ms else 0.0
        at += max(0.0, self.delay_ms + jitter) / 1000
        if not self.jitter_ms:  # a cable keeps the order
            at = self.last_at[side] = max(at, self.last_at[side])
        return [at] * (2 if random.random() * 100 < self.duplicate else 1)


def _open(device: str) -> socket.socket:
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    with contextlib.suppress(OSError):
        sock.setsockopt(SOL_PACKET, IGNORE_OUTGOING, 1)
    sock.setsockopt(SOL_PACKET, VNET_HDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    sock.bind((device, ETH_P_ALL))
    sock.setblocking(False)
    return sock


def _read(sock: socket.socket) -> list[bytes]:
    frames = []
    for _ in range(BATCH):
        try:
            frame, where = sock.recvfrom(1 << 17)
        except BlockingIOError:
            break
        except OSError:
            continue  # the link went down; it may come back
        if where[2] != OUTGOING:
            frames.append(frame)
    return frames


def carry(left: str, right: str, cable: Cable) -> None:
    sockets = [_open(left), _open(right)]
    print("ready", flush=True)  # noqa: T201  the lab waits for this word
    queue: list[tuple[float, int, int, bytes]] = []
    count = itertools.count()
    while True:
        wait = max(0.0, queue[0][0] - time.monotonic()) if queue else None
        ready, _, _ = select.select(sockets, [], [], wait)
        now = time.monotonic()
        for sock in ready:
            side = sockets.index(sock)
            for frame in _read(sock):
                for at in cable.arrivals(side, len(frame), now):
                    heapq.heappush(queue, (at, next(count), 1 - side, frame))
        while queue and queue[0][0] <= time.monotonic():
            _, _, side, frame = heapq.heappop(queue)
            with contextlib.suppress(OSError):
                sockets[side].send(frame)


if __name__ == "__main__":
    delay, jitter, loss, rate, duplicate = map(float, sys.argv[3:8])
    carry(sys.argv[1], sys.argv[2], Cable(delay, jitter, loss, rate, duplicate))
