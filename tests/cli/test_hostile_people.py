"""People who cheat, at a terminal: HOSTILE rows of names and of the spoken check.

One `lanchat listen` stands at a terminal for all of them; who cheats is a peer by hand, and
our user answers by `lanchat verify` at another terminal.
"""

import asyncio
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from lanchat.identity.keys import Identity, PeerId
from lanchat.identity.trust import mark_verified, pin
from lanchat.node import profiles
from lanchat.session import sas
from lanchat.session.address import Address
from lanchat.store.contacts import Contacts
from lanchat.wire.payloads import (
    NO_KEY,
    Info,
    Receipt,
    Sas,
    SasCode,
    SasCommit,
    SasNonce,
    SasResult,
    SasReveal,
    Text,
)
from tests.cli.screen import Screen
from tests.integration.cli_driver import PASSPHRASE, Here, Person, Row
from tests.kit.caller import Caller, Line
from tests.kit.street import Street
from tests.node.byhand import a_text
from tests.node.test_verification import OUT_OF_TURN

pytestmark = [pytest.mark.timeout(60), pytest.mark.in_order, pytest.mark.long]

RUN: Final = 7
LEFT: Final = 1_650_000_000_000  # when people were last seen, in ms since 1970
ASKS: Final = "wants to compare words"
SHOWS: Final = ("four words", "[yes/no]")  # what stands there once words are known
WIDE: Final = {"COLUMNS": "250"}  # no line is broken
#: What whoever was asked may not answer to a commitment.
ANSWERS: Final[dict[str, Callable[[int], Sas]]] = {
    "a reveal to who asked": lambda run: SasReveal(run, b"n" * 32),
    "a yes before the nonce": lambda run: SasResult(run, SasCode.MATCH),
    "a nonce of another run": lambda run: SasNonce(run ^ 1, b"n" * 32),
}
LIARS: Final = ("Liar reveals", "Liar agrees", "Liar insists", "Liar twice", "Liar other")
FOULS: Final = (*OUT_OF_TURN, *ANSWERS)


@dataclass
class Ann:
    """Somebody whose `listen` stands at a terminal, and those who want something of her."""

    person: Person
    listen: Screen
    street: Street
    line: Line
    friends: dict[str, Identity]
    stack: ExitStack

    def call(self, name: str, identity: Identity | None = None) -> Caller:
        """Somebody new calls, under a name of any kind."""
        return Caller(self.street, self.line, name, identity)

    def friend(self, name: str, called: str = "") -> Caller:
        """Somebody calls whom Ann knows."""
        return self.call(called or name, self.friends[name])

    def verifies(self, name: str) -> Screen:
        """Ann runs `lanchat verify` with a friend, at another terminal."""
        words = ("verify", str(self.friends[name].peer_id))
        return self.stack.enter_context(Screen(words, {**self.person.environment(), **WIDE}))

    def lines(self, name: str) -> list[str]:
        """What `listen` has shown of somebody."""
        return [one for one in self.listen.shown.splitlines() if name in one]

    def trust_in(self, peer: PeerId) -> Row:
        (row,) = self.person.ask("trust", peer=str(peer))
        return row

    def knows_no_more(self, name: str) -> None:
        """Nothing that a friend did counts as a comparison."""
        row = self.trust_in(self.friends[name].peer_id)
        assert (row["trust"], row["verified_at"], row["failed_at"]) == ("known", None, None)


@pytest.fixture(scope="module")
def ann() -> Iterator[Ann]:
    names = ("Bob Hale", "Cat Stray", *LIARS, *FOULS)
    friends = {name: Identity(os.urandom(32)) for name in names}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lanchat-")))
        street = stack.enter_context(Street(place / "street"))
        person = Person("Ann", Here(), place / "ann").settle()
        stack.callback(person.leave)
        asyncio.run(_introduce(person, friends))
        words = ("listen", "--port", str(port), "--downloads", str(person.downloads))
        listen = stack.enter_context(Screen(words, {**person.environment(), **WIDE}))
        listen.wait_for("Ctrl-C ends it")
        line = Line(Address("127.0.0.1", port), PeerId.parse(person.peer_id))
        yield Ann(person, listen, street, line, friends, stack)
        assert listen.process.poll() is None
        listen.type("\x03")
        assert listen.end() == 0


async def _introduce(person: Person, friends: dict[str, Identity]) -> None:
    """Let somebody know these people; Bob is verified."""
    held = await asyncio.to_thread(profiles.hold, f"{person.profile}{os.sep}")
    opened = await profiles.unlock(held, PASSPHRASE)
    try:
        for name, identity in friends.items():
            known = pin(None, identity.peer_id, name, LEFT)
            if name == "Bob Hale":
                known = mark_verified(known, "words", LEFT)
            await Contacts(opened.database).save(known)
    finally:
        await opened.close()


def commit(liar: Caller, ann: Ann, nonce: bytes, run: int = RUN) -> SasCommit:
    binding = liar.hand.link.binding
    return SasCommit(run, sas.commitment(binding, run, liar.me, ann.line.me, nonce))


def shows_no_words(*screens: str) -> None:
    for shown in screens:
        assert not any(part in shown for part in SHOWS), shown


# --- names ----------------------------------------------------------------------------------


