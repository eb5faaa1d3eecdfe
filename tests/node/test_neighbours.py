"""Who is here, and how it is found out that somebody is gone.  PROTOCOL.md, 6, *Liveness*."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field

import pytest

from lanchat.discovery.advert import Advert, label_of
from lanchat.identity.keys import Identity, PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node import neighbours, turns
from lanchat.node.events import (
    NodeEvent,
    PeerAppeared,
    PeerChanged,
    PeerLeft,
    Presence,
    Version,
)
from lanchat.node.neighbours import Hooks, Neighbours, Proven
from lanchat.node.people import People
from lanchat.session.address import Address
from tests.node.house import until

ME = PeerId(b"\1" * 32)
BOB = PeerId(b"\2" * 32)
LABEL = label_of(BOB)


class Book:
    async def all(self) -> tuple[Contact, ...]:
        return ()

    async def save(self, contact: Contact) -> None:
        pass

    async def forget(self, peer: PeerId) -> None:
        pass


@dataclass
class Street:
    """Neighbours, a port of Bob's that can be closed, and what happened."""

    sessions: dict[PeerId, Proven] = field(default_factory=dict)
    events: list[NodeEvent] = field(default_factory=list)
    arrived: list[PeerId] = field(default_factory=list)
    gone: list[PeerId] = field(default_factory=list)
    probed: list[PeerId] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answers: bool = False
    knocks: int = 0
    at_the_door: int = 0
    crowd: int = 0  # the most at the door at once

    def __post_init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        people = People(Book(), ME, "me", reach=bytes(32), beacon=bytes(32))
        hooks = Hooks(
            proven=self.sessions.get,
            publish=self.events.append,
            arrived=self.arrived.append,
            gone=self._goes,
            rumoured=lambda _peer: (),
            probe=self.probed.append,
            spawn=self._spawn,
        )
        self.people = people
        self.here = Neighbours(ME, people, hooks, clock=lambda: time.time_ns() // 10**6)
        self.here.ear = self
        self.server: asyncio.Server | None = None

    async def __aenter__(self) -> "Street":
        self.server = await asyncio.start_server(self._knocked, "127.0.0.1")
        self.port: int = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.closes()

    async def closes(self) -> None:
        """Nobody listens there any more."""
        if self.server is not None:
            self.server.close()
            await self.server.wait_closed()
            self.server = None

    async def verify(self, label: str) -> bool:
        self.asked.append(label)
        await asyncio.sleep(0)
        return self.answers

    async def _knocked(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.knocks += 1
        self.at_the_door += 1
        self.crowd = max(self.crowd, self.at_the_door)
        await reader.read()
        self.at_the_door -= 1
        writer.close()

    def _spawn(self, work: Awaitable[None], name: str) -> None:
        task = asyncio.ensure_future(work)
        assert isinstance(task, asyncio.Task)
        self.tasks.add(task)

    def _goes(self, peer: PeerId) -> None:
        self.gone.append(peer)
        if self.sessions.pop(peer, None):
            self.here.session_changed(peer, ended=True)

    def hears(self, epoch: int = 0, *, port: int | None = None, name: str = "bob") -> None:
        """Bob's advert comes in."""
        now = epoch or time.time_ns() // 10**6
        where = self.port if port is None else port
        self.here.heard(Advert(BOB, name, where, now, "", ("127.0.0.1",), LABEL), "127.0.0.1")

    def crowded(self, count: int) -> list[str]:
        """The adverts of so many strangers come in; all lead to Bob's port."""
        labels = []
        for number in range(count):
            peer = Identity(number.to_bytes(32, "big")).peer_id
            label, source = label_of(peer), f"127.0.1.{number}"
            advert = Advert(peer, "eve", self.port, 1, "", ("127.0.0.1",), label)
            self.here.heard(advert, source)
            labels.append(label)
        return labels

    def meets(self, *, port: int | None = None) -> None:
        """A session with Bob opens."""
        where = self.port if port is None else port
        self.sessions[BOB] = Proven("bob", Address("127.0.0.1", 50_000), where)
        self.here.session_changed(BOB, ended=False)

    @property
    def presence(self) -> Presence | None:
        view = self.here.view(BOB)
        return view.presence if view else None


async def test_who_is_announced_is_seen_and_can_be_dialled() -> None:
    async with Street() as street:
        street.hears()
        (event,) = street.events
        assert isinstance(event, PeerAppeared)
        assert (event.peer.name, event.peer.presence) == ("bob", Presence.SEEN)
        assert event.peer.addresses == ("127.0.0.1",)
        assert street.arrived == [BOB]
        assert street.here.addresses(BOB) == [Address("127.0.0.1", street.port)]


@pytest.mark.parametrize(("spoken", "version"), [(2, Version.NEWER), (0, Version.OLDER)])
async def test_who_has_another_version_is_listed_as_that_and_not_dialled(
    spoken: int, version: Version
) -> None:
    async with Street() as street:
        advert = Advert(BOB, "", street.port, 0, "", ("127.0.0.1",), LABEL, spoken)
        street.here.heard(advert, "127.0.0.1")
        view = street.here.view(BOB)
        assert view is not None
        assert (view.name, view.presence, view.version) == (BOB.short, Presence.SEEN, version)
        assert street.here.addresses(BOB) == []
        street.meets()  # it speaks ours as well
        view = street.here.view(BOB)
        assert view is not None
        assert view.version is Version.SAME


async def test_the_same_advert_again_is_no_news_and_another_is() -> None:
    async with Street() as street:
        now = time.time_ns() // 10**6
        street.hears(now)
        street.hears(now)
        street.hears(now + 1, name="robert")
        assert [type(event) for event in street.events] == [PeerAppeared, PeerChanged]


async def test_a_stranger_whose_name_becomes_that_of_a_friend_is_in_conflict_at_once() -> None:
    eve = PeerId(b"\3" * 32)
    async with Street() as street:
        street.hears()
        await street.people.pin(eve, "Bob", 1)
        view = street.here.view(BOB)
        assert view is not None
        assert view.trust is Trust.CONFLICT
        await street.people.forget(eve)
        view = street.here.view(BOB)
        assert view is not None
        assert view.trust is Trust.NEW
        assert [type(one) for one in street.events] == [PeerAppeared, PeerChanged, PeerChanged]


async def test_a_session_is_proof_and_its_end_a_reason_to_look() -> None:
    async with Street() as street:
        street.hears()
        street.meets()
        online = street.presence
        del street.sessions[BOB]
        street.here.session_changed(BOB, ended=True)
        await until(lambda: street.knocks)
        assert online is Presence.ONLINE
        await until(lambda: not street.here._checking)
        assert street.presence is Presence.SEEN
        assert street.gone == []


async def test_a_closed_port_is_an_answer_at_once() -> None:
    async with Street() as street:
        street.hears()
        await street.closes()
        street.here.withdrawn(LABEL)
        await until(lambda: street.gone)
        assert street.presence is None
        assert isinstance(street.events[-1], PeerLeft)
        assert street.asked == []  # nobody had to be asked by multicast
        assert len(street.gone) == 1


async def test_a_forged_goodbye_takes_nobody_off_the_list() -> None:
    async with Street() as street:
        street.hears()
        street.here.withdrawn(LABEL)
        await until(lambda: street.knocks and not street.here._checking)
        assert street.presence is Presence.SEEN


async def test_a_goodbye_in_the_name_of_somebody_with_a_session_makes_us_ask_there() -> None:
    async with Street() as street:
        street.hears()
        street.meets()
        told = len(street.events)
        street.here.withdrawn(LABEL)
        assert street.probed == [BOB]
        await asyncio.sleep(0.02)
        assert (street.knocks, street.asked, street.events[told:]) == (0, [], [])


async def test_many_forged_goodbyes_make_us_knock_once_and_once_more_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbours, "CHECK_AGAIN", 2.0)
    async with Street() as street:
        street.hears()
        for _ in range(20):
            street.here.withdrawn(LABEL)
            await asyncio.sleep(0.002)
        await until(lambda: not street.here._checking)
        assert street.knocks == 1
        await street.closes()
        await until(lambda: street.gone)  # the last of them was true


async def test_goodbyes_of_a_crowd_make_us_knock_at_a_few_at_once_and_friends_do_not_wait() -> (
    None
):
    async with Street() as street:
        await street.people.pin(BOB, "bob", 1)
        street.hears()
        for label in street.crowded(5 * turns.AT_ONCE):
            street.here.withdrawn(label)
        street.here.withdrawn(LABEL)
        await until(lambda: BOB not in street.here._checking)
        assert len(street.here._checking) > turns.AT_ONCE
        await until(lambda: not street.here._checking)
        assert street.crowd <= 2 * turns.AT_ONCE
        assert street.knocks == 5 * turns.AT_ONCE + 1


async def test_of_made_up_people_only_so_many_wait_and_the_sweep_comes_to_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbours, "MOST_WAITING", 20)
    monkeypatch.setattr(neighbours, "SWEEP_EVERY", 0.05)
    async with Street() as street:
        await street.people.pin(BOB, "bob", 1)
        street.hears()
        labels = street.crowded(70)
        for label in 3 * [*labels, LABEL]:
            street.here.withdrawn(label)
        assert len(street.tasks) == 2 * (20 + 1)  # one now, and one for what comes true later
        assert BOB in street.here._checking & street.here._due
        await until(lambda: not street.here._checking)
        assert len(street.here._checked) == 20 + 1
        street.here.networks_changed()
        sweeping = asyncio.create_task(street.here.sweep())
        await until(lambda: len(street.here._checked) == 70 + 1)
        sweeping.cancel()


