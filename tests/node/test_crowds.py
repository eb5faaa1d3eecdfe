"""A crowd of strangers, and one who never stops: bounded, and everybody else goes on."""

import os
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from lanchat.identity.trust import Trust
from lanchat.node import acceptance, quotas, transfer_book
from lanchat.node.events import MessageAdded, OfferReceived, SessionClosed, TransferEnded
from lanchat.node.quotas import (
    OFFERS_A_SECOND,
    OFFERS_AT_ONCE,
    REQUEST_TEXTS,
    STRANGERS,
    STRANGERS_A_SOURCE,
    STRANGERS_OFFER,
    STRANGERS_RECORDS,
    Quotas,
    may_stand,
)
from lanchat.node.settings import Accepting
from lanchat.session import doorkeeper
from lanchat.transfer.manifest import Entry, Manifest, make_offer
from lanchat.wire.payloads import (
    Accept,
    Cancel,
    CancelCode,
    Decline,
    DeclineCode,
    Offer,
    ReceiptState,
    TopKind,
)
from tests.node.byhand import READY, ByHand, a_text
from tests.node.house import House, Resident, until


def an_offer(entries: int = 1) -> Offer:
    """Empty folders; each time another transfer."""
    names = (f"folder {number:06}" for number in range(entries))
    manifest = Manifest(tuple(Entry(TopKind.FOLDER, 0, 0, 0, name) for name in names))
    return make_offer(os.urandom(16), manifest)


async def stands(ann: Resident, one: ByHand) -> None:
    await until(lambda: ann.node.sessions.current(one.me))


async def test_so_many_strangers_of_one_address_have_a_session_and_friends_come_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorkeeper, "BURST", 1_000)
    monkeypatch.setattr(quotas, "STRANGERS_A_SOURCE", 3)
    ann, bob = await house.friends()
    async with AsyncExitStack() as strangers:
        for _ in range(3):
            one = await strangers.enter_async_context(ByHand(ann))
            await stands(ann, one)
        async with ByHand(ann) as late:
            assert await late.ends() == "LIMIT"
            assert late.closed is not None
            assert late.closed.retry_s > 0
        await bob.meet(ann)
        await ann.say(bob, "the crowd does not concern us")


async def test_a_stranger_who_left_makes_room_for_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "STRANGERS", 1)
    ann = await house.lives("ann")
    for _ in range(3):
        async with ByHand(ann) as one:
            await stands(ann, one)


def test_strangers_have_so_many_sessions_in_all_and_from_one_address() -> None:
    assert may_stand("a", ["a"] * (STRANGERS_A_SOURCE - 1))
    assert not may_stand("a", ["a"] * STRANGERS_A_SOURCE)
    assert may_stand("b", ["a"] * STRANGERS_A_SOURCE)
    assert not may_stand("b", [str(number) for number in range(STRANGERS)])


async def test_offers_without_end_are_put_off_before_anybody_is_bothered(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as mallory:
        for _ in range(100):
            mallory.posts(an_offer())
        await mallory.hears(Decline, 100)
        shown = len(ann.told(OfferReceived))
        put_off = [one for one in mallory.got(Decline) if one.code is DeclineCode.BUSY]
        assert shown + len(put_off) == 100
        assert shown < 50


async def test_offers_that_are_taken_back_before_any_answer_fill_no_disk(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_book, "MOST_REFUSED", 3)
    ann = await house.lives("ann", accept=Accepting.TRUSTED, offer_limit=0, asks=True)
    async with ByHand(ann) as friend, ByHand(ann) as stranger:
        await ann.ask("trust", peer=str(friend.me), action="known")
        ids: list[bytes] = []
        for number in range(1, 11):
            offer = replace(an_offer(), total=1)
            ids.append(offer.id)
            friend.posts(offer)
            await until(lambda number=number: len(ann.told(OfferReceived)) == number)  # type: ignore[misc]
            friend.posts(Cancel(offer.id, 0, CancelCode.USER))
            await until(lambda number=number: len(ann.told(TransferEnded)) == number)  # type: ignore[misc]
        stranger.posts(an_offer())
        await stranger.hears(Decline)
        asked = [(one.peer_id, one.declined) for one in ann.told(OfferReceived)]
        assert asked == [*[(friend.me, False)] * 10, (stranger.me, True)]
        assert [row.id for row in await ann.node.transfers._book.recent(100)] == ids[:6:-1]


async def test_a_stranger_who_goes_on_and_on_is_shown_out_and_friends_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "STRANGERS_RECORDS", 100)
    ann, bob = await house.friends()
    await bob.meet(ann)
    async with ByHand(ann) as mallory:
        texts = [a_text("again") for _ in range(50)]
        mallory.posts(*texts)
        assert await mallory.receipt(texts[-1].id) is ReceiptState.REFUSED
        mallory.posts(*(a_text("and again") for _ in range(300)))
        assert await mallory.ends() == "LIMIT"
        assert len(ann.told(MessageAdded)) == REQUEST_TEXTS
        await bob.say(ann, "the stream does not concern us")


