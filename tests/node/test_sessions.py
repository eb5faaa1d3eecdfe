"""Sessions: one for each pair, whoever dials, breaks off or comes back, and no message lost."""

import asyncio
import os
import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from lanchat.errors import (
    LanchatError,
    PeerBlocked,
    PeerError,
    PeerUnreachable,
    ReachedOurselves,
    WrongPeer,
)
from lanchat.identity.keys import Identity
from lanchat.identity.trust import Trust
from lanchat.node.events import MessageAdded, SessionClosed, SessionOpened
from lanchat.session import doorkeeper, machine
from lanchat.session.address import Address
from lanchat.wire.payloads import Text
from tests.node.byhand import READY, ByHand, a_text
from tests.node.house import House, Resident, failure, until

CLOSED = Address("127.0.0.1", 1)


@pytest.fixture
def short_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that lost to another one is read for a moment only."""
    monkeypatch.setattr(machine, "DRAIN", 0.3)


@pytest.fixture
def many_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one source call as often as a test wants."""
    monkeypatch.setattr(doorkeeper, "BURST", 10_000)


def bindings(one: Resident, other: Resident) -> tuple[bytes, bytes]:
    """The names of the session that each side sees."""
    return one.link(other).binding, other.link(one).binding


def alive(one: Resident, other: Resident) -> int:
    return len(one.node.sessions._alive.get(other.me, ()))


async def all_arrived(*residents: Resident) -> None:
    for one in residents:
        while await one.node.history.waiting():  # noqa: ASYNC110 - it is in a database
            await asyncio.sleep(0.005)


class Chatter:
    """Ann and Bob write to each other, all the time."""

    def __init__(self, ann: Resident, bob: Resident) -> None:
        self.said: dict[str, list[str]] = {ann.name: [], bob.name: []}
        self._pairs = ((ann, bob), (bob, ann))

    async def write(self, count: int = 1) -> None:
        for _ in range(count):
            for one, other in self._pairs:
                text = f"{one.name} {len(self.said[one.name])}"
                self.said[one.name].append(text)
                await one.node.conversations.compose(other.me, text)

    async def check(self) -> None:
        """Everything arrived at the other side, once and in order."""
        for one, other in self._pairs:
            came = [text for mine, text in await other.talk(one) if not mine]
            assert came == self.said[one.name]
            shown = [event.message.text for event in other.told(MessageAdded)]
            assert [text for text in shown if text.startswith(one.name)] == came


@pytest.mark.usefixtures("many_calls")
@pytest.mark.parametrize("seed", range(3))
async def test_two_who_dial_each_other_at_once_end_up_with_one_session(
    house: House, seed: int
) -> None:
    ann, bob = await house.friends()
    dice = random.Random(seed)
    chatter = Chatter(ann, bob)

    async def dials(one: Resident, other: Resident) -> None:
        await asyncio.sleep(dice.choice((0, 0.0005, 0.001, 0.003)))
        await one.meet(other)

    for _ in range(10):
        await chatter.write(2)
        await asyncio.gather(dials(ann, bob), dials(bob, ann), chatter.write(3))
        async with asyncio.timeout(10):
            await all_arrived(ann, bob)
        await until(lambda: len(set(bindings(ann, bob))) == 1)
        for one, other in ((ann, bob), (bob, ann)):
            one.node.sessions.give_up(other.me)
        await until(lambda: not ann.node.sessions.online() and not bob.node.sessions.online())
    await chatter.check()
    assert alive(ann, bob) == alive(bob, ann) == 0


@pytest.mark.usefixtures("many_calls")
@pytest.mark.parametrize("seed", range(3))
async def test_one_who_breaks_off_in_between_costs_no_message(house: House, seed: int) -> None:
    ann, bob = await house.friends()
    dice = random.Random(seed)
    chatter = Chatter(ann, bob)

    async def breaks_off() -> None:
        await asyncio.sleep(dice.choice((0, 0.002, 0.005, 0.01, 0.015)))
        victim, other = dice.choice(((ann, bob), (bob, ann)))
        for link in tuple(victim.node.sessions._alive.get(other.me, ())):
            link.abort("TEST")

    for _ in range(6):
        await chatter.write(2)
        await asyncio.gather(
            ann.meet(bob), bob.meet(ann), breaks_off(), chatter.write(3), return_exceptions=True
        )
        async with asyncio.timeout(15):
            await asyncio.gather(ann.meet(bob), bob.meet(ann), return_exceptions=True)
            await all_arrived(ann, bob)
    await chatter.check()


