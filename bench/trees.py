"""Ten thousand files of 4 KiB: a lane, and what copies folders here and to other machines."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench import places, sshd
from bench.copier import Copier, scratch
from bench.figures import Figure, Goal, Spread, interleave, ratio
from tests.integration.cli_driver import Here, Person

FOLDERS: Final = 100
FILES: Final = 100  # in each
SIZE: Final = 4096  # bytes

Copy = Callable[[Path, Path], None]


class _Timed:
    """Copies `source` into a new folder, and removes that again."""

    def __init__(self, copy: Copy, source: Path, folder: Path) -> None:
        self._copy, self._source, self._folder = copy, source, folder

    def __call__(self) -> float:
        with tempfile.TemporaryDirectory(dir=self._folder) as goal:
            began = time.perf_counter()
            self._copy(self._source, Path(goal))
            return time.perf_counter() - began


def figures(rounds: int) -> Iterator[Figure]:
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        where = stack.enter_context(places.sites())
        source = folder / "source"
        _plant(source)
        copies: dict[str, Copy] = {"cp -r": _by_cp, "the same calls in Python": _by_calls}
        if why := sshd.missing():
            print(f"  without ssh: {why}")
        else:
            for site in where:
                client, place, _ = site.hosts
                keys = folder / f"ssh-{site.name}"
                server = stack.enter_context(sshd.running(keys, place, client))
                copies[f"tar through ssh, {site.name}"] = server.tar
                if shutil.which("rsync"):
                    copies[f"rsync over ssh, {site.name}"] = server.rsync
        cases: dict[str, Callable[[], float]] = {
            name: _Timed(copy, source, folder) for name, copy in copies.items()
        }
        lanes = {site.name: Copier("lane", site.hosts, source, folder) for site in where}
        cases.update({f"lane, {name}": lane for name, lane in lanes.items()})
        taken = interleave(cases, rounds)
    for name, seconds in taken.items():
        yield Figure(f"10,000 files of 4 KiB by {name}", Spread.of(seconds), " s")
    for name, copier in lanes.items():
        lane = taken[f"lane, {name}"]
        what = f"{name}: lane against cp -r, times its time"
        yield Figure(what, ratio(lane, taken["cp -r"]), " x", Goal(at_most=1.2))
        what = f"{name}: against the same calls in Python, times their time"
        yield Figure(what, ratio(lane, taken["the same calls in Python"]), " x")
        if rsync := taken.get(f"rsync over ssh, {name}"):
            what = f"{name}: lane against rsync over ssh"
            yield Figure(what, ratio(rsync, lane), " x", Goal(at_least=5))
        yield from copier.costs(f"{name}: lane")
    yield from _again(rounds)


class _Again:
    """The whole `lanchat send` of a folder of which three files changed since."""

    def __init__(self, sender: Person, receiver: Person, source: Path, *how: str) -> None:
        self._sender, self._receiver, self._source, self._how = sender, receiver, source, how
        self.travelled: set[int] = set()

    def __call__(self) -> float:
        for number in (3, 50, 99):
            place = self._source / f"folder {number:02}" / f"file {number:02}"
            place.write_bytes(os.urandom(SIZE))
        began = time.perf_counter()
        sent = self._sender.run("send", self._receiver.peer_id, str(self._source), *self._how)
        seconds = time.perf_counter() - began
        self.travelled.add(sent.row["files"] - sent.row["skipped"])
        for copy in self._receiver.downloads.glob("source (*"):
            shutil.rmtree(copy)
        return seconds


def _again(rounds: int) -> Iterator[Figure]:
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        source = folder / "source"
        _plant(source)
        sender, receiver = (
            Person(name, Here(), folder / name).settle() for name in ("Sender", "Receiver")
        )
        for one in (sender, receiver):
            stack.callback(one.leave)
        receiver.listen("--accept", "all", "--accept-limit", "1000G")
        sender.listen()
        sender.run("say", receiver.peer_id, "hello")
        receiver.run("say", sender.peer_id, "hello")  # a stranger may not ask to skip
        sender.run("send", receiver.peer_id, str(source))
        whole = _Again(sender, receiver, source)
        skipping = _Again(sender, receiver, source, "--skip-identical")
        taken = interleave({"all of it": whole, "skipping": skipping}, rounds)
    yield Figure("again, three files changed, all of it", Spread.of(taken["all of it"]), " s")
    yield Figure("again, with --skip-identical", Spread.of(taken["skipping"]), " s")
    counts = [float(count) for count in skipping.travelled]
    yield Figure("files that travelled then", Spread.of(counts), "", Goal(at_most=3), digits=0)
    against = ratio(taken["all of it"], taken["skipping"])
    yield Figure("all of it against --skip-identical, times its time", against, " x")


def _plant(source: Path) -> None:
    for number in range(FOLDERS):
        folder = source / f"folder {number:02}"
        folder.mkdir(parents=True)
        for other in range(FILES):
            (folder / f"file {other:02}").write_bytes(os.urandom(SIZE))


def _by_cp(source: Path, goal: Path) -> None:
    subprocess.run(["cp", "-r", str(source), str(goal)], check=True)


def _by_calls(source: Path, goal: Path) -> None:
    """What a lane asks of the system for the files themselves, with nothing around it."""
    for folder in os.scandir(source):
        into = f"{goal}/{folder.name}"
        os.mkdir(into)  # noqa: PTH102 - a Path would be half of what is measured
        for item in os.scandir(folder.path):
            file = os.open(item.path, os.O_RDONLY)
            data, found = os.read(file, SIZE), os.fstat(file)
            os.close(file)
            file = os.open(f"{into}/{item.name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            os.write(file, data)
            os.utime(file, ns=(found.st_mtime_ns, found.st_mtime_ns))
            os.close(file)
