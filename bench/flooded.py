"""A flood of forged adverts: what it takes of a node and of a window, and who is lost."""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench.contenders import CHECKOUT, Lanchat
from bench.figures import Figure, Goal, Spread
from bench.memory import resident
from bench.one_of_many import Many, Node
from bench.starting import cpu_seconds
from tests.integration.cli_driver import PASSPHRASE
from tests.kit.display import Display, missing
from tests.lab.lab import Lab

FORGED: Final = 60_000
RATE: Final = 6_000  # a second
KNOWN: Final = 20  # peers that are there when it comes
EVERY: Final = 0.05  # seconds between two questions to the node and to the window
SETTLED: Final = 2.0  # seconds


class Window:
    """The program in its window, on a host of the lab."""

    def __init__(self, display: Display, person: Lanchat) -> None:
        env = {**person.environment(), "DISPLAY": display.name, "PYTHONPATH": str(CHECKOUT)}
        del env["LANCHAT_PASSPHRASE_FILE"]  # it is entered in the window
        env["XDG_CONFIG_HOME"] = str(person.folder / "config")
        self.process: Final = subprocess.Popen(
            person.place.command([sys.executable, "-m", "bench.spied"]),
            env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        for words in ("shown passphrase", f"unlock {PASSPHRASE}", "shown roster"):
            self.ask(words)

    def ask(self, words: str) -> float:
        """Milliseconds until its thread has answered, with all that was to be drawn."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        began = time.monotonic()
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        self.process.stdout.readline()
        return (time.monotonic() - began) * 1000

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


def figures(
    lab: Lab, person: Lanchat, many: Many, rounds: int, folder: Path
) -> Iterator[Figure]:
    """Both hear the same flood; who sends it and both who hear it share the cores."""
    shares, in_windows, grown, lost = [], [], [], []
    answers: list[float] = []
    drawn: list[float] = []
    lab.add_host("screen", "")
    lab.attach("screen", "lan", address="10.78.255.2/16")
    looks = Lanchat(lab, "screen", folder)
    with ExitStack() as stack:
        display = None
        if lacking := missing():
            print(f"  the window is left out, not installed: {', '.join(lacking)}")
        else:
            place = stack.enter_context(tempfile.TemporaryDirectory(prefix="lanchat-"))
            display = stack.enter_context(Display(Path(place)))
        for _ in range(rounds):
            many.do("rest", KNOWN)
            node = Node(lab, person)
            node.full(KNOWN)
            window = Window(display, looks) if display else None
            time.sleep(SETTLED)
            memory = resident(node.pid)
            begun, watched = _flood(many, person, node, window, answers, drawn)
            shares.append(watched[0] / begun * 100)
            in_windows.append(watched[1] / begun * 100)
            grown.append((resident(node.pid) - memory) / 2**20)
            gone = {row["peer_id"] for row in node.listener.all("peer-lost")}
            there = {row["peer_id"] for row in person.ask("peers")}
            found = {row["peer_id"] for row in node.listener.all("peer-found")}
            lost.append(len(gone | (found - there) - {looks.peer_id}))
            if window is not None:
                window.close()
            node.listener.stop()
    what = f"{FORGED:,} forged adverts at {RATE:,} a second: the node"
    yield Figure(what, Spread.of(shares), " % of a core", Goal(at_most=50), 0)
    yield Figure("    it grows by", Spread.of(grown), " MiB", Goal(at_most=40), 1)
    yield Figure("    known peers lost", Spread.of(lost), "", Goal(at_most=0), 0)
    yield Figure("    an answer of its loop", Spread.of(answers), " ms", Goal(late=100), 0)
    if drawn:
        yield Figure("    a window beside it", Spread.of(in_windows), " % of a core", digits=0)
        yield Figure("    the window answers", Spread.of(drawn), " ms", Goal(late=100), 0)


def _flood(
    many: Many,
    person: Lanchat,
    node: Node,
    window: Window | None,
    answers: list[float],
    drawn: list[float],
) -> tuple[float, tuple[float, float]]:
    """Seconds that it took, and CPU seconds of the node and of the window meanwhile."""
    many.order("forge", FORGED, RATE)
    many.wait_for("begins")
    began = time.monotonic()
    pids = [node.pid, *([window.process.pid] if window else [])]
    before = [cpu_seconds(pid) for pid in pids]
    over = threading.Event()

    def wait() -> None:
        many.wait_for("done")
        over.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    while not over.wait(EVERY):
        asked = time.monotonic()
        person.ask("whoami")
        answers.append((time.monotonic() - asked) * 1000)
        if window is not None:
            drawn.append(window.ask("shown roster"))
    waiting.join()
    spent = [cpu_seconds(pid) - used for pid, used in zip(pids, before, strict=True)]
    return time.monotonic() - began, (spent[0], spent[-1])