@pytest.mark.usefixtures("short_drain")
async def test_a_loser_is_read_to_its_end_and_then_gone(house: House) -> None:
    ann, bob = await house.friends()
    await asyncio.gather(
        *(one.node.sessions._calls.dial(other.me, [other.address], 5, replace=False)
          for one, other in ((ann, bob), (bob, ann)))
    )  # fmt: skip
    await until(lambda: alive(ann, bob) == alive(bob, ann) == 1)
    assert len(set(bindings(ann, bob))) == 1
    assert ann.link(bob).initiator  # the smaller key's stays
    assert len(ann.told(SessionOpened)) == len(bob.told(SessionOpened)) == 1
    assert ann.told(SessionClosed) == bob.told(SessionClosed) == []


@pytest.mark.usefixtures("many_calls")
@pytest.mark.parametrize("renewer", ["ann", "bob"])
async def test_a_renewal_under_traffic_loses_and_doubles_nothing(
    house: House, renewer: str
) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    chatter = Chatter(ann, bob)
    one, other = (ann, bob) if renewer == "ann" else (bob, ann)
    seen = {one.link(other).binding}
    for _ in range(4):
        writing = asyncio.ensure_future(chatter.write(40))
        await one.node.sessions.renew(other.me)
        seen.add(one.link(other).binding)
        await writing
    async with asyncio.timeout(10):
        await all_arrived(ann, bob)
    await chatter.check()
    assert len(seen) == 5
    assert ann.told(SessionClosed) == bob.told(SessionClosed) == []
    assert one.link(other).initiator


@pytest.mark.usefixtures("short_drain")
async def test_a_peer_that_restarted_displaces_its_old_session(house: House) -> None:
    ann = await house.lives("ann")
    bob = Identity(os.urandom(32))
    async with ByHand(ann, bob, replace(READY, epoch=5)) as before:
        await until(lambda: ann.node.sessions.current(before.me))
        async with ByHand(ann, bob, replace(READY, epoch=6)) as after:
            await until(
                lambda: ann.node.sessions.current(after.me).binding == after.link.binding  # type: ignore[union-attr]
            )
            await ann.node.conversations.compose(after.me, "welcome back")
            await after.hears(Text)
            before.posts(late := a_text("said before the end"))
            await until(lambda: ann.told(MessageAdded)[1:])
            assert before.got(Text) == []
            assert ann.told(MessageAdded)[1].message.id == late.id
            assert await before.ends() == "DUPLICATE"
            assert ann.told(SessionClosed) == []


@pytest.mark.usefixtures("short_drain")
async def test_a_session_of_an_older_start_does_not_displace_a_newer_one(house: House) -> None:
    ann = await house.lives("ann")
    bob = Identity(os.urandom(32))
    async with ByHand(ann, bob, replace(READY, epoch=6)) as newer:
        await until(lambda: ann.node.sessions.current(newer.me))
        async with ByHand(ann, bob, replace(READY, epoch=5)) as older:
            assert await older.ends() == "DUPLICATE"
            link = ann.node.sessions.current(newer.me)
            assert link is not None
            assert link.binding == newer.link.binding
            newer.link.abort("TEST")
            await ann.hears(SessionClosed)


async def test_nobody_displaces_somebody_elses_session(house: House) -> None:
    ann, bob = await house.couple()
    await ann.meet(bob)
    binding = ann.link(bob).binding
    async with ByHand(ann, ready=replace(READY, name="bob", epoch=2**40)) as mallory:
        await until(lambda: ann.node.sessions.current(mallory.me))
        assert ann.link(bob).binding == binding


async def test_another_key_at_an_address_hears_nothing_and_is_named(house: House) -> None:
    ann, bob = await house.couple()
    told = len(bob.events)
    cy = Identity(os.urandom(32)).peer_id
    error = await failure(
        ann.ask("say", peer=str(bob.address), confirmed=str(cy), text="for cy only")
    )
    assert isinstance(error, WrongPeer)
    assert bob.events[told:] == []
    assert ann.told(MessageAdded) == []


