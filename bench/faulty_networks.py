"""Faults of the lab: what is seen and by when, and what the doctor says of it.

Several LANs of one shape at once, as most of this is waiting.  In each are three people who
know each other, two on a network that speaks IPv6 only, and two on a computer that is on no
network.  Each fault is made, timed, looked at by the doctor of a person in it, and
taken away; then all must be as before.
"""

import math
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.contenders import Lanchat
from bench.figures import Figure, Goal, Spread
from bench.one_of_many import moment
from tests.integration.cli_driver import Listener
from tests.lab.lab import Lab
from tests.lab.namespaces import available

LANES: Final = 10
REST: Final = 1.5  # seconds between two faults
ASLEEP: Final = 6.0  # seconds
PATIENCE: Final = 10.0  # seconds after which something counts as never
LONG: Final = 30.0  # the same, for who is gone without a word and for a network that heals


class Lane:
    """One LAN, its people and what was measured in it."""

    def __init__(self, lab: Lab, stack: ExitStack) -> None:
        self.lab: Final = lab
        for host in ("d", "e"):
            self.lab.add_host(host, "six", ipv4=False)
        self.lab.add_host("f", "")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lanchat-")))
        self.people: Final = {name: Lanchat(self.lab, name, folder) for name in "abcde"}
        self.people["f"] = Lanchat(self.lab, "f", folder)
        self.people["g"] = Lanchat(self.lab, "f", folder)
        friends = [self.people[name] for name in "abc"]
        for one in friends:
            one.knows(*(other for other in friends if other is not one))
        for person in self.people.values():
            stack.callback(person.leave)
        self.hears: Final[dict[str, Listener]] = {}
        self.taken: Final[dict[str, list[float]]] = defaultdict(list)
        for name in self.people:
            self.come(name)
        self.addresses = iter(range(100, 250))
        self.calm()

    def come(self, name: str) -> float:
        """Start somebody; when it began to look for others."""
        self.hears[name] = self.people[name].listen()
        return moment(self.hears[name].all("opening")[0])

    def go(self, name: str) -> None:
        self.hears[name].stop()

    def count(self, at: str, event: str, who: str) -> int:
        return len(self.hears[at].all(event, peer_id=self.people[who].peer_id))

    def when(
        self, at: str, event: str, who: str, after: int = 0, *, limit: float = PATIENCE
    ) -> float:
        """When somebody learned this of somebody; never, if it takes too long."""
        peer = self.people[who].peer_id
        try:
            row = self.hears[at].wait_for(event, after=after, peer_id=peer, timeout=limit)
        except AssertionError:
            return math.inf
        return moment(row)

    def is_at(self, at: str, who: str, address: str) -> float:
        """When somebody had this address of somebody."""
        until, seen = time.monotonic() + PATIENCE, 0
        peer = self.people[who].peer_id
        while time.monotonic() < until:
            for row in self.hears[at].all("peer-changed", peer_id=peer)[seen:]:
                if address in row["addresses"]:
                    return moment(row)
                seen += 1
            time.sleep(0.01)
        return math.inf

    def note(self, what: str, at: float, since: float) -> None:
        self.taken[what].append(max(at - since, 0.0))

    def lists(self, at: str, who: str) -> bool:
        return self.count(at, "peer-found", who) > self.count(at, "peer-lost", who)

    def calm(self) -> None:
        """Wait until all three have the others on their lists."""
        until = time.monotonic() + LONG
        pairs = [(at, who) for at in "abc" for who in "abc" if at != who]
        while not all(self.lists(*pair) for pair in pairs) and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(REST)


Making = Callable[[Lane], Iterator[None]]


def healthy(_lane: Lane) -> Iterator[None]:
    yield


def address(lane: Lane) -> Iterator[None]:
    new, changed = f"10.77.0.{next(lane.addresses)}", now()
    lane.lab.readdress("b", f"{new}/24")
    for at in "ac":
        lane.note("others have it", lane.is_at(at, "b", new), changed)
    yield


