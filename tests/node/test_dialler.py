"""Whom the program dials by itself, and when."""

import asyncio
import random
import time
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from lanchat.errors import LanchatError, PeerUnreachable, WrongPeer
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import dialler, turns
from lanchat.node.dialler import Dialler, Hooks
from lanchat.node.events import MessageAdded, SessionOpened, Warned
from tests.node.house import House, make_file, until

SMALL, ME, LARGE = (PeerId(bytes([n]) * 32) for n in (1, 2, 3))


@dataclass
class Desk:
    """A dialler, and what its dials met with."""

    me: PeerId = ME
    waiting: tuple[PeerId, ...] = ()
    invited: set[PeerId] = field(default_factory=set)
    unreachable: set[PeerId] = field(default_factory=set)
    online: set[PeerId] = field(default_factory=set)
    failures: list[LanchatError] = field(default_factory=list)
    dials: list[tuple[float, PeerId]] = field(default_factory=list)
    looks: list[PeerId] = field(default_factory=list)
    mute: set[PeerId] = field(default_factory=set)  # dials to them never end
    wrong: list[PeerId] = field(default_factory=list)
    silent: list[PeerId] = field(default_factory=list)
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    calls: list[PeerId] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tasks: set[asyncio.Future[None]] = set()
        self.dialler = Dialler(
            self.me,
            self.waiting,
            Hooks(
                may=lambda peer: peer not in self.online,
                invited=self.invited.__contains__,
                reachable=lambda peer: peer not in self.unreachable,
                connect=self._connect,
                spawn=self._spawn,
                wrong=self.wrong.append,
                remembered=lambda: [(one, partial(self._call, one)) for one in self.silent],
            ),
        )

    def _spawn(self, work: Awaitable[None], _name: str) -> None:
        self.tasks.add(asyncio.ensure_future(work))

    async def _connect(self, peer: PeerId, looks: bool) -> None:
        self.dials.append((time.monotonic(), peer))
        if looks:
            self.looks.append(peer)
        if peer in self.mute:
            await self.answering.wait()
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        self.online.add(peer)

    async def _call(self, peer: PeerId) -> None:
        self.calls.append(peer)
        await self.answering.wait()
        if self.failures:
            raise self.failures.pop(0)

    async def __aenter__(self) -> "Desk":
        return self

    async def __aexit__(self, *_error: object) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.wait(self.tasks or {asyncio.ensure_future(asyncio.sleep(0))})


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pauses in hundredths of seconds, without chance."""
    monkeypatch.setattr(dialler, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(dialler, "LONGEST_PAUSE", 0.04)
    monkeypatch.setattr(random, "uniform", lambda _low, _high: 1.0)
    return iter([None])


async def test_what_a_dial_came_to_is_kept_without_what_it_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dialler, "FIRST_PAUSE", 60.0)
    async with Desk(invited={SMALL}, failures=[PeerUnreachable("gone")]) as desk:
        desk.dialler.want(SMALL)
        await until(lambda: desk.dialler.failed(SMALL))
        kept = desk.dialler.failed(SMALL)
        assert isinstance(kept, PeerUnreachable)
        assert kept.__traceback__ is None


async def test_a_stranger_is_never_dialled() -> None:
    async with Desk() as desk:
        desk.dialler.want(LARGE)
        desk.dialler.want_all()
        assert (desk.tasks, desk.dials) == (set(), [])


async def test_a_friend_who_is_here_is_dialled_once() -> None:
    async with Desk(invited={LARGE}) as desk:
        desk.dialler.want(LARGE)
        desk.dialler.want(LARGE)
        await until(lambda: LARGE in desk.online)
        desk.dialler.want(LARGE)
        await asyncio.sleep(0.02)
        assert len(desk.dials) == 1


async def test_who_is_spared_is_dialled_once_that_is_over() -> None:
    async with Desk(invited={LARGE}, waiting=(SMALL,)) as desk:
        for one in (LARGE, SMALL):
            desk.dialler.spare(one, 0.05)
            desk.dialler.want(one)
        desk.silent.append(LARGE)
        await desk.dialler._look()
        assert (desk.dialler._pursued, desk.calls) == ({}, [])
        await until(lambda: {LARGE, SMALL} <= desk.online)
        assert len(desk.dials) == 2


async def test_who_is_spared_is_dialled_for_what_our_user_brings() -> None:
    async with Desk(invited={SMALL}, waiting=()) as desk:
        desk.dialler.spare(SMALL, 60)
        desk.dialler.want(SMALL)
        assert desk.dialler._pursued == {}
        desk.dialler.wait_for(SMALL)
        await until(lambda: SMALL in desk.online)


async def test_a_dial_says_whether_something_waits_to_be_brought() -> None:
    async with Desk(invited={LARGE}, waiting=(SMALL,)) as desk:
        desk.dialler.want(LARGE)
        desk.dialler.want(SMALL)
        await until(lambda: {LARGE, SMALL} <= desk.online)
        assert desk.looks == [LARGE]


async def test_who_was_just_heard_of_does_not_wait_behind_those_for_whom_something_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of whom nothing is heard: where they were last, often nobody says anything for long."""
    monkeypatch.setattr(turns, "AT_ONCE", 2)
    away = tuple(PeerId((9 + n).to_bytes(32, "big")) for n in range(5))
    async with Desk(waiting=away, invited={LARGE}, mute={*away}) as desk:
        desk.dialler.start()
        await until(lambda: len(desk.dials) == 2)
        desk.dialler.want(LARGE)
        await until(lambda: LARGE in desk.online)
        assert len(desk.dials) == 3


