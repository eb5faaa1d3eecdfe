"""What the user did counts, on the disk and in memory, though whoever asked went away."""

import asyncio
from typing import Any

import pytest

from lanchat.identity.trust import Trust
from lanchat.node import comparing
from lanchat.node.events import CheckChanged, CheckState
from lanchat.store.contacts import Contacts
from tests.node.house import House, Resident, until
from tests.node.stores import busy_store


async def interrupted(one: Resident, asked: Any) -> None:
    """Ask for a change of trust, and be gone before it is stored."""
    asking = asyncio.ensure_future(asked)
    async with busy_store(one):
        await until(one.node.people._turn.locked)
        asking.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await asking


async def kept(one: Resident, other: Resident) -> Trust | None:
    """What the disk says somebody is."""
    for contact in await Contacts(one.opened.database).all():
        if contact.peer_id == other.me:
            return contact.trust
    return None


async def test_who_was_blocked_stays_so_though_the_terminal_closed_at_once(
    house: House,
) -> None:
    ann, bob = await house.friends()
    await bob.meet(ann)
    asked = ann.ask("trust", peer=str(bob.me), action="block")
    await interrupted(ann, asked)
    assert ann.node.people.blocked(bob.me)
    await until(lambda: not ann.node.sessions.online())  # it said no word that undid it
    assert await kept(ann, bob) is Trust.BLOCKED


async def test_who_was_forgotten_stays_so_though_the_terminal_closed_at_once(
    house: House,
) -> None:
    ann, bob = await house.friends()
    await bob.meet(ann)
    await interrupted(ann, ann.ask("trust", peer=str(bob.me), action="forget"))
    assert ann.node.people.find(bob.me) is None
    await until(lambda: not ann.node.sessions.online())
    assert await kept(ann, bob) is None


async def test_a_yes_to_the_words_counts_on_the_disk_and_on_both_screens_or_nowhere(
    house: House,
) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    await comparing.ask(ann.node, bob.me)
    await bob.hears(CheckChanged, lambda told: told.state is CheckState.ASKED)
    await comparing.ask(bob.node, ann.me)
    shown = await ann.hears(CheckChanged, lambda told: told.state is CheckState.WORDS)
    await interrupted(ann, comparing.answer(ann.node, bob.me, shown.run, match=True))
    told = await ann.hears(CheckChanged, lambda told: told.state is CheckState.ANSWERED)
    assert told.trust is ann.trusts(bob) is await kept(ann, bob) is Trust.VERIFIED
    check = bob.node.verification.now(ann.me)
    assert check is not None
    await comparing.answer(bob.node, ann.me, check.run, match=True)
    await bob.hears(CheckChanged, lambda told: told.state is CheckState.MATCHED)