def second(lane: Lane) -> Iterator[None]:
    lane.lab.add_network(f"two{next(lane.addresses)}")
    network = list(lane.lab.networks)[-1]
    lane.lab.attach("a", network)
    changed = now()
    lane.lab.attach("b", network)
    address = lane.lab.address("b", network)
    lane.note("the other has the address there", lane.is_at("a", "b", address), changed)
    yield
    for host in "ab":
        lane.lab.detach(host, network)


def vpn(lane: Lane) -> Iterator[None]:
    lane.lab.add_network(f"vpn{next(lane.addresses)}")
    network = list(lane.lab.networks)[-1]
    tunnel = lane.lab.attach("a", network, multicast=False)
    lane.lab.exec("a", ["ip", "route", "replace", "default", "dev", tunnel])
    lane.go("c")
    lane.when("a", "peer-lost", "c", lane.count("a", "peer-found", "c") - 1)
    found = lane.count("a", "peer-found", "c")
    opening = lane.come("c")
    lane.note("a newcomer is seen", lane.when("a", "peer-found", "c", found), opening)
    lane.note("the newcomer sees", lane.when("c", "peer-found", "a"), opening)
    yield
    lane.lab.detach("a", network)
    lane.lab.exec("a", ["ip", "route", "replace", "default", "dev", "eth0"])


def cable(lane: Lane) -> Iterator[None]:
    lost = [lane.count("b", "peer-lost", who) for who in "ac"]
    out = now()
    lane.lab.cable("b", up=False)
    for who, count in zip("ac", lost, strict=True):
        lane.note("who is cut off lists nobody", lane.when("b", "peer-lost", who, count), out)
    yield
    found = [lane.count("b", "peer-found", who) for who in "ac"]
    back = now()
    lane.lab.cable("b", up=True)
    at = max(
        lane.when("b", "peer-found", who, count) for who, count in zip("ac", found, strict=True)
    )
    lane.note("cable in: the list is right", at, back)


def sleep(lane: Lane) -> Iterator[None]:
    lane.go("c")
    for at in "ab":
        lane.when(at, "peer-lost", "c", lane.count(at, "peer-found", "c") - 1)
    found = lane.count("b", "peer-found", "c")
    lane.lab.suspend("b")
    time.sleep(ASLEEP)
    lane.come("c")
    time.sleep(REST)
    woken = now()
    lane.lab.resume("b")
    lane.note("who wakes sees a newcomer", lane.when("b", "peer-found", "c", found), woken)
    lane.note("the newcomer sees who woke", lane.when("c", "peer-found", "b"), woken)
    yield


def partition(lane: Lane) -> Iterator[None]:
    lost = [lane.count("a", "peer-lost", who) for who in "bc"]
    split = now()
    lane.lab.partition(["a"], ["b", "c"])
    for who, count in zip("bc", lost, strict=True):
        at = lane.when("a", "peer-lost", who, count, limit=LONG)
        lane.note("the other side is off the list", at, split)
    yield
    found = [
        (at, who, lane.count(at, "peer-found", who)) for at, who in ("ab", "ac", "ba", "ca")
    ]
    healed = now()
    lane.lab.heal()
    for one, who, count in found:
        seen = lane.when(one, "peer-found", who, count, limit=LONG)
        lane.note("healed: the other side is listed again", seen, healed)


def loss(lane: Lane) -> Iterator[None]:
    lane.lab.impair("c", loss=10)
    _restart(lane, "c", "a")
    yield
    lane.lab.clear_impair("c")


def firewall(lane: Lane) -> Iterator[None]:
    lane.lab.firewall("c", udp=[5353])
    _restart(lane, "c", "a")
    yield
    lane.lab.firewall("c")


def multicast(lane: Lane) -> Iterator[None]:
    lane.lab.block_multicast("all", "lan")
    _restart(lane, "c", "a")
    yield
    lane.lab.block_multicast(None, "lan")
    _restart(lane, "c", "")


def isolation(lane: Lane) -> Iterator[None]:
    lane.lab.isolate("lan")
    lane.go("c")
    opening = lane.come("c")
    lane.note("anybody is seen", lane.when("c", "peer-found", "a", limit=3), opening)
    yield
    lane.lab.isolate("lan", on=False)
    lane.go("c")
    lane.come("c")


def six(lane: Lane) -> Iterator[None]:
    _restart(lane, "d", "e")
    yield


