"""Hostile people at a real window: what others call themselves, write and claim.

One program for all; each test is a row of docs/THREAT_MODEL.md (C and D).  The others are
peers by hand, which say each record themselves; only what the screen shows is looked at.
"""

import asyncio
import os
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import pytest

from lanchat.identity.fingerprint import fingerprint
from lanchat.identity.keys import Identity, PeerId
from lanchat.identity.trust import Contact, mark_verified, pin
from lanchat.node import profiles
from lanchat.session import sas
from lanchat.session.address import Address
from lanchat.store.contacts import Contacts
from lanchat.wire.payloads import (
    NO_KEY,
    Info,
    Receipt,
    SasCode,
    SasCommit,
    SasNonce,
    SasResult,
    SasReveal,
    Text,
)
from tests.kit.caller import Caller, Line
from tests.kit.display import Display, wait_for
from tests.kit.program import Program
from tests.kit.street import Street
from tests.node.byhand import a_text
from tests.node.test_verification import OUT_OF_TURN

pytestmark = [pytest.mark.timeout(120), pytest.mark.in_order, pytest.mark.long]

PHRASE: Final = "granite otter paddles home"
ME: Final = "Ada Lovelace"
LEFT: Final = 1_650_000_000_000  # when Bob was last seen, in ms since 1970
LIARS: Final = "MNOPQRSTUVWXY"
RUN: Final = 7
UP, DOWN, TURNS = 4, 5, 12  # the wheel is two buttons; so often turns it the whole list
#: What must not be on a screen: orders, halves, and what cannot be seen and does something.
ORDERS: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufe00-\ufe0e\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
#: What the program draws as a sign of its own, and nobody in a name.
SIGNS: Final = re.compile(
    "[\u2713\u2714\u2705\u26a0\u26d4\U0001f512\U0001f6e1\u25cf\U0001f7e2]"
)


@dataclass
class Ada:
    """The window of Ada, who knows some people, and those who want something of her."""

    program: Program
    street: Street
    line: Line
    friends: dict[str, Identity]

    def call(self, name: str, identity: Identity | None = None) -> Caller:
        """Somebody new calls, under a name of any kind."""
        return Caller(self.street, self.line, name, identity)

    def friend(self, name: str, called: str = "") -> Caller:
        """Somebody calls whom Ada knows."""
        return self.call(called or name, self.friends[name])

    def opens(self, part: str) -> None:
        """Click on what the list shows, until that conversation is open."""
        self.program.focus()
        wheel = cycle([UP] * TURNS + [DOWN] * TURNS)

        def seen() -> list[dict[str, Any]]:
            found = self.in_list(part)
            if not found:
                x, y = self.program.centre("people")
                self.program.display.click(x, y, next(wheel))
            return found

        found = wait_for(seen, f"{part!r} in the list")
        self.program.display.click(found[0]["x"], found[0]["y"])

    def in_list(self, part: str) -> list[dict[str, Any]]:
        """Where the list says so, the highest first."""
        pane = self.program.widget("people")
        across = range(pane["x"], pane["x"] + pane["w"])
        down = range(pane["y"] + 4, pane["y"] + pane["h"] - 4)
        drawn = self.program.ask("drawn")
        found = [
            one
            for one in drawn
            if part in one["text"] and one["x"] in across and one["y"] in down
        ]
        return sorted(found, key=lambda one: one["y"])

    def said(self) -> list[str]:
        """The texts of the conversation, from the top."""
        edge = self.program.widget("composer")["x"]
        chat = [one for one in self.program.ask("drawn") if one["x"] > edge]
        noted = ("says on", "Today")
        return [
            one["text"]
            for one in sorted(chat, key=lambda one: one["y"])
            if not any(word in one["text"] for word in noted)
        ]

    def shown(self) -> list[str]:
        """All that is on the screen: widgets, canvases, titles."""
        seen = [one for one in self.program.widgets() if one["viewable"]]
        said = [one[part] for one in seen for part in ("text", "title") if one[part]]
        return [*said, *self.program.drawn()]

    def is_harmless(self) -> None:
        """Nothing on the screen gives an order or hides anything."""
        bad = [text for text in self.shown() if ORDERS.search(text.rstrip("\n"))]
        assert not bad, bad

    def bar(self, name: str) -> str:
        """What a bar above the composer says."""
        end = f".bar_{name}.text"
        return wait_for(
            lambda: next(
                (one["text"] for one in self.program.widgets() if one["path"].endswith(end)), ""
            ),
            f"the bar {name!r}",
        )

    def details(self) -> list[str]:
        """What the details of the open conversation say."""
        self.program.press("ctrl+i")
        self.program.widget("called")
        self.is_harmless()
        said = self.shown()
        self.closes("called")
        return said

    def closes(self, part: str) -> None:
        """Press Escape in a dialog, until what it shows is gone."""
        top = self.program.widget(part)["path"].split(".")[1]
        wait_for(lambda: top in self.program.ask("focus"), f"the keys in {top!r}")
        self.program.display.key("Escape")
        wait_for(lambda: self.program.find(part) is None, f"no {part!r} any more")

    def names(self) -> list[str]:
        """What the questions and the dialogs are called that are about comparing words."""
        return [
            one["name"]
            for one in self.program.widgets()
            if one["class"] in ("Toplevel", "TFrame")
            and one["name"].startswith(("asked_", "verify_"))
        ]


