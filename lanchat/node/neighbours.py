"""Neighbours: who is here, and how sure we are.

An advert is a rumour, a session is a proof.  A rumour that is contradicted (a goodbye, a
session that broke off) is checked before anybody is taken off the list: one knock at the
port and one question by multicast (docs/PROTOCOL.md, 6, *Liveness*).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol, assert_never

from lanchat.discovery.advert import VERSION, Advert, label_of
from lanchat.discovery.roster import Arrived, Changed, Departed, Roster, RosterEvent
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.events import (
    NodeEvent,
    PeerAppeared,
    PeerChanged,
    PeerLeft,
    PeerView,
    Presence,
)
from lanchat.node.people import People
from lanchat.node.presence import Said, Version
from lanchat.node.turns import Turns
from lanchat.session.address import Address
from lanchat.session.knock import Knock, knock

_log = logging.getLogger(__name__)

CHECK_AGAIN: Final = 10.0  # seconds between two checks of one peer that others cause
SWEEP_EVERY: Final = 1.0  # seconds
CHECKS_A_SECOND: Final = 5
MOST_WAITING: Final = 1000  # strangers who wait to be checked; the sweep comes to others
KNOCK_TIMEOUT: Final = 1.2  # seconds
PATIENCE: Final = 0.25  # seconds before multicast is asked beside the knocking
MOST_INVITED: Final = 64  # peers whose invites we were given lately


class Ear(Protocol):
    """What neighbours need of discovery."""

    async def verify(self, label: str) -> bool:
        """Ask on the network whether the advert under `label` still stands."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What a session says of where a peer is."""

    name: str
    address: Address
    port: int  # where it listens; 0 for a peer that only dials
    said: Said | None = None  # of being there


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the node tells neighbours, and is told by them."""

    proven: Callable[[PeerId], Proven | None]
    publish: Callable[[NodeEvent], None]
    arrived: Callable[[PeerId], None]  # somebody can be dialled
    gone: Callable[[PeerId], None]  # nobody is there any more
    probe: Callable[[PeerId], None]  # ask on its session whether it is there
    rumoured: Callable[[PeerId], Sequence[Address]]  # where others say that somebody is
    spawn: Callable[[Awaitable[None], str], object]


class Neighbours:
    """The list of who is here.  Lives on the node thread."""

    def __init__(
        self, me: PeerId, people: People, hooks: Hooks, *, clock: Callable[[], int]
    ) -> None:
        self.roster: Final = Roster(me)
        self.ear: Ear | None = None
        self._people = people
        self._hooks = hooks
        self._clock = clock
        self._turns = Turns()
        self._views: dict[PeerId, PeerView] = {}
        self._doubtful: set[PeerId] = set()
        self._checking: set[PeerId] = set()
        self._due: set[PeerId] = set()  # they are checked in a while
        self._checked: dict[PeerId, float] = {}
        self._invited: dict[PeerId, tuple[Address, ...]] = {}
        self._moved = asyncio.Event()
        people.names_changed = self._judge_strangers
        for contact in people.all():
            self.roster.protect(contact.peer_id)

    # --- questions ----------------------------------------------------------------------

    def views(self) -> tuple[PeerView, ...]:
        """Everybody on the list."""
        return tuple(self._views.values())

    def view(self, peer: PeerId) -> PeerView | None:
        """One peer's line, if it is on the list."""
        return self._views.get(peer)

    def hears(self, peer: PeerId) -> bool:
        """Whether an advert of this peer came in."""
        return self.roster.find(peer) is not None

    def addresses(self, peer: PeerId) -> list[Address]:
        """Where to dial a peer: its advert, what others say, where it was, its invite."""
        found: list[Address] = []
        advert = self.roster.find(peer)
        if advert is not None and _version(advert) is Version.SAME:
            found = [Address(host, advert.port) for host in advert.addresses]
        found += self._hooks.rumoured(peer)
        places = (*found, *self.remembered(peer), *self._invited.get(peer, ()))
        return list(dict.fromkeys(places))

    def remembered(self, peer: PeerId) -> list[Address]:
        """Where sessions with a peer last stood, the newest first."""
        held = self._people.find(peer)
        found: list[Address] = []
        for text in held.addresses if held else ():
            with suppress(ValueError):
                found.append(Address.parse(text))
        return found

    def invited(self, peer: PeerId, addresses: Sequence[Address]) -> None:
        """The user gave us an invite: where that peer may be, until we end."""
        self._invited.pop(peer, None)
        self._invited[peer] = tuple(addresses)
        while len(self._invited) > MOST_INVITED:
            del self._invited[next(iter(self._invited))]

    async def moved(self) -> None:
        """Wait until the list changes."""
        self._moved.clear()
        await self._moved.wait()

    # --- what happens -------------------------------------------------------------------

    def heard(self, advert: Advert, source: str | None) -> None:
        """An advert with a good signature arrived."""
        for event in self.roster.see(advert, _now(), source, seen_at=self._clock()):
            self._follow(event)

    def _follow(self, event: RosterEvent) -> None:
        match event:
            case Arrived(arrived) | Changed(arrived):
                self.refresh(arrived.peer_id)
                self._hooks.arrived(arrived.peer_id)
            case Departed(peer_id):
                self._checked.pop(peer_id, None)
                self.refresh(peer_id)
            case _:
                assert_never(event)

    def withdrawn(self, label: str) -> None:
        """Somebody said goodbye under `label`, or its advert ran out: perhaps."""
        advert = self.roster.labelled(label)
        if advert is None:
            return
        peer = advert.peer_id
        if self._hooks.proven(peer) is not None:
            self._hooks.probe(peer)
        else:
            self._check_in_turn(peer)

    def session_changed(self, peer: PeerId, *, ended: bool) -> None:
        """A session with this peer opened, or the last one ended."""
        self._doubtful.discard(peer)
        self.roster.protect(peer, on=self._hooks.proven(peer) is not None or self._held(peer))
        self.refresh(peer)
        if ended and self.roster.find(peer) is not None:
            self.check(peer)

    def doubt(self, peer: PeerId, *, doubtful: bool) -> None:
        """The session stopped answering, or answers again."""
        if doubtful:
            self._doubtful.add(peer)
            if self._knockable(peer):  # else its session alone tells
                self.check(peer)
        else:
            self._doubtful.discard(peer)
        self.refresh(peer)

    def refresh(self, peer: PeerId) -> None:
        """Work out a peer's line anew, and tell if it changed."""
        old = self._views.get(peer)
        new = self._look(peer)
        if new == old:
            return
        if new is None:
            if old is not None:
                del self._views[peer]
                self._hooks.publish(PeerLeft(old))
        else:
            self._views[peer] = new
            self._hooks.publish(PeerAppeared(new) if old is None else PeerChanged(new))
        self._moved.set()

    def _judge_strangers(self) -> None:
        """A name is spoken for that was not, or the other way round: who bears it?"""
        for peer, view in tuple(self._views.items()):
            if view.trust in (Trust.NEW, Trust.CONFLICT):
                self.refresh(peer)

    def check(self, peer: PeerId) -> None:
        """See whether a peer is still there; off the list if not."""
        if peer not in self._checking and self._room(peer, self._checking):
            self._checking.add(peer)
            self._hooks.spawn(self._check(peer), f"check {peer.short}")

    def _check_in_turn(self, peer: PeerId) -> None:
        """Check what anybody may claim, and so not at once if that was done just now."""
        since = _now() - self._checked.get(peer, -CHECK_AGAIN)
        if peer in self._checking:
            since = 0.0  # what is claimed now may come true after the knock
        if since >= CHECK_AGAIN:
            self.check(peer)
        elif peer not in self._due and self._room(peer, self._due):
            self._due.add(peer)
            self._hooks.spawn(self._check_later(peer, CHECK_AGAIN - since), "check in turn")

    def _room(self, peer: PeerId, waiting: set[PeerId]) -> bool:
        """Whether one more may wait: adverts and goodbyes of made-up people come faster."""
        return len(waiting) < MOST_WAITING or self._held(peer)

    async def _check_later(self, peer: PeerId, pause: float) -> None:
        await asyncio.sleep(pause)
        self._due.discard(peer)
        if self.roster.find(peer) is not None and self._hooks.proven(peer) is None:
            self.check(peer)

    def networks_changed(self) -> None:
        """Everybody was asked; who does not answer is checked soon."""
        self.roster.doubt_all(_now())

    async def sweep(self) -> None:
        """Check peers without a session now and then, the oldest first; never ends."""
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            for event in self.roster.expire(_now()):
                self._follow(event)
            for label in self.roster.due(_now(), most=CHECKS_A_SECOND):
                advert = self.roster.labelled(label)
                if advert is None:
                    continue
                if self._hooks.proven(advert.peer_id) is not None:
                    self.roster.confirm(label, _now())  # the session proves it
                else:
                    self._check_in_turn(advert.peer_id)

    # --- within -------------------------------------------------------------------------

    async def _check(self, peer: PeerId) -> None:
        try:
            async with self._turns.of(ahead=self._held(peer)):
                there = self._listed(peer) and await self._is_there(peer)
        finally:
            self._checking.discard(peer)
            if self.hears(peer):
                self._checked[peer] = _now()
        if there or self._answers(peer):
            self.roster.confirm(label_of(peer), _now())
            self.refresh(peer)
            return
        _log.info("%s is gone", peer.short)
        self._checked.pop(peer, None)
        for event in self.roster.lost(label_of(peer), _now()):
            self._follow(event)
        self._hooks.gone(peer)
        self._doubtful.discard(peer)  # not sooner: it would be told of as online once more
        self.refresh(peer)

    def _listed(self, peer: PeerId) -> bool:
        """Whether it is still on the list when its turn has come."""
        return self.hears(peer) or self._hooks.proven(peer) is not None

    def _answers(self, peer: PeerId) -> bool:
        """Whether a session proves meanwhile what knocking did not."""
        return self._hooks.proven(peer) is not None and peer not in self._doubtful

    async def _is_there(self, peer: PeerId) -> bool:
        """A closed port is an answer at once; only behind silence multicast is asked too."""
        asked = asyncio.ensure_future(self._ask(peer))
        try:
            result = await knock(self._knockable(peer), timeout=KNOCK_TIMEOUT)
            if result is not Knock.SILENT:
                return result is Knock.OPEN
            return await asked
        finally:
            asked.cancel()

    async def _ask(self, peer: PeerId) -> bool:
        await asyncio.sleep(PATIENCE)
        return self.ear is not None and await self.ear.verify(label_of(peer))

    def _knockable(self, peer: PeerId) -> Sequence[Address]:
        advert = self.roster.find(peer)
        if advert is not None:
            return [Address(host, advert.port) for host in advert.addresses]
        proven = self._hooks.proven(peer)
        if proven is not None and proven.port:
            return [Address(proven.address.host, proven.port)]
        return []

    def _look(self, peer: PeerId) -> PeerView | None:
        advert = self.roster.find(peer)
        proven = self._hooks.proven(peer)
        if advert is None and proven is None:
            return None
        claimed = proven.name if proven else advert.nickname if advert else ""
        if proven is None:
            presence = Presence.SEEN
        else:
            presence = Presence.DOUBTFUL if peer in self._doubtful else Presence.ONLINE
        hosts = advert.addresses if advert else (proven.address.host,) if proven else ()
        port = advert.port if advert else proven.port if proven else 0
        return PeerView(
            peer_id=peer,
            name=self._people.name(peer, claimed),
            trust=self._people.trust(peer, claimed),
            presence=presence,
            addresses=tuple(hosts),
            port=port,
            said=proven.said if proven else None,
            version=_version(advert) if advert and not proven else Version.SAME,
        )

    def _held(self, peer: PeerId) -> bool:
        return self._people.find(peer) is not None


def _version(advert: Advert) -> Version:
    if advert.version == VERSION:
        return Version.SAME
    return Version.NEWER if advert.version > VERSION else Version.OLDER


def _now() -> float:
    return asyncio.get_running_loop().time()
