"""A node as a whole: it comes, is found, and goes, in whatever order."""

import asyncio
from typing import Any

import pytest

from lanchat.errors import PortTaken, StoreError
from lanchat.identity.trust import Trust
from lanchat.node.events import (
    MessageAdded,
    NodeReady,
    PeerAppeared,
    PeerLeft,
    Presence,
    SessionClosed,
    SessionOpened,
)
from lanchat.node.node import Node
from tests.node.house import House, failure, until


async def test_it_says_when_it_is_ready(house: House) -> None:
    ann = await house.lives("ann")
    (ready,) = ann.told(NodeReady)
    assert (ready.peer_id, ready.name) == (ann.me, "ann")
    assert ready.port == ann.node.doors.port > 0


async def test_one_that_only_dials_has_no_port_and_can_talk(house: House) -> None:
    ann = await house.lives("ann", listening=False)
    bob = await house.lives("bob")
    assert ann.told(NodeReady) == []
    await ann.say(bob, "hello")
    await bob.node.conversations.compose(ann.me, "hello yourself")
    await ann.hears(MessageAdded, lambda event: not event.message.mine)
    await house.leaves(ann)
    await bob.hears(PeerLeft)


async def test_a_port_that_is_taken_is_refused_and_nothing_stays_open(house: House) -> None:
    ann = await house.lives("ann")
    with pytest.raises(PortTaken):
        await house.lives("bob", port=ann.address.port)
    bob = await house.lives("bob", 1)
    await ann.say(bob, "hello")


async def test_it_can_end_as_soon_as_it_began(house: House) -> None:
    for _ in range(3):
        ann = await house.lives("ann", 0)
        await house.leaves(ann)


async def test_a_store_that_fails_at_the_start_is_told(house: House) -> None:
    ann = await house.lives("ann")
    await house.leaves(ann)
    with pytest.raises(StoreError):
        await Node(ann.opened, ann.settings).start()


async def test_one_that_ends_while_others_talk_to_it_ends(house: House) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    for number in range(200):
        await bob.node.conversations.compose(ann.me, str(number))
    await house.leaves(ann)
    ann = await house.returns(ann)
    await ann.meet(bob)
    await until(lambda: bob.node.sessions.current(ann.me))
    async with asyncio.timeout(10):
        while await bob.node.history.waiting():  # noqa: ASYNC110 - it is in a database
            await asyncio.sleep(0.01)
    texts = [text for mine, text in await ann.talk(bob) if not mine]
    assert texts == [str(number) for number in range(200)]


# --- on one network -----------------------------------------------------------------------

LO: dict[str, Any] = {"interfaces": ("lo",)}


@pytest.mark.multicast
async def test_two_strangers_see_each_other_and_do_not_dial(house: House) -> None:
    ann, bob = await house.couple(**LO)
    seen = await ann.hears(PeerAppeared, lambda event: event.peer.peer_id == bob.me)
    assert (seen.peer.name, seen.peer.presence) == ("bob", Presence.SEEN)
    assert seen.peer.port == bob.address.port
    await bob.hears(PeerAppeared, lambda event: event.peer.peer_id == ann.me)
    await asyncio.sleep(0.5)
    assert ann.told(SessionOpened) == bob.told(SessionOpened) == []


@pytest.mark.multicast
async def test_friends_meet_by_themselves_and_notice_who_leaves_and_comes_back(
    house: House,
) -> None:
    ann, bob = await house.friends(**LO)
    await ann.hears(SessionOpened, lambda event: event.peer_id == bob.me)
    await bob.hears(SessionOpened, lambda event: event.peer_id == ann.me)
    assert len(ann.told(SessionOpened)) == 1
    await house.leaves(bob)
    await ann.hears(SessionClosed)
    await ann.hears(PeerLeft)
    (row,) = await ann.ask("say", peer=str(bob.me), text="are you back?", queue=True)
    assert row["state"] == "queued"
    bob = await house.returns(bob)
    assert (await bob.hears(MessageAdded)).message.text == "are you back?"


@pytest.mark.multicast
async def test_a_peer_is_found_by_name_once_it_is_announced(house: House) -> None:
    ann = await house.lives("ann", **LO)
    finding = asyncio.ensure_future(ann.ask("history", peer="bob"))
    assert await failure(finding) is not None
    asking = asyncio.ensure_future(
        ann.ask("trust", peer="bob", action="verified", wait=8, confirmed="")
    )
    bob = await house.lives("bob", **LO)
    error = await failure(asking)
    assert str(bob.me) in error.hint
    await ann.holds(bob, Trust.VERIFIED)
    await ann.hears(SessionOpened)
