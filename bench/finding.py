"""Who sees whom and when, beside python-zeroconf's defaults and beside avahi, in the lab.

Each contender has a LAN of its own, all of one shape, and they take turns.  A start counts from
the first socket (for avahi from the start of its two commands), so without Python's own; what
others say is timed by one clock.  Every watcher counts as one value.
"""

import math
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Final

from bench.contenders import (
    Contender,
    Lanchat,
    Make,
    by_avahi,
    daemon,
    kill,
    lacks_avahi,
    plainly,
)
from bench.figures import Figure, Goal, Spread
from tests.integration.cli_driver import Listener
from tests.lab.lab import Lab
from tests.lab.namespaces import available

SETTLED: Final = 8  # that are there when the newcomer comes
AT_ONCE: Final = 5  # of them, to whom something happens at the same time
REST: Final = 2.5  # seconds between two changes: they are told once a second in the long run
ASLEEP: Final = 6.0  # seconds
FIRST: Final = 100  # of the addresses that nobody has yet
PATIENCE: Final = 10.0  # seconds after which something counts as never
VANISHED: Final = 30.0  # the same, for who is gone without a word
OTHERS: Final = 5  # rounds of ours for one of the other contenders

SHOWN: Final = "a start shown on another host"
LISTED: Final = f"a start until all {SETTLED} are listed"
GONE: Final = "a clean end until it is off the list"
KILLED: Final = "kill -9 until it is off the list"
MOVED: Final = "another address until others have it"
CUT: Final = "a host vanishes, until it is off the list"
BACK: Final = "carrier back until the list is right"
WOKEN: Final = "waking up until the list is right"
BESIDE: Final = ", avahi and one more there"
LOSS: Final = ", 10 % loss each way"
STARTS: Final = (SHOWN, LISTED)
WHERE: Final = ("", BESIDE, LOSS)
GOALS: Final = {
    SHOWN: Goal(at_most=10, late=50),
    LISTED: Goal(at_most=30, late=150),
    SHOWN + BESIDE: Goal(at_most=30, late=150),
    LISTED + BESIDE: Goal(at_most=30, late=150),
    SHOWN + LOSS: Goal(at_most=50, late=600),
    LISTED + LOSS: Goal(at_most=50, late=600),
    GONE: Goal(at_most=5, late=50),
    KILLED: Goal(at_most=50, late=100),
    MOVED: Goal(at_most=50, late=300),
    CUT: Goal(at_most=14_000, late=20_000),
    BACK: Goal(at_most=500, late=1500),
    WOKEN: Goal(at_most=500, late=1500),
}
START: Final = "a process, from its start to its first socket"


