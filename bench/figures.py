"""Figures: what was measured, as ratios of one run, beside the goal.

The machine is noisy and another day is another machine: only pairs of one round are
compared, and the median of at least seven rounds is quoted with its range.
"""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

ROUNDS: Final = 7


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some values, the 95th percentile, the least and the most of them."""

    median: float
    late: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        late = percentile(values, 0.95)
        return cls(statistics.median(values), late, min(values), max(values))

    def shown(self, unit: str = "", digits: int = 2) -> str:
        median, late, low, high = (
            "never" if math.isinf(one) else f"{one:.{digits}f}"
            for one in (self.median, self.late, self.least, self.most)
        )
        return f"{median}{unit if median != 'never' else ''}, p95 {late} ({low}..{high})"


@dataclass(frozen=True, slots=True)
class Goal:
    """What is asked for: a median of at least, or at most, this much; a p95 of at most."""

    at_least: float | None = None
    at_most: float | None = None
    late: float | None = None

    def met_by(self, spread: Spread) -> bool:
        low = self.at_least is None or spread.median >= self.at_least
        high = self.at_most is None or spread.median <= self.at_most
        return low and high and (self.late is None or spread.late <= self.late)

    def shown(self, unit: str = "") -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g}{unit}"
        most = "" if self.at_most is None else f"≤ {self.at_most:g}{unit}"
        late = "" if self.late is None else f"p95 ≤ {self.late:g}{unit}"
        return ", ".join(one for one in (most, late) if one)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report."""

    what: str
    spread: Spread
    unit: str = ""
    goal: Goal | None = None
    digits: int = 2

    def line(self) -> str:
        shown = f"  {self.what:<58} {self.spread.shown(self.unit, self.digits):<40}"
        if self.goal is None:
            return shown.rstrip()
        verdict = "reached" if self.goal.met_by(self.spread) else "MISSED"
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
    """The least value that so great a share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
