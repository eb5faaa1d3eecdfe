"""The whole program in its window: how soon it is there, and what it costs to have it open.

Two people on the loopback interface: one in a window on a display of the bench's own, with
10,000 messages of history, one who listens.  The key derivation of the profile is the
quickest there is, as it is no part of what is measured.
"""

import asyncio
import json
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, cast

from bench.copier import GIBIBYTE, noise, scratch
from bench.figures import Figure, Goal, Spread, percentile
from bench.memory import resident
from bench.starting import share_of_a_core
from lanchat.conversation.message import Message, State
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node import profiles
from lanchat.store.contacts import Contacts
from lanchat.store.history import History
from tests.integration.cli_driver import PASSPHRASE, Here, Person
from tests.kit.display import Display, missing

MESSAGES: Final = 10_000
NEWEST: Final = "the newest of them all"
KEYS: Final = 40  # a round, while the file is on its way
SETTLING: Final = 12.0  # seconds until the last announcement of a start is out
CHECKOUT: Final = Path(__file__).parent.parent


class _Window:
    """One start of the program, until it is closed."""

    def __init__(self, display: Display, person: Person) -> None:
        env = {**person.environment(), "DISPLAY": display.name, "PYTHONPATH": str(CHECKOUT)}
        del env["LANCHAT_PASSPHRASE_FILE"]  # it is entered in the window
        env["XDG_CONFIG_HOME"] = str(person.folder / "config")
        self.began: Final = time.monotonic()
        self.process: Final = subprocess.Popen(
            [sys.executable, "-m", "bench.spied"],
            env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, words: str) -> object:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def when(self, words: str) -> float:
        """Monotonic seconds."""
        return cast("float", self.ask(words))

    def close(self, display: Display) -> None:
        display.xdo("key", "ctrl+q")
        self.process.wait(10)


def figures(rounds: int) -> Iterator[Figure]:
    if lacking := missing():
        print(f"  left out, not installed: {', '.join(lacking)}")
        return
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        display = stack.enter_context(Display(folder))
        ada, bob = (Person(name, Here(), folder / name).settle() for name in ("Ada", "Bob"))
        stack.callback(bob.leave)
        asyncio.run(_remember(ada, PeerId.parse(bob.peer_id)))
        bob.listen("--accept", "all", "--accept-limit", "1000G")
        logins, mains = [], []
        for number in range(rounds + 1):
            window = _Window(display, ada)
            login = window.when("shown passphrase") - window.began
            begin = window.when(f"unlock {PASSPHRASE}")
            window.when("shown roster")
            display.xdo("key", "ctrl+1")
            main = window.when(f"drawn {NEWEST}") - begin
            if number:  # before that a warm-up: what Python compiles once
                logins.append(login)
                mains.append(main)
            if number < rounds:
                window.close(display)
        yield Figure("lanchat to the login window", Spread.of(logins), " s", Goal(at_most=0.5))
        what = f"passphrase to a conversation of {MESSAGES:,}, drawn"
        yield Figure(what, Spread.of(mains), " s", Goal(at_most=1.0))
        yield from _idle(window)
        yield from _typing(display, window, ada, bob, folder, min(rounds, 3))
        window.close(display)


def _idle(window: _Window) -> Iterator[Figure]:
    time.sleep(SETTLING)
    pid = window.process.pid
    shares = Spread.of([share_of_a_core(pid) for _ in range(2)])
    yield Figure("idle, with its window", shares, " % of a core", Goal(at_most=0.5))
    memory = Spread.of([resident(pid) / 2**20])
    yield Figure("idle, with its window, resident", memory, " MiB", Goal(at_most=75), 0)


def _typing(
    display: Display, window: _Window, ada: Person, bob: Person, folder: Path, rounds: int
) -> Iterator[Figure]:
    """Keys pressed by another program, while the node in this process sends 1 GiB."""
    source = folder / "source"
    noise(source, GIBIBYTE)
    p50s, p95s = [], []
    for _ in range(rounds):
        sending = ada.start("send", bob.peer_id, str(source))
        assert sending.stdout is not None
        sending.stdout.readline()  # it moves
        window.ask("keys")
        while sending.poll() is None:
            display.run("xdotool", "type", "--delay", "20", "abcdefgh ")
        times = cast("list[float]", window.ask("keys"))
        sending.stdout.close()
        shutil.rmtree(bob.downloads)
        bob.downloads.mkdir()
        p50s.append(percentile(times, 0.5))
        p95s.append(percentile(times, 0.95))
    yield Figure("a key to its letter beside a transfer, p50", Spread.of(p50s), " ms")
    what = "a key to its letter beside a transfer, p95"
    yield Figure(what, Spread.of(p95s), " ms", Goal(at_most=50))


async def _remember(person: Person, other: PeerId) -> None:
    """A long acquaintance with `other`."""
    opened = await profiles.unlock(profiles.hold(str(person.profile)), PASSPHRASE)
    now = int(time.time() * 1000)
    try:
        contact = Contact(other, "Bob", trust=Trust.KNOWN, was_known=True, first_seen=now)
        await Contacts(opened.database).save(contact)
        first = now - MESSAGES * 60_000
        said = [
            Message(
                secrets.token_bytes(16), other, number % 3 == 0, _text(number),
                first + number * 60_000, first + number * 60_000,
                State.DELIVERED if number % 3 == 0 else State.RECEIVED,
            )
            for number in range(MESSAGES)
        ]  # fmt: skip
        await History(opened.database).append_many(said)
        await History(opened.database).see(other)
    finally:
        await opened.close()


def _text(number: int) -> str:
    return NEWEST if number == MESSAGES - 1 else f"{number} {'word ' * (2 + number * 13 % 58)}"