async def test_our_own_address_leads_to_ourselves(house: House) -> None:
    ann = await house.lives("ann")
    error = await failure(ann.ask("say", peer=str(ann.address), text="hello"))
    assert isinstance(error, ReachedOurselves)
    assert ann.node.people.all() == ()
    assert ann.told(SessionOpened) == []


# --- dialling -----------------------------------------------------------------------------


async def test_many_who_ask_for_one_session_share_one_dial(house: House) -> None:
    ann, bob = await house.couple()
    links = await asyncio.gather(*(ann.meet(bob) for _ in range(10)))
    assert len(set(links)) == 1
    assert len(bob.told(SessionOpened)) == 1


async def test_a_dial_to_a_stale_address_does_not_fail_who_knows_a_better_one(
    house: House,
) -> None:
    ann, bob = await house.couple()
    sessions = ann.node.sessions
    stale, good = await asyncio.gather(
        sessions.connect(bob.me, [CLOSED]),
        sessions.connect(bob.me, [bob.address]),
        return_exceptions=True,
    )
    assert isinstance(stale, PeerUnreachable)
    assert good is sessions.current(bob.me)


async def test_who_asks_in_the_moment_a_dial_failed_has_one_of_their_own(house: House) -> None:
    ann, bob = await house.couple()
    connect = ann.node.sessions.connect

    async def a_turn_later() -> None:
        await asyncio.sleep(0)  # the dial has failed by then, and nobody heard of it
        await connect(bob.me, [])

    results = await asyncio.gather(connect(bob.me, []), a_turn_later(), return_exceptions=True)
    assert [type(one) for one in results] == [PeerUnreachable] * 2


async def test_a_stranger_who_called_is_not_called_back_at_a_jump_nor_at_a_low_port(
    house: House,
) -> None:
    ann = await house.lives("ann")
    called = []
    there = await asyncio.start_server(lambda *_both: called.append(1), "127.0.0.1", 0)
    async with there:
        port = there.sockets[0].getsockname()[1]
        async with ByHand(ann, ready=replace(READY, port=port)) as eve:
            await until(lambda: ann.node.sessions.current(eve.me))
            with pytest.raises(PeerUnreachable):
                await ann.node.sessions.renew(eve.me, cut=True)
            assert await eve.ends() in {"LOST", "TIMEOUT"}
        async with ByHand(ann, ready=replace(READY, port=1023)) as mallory:
            await until(lambda: ann.node.sessions.current(mallory.me))
            with pytest.raises(PeerUnreachable, match="no address"):
                await ann.node.sessions.renew(mallory.me)
    assert called == []


async def test_nobody_is_dialled_at_no_address_or_against_the_users_wish(house: House) -> None:
    ann, bob = await house.couple()
    with pytest.raises(PeerUnreachable):
        await ann.node.sessions.connect(bob.me, [])
    await ann.holds(bob, Trust.BLOCKED)
    with pytest.raises(PeerBlocked):
        await ann.node.sessions.connect(bob.me, [bob.address])


async def test_a_dial_that_is_under_way_at_the_end_fails_who_asked_for_it(
    house: House,
) -> None:
    ann = await house.lives("ann")
    nobody = Identity(os.urandom(32)).peer_id
    async with mute() as address:
        dialling = asyncio.ensure_future(ann.node.sessions.connect(nobody, [address]))
        await asyncio.sleep(0.02)
        await house.leaves(ann)
        with pytest.raises(PeerUnreachable):
            await dialling
        for late in (
            ann.node.sessions.connect(nobody, [address]),
            ann.node.sessions.connect_unknown(address, timeout=1),
        ):
            with pytest.raises(PeerUnreachable):
                await late


async def test_nobody_who_waits_for_a_dial_that_was_given_up_dials_again(
    house: House,
) -> None:
    ann = await house.lives("ann")
    nobody = Identity(os.urandom(32)).peer_id
    async with mute() as address:
        connect = ann.node.sessions.connect
        both = [asyncio.ensure_future(connect(nobody, [address])) for _ in range(2)]
        await asyncio.sleep(0)
        calls = ann.node.sessions._calls._opening
        await until(lambda: nobody in calls)
        ann.node.sessions.give_up_dials(nobody)
        for one in both:
            with pytest.raises(PeerUnreachable, match=r"about to end|given up"):
                await one
        assert nobody not in calls