async def test_strangers_who_write_and_hang_up_leave_nothing_behind(house: House) -> None:
    ann, bob = await house.friends()
    await bob.meet(ann)
    for gone in range(1, 8):
        async with ByHand(ann) as mallory:
            await stands(ann, mallory)
            mallory.posts(a_text("and away"))
            mallory.link.close()  # in one segment with the text
            await until(lambda: len(ann.told(SessionClosed)) == gone)  # noqa: B023 - awaited
        await bob.say(ann, "what came before this was looked at")
        assert ann.node.people.find(mallory.me) is None
    assert [one.message.peer for one in ann.told(MessageAdded)] == [bob.me] * 7
    assert set(ann.node._inbox._stored) == {bob.me}
    assert ann.node._crowd.remembered[1] == 0  # sources
    async with ByHand(ann) as honest:
        said = a_text("I wait for your receipt")
        honest.posts(said)
        assert await honest.receipt(said.id) is ReceiptState.STORED


def test_a_friend_may_say_what_a_stranger_may_not() -> None:
    friend, stranger = Quotas(0.0), Quotas(0.0)
    assert all(friend.may_speak(Trust.KNOWN, 0.0) for _ in range(2 * STRANGERS_RECORDS))
    said = [stranger.may_speak(Trust.NEW, 0.0) for _ in range(2 * STRANGERS_RECORDS)]
    assert sum(said) == STRANGERS_RECORDS
    assert not stranger.idle(1.0)


def test_offers_have_a_rate_and_a_stranger_a_tenth_of_it() -> None:
    def may(trust: Trust, now: float, mine: Quotas) -> int:
        return sum(mine.may_offer(trust, now) for _ in range(1_000))

    friend, stranger = Quotas(0.0), Quotas(0.0)
    assert may(Trust.KNOWN, 0.0, friend) == OFFERS_AT_ONCE
    assert may(Trust.KNOWN, 2.0, friend) == 2 * OFFERS_A_SECOND
    assert may(Trust.NEW, 0.0, stranger) == OFFERS_AT_ONCE // STRANGERS_OFFER
    assert may(Trust.CONFLICT, 2.0, stranger) == 2
    assert not friend.idle(2.0)


async def test_empty_folders_without_end_are_not_taken_though_they_weigh_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acceptance, "MOST_ENTRIES", 25)
    ann = await house.lives("ann", accept=Accepting.TRUSTED)
    async with ByHand(ann) as mallory:
        await ann.ask("trust", peer=str(mallory.me), action="known")
        for number in (1, 2):
            offer = an_offer(10)
            mallory.posts(offer)
            await mallory.hears(Accept, number)
            mallory.posts(Cancel(offer.id, 0, CancelCode.USER))
        mallory.posts(an_offer(10))
        assert (await mallory.hears(Decline)).code is DeclineCode.LIMITS


async def test_strangers_share_what_is_taken_without_asking_and_friends_have_their_own(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acceptance, "MOST_ENTRIES", 25)
    ann = await house.lives("ann", accept=Accepting.ALL)
    named = replace(READY, name="somebody else")
    async with ByHand(ann) as mallory, ByHand(ann) as eve, ByHand(ann, ready=named) as friend:
        await ann.ask("trust", peer=str(friend.me), action="known")
        for one in (mallory, eve, friend):
            one.posts(an_offer(10))
            await one.hears(Accept)
        for one in (mallory, eve):
            one.posts(an_offer(10))
            assert (await one.hears(Decline)).code is DeclineCode.LIMITS
        friend.posts(an_offer(10))
        await friend.hears(Accept, 2)


async def test_offers_that_fit_one_by_one_must_fit_together(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(acceptance, "check_space", lambda _folder, size: asked.append(size))
    ann = await house.lives("ann", accept=Accepting.ALL)
    async with ByHand(ann) as mallory, ByHand(ann) as another:
        for number, one in enumerate((mallory, another)):
            one.posts(replace(an_offer(), total=1_000_000))
            await one.hears(Accept)
            assert len(asked) == number + 1
    assert asked[0] > 1_000_000
    assert asked[1] > 2_000_000
