"""One file of 1 GiB, tmpfs to tmpfs: a lane, scp, a plain copy in Python."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench import lane_end, places, sshd, stages
from bench.copier import GIBIBYTE, Copier, noise, scratch
from bench.figures import Figure, Goal, Spread, interleave, ratio

SMALLER: Final = 256 * 2**20  # bytes over a link of a gigabit


def figures(rounds: int, size: int = GIBIBYTE) -> Iterator[Figure]:
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        limit = stages.measure(folder, rounds)
        for name, cost in limit.stages.items():
            yield Figure(f"alone: {name}", cost, " CPU s/GiB")
        source = folder / "source"
        noise(source, size)
        where = stack.enter_context(places.sites())
        copiers: dict[str, Copier] = {}
        cases: dict[str, Callable[[], float]] = {}
        for site in where:
            for how in lane_end.ENDS:
                copiers[f"{how}, {site.name}"] = Copier(how, site.hosts, source, folder)
        cases.update(copiers)
        if why := sshd.missing():
            print(f"  without scp: {why}")
        else:
            for site in where:
                client, place, _ = site.hosts
                keys = folder / f"ssh-{site.name}"
                server = stack.enter_context(sshd.running(keys, place, client))
                cases[f"scp, {site.name}"] = Scp(server, source, folder / "by scp")
        taken = interleave(cases, rounds)

    for name, seconds in taken.items():
        speed = Spread.of([size / 1e9 / one for one in seconds])
        yield Figure(f"1 GiB by {name}", speed, " GB/s")
    for site in where:
        yield from _against(site.name, taken, copiers)
    shares = Spread.of([size / 1e9 / one / limit.speed for one in taken["lane, loopback"]])
    what = f"loopback: share of the {limit.speed:.2f} GB/s that the stages allow"
    yield Figure(what, shares, "", Goal(at_least=0.90))
    spent = Spread.of([limit.cpu / one for one in copiers["lane, loopback"].cpu])
    what = f"loopback: share of its CPU that the stages take ({limit.cpu:.2f} s/GiB)"
    yield Figure(what, spent, "", Goal(at_least=0.90))
    yield from _by_gigabit(rounds)


def _against(
    site: str, taken: Mapping[str, Sequence[float]], copiers: Mapping[str, Copier]
) -> Iterator[Figure]:
    lane = taken[f"lane, {site}"]
    if scp := taken.get(f"scp, {site}"):
        what = f"{site}: lane against the whole of scp -c {sshd.CIPHER}"
        yield Figure(what, ratio(scp, lane), " x", Goal(at_least=3.5))
    what = f"{site}: lane against a plain TCP copy in Python"
    yield Figure(what, ratio(taken[f"plain, {site}"], lane), " x", Goal(at_least=0.90))
    yield from copiers[f"plain, {site}"].costs(f"{site}: plain")
    yield from copiers[f"lane, {site}"].costs(f"{site}: lane", Goal(at_most=1.1))


def _by_gigabit(rounds: int) -> Iterator[Figure]:
    with scratch() as folder, places.gigabit() as hosts:
        if not hosts:
            return
        source = folder / "source"
        noise(source, SMALLER)
        copiers = {how: Copier(how, hosts, source, folder) for how in lane_end.ENDS}
        taken = interleave(copiers, rounds)
    for name, seconds in taken.items():
        speed = Spread.of([SMALLER * 8 / 1e6 / one for one in seconds])
        yield Figure(f"256 MiB over a gigabit by {name}", speed, " Mbit/s", digits=0)
    against = ratio(taken["plain"], taken["lane"])
    yield Figure("a gigabit: lane against plain", against, " x", Goal(at_least=0.98))
    yield from copiers["lane"].costs("a gigabit: lane")


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