class mute:  # noqa: N801 - used as a function
    """Somebody who takes connections and never says a word."""

    async def __aenter__(self) -> Address:
        self._writers: list[asyncio.StreamWriter] = []

        async def take(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.append(writer)

        self._server = await asyncio.start_server(take, "127.0.0.1")
        return Address("127.0.0.1", self._server.sockets[0].getsockname()[1])

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()


async def test_a_session_that_opens_as_we_end_is_not_taken(house: House) -> None:
    ann, bob = await house.couple()
    link = await bob.meet(ann)
    ann.node.sessions._greeter.closed = True
    told = len(ann.events)
    ann.node.sessions.admit(ann.link(bob))
    await until(lambda: not link.open)
    await until(lambda: len(ann.events) > told)
    assert [
        type(event) for event in ann.events[told:] if isinstance(event, SessionOpened)
    ] == []


async def test_a_session_that_broke_off_unheard_does_not_outrank_a_new_one(
    house: House,
) -> None:
    ann, bob = await house.friends()  # ann's dials win over bob's
    await ann.meet(bob)
    old = ann.link(bob)
    old.abort("TEST")
    await bob.node.sessions._calls.dial(ann.me, [ann.address], 5, replace=False)
    await until(lambda: ann.node.sessions.current(bob.me) not in {None, old})
    await ann.say(bob, "still here")


async def test_who_goes_says_goodbye(house: House) -> None:
    ann, bob = await house.couple()
    await ann.meet(bob)
    await house.leaves(ann)
    assert (await bob.hears(SessionClosed)).reason == "GOODBYE"
    assert [event.reason for event in ann.told(SessionClosed)] == ["GOODBYE"]


async def test_everybody_who_waits_for_a_session_or_its_end_hears_of_it(house: House) -> None:
    ann, bob = await house.couple()
    sessions = ann.node.sessions
    waiting = [asyncio.ensure_future(sessions.stands(bob.me)) for _ in range(5)]
    await ann.meet(bob)
    await asyncio.gather(*waiting)
    waiting = [asyncio.ensure_future(sessions.ended(bob.me)) for _ in range(5)]
    await asyncio.sleep(0)
    assert not any(one.done() for one in waiting)
    sessions.give_up(bob.me)
    await asyncio.gather(*waiting)


# --- faults -------------------------------------------------------------------------------


async def test_a_failure_of_ours_ends_no_session(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await house.lives("ann")

    async def fails(*_arguments: object) -> None:
        raise OSError(5, "of ours")

    monkeypatch.setattr(ann.node.conversations, "receive", fails)
    async with ByHand(ann) as bob:
        bob.posts(a_text("lost to a bad disk"))
        await asyncio.sleep(0.05)
        monkeypatch.undo()
        bob.posts(a_text("hello"))
        await ann.hears(MessageAdded)


@pytest.fixture
async def watched(house: House) -> AsyncIterator[tuple[Resident, "asyncio.Future[None]"]]:
    """Somebody, and the end of their node."""
    ann = await house.lives("ann")
    failing = asyncio.ensure_future(ann.node.failed())
    yield ann, failing
    failing.cancel()
    await asyncio.wait({failing})


async def test_a_bug_that_no_record_brought_up_ends_the_node_and_is_told(
    watched: tuple[Resident, "asyncio.Future[None]"],
    house: House,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann, failing = watched

    async def broken(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ann.node.acquaintance, "met", broken)
    async with ByHand(ann):
        await asyncio.wait({failing}, timeout=5)
    error = failing.exception()
    assert isinstance(error, ExceptionGroup)
    assert error.subgroup(ZeroDivisionError)
    with pytest.raises(ExceptionGroup):
        await house.leaves(ann)


async def test_what_cannot_be_renewed_stays(house: House) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:  # it listens nowhere
        await until(lambda: ann.node.sessions.current(bob.me))
        with pytest.raises(PeerError):
            await ann.node.sessions.renew(bob.me)
        bob.posts(a_text("hello"))
        await ann.hears(MessageAdded)
        with pytest.raises(LanchatError):
            await ann.node.sessions.renew(bob.me, cut=True)
        assert await bob.ends() in {"LOST", "TIMEOUT"}
