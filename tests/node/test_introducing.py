"""Introductions: by whom people find each other, who learns what, and what is not believed."""

import hmac
import json
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lanchat.discovery import addresses
from lanchat.discovery.addresses import LIFETIME, Record
from lanchat.identity.keys import Identity, label
from lanchat.identity.trust import Contact, Trust
from lanchat.node import acts, introducing
from lanchat.node.events import Availability, SessionOpened
from lanchat.node.presence import Showing
from lanchat.wire.payloads import (
    DIAL_BACK,
    INTRODUCE,
    TAG_SIZE,
    Addresses,
    DialBack,
    Dialled,
    Seek,
)
from tests.node.byhand import READY, ByHand
from tests.node.house import House, Resident, until

VECTORS = Path(__file__).parents[1] / "vectors" / "addresses.json"
ABLE = replace(READY, caps=INTRODUCE | DIAL_BACK, beacon_key=b"\x05" * 32)


@pytest.fixture(autouse=True)
def _one_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody lives on this computer, where no other address leads: loopback counts."""
    monkeypatch.setattr(introducing, "own", lambda _chosen: ("10.255.0.1",))

    def here(record: Record, _chosen: Sequence[str]) -> tuple[str, ...]:
        return ("127.0.0.1",) if "10.255.0.1" in record.addresses else ()

    monkeypatch.setattr(introducing, "dialable", here)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is new is said all the time."""
    monkeypatch.setattr(introducing, "LOOK", 0.05)
    monkeypatch.setattr(introducing, "SEEK_EVERY", 0.1)


async def friends(house: House) -> tuple[Resident, Resident, Resident]:
    """Ann and Bob, who met before, and Cat, whom both know.  Nobody hears anybody."""
    ann, bob = await house.friends()
    cat = await house.lives("cat", 2)
    for one in (ann, bob):
        await one.holds(cat, Trust.KNOWN)
        await cat.holds(one, Trust.KNOWN)
    await ann.meet(bob)
    for one, other in ((ann, bob), (bob, ann)):
        await until(lambda one=one, other=other: _held(one, other).beacon_key)  # type: ignore[misc]
    await forget_where(house, ann, bob)
    return ann, bob, cat


def _held(one: Resident, other: Resident) -> Contact:
    held = one.node.people.find(other.me)
    assert held is not None
    return held


async def forget_where(house: House, *people: Resident) -> None:
    """They part, and none remembers where another one was."""
    for one in people:
        for link in one.node.sessions.links():
            one.node.sessions.give_up(link.peer_id)
    for one in people:
        await until(lambda one=one: not one.node.sessions.online())  # type: ignore[misc]
        for held in one.node.people.all():
            await one.node.people.change(
                held.peer_id, lambda now: replace(now, addresses=()) if now else None
            )


async def test_two_people_find_each_other_by_somebody_both_know(house: House) -> None:
    ann, bob, cat = await friends(house)
    for one in (ann, bob):
        one.events.clear()
    await ann.meet(cat)
    await bob.meet(cat)
    for one, other in ((ann, bob), (bob, ann)):
        await one.hears(SessionOpened, lambda opened, other=other: opened.peer_id == other.me)  # type: ignore[misc]
        await until(lambda one=one, other=other: not rumours(one, other))  # type: ignore[misc]
    assert ann.trusts(bob) is Trust.KNOWN


def rumours(one: Resident, other: Resident) -> object:
    return one.node._introductions.rumoured(other.me)


async def test_a_new_session_is_told_and_asked_anew(house: House) -> None:
    ann, bob, cat = await friends(house)
    await bob.meet(cat)
    desk = cat.node._introductions
    await until(lambda: desk._wanted.get(bob.me))
    await bob.node.sessions.renew(cat.me)
    binding = bob.link(cat).binding
    await until(lambda: desk._wanted[bob.me][0] == binding)
    await ann.meet(cat)
    await bob.hears(SessionOpened, lambda opened: opened.peer_id == ann.me)


@pytest.mark.usefixtures("soon")
async def test_whoever_comes_later_is_told_of_to_those_who_wait(house: House) -> None:
    ann, bob, cat = await friends(house)
    await bob.meet(cat)
    await until(lambda: cat.node._introductions._wanted.get(bob.me))
    await ann.meet(cat)
    await bob.hears(SessionOpened, lambda opened: opened.peer_id == ann.me)


