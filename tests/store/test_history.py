import asyncio
import itertools

import pytest

from lanchat.conversation.message import State
from lanchat.identity.keys import PeerId
from lanchat.store import tallies
from lanchat.store.database import Database
from lanchat.store.history import TOMBSTONE_AGE, History, Intake
from lanchat.store.tallies import DAY
from tests.store.making import ANN, BOB, NOW, mine, theirs


async def test_a_message_comes_back_as_it_was_stored(history: History) -> None:
    full = mine("Grüße ☃\n\t", seq=7, reply_to=b"r" * 16)
    file = theirs("", file="photo.jpg")
    assert await history.append(full)
    assert await history.append(file)
    assert await history.page(ANN, 10) == (full, file)
    assert await history.find(ANN, full.id) == full


@pytest.mark.parametrize("count", [1, 2, 4, 5, 100])
async def test_an_id_is_stored_once_however_often_and_in_whatever_batch_it_comes(
    history: History, count: int
) -> None:
    old, new = [theirs(str(n)) for n in range(count)], [theirs(str(n)) for n in range(count)]
    assert await history.append_many(old) == [True] * count
    assert await history.append_many([*old, *new, *new]) == (
        [False] * count + [True] * count + [False] * count
    )
    assert await history.page(ANN, 1000) == (*old, *new)


async def test_what_was_seen_before_is_known_also_once_it_is_deleted(history: History) -> None:
    kept, gone, to_ann = theirs("kept"), theirs("gone"), mine("ours")
    await history.append_many([kept, gone, to_ann])
    await history.delete(ANN, 1_000, ids=[gone.id])
    ids = [kept.id, gone.id, to_ann.id, b"unknown id 16 by"]
    assert await history.known(ANN, ids) == {kept.id, gone.id, to_ann.id}
    assert await history.known(BOB, ids) == set()


async def test_the_same_id_of_two_people_is_two_messages(history: History) -> None:
    ann = theirs("from ann")
    bob = theirs("from bob", BOB, id=ann.id)
    assert await history.append_many([ann, bob]) == [True, True]
    assert await history.page(BOB, 10) == (bob,)


