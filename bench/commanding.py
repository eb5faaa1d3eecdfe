"""The whole `lanchat send` against the whole `scp`: from the command to its exit, 1 GiB."""

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
        sender, receiver = (
            Person(name, Here(), folder / name).settle() for name in ("Sender", "Receiver")
        )
        stack.callback(receiver.leave)
        receiver.listen("--accept", "all", "--accept-limit", "1000G")
        keys = folder / "ssh"
        keys.mkdir(mode=0o700)
        server = stack.enter_context(sshd.running(keys))
        taken = interleave(
            {
                "lanchat send": _Send(sender, receiver, source),
                "scp": Scp(server, source, folder / "by scp"),
            },
            rounds,
        )
    for name, seconds in taken.items():
        yield Figure(f"the whole of {name}", Spread.of(seconds), " s")
    against = ratio(taken["scp"], taken["lanchat send"])
    what = f"lanchat send against scp -c {sshd.CIPHER}"
    yield Figure(what, against, " x", Goal(at_least=2.5))