async def test_who_is_invisible_tells_nobody_and_is_told_of_by_nobody(house: House) -> None:
    ann, bob, cat = await friends(house)
    await acts.attend(ann.node, Availability.INVISIBLE)
    await until(lambda: ann.node.doors.port == 0)
    await ann.node.sessions.connect(cat.me, [cat.address])
    await bob.meet(cat)
    await until(lambda: cat.node._introductions._wanted.get(bob.me))
    assert ann.me not in cat.node._introductions._records
    assert ann.me not in cat.node._introductions._wanted


# --- by hand ------------------------------------------------------------------------------


def record(identity: Identity, *, epoch: int = 1, until_ms: int = LIFETIME // 2) -> bytes:
    end = time.time_ns() // 10**6 + until_ms
    return addresses.sign(identity, epoch, end, 41_000, ["10.255.0.1"])


def tag(secret: bytes, hand: ByHand) -> bytes:
    return hmac.digest(secret, label("introduction") + hand.link.binding, "sha256")[:TAG_SIZE]


async def known(one: Resident, hand: ByHand, action: str = "known") -> None:
    await one.ask("trust", peer=str(hand.me), action=action)


async def test_a_record_goes_to_whoever_holds_the_secret_and_to_nobody_else(
    house: House,
) -> None:
    cat = await house.lives("cat")
    ann_ready = replace(ABLE, beacon_key=b"\x06" * 32)
    async with ByHand(cat, ready=ann_ready) as ann, ByHand(cat, ready=ABLE) as bob:
        data = record(ann.identity)
        bob.posts(Seek((tag(b"\x06" * 32, bob),)))  # a stranger is not heard
        for hand in (ann, bob):
            await known(cat, hand)
        await cat.node.people.change(
            ann.me, lambda held: replace(held, beacon_key=b"\x06" * 32) if held else None
        )
        ann.posts(Addresses(data))
        await until(lambda: ann.me in cat.node._introductions._records)
        assert bob.me not in cat.node._introductions._wanted
        bob.posts(Seek((tag(b"\x07" * 32, bob), tag(b"\x06" * 32, ann))))
        await until(lambda: len(wanted(cat, bob)) == 2)
        assert data not in [one.record for one in bob.got(Addresses)]
        bob.posts(Seek((tag(b"\x06" * 32, bob),)))
        await until(lambda: data in [one.record for one in bob.got(Addresses)])
        bob.heard.clear()
        later = record(ann.identity, epoch=2)
        ann.posts(Addresses(data), Addresses(later))
        assert (await bob.hears(Addresses)).record == later
        await known(cat, ann, "block")  # whom we do not know we tell of to nobody
        bob.posts(Seek((tag(b"\x06" * 32, bob),)))
        await until(lambda: ann.me not in cat.node._introductions._records)
        assert len(bob.got(Addresses)) == 1


async def test_what_is_forged_stale_or_unasked_is_no_rumour(house: House) -> None:
    bob = await house.lives("bob")
    ann, eve = Identity(os.urandom(32)), Identity(os.urandom(32))
    await bob.ask("trust", peer=str(ann.peer_id), action="known")
    await bob.node.people.change(
        ann.peer_id, lambda held: replace(held, beacon_key=b"\x06" * 32) if held else None
    )
    desk = bob.node._introductions
    async with ByHand(bob, ready=ABLE) as cat:
        await known(bob, cat)
        await until(lambda: bob.node.sessions.current(cat.me))
        link = bob.node.sessions.current(cat.me)
        assert link is not None
        cat.posts(Addresses(record(ann)), Addresses(record(cat.identity)))
        await until(lambda: cat.me in desk._records)
        assert desk._rumours == {}  # nobody asked yet
        desk.opened(link)
        assert (await cat.hears(Seek)).tags == (tag(b"\x06" * 32, cat),)
        changed = bytearray(record(ann))
        changed[60] ^= 1
        cat.posts(
            Addresses(bytes(changed)),
            Addresses(b"nonsense"),
            Addresses(record(ann, until_ms=-1)),
            Addresses(record(ann, until_ms=3 * LIFETIME)),
            Addresses(record(eve)),
        )
        cat.posts(Addresses(record(cat.identity, epoch=2)))  # all before it was looked at
        await until(lambda: _epoch(bob, cat) == 2)
        assert desk._rumours == {}
        assert desk.rumoured(ann.peer_id) == []
        cat.posts(Addresses(record(ann, epoch=5)))
        await until(lambda: desk.rumoured(ann.peer_id) or bob.node.dialler._pursued)
        await until(lambda: desk._rumours == {})  # nobody is there: it is forgotten


async def test_a_rumour_that_led_to_nobody_is_not_heard_again_at_once(house: House) -> None:
    bob = await house.lives("bob")
    ann = Identity(os.urandom(32))
    await bob.ask("trust", peer=str(ann.peer_id), action="known")
    await bob.node.people.change(
        ann.peer_id, lambda held: replace(held, beacon_key=b"\x06" * 32) if held else None
    )
    desk = bob.node._introductions
    async with ByHand(bob, ready=ABLE) as cat:
        await known(bob, cat)
        await until(lambda: cat.me in bob.node.sessions.online())
        desk.opened(bob.node.sessions.links()[0])
        await cat.hears(Seek)
        cat.posts(Addresses(record(ann, epoch=5)))
        await until(lambda: ann.peer_id in desk._heard and desk._rumours == {})
        for epoch in (5, 4, 6):
            cat.posts(Addresses(record(ann, epoch=epoch)))
        cat.posts(Addresses(record(cat.identity)))  # all before it was looked at
        await until(lambda: cat.me in desk._records)
        assert desk._heard[ann.peer_id][0] == 5
        assert desk._rumours == {}


async def test_who_is_invisible_passes_nothing_on(house: House) -> None:
    cat = await house.lives("cat")
    async with ByHand(cat, ready=ABLE) as ann, ByHand(cat, ready=ABLE) as bob:
        for hand in (ann, bob):
            await known(cat, hand)
            await cat.node.people.change(
                hand.me, lambda held: replace(held, beacon_key=b"\x06" * 32) if held else None
            )
        data = record(ann.identity)
        ann.posts(Addresses(data))
        await until(lambda: ann.me in cat.node._introductions._records)
        cat.node.attendance.showing = Showing(Availability.INVISIBLE)  # and has sessions
        bob.posts(Seek((tag(b"\x06" * 32, bob),)))
        ann.posts(Addresses(record(ann.identity, epoch=2)))
        for hand in (ann, bob):
            hand.posts(DialBack(b"\x01" * 8))
            await hand.hears(Dialled)  # all before it was looked at
        assert bob.got(Addresses) == []
        assert _epoch(cat, ann) == 1


async def test_our_own_record_is_made_anew_where_the_clock_was_put_back(house: House) -> None:
    ann = await house.lives("ann")
    desk, now = ann.node._introductions, time.time_ns() // 10**6
    desk._hooks = replace(desk._hooks, clock=lambda: now)
    before = addresses.read(desk._own_record())
    now -= 2 * LIFETIME
    after = addresses.read(desk._own_record())
    assert after.counts(now)
    assert after.epoch > before.epoch


async def test_questions_and_records_without_end_are_looked_at_now_and_then(
    house: House,
) -> None:
    cat = await house.lives("cat")
    async with ByHand(cat, ready=ABLE) as bob:
        await known(cat, bob)
        for number in range(10):
            bob.posts(Seek((bytes((number,)) * TAG_SIZE,)))
        for epoch in range(1, 200):
            bob.posts(Addresses(record(bob.identity, epoch=epoch)))
        await until(lambda: bob.me in cat.node._introductions._records)
        bob.posts(Seek((b"\xff" * TAG_SIZE,)))
        assert wanted(cat, bob) == {b"\x02" * TAG_SIZE}
        await until(lambda: _epoch(cat, bob) >= 64)
        assert _epoch(cat, bob) < 199
    assert bob.me not in cat.node._introductions._records  # gone with its session
    assert bob.me not in cat.node._introductions._wanted


def wanted(one: Resident, hand: ByHand) -> frozenset[bytes]:
    return one.node._introductions._wanted.get(hand.me, (b"", frozenset[bytes]()))[1]


def _epoch(one: Resident, hand: ByHand) -> int:
    return one.node._introductions._records[hand.me][0].epoch


@pytest.mark.parametrize("case", json.loads(VECTORS.read_text())["tags"])
def test_tags_are_those_of_the_vectors(case: dict[str, Any]) -> None:
    secret, binding = bytes.fromhex(case["secret"]), bytes.fromhex(case["binding"])
    assert introducing.tag_of(secret, binding).hex() == case["tag"]
