"""Two people talk: what is stored, shown and sent, and in which order."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from lanchat.conversation.message import State
from lanchat.errors import BadRequest, PeerRefused, PeerSilent, StoreFull
from lanchat.identity.keys import Identity, PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node import acts, conversations, quotas
from lanchat.node.events import (
    FileReceived,
    MessageAdded,
    MessageChanged,
    NodeEvent,
    SessionClosed,
    Warned,
)
from lanchat.session.tcp import Link
from lanchat.store.history import Intake
from lanchat.wire.payloads import (
    Offer,
    Payload,
    Receipt,
    ReceiptState,
    SasCode,
    SasCommit,
    SasResult,
    Text,
)
from tests.node.byhand import READY, ByHand, a_text
from tests.node.house import House, Resident, failure, make_file, until
from tests.node.stores import bound, busy_store


async def heard_from(resident: Resident, peer: ByHand) -> list[str]:
    return [one.text for one in await resident.node.history.page(peer.me, 1000)]


def held_of(resident: Resident, peer: Identity) -> Contact:
    held = resident.node.people.find(peer.peer_id)
    assert held is not None
    return held


async def test_a_message_arrives_and_its_receipt_comes_back(house: House) -> None:
    ann, bob = await house.couple()
    row = await ann.say(bob, "hello")
    assert row["state"] == "delivered"
    assert await bob.talk(ann) == [(False, "hello")]
    assert await ann.talk(bob) == [(True, "hello")]
    assert ann.trusts(bob) is Trust.KNOWN
    assert bob.trusts(ann) is Trust.NEW
    assert len(bob.told(MessageAdded)) == 1
    changed = await ann.hears(MessageChanged)
    assert (changed.message.id.hex(), changed.message.state) == (row["id"], State.DELIVERED)


async def test_ours_is_stored_then_shown_then_sent(house: House) -> None:
    ann, bob = await house.couple()
    link = await ann.meet(bob)
    order: list[str] = []
    history = ann.node.conversations._history
    append, post = history.append, link.post

    async def stores(message: object, drafted: str = "") -> bool:
        stored = await append(message, drafted)  # type: ignore[arg-type]  # what we were given
        order.append("stored")
        return stored

    def shows(event: NodeEvent) -> None:
        if isinstance(event, MessageAdded):
            order.append("shown")

    def sends(payload: Payload) -> bool:
        if isinstance(payload, Text):
            order.append("sent")
        return post(payload)

    history.append = stores  # type: ignore[method-assign]
    link.post = sends  # type: ignore[method-assign]
    ann.node.subscribe(shows)
    await ann.say(bob, "in order")
    assert order == ["stored", "shown", "sent"]


async def test_theirs_is_in_the_history_when_it_is_shown_and_when_it_is_receipted(
    house: House,
) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        text = a_text("hello")
        bob.posts(text)
        await ann.hears(MessageAdded)
        assert await heard_from(ann, bob) == ["hello"]
        assert await bob.receipt(text.id) is ReceiptState.STORED


async def test_a_message_to_somebody_away_waits_and_arrives_once_when_they_come(
    house: House,
) -> None:
    ann, bob = await house.friends()
    await house.leaves(bob)
    (row,) = await ann.ask("say", peer=str(bob.me), text="later", queue=True)
    assert row["state"] == "queued"
    bob = await house.returns(bob)
    await bob.meet(ann)
    await bob.hears(MessageAdded)
    await ann.hears(MessageChanged)
    await ann.say(bob, "now")
    assert await bob.talk(ann) == [(False, "later"), (False, "now")]


async def test_words_that_could_not_be_queued_are_not_sent(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.couple()
    await ann.meet(bob)

    async def full(*_given: object) -> None:
        raise StoreFull("no space")

    with monkeypatch.context() as broken:
        broken.setattr(ann.node.people, "change", full)
        asked = ann.ask("say", peer=str(bob.me), text="in vain", queue=True)
        assert isinstance(await failure(asked), StoreFull)
    await ann.say(bob, "now")
    assert await bob.talk(ann) == [(False, "now")]
    assert await ann.talk(bob) == [(True, "now")]


async def test_an_outbox_survives_its_owner_and_keeps_its_order(house: House) -> None:
    ann, bob = await house.friends()
    await house.leaves(bob)
    for number in range(5):
        await ann.node.conversations.compose(bob.me, str(number))
    await house.leaves(ann)
    ann, bob = await house.returns(ann), await house.returns(bob)
    await bob.meet(ann)
    await until(lambda: len(bob.told(MessageAdded)) == 5)
    assert await bob.talk(ann) == [(False, str(number)) for number in range(5)]


async def test_what_is_written_while_the_outbox_is_sent_keeps_its_place(house: House) -> None:
    ann, bob = await house.friends()
    for number in range(600):  # more than a page of the outbox
        await ann.node.conversations.compose(bob.me, str(number))
    await ann.meet(bob)
    for number in range(600, 620):
        await ann.node.conversations.compose(bob.me, str(number))
    await until(lambda: len(bob.told(MessageAdded)) >= 620)
    assert [text for _, text in await bob.talk(ann)] == [str(n) for n in range(620)]


async def test_a_repeat_is_shown_once_and_receipted_twice(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        text = a_text("hello")
        bob.posts(text, text)
        await until(lambda: sum(text.id in one.ids for one in bob.got(Receipt)) >= 1)
        bob.posts(text)
        await until(lambda: sum(one.ids.count(text.id) for one in bob.got(Receipt)) == 3)
        assert len(ann.told(MessageAdded)) == 1
        assert await heard_from(ann, bob) == ["hello"]


async def test_numbers_that_go_backwards_or_jump_change_nothing(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        texts = [a_text(str(seq), seq=seq) for seq in (5, 2**60, 1)]
        bob.posts(*texts)
        await bob.receipt(texts[-1].id)
        assert await heard_from(ann, bob) == ["5", str(2**60), "1"]


async def test_a_receipt_for_what_was_never_said_is_passed_over(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        bob.posts(Receipt(ReceiptState.STORED, (b"?" * 16,)), text := a_text("still here"))
        assert await bob.receipt(text.id) is ReceiptState.STORED
    assert ann.told(MessageChanged) == []


async def test_a_refused_message_waits_and_does_not_go_again_on_this_session(
    house: House,
) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:

        async def refuse() -> None:
            text = await bob.hears(Text)
            bob.posts(Receipt(ReceiptState.REFUSED, (text.id,)))

        refusing = asyncio.ensure_future(refuse())
        saying = ann.ask("say", peer=str(bob.me), text="not now")
        assert isinstance(await failure(saying), PeerRefused)
        await refusing
        await ann.node.conversations.compose(bob.me, "another")
        await bob.hears(Text, 2)
        assert [one.text for one in bob.got(Text)] == ["not now", "another"]
    async with ByHand(ann, bob.identity) as bob:
        await bob.hears(Text, 2)
        assert [one.text for one in bob.got(Text)] == ["not now", "another"]


async def test_a_text_longer_than_a_peer_takes_waits_and_harms_nobody(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann, ready=replace(READY, max_text=10)) as bob:
        for words in ("far too long for this one", "short"):
            await ann.node.conversations.compose(bob.me, words)
        assert (await bob.hears(Text)).text == "short"
    async with ByHand(ann, bob.identity, ready=replace(READY, max_text=10)) as bob:
        assert (await bob.hears(Text)).text == "short"  # from the outbox, past the other
    async with ByHand(ann, bob.identity) as bob:
        assert (await bob.hears(Text)).text == "far too long for this one"


async def test_a_link_cut_before_the_receipt_leaves_the_message_in_the_outbox(
    house: House,
) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:

        async def cut() -> None:
            await bob.hears(Text)
            bob.link.abort("TEST")

        cutting = asyncio.ensure_future(cut())
        error = await failure(ann.ask("say", peer=str(bob.me), text="are you there"))
        assert isinstance(error, PeerSilent)
        assert "outbox" in error.hint
        await cutting
    async with ByHand(ann, bob.identity) as bob:
        assert (await bob.hears(Text)).text == "are you there"


async def test_of_who_hung_up_behind_a_burst_no_more_is_stored_than_there_is_room_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "MOST_UNREAD", 40)
    ann = await house.lives("ann")
    looks, intake = 0, ann.node.history.intake

    async def counted(peer: PeerId, now_ms: int) -> Intake:
        nonlocal looks
        looks += 1
        return await intake(peer, now_ms)

    monkeypatch.setattr(ann.node.history, "intake", counted)
    async with ByHand(ann) as bob:
        await ann.ask("trust", peer=str(bob.me), action="known")
        async with busy_store(ann):
            burst = [a_text(f"{number:04}") for number in range(100)]
            bob.posts(*burst)
            await until(lambda: (bob.me, burst[-1].id) in ann.node.conversations._coming)
            bob.link.abort("TEST")
            await until(lambda: bob.me not in ann.node.sessions.online())
        await until(lambda: not ann.node.conversations._coming)
    assert len(await heard_from(ann, bob)) == 10
    assert looks <= 2  # of the first, and of all that waited behind it


async def test_read_receipts_are_told_by_who_wants_to(house: House) -> None:
    ann = await house.lives("ann")
    bob = await house.lives("bob", read_receipts=True)
    await ann.say(bob, "seen?")
    await ann.hears(MessageChanged, lambda event: event.message.state is State.READ)
    (message,) = await ann.history(bob)
    assert message.state is State.READ


async def test_a_text_that_cannot_be_said_is_not_stored(house: House) -> None:
    ann, bob = await house.couple()
    await ann.meet(bob)
    for words in ("x" * 60_001, "a\0b"):
        error = await failure(ann.ask("say", peer=str(bob.me), text=words))
        assert isinstance(error, BadRequest)
    assert await ann.talk(bob) == []


@pytest.mark.logs_errors
async def test_what_cannot_be_stored_is_refused_and_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        await until(lambda: ann.node.sessions.current(bob.me))

        async def full(*_arguments: object) -> None:
            raise StoreFull("test")

        monkeypatch.setattr(ann.node.history, "append_many", full)
        bob.posts(text := a_text("hello"))
        assert await bob.receipt(text.id) is ReceiptState.REFUSED
        warning = await ann.hears(Warned, lambda event: event.code == "store")
        assert "space" in warning.detail
        monkeypatch.undo()
        monkeypatch.setattr(ann.node.history, "mark", full)
        bob.posts(Receipt(ReceiptState.STORED, (b"?" * 16,)), again := a_text("once more"))
        assert await bob.receipt(again.id) is ReceiptState.STORED
        await until(lambda: len([w for w in ann.told(Warned) if w.code == "store"]) == 2)
    assert await heard_from(ann, bob) == ["once more"]


@pytest.mark.logs_errors
async def test_of_a_burst_what_was_stored_is_told_and_only_the_rest_is_refused(
    house: House,
) -> None:
    ann = await house.lives("ann")
    talk = ann.node.conversations

    async with ByHand(ann) as bob:
        await ann.ask("trust", peer=str(bob.me), action="known")
        await bound(ann, 200)
        small = [a_text(f"{number}") for number in range(1000)]
        large = [a_text("x" * 60_000) for _ in range(23)]
        async with busy_store(ann):
            bob.posts(a_text("first"))
            await until(talk._room.is_set)  # it was taken, and waits for the store
            bob.posts(*small, *large)
            await until(lambda: len(talk._arrived) == len(small) + len(large))
        assert await bob.receipt(large[-1].id) is ReceiptState.REFUSED
        for text in small:
            assert await bob.receipt(text.id) is ReceiptState.STORED
        said = [added.message.text for added in ann.told(MessageAdded)]
        assert said == ["first", *(text.text for text in small)]
        assert len(await ann.node.history.page(bob.me, 2000)) == len(said)


async def test_a_disk_that_was_full_as_a_session_opened_keeps_nothing_back(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    await acts.write(ann.node, bob.me, "before")
    await acts.offer(ann.node, bob.me, [make_file(tmp_path / "file", 100)])

    async def full(*_arguments: object) -> None:
        raise StoreFull("test")

    with monkeypatch.context() as moment:
        moment.setattr(ann.node.people._book, "save", full)
        await bob.meet(ann)
        await ann.hears(Warned, lambda event: event.code == "store")
    await bob.hears(FileReceived)
    await acts.write(ann.node, bob.me, "after")
    await ann.hears(MessageChanged, lambda changed: changed.message.text == "after")
    said = [words for _mine, words in await bob.talk(ann) if words]
    assert said == ["before", "after"]


async def test_an_outbox_that_could_not_be_read_is_read_again_on_the_same_session(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    monkeypatch.setattr(conversations, "TRY_AGAIN", 0.02)
    await acts.write(ann.node, bob.me, "before")
    with monkeypatch.context() as moment:

        async def full(*_arguments: object, **_more: object) -> None:
            raise StoreFull("test")

        moment.setattr(ann.node.history, "undelivered", full)
        link = await bob.meet(ann)
        await ann.hears(Warned, lambda event: event.code == "store")
        await acts.write(ann.node, bob.me, "meanwhile")
    await ann.hears(MessageChanged, lambda changed: changed.message.text == "meanwhile")
    await acts.write(ann.node, bob.me, "after")
    await ann.hears(MessageChanged, lambda changed: changed.message.text == "after")
    assert [words for _mine, words in await bob.talk(ann)] == ["before", "meanwhile", "after"]
    assert link.open
    assert len([one for one in ann.told(Warned) if one.code == "store"]) == 1


async def test_a_session_that_was_replaced_meanwhile_is_offered_nothing(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await house.lives("ann")
    flush, waits, room = ann.node.conversations.flush, asyncio.Event(), asyncio.Event()

    async def slowly(peer: PeerId, wire: Link) -> None:
        await flush(peer, wire)
        if not waits.is_set():  # as on a full disk
            waits.set()
            await room.wait()

    async with ByHand(ann) as bob:
        await ann.ask("trust", peer=str(bob.me), action="known")
        await acts.offer(ann.node, bob.me, [make_file(tmp_path / "file", 10)])
    (out,) = ann.node.transfers._sending.live()
    monkeypatch.setattr(ann.node.conversations, "flush", slowly)
    async with ByHand(ann, bob.identity):
        await waits.wait()
    async with ByHand(ann, bob.identity) as again:
        await again.hears(Offer)
        told = out.told
        room.set()
        running = ann.node._tasks._running
        await until(lambda: not any(task.get_name().startswith("greet") for task in running))
        assert out.told is told is ann.node.sessions.current(bob.me)


async def test_who_wants_to_compare_words_hears_that_nobody_is_there(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        bob.posts(SasCommit(7, b"c" * 32))
        assert await bob.hears(SasResult) == SasResult(7, SasCode.NOBODY)


# --- strangers ----------------------------------------------------------------------------


async def test_a_stranger_may_say_twenty_texts_until_it_is_answered(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        texts = [a_text(str(number)) for number in range(21)]
        bob.posts(*texts)
        assert await bob.receipt(texts[20].id) is ReceiptState.REFUSED
        assert await bob.receipt(texts[19].id) is ReceiptState.STORED
        bob.posts(texts[0])  # its receipt was lost
        await until(lambda: sum(texts[0].id in one.ids for one in bob.got(Receipt)) == 2)
        assert {one.state for one in bob.got(Receipt) if texts[0].id in one.ids} == {
            ReceiptState.STORED
        }
        assert len(await heard_from(ann, bob)) == 20
        answering = asyncio.ensure_future(ann.ask("say", peer=str(bob.me), text="hello"))
        bob.posts(Receipt(ReceiptState.STORED, ((await bob.hears(Text)).id,)))
        await answering
        assert ann.node.people.trusted(bob.me)
        bob.posts(text := a_text("thank you"))
        assert await bob.receipt(text.id) is ReceiptState.STORED


async def test_a_stranger_may_say_16_kib(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        first, second = a_text("x" * 16_000), a_text("y" * 1_000)
        bob.posts(first, second)
        assert await bob.receipt(second.id) is ReceiptState.REFUSED
        assert await bob.receipt(first.id) is ReceiptState.STORED


async def test_one_place_may_send_five_strangers_an_hour(house: House) -> None:
    ann = await house.lives("ann")
    states: list[ReceiptState] = []
    for number in range(6):
        async with ByHand(ann) as bob:
            bob.posts(text := a_text(f"I am number {number}"))
            states.append(await bob.receipt(text.id))
    assert states == [ReceiptState.STORED] * 5 + [ReceiptState.REFUSED]
    assert len(ann.node.people.all()) == 5


async def test_a_stranger_that_calls_all_the_time_is_told_to_wait_and_makes_no_noise(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "SESSIONS_A_MINUTE", 2)
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        pass
    async with ByHand(ann, bob.identity):
        pass
    told = len(ann.events)
    async with ByHand(ann, bob.identity) as bob:
        assert await bob.ends() == "LIMIT"
        assert bob.closed is not None
        assert bob.closed.retry_s == 60
    assert len(ann.events) == told


# --- names and trust ----------------------------------------------------------------------


async def test_a_strangers_key_with_a_friends_name_is_in_conflict_and_gets_nothing(
    house: House,
) -> None:
    ann, bob = await house.couple()
    await ann.say(bob, "hello")
    await house.leaves(bob)
    await ann.node.conversations.compose(bob.me, "for bob only")
    async with ByHand(ann, ready=replace(READY, name="B0B")) as mallory:
        mallory.posts(text := a_text("it is me"))
        await mallory.receipt(text.id)
        view = ann.node.neighbours.view(mallory.me)
        assert view is not None
        assert view.trust is Trust.CONFLICT
        assert mallory.got(Text) == []
    assert ann.trusts(bob) is Trust.KNOWN


@pytest.mark.parametrize(("name", "called"), [("bob", "bob"), ("ann", ""), ("Ann", "")])
async def test_somebody_known_by_the_key_alone_gets_their_name_if_it_is_free(
    house: House, name: str, called: str
) -> None:
    ann = await house.lives("ann")
    friend = Identity(os.urandom(32))
    await ann.ask("trust", peer=str(friend.peer_id), action="known")
    added = held_of(ann, friend).last_seen
    async with ByHand(ann, friend, ready=replace(READY, name=name)):
        await until(lambda: held_of(ann, friend).last_seen > added)
        assert held_of(ann, friend).name == called


async def test_a_friend_with_a_new_name_stays_who_they_are(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann, ready=replace(READY, name="bob")) as bob:
        await ann.ask("trust", peer=str(bob.me), action="verified")
    async with ByHand(ann, bob.identity, ready=replace(READY, name="robert")):
        await until(lambda: held_of(ann, bob.identity).claimed_name == "robert")
        held = held_of(ann, bob.identity)
        assert (held.name, held.trust) == ("bob", Trust.VERIFIED)


async def test_a_blocked_peer_is_dropped_without_a_word_or_an_event(house: House) -> None:
    ann, bob = await house.couple()
    await ann.holds(bob, Trust.BLOCKED)
    told = len(ann.events)
    await failure(bob.meet(ann))
    error = await failure(
        bob.ask("say", peer=str(ann.address), confirmed=str(ann.me), text="?")
    )
    assert error.sentence
    assert ann.events[told:] == []
    assert await ann.talk(bob) == []


async def test_blocking_ends_the_session_at_once(house: House) -> None:
    ann, bob = await house.couple()
    await ann.say(bob, "hello")
    await ann.holds(bob, Trust.BLOCKED)
    assert ann.node.sessions.current(bob.me) is None
    assert (await ann.hears(SessionClosed)).reason == "REFUSED"
    assert (await bob.hears(SessionClosed)).reason == "REFUSED"
    assert await failure(ann.ask("say", peer=str(bob.me), text="no")) is not None


async def test_what_was_on_its_way_when_its_author_was_blocked_is_not_stored(
    house: House,
) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        bob.posts(*(a_text(str(number)) for number in range(10)))
        await until(lambda: ann.node.sessions.current(bob.me))
        await ann.ask("trust", peer=str(bob.me), action="block")
        stored = len(await heard_from(ann, bob))
        assert await bob.ends() == "REFUSED"
        assert len(await heard_from(ann, bob)) == stored


async def test_forgetting_ends_the_session_and_leaves_a_stranger(house: House) -> None:
    ann, bob = await house.couple()
    await ann.say(bob, "hello")
    (row,) = await ann.ask("trust", peer=str(bob.me), action="forget")
    assert row["trust"] == "new"
    assert (await ann.hears(SessionClosed)).reason == "GOODBYE"
    assert ann.node.people.find(bob.me) is None


async def test_a_block_is_not_undone_by_a_session_that_opens_at_that_moment(
    house: House,
) -> None:
    ann, bob = await house.friends()
    link: Link = await ann.meet(bob)
    await asyncio.gather(
        ann.holds(bob, Trust.BLOCKED),
        *(ann.node.acquaintance.met(link) for _ in range(5)),
    )
    assert ann.node.people.blocked(bob.me)
    await house.leaves(ann)
    ann = await house.returns(ann)
    assert ann.node.people.blocked(bob.me)


async def test_whoever_is_muted_stays_so_and_is_heard_all_the_same(house: House) -> None:
    ann, bob = await house.couple()
    await acts.mute(ann.node, bob.me, muted=True)
    assert ann.node.people.find(bob.me) is None  # a stranger, who cannot be
    await ann.say(bob, "hello")
    await acts.mute(ann.node, bob.me, muted=True)
    await house.leaves(ann)
    ann = await house.returns(ann)
    held = ann.node.people.find(bob.me)
    assert held is not None
    assert (held.muted, held.trust) == (True, Trust.KNOWN)
    await ann.meet(bob)
    await bob.say(ann, "do you hear me?")
    assert (False, "do you hear me?") in await ann.talk(bob)
    await acts.trust(ann.node, bob.me, "forget")
    await acts.write(ann.node, bob.me, "who are you?")
    held = ann.node.people.find(bob.me)
    assert held is not None
    assert not held.muted
