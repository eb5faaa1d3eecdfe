"""The scene of a fault run: two hosts, Ann who sends and Bob who takes, and their disks."""

import json
import os
import random
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from tests.faults import goods
from tests.faults.goods import Goods
from tests.integration.cli_driver import PROGRAM, Listener, Person, Row
from tests.lab.lab import Lab
from tests.lab.namespaces import REPOSITORY

RECORDER: Final = Path(__file__).with_name("recorder")
PARTS: Final = ".lanchat-parts"
ROOMY: Final = "size=8g"  # of Bob's disk, which takes only what lies there; 1 GiB stays free
PATIENCE: Final = 75.0  # seconds that one `send` may take once nothing is broken any more
#: Root without its power over modes: what is read-only is so for lanchat too.
AS_A_USER: Final = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")


@dataclass
class Computer:
    """A host in which lanchat runs as a user's program does.  Its monotonic clock says
    `uptime` seconds more than that of the machine."""

    lab: Lab
    host: str
    uptime: int = 0

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        return self.lab.environment(self.host, more)

    def command(self, words: Sequence[str]) -> list[str]:
        since = []
        if self.uptime:
            shift = str(self.uptime)
            since = ["unshare", "--time", "--monotonic", shift, "--boottime", shift]
        return self.lab.wrap(self.host, [*since, *AS_A_USER, *words])


class Somebody(Person):
    """A person whose processes are recorded.  `more` is the environment of the next ones."""

    def __init__(self, name: str, place: Computer, folder: Path, disk: Path) -> None:
        super().__init__(name, place, folder, disk / "downloads")
        self.computer: Final = place
        self.disk: Final = disk
        self.record: Final = folder / "record"
        self.clock: Final = folder / "clock"
        self.more: dict[str, str] = {}
        self.record.mkdir()
        self.clock.write_bytes(bytes(8))

    def environment(self) -> dict[str, str]:
        own = {
            "PYTHONPATH": os.pathsep.join((str(RECORDER), str(REPOSITORY))),
            "FAULTS_RECORD": str(self.record),
            "FAULTS_CLOCK": str(self.clock),
        }
        return {**super().environment(), **own, **self.more}

    def shift_clock(self, seconds: int) -> None:
        """Let the wall clock jump, also that of processes that run."""
        with self.clock.open("r+b") as file:
            file.write(struct.pack("=q", seconds))

    @property
    def log(self) -> str:
        path = self.folder / "listen.err"
        return path.read_text(errors="replace") if path.exists() else ""


