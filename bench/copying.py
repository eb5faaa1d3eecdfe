"""One file of 1 GiB over loopback, tmpfs to tmpfs: a lane, scp, a plain copy in Python."""

import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench import lane_end, sshd, stages
from bench.figures import Figure, Goal, Spread, interleave, ratio

GIBIBYTE: Final = 2**30
TMPFS: Final = Path("/dev/shm")  # the disk must not be what is measured
ADDED: Final = 8  # MiB a transfer and side may take


class Copier:
    """Copies a file or folder again and again, each time by two fresh processes."""

    def __init__(self, how: str, source: Path, folder: Path) -> None:
        self._how = how
        self._source = source
        self._folder = folder
        self._context = multiprocessing.get_context("spawn")
        self.cpu: list[float] = []
        self.memory: list[float] = []

    def __call__(self) -> float:
        """Seconds from the word go until the receiver has it under its name."""
        with tempfile.TemporaryDirectory(dir=self._folder) as goal:
            job = lane_end.prepare(self._source, Path(goal))
            pipes = [self._context.Pipe() for _ in range(2)]
            ends = (lane_end.receiver, lane_end.sender)
            processes = [
                self._context.Process(target=end, args=(self._how, job, theirs))
                for end, (_ours, theirs) in zip(ends, pipes, strict=True)
            ]
            for process in processes:
                process.start()
            (receiving, _), (sending, _) = pipes
            sending.send(receiving.recv())  # the port
            for end in (receiving, sending):
                end.recv()  # ready
            began = time.perf_counter()
            for end in (sending, receiving):
                end.send("go")
            costs = [sending.recv(), receiving.recv()]
            seconds = time.perf_counter() - began
            for process in processes:
                process.join()
        self.cpu.append(sum(cost.cpu for cost in costs))
        self.memory.append(max(cost.memory for cost in costs) / 2**20)
        return seconds


def noise(path: Path, size: int) -> None:
    block = os.urandom(2**20)
    with path.open("wb") as file:
        for _ in range(size // len(block)):
            file.write(block)


def figures(rounds: int, size: int = GIBIBYTE) -> Iterator[Figure]:
    with ExitStack() as stack:
        root = TMPFS if TMPFS.is_dir() else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=root)))
        limit = stages.measure(folder, rounds)
        for name, cost in limit.stages.items():
            yield Figure(f"alone: {name}", cost, " CPU s/GiB")
        source = folder / "source"
        noise(source, size)
        copiers = {how: Copier(how, source, folder) for how in lane_end.ENDS}
        cases: dict[str, Copier | Scp] = dict(copiers)
        if why := sshd.missing():
            print(f"  without scp: {why}")
        else:
            keys = folder / "ssh"
            keys.mkdir(mode=0o700)
            server = stack.enter_context(sshd.running(keys))
            cases["scp"] = Scp(server, source, folder / "by scp")
        taken = interleave(cases, rounds)

    volume = size / 1e9
    for name, seconds in taken.items():
        speed = Spread.of([volume / one for one in seconds])
        yield Figure(f"1 GiB by {name}", speed, " GB/s")
    if "scp" in taken:
        against = ratio(taken["scp"], taken["lane"])
        what = f"lane against the whole of scp -c {sshd.CIPHER}"
        yield Figure(what, against, " x", Goal(at_least=3.5))
    against = ratio(taken["plain"], taken["lane"])
    yield Figure("lane against a plain TCP copy in Python", against, " x", Goal(at_least=0.90))
    shares = Spread.of([volume / one / limit.speed for one in taken["lane"]])
    what = f"lane, share of the {limit.speed:.2f} GB/s that these stages allow"
    yield Figure(what, shares, "", Goal(at_least=0.90))
    goals = {"plain": None, "lane": Goal(at_most=1.1)}
    for how, goal in goals.items():
        cpu = Spread.of([one * GIBIBYTE / size for one in copiers[how].cpu[1:]])
        yield Figure(f"CPU of both sides, {how}", cpu, " s/GiB", goal)
    bare = limit.cpu * size / GIBIBYTE
    spent = Spread.of([bare / one for one in copiers["lane"].cpu[1:]])
    what = f"lane, share of its CPU that the stages take ({limit.cpu:.2f} s/GiB)"
    yield Figure(what, spent, "", Goal(at_least=0.90))
    memory = Spread.of(copiers["lane"].memory[1:])
    yield Figure(
        "memory added by a transfer, the larger side", memory, " MiB", Goal(at_most=ADDED)
    )


class Scp:
    """The whole of scp, each time to a new folder."""

    def __init__(self, server: sshd.Server, source: Path, target: Path) -> None:
        self._server, self._source, self._target = server, source, target

    def __call__(self) -> float:
        shutil.rmtree(self._target, ignore_errors=True)
        self._target.mkdir()
        began = time.perf_counter()
        self._server.copy(self._source, self._target / "copy")
        seconds = time.perf_counter() - began
        shutil.rmtree(self._target)
        return seconds