@pytest.fixture(scope="module")
def ada(display: Display, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ada]:
    place = tmp_path_factory.mktemp("hostile")
    home = place / "home"
    friends = {
        name: Identity(os.urandom(32))
        for name in ("Bob Hale", "Cat Stray", *(f"Liar {letter}" for letter in LIARS))
    }
    me = asyncio.run(_settle(home / "data" / "lanchat" / "profiles" / "default", friends))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    passphrase = place / "passphrase"
    passphrase.write_text(PHRASE)
    words = ("--interface", "lo", "--port", str(port), "--passphrase-file", str(passphrase))
    with ExitStack() as stack:
        street = stack.enter_context(Street(place / "street"))
        program = Program(display, home, *words)
        stack.callback(program.end)
        program.widget("roster", 30)
        yield Ada(program, street, Line(Address("127.0.0.1", port), me), friends)
        assert not program.errors()
        assert program.close(5) == 0
        assert not program.errors()


async def _settle(folder: Path, friends: dict[str, Identity]) -> PeerId:
    """Make a profile that knows some people; Bob is verified."""
    _name, me = await profiles.register(str(folder), ME, PHRASE, profiles.QUICK)
    held = await asyncio.to_thread(profiles.hold, str(folder))
    opened = await profiles.unlock(held, PHRASE)
    try:
        for name, identity in friends.items():
            known: Contact = pin(None, identity.peer_id, name, 1_700_000_000_000)
            if name == "Bob Hale":
                known = mark_verified(pin(None, identity.peer_id, name, LEFT), "words", LEFT)
            await Contacts(opened.database).save(known)
    finally:
        await opened.close()
    return me


# --- names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("Gus\u202e \u2066gpj\u2069\u200b.exe\U000e0041", "Gus gpj.exe"),  # C10
        ("Han\u200d\ufe01\u00ad\u2060 Wu\u061c\u200f", "Han Wu"),  # C10
        ("Ida\x1b]8;;http://x\x07\x9b31m\x1b[2J\n\tX", "Ida\ufffd"),  # C11
        ("\u2714 \U0001f512 Verified Jo \u26a0\u25cf", "Jo"),  # C14
        ("System: Kim (lanchat) \u2705", "Kim"),  # C14
        ("[exit] <b>$x</b> %s \\x41 ; {", "[exit] <b>$x</b> %s \\x41 ; {"),  # C17
    ],
    ids=["C10-bidi", "C10-unseen", "C11", "C14-badges", "C14-words", "C17"],
)
def test_a_name_of_any_kind_is_drawn_without_its_tricks(ada: Ada, name: str, seen: str) -> None:
    with ada.call(name):
        ada.opens(seen[:8])
        wait_for(lambda: seen in ada.program.text("person_name"), f"{seen!r} in the header")
        ada.program.wait_text("badge", "New, not verified")
        ada.is_harmless()
        called = ada.program.text("person_name")
        assert not SIGNS.search(called)
        assert "erified" not in called
        assert any(seen in text for text in ada.details())
        ada.program.click("verify")
        ada.program.wait_text("heading", seen)
        ada.is_harmless()
        ada.closes("heading")