def test_whoever_has_the_name_of_a_verified_friend_is_marked_and_gets_nothing(ann: Ann) -> None:
    """D01."""
    bob = ann.friends["Bob Hale"].peer_id
    said = ann.person.run("say", str(bob), "for Bob alone", "--queue").row
    assert said["state"] == "queued"
    with ann.call("Bob Hale") as other:
        other.posts(a_text("it is me"))
        ann.listen.wait_for("it is me")
        assert ann.trust_in(bob)["trust"] == "verified"
        (row,) = ann.person.ask("trust", peer=str(other.me))
        assert (row["trust"], row["verified_at"]) == ("conflict", None)
        assert all(one[10:].startswith("(conflict ") for one in ann.lines("Bob Hale"))
        with ann.friend("Bob Hale") as real:
            assert real.hears(Text).text == "for Bob alone"
        assert other.got(Text) == []


def test_a_friend_with_another_name_keeps_the_one_that_is_known(ann: Ann) -> None:
    """D02."""
    with ann.friend("Cat Stray") as cat:
        cat.posts(Info(0, NO_KEY, NO_KEY, "\u2714 Verified Bob\u202e Hale"), a_text("purr"))
        ann.listen.wait_for("Cat Stray: purr")
        row = ann.trust_in(cat.me)
        assert (row["name"], row["trust"], row["verified_at"]) == ("Cat Stray", "known", None)


# --- comparing words ------------------------------------------------------------------------


def test_a_reveal_that_does_not_fit_shows_no_words_and_is_kept(ann: Ann) -> None:
    """D03."""
    with ann.friend("Liar reveals") as liar:
        liar.posts(commit(liar, ann, os.urandom(32)))
        ann.listen.wait_for(f"Liar reveals {ASKS}")
        verify = ann.verifies("Liar reveals")
        liar.hears(SasNonce)
        liar.posts(SasReveal(RUN, os.urandom(32)))
        assert verify.end() == 5
        assert liar.ends() == "PROTOCOL"
        ann.listen.wait_for("Liar reveals FAILED the comparison of words")
        shows_no_words(verify.shown, ann.listen.shown)
        row = ann.trust_in(liar.me)
        assert (row["trust"], row["verified_at"]) == ("known", None)
        assert row["failed_at"] is not None


@pytest.mark.parametrize("kind", OUT_OF_TURN)
def test_records_out_of_turn_show_no_words(ann: Ann, kind: str) -> None:
    """D05."""
    with ann.friend(kind) as liar:
        liar.posts(*OUT_OF_TURN[kind])
        assert liar.ends() == "PROTOCOL"
        ann.listen.wait_for(f"{kind} is not connected any more (UNEXPECTED)")
    shows_no_words(*ann.lines(kind))
    ann.knows_no_more(kind)


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_out_of_turn_shows_no_words(ann: Ann, kind: str) -> None:
    """D05."""
    with ann.friend(kind) as liar:
        verify = ann.verifies(kind)
        liar.posts(ANSWERS[kind](liar.hears(SasCommit).run))
        assert liar.ends() == "PROTOCOL"
        assert verify.end() == 1
        ann.listen.wait_for(f"{kind} is not connected any more (UNEXPECTED)")
    shows_no_words(verify.shown, *ann.lines(kind))
    ann.knows_no_more(kind)


def test_a_nonce_twice_takes_the_words_back(ann: Ann) -> None:
    """D05: the session ends, and the yes that our user types then comes too late."""
    with ann.friend("Liar twice") as liar:
        verify = ann.verifies("Liar twice")
        run = liar.hears(SasCommit).run
        liar.posts(SasNonce(run, b"n" * 32))
        verify.wait_for("[yes/no] ")
        liar.posts(SasNonce(run, b"m" * 32))
        assert liar.ends() == "PROTOCOL"
        assert verify.end() == 1
    assert "verified" not in verify.shown
    ann.knows_no_more("Liar twice")


def test_their_yes_changes_nothing_here(ann: Ann) -> None:
    """D06, and D08: one at a time."""
    with ann.friend("Liar agrees") as liar, ann.friend("Liar other") as other:
        liar.posts(SasResult(RUN, SasCode.MATCH), a_text("of no run at all"))
        liar.hears(Receipt)
        verify = ann.verifies("Liar agrees")
        run = liar.hears(SasCommit).run
        nonce = SasNonce(run, b"n" * 32)
        liar.posts(nonce, SasResult(run, SasCode.MATCH), a_text("I said yes"))
        liar.hears(Receipt, 2)
        verify.wait_for("[yes/no] ")
        other.posts(SasCommit(RUN, bytes(32)))
        assert other.hears(SasResult).code is SasCode.BUSY
        ann.knows_no_more("Liar agrees")
        verify.type("no\n")
        assert verify.end() == 5
        assert liar.hears(SasResult).code is SasCode.DIFFER
    assert not any(ASKS in one for one in ann.lines("Liar other"))
    row = ann.trust_in(ann.friends["Liar agrees"].peer_id)
    assert (row["trust"], row["verified_at"]) == ("known", None)
    assert row["failed_at"] is not None


def test_whoever_asks_all_the_time_is_heard_three_times(ann: Ann) -> None:
    """D08."""
    with ann.friend("Liar insists") as liar:
        for run in range(1, 4):
            liar.posts(SasCommit(run, bytes(32)), SasResult(run, SasCode.CANCELLED))
        late = [SasCommit(run, bytes(32)) for run in range(100, 130)]
        liar.posts(*late, a_text("and again"))
        liar.hears(Receipt)
        ann.listen.wait_for("and again")
        assert sum(ASKS in one for one in ann.lines("Liar insists")) == 3
        refused = {one.run for one in liar.got(SasResult) if one.code is SasCode.BUSY}
        assert refused <= {one.run for one in late}
        assert len(refused) < len(late)  # and then there is no answer any more
    ann.knows_no_more("Liar insists")
