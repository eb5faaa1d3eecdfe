"""One end of a copy, in a process of its own: by lanes, or by plain TCP.

The parent tells when to go, so that no start of an interpreter is timed, and reads the CPU
time and the memory that the copy itself took.
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from bench.memory import peak, reset_peak
from bench.places import Place
from lanchat.transfer import lane
from lanchat.transfer.disk import inspect
from lanchat.transfer.manifest import make_offer
from lanchat.transfer.parts import Incoming
from lanchat.transfer.pipe import Counters
from lanchat.wire.payloads import Offer

MEBIBYTE: Final = 2**20


@dataclass(frozen=True, slots=True)
class Job:
    """One copy; both ends know it."""

    offer: Offer
    key: bytes
    source: Path
    folder: Path  # where it goes

    @property
    def attempt(self) -> lane.Attempt:
        return lane.Attempt(self.offer.id, 1, self.key, 0)


@dataclass(frozen=True, slots=True)
class Work:
    """What one process carries, and where it is."""

    place: Place
    sends: tuple[Job, ...]
    receives: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process paid: CPU seconds, and bytes of memory at the most over the start.

    `ended` are the seconds until each of the copies it received had its name.
    """

    cpu: float
    memory: int
    ended: tuple[float, ...]


Doors = Mapping[bytes, tuple[str, int]]  # by offer: where its receiver listens
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


def work(how: str, given: Work, parent: Connection) -> None:
    """A process with a thread for each copy."""
    given.place.enter()
    with ExitStack() as stack:
        servers = [
            stack.enter_context(socket.create_server((given.place.address, 0)))
            for _ in given.receives
        ]
        parent.send(
            {
                job.offer.id: server.getsockname()
                for job, server in zip(given.receives, servers, strict=True)
            }
        )
        doors: Doors = parent.recv()
        out = [socket.create_connection(doors[job.offer.id]) for job in given.sends]
        parent.send("connected")
        parent.recv()
        into = [server.accept()[0] for server in servers]
    send, receive = ENDS[how]
    ended: list[float] = []  # when each copy was there

    def take(sock: socket.socket, job: Job) -> None:
        receive(sock, job)
        ended.append(time.perf_counter())

    copies = [
        *(partial(send, *one) for one in zip(out, given.sends, strict=True)),
        *(partial(take, *one) for one in zip(into, given.receives, strict=True)),
    ]
    threads = [threading.Thread(target=copy) for copy in copies]
    parent.send("ready")
    parent.recv()
    before, cpu, began = reset_peak(), time.process_time(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    costs = time.process_time() - cpu, peak() - before
    parent.send(Cost(*costs, tuple(moment - began for moment in ended)))
