"""A receiver whose disk writes 8 MB a second: what both sides hold, and how others fare.

The disk is a file with ext4 on a loop device, written through at once; a control group holds
it back.  Where that cannot be made, for want of root or of the group, the part is left out.
"""

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench.copier import noise
from bench.figures import Figure, Goal, Spread, percentile
from bench.memory import peak, reset_peak
from tests.integration.cli_driver import PATIENCE, Here, Listener, Person

GROUPS: Final = Path("/sys/fs/cgroup/blkio")
RATE: Final = 8 * 10**6  # bytes a second
SIZE: Final = 160 * 10**6  # bytes of the file: 20 s
ROOM: Final = 3 * 2**30  # bytes of the disk; 1 GiB of it stays free
MESSAGES: Final = 200
_SPEED: Final = "blkio.throttle.write_bps_device"


class _Missing(Exception):
    """This machine cannot make a slow disk."""


@contextlib.contextmanager
def _slow_disk(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Where it is mounted, and the group whose processes find it slow."""
    if os.geteuid() != 0 or not (GROUPS / _SPEED).exists():
        raise _Missing("a slow disk needs root and the blkio control group (version 1)")
    image, place = folder / "image", folder / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(ROOM)
    with ExitStack() as stack:
        try:
            _run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1", str(image))
            device = _run("losetup", "--find", "--show", str(image)).strip()
            stack.callback(_run, "losetup", "--detach", device)
            _run("mount", "-o", "sync", device, str(place))
            stack.callback(_run, "umount", str(place))
        except (OSError, subprocess.CalledProcessError) as error:
            raise _Missing(f"no disk of a file: {error}") from error
        group = GROUPS / f"lanchat-bench-{os.getpid()}"
        group.mkdir()
        stack.callback(group.rmdir)
        number = Path(device).stat().st_rdev
        limit = f"{os.major(number)}:{os.minor(number)} {RATE}"
        (group / _SPEED).write_text(limit)
        yield place, group


def figures(rounds: int) -> Iterator[Figure]:
    del rounds  # it takes what the disk takes
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lanchat-")))
        try:
            place, group = stack.enter_context(_slow_disk(folder))
        except _Missing as why:
            print(f"  left out: {why}")
            return
        sender, receiver = (
            Person(name, Here(), folder / name).settle() for name in ("Sender", "Receiver")
        )
        for one in (sender, receiver):
            stack.callback(one.leave)
        receives = receiver.listen("--accept", "all", "--downloads", str(place / "in"))
        (group / "cgroup.procs").write_text(str(receives.process.pid))
        sends = sender.listen()
        receiver.ask("say", peer=sender.peer_id, text="hello")  # of a stranger she takes 20
        source = folder / "source"
        noise(source, SIZE)
        yield from _measure(sender, receiver, sends, receives, source)


def _measure(
    sender: Person, receiver: Person, sends: Listener, receives: Listener, source: Path
) -> Iterator[Figure]:
    ends = {"sender": sends.process.pid, "receiver": receives.process.pid}
    idle = {end: reset_peak(pid) for end, pid in ends.items()}
    began = time.monotonic()
    (row,) = sender.ask("offer", peer=receiver.peer_id, paths=[str(source)])
    receives.wait_for("progress", transfer=row["transfer"], timeout=PATIENCE)
    taken = []
    for number in range(MESSAGES):
        said = time.perf_counter()
        sender.ask("say", peer=receiver.peer_id, text=f"message {number}")
        taken.append((time.perf_counter() - said) * 1000)
    beside = not receives.all("transfer-ended")
    sends.wait_for("transfer-ended", transfer=row["transfer"], state="done", timeout=120)
    seconds = time.monotonic() - began
    yield Figure("a file to a slow disk", Spread.of([SIZE / seconds / 1e6]), " MB/s")
    for end, base in idle.items():
        held = (peak(ends[end]) - base) / 2**20
        yield Figure(f"memory over idle, {end}", Spread.of([held]), " MiB", Goal(at_most=8), 1)
    if not beside:
        print("  the transfer ended before the messages")
    what = "a message beside it, with the asking of the node, p95"
    yield Figure(what, Spread.of([percentile(taken, 0.95)]), " ms", digits=1)


def _run(*words: str) -> str:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    done = subprocess.run(
        words, check=True, capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    return done.stdout
