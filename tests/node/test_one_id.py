"""One id is one offer: no yes, and no limit, goes over to another one under the same id."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lanchat.node import acts
from lanchat.node.events import TransferEnded, TransferState
from lanchat.node.settings import Accepting
from lanchat.transfer import disk
from lanchat.transfer.manifest import make_offer
from lanchat.wire.payloads import Accept, Cancel, CancelCode, Decline, DeclineCode, Offer
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
