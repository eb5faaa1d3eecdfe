"""What our user began to write outlives the node, and leads to nothing by itself."""

import pytest

from lanchat.conversation.text import MAX_DRAFT
from lanchat.errors import BadRequest
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts, views
from lanchat.node.presence import Presence
from tests.node.house import House, Resident, failure

SEEN = PeerId(b"\7" * 32)  # of whom nothing is held


async def begun(one: Resident) -> dict[PeerId, str]:
    return dict((await views.overview(one.node)).drafts)


async def test_it_is_there_after_a_restart_and_gone_with_what_is_sent(house: House) -> None:
    ann, bob = await house.friends()
    await acts.draft(ann.node, bob.me, "half a")
    await house.leaves(ann)
    ann = await house.returns(ann)
    assert await begun(ann) == {bob.me: "half a"}
    await acts.write(ann.node, bob.me, "half a message", "half a")
    assert await begun(ann) == {}
    await house.leaves(ann)
    ann = await house.returns(ann)
    assert await begun(ann) == {}
    assert await ann.talk(bob) == [(True, "half a message")]


async def test_what_cannot_be_sent_is_a_draft_still(house: House) -> None:
    ann, bob = await house.friends()
    await acts.draft(ann.node, bob.me, "half a")
    written = acts.write(ann.node, bob.me, "x" * 60_001, "half a")
    assert isinstance(await failure(written), BadRequest)
    assert await begun(ann) == {bob.me: "half a"}


async def test_what_another_command_says_leaves_it_alone(house: House) -> None:
    ann, bob = await house.friends()
    await acts.draft(ann.node, bob.me, "half a")
    await ann.say(bob, "half a")
    assert await begun(ann) == {bob.me: "half a"}


async def test_somebody_written_to_is_in_sight_though_nothing_else_is_held(
    house: House,
) -> None:
    ann = await house.lives("ann")
    await acts.draft(ann.node, SEEN, "half a")
    await house.leaves(ann)
    ann = await house.returns(ann)
    (person,) = (await views.overview(ann.node)).people
    assert (person.peer_id, person.contact) == (SEEN, None)
    assert (person.trust, person.presence) == (Trust.NEW, Presence.OFFLINE)
    assert ann.node.people.find(SEEN) is None  # nobody is held for a thought
    assert SEEN not in ann.node.dialler.waiting
    await acts.draft(ann.node, SEEN, "")
    assert (await views.overview(ann.node)).people == ()


@pytest.mark.parametrize("how", ["forgotten", "cleared", "all cleared"])
async def test_it_goes_with_what_is_deleted(house: House, how: str) -> None:
    ann, bob = await house.friends()
    await acts.draft(ann.node, bob.me, "half a")
    await acts.draft(ann.node, SEEN, "of somebody else")
    match how:
        case "forgotten":
            await acts.trust(ann.node, bob.me, "forget")
        case "cleared":
            await acts.clear(ann.node, bob.me)
        case _:
            await acts.clear_all(ann.node)
    left = {} if how == "all cleared" else {SEEN: "of somebody else"}
    assert await begun(ann) == left


async def test_of_more_than_fits_the_beginning_is_kept(house: House) -> None:
    ann = await house.lives("ann")
    await acts.draft(ann.node, SEEN, "a" + "ü" * MAX_DRAFT)
    (kept,) = (await begun(ann)).values()
    assert kept == "a" + "ü" * (MAX_DRAFT // 2 - 1)
    await acts.draft(ann.node, SEEN, "half \ud83c character")
    assert await begun(ann) == {SEEN: "half ? character"}


async def test_one_of_which_only_the_beginning_was_kept_ends_as_its_message_is_sent(
    house: House,
) -> None:
    ann = await house.lives("ann")
    whole = "x" * (MAX_DRAFT + 1)
    await acts.draft(ann.node, SEEN, whole)
    await acts.write(ann.node, SEEN, "x", whole)
    assert await begun(ann) == {}
