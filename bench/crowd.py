"""Several lanes at once: both directions, and eight to two others, four to each.

Equal files that share fairly are through at about the same time.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

from bench import places
from bench.copier import Copier, Ways, noise, scratch
from bench.figures import Figure, Goal, Spread, interleave, ratio

VOLUME: Final = 512 * 2**20  # bytes in sum, however many lanes share them
CASES: Final[dict[str, Ways]] = {
    "one": [(0, 1)],
    "both directions": [(0, 1), (1, 0)],
    "eight": [(0, 1), (0, 2)] * 4,
}


def figures(rounds: int) -> Iterator[Figure]:
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        where = stack.enter_context(places.sites())
        sources = {len(ways): folder / f"of {len(ways)}" for ways in CASES.values()}
        for count, source in sources.items():
            noise(source, VOLUME // count)
        cases = {
            f"{site.name}: {what}": Copier("lane", site.hosts, sources[len(ways)], folder, ways)
            for site in where
            for what, ways in CASES.items()
        }
        taken = interleave(cases, rounds)
    for site in where:
        one = f"{site.name}: one"
        alone = Spread.of([VOLUME / 1e9 / each for each in taken[one]])
        yield Figure(f"{one} lane", alone, " GB/s")
        yield from cases[one].costs(one)
        for what in ("both directions", "eight"):
            name = f"{site.name}: {what}"
            against = ratio(taken[one], taken[name])
            yield Figure(f"{name}, in sum against one", against, " x", Goal(at_least=0.9))
            yield from cases[name].costs(name)
        shares = cases[f"{site.name}: eight"].fairness()
        what = f"{site.name}: the first of eight through, of the time of the last"
        yield Figure(what, shares, " x", Goal(at_least=0.8))