def only_lo(lane: Lane) -> Iterator[None]:
    _restart(lane, "f", "g")
    yield


def _restart(lane: Lane, who: str, other: str) -> None:
    """Somebody starts anew in the fault: who sees whom, and when."""
    lane.go(who)
    if not other:
        lane.come(who)
        return
    lane.when(other, "peer-lost", who, lane.count(other, "peer-found", who) - 1)
    found = lane.count(other, "peer-found", who)
    opening = lane.come(who)
    lane.note("a newcomer is seen", lane.when(other, "peer-found", who, found), opening)
    lane.note("the newcomer sees", lane.when(who, "peer-found", other), opening)


@dataclass(frozen=True, slots=True)
class Fault:
    """One of them: how it is made, whose doctor looks, and what it must and may say."""

    name: str
    make: Making
    patient: str
    names: str = ""  # "status check" that must be among what is amiss; none: it must be well
    says: str = ""  # and these words in it
    also: frozenset[str] = frozenset()  # what may be amiss besides


FAULTS: Final = (
    Fault("a healthy network", healthy, "a"),
    Fault("another address", address, "b"),
    Fault("a second interface", second, "a"),
    Fault("a VPN takes the default route", vpn, "a"),
    Fault("cable out and in", cable, "b", "fail interfaces", "Plug the cable in"),
    Fault("suspend and resume", sleep, "b"),
    Fault("partition and heal", partition, "a", "warn known"),
    Fault("loss of 10 % each way", loss, "c"),
    Fault("a one-sided firewall", firewall, "c", "fail hearing", "5353"),
    Fault("multicast blocked", multicast, "c", "fail multicast", "IGMP snooping"),
    Fault("client isolation", isolation, "c", "warn known", "isolation"),
    Fault("IPv6 only", six, "d"),
    Fault("only lo", only_lo, "f", "fail interfaces", "Connect this computer"),
)
Said = tuple[bool, str]


def figures(rounds: int) -> Iterator[Figure]:
    possible, why = available()
    if not possible:
        print(f"  left out: {why}")
        return
    with ExitStack() as stack, ThreadPoolExecutor(LANES) as pool:
        count = min(LANES, rounds)
        labs = [
            stack.enter_context(Lab(["a", "b", "c"], networks=("lan", "six")))
            for _ in range(count)
        ]
        lanes = list(pool.map(Lane, labs, [stack] * count))
        turns = math.ceil(rounds / count)
        for fault in FAULTS:
            said = [
                one
                for all_said in pool.map(_suffer, lanes, [fault] * count, [turns] * count)
                for one in all_said
            ]
            print(f"  {fault.name}", flush=True)
            for what in dict.fromkeys(what for lane in lanes for what in lane.taken):
                taken = [one for lane in lanes for one in lane.taken[what]]
                yield Figure(f"    {what}", Spread.of(taken), " ms", digits=0)
            for lane in lanes:
                lane.taken.clear()
            right = Spread.of([100 * sum(ok for ok, _ in said) / len(said)])
            yield Figure("    the doctor is right", right, " %", Goal(at_least=100), 0)
            for wrong in sorted({text for ok, text in said if not ok}):
                print(f"      but said: {wrong}")


def _suffer(lane: Lane, fault: Fault, turns: int) -> list[Said]:
    said = []
    for _ in range(turns):
        making = fault.make(lane)
        next(making)
        said.append(_doctor(lane, fault))
        for _rest in making:
            raise RuntimeError("a fault is made once")
        lane.calm()
    return said


def _doctor(lane: Lane, fault: Fault) -> Said:
    rows = lane.people[fault.patient].ask("doctor", peer="", names=False)
    amiss = {f"{row['status']} {row['check']}": row for row in rows if row["status"] != "ok"}
    named = not fault.names or (
        fault.names in amiss
        and fault.says in amiss[fault.names]["detail"] + amiss[fault.names]["advice"]
    )
    extra = set(amiss) - {fault.names} - fault.also
    text = "; ".join(f"{name}: {row['detail']}" for name, row in sorted(amiss.items()))
    return named and not extra, text or "nothing is amiss"


def now() -> float:
    return time.time() * 1000
