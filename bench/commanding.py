"""The whole `lanchat send` against the whole `scp`: from the command to its exit, 1 GiB.

Beside a node that runs, which is how people have it; and by itself, when the command opens the
profile (the key is derived), finds the other and says goodbye to the network.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench import places, sshd
from bench.copier import GIBIBYTE, noise, scratch
from bench.copying import Scp
from bench.figures import Figure, Goal, Spread, interleave, ratio
from bench.places import Site
from tests.integration.cli_driver import Person

BESIDE: Final = "lanchat send beside its node"
ALONE: Final = "lanchat send by itself"


class _Send:
    """One who sends to one who listens and takes everything."""

    def __init__(self, sender: Person, receiver: Person, source: Path) -> None:
        self._sender, self._receiver, self._source = sender, receiver, source

    def __call__(self) -> float:
        began = time.perf_counter()
        sent = self._sender.run("send", self._receiver.peer_id, str(self._source)).row
        seconds = time.perf_counter() - began
        if sent["state"] != "done":
            raise RuntimeError(f"the transfer came to {sent['state']}")
        shutil.rmtree(self._receiver.downloads)
        self._receiver.downloads.mkdir()
        return seconds


def figures(rounds: int) -> Iterator[Figure]:
    if why := sshd.missing():
        print(f"  left out, no scp: {why}")
        return
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        source = folder / "source"
        noise(source, GIBIBYTE)
        cases: dict[str, _Send | Scp] = {}
        where = stack.enter_context(places.sites())
        for site in where:
            cases.update(_at(site, stack, folder / site.name, source))
        taken = interleave(cases, rounds)
    for name, seconds in taken.items():
        yield Figure(f"the whole of {name}", Spread.of(seconds), " s")
    goals = {BESIDE: Goal(at_least=2.5), ALONE: None}
    for site in where:
        for how, goal in goals.items():
            against = ratio(taken[f"scp, {site.name}"], taken[f"{how}, {site.name}"])
            yield Figure(f"{site.name}: {how}, against scp", against, " x", goal)


def _at(site: Site, stack: ExitStack, folder: Path, source: Path) -> dict[str, _Send | Scp]:
    """Who sends beside a node of theirs, who sends by themselves, and scp the same way."""
    here, there, _ = site.programs
    sender, alone, receiver = (
        Person(name, place, folder / name).settle()
        for name, place in (("Sender", here), ("Alone", here), ("Receiver", there))
    )
    for one in (sender, receiver):
        stack.callback(one.leave)
    receiver.listen("--accept", "all", "--accept-limit", "1000G")
    sender.listen()
    client, place, _ = site.hosts
    server = stack.enter_context(sshd.running(folder / "ssh", place, client))
    return {
        f"{BESIDE}, {site.name}": _Send(sender, receiver, source),
        f"{ALONE}, {site.name}": _Send(alone, receiver, source),
        f"scp, {site.name}": Scp(server, source, folder / "by scp"),
    }