def words_of(peer: PeerId) -> set[str]:
    return set(fingerprint(peer).words)


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("Bob Hale", "Bob Hale"),
        ("B\u043eb \u041dal\u0435", "Bob Hale"),  # Cyrillic
        ("\uff22ob\u200b H\u0251l\u0435", "Bob Hale"),
        ("\u2714 Bob Hale", "Bob Hale"),
        ("Ada Love1ace", ME),
    ],
    ids=["D01", "cyrillic", "wide", "badge", "mine"],
)
def test_a_name_of_somebody_else_is_a_conflict_with_both_fingerprints(
    ada: Ada, name: str, whose: str
) -> None:
    mine = whose == ME
    with ada.call(name) as other:
        other.posts(a_text("it is me"))
        ada.program.wait_text("alert", "this is another person")
        ada.program.click("seen")
        ada.opens("Same name, other person")
        ada.program.wait_text("badge", "Same name, other person")
        assert ada.bar("conflict").startswith("This is not you" if mine else "This is not the")
        seen = set(ada.details())
        known = ada.line.me if mine else ada.friends[whose].peer_id
        assert seen >= words_of(other.me) | words_of(known)
        assert ("Yours" if mine else f"The {whose} you know") in seen
        if mine:
            return
        ada.opens("Last seen on 15 Apr 2022")
        ada.program.wait_text("badge", "Verified")
        assert ada.bar("impostor").startswith("Someone else here calls themselves Bob Hale.")
        assert set(ada.details()) >= words_of(other.me) | words_of(known)
        ada.program.click("block_other")
        ada.program.wait_text("heading", "Block the other")
        ada.program.click("confirm_block")
        wait_for(lambda: ada.program.find("bar_impostor") is None, "they are blocked")
        ada.program.wait_text("badge", "Verified")


def test_what_waits_for_somebody_does_not_go_to_another_of_that_name(ada: Ada) -> None:
    """D01."""
    ada.opens("Last seen on 15 Apr 2022")
    ada.program.wait_text("badge", "Verified")
    ada.program.write("composer", "for Bob alone")
    ada.program.press("Return")
    ada.program.wait_drawn("for Bob alone")
    with ada.call("Bob Hale") as other:
        other.posts(a_text("it is me"))
        ada.opens("Same name, other person")
        ada.program.wait_text("badge", "Same name, other person")
        assert not [one for one in ada.program.drawn() if one == "for Bob alone"]
        with ada.friend("Bob Hale") as bob:
            assert bob.hears(Text).text == "for Bob alone"
        assert other.got(Text) == []


def test_a_friend_with_another_name_keeps_the_one_that_is_known(ada: Ada) -> None:
    """D02."""
    with ada.friend("Cat Stray") as cat:
        ada.opens("Cat Stray")
        cat.posts(Info(0, NO_KEY, NO_KEY, "\u2714 Verified Bob\u202e Hale"))
        said = "Cat Stray now goes by the name Bob Hale."
        wait_for(lambda: ada.bar("renamed") == said, said)
        ada.is_harmless()
        assert ada.program.text("person_name") == "Cat Stray"
        assert ada.program.text("badge").strip() == "Not verified"
        ada.program.click("adopt")
        refused = "looks like the name of somebody else"
        wait_for(lambda: any(refused in one for one in ada.shown()), refused)
        assert ada.bar("renamed") == said
        assert ada.program.text("person_name") == "Cat Stray"


# --- texts ----------------------------------------------------------------------------------


def test_a_text_is_drawn_once_as_it_was_written_and_gives_no_orders(ada: Ada) -> None:
    """C04, C06, C11, C17, C22."""
    first = a_text("<b>&amp;</b> [exit] $env(HOME) \\x41 %s {", seq=2**60)
    orders = a_text(
        "red \x1b[31m \x1b]52;c;eA==\x07 \x9b2J \x08 \u202egpj\u2066 \U000e0041.", seq=1
    )
    with ada.friend("Cat Stray") as cat:
        ada.opens("Cat Stray")
        for count, text in enumerate((first, orders, first), start=1):
            cat.posts(text)
            assert text.id in cat.hears(Receipt, count).ids
        drawn = [first.text, "red \ufffd[31m \ufffd]52;c;eA==\ufffd \ufffd2J \ufffd gpj ."]
        wait_for(lambda: ada.said() == drawn, f"{drawn} alone")
        ada.is_harmless()
        ada.program.wait_drawn("says on Thu 1 Jan 1970")


# --- comparing words ------------------------------------------------------------------------


def commit(liar: Caller, ada: Ada, nonce: bytes) -> SasCommit:
    binding = liar.hand.link.binding
    return SasCommit(RUN, sas.commitment(binding, RUN, liar.me, ada.line.me, nonce))


def asks(liar: Caller, ada: Ada, nonce: bytes) -> None:
    """Somebody who is open asks to compare words, and Ada agrees."""
    liar.posts(commit(liar, ada, nonce))
    ada.program.click("compare")
    liar.hears(SasNonce)


def badge(ada: Ada) -> str:
    """What the window says of whoever is open, in a word."""
    return ada.program.text("badge").strip()


