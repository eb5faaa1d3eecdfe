"""The one door: what each verb answers, and how it says no."""

import asyncio
import os
import time
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lanchat.discovery.advert import Advert, label_of
from lanchat.errors import (
    AmbiguousPeer,
    BadRequest,
    NobodyThere,
    NotReached,
    PeerBlocked,
    PeerNotFound,
    PeerSilent,
    UnconfirmedPeer,
)
from lanchat.identity.fingerprint import fingerprint
from lanchat.identity.keys import Identity
from lanchat.identity.trust import Trust
from lanchat.node import acts, quotas, requests
from lanchat.node import params as given
from lanchat.node.events import MessageAdded, SessionOpened
from lanchat.wire.payloads import ReceiptState
from tests.node.byhand import READY, ByHand, a_text
from tests.node.house import House, failure, until

HERE = Path(__file__)


async def test_who_am_i(house: House) -> None:
    ann = await house.lives("ann")
    (row,) = await ann.ask("whoami")
    assert (row["peer_id"], row["name"]) == (str(ann.me), "ann")


@pytest.mark.parametrize(
    ("verb", "params"),
    [
        ("dance", {}),
        ("say", {}),
        ("say", {"peer": "x"}),
        ("say", {"peer": 7, "text": "x"}),
        ("say", {"peer": "", "text": "x"}),
        ("say", {"peer": "x", "text": ["x"]}),
        ("say", {"peer": "x", "text": "x", "wait": "long"}),
        ("say", {"peer": "x", "text": "x", "wait": True}),
        ("say", {"peer": "x", "text": "x", "wait": -1}),
        ("say", {"peer": "x", "text": "x", "wait": float("nan")}),
        ("send", {"peer": "x"}),
        ("send", {"peer": "x", "paths": []}),
        ("send", {"peer": "x", "paths": "file"}),
        ("send", {"peer": "x", "paths": ["file", 7]}),
        ("send", {"peer": "x", "paths": ["fi\0le"]}),
        ("trust", {}),
        ("history", {"peer": None}),
    ],
)
async def test_what_makes_no_sense_is_refused(
    house: House, verb: str, params: dict[str, Any]
) -> None:
    ann = await house.lives("ann")
    assert isinstance(await failure(ann.ask(verb, **params)), BadRequest)


@pytest.mark.parametrize("wait", [10**400, float("inf"), 1e300])
def test_no_number_is_too_large_to_wait_for(wait: float) -> None:
    assert given.seconds({"wait": wait}, "wait", 0.0) == given.LONGEST_WAIT


async def test_an_act_that_does_not_exist_changes_nothing(house: House) -> None:
    ann, bob = await house.couple()
    error = await failure(ann.ask("trust", peer=str(bob.me), action="adore"))
    assert isinstance(error, BadRequest)
    assert ann.node.people.all() == ()


# --- whom ---------------------------------------------------------------------------------


async def test_nobody_of_that_name_is_not_found_in_time_and_leaves_nothing(
    house: House,
) -> None:
    ann = await house.lives("ann")
    began = time.monotonic()
    error = await failure(ann.ask("say", peer="bob", text="hello", wait=0.1))
    assert isinstance(error, PeerNotFound)
    assert time.monotonic() - began >= 0.1
    assert ann.told(MessageAdded) == []


async def test_a_friend_who_is_away_is_not_reached_and_nothing_is_kept(house: House) -> None:
    ann, bob = await house.friends()
    await house.leaves(bob)
    error = await failure(ann.ask("say", peer=str(bob.me), text="hello", wait=0.1))
    assert isinstance(error, NotReached)
    assert "not seen on any network" in error.hint
    assert await ann.history(bob) == ()


@pytest.mark.parametrize(("spoken", "which"), [(2, "update yours"), (0, "update theirs")])
async def test_a_friend_with_another_version_is_told_of_as_that(
    house: House, spoken: int, which: str
) -> None:
    ann, bob = await house.friends()
    await house.leaves(bob)
    other = Advert(bob.me, "", 4000, 0, "", ("192.0.2.1",), label_of(bob.me), spoken)
    ann.node.neighbours.heard(other, "192.0.2.1")
    error = await failure(ann.ask("say", peer=str(bob.me), text="hello", wait=0.1))
    assert isinstance(error, NotReached)
    assert which in error.hint
    row = next(row for row in await ann.ask("peers") if row["peer_id"] == str(bob.me))
    assert row["version"] == ("newer" if spoken else "older")


