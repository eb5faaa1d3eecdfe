"""One end of a copy over loopback, in a process of its own: by a lane, or by plain TCP.

The parent tells when to go, so that no start of an interpreter is timed, and reads the CPU
time that the copy itself took.
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from bench.memory import peak, reset_peak
from lanchat.transfer import lane
from lanchat.transfer.disk import inspect
from lanchat.transfer.manifest import make_offer
from lanchat.transfer.parts import Incoming
from lanchat.transfer.pipe import Counters
from lanchat.wire.payloads import Offer

MEBIBYTE: Final = 2**20


@dataclass(frozen=True, slots=True)
class Job:
    """What both ends know."""

    offer: Offer
    key: bytes
    source: Path
    folder: Path  # where it goes

    @property
    def attempt(self) -> lane.Attempt:
        return lane.Attempt(self.offer.id, 1, self.key, 0)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one end paid: CPU seconds, and bytes of memory at the most over the start."""

    cpu: float
    memory: int


End = Callable[[socket.socket, Job], None]


def prepare(source: Path, folder: Path) -> Job:
    manifest = inspect([source]).manifest
    offer = make_offer(secrets.token_bytes(16), manifest)
    return Job(offer, secrets.token_bytes(32), source, folder)


def send_by_lane(sock: socket.socket, job: Job) -> None:
    lane.send(sock, job.attempt, inspect([job.source]), Counters(), threading.Event())


def receive_by_lane(sock: socket.socket, job: Job) -> None:
    incoming = Incoming(job.folder, job.offer)
    lane.receive(sock, job.attempt, incoming, Counters(), threading.Event())
    incoming.publish()
    incoming.discard()


def send_plainly(sock: socket.socket, job: Job) -> None:
    buffer = memoryview(bytearray(MEBIBYTE))
    with job.source.open("rb", buffering=0) as file, sock:
        while size := file.readinto(buffer):
            sock.sendall(buffer[:size])


def receive_plainly(sock: socket.socket, job: Job) -> None:
    buffer = memoryview(bytearray(MEBIBYTE))
    with (job.folder / job.source.name).open("xb", buffering=0) as file, sock:
        while size := sock.recv_into(buffer, 0, socket.MSG_WAITALL):
            file.write(buffer[:size])
        os.fsync(file.fileno())


ENDS: Final[dict[str, tuple[End, End]]] = {
    "lane": (send_by_lane, receive_by_lane),
    "plain": (send_plainly, receive_plainly),
}


def sender(how: str, job: Job, parent: Connection) -> None:
    sock = socket.create_connection(("127.0.0.1", parent.recv()))
    _timed(ENDS[how][0], sock, job, parent)


def receiver(how: str, job: Job, parent: Connection) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        parent.send(server.getsockname()[1])
        sock, _ = server.accept()
    _timed(ENDS[how][1], sock, job, parent)


def _timed(end: End, sock: socket.socket, job: Job, parent: Connection) -> None:
    parent.send("ready")
    parent.recv()
    before, cpu = reset_peak(), time.process_time()
    end(sock, job)
    parent.send(Cost(time.process_time() - cpu, peak() - before))
