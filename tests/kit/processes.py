"""A program with all that it started: its processes, and which of them still run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")


@dataclass(frozen=True)
class Process:
    """One process of this machine.  `since` tells it from another that got its number."""

    pid: int
    since: str
    words: str


def tree(pid: int) -> frozenset[Process]:
    """A process with its children, theirs and so on."""
    found: set[Process] = set()
    above: set[int] = {pid}
    everything = list(_everything())
    while above:
        reached = {one for one, parent in everything if one.pid in above or parent in above}
        above = {one.pid for one in reached - found} - above
        found |= reached
    return frozenset(found)


def running(processes: Iterable[Process]) -> frozenset[Process]:
    """Those that have not ended; one that only waits to be reaped has."""
    return frozenset(processes) & {one for one, _parent in _everything()}


def _everything() -> Iterator[tuple[Process, int]]:
    """Every process that runs, with the number of its parent."""
    for folder in PROC.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            state, parent, *more = (folder / "stat").read_text().rpartition(")")[2].split()
            words = (folder / "cmdline").read_text(errors="replace").replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended just now
        if state not in "ZX":
            yield Process(int(folder.name), more[17], words.strip()), int(parent)