@pytest.mark.usefixtures("hurried")
async def test_people_who_are_not_reached_are_tried_in_turn_and_newcomers_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Their adverts may be copies, which cost whoever repeats them nothing."""
    monkeypatch.setattr(turns, "OTHERS_AT_FIRST", 5.0)
    monkeypatch.setattr(turns, "OTHERS_A_SECOND", 0.001)
    crowd = [PeerId((9 + n).to_bytes(32, "big")) for n in range(30)]
    failures: list[LanchatError] = [PeerUnreachable("x") for _ in range(1000)]
    async with Desk(me=ME, invited={*crowd, LARGE}, failures=failures) as desk:
        for peer in crowd:
            desk.dialler.want(peer)
        await until(lambda: len(desk.dials) == 30 + 5)
        for peer in crowd:
            desk.dialler.want(peer)  # it is announced again, somewhere else
        await asyncio.sleep(0.05)
        assert len(desk.dials) == 30 + 5
        desk.failures.clear()
        desk.dialler.want(LARGE)
        await until(lambda: LARGE in desk.online)


async def test_the_larger_key_lets_the_smaller_one_go_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dialler, "COURTESY", 0.02)
    async with Desk(invited={SMALL}) as desk:
        desk.dialler.want(SMALL)
        await asyncio.sleep(0.005)
        desk.online.add(SMALL)  # it dialled us
        await asyncio.gather(*desk.tasks)
        assert desk.dials == []
        desk.online.clear()
        desk.dialler.want(SMALL)
        await asyncio.gather(*desk.tasks)
        assert [peer for _, peer in desk.dials] == [SMALL]


async def test_who_is_waited_for_is_dialled_known_or_not_and_at_once() -> None:
    async with Desk(waiting=(SMALL,)) as desk:
        desk.dialler.start()
        await until(lambda: SMALL in desk.online)
        desk.dialler.wait_for(LARGE)
        await until(lambda: LARGE in desk.online)


async def test_who_has_no_address_is_not_dialled_until_there_is_one() -> None:
    async with Desk(waiting=(LARGE,), unreachable={LARGE}) as desk:
        desk.dialler.start()
        await asyncio.sleep(0.02)
        assert desk.dials == []
        desk.unreachable.clear()
        desk.dialler.want(LARGE)
        await until(lambda: LARGE in desk.online)


async def test_pauses_double_up_to_a_minute() -> None:
    async with Desk(
        waiting=(LARGE,), failures=[PeerUnreachable("x") for _ in range(5)]
    ) as desk:
        desk.dialler.start()
        await until(lambda: LARGE in desk.online)
        times = [when for when, _ in desk.dials]
        pauses = [later - sooner for sooner, later in pairwise(times)]
        least = [0.01, 0.02, 0.04, 0.04, 0.04]
        assert all(pause >= low for pause, low in zip(pauses, least, strict=True))


async def test_a_nudge_ends_a_pause_and_begins_with_short_ones_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dialler, "FIRST_PAUSE", 1000.0)
    async with Desk(
        waiting=(LARGE, SMALL), failures=[PeerUnreachable("x") for _ in range(4)]
    ) as desk:
        desk.dialler.start()
        await until(lambda: len(desk.dials) == 2)
        desk.dialler.want(LARGE)
        await until(lambda: len(desk.dials) == 3)
        desk.dialler.want_all()
        await until(lambda: {SMALL, LARGE} <= desk.online or len(desk.dials) == 5)
        desk.dialler.want_all()
        await until(lambda: {SMALL, LARGE} <= desk.online)


async def test_who_is_wanted_no_more_is_dialled_no_more() -> None:
    async with Desk(
        invited={LARGE}, failures=[PeerUnreachable("x") for _ in range(100)]
    ) as desk:
        desk.dialler.want(LARGE)
        await until(lambda: len(desk.dials) == 2)
        desk.invited.clear()
        await asyncio.gather(*desk.tasks)
        desk.dialler.want(LARGE)
        await asyncio.gather(*desk.tasks)
        assert len(desk.dials) <= 3


async def test_somebody_else_at_the_address_is_told_and_tried_again() -> None:
    async with Desk(waiting=(LARGE,), failures=[WrongPeer("x")]) as desk:
        desk.dialler.start()
        await until(lambda: LARGE in desk.online)
        assert desk.wrong == [LARGE]


def many(number: int) -> list[PeerId]:
    return [PeerId(bytes([1, n]) * 16) for n in range(number)]


async def test_friends_nothing_is_heard_of_are_looked_for_a_few_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dialler, "SILENCE", 0.01)
    errors: list[LanchatError] = [PeerUnreachable("x"), WrongPeer("x")]
    async with Desk(silent=many(99), online={many(2)[1]}, failures=errors) as desk:
        desk._spawn(desk.dialler.run(), "dialler")
        await until(lambda: len(desk.calls) == dialler.AT_ONCE)
        await asyncio.sleep(0)
        assert len(desk.calls) == dialler.AT_ONCE
        desk.answering.set()
        await until(lambda: len(desk.calls) == dialler.MOST_LOOKED_FOR - 1)  # one is here
        assert desk.calls == [one for one in many(dialler.MOST_LOOKED_FOR) if one != many(2)[1]]
        assert desk.wrong == []  # an address that is somebody else's now is no news
        desk.dialler.want_all()  # the network changed: once more, and soon
        await until(lambda: len(desk.calls) == 2 * (dialler.MOST_LOOKED_FOR - 1))
        assert not any(task.done() for task in desk.tasks)


# --- with nodes ---------------------------------------------------------------------------


async def test_nothing_is_dialled_for_ever_once_all_has_arrived(house: House) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    (row,) = await ann.ask("say", peer=str(bob.me), text="now", queue=True)
    assert row["state"] == "delivered"
    await house.leaves(bob)
    await until(lambda: not ann.node.dialler.waiting and not ann.node.dialler._pursued)


@pytest.mark.usefixtures("slow")  # it must not be there before Bob has gone
async def test_nobody_is_dialled_for_a_send_that_was_given_up(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    sending = await ann.node.transfers.offer(bob.me, [make_file(tmp_path / "file", 10**7)])
    await house.leaves(bob)
    await until(lambda: bob.me in ann.node.dialler.waiting)
    ann.node.transfers.leave(sending)
    await until(lambda: not ann.node.dialler.waiting and not ann.node.dialler._pursued)


async def test_who_comes_back_to_its_old_address_gets_what_waits(house: House) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    port = bob.address.port
    await house.leaves(bob)
    await ann.ask("say", peer=str(bob.me), text="later", queue=True)
    bob = await house.returns(bob, port=port)
    assert (await bob.hears(MessageAdded)).message.text == "later"


async def test_another_key_at_an_old_address_is_warned_of_and_gets_nothing(
    house: House,
) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    port = bob.address.port
    await house.leaves(bob)
    mallory = await house.lives("bob", 2, port=port)
    await ann.node.conversations.compose(bob.me, "for bob")
    ann.node.dialler.wait_for(bob.me)
    warning = await ann.hears(Warned, lambda event: event.code == "wrong-peer")
    assert warning.peer_id == bob.me
    assert mallory.told(SessionOpened) == []
    assert ann.trusts(mallory) is Trust.CONFLICT