async def test_somebody_at_an_address_must_be_confirmed_first(house: House) -> None:
    ann, bob = await house.couple()
    error = await failure(ann.ask("say", peer=str(bob.address), text="hello"))
    assert isinstance(error, UnconfirmedPeer)
    assert (error.peer_id, error.name) == (str(bob.me), "bob")
    assert error.words == fingerprint(bob.me).words
    assert str(bob.me) in error.hint
    assert ann.trusts(bob) is Trust.NEW
    await ann.say(bob, "hello")
    (row,) = await ann.ask("say", peer=str(bob.address), text="again")
    assert row["state"] == "delivered"


async def test_a_stranger_is_addressed_by_the_whole_peer_id_or_after_confirmation(
    house: House,
) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann, ready=replace(READY, name="bob")) as bob:
        bob.posts(a_text("hello"))
        await ann.hears(MessageAdded)
        for peer in ("bob", str(bob.me)[:8]):
            for verb in ("trust", "say"):
                error = await failure(ann.ask(verb, peer=peer, action="known", text="x"))
                assert isinstance(error, UnconfirmedPeer)
                assert error.peer_id == str(bob.me)
        (row,) = await ann.ask("trust", peer="bob")
        assert row["trust"] == "new"
        assert len(await ann.ask("history", peer=str(bob.me)[:8])) == 1
        (row,) = await ann.ask("trust", peer="bob", action="known", confirmed=str(bob.me))
        assert row["trust"] == "known"


@pytest.mark.parametrize("text", ["a\0b", "x" * 70_000, " "])
async def test_nobody_becomes_known_for_what_cannot_be_said(house: House, text: str) -> None:
    ann, bob = await house.couple()
    await ann.meet(bob)
    for asked in (
        ann.ask("say", peer=str(bob.me), text=text),
        ann.ask("say", peer=str(bob.me), text=text, queue=True),
        acts.write(ann.node, bob.me, text),
    ):
        assert isinstance(await failure(asked), BadRequest)
        assert ann.node.people.find(bob.me) is None


async def test_two_of_one_name_are_refused(house: House) -> None:
    ann = await house.lives("ann")
    said = replace(READY, name="bob")
    async with ByHand(ann, ready=said) as bob, ByHand(ann, ready=said) as other:
        await until(lambda: len(ann.told(SessionOpened)) == 2)
        error = await failure(ann.ask("history", peer="bob"))
        assert isinstance(error, AmbiguousPeer)
        assert str(bob.me) in error.hint
        assert str(other.me) in error.hint


async def test_who_is_blocked_is_not_spoken_to(house: House) -> None:
    ann, bob = await house.couple()
    await ann.holds(bob, Trust.BLOCKED)
    for peer in (str(bob.me), str(bob.address)):
        error = await failure(ann.ask("say", peer=peer, text="x", confirmed=str(bob.me)))
        assert isinstance(error, PeerBlocked)
    for verb in ({"verb": "say", "text": "x"}, {"verb": "send", "paths": [str(HERE)]}):
        error = await failure(ann.ask(peer=str(bob.me), queue=True, **verb))
        assert isinstance(error, PeerBlocked)
    for act in (acts.write(ann.node, bob.me, "x"), acts.offer(ann.node, bob.me, [HERE])):
        with pytest.raises(PeerBlocked):
            await act
    assert await ann.history(bob) == ()
    assert not (await ann.ask("transfers"))


async def test_nobody_listens_there(house: House) -> None:
    ann = await house.lives("ann")
    for peer in ("127.0.0.1:1", "no..host:4000", "[::1]:1"):
        error = await failure(ann.ask("say", peer=peer, text="x", wait=0.2))
        assert isinstance(error, NobodyThere)
        assert f"nothing answered at {peer};" in error.hint


async def test_a_message_can_wait_only_for_somebody_who_can_be_named(house: House) -> None:
    ann = await house.lives("ann")
    error = await failure(ann.ask("say", peer="127.0.0.1:1", text="x", queue=True))
    assert isinstance(error, PeerNotFound)
    somebody = Identity(os.urandom(32)).peer_id
    (row,) = await ann.ask("say", peer=str(somebody), text="x", queue=True)
    assert row["state"] == "queued"


