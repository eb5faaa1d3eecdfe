"""What is too old goes, some at a time; what waits and what nobody read stays."""

import asyncio

import pytest

from lanchat.conversation.message import Message, State
from lanchat.identity.keys import PeerId
from lanchat.store import messages
from lanchat.store.database import Database
from lanchat.store.history import TOMBSTONE_AGE, History
from tests.store.making import ANN, BOB, NOW, mine, theirs

OLD = NOW - 1_000_000


async def expire(history: History, before: int = NOW) -> dict[PeerId, list[bytes]]:
    gone: dict[PeerId, list[bytes]] = {}
    async for peer, ids in history.expire(before, NOW):
        gone.setdefault(peer, []).extend(ids)
    return gone


async def texts(history: History, peer: PeerId = ANN) -> list[str]:
    return [one.text for one in await history.page(peer, 100)]


def old(text: str = "old", peer: PeerId = ANN, at: int = OLD) -> Message:
    return theirs(text, peer, arrived_at=at)


async def test_what_came_before_a_day_goes_and_the_rest_stays(history: History) -> None:
    first, edge, last = old(at=NOW - 2), old("edge", at=NOW), old("new", at=NOW + 1)
    other = old("of bob", BOB)
    await history.append_many([first, edge, last, other])
    for peer in (ANN, BOB):
        await history.see(peer)
    assert await expire(history) == {ANN: [first.id], BOB: [other.id]}
    assert await texts(history) == ["edge", "new"]
    assert await texts(history, BOB) == []
    assert await history.search(None, "old", 10) == ()
    assert await expire(history) == {}


async def test_ours_that_waits_is_never_too_old_and_goes_once_it_has_arrived(
    history: History,
) -> None:
    waiting = mine("waits", arrived_at=OLD)
    await history.append(waiting)
    assert await expire(history) == {}
    assert await history.undelivered(ANN) == (waiting,)
    await history.mark(ANN, [waiting.id], State.DELIVERED)
    assert await expire(history) == {ANN: [waiting.id]}


async def test_what_nobody_has_read_is_not_lost_for_its_age(history: History) -> None:
    seen, unread = old("seen"), old("unread")
    await history.append(seen)
    await history.see(ANN)
    await history.append(unread)
    assert await expire(history) == {ANN: [seen.id]}
    assert await history.unread() == {ANN: 1}
    await history.see(ANN)
    assert await expire(history) == {ANN: [unread.id]}


async def test_what_expired_does_not_come_back_for_30_days(history: History) -> None:
    message = old()
    await history.append(message)
    await history.see(ANN)
    await expire(history)
    assert not await history.append(message)
    await history.sweep(NOW + TOMBSTONE_AGE + 1)
    assert await history.append(message)


async def test_a_clock_that_was_wrong_for_a_while_hides_nothing_old(history: History) -> None:
    ahead, behind = old("ahead", at=NOW + 10_000), old("behind")
    await history.append_many([ahead, behind])
    await history.see(ANN)
    assert await expire(history) == {ANN: [behind.id]}


async def test_long_histories_are_looked_through_some_at_a_time(
    history: History, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "LOOKED_AT", 7)
    batch = [old(f"{n}", (ANN, BOB)[n % 2], OLD if n % 3 else NOW) for n in range(60)]
    await history.append_many(batch)
    for peer in (ANN, BOB):
        await history.see(peer)
    asked = 0
    run = database.run

    async def counted(work: object) -> object:
        nonlocal asked
        asked += 1
        return await run(work)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(database, "run", counted)
    gone = await expire(history)
    assert {id_ for ids in gone.values() for id_ in ids} == {
        one.id for one in batch if one.arrived_at == OLD
    }
    assert asked >= 60 // 7
    assert len(await texts(history)) + len(await texts(history, BOB)) == 20


async def test_a_message_that_comes_meanwhile_is_kept(history: History) -> None:
    await history.append_many([old(str(n)) for n in range(20)])
    await history.see(ANN)
    new = theirs("meanwhile", arrived_at=NOW + 1)
    await asyncio.gather(expire(history), history.append(new))
    assert await history.page(ANN, 10) == (new,)