async def test_strangers_have_so_many_turns_and_friends_as_many_as_they_need(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "OTHERS_AT_FIRST", 3.0)
    monkeypatch.setattr(turns, "OTHERS_A_SECOND", 0.001)
    gone: list[bool] = []
    waiting = turns.Turns()

    async def go(friend: bool) -> None:
        async with waiting.of(ahead=friend):
            gone.append(friend)

    tasks = [asyncio.create_task(go(number % 2 == 0)) for number in range(20)]
    await until(lambda: gone.count(True) == 10)
    assert gone.count(False) == 3
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_who_was_evicted_while_waiting_for_a_turn_is_not_knocked_at() -> None:
    async with Street() as street:
        labels = street.crowded(3 * turns.AT_ONCE)
        for label in labels:
            street.here.withdrawn(label)
        for label in labels[turns.AT_ONCE :]:
            street.here.roster.lost(label, 0.0)
        await until(lambda: not street.here._checking)
        assert street.knocks == turns.AT_ONCE
        assert len(street.here._checked) == turns.AT_ONCE


async def test_a_goodbye_from_nobody_is_nothing() -> None:
    async with Street() as street:
        street.here.withdrawn(LABEL)
        street.here.withdrawn("")
        assert (street.tasks, street.events) == (set(), [])


