"""One id is one offer: no yes, and no limit, goes over to another one under the same id."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lanchat.node import acts
from lanchat.node.events import MessageAdded, OfferReceived, TransferEnded, TransferState
from lanchat.node.settings import Accepting
from lanchat.transfer import disk
from lanchat.transfer.manifest import make_offer
from lanchat.transfer.sender import Sender
from lanchat.wire.payloads import (
    Accept,
    Cancel,
    CancelCode,
    Decline,
    DeclineCode,
    Offer,
    Text,
)
from tests.node.byhand import a_text
from tests.node.house import MIB, House, Resident, make_file, until
from tests.node.test_foul_play import Hand


def smaller(offer: Offer) -> Offer:
    """It claims to be a page."""
    (top,) = offer.shown
    return replace(offer, total=10, shown=(replace(top, size=10),))


def otherwise_named(offer: Offer) -> Offer:
    """It claims to be what was asked for."""
    (top,) = offer.shown
    return replace(offer, shown=(replace(top, name="notes.txt"),))


async def an_offer(path: Path) -> Offer:
    """What an honest sender would say of a file."""
    source = await asyncio.to_thread(disk.inspect, [path])
    return make_offer(os.urandom(16), source.manifest)


async def taken_and_over(ann: Resident, hand: Hand, offer: Offer) -> None:
    """It is accepted, and then its sender ends it."""
    hand.posts(offer)
    await hand.hears(Accept)
    hand.posts(Cancel(offer.id, 0, CancelCode.USER))
    assert (await ann.hears(TransferEnded)).state is TransferState.CANCELLED
    await until(lambda: not ann.node.transfers._receiving._clearing)


@pytest.mark.parametrize("lie", [smaller, otherwise_named])
async def test_a_yes_to_a_lie_is_none_to_what_the_manifest_says(
    house: House, tmp_path: Path, lie: Callable[[Offer], Offer]
) -> None:
    ann = await house.lives("ann", accept=Accepting.ALL)
    offer = await an_offer(make_file(tmp_path / "file", 2 * MIB))
    async with Hand(ann) as mallory:
        await taken_and_over(ann, mallory, lie(offer))
        mallory.posts(offer)
        assert await mallory.ends() == "PROTOCOL"
        assert len(mallory.got(Accept)) == 1
    async with Hand(ann, mallory.identity) as mallory:
        mallory.posts(lie(offer))  # what was said yes to goes on
        await mallory.hears(Accept)


async def test_a_yes_goes_with_what_it_was_said_to(house: House, tmp_path: Path) -> None:
    ann = await house.lives("ann", accept=Accepting.ALL)
    offer = await an_offer(make_file(tmp_path / "file", 2 * MIB))
    async with Hand(ann) as mallory:
        await taken_and_over(ann, mallory, offer)
    await acts.clear_all(ann.node)
    await house.leaves(ann)
    ann = await house.returns(ann, accept=Accepting.NONE)
    async with Hand(ann, mallory.identity) as mallory:
        mallory.posts(offer)
        assert (await mallory.hears(Decline)).code is DeclineCode.NOT_ALLOWED
        mallory.posts(smaller(offer))  # its sizes are kept, and count in the day's sum
        assert await mallory.ends() == "PROTOCOL"


async def test_an_offer_under_the_id_of_a_text_ends_the_session(
    house: House, tmp_path: Path
) -> None:
    ann = await house.lives("ann", accept=Accepting.ALL)
    offer = await an_offer(make_file(tmp_path / "file", 10))
    async with Hand(ann) as bob:  # his own, which may not be stored yet
        bob.posts(a_text("look", id=offer.id), offer)
        assert await bob.ends() == "PROTOCOL"
    async with Hand(ann, bob.identity) as bob:
        await until(lambda: ann.node.sessions.current(bob.me))
        words = await ann.node.conversations.compose(bob.me, "mine")
        await bob.hears(Text)
        bob.posts(replace(offer, id=words.id))
        assert await bob.ends() == "PROTOCOL"
    assert ann.told(OfferReceived) == []


@pytest.mark.parametrize("ours", [True, False])
async def test_a_text_under_the_id_of_an_offer_ends_the_session(
    house: House, tmp_path: Path, *, ours: bool
) -> None:
    ann = await house.lives("ann", accept=Accepting.ALL)
    file = make_file(tmp_path / "file", 10)
    async with Hand(ann) as bob:
        await until(lambda: ann.node.sessions.current(bob.me))
        if ours:
            await acts.offer(ann.node, bob.me, [file])
            offer = await bob.hears(Offer)
        else:
            offer = await an_offer(file)
            bob.posts(offer)
            await bob.hears(Accept)
        bob.posts(a_text("in its place", id=offer.id))
        assert await bob.ends() == "PROTOCOL"
    assert ann.told(MessageAdded) == []


@pytest.mark.parametrize("others", [0, 9], ids=["alone", "in a burst"])
async def test_a_text_never_takes_the_place_of_files_that_are_yet_to_come(
    house: House, tmp_path: Path, others: int
) -> None:
    ann = await house.lives("ann", accept=Accepting.ALL)
    async with Hand(ann) as bob:
        sender = await bob.offers(make_file(tmp_path / "file", 10))
        await bob.hears(Accept)
        bob.posts(Cancel(sender.offer.id, 0, CancelCode.USER))
        await ann.hears(TransferEnded)
        burst = [a_text(str(number)) for number in range(others)]
        bob.posts(a_text("in its place", id=sender.offer.id), *burst, a_text("hello"))
        await ann.hears(MessageAdded, lambda added: added.message.text == "hello")
        again = Sender(sender.offer, attempt=1)
        bob.posts(again.offered())
        carried = await bob.carries(*await bob.starts(again))
        bob.posts(again.sent(carried.chunks, carried.digest))
        await ann.hears(MessageAdded, lambda added: added.message.id == sender.offer.id)
        history = await ann.node.history.page(bob.me, 100)
    assert [one.file for one in history if one.file] == ["file"]
    assert "in its place" not in [one.text for one in history]