async def test_a_peer_that_takes_and_never_stores_is_given_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "RECEIPT_TIMEOUT", 0.05)
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        await until(lambda: ann.node.sessions.current(bob.me))
        error = await failure(ann.ask("say", peer=str(bob.me), text="x"))
        assert isinstance(error, PeerSilent)
        assert "outbox" in error.hint


# --- what is held -------------------------------------------------------------------------


async def test_trust_is_shown_and_set(house: House) -> None:
    ann = await house.lives("ann")
    peer = str(Identity(os.urandom(32)).peer_id)
    steps = [
        ("known", "known"),
        ("verified", "verified"),
        ("known", "known"),
        ("block", "blocked"),
        ("unblock", "known"),
        ("verified", "verified"),
        ("block", "blocked"),
        ("unblock", "known"),
        ("forget", "new"),
        ("block", "blocked"),
        ("unblock", "new"),
    ]
    (row,) = await ann.ask("trust", peer=peer)
    assert row["trust"] == "new"
    for action, state in steps:
        (row,) = await ann.ask("trust", peer=peer, action=action)
        assert row["trust"] == state
        (row,) = await ann.ask("trust", peer=peer)
        assert row["trust"] == state
    for action in ("known", "verified"):
        await ann.ask("trust", peer=peer, action="block")
        assert isinstance(
            await failure(ann.ask("trust", peer=peer, action=action)), PeerBlocked
        )


async def test_a_history_can_be_cut_and_searched(house: House) -> None:
    ann, bob = await house.couple()
    for text in ("one apple", "two pears", "three apples"):
        await ann.say(bob, text)
    peer = str(bob.me)
    assert [row["text"] for row in await ann.ask("history", peer=peer)] == [
        "one apple",
        "two pears",
        "three apples",
    ]
    assert [row["text"] for row in await ann.ask("history", peer=peer, limit=1)] == [
        "three apples"
    ]
    assert [row["text"] for row in await ann.ask("history", peer=peer, search="apple")] == [
        "one apple",
        "three apples",
    ]
    (row, *_) = await bob.ask("history", peer=str(ann.me))
    assert (row["author"], row["state"]) == (str(ann.me), "received")


async def test_who_is_here_and_who_is_not(house: House) -> None:
    ann, bob = await house.couple()
    await ann.say(bob, "hello")
    away = Identity(os.urandom(32)).peer_id
    await ann.ask("trust", peer=str(away), action="known")
    stranger = Identity(os.urandom(32)).peer_id
    await ann.ask("trust", peer=str(stranger))
    rows = {row["peer_id"]: row for row in await ann.ask("peers")}
    assert rows.keys() == {str(bob.me), str(away)}
    assert rows[str(bob.me)]["presence"] == "online"
    assert rows[str(away)]["presence"] == "offline"
    assert rows[str(away)]["addresses"] == []


async def test_watching_shows_who_is_here_and_then_what_changes(house: House) -> None:
    ann, bob = await house.couple()
    await ann.meet(bob)
    before = list(ann.node._subscribers)
    watching = requests.run(ann.node, "peers", {"watch": True})
    async with aclosing(watching), asyncio.timeout(10):
        row = await anext(watching)
        assert (row["event"], row["peer_id"]) == ("peer-found", str(bob.me))
        await ann.holds(bob, Trust.VERIFIED)
        row = await anext(watching)
        assert (row["event"], row["trust"]) == ("peer-changed", "verified")
        await house.leaves(bob)
        while row["event"] != "peer-lost":
            row = await anext(watching)
    assert ann.node._subscribers == before


async def test_who_wrote_too_much_may_write_again_once_it_was_looked_at(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "MOST_UNREAD", 10)
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        await until(lambda: ann.node.sessions.current(bob.me))
        await ann.ask("trust", peer=str(bob.me), action="known")
        first, second, third = (a_text("12345678") for _ in range(3))
        bob.posts(first, second)
        assert await bob.receipt(first.id) is ReceiptState.STORED
        assert await bob.receipt(second.id) is ReceiptState.REFUSED
        await ann.ask("history", peer=str(bob.me))
        bob.posts(third)
        assert await bob.receipt(third.id) is ReceiptState.STORED
