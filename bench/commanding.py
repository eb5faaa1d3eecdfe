"""The whole `lanchat send` against the whole `scp`: from the command to its exit, 1 GiB.

Beside a node that runs, which is how people have it; and by itself, when the command opens the
profile (the key is derived), finds the other and says goodbye to the network.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bench import sshd
from bench.copying import GIBIBYTE, TMPFS, Scp, noise
from bench.figures import Figure, Goal, Spread, interleave, ratio
from tests.integration.cli_driver import Here, Person


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
        root = TMPFS if TMPFS.is_dir() else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=root)))
        source = folder / "source"
        noise(source, GIBIBYTE)
        sender, alone, receiver = (
            Person(name, Here(), folder / name).settle()
            for name in ("Sender", "Alone", "Receiver")
        )
        for one in (sender, receiver):
            stack.callback(one.leave)
        receiver.listen("--accept", "all", "--accept-limit", "1000G")
        sender.listen()
        keys = folder / "ssh"
        keys.mkdir(mode=0o700)
        server = stack.enter_context(sshd.running(keys))
        taken = interleave(
            {
                "lanchat send beside its node": _Send(sender, receiver, source),
                "lanchat send by itself": _Send(alone, receiver, source),
                "scp": Scp(server, source, folder / "by scp"),
            },
            rounds,
        )
    for name, seconds in taken.items():
        yield Figure(f"the whole of {name}", Spread.of(seconds), " s")
    goals = {"beside its node": Goal(at_least=2.5), "by itself": None}
    for how, goal in goals.items():
        against = ratio(taken["scp"], taken[f"lanchat send {how}"])
        yield Figure(f"{how}, against scp -c {sshd.CIPHER}", against, " x", goal)
