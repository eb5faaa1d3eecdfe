"""One node among many: what a thousand peers on one link cost it, and what a flood does.

The node is the whole program on a host of its own.  The many are genuine adverts, each with
a key and an address of its own, played by one process (`many.py`): a thousand whole programs
do not fit here.  They would need 50 GiB, and each start is heard by all of them, so that a
thousand starts are a million packets to take in, on two cores.  As many whole programs, and
discovery engines in processes of their own, as do fit are measured beside it.
"""

import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Final

from bench import flooded
from bench.contenders import CHECKOUT, Lanchat
from bench.figures import Figure, Goal, Spread
from bench.one_of_many import MOST, Many, Node
from tests.discovery.playing import SCRIPT
from tests.lab.lab import Lab
from tests.lab.namespaces import available

SIZES: Final = (50, 200, MOST)
SELDOM: Final = 4  # one round of the smaller ones for so many of the largest
RARELY: Final = 10  # the same for a storm and a flood
QUIET: Final = 1.0  # seconds from the full list until what came is counted
STORM: Final = 11.5  # seconds from the first start until the last announcement is out
WHOLE: Final = 20  # programs that rest side by side
SETTLING: Final = 14.0  # seconds until the last announcement of a start is out
WATCHED: Final = 60.0  # seconds
ENGINES: Final = (50, 100)
TOGETHER: Final = 90.0  # seconds


