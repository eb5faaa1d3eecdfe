"""How long a command takes before it can do anything, and what a node costs that waits."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from bench.figures import Figure, Goal, Spread, interleave
from bench.memory import resident
from tests.integration.cli_driver import Here, Person

PROGRAM: Final = str(Path(sys.executable).with_name("lanchat"))
SETTLING: Final = 12.0  # seconds until the last announcement of a start is out
WATCHED: Final = 10.0  # seconds
TICKS: Final = os.sysconf("SC_CLK_TCK")


def _whole(command: list[str]) -> Callable[[], float]:
    def run() -> float:
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return (time.perf_counter() - began) * 1000

    return run


def figures(rounds: int) -> Iterator[Figure]:
    taken = interleave(
        {
            "python -c pass": _whole([sys.executable, "-c", "pass"]),
            "lanchat --version": _whole([PROGRAM, "--version"]),
            "lanchat --help": _whole([PROGRAM, "--help"]),
        },
        rounds * 3,
    )
    for name, times in taken.items():
        goal = Goal(at_most=80) if name.endswith("--version") else None
        yield Figure(name, Spread.of(times), " ms", goal, digits=0)
    with tempfile.TemporaryDirectory(prefix="lanchat-") as folder:
        person = Person("Idle", Here(), Path(folder) / "idle").settle()
        listener = person.listen()
        time.sleep(SETTLING)
        shares = [share_of_a_core(listener.process.pid) for _ in range(2)]
        memory = resident(listener.process.pid) / 2**20
        listener.stop()
    yield Figure("an idle node", Spread.of(shares), " % of a core", Goal(at_most=0.2))
    yield Figure("an idle node, resident", Spread.of([memory]), " MiB", Goal(at_most=45), 0)


def share_of_a_core(pid: int) -> float:
    before = cpu_seconds(pid)
    time.sleep(WATCHED)
    return (cpu_seconds(pid) - before) / WATCHED * 100


def cpu_seconds(pid: int) -> float:
    """What a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
