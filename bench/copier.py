"""Copies a file or a folder again and again, each time by fresh processes."""

import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from bench import lane_end
from bench.figures import Figure, Goal, Spread
from bench.places import Place

GIBIBYTE: Final = 2**30
TMPFS: Final = Path("/dev/shm")
ADDED: Final = 8  # MiB that a transfer and side may take

Ways = Sequence[tuple[int, int]]  # of each copy: the place it leaves, the place it comes to


class Copier:
    """By a lane or plainly, `ways` at once, between processes at `places`."""

    def __init__(
        self,
        how: str,
        places: Sequence[Place],
        source: Path,
        folder: Path,
        ways: Ways = ((0, 1),),
    ) -> None:
        self._how, self._ways = how, ways
        self._places = places[: max(map(max, ways)) + 1]
        self._source, self._folder = source, folder
        self._volume = _size(source) * len(ways)
        self._cpu: list[float] = []
        self._memory: list[float] = []
        self._firsts: list[float] = []

    def __call__(self) -> float:
        """Seconds from the word go until every receiver has all of it under its name."""
        with ExitStack() as stack:
            goals = [
                Path(stack.enter_context(tempfile.TemporaryDirectory(dir=self._folder)))
                for _ in self._ways
            ]
            jobs = [lane_end.prepare(self._source, goal) for goal in goals]
            seconds, costs = self._carry(self._works(jobs))
        self._cpu.append(sum(cost.cpu for cost in costs))
        self._memory.append(max(cost.memory for cost in costs) / 2**20)
        ended = [moment for cost in costs for moment in cost.ended]
        self._firsts.append(min(ended) / max(ended))
        return seconds

    def _works(self, jobs: Sequence[lane_end.Job]) -> list[lane_end.Work]:
        routed = list(zip(jobs, self._ways, strict=True))
        return [
            lane_end.Work(
                place,
                tuple(job for job, (left, _) in routed if left == number),
                tuple(job for job, (_, right) in routed if right == number),
            )
            for number, place in enumerate(self._places)
        ]

    def _carry(self, works: Sequence[lane_end.Work]) -> tuple[float, list[lane_end.Cost]]:
        spawn = multiprocessing.get_context("spawn")
        pipes = [spawn.Pipe() for _ in works]
        ends = [ours for ours, _ in pipes]
        processes = [
            spawn.Process(target=lane_end.work, args=(self._how, work, theirs))
            for work, (_, theirs) in zip(works, pipes, strict=True)
        ]
        for process in processes:
            process.start()
        doors = {offer: door for end in ends for offer, door in end.recv().items()}
        for end in ends:
            end.send(doors)
        for word in ("accept", "go"):
            for end in ends:
                end.recv()
            began = time.perf_counter()
            for end in ends:
                end.send(word)
        costs: list[lane_end.Cost] = [end.recv() for end in ends]
        seconds = time.perf_counter() - began
        for process in processes:
            process.join()
        return seconds, costs

    # the first run is a warm-up, and counts nowhere

    @property
    def cpu(self) -> list[float]:
        """CPU seconds a GiB of each run, all sides together."""
        return [cpu * GIBIBYTE / self._volume for cpu in self._cpu[1:]]

    def memory(self) -> Spread:
        """MiB that a transfer added at the height, in the process where it was most."""
        ends = [[way[side] for way in self._ways] for side in (0, 1)]
        most = max(
            sum(end.count(number) for end in ends) for number in range(len(self._places))
        )
        return Spread.of([added / most for added in self._memory[1:]])

    def fairness(self) -> Spread:
        """When the first copy was there, as a share of the time of the last."""
        return Spread.of(self._firsts[1:])

    def costs(self, what: str, cpu: Goal | None = None) -> Iterator[Figure]:
        yield Figure(f"{what}: CPU of all sides", Spread.of(self.cpu), " s/GiB", cpu)
        if self._how == "lane":
            memory, goal = self.memory(), Goal(at_most=ADDED)
            yield Figure(f"{what}: memory added by a transfer", memory, " MiB", goal)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder in memory where there is one, so that the disk is not what is measured."""
    with tempfile.TemporaryDirectory(dir=TMPFS if TMPFS.is_dir() else None) as name:
        yield Path(name)


def noise(path: Path, size: int) -> None:
    block = os.urandom(2**20)
    with path.open("wb") as file:
        for _ in range(size // len(block)):
            file.write(block)


def _size(source: Path) -> int:
    """Bytes of a file, or of all files of a folder."""
    if source.is_file():
        return source.stat().st_size
    return sum(path.stat().st_size for path in source.rglob("*") if path.is_file())
