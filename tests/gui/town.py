"""A town: people on a loopback interface of their own, each a real node, and a window.

For `tour.py`, which leads the window through everything.
"""

import asyncio
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lanchat.conversation.message import Message, State
from lanchat.identity.keys import PeerId
from lanchat.node import control, profiles
from lanchat.store.history import History
from tests.kit.display import Display, end, wait_for
from tests.kit.program import CHECKOUT, Program
from tests.lab.namespaces import which

PHRASE: Final = "granite otter paddles home"
RATE: Final = "120mbit"  # of the loopback interface, so that a transfer can be looked at
DAY: Final = 86_400_000  # ms
FRAME: Final = 40  # px of the screen around the window
ME: Final = "Ada Lovelace"

#: Who is there: name, and how they stand to the window's user.
PEOPLE: Final[Mapping[str, tuple[str, str]]] = {
    "grace": ("Grace Hopper", "verified"),
    "linus": ("Linus B.", "stranger"),
    "margaret": ("Margaret H.", "verified"),
    "katherine": ("Katherine Johnson", "known"),
    "long": ("Wolfeschlegelsteinhausenbergerdorff Sr.", "known"),
    "noa": ("נועה לוי", "known"),
    "zoe": ("Zoë 🦊🎉", "verified"),
    "tim": ("Tim", "seen"),
    "rival": ("Grace Hopper", "seen"),
    "mallory": ("Mallory", "blocked"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line."""

    folder: Path
    dark: bool
    dpi: int
    size: tuple[int, int]  # px at 100 %
    language: str
    only: frozenset[str]

    @property
    def scale(self) -> float:
        """Pixels of this screen for one at 100 %."""
        return self.dpi / 96

    def preferences(self) -> dict[str, object]:
        """What the user of the window chose."""
        return {
            "appearance": "dark" if self.dark else "light",
            "lock_after": 0,
            "reduced_motion": True,
            "language": self.language,
            "notify_text": True,
        }


class Tour:
    """The screen, the people, and the window that is led through everything."""

    def __init__(self, wanted: Wanted, display: Display, folder: Path) -> None:
        self.wanted: Final = wanted
        self.display: Final = display
        self.folder: Final = folder
        self.ids: Final[dict[str, str]] = {}
        self.running: Final[dict[str, subprocess.Popen[bytes]]] = {}
        self.window: Program | None = None

    # --- people -------------------------------------------------------------------------

    def home(self, who: str) -> Path:
        """Somebody's home folder."""
        return self.folder / who

    def env(self, who: str) -> dict[str, str]:
        """The surroundings of somebody's commands."""
        home = self.home(who)
        return self.display.env(
            HOME=str(home), XDG_DATA_HOME=str(home / "data"), PYTHONPATH=str(CHECKOUT),
            XDG_CONFIG_HOME=str(home / "config"), XDG_CACHE_HOME=str(home / "cache"),
            LANCHAT_INTERFACE="lo", LANCHAT_PASSPHRASE_FILE=str(home / "passphrase"),
        )  # fmt: skip

    def start(self, who: str, *words: str) -> "subprocess.Popen[bytes]":
        """Begin one of somebody's commands."""
        return self.display.start(
            [sys.executable, "-m", "lanchat", "--json", *words],
            env=self.env(who), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def compare(self, who: str) -> "subprocess.Popen[bytes]":
        """Let somebody compare words with the window's user; they answer nothing."""
        return subprocess.Popen(
            [sys.executable, "-m", "lanchat", "verify", self.ids["me"]], env=self.env(who),
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def register(self, who: str, name: str, profile: str = "default") -> None:
        """Make somebody's profile."""
        home = self.home(who)
        home.mkdir(parents=True, exist_ok=True)
        (home / "passphrase").write_text(PHRASE + "\n")
        self._run(who, "--profile", profile, "register", name)

    def listen(self, who: str, *words: str) -> None:
        """Let somebody be there."""
        downloads = self.home(who) / "Downloads"
        downloads.mkdir(exist_ok=True)
        self.running[who] = self.start(who, "listen", "--downloads", str(downloads), *words)

    def leave(self, who: str) -> None:
        """Let somebody go home."""
        end(self.running.pop(who))

    def ask(self, who: str, verb: str, **params: Any) -> list[dict[str, Any]]:
        """One request to whoever holds somebody's profile (docs/COMMANDS.md)."""
        path = self.home(who) / "data" / "lanchat" / "profiles" / "default" / "control.sock"

        async def rows() -> list[dict[str, Any]]:
            return [dict(row) async for row in control.ask(path, verb, params)]

        return asyncio.run(rows())

    def say(self, who: str, to: str, text: str) -> None:
        """One message."""
        self.ask(who, "say", peer=self.ids[to], text=text, queue=True, wait=20.0)

    def offer(self, who: str, to: str, *paths: Path) -> str:
        """Offer files; the id of the transfer."""
        rows = self.ask(
            who, "offer", peer=self.ids[to], paths=[str(one) for one in paths], confirmed=True
        )
        return str(rows[-1]["transfer"])

    def transfers(self, who: str = "me") -> list[dict[str, Any]]:
        """All of somebody's transfers."""
        return self.ask(who, "transfers")

    def file(self, who: str, name: str, size: int) -> Path:
        """A file in somebody's home; of more than a megabyte nothing but a hole."""
        path = self.home(who) / "Documents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if size > 1_000_000:
            with path.open("wb") as file:
                file.truncate(size)
        else:
            path.write_bytes(os.urandom(size))
        return path

    def choose(self, who: str = "me", **chosen: object) -> None:
        """Write down what the user of the window chose."""
        place = self.home(who) / "config" / "lanchat" / "window.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps({**self.wanted.preferences(), **chosen}))

    def _run(self, who: str, *words: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "lanchat", "--json", *words], env=self.env(who),
            capture_output=True, check=True, timeout=60,
        )  # fmt: skip

    # --- the window ---------------------------------------------------------------------

    def open(self, who: str = "me") -> Program:
        """Start the window."""
        program = Program(self.display, self.home(who), "--interface", "lo")
        wide, high = (round(one * self.wanted.scale) for one in self.wanted.size)
        self.display.place(program.window, FRAME, FRAME, (wide, high))
        self.window = program
        return program

    @property
    def at(self) -> Program:
        """The window that is open."""
        assert self.window is not None
        return self.window

    def close(self) -> None:
        """Close it; a callback that raised ends the tour."""
        program, self.window = self.at, None
        errors = program.errors()
        program.end()
        if errors:
            raise RuntimeError("\n".join(errors))

    def picture(self, name: str) -> None:
        """A picture of all that is on the screen, cut to it."""
        path = self.wanted.folder / f"{name}.png"
        self.display.picture(path)
        self.display.run("mogrify", "-bordercolor", "black", "-border", "1", "-trim",
                         "+repage", str(path))  # fmt: skip

    def rest(self) -> None:
        """The pointer where nothing hears of it, and a moment for what is drawn late."""
        self.display.xdo("mousemove", 2, 2)
        self.at.widgets()
        time.sleep(0.35)

    def shot(self, name: str) -> None:
        """Rest, then take a picture."""
        self.rest()
        self.picture(name)

    def without_toasts(self) -> None:
        """Wait until no toast is there."""
        wait_for(lambda: not self.toasts(), "no toast", 40)

    def dialog(self, name: str, key: str, *, keys: Sequence[str] = ("Escape",)) -> None:
        """Open something by keys, wait for a widget of it, take a picture, close it."""
        self.at.press(key)
        self.at.widget(name, 10)
        self.shot(name)
        self.display.key(*keys)
        wait_for(lambda: self.at.find(name) is None, f"no {name}", 10)

    def toasts(self) -> list[str]:
        names = [one["name"] for one in self.at.widgets()]
        return [name for name in names if name.startswith("toast")]


def go(tour: Tour, who: str) -> None:
    """Open somebody's conversation by searching for their key."""
    at = tour.at
    at.press("ctrl+k")
    tour.display.type(tour.ids[who][:10])
    wait_for(lambda: at.text("search") == tour.ids[who][:10], "the key in the search")
    time.sleep(0.2)
    tour.display.key("Return")
    time.sleep(0.4)


def people(tour: Tour) -> None:
    """Everybody arrives, and some of it is long ago."""
    tour.choose()
    for who, (name, _stand) in {"me": (ME, ""), **PEOPLE}.items():
        tour.register(who, name)
        profile = profiles.find(str(tour.home(who) / "data/lanchat/profiles/default"))
        tour.ids[who] = asyncio.run(_identity(str(profile.folder)))
    asyncio.run(_long_ago(tour))
    at = tour.open()
    at.widget("passphrase", 20)
    at.write("passphrase", PHRASE)
    tour.display.key("Return")
    at.widget("roster", 90)
    for who in PEOPLE:
        tour.listen(who, "--accept", "none" if who in ("zoe", "linus") else "trusted",
                    "--accept-limit", "20G")  # fmt: skip
    everybody = {tour.ids[who] for who in PEOPLE}
    wait_for(
        lambda: everybody <= {row["peer_id"] for row in tour.ask("me", "peers", wait=0.0)},
        "everybody on the list", 90,
    )  # fmt: skip
    _trust(tour)
    _speak(tour)
    _cards(tour)
    tour.leave("margaret")
    go(tour, "grace")
    tour.without_toasts()


async def _identity(folder: str) -> str:
    held = profiles.hold(folder)
    opened = await profiles.unlock(held, PHRASE)
    await opened.close()
    return str(opened.identity.peer_id)


async def _long_ago(tour: Tour) -> None:
    """What was said on other days, written down as if it had come then."""
    folder = tour.home("me") / "data/lanchat/profiles/default"
    opened = await profiles.unlock(profiles.hold(str(folder)), PHRASE)
    grace, now = PeerId.parse(tour.ids["grace"]), time.time_ns() // 1_000_000
    said: list[Message] = []
    for ago in (40, 9, 3, 1):
        at = now - ago * DAY
        for number, (mine, text) in enumerate(OLD):
            when = at + number * (40_000 if number % 5 else 700_000)
            state = State.READ if mine else State.RECEIVED
            said.append(Message(secrets.token_bytes(16), grace, mine, text, when, when, state))
    await History(opened.database).append_many(said)
    await opened.close()


OLD: Final = (
    (False, "Hi Ada, is this thing on?"),
    (True, "It is! No server, nothing to sign up for."),
    (True, "Tell the others in the lab"),
    (True, "😀🎉"),
    (False, "Will do. The notes of today are at https://wiki.lan/notes/42 if you want them."),
    (False, "שלום! זה עובד גם מימין לשמאל, עם english באמצע."),
    (True, "Line one\nLine two\n\nLine four"),
)


def _trust(tour: Tour) -> None:
    how = {"verified": "verified", "known": "known", "blocked": "block"}
    for who, (_name, stand) in PEOPLE.items():
        if stand in how:
            tour.ask("me", "trust", peer=tour.ids[who], action=how[stand], wait=10.0)
        if stand in ("verified", "known"):
            tour.ask(who, "trust", peer=tour.ids["me"], action="verified", wait=10.0)


def _speak(tour: Tour) -> None:
    tour.say("margaret", "me", "See you on Monday!")
    tour.say("noa", "me", "בוקר טוב, מה שלומך?")
    tour.say("long", "me", "A name as long as this has to be cut somewhere")
    for text in ("Good morning", "Is the room booked?", "I need the big one."):
        tour.say("katherine", "me", text)
    tour.say("linus", "me", "Hello, is this the right Ada?")
    for who, to, text in (
        ("grace", "me", "Morning! Did the build finish on the lab machine?"),
        ("me", "grace", "Yes, all green. I'll drop the report here in a second 👍"),
        ("grace", "me", "Got it. 日本語のメモ and مرحبا and a very_long_word_without_any_break_"
         + "x" * 90),
        ("grace", "me", "https://wiki.lan/build/1138"),
        ("me", "grace", "> https://wiki.lan/build/1138\nI read that one already."),
        ("me", "grace", "Long read:\n" + "\n".join(f"{n}. item of a list" for n in range(60))),
        ("me", "grace", "No hurry."),
        ("me", "grace", "Shall we have lunch at one?"),
        ("grace", "me", "👍"),
    ):  # fmt: skip
        tour.say(who, to, text)


def _cards(tour: Tour) -> None:
    """Files that came, went, and did not."""
    file = tour.file
    tour.offer("me", "grace", file("me", "Q3 report — final.pdf", 900_000))
    until(tour, "Q3 report", "done")
    theirs = tour.offer("grace", "me", file("grace", "thesis.odt", 300_000))
    until(tour, "thesis", "asked")
    tour.ask("me", "accept", transfer=theirs)
    until(tour, "thesis", "done")
    tour.offer("me", "zoe", file("me", "declined.txt", 4000))
    until(tour, "declined.txt", "declined")
    shorter = file("zoe", "written to meanwhile.log", 500_000)
    broken = tour.offer("zoe", "me", shorter)
    until(tour, "meanwhile", "asked")
    shorter.write_text("and begun anew")
    tour.ask("me", "accept", transfer=broken)
    until(tour, "meanwhile", "cancelled")
    for names in (
        (("holiday photo.jpg", 500_000),),
        (("setup.exe", 880_000),),
        (("disk image of everything.img", 900_000_000_000),),
        tuple((f"photo {number:03} of the lab in the old building.jpg", 400_000)
              for number in range(8)),
    ):  # fmt: skip
        tour.offer("zoe", "me", *(file("zoe", name, size) for name, size in names))
    folder = tour.home("zoe") / "Documents" / "A folder of source code"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(14):
        (folder / f"part {number}.py").write_text("print()\n")
    tour.offer("zoe", "me", folder)
    tour.ask("me", "offer", peer=tour.ids["margaret"], confirmed=True,
             paths=[str(file("me", "for Margaret when she is back.pdf", 700_000))])  # fmt: skip


def until(tour: Tour, name: str, state: str) -> None:
    def found() -> bool:
        return any(
            one["state"] == state and name in str(one["files"]) for one in tour.transfers()
        )

    wait_for(found, f"{name!r} {state}", 20)


def slow(*, on: bool) -> None:
    """Let the loopback interface carry less, where this kernel can."""
    words = ["qdisc", "add", "dev", "lo", "root", "tbf", "rate", RATE, "burst", "1mb",
             "latency", "50ms"]  # fmt: skip
    if not on:
        words = ["qdisc", "del", "dev", "lo", "root"]
    subprocess.run([which("tc") or "tc", *words], check=False)


@contextmanager
def staged(wanted: Wanted) -> Iterator[Tour]:
    """A screen that is large enough, and a folder for everybody's homes."""
    folder = Path(tempfile.mkdtemp(prefix="lanchat-tour-"))
    wide, high = (max(one, least) for one, least in zip(wanted.size, (900, 860), strict=True))
    size = f"{round(wide * wanted.scale) + 500}x{round(high * wanted.scale) + 160}"
    try:
        with ExitStack() as stack:
            display = stack.enter_context(Display(folder, size, wanted.dpi))
            yield Tour(wanted, display, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