@pytest.mark.parametrize("answers", [True, False])
async def test_behind_silence_multicast_is_asked_too(
    monkeypatch: pytest.MonkeyPatch, answers: bool
) -> None:
    monkeypatch.setattr(neighbours, "PATIENCE", 0.0)
    monkeypatch.setattr(Neighbours, "_knockable", lambda _self, _peer: ())
    async with Street(answers=answers) as street:
        street.hears()
        street.here.withdrawn(LABEL)
        await until(lambda: street.asked and not street.here._checking)
        assert street.asked == [LABEL]
        assert (BOB in street.gone) is not answers


async def test_somebody_who_comes_back_while_we_look_stays() -> None:
    async with Street() as street:
        street.hears()
        await street.closes()
        street.here.check(BOB)
        street.meets()  # it dialled us, and its own door is shut to us
        await until(lambda: not street.here._checking)
        assert street.presence is Presence.ONLINE
        assert street.gone == []


async def test_who_stops_answering_is_doubtful_and_gone_if_its_port_is_closed() -> None:
    async with Street() as street:
        street.hears()
        street.meets()
        street.here.doubt(BOB, doubtful=True)
        assert street.presence is Presence.DOUBTFUL
        await until(lambda: street.knocks and not street.here._checking)
        assert street.presence is Presence.DOUBTFUL
        await street.closes()
        told = len(street.events)
        street.here.doubt(BOB, doubtful=True)
        await until(lambda: street.gone)
        assert street.presence is None
        assert len(street.gone) == 1
        changed = [one.view for one in street.events[told:] if isinstance(one, PeerChanged)]
        assert all(view.presence is Presence.DOUBTFUL for view in changed)  # until the end


async def test_who_answers_again_is_doubted_no_more() -> None:
    async with Street() as street:
        street.hears()
        street.meets()
        street.here.doubt(BOB, doubtful=True)
        street.here.doubt(BOB, doubtful=False)
        assert street.presence is Presence.ONLINE


async def test_who_only_dials_is_gone_when_its_session_ends_and_not_before() -> None:
    async with Street() as street:
        street.meets(port=0)
        street.here.doubt(BOB, doubtful=True)
        await asyncio.sleep(0.02)
        assert (street.presence, street.asked) == (Presence.DOUBTFUL, [])
        del street.sessions[BOB]
        street.here.session_changed(BOB, ended=True)
        assert street.presence is None


async def test_who_is_seen_is_checked_now_and_then_and_who_has_a_session_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lanchat.discovery.roster.VERIFY_EVERY", 0.01)
    monkeypatch.setattr(neighbours, "CHECK_AGAIN", 0.0)
    monkeypatch.setattr(neighbours, "SWEEP_EVERY", 0.01)
    async with Street() as street:
        street.hears()
        street.meets()
        sweeping = asyncio.ensure_future(street.here.sweep())
        await asyncio.sleep(0.1)
        assert street.knocks == 0
        del street.sessions[BOB]
        await until(lambda: street.knocks >= 2)
        await street.closes()
        await until(lambda: street.gone)
        sweeping.cancel()
        await asyncio.wait({sweeping})


async def test_everybody_who_waits_for_a_move_sees_it() -> None:
    async with Street() as street:
        waiting = [asyncio.ensure_future(street.here.moved()) for _ in range(5)]
        await asyncio.sleep(0)
        street.hears()
        await asyncio.gather(*waiting)


async def test_trust_is_looked_up_anew_with_every_line() -> None:
    async with Street() as street:
        street.hears()
        await street.people.pin(BOB, "bob", 1)
        street.here.refresh(BOB)
        view = street.here.view(BOB)
        assert view is not None
        assert view.trust is Trust.KNOWN


async def test_what_was_checked_is_forgotten_with_who_left() -> None:
    async with Street() as street:
        street.hears()
        street.here.withdrawn(LABEL)
        await until(lambda: BOB in street.here._checked)
        await street.closes()
        street.here.check(BOB)
        await until(lambda: street.gone)
        assert street.here._checked == {}