async def test_a_long_batch_of_many_people_keeps_its_order(history: History) -> None:
    batch = [theirs(str(n), (ANN, BOB)[n // 3 % 2]) for n in range(2500)]
    assert all(await history.append_many(batch))
    for peer in (ANN, BOB):
        wanted = tuple(one for one in batch if one.peer == peer)
        assert await history.page(peer, 5000) == wanted


async def test_what_is_asked_at_the_same_time_is_stored_in_the_order_asked(
    history: History,
) -> None:
    batch = [theirs(str(n)) for n in range(300)]
    assert all(await asyncio.gather(*(history.append(one) for one in batch)))
    assert await history.page(ANN, 1000) == tuple(batch)


async def test_pages_follow_one_another_without_a_gap_or_a_repeat(history: History) -> None:
    batch = [theirs(str(n)) for n in range(25)]
    await history.append_many(batch)
    await history.append(theirs("elsewhere", BOB))
    pages = [await history.page(ANN, 10)]
    while pages[0]:
        pages.insert(0, await history.page(ANN, 10, before=pages[0][0].id))
    assert [len(page) for page in pages] == [0, 5, 10, 10]
    assert tuple(itertools.chain(*pages)) == tuple(batch)
    assert await history.page(ANN, 10, before=b"?" * 16) == ()


async def test_a_state_moves_upwards_only(history: History) -> None:
    message = mine()
    await history.append(message)
    delivered = await history.mark(ANN, [message.id], State.DELIVERED)
    assert [one.state for one in delivered] == [State.DELIVERED]
    assert await history.mark(ANN, [message.id], State.DELIVERED) == ()
    assert [one.state for one in await history.mark(ANN, [message.id], State.READ)] == [
        State.READ
    ]
    assert await history.mark(ANN, [message.id], State.DELIVERED) == ()
    assert (await history.page(ANN, 1))[0].state is State.READ


async def test_a_receipt_moves_nothing_but_our_own_messages_to_that_peer(
    history: History,
) -> None:
    to_bob, from_ann = mine(peer=BOB), theirs()
    await history.append_many([to_bob, from_ann])
    ids = [to_bob.id, from_ann.id, b"unknown id 16 by"]
    assert await history.mark(ANN, ids, State.READ) == ()
    assert await history.mark(PeerId(b"c" * 32), ids, State.READ) == ()
    assert await history.undelivered(BOB) == (to_bob,)


async def test_the_outbox_is_what_is_queued_oldest_first_and_in_pages(history: History) -> None:
    batch = [mine(str(n)) for n in range(10)]
    await history.append_many([*batch, theirs()])
    await history.mark(ANN, [batch[3].id], State.DELIVERED)
    left = (*batch[:3], *batch[4:])
    assert await history.undelivered(ANN) == left
    assert await history.undelivered(ANN, limit=4) == left[:4]
    assert await history.undelivered(ANN, limit=4, after=left[3].id) == left[4:8]


async def test_somebody_waits_until_all_of_theirs_is_delivered(history: History) -> None:
    first, second = mine(), mine(peer=BOB)
    await history.append_many([first, second, theirs(peer=PeerId(b"c" * 32))])
    assert await history.waiting() == (ANN, BOB)
    await history.mark(ANN, [first.id], State.DELIVERED)
    assert await history.waiting() == (BOB,)


async def test_numbers_of_messages_grow_also_over_a_restart_and_a_deletion(
    history: History, database: Database
) -> None:
    assert [await history.next_seq(ANN) for _ in range(3)] == [1, 2, 3]
    assert await history.next_seq(BOB) == 1
    await history.append_many([mine(seq=3), theirs(seq=900)])
    assert await History(database).next_seq(ANN) == 4
    await history.delete(ANN, NOW)
    assert await History(database).next_seq(ANN) == 4


async def test_the_ids_of_a_deleted_conversation_do_not_come_back_for_30_days(
    history: History,
) -> None:
    batch = [theirs("old"), mine("ours"), theirs("older")]
    bob = theirs("other", BOB)
    await history.append_many([*batch, bob])
    assert await history.delete(ANN, NOW) == 3
    assert await history.page(ANN, 10) == ()
    assert await history.waiting() == ()
    assert await history.page(BOB, 10) == (bob,)
    assert not await history.append(batch[0])
    fillers = [theirs("x") for _ in range(5)]
    assert await history.append_many([batch[2], *fillers]) == [False, *[True] * 5]
    assert await history.sweep(NOW + TOMBSTONE_AGE) == 0
    assert await history.sweep(NOW + TOMBSTONE_AGE + 1) == 2
    assert await history.append(batch[0])


async def test_single_messages_can_be_deleted(history: History) -> None:
    batch = [theirs("one"), theirs("two"), theirs("three")]
    await history.append_many(batch)
    assert await history.delete(ANN, NOW, ids=[batch[2].id, b"?" * 16]) == 1
    assert await history.page(ANN, 10) == tuple(batch[:2])
    assert await history.delete(BOB, NOW) == 0
    assert not await history.append(batch[2])


async def test_a_message_in_the_place_of_a_deleted_one_is_unread_and_found(
    history: History,
) -> None:
    first, last = theirs("first"), theirs("last")
    await history.append_many([first, last])
    await history.see(ANN)
    assert await history.search(ANN, "last", 10) == (last,)
    await history.delete(ANN, NOW, ids=[last.id])
    new = theirs("newest")
    await history.append(new)
    assert await history.unread() == {ANN: 1}
    assert await history.see(ANN) == (new.id,)
    assert await history.search(ANN, "newest", 10) == (new,)
    assert await history.search(ANN, "last", 10) == ()


async def test_what_the_user_saw_is_told_once(history: History) -> None:
    batch = [theirs(), mine(), theirs()]
    await history.append_many(batch)
    assert await history.unread() == {ANN: 2}
    assert await history.see(ANN) == (batch[0].id, batch[2].id)
    assert await history.see(ANN) == ()
    assert await history.see(BOB) == ()
    assert await history.unread() == {}


async def test_the_intake_counts_theirs_and_a_day_is_not_emptied_by_deleting(
    history: History,
) -> None:
    await history.append_many([theirs("four"), theirs("äöü"), mine("not counted")])
    assert await history.intake(ANN, NOW) == Intake(2, 10, 2, 10, 10)
    await history.see(ANN)
    assert await history.intake(ANN, NOW) == Intake(2, 10, 0, 0, 10)
    await history.delete(ANN, NOW)
    assert await history.intake(ANN, NOW) == Intake(0, 0, 0, 0, 10)
    assert await history.intake(ANN, NOW + DAY) == Intake()
    await history.append(theirs("tomorrow", arrived_at=NOW + DAY))
    assert await history.intake(ANN, NOW + DAY) == Intake(1, 8, 1, 8, 8)
    assert await history.intake(BOB, NOW) == Intake()


async def test_a_repeat_does_not_count_in_the_intake(history: History) -> None:
    message = theirs("four")
    await history.append(message)
    await history.append(message)
    await history.append_many([message] * 9)
    assert await history.intake(ANN, NOW) == Intake(1, 4, 1, 4, 4)


async def test_the_last_message_of_each_conversation_newest_first(history: History) -> None:
    batch = [theirs("1"), theirs("2", BOB), mine("3")]
    await history.append_many(batch)
    assert await history.latest() == (batch[2], batch[1])


async def test_claims_too_large_for_a_column_are_stored_as_the_largest(
    history: History,
) -> None:
    huge = [theirs(seq=2**64 - 1, sent_at=2**64 - 1) for _ in range(6)]
    assert await history.append(huge[0])
    assert await history.append_many(huge[1:]) == [True] * 5
    assert {(one.seq, one.sent_at) for one in await history.page(ANN, 10)} == {
        (2**63 - 1, 2**63 - 1)
    }


async def test_a_name_without_a_utf8_form_does_not_stop_the_store(history: History) -> None:
    assert await history.append(mine("", file="bad\udcff.txt"))
    assert (await history.page(ANN, 1))[0].file == "bad?.txt"


async def test_what_is_counted_when_nobody_asks_is_the_same_as_before(
    history: History, database: Database
) -> None:
    await history.append_many([theirs("four"), mine("ours"), theirs("yesterday")])
    await history.append(theirs("else", BOB))
    before = await history.intake(ANN, NOW), await history.unread()
    while await database.run(tallies.count_some):
        pass
    assert (await history.intake(ANN, NOW), await history.unread()) == before
    await history.append(theirs("more"))
    assert await history.intake(ANN, NOW) == Intake(3, 17, 3, 17, 17)
    await history.see(ANN)
    await history.append(theirs("new"))
    assert await history.unread() == {ANN: 1, BOB: 1}
    assert await history.intake(ANN, NOW) == Intake(4, 20, 1, 3, 20)


async def test_a_deletion_leaves_the_counters_of_what_was_not_counted_yet(
    history: History, database: Database
) -> None:
    batch = [theirs("one"), theirs("three")]
    await history.append_many(batch)
    while await database.run(tallies.count_some):
        pass
    last = theirs("eleven")
    await history.append(last)
    assert await history.delete(ANN, NOW, ids=[batch[0].id]) == 1
    assert await history.intake(ANN, NOW) == Intake(2, 11, 2, 11, 14)
    assert await history.delete(ANN, NOW, ids=[last.id]) == 1
    await history.append(theirs("x"))
    assert await history.intake(ANN, NOW) == Intake(2, 6, 2, 6, 15)


async def test_conversations_of_many_people_stay_apart_and_keep_their_order(
    history: History,
) -> None:
    people = [PeerId(bytes([n]) * 32) for n in range(1, 6)]
    batch = [theirs(f"word {n}", people[n % 5]) for n in range(40)]
    for message in batch:
        assert await history.append(message)
    for n, peer in enumerate(people):
        assert await history.page(peer, 100) == tuple(batch[n::5])
    assert await history.delete(people[2], NOW) == 8
    assert await history.page(people[1], 100) == tuple(batch[1::5])
    assert await history.page(people[3], 100) == tuple(batch[3::5])
    left = tuple(one for one in batch if one.peer != people[2])
    assert await history.search(None, "word", 100) == left
