"""Every page and dialog of the real window, as pictures: `python -m tests.gui.tour FOLDER`.

Not a test: pictures to look at after a change of what is drawn.  `--dark`, `--dpi 192`,
`--size 720x480` and `--language de` say how; `--only main,talk` which part.  The people
are real nodes on a loopback interface of their own (root, Linux), one of them the window.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from lanchat.errors import LanchatError
from tests.gui.town import PHRASE, Tour, Wanted, go, people, slow, staged
from tests.kit.display import end, wait_for
from tests.kit.drag import PYTHON, SOURCE
from tests.workers import move_into_own_network

# --- the parts ------------------------------------------------------------------------------


def way_in(tour: Tour) -> None:
    """Register, and the first empty page."""
    tour.choose("fresh")
    at = tour.open("fresh")
    at.widget("create", 20)
    tour.shot("register-empty")
    at.write("name", "Ada Lovelace")
    tour.display.key("Return")
    tour.display.type("ada")
    tour.shot("register-weak")
    tour.display.key("ctrl+a")
    tour.display.type(PHRASE)
    tour.display.key("Return")
    tour.display.type("granite ottr")
    tour.display.key("Return")
    tour.shot("register-not-the-same")
    at.click("suggest")
    tour.shot("register-suggestion")
    at.click("copy")
    tour.shot("register-copied")
    at.click("where")
    tour.shot("register-where")
    at.click("create")
    tour.picture("register-creating")
    at.widget("start", 90)
    tour.shot("visibility")
    at.click("start")
    at.widget("roster", 90)
    tour.shot("empty")
    wait_for(lambda: at.find("copy_address"), "the hints of an empty list", 40)
    tour.shot("empty-20s")
    tour.close()


def login(tour: Tour) -> None:
    """One profile, several, a wrong passphrase."""
    tour.register("several", "Ada Lovelace")
    tour.choose("several")
    at = tour.open("several")
    at.widget("passphrase", 20)
    tour.shot("login-one")
    tour.close()
    tour.register("several", "Work — lab machine 4", "work")
    tour.register("several", "נועה לוי 🎉", "third")
    at = tour.open("several")
    at.widget("passphrase", 20)
    tour.shot("login-several")
    for _try in range(2):
        wait_for(lambda: at.widget("unlock")["state"] != "disabled", "a button to unlock", 20)
        at.write("passphrase", "not this one")
        tour.display.key("Return")
        at.wait_text("unlock", "Unlocking", 5) if not tour.wanted.language else None
        tour.picture("login-unlocking")
        wait_for(lambda: at.find("deriving") is None, "an answer", 20)
    tour.shot("login-wrong")
    tour.close()


def main(tour: Tour) -> None:
    """The main page and what belongs to it."""
    at = tour.at
    tour.shot("main")
    tour.dialog("shortcuts", "F1")
    tour.dialog("adding", "ctrl+n")
    tour.dialog("my_fingerprint", "ctrl+shift+m")
    _search(tour)
    _people(tour)
    at.press("ctrl+comma")
    at.widget("settings")
    for page in (
        "profile", "appearance_page", "network_page", "files_page", "notifications_page",
        "privacy", "people_page", "desktop_page", "about",
    ):  # fmt: skip
        if at.find(page):
            at.click(page)
            tour.shot(f"settings-{page.removesuffix('_page')}")
    tour.display.key("Escape")


def _search(tour: Tour) -> None:
    at = tour.at
    for name, text in (("people", "gr"), ("messages", "lab"), ("nothing", "xyzzy")):
        at.press("ctrl+k")
        tour.display.type(text)
        time.sleep(0.6)
        tour.shot(f"search-{name}")
        if name == "messages":
            tour.display.key("Down", "Down", "Down", "Return")
            time.sleep(0.5)
            tour.shot("search-found")
            at.press("ctrl+k")
        tour.display.key("Escape")


def _people(tour: Tour) -> None:
    at = tour.at
    for who in ("linus", "rival", "margaret", "long", "noa", "zoe", "tim", "mallory"):
        go(tour, who)
        tour.shot(f"person-{who}")
        if who in ("rival", "margaret", "linus"):
            tour.display.key("ctrl+i")
            at.widget("details")
            tour.shot(f"details-{who}")
            tour.display.key("Escape")
    go(tour, "linus")
    at.click("more")
    tour.shot("menu-header")
    tour.display.key("Down", "Down")
    tour.shot("menu-header-row")
    tour.display.key("Escape")
    at.press("shift+F6", "shift+F6")
    tour.shot("focus-header")


def talk(tour: Tour) -> None:
    """A conversation: its menus, selection, drafts, what is long, and what is dragged in."""
    at, display = tour.at, tour.display
    go(tour, "grace")
    tour.shot("talk")
    at.press("shift+F6")
    display.key("Up", "Up")
    tour.shot("talk-selected")
    display.key("shift+F10")
    tour.picture("talk-menu")
    display.key("Escape")
    display.key("Prior", "Prior")
    tour.picture("talk-sticky-day")  # while it floats
    tour.say("grace", "me", "One more thing: the meeting moved to three.")
    wait_for(lambda: any(one["name"] == "new_messages" and one["viewable"]
                         for one in at.widgets()), "a way to the newest", 10)  # fmt: skip
    tour.shot("talk-new-messages")
    display.key("Home")
    tour.shot("talk-oldest")
    display.key("End", "Escape")
    at.click("composer")
    display.type("A draft that nobody has sent yet")
    tour.shot("talk-draft")
    go(tour, "katherine")
    tour.shot("talk-draft-elsewhere")
    go(tour, "grace")
    display.key("ctrl+a", "BackSpace")
    for line in ("one", "two", "three", "four", "five", "six", "seven"):
        display.type(line)
        display.key("shift+Return")
    tour.shot("talk-tall-composer")
    display.key("ctrl+a", "BackSpace")
    _paste(tour, "lorem ipsum dolor sit amet " * 2100)
    tour.shot("talk-counter")
    display.key("ctrl+a", "BackSpace")
    person = at.wait_drawn("Katherine Johnson")
    display.click(person["x"], person["y"], 3)
    time.sleep(0.4)
    tour.picture("menu-person")
    display.key("Escape")
    display.xdo("mousemove", *at.centre("add"))
    time.sleep(1.2)
    tour.picture("tooltip")
    display.xdo("mousemove", person["x"], person["y"])
    time.sleep(1.2)
    tour.picture("tooltip-person")
    drop(tour)


def _paste(tour: Tour, text: str) -> None:
    """Put a text on the clipboard and paste it."""
    source = tour.folder / "clip.txt"
    source.write_text(text)
    script = (
        "import sys, tkinter as tk; r = tk.Tk(); r.withdraw(); r.clipboard_clear();"
        "r.clipboard_append(open(sys.argv[1]).read()); r.mainloop()"
    )
    holder = tour.display.start([sys.executable, "-c", script, str(source)])
    time.sleep(1.0)
    tour.at.press("ctrl+v")
    time.sleep(1.0)
    end(holder)


def drop(tour: Tour) -> None:
    """Files held over a conversation and over a row of the list."""
    display, at = tour.display, tour.at
    file = tour.file("me", "notes.txt", 2000)
    with (tour.folder / "drag.log").open("wb") as out:
        source = display.start([PYTHON, str(SOURCE), "dragsource", str(file)], stdout=out,
                               stderr=out)  # fmt: skip
    window = display.window("dragsource")
    screen_wide, _screen_high = map(int, display.size.split("x"))
    display.place(window, screen_wide - 200, 0)
    display.focus(window)
    found = display.geometry(window)
    x, y = found["X"] + found["WIDTH"] // 2, found["Y"] + found["HEIGHT"] // 2
    display.xdo("mousemove", x, y, "sleep", 0.2, "mousedown", 1, "sleep", 0.2)
    for far in (4, 9, 16, 30):
        display.xdo("mousemove", x - far, y + far, "sleep", 0.05)
    view = at.widget("messages")
    row = at.wait_drawn("Katherine Johnson")
    for name, to in (
        ("talk", (view["x"] + view["w"] // 2, view["y"] + view["h"] // 2)),
        ("row", (row["x"], row["y"])),
    ):
        for near in (30, 12, 3, 0):
            display.xdo("mousemove", to[0] + near, to[1] + near // 3, "sleep", 0.08)
        time.sleep(0.6)
        tour.picture(f"drop-{name}")
    display.xdo("mousemove", x, y, "sleep", 0.3, "mouseup", 1)
    end(source)


def verifying(tour: Tour) -> None:
    """A spoken check, to its good and to its bad end, and the way without a call."""
    at, display = tour.at, tour.display
    go(tour, "katherine")
    display.key("ctrl+shift+v")
    at.widget("not_now")
    tour.shot("verify-asking")
    other = tour.compare("katherine")
    at.widget("word_4", 20)
    tour.shot("verify-words")
    wait_for(lambda: at.widget("match")["state"] != "disabled", "a button to confirm")
    at.click("match")
    tour.shot("verify-answered")
    end(other)
    time.sleep(1.0)
    tour.shot("verify-left")
    display.key("Escape")
    other = tour.compare("katherine")
    at.widget("compare", 20)
    tour.shot("verify-question")
    at.click("compare")
    at.widget("word_4", 20)
    at.click("different")
    wait_for(lambda: at.find("different") is None, "the end of it", 20)
    tour.shot("verify-different")
    display.key("Escape")
    tour.shot("person-failed")
    display.key("ctrl+i")
    at.widget("details")
    tour.shot("details-failed")
    at.click("block")
    tour.shot("details-question")
    display.key("Escape")
    wait_for(lambda: at.ask("focus").startswith(".details"), "the keys in the details")
    display.key("Escape")
    wait_for(lambda: at.find("called") is None, "the end of the details")
    at.press("ctrl+shift+v")
    at.click("permanent")
    at.widget("their_fingerprint")
    display.type("not what it is")
    display.key("Return")
    tour.shot("fingerprint")
    display.key("Escape")
    end(other)


def files(tour: Tour) -> None:
    """Cards in every state, the panel, and leaving while something is on its way."""
    at, display = tour.at, tour.display
    go(tour, "zoe")
    tour.shot("files-asked")
    _scrolled(tour, "files")
    go(tour, "margaret")
    tour.shot("files-waiting")
    go(tour, "grace")
    slow(on=True)
    try:
        one = tour.offer(
            "me", "grace", tour.file("me", "capture-2026-11-22.zip", 3_400_000_000)
        )
        theirs = tour.offer(
            "grace", "me", tour.file("grace", "lab recordings.mkv", 900_000_000)
        )
        at.wait_drawn("lab recordings", 20)
        tour.ask("me", "accept", transfer=theirs)
        paused = tour.offer(
            "me", "grace", tour.file("me", "photos of the lab.tar", 700_000_000)
        )
        time.sleep(4)
        tour.ask("me", "pause", transfer=paused)
        time.sleep(2)
        tour.shot("files-running")
        display.key("ctrl+j")
        at.widget("transfers_panel")
        tour.shot("files-panel")
        display.key("Escape")
        go(tour, "katherine")
        tour.shot("files-strip")
        display.key("ctrl+q")
        at.widget("quitting")
        tour.shot("files-quit")
        display.key("Escape")
        go(tour, "grace")
        tour.running["grace"].send_signal(signal.SIGSTOP)
        time.sleep(20)
        tour.shot("files-lost")
        tour.running["grace"].send_signal(signal.SIGCONT)
        for transfer in (one, theirs, paused):
            with suppress(LanchatError):
                tour.ask("me", "cancel", transfer=transfer)
        time.sleep(1)
        tour.shot("files-cancelled")
    finally:
        slow(on=False)


def _scrolled(tour: Tour, name: str) -> None:
    """The rest of a conversation, page by page."""
    tour.at.press("shift+F6")
    for page in range(1, 4):
        tour.display.key("Prior")
        tour.shot(f"{name}-up-{page}")
    tour.display.key("End", "Escape", "Escape")


def lock(tour: Tour) -> None:
    """Toasts, and a locked window."""
    at, display = tour.at, tour.display
    go(tour, "grace")
    tour.say("katherine", "me", "Are you coming to the talk? It begins in ten minutes.")
    wait_for(lambda: tour.toasts(), "a toast", 20)
    tour.shot("toast")
    display.key("ctrl+l")
    at.widget("unlock", 20)
    tour.shot("locked")


PARTS: Final[Mapping[str, Callable[[Tour], None]]] = {
    "main": main, "talk": talk, "files": files, "verify": verifying, "lock": lock,
}  # fmt: skip
FIRST: Final[Mapping[str, Callable[[Tour], None]]] = {"way_in": way_in, "login": login}


def run(wanted: Wanted) -> None:
    """The whole tour, or the parts that were asked for."""
    wanted.folder.mkdir(parents=True, exist_ok=True)
    chosen = wanted.only or frozenset((*FIRST, *PARTS))
    with staged(wanted) as tour:
        for name in FIRST:
            if name in chosen:
                FIRST[name](tour)
        parts = [name for name in PARTS if name in chosen]
        if parts:
            try:
                people(tour)
                for name in parts:
                    PARTS[name](tour)
            except BaseException:
                tour.picture("where-it-ended")
                raise
            tour.close()


def arguments() -> Wanted:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--dpi", type=int, default=96)
    parser.add_argument("--size", default="1000x700")
    parser.add_argument("--language", default="")
    parser.add_argument("--only", default="", help=", ".join((*FIRST, *PARTS)))
    given = parser.parse_args()
    wide, high = map(int, given.size.split("x"))
    only = frozenset(filter(None, given.only.split(",")))
    return Wanted(given.folder, given.dark, given.dpi, (wide, high), given.language, only)


if __name__ == "__main__":
    move_into_own_network()
    run(arguments())
