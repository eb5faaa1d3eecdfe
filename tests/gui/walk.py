"""A walk through the window by keys alone; see test_keyboard_only.py."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lanchat.gui.items import Act
from lanchat.identity.fingerprint import invite
from lanchat.identity.keys import PeerId
from lanchat.node import acts, comparing, profiles
from lanchat.node.events import (
    CheckChanged,
    CheckState,
    MessageAdded,
    OfferReceived,
    PeerAppeared,
)
from lanchat.node.settings import Accepting
from tests.gui.rasters import halves, saved
from tests.gui.test_scanning import code
from tests.gui.walk_attending import Attending
from tests.gui.walk_messages import Messages
from tests.gui.walk_settings import OTHER, Settings
from tests.gui.walk_telling import Telling
from tests.gui.walk_unspoken import Unspoken
from tests.gui.walk_way_in import WayIn
from tests.kit.display import wait_for
from tests.kit.hands import Hands, picks
from tests.kit.street import Street
from tests.node.house import MIB, NOWHERE, Resident, make_file

LARGE: Final = 400 * MIB  # more than is cancelled without a question
DIALOGS: Final = {
    "ctrl+i": "details", "ctrl+n": "adding", "ctrl+comma": "settings", "F1": "shortcuts",
    "ctrl+j": "transfers_panel", "ctrl+shift+m": "my_fingerprint",
}  # fmt: skip
LATER: Final = frozenset({"settings", "transfers_panel"})  # gone round once they are full
#: What a card offers, from left to right.
ASKED: Final = (Act.ACCEPT, Act.CHOOSE, Act.DECLINE, Act.VERIFY)
AGAIN: Final = (Act.SKIP, Act.COPY, Act.REPLACE, Act.CHOOSE, Act.DECLINE, Act.VERIFY)


class Walk:
    """The steps, in order; each leaves the window as the next one wants it."""

    def __init__(self, hands: Hands, street: Street, folder: Path) -> None:
        self.hands: Final = hands
        self.street: Final = street
        self.folder: Final = folder
        self.program: Final = hands.program
        self.bob: Resident
        self.cat: Resident
        self.me: PeerId
        self.seen: dict[str, list[str]] = {}

    @property
    def steps(self) -> tuple[Callable[[], None], ...]:
        return (
            self.goes_back_and_forth,
            self.registers,
            self.looks_around,
            self.meets,
            self.writes,
            self.keeps_a_draft,
            self.searches,
            self.answers_strangers,
            self.handles_messages,
            self.sends,
            self.receives,
            self.looks_at_a_picture,
            self.receives_again,
            self.is_told,
            self.stops_and_goes_on,
            self.compares,
            self.knows_somebody,
            self.says_how_it_is_there,
            self.uses_the_menu_of_a_conversation,
            self.follows_a_new_name,
            self.adds_somebody,
            self.is_warned,
            self.sends_to_a_stranger,
            self.chooses_settings,
            self.locks,
            self.leaves,
        )

    # --- the way in ---------------------------------------------------------------------

    @staticmethod
    def prepare(home: Path) -> None:
        """Somebody else has a profile on this computer already."""
        place = home / "data" / "lanchat" / "profiles" / "grace"
        asyncio.run(profiles.register(f"{place}/", "Grace", OTHER, profiles.QUICK))

    def goes_back_and_forth(self) -> None:
        WayIn(self.hands).goes_back_and_forth()

    def registers(self) -> None:
        WayIn(self.hands).registers()

    def looks_around(self) -> None:
        """With nobody there, and how the parts of the window follow each other."""
        hands = self.hands
        hands.until(lambda: hands.usable("add_somebody"), "nobody is there")
        hands.push("add_somebody")
        hands.wait_at("address")
        hands.leaves("adding")
        hands.wait_at("add_somebody")
        self.bob = self.street.lives("Bob Hale", accept=Accepting.ALL)
        self.cat = self.street.lives("Cat Stray")
        self.program.wait_drawn("Bob Hale")
        self.program.wait_drawn("Cat Stray")
        hands.wait_at("people")  # and not at the button that is gone
        seen = self.street.do(
            self.bob.hears(PeerAppeared, lambda one: one.peer.name == "Ada Lovelace")
        )
        self.me = seen.peer.peer_id
        assert set(hands.tour()) == {
            "search",
            "people",
            "sash",
            "my_face",
            "add",
            "settings",
        }
        hands.tab_to("sash")
        hands.press("Right", "Left")

    # --- talk ---------------------------------------------------------------------------

    def meets(self) -> None:
        """Somebody is opened by letters, by the search, by numbers and by steps."""
        hands = self.hands
        hands.press("ctrl+k", "Down")
        hands.wait_at("people")
        hands.type("b")
        hands.press("Return")
        self._with("Bob Hale")
        for stop in ("search", "people", "verify", "canvas", "composer"):
            hands.press("F6")
            hands.wait_at(stop)
        hands.press("shift+F6")
        hands.wait_at("canvas")
        hands.press("Escape")
        hands.wait_at("composer")
        self._more("Send to several…")  # while nobody is known
        picks(hands, make_file(self.folder / "mine" / "nobody.txt", 10))
        hands.wait_in("several")
        hands.tour()
        hands.push("close")
        hands.gone("several")
        hands.tab_to("composer")

    def writes(self) -> None:
        hands = self.hands
        hands.type("hello Bob")
        hands.press("shift+Return")
        hands.type("second line")
        hands.press("ctrl+Return")
        self._hears(self.bob, "hello Bob\nsecond line")
        hands.type("by the button")
        hands.push("send")
        self._hears(self.bob, "by the button")
        hands.wait_at("composer")
        hands.type("not sent yet")
        assert hands.tour()[0] == "composer"
        assert self.program.text("composer") == "not sent yet"

    def keeps_a_draft(self) -> None:
        """Every way to somebody else, and what was written waits; no key spoils it."""
        hands = self.hands
        for there, back in (("alt+Down", "alt+Up"), ("ctrl+2", "ctrl+1")):
            hands.press(there)
            self._with("Cat Stray")
            assert self.program.text("composer") == ""
            hands.press(back)
            self._with("Bob Hale")
            assert self.program.text("composer") == "not sent yet"
        hands.press(*[f"ctrl+{number}" for number in range(3, 10)])
        for stop in ("canvas", "people", "search"):
            hands.tab_to(stop)
            hands.press("alt+Down")
            self._with("Cat Stray")
            hands.press("alt+Up")
            self._with("Bob Hale")
        hands.press("Home", "ctrl+k")
        hands.wait_at("search")
        hands.press("Escape")
        for key, dialog in DIALOGS.items():
            hands.wait_at("composer")
            hands.opens(key, dialog)
            if dialog not in LATER:
                hands.tour()
            hands.leaves(dialog)
        hands.wait_at("composer")
        assert self.program.text("composer") == "not sent yet"
        hands.clear()

    def searches(self) -> None:
        hands = self.hands
        hands.press("ctrl+k")
        hands.wait_at("search")
        hands.type("second")
        self.program.wait_drawn("MESSAGES")
        hands.press("Escape")
        hands.type("button")
        self.program.wait_drawn("MESSAGES")
        hands.press("Down", "Return")
        hands.wait_at("canvas")  # where the message is, selected
        hands.press("Escape", "Escape")
        self._with("Bob Hale")
        assert not self.program.text("search")

    def answers_strangers(self) -> None:
        """One is accepted, another blocked, by the buttons above the composer and by menus."""
        hands = self.hands
        dan = self.street.lives("Dan Noisy")
        for one in (self.cat, dan):
            self.street.do(acts.write(one.node, self.me, f"I am {one.name}"))
        self.program.wait_drawn("I am Dan")
        self._find("Dan")
        hands.push("block")
        hands.until(lambda: hands.usable("unblock"), "blocked")
        hands.push("unblock")
        hands.until(lambda: hands.usable("block"), "not blocked")
        self._menu("Dan", "Block…")
        hands.wait_in("blocking")
        hands.tour()
        hands.push("confirm_block")
        hands.until(lambda: hands.usable("unblock"), "blocked")
        self._menu("Dan", "About")
        hands.wait_in("details")
        hands.leaves("details")
        self._menu("Dan", "Unblock")
        hands.until(lambda: hands.usable("block"), "not blocked")
        self._menu("Dan", "Accept")
        self._menu("Dan", "Verify…")
        hands.wait_in("verify_")
        hands.leaves("verify_")
        self._find("Cat")
        hands.push("accept")
        hands.wait_at("composer")
        self._menu("Cat", "Open")

    def handles_messages(self) -> None:
        self._find("Bob")
        Messages(self.hands, self.street, self.bob, self.me, self.folder).walk()

    # --- files --------------------------------------------------------------------------

    def sends(self) -> None:
        """By the picker, to somebody known and to a stranger; what was declined, once more."""
        hands = self.hands
        files = self.folder / "mine"
        make_file(files / "folder" / "inside.txt", 10)
        for number, key in enumerate(("ctrl+o", "Return")):
            hands.tab_to("attach")
            hands.press(key)
            picks(hands, make_file(files / f"notes{number}.txt", 1_000))
            self._waits_for_file(self.bob, f"notes{number}.txt")
        hands.press("ctrl+shift+o")
        picks(hands, files / "folder")
        self._waits_for_file(self.bob, "folder/inside.txt")
        self._menu("Cat", "Send files…")
        picks(hands, files / "notes0.txt")
        self._find("Cat")
        self._drawn("Try again")
        self._card(Act.RETRY, (Act.RETRY,))
        self.street.do(self._until(lambda: len(self.cat.told(OfferReceived)) == 2), 20)

    def receives(self) -> None:
        hands = self.hands
        self._find("Bob")
        self._offers("unwanted.txt")
        self._card(Act.DECLINE, ASKED)
        self.program.wait_drawn("Declined")
        self._offers("wanted.txt")
        self._card(Act.VERIFY, ASKED)
        hands.push("not_now")
        self._card(Act.CHOOSE, ASKED)
        place = self.folder / "elsewhere"
        place.mkdir()
        picks(hands, place)
        wait_for(lambda: (place / "wanted.txt").exists(), "a file elsewhere")
        self._drawn("Show in folder")
        self._card(Act.OPEN, (Act.OPEN,))
        hands.press("Menu")
        hands.choose("Copy the name")
        wait_for(lambda: "wanted.txt" in self.program.ask("clipboard"), "the name")

    def looks_at_a_picture(self) -> None:
        """Pictures of friends wait, if one wants that, until they are asked for."""
        hands = self.hands
        self._ticks("privacy", "show_pictures")
        self._offers("photo.png", held=saved(halves(640, 480), "PNG"))
        self._card(Act.ACCEPT, ASKED)
        self.program.wait_drawn("Show picture")
        self._card(Act.PICTURE, (Act.OPEN, Act.PICTURE))
        hands.until(lambda: "Show picture" not in self.program.drawn(), "the picture")
        self._ticks("privacy", "show_pictures")

    def receives_again(self) -> None:
        """The same file three times more, always another one; the first may be run here."""
        path = self.folder / "theirs" / "tool.sh"
        self._offers(path.name, held=b"#!/bin/sh\n", mode=0o700)
        self._card(Act.ACCEPT, ASKED)
        self._came(path.name, 1_000)
        self._drawn("Let me run it")
        self._card(Act.ALLOW, (Act.OPEN, Act.ALLOW))
        there = self.program.downloads / path.name
        wait_for(lambda: os.access(there, os.X_OK), "a program that may be run")
        for size, act in enumerate((Act.SKIP, Act.COPY, Act.REPLACE), 2_000):
            self._offers(path.name, size)
            self._drawn("Skip what I have")
            self._card(act, AGAIN)
            self._came(path.name, size)
        self.hands.tab_to("composer")

    def is_told(self) -> None:
        telling = Telling(self.hands, self.street, self.bob, self.me, self.folder)
        telling.walk(lambda: self._find("Cat"))

    def _came(self, name: str, size: int) -> None:
        stem = name.partition(".")[0]

        def there() -> bool:
            held = self.program.downloads.glob(f"{stem}*")
            return any(one.stat().st_size == size for one in held)

        wait_for(there, f"{size} bytes of {name}")
        self._drawn("Show in folder")

    def _ticks(self, page: str, name: str) -> None:
        """Change a preference."""
        hands = self.hands
        hands.opens("ctrl+comma", "settings")
        hands.tab_to(page)
        hands.press("space")
        hands.push(name, "space")
        hands.leaves("settings")

    def stops_and_goes_on(self) -> None:
        """A large one is paused, goes on, and is cancelled after a question."""
        hands = self.hands
        with self.street.slowed(after=120):
            self._offers("large.bin", LARGE)
            self._card(Act.ACCEPT, ASKED)
            running = (Act.PAUSE, Act.CANCEL)
            self._drawn("Pause")
            self._card(Act.PAUSE, running)
            self._drawn("Resume")
            self._card(Act.RESUME, (Act.RESUME, Act.CANCEL))
            self._drawn("Pause")
            hands.opens("ctrl+q", "quitting")
            assert hands.tour() == ["stay", "confirm_quit"]
            hands.push("stay")
            hands.push("open_transfers")
            hands.wait_in("transfers_panel")
            hands.tour()
            hands.push("go_there")
            hands.wait_at("open_transfers")
            self._card(Act.CANCEL, running)
            hands.wait_in("cancel_transfer")
            hands.tour()
            hands.push("go_on")
            self._card(Act.CANCEL, running)
            hands.push("pause_it")
            self._drawn("Resume")
            assert any("Paused by you" in one for one in self.program.drawn())
            self._card(Act.CANCEL, (Act.RESUME, Act.CANCEL))
            hands.push("go_on")
            self._card(Act.RESUME, (Act.RESUME, Act.CANCEL))
            self._drawn("Pause")
            self._card(Act.CANCEL, running)
            hands.push("confirm")
            self.program.wait_drawn("Cancelled")

    # --- people -------------------------------------------------------------------------

    def compares(self) -> None:
        """The spoken check: asked by either side, the same words and other ones."""
        hands = self.hands
        self.street.do(comparing.ask(self.bob.node, self.me))
        hands.until(lambda: hands.usable("compare"), "the question")
        hands.wait_at("canvas")  # where they were
        hands.press("F6", "F6")  # once round
        hands.wait_at("compare")
        hands.tour()
        hands.press("Return")
        words = self._words(1)
        assert [self.program.text(f"word_{n}") for n in (1, 2, 3, 4)] == list(words.words)
        hands.wait_at("words")
        hands.until(lambda: hands.usable("match"), "a button to confirm")
        hands.tour()
        hands.push("match")
        self.street.do(comparing.answer(self.bob.node, self.me, words.run, match=True))
        self.program.wait_text("badge", "Verified")
        hands.wait_at("composer")  # as the question is gone
        hands.press("ctrl+shift+v")
        self.street.do(comparing.ask(self.bob.node, self.me))
        self._words(2)
        hands.push("different")
        hands.wait_at("not_now")
        hands.leaves("verify_", "Return")
        hands.until(lambda: self.program.find("bar_failed"), "the bar about it")

    def knows_somebody(self) -> None:
        """All that can be done about a person in the dialog about them."""
        hands = self.hands
        hands.opens("ctrl+i", "details")
        hands.wait_at("alias")
        hands.type("Robbie")
        hands.until(lambda: hands.usable("save_alias"), "something to keep")
        hands.press("Return")
        hands.until(lambda: not hands.usable("save_alias"), "it is kept")
        hands.clear()
        hands.push("save_alias")
        hands.until(lambda: not hands.usable("save_alias"), "it is kept")
        hands.push("verify_here")
        hands.push("permanent")
        hands.wait_at("their_fingerprint")
        Unspoken(hands, self.folder).walk(self.me, self.bob.me, self.cat.me)
        hands.until(lambda: ".fingerprint" not in hands.path, "the dialog is gone")
        hands.opens("ctrl+i", "details")
        hands.tour()
        for act in ("unverify", "block", "clear"):
            hands.push(act)
            hands.wait_at("no")
            hands.tour()
            hands.press("Escape")
            hands.wait_at(act)
            hands.press("space")
            hands.push("confirm")
            hands.gone(act)
            if act == "block":
                hands.push("unblock")
                hands.until(lambda: hands.usable("block"), "not blocked")
        hands.leaves("details")
        hands.push("verify")
        hands.wait_in("verify_")
        hands.leaves("verify_")
        self._find("Dan")
        hands.opens("ctrl+i", "details")
        hands.push("forget")
        hands.push("confirm")
        hands.wait_at("people")

    def says_how_it_is_there(self) -> None:
        self._find("Bob")
        Attending(self.hands, self.street, self.bob, self.me).walk()

    def uses_the_menu_of_a_conversation(self) -> None:
        """The three dots of the header."""
        hands, place = self.hands, self.folder / "saved"
        place.mkdir()
        self._find("Bob")
        for label in ("Send files…", "Send a folder…"):
            self._more(label)
            hands.until(lambda: hands.at == "ent", "the picker")
            hands.press("Escape")
            hands.until(lambda: ".__tk_" not in hands.path, "the picker is gone")
        self._more("Send to several…")
        picks(hands, make_file(place / "several.txt", 10))
        hands.wait_in("several")
        hands.fill("find", "bo")
        hands.until(lambda: self.program.find("person_1") is None, "one is found")
        assert {"find", "person_0"} <= set(hands.tour())
        hands.push("person_0", "space")
        hands.press("space")
        hands.push("confirm")
        self._waits_for_file(self.bob, "several.txt")
        hands.press("ctrl+shift+s")
        hands.until(lambda: hands.at == "ent", "the picker")
        hands.press("Escape")
        hands.until(lambda: ".__tk_" not in hands.path, "the picker is gone")
        self._more("Mute")
        hands.until(lambda: self.program.find("muted_sign"), "Bob muted")
        self._more("Unmute")
        hands.until(lambda: not self.program.find("muted_sign"), "Bob not muted")
        self._more("About this person…")
        hands.wait_in("details")
        for _time in range(2):
            hands.push("muted", "space")
        hands.leaves("details")
        self._more("Save the conversation…")
        picks(hands, place / "talk.txt")
        wait_for((place / "talk.txt").exists, "the conversation as a text")
        self._more("Clear conversation…")
        hands.wait_in("clearing")
        hands.tour()
        hands.push("confirm_clear")
        wait_for(lambda: not any("several" in one for one in self.program.drawn()), "cleared")

    def follows_a_new_name(self) -> None:
        """By the bar above the composer, and in the dialog about them."""
        hands = self.hands
        for one, name in ((self.cat, "Catherine"), (self.bob, "Robert Hale")):
            self._find(one.name[:3])
            self.street.do(acts.rename(one.node, name))
            hands.until(lambda: hands.usable("adopt"), "another name")
            if one is self.bob:
                hands.opens("ctrl+i", "details")
            hands.push("adopt")
            self.program.wait_text("person_name", name)
        hands.leaves("details")

    def adds_somebody(self) -> None:
        hands = self.hands
        eve = self.street.lives("Eve Far", interfaces=NOWHERE)
        hands.opens("ctrl+n", "adding")
        hands.type("nowhere")
        hands.press("Return")
        self.program.wait_text("address_note", "Write an address")
        hands.wait_at("address")
        hands.clear()
        hands.push("copy_my_invite")
        wait_for(lambda: invite(self.me) in self.program.ask("clipboard"), "mine to give")
        picture = self.folder / "eve.png"
        code(invite(eve.me, [str(eve.address)])).save(picture)
        hands.push("from_picture")
        picks(hands, picture)
        self.program.wait_text("new_here", str(eve.address))
        hands.push("connect")
        self.program.wait_text("answered", "Eve Far")
        hands.push("connect")
        self._with("Eve Far")
        hands.opens("ctrl+shift+m", "my_fingerprint")
        hands.push("copy_invite")
        wait_for(lambda: invite(self.me) in self.program.ask("clipboard"), "the invite")

    def is_warned(self) -> None:
        """Somebody else with Bob's name: what stands over the window is read and left."""
        hands = self.hands
        other = self.street.lives("Robert Hale")
        self.street.do(acts.write(other.node, self.me, "It is me, Robert"))
        hands.until(lambda: hands.usable("seen"), "an alert")
        hands.press("F6")
        hands.wait_at("seen")
        hands.push("show_person")
        self._with("Robert Hale")
        self.program.wait_text("badge", "other person")
        hands.push("details")
        hands.wait_in("details")
        hands.tour()
        hands.leaves("details")
        hands.push("seen")
        hands.gone("seen")
        hands.wait_at("composer")
        hands.press(*["alt+Down"] * 3)  # to Bob, below Catherine and Eve
        hands.push("block_other")
        hands.push("confirm_block")
        hands.gone("block_other")

    def sends_to_a_stranger(self) -> None:
        """That is asked about first."""
        hands, fay = self.hands, self.street.lives("Fay Unknown")
        self.program.wait_drawn(fay.name)
        for answer in ("cancel", "confirm"):
            self._menu("Fay", "Send files…")
            picks(hands, make_file(self.folder / "mine" / f"{answer}.txt", 10))
            hands.wait_in("send")
            if answer == "cancel":
                hands.tour()
            hands.push(answer)
            hands.gone("confirm")
        offered = self.street.do(fay.hears(OfferReceived))
        assert offered.shown == (("confirm.txt", 10),)

    def chooses_settings(self) -> None:
        """Every page, and everything on it."""
        Settings(self.hands, self.folder).all_pages()

    def locks(self) -> None:
        """From within a dialog; then the other profile is looked at, and ours opens again."""
        hands = self.hands
        hands.opens("ctrl+comma", "settings")
        hands.press("ctrl+l")
        hands.wait_at("passphrase")
        hands.tab_to("profiles", back="shift+Tab")
        hands.press("Down", "Up")
        assert "profiles" in hands.tour()
        hands.press("Return")
        hands.wait_at("passphrase")
        hands.type(OTHER)
        hands.push("unlock")
        hands.until(lambda: "main" in hands.path, "the main page", 30)

    def leaves(self) -> None:
        """To another desktop and back; then the window is locked, and closed."""
        hands, run = self.hands, self.hands.display.run
        run("wmctrl", "-s", "1")
        hands.until(lambda: not hands.path, "nobody at this window")
        run("wmctrl", "-s", "0")
        hands.until(lambda: hands.path, "somebody at this window")
        hands.opens("ctrl+comma", "settings")
        hands.tab_to("privacy")
        hands.press("space")
        hands.push("lock_now")
        hands.wait_at("passphrase")
        self.seen = self.program.ask("seen")
        hands.press("ctrl+q")
        assert self.program.process.wait(10) == 0

    # --- within -------------------------------------------------------------------------

    def _with(self, name: str) -> None:
        """The conversation with somebody is open, and one writes."""
        self.program.wait_text("person_name", name)
        self.hands.wait_at("composer")

    def _find(self, name: str) -> None:
        """Open somebody's conversation by the search."""
        self.hands.press("ctrl+k")
        self.hands.wait_at("search")
        self.hands.type(name)
        self.hands.press("Return")
        self._with(name)

    def _menu(self, name: str, label: str) -> None:
        """Choose from the menu of somebody on the list."""
        hands = self.hands
        hands.press("ctrl+k", "Escape", "ctrl+k", "Down")
        hands.wait_at("people")
        hands.type(name.lower())
        hands.press("Menu")
        hands.choose(label)

    def _drawn(self, text: str) -> None:
        """Wait until exactly that is drawn: "Pause" stands in "Paused" too."""
        wait_for(lambda: text in self.program.drawn(), f"{text!r} drawn")

    def _more(self, label: str) -> None:
        """Choose from the menu of the open conversation."""
        self.hands.tab_to("more")
        self.hands.press("Return")
        self.hands.choose(label)

    def _card(self, act: Act, offered: tuple[Act, ...]) -> None:
        """Press a button of the last card."""
        hands = self.hands
        hands.tab_to("canvas")
        hands.press("Escape")
        hands.tab_to("canvas")
        hands.press("End", "Up", *["Right"] * (offered.index(act) + 1), "Return")

    def _offers(
        self, name: str, size: int = 1_000, held: bytes = b"", mode: int = 0o600
    ) -> None:
        """Bob offers a file, and its card is there."""
        path = self.folder / "theirs" / name
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            file.write(held)
            file.truncate(max(size, len(held)))
        path.chmod(mode)
        self.street.do(acts.offer(self.bob.node, self.me, [path]))
        self.program.wait_drawn(name.partition(".")[0])
        self._drawn("Decline")

    def _hears(self, one: Resident, text: str) -> None:
        self.street.do(one.hears(MessageAdded, lambda event: event.message.text == text))

    def _waits_for_file(self, one: Resident, name: str) -> None:
        wait_for(lambda: (one.downloads / name).exists(), f"{name} at {one.name}'s")

    def _words(self, run: int) -> CheckChanged:
        """The words on Bob's screen, of his so many-th check."""
        found: list[CheckChanged] = []

        def there() -> bool:
            told = self.bob.told(CheckChanged)
            found[:] = [one for one in told if one.state is CheckState.WORDS]
            return len(found) >= run

        self.street.do(self._until(there))
        return found[run - 1]

    @staticmethod
    async def _until(true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():  # noqa: ASYNC110 - whatever a test can see
                await asyncio.sleep(0.01)