class Town:
    """A LAN of one contender: some who stay, and hosts from which a newcomer comes."""

    def __init__(self, name: str, make: Make, stack: ExitStack) -> None:
        self.name: Final = name
        self.taken: Final[dict[str, list[float]]] = defaultdict(list)
        hosts = [f"s{number + 1}" for number in range(SETTLED)]
        self.lab: Final = stack.enter_context(
            Lab([*hosts, "quiet", "beside", "lossy", "fragile"])
        )
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lanchat-")))
        self.settled: Final = [make(self.lab, host, folder) for host in hosts]
        self.quiet: Final = make(self.lab, "quiet", folder)
        self.lossy: Final = make(self.lab, "lossy", folder)
        self.fragile: Final = make(self.lab, "fragile", folder)
        self.beside: Final = [make(self.lab, "beside", folder) for _ in range(2)]
        if isinstance(first := self.settled[0], Lanchat):
            known = (*self.settled[1 : 1 + AT_ONCE], self.fragile)
            first.knows(*(one for one in known if isinstance(one, Lanchat)))
            for one in known:
                assert isinstance(one, Lanchat)
                one.knows(first)
        self.lab.impair("lossy", loss=10)
        everybody = (*self.settled, self.quiet, self.lossy, self.fragile, *self.beside)
        for one in everybody:
            stack.callback(one.leave)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self.hears: Final = list(pool.map(lambda one: one.listen(), self.settled))
        for listener in self.hears:
            for one in self._others(listener):
                listener.wait_for("peer-found", peer_id=one.peer_id)

    def neighbours(self) -> None:
        """On the host "beside": avahi's daemon, and a first one of the contender's kind."""
        daemon(self.lab, "beside")
        self.beside[0].listen()

    def come_and_go(self, newcomer: Contender, where: str = "") -> None:
        """One start and one end."""
        found = _counts(self.hears, "peer-found", newcomer)
        lost = _counts(self.hears, "peer-lost", newcomer)
        began = _now()
        listener = newcomer.listen()
        opening = _moment(listener.all("opening")[0])
        self.taken[START].append(opening - began)
        until = _soon()
        for one, count in zip(self.hears, found, strict=True):
            at = _when(one, "peer-found", newcomer, count, until)
            self.taken[SHOWN + where].append(at - opening)
        listed = max(_when(listener, "peer-found", one, 0, until) for one in self.settled)
        self.taken[LISTED + where].append(listed - opening)
        asked = _now()
        listener.stop()
        until = _soon()
        for one, count in zip(self.hears, lost, strict=True):
            left = _when(one, "peer-lost", newcomer, count, until)
            self.taken[GONE + where].append(left - asked)

    def kill(self) -> None:
        """One of those who hold a session is killed; who holds it notices."""
        watcher = self.hears[0]
        met = _counts([watcher], "session-opened", self.fragile)[0]
        lost = _counts([watcher], "peer-lost", self.fragile)[0]
        listener = self.fragile.listen()
        watcher.wait_for("peer-found", peer_id=self.fragile.peer_id, after=lost)
        if self.name == "lanchat":
            watcher.wait_for("session-opened", peer_id=self.fragile.peer_id, after=met)
        asked = _now()
        kill(listener)
        left = _when(watcher, "peer-lost", self.fragile, lost, _soon())
        self.taken[KILLED].append(left - asked)

    def move(self, number: int) -> None:
        """Several hosts get another address."""
        time.sleep(REST)
        for at, one in enumerate(self.settled[1 : 1 + AT_ONCE]):
            address = f"10.77.0.{FIRST + number * AT_ONCE + at}"
            changed = _now()
            self.lab.readdress(one.host, f"{address}/24")
            for hears in self.hears[1 + AT_ONCE :][:2]:
                self.taken[MOVED].append(self._has(hears, one, address) - changed)

    def _has(self, hears: Listener, one: Contender, address: str) -> float:
        """When a host had this address of somebody."""
        until, seen = time.monotonic() + PATIENCE, 0
        if self.name == "avahi":  # its browser names no addresses
            while time.monotonic() < until:
                command = ["avahi-browse", "-rpt", "_byavahi._tcp"]
                if f";{address};" in self.lab.exec(self.settled[-1].host, command).stdout:
                    return _now()
            return math.inf
        while (left := until - time.monotonic()) > 0:
            try:
                row = hears.wait_for(
                    "peer-changed", after=seen, peer_id=one.peer_id, timeout=left
                )
            except AssertionError:
                break
            if address in row["addresses"]:
                return _moment(row)
            seen += 1
        return math.inf

    def cut(self, _number: int) -> None:
        """The cables of several hosts are out, until all who can notice have; then in again."""
        time.sleep(REST + random.uniform(0, 5))
        cut = self.settled[1 : 1 + AT_ONCE]
        lost = [_counts(self.hears[:1], "peer-lost", one)[0] for one in cut]
        gone = _now()
        for one in cut:
            self.lab.cable(one.host, up=False)
        until = _soon(VANISHED if self.name == "lanchat" else PATIENCE)
        for one, count in zip(cut, lost, strict=True):
            at = _when(self.hears[0], "peer-lost", one, count, until)
            self.taken[CUT].append(at - gone)
        self._return(BACK, lambda one: self.lab.cable(one.host, up=True))

    def sleep(self, _number: int) -> None:
        """Several hosts sleep while a newcomer comes."""
        time.sleep(REST)
        for one in self.settled[1 : 1 + AT_ONCE]:
            self.lab.suspend(one.host)
        time.sleep(ASLEEP)
        self._return(WOKEN, lambda one: self.lab.resume(one.host))

    def _return(self, what: str, do: Callable[[Contender], None]) -> None:
        """A newcomer comes unseen; then several return, and the list of each must be right."""
        back = list(zip(self.settled, self.hears, strict=True))[1 : 1 + AT_ONCE]
        wanted = [*self.settled, self.quiet]
        before = {
            (apart.host, one.host): len(hears.all("peer-found", peer_id=one.peer_id))
            - self._is_listed(hears, one)
            for apart, hears in back
            for one in wanted
        }
        listener = self.quiet.listen()
        time.sleep(1)
        returned = {}
        for apart, _hears in back:
            returned[apart.host] = _now()
            do(apart)
        until = _soon()
        for apart, hears in back:
            right = max(
                _when(hears, "peer-found", one, before[apart.host, one.host], until)
                for one in wanted
                if one is not apart
            )
            self.taken[what].append(max(right - returned[apart.host], 0.0))
        listener.stop()
        until = _soon()
        for _apart, hears in back:
            while self._is_listed(hears, self.quiet) and time.monotonic() < until:
                time.sleep(0.1)  # one who was looked for a moment ago is looked for again later

    def _is_listed(self, hears: Listener, one: Contender) -> bool:
        found = len(hears.all("peer-found", peer_id=one.peer_id))
        return found > len(hears.all("peer-lost", peer_id=one.peer_id))

    def _others(self, listener: Listener) -> list[Contender]:
        at = self.hears.index(listener)
        return [one for number, one in enumerate(self.settled) if number != at]


