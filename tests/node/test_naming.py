"""Being called something else: what others see of it, and which names are not to be had."""

import asyncio

import pytest

from lanchat.errors import BadRequest, NameTaken, OwnNameTaken, PeerError
from lanchat.identity.trust import Trust
from lanchat.node import acquaintance, acts, profiles
from lanchat.node.events import ContactChanged, NodeReady, PeerChanged, Renamed
from lanchat.store.profile import Profile
from lanchat.wire.payloads import Info
from tests.node.byhand import ByHand
from tests.node.house import PASSPHRASE, House, Resident, failure, until


def claims(one: Resident, other: Resident) -> tuple[str, str]:
    """What somebody is called here, and what they call themselves."""
    held = one.node.people.find(other.me)
    assert held is not None
    return held.name, held.claimed_name


async def test_friends_hear_of_a_new_name_and_use_the_old_one_until_they_agree(
    house: House,
) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    await until(lambda: claims(bob, ann)[0] == "ann")
    assert await acts.rename(ann.node, "  Ann  of Green Gables ") == "Ann of Green Gables"
    await bob.hears(
        ContactChanged, lambda told: bool(told.contact and told.contact.claimed_name)
    )
    assert claims(bob, ann) == ("ann", "Ann of Green Gables")
    assert bob.node.people.name(ann.me) == "ann"
    assert bob.node.people.trust(ann.me, "Ann of Green Gables") is Trust.KNOWN
    await acts.adopt(bob.node, ann.me)
    assert claims(bob, ann) == ("Ann of Green Gables", "")
    assert [told.name for told in ann.told(Renamed)] == ["Ann of Green Gables"]


async def test_a_new_name_is_said_from_then_on_and_outlives_a_restart(house: House) -> None:
    ann, bob = await house.friends()
    (row,) = await ann.ask("rename", name="Anna")
    assert (row["name"], row["peer_id"]) == ("Anna", str(ann.me))
    assert (await ann.ask("whoami"))[0]["name"] == "Anna"
    link = await ann.meet(bob)
    assert link.sent_ready.name == "Anna"
    folder = ann.opened.profile.folder
    info = await asyncio.to_thread(Profile(folder).read_info)
    assert info.name == "Anna"  # for the login picker
    await house.leaves(ann)
    opened = await profiles.unlock(
        await asyncio.to_thread(profiles.hold, f"{folder}/"), PASSPHRASE
    )
    assert opened.name == "Anna"
    await opened.close()


@pytest.mark.multicast
async def test_a_new_name_is_announced_to_strangers_at_once(house: House) -> None:
    ann, bob = await house.couple(interfaces=("lo",))
    await until(lambda: bob.node.neighbours.view(ann.me))
    await acts.rename(ann.node, "Anna")
    told = await bob.hears(PeerChanged, lambda one: one.peer.name == "Anna")
    assert told.peer.peer_id == ann.me


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "\u2713", "lanchat"])
async def test_what_nobody_can_be_called_changes_nothing(house: House, name: str) -> None:
    ann = await house.lives("ann")
    assert isinstance(await failure(acts.rename(ann.node, name)), BadRequest)
    assert ann.node.name == "ann"
    assert ann.told(Renamed) == []


@pytest.mark.parametrize("name", ["bob", "BOB", "b\u043eb", "Bob."])
async def test_nobody_takes_a_name_that_looks_like_a_friends(house: House, name: str) -> None:
    ann, _bob = await house.friends()
    await ann.meet(_bob)
    await until(lambda: claims(ann, _bob)[0] == "bob")
    assert isinstance(await failure(acts.rename(ann.node, name)), OwnNameTaken)
    assert ann.node.name == "ann"


async def test_a_stranger_with_our_new_name_is_in_conflict_and_one_with_the_old_is_not(
    house: House,
) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as hand:
        await until(lambda: ann.node.neighbours.view(hand.me))
        assert ann.node.people.trust(hand.me, "hand") is Trust.NEW
        await acts.rename(ann.node, "Hand")
        view = ann.node.neighbours.view(hand.me)
        assert view is not None
        assert view.trust is Trust.CONFLICT
        assert ann.node.people.trust(hand.me, "ann") is Trust.NEW


async def test_a_friend_who_takes_anothers_name_is_shown_with_it_and_cannot_have_it(
    house: House,
) -> None:
    ann, bob = await house.friends()
    cy = await house.lives("cy")
    await ann.holds(cy, Trust.KNOWN)
    await ann.meet(bob)
    await ann.meet(cy)
    await until(lambda: claims(ann, cy)[0] == "cy")
    await acts.rename(bob.node, "Cy")
    await until(lambda: claims(ann, bob) == ("bob", "Cy"))
    assert isinstance(await failure(acts.adopt(ann.node, bob.me)), NameTaken)
    assert ann.node.people.trust(bob.me, "Cy") is Trust.KNOWN


async def test_names_that_change_quickly_are_told_now_and_then_and_the_last_one_counts(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acquaintance, "INFO_EVERY", 2.0)  # four renames are written within it
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        await until(lambda: ann.node.sessions.current(bob.me))
        for name in ("Anna", "Anne", "Annie", "Hannah"):
            await acts.rename(ann.node, name)
        assert (await bob.hears(Info, 3)).name == "Hannah"
        assert [said.name for said in bob.got(Info)] == ["Anna", "Anne", "Hannah"]


async def test_a_stranger_who_renames_itself_is_shown_so_while_it_is_here(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as hand:
        await until(lambda: ann.node.neighbours.view(hand.me))
        hand.posts(Info(0, bytes(32), bytes(32), "Ann"))
        told = await ann.hears(PeerChanged, lambda one: one.peer.name == "Ann")
        assert told.peer.trust is Trust.CONFLICT
        assert ann.node.people.find(hand.me) is None


async def test_a_node_that_listens_says_once_that_it_is_ready(house: House) -> None:
    ann = await house.lives("ann")
    await acts.rename(ann.node, "Anna")
    assert len(ann.told(NodeReady)) == 1


def test_the_error_says_what_to_do() -> None:
    assert issubclass(OwnNameTaken, PeerError)
    assert OwnNameTaken("").sentence.endswith("choose another one.")
