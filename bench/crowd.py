"""Several lanes at once between two processes: both directions, and four each way.

Equal files that share fairly are through at about the same time.
"""

import multiprocessing
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from bench.copying import TMPFS, noise
from bench.figures import Figure, Goal, Spread, interleave, ratio
from bench.lane_end import Job, prepare, receive_by_lane, send_by_lane

VOLUME: Final = 512 * 2**20  # bytes in sum, however many lanes share them
CASES: Final = {"one": (1, 0), "both directions": (1, 1), "eight": (4, 4)}  # lanes each way


@dataclass(frozen=True, slots=True)
class Work:
    """What one process carries."""

    sends: tuple[Job, ...]
    receives: tuple[Job, ...]


def end(work: Work, parent: Connection) -> None:
    """A process with a thread for each lane; the parent tells when to go."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in work.receives
        ]
        parent.send([server.getsockname()[1] for server in servers])
        ports: list[int] = parent.recv()
        out = [socket.create_connection(("127.0.0.1", port)) for port in ports]
        parent.send("connected")
        parent.recv()
        into = [server.accept()[0] for server in servers]
    ended: list[float] = []  # when each lane had brought its file

    def receive(sock: socket.socket, job: Job) -> None:
        receive_by_lane(sock, job)
        ended.append(time.perf_counter())

    lanes = [
        *(partial(send_by_lane, *one) for one in zip(out, work.sends, strict=True)),
        *(partial(receive, *one) for one in zip(into, work.receives, strict=True)),
    ]
    threads = [threading.Thread(target=lane) for lane in lanes]
    parent.send("ready")
    parent.recv()
    for thread in threads:
        thread.start()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    parent.send([moment - began for moment in ended])


class _Case:
    """So many lanes there and back; `first` is how soon the first one of them was through."""

    def __init__(self, there: int, back: int, source: Path, folder: Path) -> None:
        self._carry = partial(_carry, there, back, source, folder)
        self.firsts: list[float] = []  # of each run, as a share of the last one

    def __call__(self) -> float:
        seconds, ended = self._carry()
        self.firsts.append(min(ended) / max(ended))
        return seconds


def _carry(there: int, back: int, source: Path, folder: Path) -> tuple[float, list[float]]:
    """Seconds until the last lane has brought its file, and when each was through."""
    spawn = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        goals = [
            Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder)))
            for _ in range(there + back)
        ]
        jobs = tuple(prepare(source, goal) for goal in goals)
        works = (Work(jobs[:there], jobs[there:]), Work(jobs[there:], jobs[:there]))
        pipes = [spawn.Pipe() for _ in works]
        processes = [
            spawn.Process(target=end, args=(work, theirs))
            for work, (_, theirs) in zip(works, pipes, strict=True)
        ]
        for process in processes:
            process.start()
        left, right = (ours for ours, _ in pipes)
        left_ports, right_ports = left.recv(), right.recv()
        left.send(right_ports)
        right.send(left_ports)
        for _ in ("connected", "ready"):
            for pipe in (left, right):
                pipe.recv()
            began = time.perf_counter()
            for pipe in (left, right):
                pipe.send("go")
        ended: list[float] = []
        for pipe in (left, right):
            ended.extend(pipe.recv())
        seconds = time.perf_counter() - began
        for process in processes:
            process.join()
    return seconds, ended


def figures(rounds: int) -> Iterator[Figure]:
    root = TMPFS if TMPFS.is_dir() else None
    with tempfile.TemporaryDirectory(dir=root) as name:
        folder = Path(name)
        cases = {}
        for what, (there, back) in CASES.items():
            source = folder / f"source {secrets.token_hex(4)}"
            noise(source, VOLUME // (there + back))
            cases[what] = _Case(there, back, source, folder)
        taken = interleave(cases, rounds)
    alone = Spread.of([VOLUME / 1e9 / one for one in taken["one"]])
    yield Figure("one lane, in threads of two processes", alone, " GB/s")
    for what in ("both directions", "eight"):
        against = ratio(taken["one"], taken[what])
        yield Figure(f"{what} at once, in sum against one", against, " x", Goal(at_least=0.9))
    shares = Spread.of(cases["eight"].firsts[1:])  # the first run is a warm-up
    what = "fair shares: the first of eight through, of the time of the last"
    yield Figure(what, shares, " x", Goal(at_least=0.8))