def test_a_reveal_that_does_not_fit_shows_no_words_and_is_kept(ada: Ada) -> None:
    """D03."""
    with ada.friend("Liar M") as liar:
        ada.opens("Liar M")
        asks(liar, ada, os.urandom(32))
        liar.posts(SasReveal(RUN, os.urandom(32)))
        ada.program.wait_text("heading", "The words are different")
        assert liar.ends() == "PROTOCOL"
        assert ada.program.find("word_1") is None
        assert ada.program.find("match") is None
        ada.closes("heading")
        assert badge(ada) == "Verification failed"
        assert "Do not trust this" in ada.bar("failed")


@pytest.mark.parametrize("kind", OUT_OF_TURN)
def test_records_out_of_turn_show_no_words(ada: Ada, kind: str) -> None:
    """D05."""
    name = f"Liar {LIARS[1 + list(OUT_OF_TURN).index(kind)]}"
    with ada.friend(name) as liar:
        ada.opens(name)
        ada.program.wait_text("person_name", name)
        liar.posts(*OUT_OF_TURN[kind])
        assert liar.ends() == "PROTOCOL"
        wait_for(lambda: not ada.names(), "no question any more")
    assert ada.program.find("word_1") is None
    assert badge(ada) == "Not verified"


def test_a_reveal_to_who_asked_shows_no_words(ada: Ada) -> None:
    """D05."""
    with ada.friend("Liar T") as liar:
        ada.opens("Liar T")
        ada.program.click("verify")
        run = liar.hears(SasCommit).run
        liar.posts(SasReveal(run, os.urandom(32)))
        assert liar.ends() == "PROTOCOL"
        ada.program.wait_text("not_now", "Close")
        assert ada.program.find("word_1") is None
        assert ada.program.find("match") is None
        ada.closes("heading")
        assert badge(ada) == "Not verified"


def test_their_yes_changes_nothing_here(ada: Ada) -> None:
    """D06."""
    nonce = os.urandom(32)
    with ada.friend("Liar U") as liar, ada.friend("Liar X") as other:
        ada.opens("Liar U")
        liar.posts(SasResult(RUN, SasCode.MATCH))  # of no run at all
        asks(liar, ada, nonce)
        liar.posts(SasReveal(RUN, nonce), SasResult(RUN, SasCode.MATCH), a_text("said yes"))
        liar.hears(Receipt)
        ada.program.widget("word_4")
        assert ada.program.widget("match")["state"] == "disabled"  # nobody has read them yet
        assert ada.program.text("heading") == "Verify Liar U"
        other.posts(SasCommit(RUN, bytes(32)))
        assert other.hears(SasResult).code is SasCode.BUSY
        assert len(ada.names()) == 1
        ada.closes("heading")
        assert liar.hears(SasResult).code is SasCode.CANCELLED
        assert badge(ada) == "Not verified"


def test_whoever_asks_all_the_time_gets_one_question(ada: Ada) -> None:
    """D08."""
    with ada.friend("Liar V") as liar:
        for run in range(1, 4):
            liar.posts(SasCommit(run, bytes(32)))
            if run < 3:
                liar.posts(SasResult(run, SasCode.CANCELLED))
        liar.posts(a_text("and again"))
        liar.hears(Receipt)
        ada.program.widget("compare")
        assert len(ada.names()) == 1
        ada.program.click("not_now")
        assert liar.hears(SasResult).code is SasCode.CANCELLED
        late = range(100, 130)
        liar.posts(*[SasCommit(run, bytes(32)) for run in late], a_text("and again"))
        liar.hears(Receipt, 2)
        assert ada.names() == []


def test_who_could_not_be_asked_asks_in_turn_and_can_be_answered(ada: Ada) -> None:
    with ada.friend("Liar Y") as liar:
        ada.opens("Liar Y")
        ada.program.click("verify")
        run = liar.hears(SasCommit).run
        liar.posts(SasResult(run, SasCode.NOBODY))
        ada.program.wait_text("not_now", "Close")
        asks(liar, ada, os.urandom(32))
        assert len(ada.names()) == 1
        ada.closes("heading")
        assert liar.hears(SasResult).code is SasCode.CANCELLED


def test_words_go_when_the_session_does(ada: Ada) -> None:
    """D09."""
    nonce = os.urandom(32)
    with ada.friend("Liar W") as liar:
        ada.opens("Liar W")
        asks(liar, ada, nonce)
        liar.posts(SasReveal(RUN, nonce))
        wait_for(lambda: ada.program.widget("match")["state"] != "disabled", "a yes to press")
        liar.cuts()
        ada.program.wait_text("not_now", "Close")
        assert ada.program.find("word_1") is None
        assert ada.program.find("match") is None
        assert any("connection broke" in one for one in ada.shown())
        ada.closes("heading")
    assert badge(ada) == "Not verified"
