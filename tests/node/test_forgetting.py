"""Whoever was forgotten is a stranger again, whatever they do."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lanchat.errors import LanchatError, PeerSilent, StoreError
from lanchat.identity.trust import Trust
from lanchat.node import acts, transfers
from lanchat.node.acceptance import Acceptance
from lanchat.node.conversations import Conversations
from lanchat.node.events import (
    MessageAdded,
    SessionClosed,
    TransferEnded,
    TransferMoved,
    TransferState,
)
from lanchat.node.settings import Accepting
from lanchat.transfer import space
from lanchat.wire.payloads import (
    NO_KEY,
    Accept,
    Cancel,
    CancelCode,
    Decline,
    DeclineCode,
    Info,
    Offer,
    Receipt,
    ReceiptState,
    Text,
)
from tests.node.byhand import ByHand, a_text
from tests.node.house import (
    MIB,
    SLOW,
    House,
    Resident,
    failure,
    make_file,
    parts,
    quiet,
    same,
    under_way,
    until,
)
from tests.node.stores import busy_store
from tests.node.test_foul_play import Hand
from tests.node.test_holds import reaches


async def forgets(ann: Resident, one: ByHand) -> None:
    await ann.ask("trust", peer=str(one.me), action="forget")


async def greeted(ann: Resident, one: ByHand) -> None:
    """Wait until all is done that follows from a session."""
    await until(lambda: ann.node.sessions.current(one.me))
    running = ann.node._tasks._running
    await until(lambda: not any(task.get_name().startswith("greet") for task in running))


async def test_words_that_were_never_taken_do_not_bring_trust_back(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        saying = asyncio.ensure_future(ann.ask("say", peer=str(bob.me), text="are you there"))
        words = await bob.hears(Text)
        bob.posts(Receipt(ReceiptState.REFUSED, (words.id,)))
        await failure(saying)
        assert ann.node.people.trusted(bob.me)
        await forgets(ann, bob)
    async with ByHand(ann, identity=bob.identity) as again:
        await until(lambda: ann.node.sessions.current(again.me))
        await ann.ask("say", peer=str(again.me), text="who are you", queue=True)
        assert (await again.hears(Text)).text == "who are you"
        assert len(again.got(Text)) == 1


async def test_a_forgotten_peer_stays_one_when_it_comes_back_by_itself(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        await ann.ask("say", peer=str(bob.me), text="hello", queue=True)
        await bob.hears(Text)
        await ann.ask("trust", peer=str(bob.me), action="known")
        await forgets(ann, bob)
    async with ByHand(ann, identity=bob.identity) as again:
        await until(lambda: ann.node.sessions.current(again.me))
        async with ByHand(ann):  # somebody else came and was seen to meanwhile
            await asyncio.sleep(0.1)
        assert ann.node.people.trust(again.me, "hand") is Trust.NEW
        assert ann.node.people.find(again.me) is None
    assert not [one for one in ann.told(MessageAdded) if not one.message.mine]


async def test_words_that_were_under_way_do_not_bring_trust_back(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        saying = asyncio.ensure_future(ann.ask("say", peer=str(bob.me), text="are you there"))
        await bob.hears(Text)  # and says nothing of it
        await forgets(ann, bob)
        assert isinstance(await failure(saying), PeerSilent)
    async with ByHand(ann, identity=bob.identity) as again:
        await greeted(ann, again)
        assert ann.node.people.find(again.me) is None
        assert not again.got(Text)
    assert bob.me not in ann.node.dialler.waiting


async def test_an_offer_that_was_being_judged_does_not_bring_trust_back(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await house.lives("ann", accept=Accepting.TRUSTED)
    judge, looks, room = Acceptance.judge, asyncio.Event(), asyncio.Event()

    async def slowly(self: Acceptance, *given: Any) -> object:
        answer = await judge(self, *given)
        looks.set()
        await room.wait()
        return answer

    monkeypatch.setattr(Acceptance, "judge", slowly)
    async with Hand(ann) as bob:
        await ann.ask("trust", peer=str(bob.me), action="known")
        sender = await bob.offers(make_file(tmp_path / "file", 100))
        await looks.wait()
        forgetting = asyncio.create_task(forgets(ann, bob))  # it waits for the answer
        await until(lambda: not ann.node.people.trusted(bob.me))
        room.set()
        await forgetting
    async with ByHand(ann, identity=bob.identity) as again:
        await greeted(ann, again)
        assert ann.node.people.find(again.me) is None
        again.posts(sender.offer)
        assert (await again.hears(Decline)).code is DeclineCode.NOT_ALLOWED
    assert await ann.node.transfers.list.views(10) == ()
    assert bob.me not in ann.node.dialler.waiting


@pytest.mark.usefixtures("quick_again")
@pytest.mark.parametrize("when", ["in the same run", "after a restart"])
async def test_a_full_disk_does_not_make_a_stranger_known(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    monkeypatch.setattr(transfers, "ALONE", 0.0)
    ann = await house.lives("ann", accept=Accepting.ALL)
    async with Hand(ann) as eve:
        sender = await eve.offers(make_file(tmp_path / "file", 100))
        await eve.accepted(sender)
    await quiet(ann)
    with monkeypatch.context() as full:
        full.setattr(space, "RESERVE", 2**62)
        async with ByHand(ann, identity=eve.identity) as again:
            again.posts(sender.offer)
            await ann.hears(TransferMoved, lambda moved: moved.view.held)
        if when == "after a restart":
            await house.leaves(ann)
    if when == "after a restart":
        ann = await house.returns(ann)
    await reaches(ann, sender.offer.id, TransferState.WAITING)
    async with ByHand(ann, identity=eve.identity) as again:
        await greeted(ann, again)
        again.posts(sender.offer)
        await again.hears(Accept)  # as its setting says
        assert not ann.node.people.trusted(eve.me)
        assert not any(told.beacon_key != NO_KEY for told in again.got(Info))


@pytest.mark.parametrize("when", ["on a session that stands", "after a restart"])
async def test_words_that_may_wait_make_known_whom_they_reach(house: House, when: str) -> None:
    ann, bob = await house.couple()
    if when == "after a restart":
        await ann.ask("say", peer=str(bob.me), text="hello", queue=True)
        await house.leaves(ann)
        ann = await house.returns(ann)
        await bob.meet(ann)
    else:
        await bob.meet(ann)
        await ann.ask("say", peer=str(bob.me), text="hello", queue=True)
    await bob.hears(MessageAdded)
    assert ann.trusts(bob) is Trust.KNOWN


async def test_a_yes_to_files_is_forgotten_with_the_peer(house: House, tmp_path: Path) -> None:
    ann = await house.lives("ann", accept=Accepting.TRUSTED)
    async with Hand(ann) as bob:
        await ann.ask("trust", peer=str(bob.me), action="known")
        sender = await bob.offers(make_file(tmp_path / "file", 100))
        await bob.accepted(sender)
        await forgets(ann, bob)
    async with ByHand(ann, identity=bob.identity) as again:
        again.posts(sender.offer)
        assert (await again.hears(Decline)).code is DeclineCode.NOT_ALLOWED
    await ann.hears(TransferEnded)
    assert not parts(ann)


@pytest.mark.usefixtures("slow", "quick_again")
async def test_files_of_somebody_who_was_forgotten_and_met_again_arrive(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", SLOW)
    for number in range(3):  # attempts that she remembers, and he will not
        sending = asyncio.ensure_future(ann.send(bob, file))
        await under_way(ann, (2 + 3 * number) * MIB)
        sending.cancel()
        await asyncio.wait({sending})
        await quiet(bob)
    await bob.ask("trust", peer=str(ann.me), action="forget")
    await until(lambda: not parts(bob))
    await bob.meet(ann)
    await bob.holds(ann, Trust.KNOWN)
    *_, row = await ann.send(bob, file)
    assert (row["state"], row["resumed_from"]) == ("done", 0)
    assert await same(file, bob.downloads / "file")


async def kept(one: Resident) -> list[str]:
    """What the book holds of all transfers."""
    return [row.state for row in await one.node.transfers._book.recent(10)]


async def test_an_offer_of_ours_leaves_nothing_in_the_book(
    house: House, tmp_path: Path
) -> None:
    ann = await house.lives("ann")
    async with Hand(ann) as bob:
        await ann.ask("trust", peer=str(bob.me), action="known")
        await acts.offer(ann.node, bob.me, [make_file(tmp_path / "file", 10)])
        await bob.hears(Offer)
        assert await kept(ann) == [TransferState.OFFERED]
        await forgets(ann, bob)
        assert (await ann.ends()).state is TransferState.CANCELLED
    assert await kept(ann) == []


@pytest.mark.usefixtures("slow", "quick_again")
async def test_what_waited_for_our_disk_is_over_and_leaves_nothing(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    offered = await acts.offer(ann.node, bob.me, [make_file(tmp_path / "file", SLOW)])
    await under_way(ann)
    monkeypatch.setattr(space, "RESERVE", 2**62)
    await acts.pause(ann.node, bob.me, offered.transfer)
    await until(lambda: not bob.node.transfers._receiving._live)
    await acts.resume(ann.node, bob.me, offered.transfer)
    await until(lambda: bob.node.transfers._receiving.holds.all())
    await bob.ask("trust", peer=str(ann.me), action="forget")
    await bob.hears(TransferEnded, lambda ended: ended.state is TransferState.CANCELLED)
    assert (await ann.ends()).state is TransferState.CANCELLED
    assert (await kept(bob), parts(bob)) == ([], [])


@pytest.mark.parametrize("action", ["forget", "block"])
async def test_who_is_forgotten_or_blocked_hears_that_files_come_no_more(
    house: House, tmp_path: Path, action: str
) -> None:
    ann = await house.lives("ann", accept=Accepting.TRUSTED)
    async with Hand(ann) as bob:
        await ann.ask("trust", peer=str(bob.me), action="known")
        out = await acts.offer(ann.node, bob.me, [make_file(tmp_path / "ours", 10)])
        await bob.hears(Offer)
        sender = await bob.offers(make_file(tmp_path / "theirs", 100))
        await bob.accepted(sender)
        await ann.ask("trust", peer=str(bob.me), action=action)
        await bob.ends()
    assert {(one.id, one.attempt, one.code) for one in bob.got(Cancel)} == {
        (transfer, 0, CancelCode.TRUST_WITHDRAWN)
        for transfer in (out.transfer, sender.offer.id)
    }


@pytest.mark.usefixtures("quick_again")
@pytest.mark.parametrize("action", ["forget", "block"])
async def test_who_is_forgotten_or_blocked_hears_it_of_what_waits_for_the_disk(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    ann = await house.lives("ann", accept=Accepting.TRUSTED)
    async with Hand(ann) as bob:
        await ann.ask("trust", peer=str(bob.me), action="known")
        sender = await bob.offers(make_file(tmp_path / "file", 100))
        await bob.accepted(sender)
        monkeypatch.setattr(space, "RESERVE", 2**62)
        start, keys = sender.start(prefix_fits=True)
        bob.posts(start)
        with suppress(LanchatError):
            await bob.carries(start, keys)
        await ann.hears(TransferMoved, lambda moved: moved.view.held)
        await ann.ask("trust", peer=str(bob.me), action=action)
        await bob.ends()
    assert (bob.got(Cancel)[-1].attempt, bob.got(Cancel)[-1].code) == (
        0,
        CancelCode.TRUST_WITHDRAWN,
    )
    await ann.hears(TransferEnded, lambda ended: ended.state is TransferState.CANCELLED)


async def test_who_comes_back_while_being_forgotten_gets_nothing_of_before(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await house.lives("ann")
    withdraw, leaves, room = Conversations.withdraw, asyncio.Event(), asyncio.Event()

    async def slowly(self: Conversations, *given: Any) -> None:
        leaves.set()
        await room.wait()
        await withdraw(self, *given)

    monkeypatch.setattr(Conversations, "withdraw", slowly)
    async with ByHand(ann) as bob:
        await ann.ask("trust", peer=str(bob.me), action="known")
        await ann.ask("say", peer=str(bob.me), text="hello", queue=True)
        await bob.hears(Text)  # and says nothing of it: it waits on
        forgetting = asyncio.create_task(forgets(ann, bob))
        await leaves.wait()
        async with ByHand(ann, identity=bob.identity) as again:
            await until(lambda: ann.node.sessions.current(again.me))
            again.posts(a_text("and now"))  # behind it all that follows from a session is done
            await ann.hears(MessageAdded, lambda added: not added.message.mine)
            room.set()
            await forgetting
            await again.ends()
            assert not again.got(Text)
    held = ann.node.people.find(bob.me)
    assert held is None or held.trust is Trust.NEW  # a stranger who wrote
    assert bob.me not in ann.node.dialler.waiting


async def test_forgetting_that_fails_leaves_all_as_it_was(house: House, tmp_path: Path) -> None:
    ann = await house.lives("ann", accept=Accepting.TRUSTED)
    async with Hand(ann) as bob:
        await ann.ask("trust", peer=str(bob.me), action="known")
        sender = await bob.offers(make_file(tmp_path / "file", 100))
        start, keys = await bob.starts(sender)
        refuse = "BEGIN SELECT RAISE(FAIL, 'no'); END"
        await ann.opened.database.run(
            lambda one: one.execute(f"CREATE TRIGGER full BEFORE DELETE ON contacts {refuse}")
        )
        assert isinstance(await failure(forgets(ann, bob)), StoreError)
        bob.posts(a_text("still there"))
        await ann.hears(MessageAdded)
        await ann.ask("say", peer=str(bob.me), text="so am I", queue=True)
        await bob.hears(Text)
        carried = await bob.carries(start, keys)
        bob.posts(sender.sent(carried.chunks, carried.digest))
        assert (await ann.ends()).state is TransferState.DONE
        assert not bob.got(Cancel)
        assert ann.node.people.trusted(bob.me)
        await ann.opened.database.run(lambda one: one.execute("DROP TRIGGER full"))
        await forgets(ann, bob)
        assert ann.node.people.find(bob.me) is None
        await bob.ends()


async def test_what_is_said_while_somebody_is_forgotten_goes_unheard(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        await ann.ask("trust", peer=str(bob.me), action="known")
        async with busy_store(ann):
            forgetting = asyncio.create_task(forgets(ann, bob))
            await until(lambda: bob.me in ann.node.sessions._unheeded)
            bob.posts(a_text("one more thing"))
            await until(lambda: ann.node.sessions._unheeded._standing[bob.me].down._waiters)
        await forgetting
        await bob.ends()
    assert ann.node.people.find(bob.me) is None
    assert not ann.told(MessageAdded)


async def test_two_who_forget_the_same_person_wait_for_each_other(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        await ann.ask("trust", peer=str(bob.me), action="known")
        meeting = ann.node.meeting
        with meeting.leaving(bob.me):
            await forgets(ann, bob)
            assert not meeting.may(bob.me)  # one of them is not through
        assert meeting.may(bob.me)


@pytest.mark.usefixtures("slow", "quick_again")
async def test_a_disk_that_refuses_keeps_nothing_else_of_somebody(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    here, there = bob.downloads, tmp_path / "another disk"
    for place, name in ((here, "one"), (there, "two")):
        if place is there:
            await house.leaves(bob)
            bob = await house.returns(bob, downloads=there)
        sending = asyncio.ensure_future(ann.send(bob, make_file(tmp_path / name, SLOW)))
        await under_way(ann)
        sending.cancel()
        await asyncio.wait({sending})
        await quiet(bob)
    (here / ".lanchat-parts").rename(tmp_path / "away")
    (here / ".lanchat-parts").write_bytes(b"")  # no folder: the system refuses to look into it
    assert len(parts(bob)) == 1
    await bob.ask("trust", peer=str(ann.me), action="forget")
    await bob.hears(SessionClosed, lambda closed: closed.peer_id == ann.me)
    assert (await kept(bob), parts(bob)) == ([], [])