CHANGES: Final = ((Town.move, (MOVED,)), (Town.cut, (CUT, BACK)), (Town.sleep, (WOKEN,)))


def figures(rounds: int) -> Iterator[Figure]:
    possible, why = available()
    if not possible:
        print(f"  left out: {why}")
        return
    with ExitStack() as stack:
        towns = _towns(stack)
        _all_starts(towns, rounds)
        yield Figure(START, Spread.of(towns[0].taken[START]), " ms", digits=0)
        for what in (*(one + where for one in STARTS for where in WHERE), GONE, KILLED):
            yield from _beside(what, towns)
        times = [math.ceil(rounds / AT_ONCE), *(1 for _ in towns[1:])]
        for change, whats in CHANGES:
            with ThreadPoolExecutor() as pool:  # mostly waiting, each in a LAN of its own
                list(pool.map(_repeat, towns, [change] * len(towns), times))
            for what in whats:
                yield from _beside(what, towns)


def _towns(stack: ExitStack) -> list[Town]:
    makes: dict[str, Make] = {"lanchat": Lanchat, "python-zeroconf": plainly}
    if missing := lacks_avahi():
        print(f"  avahi is left out, not installed: {missing}")
        return [Town(name, make, stack) for name, make in makes.items()]
    makes["avahi"] = by_avahi
    towns = [Town(name, make, stack) for name, make in makes.items()]
    for town in towns[:2]:
        town.neighbours()
    return towns


def _all_starts(towns: list[Town], rounds: int) -> None:
    for number in range(rounds):
        for town in towns:
            if town is towns[0] or number < math.ceil(rounds / OTHERS):
                _starts(town)
    for town in towns[1:]:
        town.kill()


def _starts(town: Town) -> None:
    town.come_and_go(town.quiet)
    town.come_and_go(town.lossy, LOSS)
    if town.name == "avahi":
        return  # one daemon serves the host, whoever else is there
    if not lacks_avahi():
        town.come_and_go(town.beside[1], BESIDE)
    if town.name == "lanchat":
        town.kill()


def _repeat(town: Town, change: Callable[[Town, int], None], times: int) -> None:
    for number in range(times):
        change(town, number)


def _beside(what: str, towns: list[Town]) -> Iterator[Figure]:
    for town in towns:
        if taken := town.taken.get(what):
            ours = town is towns[0]
            shown = what if ours else f"    {town.name}"
            yield Figure(shown, Spread.of(taken), " ms", GOALS[what] if ours else None, 0)


def _when(listener: Listener, event: str, one: Contender, after: int, until: float) -> float:
    """When a host learned this of somebody; never, if it did not until then."""
    left = max(0.0, until - time.monotonic())
    try:
        row = listener.wait_for(event, after=after, peer_id=one.peer_id, timeout=left)
    except AssertionError:
        return math.inf
    return _moment(row)


def _counts(hears: list[Listener], event: str, one: Contender) -> list[int]:
    return [len(each.all(event, peer_id=one.peer_id)) for each in hears]


def _soon(seconds: float = PATIENCE) -> float:
    """When, in monotonic seconds, something counts as never."""
    return time.monotonic() + seconds


def _moment(row: dict[str, str]) -> float:
    return datetime.fromisoformat(row["at"]).timestamp() * 1000


def _now() -> float:
    return time.time() * 1000
