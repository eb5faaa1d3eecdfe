"""Who sees whom and when: hosts of the lab, from `ready` to the event at the others."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Final

from bench.figures import Figure, Goal, Spread
from tests.integration.cli_driver import InHost, Listener, Person
from tests.lab.lab import Lab
from tests.lab.namespaces import available

SETTLED: Final = 8  # peers that are there when the newcomer comes
REST: Final = 3.5  # seconds between two changes: they are told once a second in the long run
FIRST: Final = 100  # of the addresses that nobody has yet


def _moment(row: dict[str, str]) -> float:
    return datetime.fromisoformat(row["at"]).timestamp() * 1000


def figures(rounds: int) -> Iterator[Figure]:
    possible, why = available()
    if not possible:
        print(f"  left out: {why}")
        return
    with ExitStack() as stack:
        lab = stack.enter_context(Lab(SETTLED + 1))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lanchat-")))
        people = [Person(host, InHost(lab, host), folder / host).settle() for host in lab.hosts]
        for person in people:
            stack.callback(person.leave)
        *settled, newcomer = people
        hears = [person.listen() for person in settled]
        for listener in hears:
            for person in settled:
                if person.peer_id != listener.all("ready")[0]["peer_id"]:
                    listener.wait_for("peer-found", peer_id=person.peer_id)
        seen, listed, gone = [], [], []
        for _ in range(rounds):
            came, all_there, left = _come_and_go(newcomer, settled, hears)
            seen.append(came)
            listed.append(all_there)
            gone.append(left)
        moved = [_move(lab, settled[0], hears[1:], FIRST + number) for number in range(rounds)]
        back = [_replug(lab, settled, hears) for _ in range(rounds)]
    yield Figure("a start seen by another host", Spread.of(seen), " ms", Goal(at_most=100), 0)
    what = f"a newcomer has the full list of {SETTLED}"
    yield Figure(what, Spread.of(listed), " ms", Goal(at_most=200), 0)
    yield Figure("a clean end seen by another host", Spread.of(gone), " ms", digits=0)
    what = "another address known to another host"
    yield Figure(what, Spread.of(moved), " ms", Goal(at_most=50), 0)
    what = f"cable back, the list of {SETTLED - 1} others is right"
    yield Figure(what, Spread.of(back), " ms", Goal(at_most=500), 0)


def _come_and_go(
    newcomer: Person, settled: list[Person], hears: list[Listener]
) -> tuple[float, float, float]:
    """Milliseconds until the median host saw the newcomer, it saw all, and it was gone."""
    before = [len(one.all("peer-found", peer_id=newcomer.peer_id)) for one in hears]
    listener = newcomer.listen()
    ready = _moment(listener.all("ready")[0])
    found = [listener.wait_for("peer-found", peer_id=one.peer_id) for one in settled]
    came = [
        _nth(one, "peer-found", newcomer, count)
        for one, count in zip(hears, before, strict=True)
    ]
    ended = [len(one.all("peer-lost", peer_id=newcomer.peer_id)) for one in hears]
    asked = time.time() * 1000
    listener.stop()
    left = [
        _nth(one, "peer-lost", newcomer, count) for one, count in zip(hears, ended, strict=True)
    ]
    return (
        Spread.of([at - ready for at in came]).median,
        max(_moment(row) for row in found) - ready,
        Spread.of([at - asked for at in left]).median,
    )


def _move(lab: Lab, person: Person, hears: list[Listener], number: int) -> float:
    """Milliseconds from the command until the median host has the new address."""
    time.sleep(REST)
    address = f"10.77.0.{number}"
    changed = time.time() * 1000
    lab.readdress(person.name, f"{address}/24")
    return Spread.of([_at(one, person, address) - changed for one in hears]).median


def _at(listener: Listener, person: Person, address: str) -> float:
    """When a host had this address of somebody."""
    seen = 0
    while True:
        row = listener.wait_for("peer-changed", after=seen, peer_id=person.peer_id)
        if address in row["addresses"]:
            return _moment(row)
        seen += 1


def _replug(lab: Lab, people: list[Person], hears: list[Listener]) -> float:
    """Milliseconds from the cable being in until all the others are listed again."""
    (apart, *others), (hear, *_rest) = people, hears
    time.sleep(REST)
    found = [len(hear.all("peer-found", peer_id=one.peer_id)) for one in others]
    lost = [len(hear.all("peer-lost", peer_id=one.peer_id)) for one in others]
    lab.cable(apart.name, up=False)
    for one, count in zip(others, lost, strict=True):
        _nth(hear, "peer-lost", one, count)
    time.sleep(REST)  # what comes right after a loss counts as an echo of what was said before
    back = time.time() * 1000
    lab.cable(apart.name, up=True)
    came = [
        _nth(hear, "peer-found", one, count) for one, count in zip(others, found, strict=True)
    ]
    return max(came) - back


def _nth(listener: Listener, event: str, person: Person, before: int) -> float:
    return _moment(listener.wait_for(event, after=before, peer_id=person.peer_id))
