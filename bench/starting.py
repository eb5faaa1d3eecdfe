"""How long a command takes before it can do anything."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from bench.figures import Figure, Goal, Spread, interleave

PROGRAM: Final = str(Path(sys.executable).with_name("lanchat"))


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
