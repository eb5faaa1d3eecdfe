"""The lane: one bulk connection for one attempt, a blocking loop in a thread.  PROTOCOL.md, 4.

One buffer of a chunk and its tag, everything in place: read, seal, send; or receive, open,
write.  A chunk is whole and opened before a byte of it is written.  `send` and `receive`
own the socket they are given and close it in every case.
"""

import contextlib
import socket
from dataclasses import dataclass, field
from threading import Event

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lanchat.errors import PeerUnreachable, SealBroken
from lanchat.transfer.disk import Source
from lanchat.transfer.parts import Incoming
from lanchat.transfer.pipe import Counters as Counters  # who carries a lane watches it
from lanchat.transfer.pipe import Pipe
from lanchat.transfer.stream import PREFACE, TAG, Chunks, Tally, stream_length
from lanchat.wire.payloads import CHUNK


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


def connect(
    host: str, port: int, token: bytes, *, source: str = "", timeout: float = 5.0
) -> socket.socket:
    """Dial a lane and show its token; a blocking socket comes back.  Blocks.

    `host` may hold a zone; `source` is the own address to dial from.

    Raises:
        PeerUnreachable: nobody answers there.
    """
    own = (source, 0) if source else None
    try:
        sock = socket.create_connection((host, port), timeout, source_address=own)
    except OSError as error:
        raise PeerUnreachable(f"errno {error.errno}") from error
    try:
        sock.sendall(PREFACE + token)
        sock.settimeout(None)
    except OSError as error:
        sock.close()
        raise PeerUnreachable(f"errno {error.errno}") from error
    return sock


def send(
    sock: socket.socket, attempt: Attempt, source: Source, counters: Counters, stop: Event
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
        pipe = Pipe(sock, stop)
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
    sock: socket.socket, attempt: Attempt, incoming: Incoming, counters: Counters, stop: Event
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
            return _receive(Pipe(sock, stop), attempt, incoming, counters)
        finally:
            incoming.keep()


def _receive(pipe: Pipe, attempt: Attempt, incoming: Incoming, counters: Counters) -> Carried:
    chunks = Chunks(stream_length(incoming.offer), attempt.offset)
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
