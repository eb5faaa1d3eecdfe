"""A sparse file of 0.6 times the free space: its first 8 GiB, and the rest by arithmetic.

What must not depend on the size of a file: how soon its offer is seen, what both sides hold of
memory, how often they say how far it is, and how soon a cancel has removed all of it.  One
that is larger than the free space is refused, with the bytes that are missing.
"""

import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

from bench.figures import Figure, Goal, Spread
from bench.memory import peak, reset_peak
from lanchat.transfer.space import RESERVE, RESERVE_SHARE
from tests.integration.cli_driver import Here, Listener, Person, Row

GIBIBYTE: Final = 2**30
FIRST: Final = 8 * GIBIBYTE  # bytes that are sent, or a quarter of what is free
PATIENCE: Final = 600.0  # seconds for those
ELSEWHERE: Final = GIBIBYTE  # bytes that other programs may write or free meanwhile
OTHER_DISK: Final = "LANCHAT_BENCH_DISK"  # a folder on another disk than that of /tmp


class _Two:
    """One who sends and one who receives, both without a window."""

    def __init__(self, sender: Person, receiver: Person) -> None:
        self.sender, self.receiver = sender, receiver
        self.receives: Listener = receiver.listen("--accept", "all", "--accept-limit", "1000T")
        self.sends: Listener = sender.listen()
        sender.ask("say", peer=receiver.peer_id, text="hello")

    @property
    def pids(self) -> dict[str, int]:
        """The process of each end."""
        return {"sender": self.sends.process.pid, "receiver": self.receives.process.pid}

    def idle(self) -> dict[str, int]:
        """Bytes that each end holds now; what it took at its height is forgotten."""
        with suppress(PermissionError):  # of other users' processes
            return {end: reset_peak(pid) for end, pid in self.pids.items()}
        return {}

    def offer(self, source: Path) -> tuple[str, float]:
        """Offer it; its id, and the milliseconds until the other side saw it."""
        before = len(self.receives.all("offer"))  # the same file again has the same id
        asked = time.time() * 1000
        (row,) = self.sender.ask("offer", peer=self.receiver.peer_id, paths=[str(source)])
        transfer = str(row["transfer"])
        seen = self.receives.wait_for("offer", after=before)
        return transfer, _moment(seen) - asked

    def cancel(self, transfer: str) -> float:
        """Milliseconds until nothing of it is left at the receiver."""
        before = len(self.receives.all("transfer-ended"))
        asked = time.time() * 1000
        self.sender.ask("cancel", transfer=transfer)
        ended = self.receives.wait_for("transfer-ended", after=before)
        if list(self.receiver.downloads.iterdir()):
            raise RuntimeError("something was left behind")
        return _moment(ended) - asked

    def carry(self, least: int) -> list[Row]:
        """The receiver's rows of progress from now on, until so much has come."""
        before = len(self.receives.all("progress"))
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            moved = self.receives.all("progress")[before:]
            if moved and moved[-1]["bytes"] >= least:
                return moved
            time.sleep(0.1)
        raise RuntimeError(f"not even {least} bytes came in {PATIENCE:.0f} s")


def figures(rounds: int) -> Iterator[Figure]:
    with ExitStack() as stack:
        root = os.environ.get(OTHER_DISK)
        name = stack.enter_context(tempfile.TemporaryDirectory(prefix="lanchat-", dir=root))
        folder = Path(name)
        free = _free(folder)
        source = _sparse(folder / "source", free * 6 // 10)
        people = [Person(one, Here(), folder / one).settle() for one in ("Sender", "Receiver")]
        for one in people:
            stack.callback(one.leave)
        two = _Two(*people)
        idle = two.idle()
        print(f"  {source.stat().st_size / 1e9:.0f} GB of {free / 1e9:.0f} GB that are free")
        yield from _quickly(two, source, rounds)
        yield from _first_bytes(two, source, min(FIRST, free // 4), idle)
        yield _too_large(two, folder)


def _quickly(two: _Two, source: Path, rounds: int) -> Iterator[Figure]:
    seen, gone = [], []
    for _ in range(rounds):
        transfer, after = two.offer(source)
        seen.append(after)
        two.carry(1)
        gone.append(two.cancel(transfer))
    goal = Goal(at_most=250)
    yield Figure("the offer is seen", Spread.of(seen), " ms", goal, 0)
    yield Figure("cancelled, and nothing left of it", Spread.of(gone), " ms", goal, 0)


def _first_bytes(two: _Two, source: Path, least: int, idle: dict[str, int]) -> Iterator[Figure]:
    transfer, _ = two.offer(source)
    moved = two.carry(least)
    held = {end: (peak(two.pids[end]) - base) / 2**20 for end, base in idle.items()}
    gone = two.cancel(transfer)
    moments = [_moment(row) for row in moved]
    gaps = [after - one for one, after in pairwise(moments)]
    rate = (moved[-1]["bytes"] - moved[0]["bytes"]) / (moments[-1] - moments[0]) * 1000
    what = f"its first {least / GIBIBYTE:.1f} GiB"
    yield Figure(what, Spread.of([rate / 1e9]), " GB/s")
    hours = source.stat().st_size / rate / 3600
    yield Figure(
        "all of it at that rate, by arithmetic", Spread.of([hours * 60]), " min", digits=1
    )
    yield Figure("between two words of progress", Spread.of(gaps), " ms", Goal(at_most=500), 0)
    for end, mebibytes in held.items():
        goal = Goal(at_most=8)
        yield Figure(f"memory over idle, {end}", Spread.of([mebibytes]), " MiB", goal, 1)
    what = "cancelled after that, and nothing left of it"
    yield Figure(what, Spread.of([gone]), " ms", Goal(at_most=5000), 0)


def _too_large(two: _Two, folder: Path) -> Figure:
    """What is refused lacks what it is larger, and the reserve."""
    free = _free(folder)
    source = _sparse(folder / "larger", free + GIBIBYTE)
    blocks = os.statvfs(folder)
    reserve = max(RESERVE, blocks.f_blocks * blocks.f_frsize // RESERVE_SHARE)
    began = time.perf_counter()
    refused = two.sender.run("send", two.receiver.peer_id, str(source))
    seconds = time.perf_counter() - began
    said = re.search(r"(\d+) bytes are missing", refused.err)
    if refused.status != 4 or said is None:
        raise RuntimeError(f"it was not refused: {refused.status} {refused.err}")
    if abs(int(said[1]) - GIBIBYTE - reserve) > ELSEWHERE:
        raise RuntimeError(f"{said[1]} bytes missing, {GIBIBYTE + reserve} expected")
    if list(two.receiver.downloads.iterdir()):
        raise RuntimeError("something was written")
    what = f"one that lacks {int(said[1]) / 1e9:.1f} GB is refused, the command's start with it"
    return Figure(what, Spread.of([seconds]), " s")


def _sparse(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        file.truncate(size)
    return path


def _free(folder: Path) -> int:
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize


def _moment(row: Row) -> float:
    return datetime.fromisoformat(str(row["at"])).timestamp() * 1000