@dataclass
class Sending:
    """A `send` on its way."""

    process: "subprocess.Popen[bytes]"
    out: Path
    err: Path

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    @property
    def rows(self) -> list[Row]:
        rows = []
        for line in self.out.read_text(errors="replace").splitlines():
            with suppress(ValueError):  # killed in the middle of a line
                rows.append(json.loads(line))
        return rows

    @property
    def end(self) -> Row:
        """The row that says how it ended; empty where nothing was said."""
        ends = [row for row in self.rows if "resumed_from" in row]
        return ends[-1] if ends else {}

    @property
    def done(self) -> bool:
        """Whether it said so, and was not killed just behind that."""
        killed = self.process.poll() == -signal.SIGKILL
        return (self.process.poll() == 0 or killed) and self.end.get("state") == "done"

    @property
    def said(self) -> str:
        """What it told the person who gave it, in one line."""
        lines = self.err.read_text(errors="replace").replace("lanchat: ", "").splitlines()
        return " / ".join(lines[-3:])

    def ends(self, patience: float) -> bool:
        """Wait for its end; False if it does not come."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        return not self.running

    def stop(self, how: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(how)


class Scene:
    """Use it in `with`.  `rate` in Mbit/s; `size`: one file of so many bytes, no tree.

    Bob has a disk of his own for what he receives; with `home`, his profile is there too.
    """

    lab: Lab
    folder: Path
    disk: Path  # Bob's, with his download folder
    ann: Somebody
    bob: Somebody
    goods: Goods
    planted: frozenset[str]  # what lay in the download folder before

    def __init__(
        self, draw: random.Random, *, rate: float, size: int = 0, home: bool = False
    ) -> None:
        self._draw = draw
        self._home = home
        self._rate = rate
        self._size = size
        self._stack = ExitStack()
        self.sendings: list[Sending] = []
        self.ann_listens: Listener | None = None
        self.bob_listens: Listener | None = None
        self.listening = False  # whether Ann listens too, and `send` is handed over
        self.step = ""  # at which the recorder kills Bob
        self.planted_removed = False  # with the folder in which it lay
        self.bob_gives_up = False  # he cancels what waits for a folder that will not come back
        self.clash = "rename"  # what Bob wants of what he is sent again
        self.asks_to_skip = False  # Ann

    def __enter__(self) -> Self:
        with self._stack:
            self._build()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    def _build(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lanchat-"))
        self._stack.callback(lambda: shutil.rmtree(self.folder, ignore_errors=True))
        self.lab = self._stack.enter_context(Lab(("ann", "bob")))
        self.lab.rate("ann", self._rate)
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        if not self._size:
            self.mount(ROOMY, "-t", "tmpfs", "none")
            self._stack.callback(_unmount, self.disk)
        self.ann = self._person("ann", self.folder / "disk of ann")
        self.bob = self._person("bob", self.disk)
        for person in (self.ann, self.bob):
            person.settle()
        source = self.folder / "source"
        if self._size:
            self.goods = goods.make_noise(source, self._size, self._draw)
        else:
            self.goods = goods.make_goods(source, self._draw)
        goods.plant(self.bob.downloads, self.disk / "beyond", self._draw)
        self.planted = frozenset(goods.tops(self.bob.downloads))

    def _person(self, host: str, disk: Path) -> Somebody:
        place = Computer(self.lab, host)
        person = Somebody(host.title(), place, self.folder / host, disk)
        self._stack.callback(person.leave)
        if self._home and person.disk == self.disk:
            person.profile.mkdir(mode=0o700)
            there = self.disk / "profile of bob"
            there.mkdir(mode=0o700)
            subprocess.run(["mount", "--bind", there, person.profile], check=True)
            self._stack.callback(_unmount, person.profile)
        return person

    def mount(self, options: str, *words: str) -> None:
        """Mount Bob's disk, or mount it anew with other options."""
        line = ["mount", *words, "-o", options, str(self.disk)]
        subprocess.run(line, check=True, capture_output=True)

    # --- what people do -----------------------------------------------------------------

    def begin(self, *, listening: bool, friends: bool) -> None:
        """Bob listens; Ann too, if she is to; friends dial each other by themselves."""
        self.listening = listening
        self.restore()
        if friends:
            self.bob.ask("say", peer=self.ann.peer_id, text="hello", queue=True)

    def restore(self) -> None:
        """Start who was killed."""
        if self.bob_listens is None or not self.bob_listens.running:
            self.bob_listens = self.bob.listen("--accept", "all", "--clash", self.clash)
            self.bob.more.clear()
        if self.listening and (self.ann_listens is None or not self.ann_listens.running):
            self.ann_listens = self.ann.listen()

    def send(self) -> Sending:
        """The same `send` each time, by Ann."""
        number = len(self.sendings)
        out, err = (self.ann.folder / f"send {number}.{end}" for end in ("out", "err"))
        words = ["send", self.bob.peer_id, *map(str, self.goods.paths), "--wait", "20"]
        words += ["--skip-identical"] * self.asks_to_skip
        with out.open("wb") as rows, err.open("wb") as said:
            process = subprocess.Popen(
                self.ann.place.command([PROGRAM, *words, "--json"]),
                env=self.ann.environment(),
                stdin=subprocess.DEVNULL,
                stdout=rows,
                stderr=said,
                start_new_session=True,
            )
        sending = Sending(process, out, err)
        self.sendings.append(sending)
        self._stack.callback(sending.stop, signal.SIGKILL)
        return sending

    def kill_ann(self) -> None:
        """SIGKILL: her `listen` if she has one, else her `send`."""
        if self.ann_listens is not None:
            self.ann_listens.kill()
        else:
            self.sendings[-1].stop(signal.SIGKILL)
            self.sendings[-1].process.wait()

    def kill_bob(self) -> None:
        if self.bob_listens is not None:
            self.bob_listens.kill()

    def ends(self, sending: Sending) -> bool:
        """Wait for the end of a `send`; False if it does not come."""
        if self.bob_gives_up:
            until(lambda: self._gave_up() or not sending.running, PATIENCE)
        return sending.ends(PATIENCE)

    def _gave_up(self) -> bool:
        held = [row for row in self.books(self.bob) if row["state"] == "held"]
        for row in held:
            self.bob.ask("cancel", transfer=row["transfer"])
        return bool(held)

    def stop_bob(self) -> None:
        """As he would do it himself."""
        if self.bob_listens is not None:
            self.bob_listens.stop()

    # --- what can be seen ---------------------------------------------------------------

    def wire(self) -> int:
        """Bytes that came to Bob's host since it was made."""
        return counter(self.bob_listens, "rx")

    def placing(self) -> bool:
        """Whether everything is here and being put in its place."""
        return any(self.bob.downloads.glob(f"{PARTS}/*/places*"))

    def sent(self) -> int:
        """How many transfers Ann knows to be done, whether she listens or not."""
        if self.ann_listens is not None and self.ann_listens.running:
            rows = self.books(self.ann)
        else:
            rows = self.ann.run("transfers").rows
        return sum(row["state"] == "done" for row in rows)

    def books(self, who: Somebody) -> list[Row]:
        """The transfers as somebody's running `listen` tells them."""
        return who.ask("transfers")


def _unmount(place: Path) -> None:
    subprocess.run(["umount", "-l", place], check=False)


def counter(listener: Listener | None, way: str, device: str = "eth0") -> int:
    """Bytes received ("rx") or sent ("tx") by the host of a process; 0 if it is gone."""
    if listener is None:
        return 0
    with suppress(OSError):
        for line in Path(f"/proc/{listener.process.pid}/net/dev").read_text().splitlines():
            name, _, figures = line.partition(":")
            if name.strip() == device:
                return int(figures.split()[0 if way == "rx" else 8])
    return 0


def until(true: Callable[[], object], patience: float) -> bool:
    """Wait until `true()`; False if it does not come about."""
    deadline = time.monotonic() + patience
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
