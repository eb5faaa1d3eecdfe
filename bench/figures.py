"""Figures: what was measured, as ratios of one run, beside the goal.

The machine is noisy and another day is another machine: only pairs of one round are
compared, and the median of at least seven rounds is quoted with its range.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

ROUNDS: Final = 7


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some values, with the least and the most of them."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))

    def shown(self, unit: str = "", digits: int = 2) -> str:
        low, high = f"{self.least:.{digits}f}", f"{self.most:.{digits}f}"
        return f"{self.median:.{digits}f}{unit} ({low}..{high})"


@dataclass(frozen=True, slots=True)
class Goal:
    """What PERFORMANCE asks for: at least, or at most, this much."""

    at_least: float | None = None
    at_most: float | None = None

    def met_by(self, value: float) -> bool:
        low = self.at_least is None or value >= self.at_least
        return low and (self.at_most is None or value <= self.at_most)

    def shown(self, unit: str = "") -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g}{unit}"
        return f"≤ {self.at_most:g}{unit}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report."""

    what: str
    spread: Spread
    unit: str = ""
    goal: Goal | None = None
    digits: int = 2

    def line(self) -> str:
        shown = f"  {self.what:<58} {self.spread.shown(self.unit, self.digits):<30}"
        if self.goal is None:
            return shown.rstrip()
        verdict = "reached" if self.goal.met_by(self.spread.median) else "MISSED"
        return f"{shown} goal {self.goal.shown(self.unit):<12} {verdict}"


def interleave(
    cases: Mapping[str, Callable[[], float]], rounds: int = ROUNDS
) -> dict[str, list[float]]:
    """Run every case once a round, the order turned by one each time; a warm-up goes before."""
    names = list(cases)
    for name in names:
        cases[name]()
    taken: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            taken[name].append(cases[name]())
    return taken


def ratio(above: Sequence[float], below: Sequence[float]) -> Spread:
    """The paired ratio: each round's own."""
    return Spread.of([one / other for one, other in zip(above, below, strict=True)])


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
