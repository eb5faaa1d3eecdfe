"""The lane: one bulk connection for one attempt, a blocking loop in a thread.  PROTOCOL.md, 4.

One buffer of a chunk and its tag, everything in place: read, seal, send; or receive, open,
write.  A chunk is whole and opened before a byte of it is written.  `send` and `receive`
own the socket they are given and close it in every case.
"""

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field
from threading import Event
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lanchat.errors import PeerUnreachable, SealBroken
from lanchat.transfer.disk import Source
from lanchat.transfer.parts import Incoming
from lanchat.transfer.pipe import Counters as Counters  # who carries a lane watches it
from lanchat.transfer.pipe import Pipe
from lanchat.transfer.stream import PREFACE, TAG, Chunks, Tally
from lanchat.transfer.throttle import FREE, Brake
from lanchat.wire.payloads import CHUNK

DIAL_TIMEOUT: Final = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which attempt a lane carries: its transfer, number, key, and START's offset."""

    transfer: bytes
    number: int
    key: bytes = field(repr=False)
    offset: int


@dataclass(frozen=True, slots=True)
class Carried:
    """All chunks of an attempt went through; what DONE says of them."""

    chunks: int
    digest: bytes


async def connect(host: str, port: int, token: bytes, *, source: str = "") -> socket.socket:
    """Dial a lane and show its token; a blocking socket comes back.

    `host` may hold a zone; `source` is the own address to dial from.  Cancelling ends it at
    once, however long a dead host is silent.

    Raises:
        PeerUnreachable: nobody answers there within 5 s.
    """
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as undo:
        try:
            async with asyncio.timeout(DIAL_TIMEOUT):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                family, kind, protocol, _, where = found[0]
                sock = socket.socket(family, kind, protocol)
                undo.callback(sock.close)
                sock.setblocking(False)
                if source:
                    sock.bind((source, 0))
                await loop.sock_connect(sock, where)
                await loop.sock_sendall(sock, PREFACE + token)
        except OSError as error:  # TimeoutError is one
            raise PeerUnreachable(f"errno {error.errno}") from error
        sock.setblocking(True)
        undo.pop_all()
    return sock


def send(
    sock: socket.socket,
    attempt: Attempt,
    source: Source,
    counters: Counters,
    stop: Event,
    brake: Brake = FREE,
) -> Carried:
    """Read, seal, send: the whole of an attempt.  Blocks until all is handed to the system.

    Raises:
        FileChanged, DiskFailed: the source; CANCEL(2) or CANCEL(3).
        LaneLost: the connection broke; another attempt may go on.
        LaneStalled: under 64 KiB in 30 s; CANCEL(6).
        TransferAbandoned: `stop` was set.
    """
    chunks = Chunks(source.length, attempt.offset)
    seal = AESGCM(attempt.key).encrypt_into
    tally = Tally(attempt.transfer, attempt.number)
    view = memoryview(bytearray(CHUNK + TAG))
    with contextlib.closing(sock), source.read(attempt.offset) as reading:
        pipe = Pipe(sock, stop, brake)
        pipe.prefer_bbr()
        for index in range(chunks.count):
            size = chunks.size(index)
            reading.readinto(view[:size])
            seal(chunks.nonce(index), view[:size], None, view[: size + TAG])
            tally.add(view[size : size + TAG])
            counters.begin(attempt.offset + index * CHUNK, size)
            pipe.send(view[: size + TAG], counters)
        pipe.finish()
    return Carried(tally.chunks, tally.digest)


def receive(
    sock: socket.socket,
    attempt: Attempt,
    incoming: Incoming,
    counters: Counters,
    stop: Event,
    brake: Brake = FREE,
) -> Carried:
    """Receive, open, write: the whole of an attempt.  Blocks.

    If it fails the part is kept, with nothing in it of the chunk that failed.

    Raises:
        SealBroken: a chunk was altered, or bytes follow the last one.
        BadManifest, UnsafeName: DECLINE(5); nothing was created.
        NoSpace, DiskFailed: CANCEL(4), resumable.
        LaneLost, LaneStalled, TransferAbandoned: as in `send`.
    """
    with contextlib.closing(sock):
        try:
            return _receive(Pipe(sock, stop, brake), attempt, incoming, counters)
        finally:
            incoming.keep()


def _receive(pipe: Pipe, attempt: Attempt, incoming: Incoming, counters: Counters) -> Carried:
    chunks = Chunks(incoming.length, attempt.offset)
    unseal = AESGCM(attempt.key).decrypt_into
    tally = Tally(attempt.transfer, attempt.number)
    view = memoryview(bytearray(CHUNK + TAG))
    incoming.begin(attempt.offset)
    for index in range(chunks.count):
        size = chunks.size(index)
        counters.begin(attempt.offset + index * CHUNK, size)
        pipe.receive(view[: size + TAG], counters)
        tally.add(view[size : size + TAG])
        try:
            unseal(chunks.nonce(index), view[: size + TAG], None, view[:size])
        except InvalidTag as error:
            raise SealBroken(f"chunk {index}") from error
        incoming.write(view[:size])
    if not pipe.ended():
        raise SealBroken("bytes behind the last chunk")
    return Carried(tally.chunks, tally.digest)