def figures(rounds: int) -> Iterator[Figure]:
    possible, why = available()
    if not possible:
        print(f"  left out: {why}")
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lanchat-")))
        lab = stack.enter_context(Lab())
        lab.add_host("real", "")
        lab.attach("real", "lan", address="10.78.255.1/16")
        person = Lanchat(lab, "real", folder)
        stack.callback(person.leave)
        many = Many(lab)
        yield from _sizes(lab, person, many, rounds)
        yield from flooded.figures(lab, person, many, max(1, rounds // RARELY), folder)
    with Lab(WHOLE) as lab, ThreadPoolExecutor() as pool:
        resting = pool.submit(_resting, lab)
        yield from _engines(resting)


def _sizes(lab: Lab, person: Lanchat, many: Many, rounds: int) -> Iterator[Figure]:
    few = max(1, rounds // SELDOM)
    for size in SIZES:
        goal = {50: (30, 150), 200: (30, 150), MOST: (500, 1500)}[size]
        costs, times = [], []
        for _ in range(rounds if size == MOST else few):
            listed, cost = _at_rest(lab, person, many, size)
            times.append(listed)
            costs.append(cost)
        what = f"a start among {size:,} at rest, until all are listed"
        yield Figure(what, Spread.of(times), " ms", Goal(None, *goal), 0)
        yield from _costs(costs)
    for size in SIZES:
        storms = [_storm(lab, person, many, size) for _ in range(max(1, rounds // RARELY))]
        what = f"{size:,} start within a second: listed after the last"
        yield Figure(what, Spread.of([one for one, _ in storms]), " ms", digits=0)
        yield from _costs([cost for _, cost in storms])


def _at_rest(
    lab: Lab, person: Lanchat, many: Many, size: int
) -> tuple[float, tuple[float, ...]]:
    many.do("rest", size)
    node = Node(lab, person)
    listed = node.full(size) - node.opening
    time.sleep(QUIET)
    cost = node.cost()
    node.listener.stop()
    return listed, cost


def _storm(lab: Lab, person: Lanchat, many: Many, size: int) -> tuple[float, tuple[float, ...]]:
    many.do("rest", 0)
    node = Node(lab, person)
    began = time.time() * 1000
    many.do("storm", size)
    listed = node.full(size) - began - 1000
    time.sleep(STORM)
    cost = node.cost()
    node.listener.stop()
    return listed, cost


def _costs(costs: list[tuple[float, ...]]) -> Iterator[Figure]:
    units = (
        ("packets in", "", 0),
        ("packets out", "", 0),
        ("CPU", " s", 2),
        ("resident", " MiB", 0),
    )
    for values, (what, unit, digits) in zip(zip(*costs, strict=True), units, strict=True):
        yield Figure(f"    its {what}", Spread.of(values), unit, digits=digits)


def _engines(resting: "Future[list[tuple[float, float]]]") -> Iterator[Figure]:
    """Discovery alone, each in a process and on a host of its own; one run each."""
    for count in ENGINES:
        first, lists = _together(count)
        what = f"{count} engines on {count} hosts start: the lists of all are full"
        yield Figure(what, Spread.of([one / 1000 for one in lists]), " s")
        print(f"      the first and the last of them began {first:.1f} s apart")
    udp, tcp = zip(*resting.result(), strict=True)
    what = f"at rest, {WHOLE} programs: mDNS packets a minute and host"
    yield Figure(what, Spread.of(udp), "", Goal(at_most=1))
    yield Figure("    TCP segments a minute and host, knocking", Spread.of(tcp), "", digits=0)


class _Engine:
    """Discovery in a process of its own; it writes into a file, which never makes it wait."""

    def __init__(self, lab: Lab, host: str, number: int, folder: Path) -> None:
        self.begun = self.full = math.inf  # seconds
        self._names: set[str] = set()
        self._path = folder / str(number)
        with self._path.open("wb") as file:
            self.process: Final = lab.popen(
                host, [sys.executable, SCRIPT, str(number)],
                env={"PYTHONPATH": str(CHECKOUT)}, stdin=subprocess.PIPE, stdout=file,
            )  # fmt: skip
        self._said = self._path.open("rb")
        self._rest = b""

    def read(self, count: int) -> bool:
        """Take in what it said since; whether it has seen so many."""
        *lines, self._rest = (self._rest + self._said.read()).split(b"\n")
        for line in lines:
            row = json.loads(line)
            if row["event"] == "starting":
                self.begun = row["at"]
            elif row["event"] == "advert":
                self._names.add(row["name"])
            if len(self._names) == count:
                self.full = min(self.full, row["at"])
        return self.full < math.inf

    def close(self) -> None:
        self._said.close()
        self.process.kill()


def _together(count: int) -> tuple[float, list[float]]:
    """Seconds from the first start to the last; ms from that until each list was full."""
    with (
        Lab(count) as lab,
        ExitStack() as stack,
        tempfile.TemporaryDirectory(prefix="lanchat-") as folder,
    ):
        engines = []
        for number, host in enumerate(lab.hosts, start=1):
            engines.append(_Engine(lab, host, number, Path(folder)))
            stack.callback(engines[-1].close)
        until = time.monotonic() + TOGETHER
        while [one for one in engines if not one.read(count - 1)]:
            if time.monotonic() > until:
                break
            time.sleep(0.5)
        begun = [one.begun for one in engines]
        return max(begun) - min(begun), [
            max(0.0, one.full - max(begun)) * 1000 for one in engines
        ]


def _resting(lab: Lab) -> list[tuple[float, float]]:
    """Packets a minute and host, by UDP and by TCP, where whole programs rest."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lanchat-")))
        people = [Lanchat(lab, host, folder) for host in lab.hosts]
        for person in people:
            stack.callback(person.leave)
        hears = [person.listen() for person in people]
        for hear in hears:
            hear.wait_for("peer-found", after=WHOLE - 2)
        time.sleep(SETTLING)
        before = [_sent(lab, host) for host in lab.hosts]
        time.sleep(WATCHED)
        after = [_sent(lab, host) for host in lab.hosts]
    minutes = WATCHED / 60
    return [
        ((udp - udp0) / minutes, (tcp - tcp0) / minutes)
        for (udp0, tcp0), (udp, tcp) in zip(before, after, strict=True)
    ]


def _sent(lab: Lab, host: str) -> tuple[int, int]:
    """Datagrams and segments that a host has sent so far, by IPv4 and IPv6."""
    udp = tcp = 0
    shown = lab.exec(host, ["cat", "/proc/net/snmp", "/proc/net/snmp6"]).stdout.splitlines()
    for names, values in pairwise(shown):
        kind = names.split(":")[0]
        if values.startswith(f"{kind}:") and kind in ("Udp", "Tcp"):
            row = dict(zip(names.split(), values.split(), strict=True))
            udp += int(row.get("OutDatagrams", 0))
            tcp += int(row.get("OutSegs", 0))
    return udp + sum(
        int(one.split()[1]) for one in shown if one.startswith("Udp6OutDatagrams")
    ), tcp
