"""Beyond one link: the site's own DNS server, hosts of the lab, a round trip of 30 ms to it."""

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import Final

from bench.figures import Figure, Goal, Spread
from tests.discovery.bind import DOMAIN, Bind, registration
from tests.integration.cli_driver import InHost, Listener, Person
from tests.lab.lab import Lab
from tests.lab.namespaces import available

REGISTERED: Final = 500
ROUND_TRIP: Final = 30.0  # ms between anybody and the server
LEAST: Final = 20  # rounds: a p95 of fewer means nothing
NETWORKS: Final = {"left": "ann", "right": "bob", "core": "ns"}
PORTS: Final = {"by transfer": 53, "by questions": 54}


def figures(rounds: int) -> Iterator[Figure]:
    possible, why = available()
    if not possible:
        print(f"  left out: {why}")
        return
    rounds = max(rounds, LEAST)
    with ExitStack() as stack:
        lab = stack.enter_context(Lab(0, networks=tuple(NETWORKS)))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lanchat-")))
        _join(lab)
        servers = {
            how: _server(stack, lab, folder / how.replace(" ", "-"), port)
            for how, port in PORTS.items()
        }
        ann, bob = (
            Person(one, InHost(lab, one), folder / one).settle() for one in ("ann", "bob")
        )
        for person in (ann, bob):
            stack.callback(person.leave)
        listed = {
            how: [_list(bob, bind) for _ in range(rounds)] for how, bind in servers.items()
        }
        seen, met = _meet(ann, bob, servers["by transfer"], rounds)
    for how, taken in listed.items():
        what = f"{REGISTERED} registered people listed, {how}"
        yield from _two(what, taken, Goal(at_most=1000))
    yield from _two("a newcomer sees who is settled", seen, Goal(at_most=2000))
    yield from _two("who is settled sees the newcomer", met, Goal(at_most=17_000))


def _two(what: str, taken: Sequence[float], goal: Goal) -> Iterator[Figure]:
    yield Figure(what, Spread.of(taken), " ms", goal, 0)
    p95 = statistics.quantiles(taken, n=20, method="inclusive")[-1]
    yield Figure("  the same, p95", Spread.of([p95]), " ms", goal, 0)


def _join(lab: Lab) -> None:
    """Three subnets, and a router between them."""
    lab.add_host("router", "left", forward=True)
    lab.attach("router", "right")
    lab.attach("router", "core")
    for network, host in NETWORKS.items():
        lab.add_host(host, network)
        lab.gateway(host, lab.address("router", network))
    lab.impair("ns", delay_ms=ROUND_TRIP / 2)


def _server(stack: ExitStack, lab: Lab, folder: Path, port: int) -> Bind:
    """A server that has registrations of so many, and allows transfers or does not."""

    def spawn(command: Sequence[str]) -> "Popen[bytes]":
        return lab.popen("ns", command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE)

    def change(words: str) -> str:
        return (
            words if port == 53 else words.replace("-transfer { site; }", "-transfer { none; }")
        )

    bind = Bind(
        folder,
        address=lab.address("ns"),
        port=port,
        spawn=spawn,
        change=change,
        records="".join(registration(number) for number in range(1, REGISTERED + 1)),
    )
    bind.start()
    stack.callback(bind.stop)
    return bind


def _list(person: Person, bind: Bind) -> float:
    """Milliseconds from `ready` until all are on the list of somebody who only looks."""
    listener = person.listen("--dns", f"{DOMAIN}@{bind.server}")
    last = listener.wait_for("peer-found", after=REGISTERED - 1, timeout=60)
    ready = _moment(listener.all("ready")[0])
    listener.stop()
    return _moment(last) - ready


def _meet(ann: Person, bob: Person, bind: Bind, rounds: int) -> tuple[list[float], list[float]]:
    """From the newcomer's `ready`: until it sees the settled one, and is seen itself."""
    words = ("--dns", f"{DOMAIN}@{bind.server}", "--dns-key", str(bind.key))
    settled = ann.listen(*words)
    bob.listen(*words).wait_for("peer-found", peer_id=ann.peer_id)
    bob.leave()
    seen, met = [], []
    for number in range(rounds):
        newcomer = bob.listen(*words)
        ready = _moment(newcomer.all("ready")[0])
        seen.append(_moment(newcomer.wait_for("peer-found", peer_id=ann.peer_id)) - ready)
        met.append(_moment(_nth(settled, "peer-found", bob, number)) - ready)
        newcomer.stop()
        _nth(settled, "peer-lost", bob, number)
    settled.stop()
    return seen, met


def _nth(listener: Listener, event: str, person: Person, number: int) -> dict[str, str]:
    return listener.wait_for(event, after=number, timeout=60, peer_id=person.peer_id)


def _moment(row: dict[str, str]) -> float:
    return datetime.fromisoformat(row["at"]).timestamp() * 1000
