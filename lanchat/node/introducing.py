"""Introducing: people who share a contact find each other by it, where multicast does not go.

Each gives a record of its own addresses to the people it knows, and says whom it looks for by
tags that only somebody can make out who was told the secret of that person, as its friends
are.  Whoever has both passes the record on.  PROTOCOL.md, 6, *Introductions*.
"""

import asyncio
import hmac
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from lanchat.discovery import addresses, interfaces
from lanchat.discovery.addresses import LIFETIME, Record
from lanchat.discovery.nearby import reachable
from lanchat.errors import BadAdvert
from lanchat.identity.keys import Identity, PeerId, label
from lanchat.node import outlying
from lanchat.node.people import People
from lanchat.node.quotas import Crowd
from lanchat.session.address import Address
from lanchat.session.tcp import Link
from lanchat.wire.payloads import (
    INTRODUCE,
    MOST_SOUGHT,
    TAG_SIZE,
    Addresses,
    Introduction,
    Seek,
)

LOOK: Final = 5.0  # seconds between two looks whether there is something new to say
SEEK_EVERY: Final = 60.0  # seconds between two questions to one peer
SEEK_AGAIN: Final = 600.0  # seconds until the same is asked again
RENEW: Final = LIFETIME / 3  # ms after which our own record is told anew
MOST_PASSED: Final = 16  # records told in answer to one question


def own(chosen: Sequence[str]) -> tuple[str, ...]:
    """Our addresses that mean something on other networks."""
    return outlying.addresses(interfaces.routed(chosen))


def dialable(record: Record, chosen: Sequence[str]) -> tuple[str, ...]:
    """The addresses of a record that may be dialled: private, or on a network of ours."""
    near = interfaces.routed(chosen)
    return tuple(one for one in record.addresses if reachable(one, near))


def tag_of(secret: bytes, binding: bytes) -> bytes:
    """What stands for whose friends hold `secret`, on the session with this binding."""
    return hmac.digest(secret, label("introduction") + binding, "sha256")[:TAG_SIZE]


@dataclass(frozen=True, slots=True)
class Hooks:
    """What introductions ask of the node."""

    links: Callable[[], Iterable[Link]]
    current: Callable[[PeerId], Link | None]
    port: Callable[[], int]  # where we listen; 0 for nowhere, or if nobody is to know
    arrived: Callable[[PeerId], None]  # somebody can be dialled
    clock: Callable[[], int]


@dataclass(frozen=True, slots=True)
class _Sought:
    """What we asked somebody, when and on which session."""

    at: float
    binding: bytes
    people: frozenset[PeerId]

    def again(self, binding: bytes, people: frozenset[PeerId], now: float) -> bool:
        """Whether to ask once more: what was asked on another session means nothing now."""
        if binding != self.binding:
            return True
        return now - self.at >= (SEEK_AGAIN if people == self.people else SEEK_EVERY)


class Introductions:
    """Tells, asks and passes on.  Lives on the node thread."""

    def __init__(
        self,
        identity: Identity,
        people: People,
        crowd: Crowd,
        hooks: Hooks,
        *,
        chosen: Sequence[str],
    ) -> None:
        self._identity = identity
        self._people = people
        self._crowd = crowd
        self._hooks = hooks
        self._chosen = chosen
        self._epoch = 0
        self._own: tuple[int, tuple[str, ...], int] | None = None  # port, addresses, when
        self._record = b""
        self._told: dict[PeerId, tuple[bytes, bytes]] = {}  # on which session which of ours
        self._records: dict[PeerId, tuple[Record, bytes]] = {}  # theirs, told by themselves
        self._wanted: dict[PeerId, tuple[bytes, frozenset[bytes]]] = {}  # by them, on which
        self._sought: dict[PeerId, _Sought] = {}  # by us, of whom
        self._rumours: dict[PeerId, tuple[Record, tuple[str, ...]]] = {}
        self._heard: dict[PeerId, tuple[int, float]] = {}  # epoch of the last one, and when

    # --- questions ----------------------------------------------------------------------

    def rumoured(self, peer: PeerId) -> list[Address]:
        """Where somebody we know is said to be."""
        held = self._rumours.get(peer)
        if held is None or not held[0].counts(self._hooks.clock()):
            return []
        return [Address(host, held[0].port) for host in held[1]]

    # --- what happens -------------------------------------------------------------------

    def opened(self, link: Link) -> None:
        """A session stands: no rumour of this peer is needed, and there is something to say."""
        self._rumours.pop(link.peer_id, None)
        self._tell([link])

    def closed(self, peer: PeerId) -> None:
        """No session with this peer is left: what it told is passed on no more."""
        for held in (self._told, self._records, self._wanted, self._sought):
            held.pop(peer, None)

    def failed(self, peer: PeerId) -> None:
        """Nobody was reached where a rumour led, or somebody else."""
        self._rumours.pop(peer, None)

    async def run(self) -> None:
        """Say what is new, now and then; never ends."""
        while True:
            await asyncio.sleep(LOOK)
            self._tell(self._hooks.links())

    def receive(self, link: Link, payload: Introduction) -> None:
        """Somebody looks for people, or tells where somebody is; only of people we know.

        Who is not to be seen takes no part.
        """
        peer, now = link.peer_id, time.monotonic()
        if not self._people.trusted(peer) or not self._hooks.port():
            return
        quotas = self._crowd.of(peer, now)
        match payload:
            case Seek(tags) if quotas.may_seek(now):
                self._wanted[peer] = (link.binding, frozenset(tags))
                self._answer(link)
            case Addresses(data) if quotas.may_introduce(now):
                with suppress(BadAdvert):
                    self._learn(link, addresses.read(data), data)

    # --- within -------------------------------------------------------------------------

    def _able(self, link: Link) -> bool:
        return bool(link.ready.caps & INTRODUCE) and self._people.trusted(link.peer_id)

    def _tell(self, links: Iterable[Link]) -> None:
        """Our own record, to whom it is new, and whom we look for."""
        able = [link for link in links if self._able(link)]
        if not able or not self._hooks.port():
            return
        record, absent, now = self._own_record(), self._absent(), time.monotonic()
        for link in able:
            told = (link.binding, record)
            new = record and self._told.get(link.peer_id) != told
            if new and link.post(Addresses(record)):
                self._told[link.peer_id] = told
            self._seek(link, absent, now)

    def _own_record(self) -> bytes:
        port, where, now = self._hooks.port(), own(self._chosen), self._hooks.clock()
        held = self._own
        if held and held[:2] == (port, where) and 0 <= now - held[2] < RENEW:
            return self._record
        self._own, self._record = (port, where, now), b""
        if where:
            self._epoch = max(self._epoch + 1, now)
            until = now + LIFETIME
            with suppress(BadAdvert):  # of whatever kind our addresses are, we go on
                self._record = addresses.sign(self._identity, self._epoch, until, port, where)
        return self._record

    def _seek(self, link: Link, absent: frozenset[PeerId], now: float) -> None:
        before = self._sought.get(link.peer_id)
        if not absent or (before is not None and not before.again(link.binding, absent, now)):
            return
        tags = [self._tag(peer, link) for peer in sorted(absent)]
        if link.post(Seek(tuple(one for one in tags if one is not None))):
            self._sought[link.peer_id] = _Sought(now, link.binding, absent)

    def _absent(self) -> frozenset[PeerId]:
        """People we know and have no session with, those met last first."""
        people = [
            one
            for one in self._people.all()
            if one.beacon_key
            and self._people.trusted(one.peer_id)
            and self._hooks.current(one.peer_id) is None
        ]
        people.sort(key=lambda one: -one.last_seen)
        return frozenset(one.peer_id for one in people[:MOST_SOUGHT])

    def _tag(self, peer: PeerId, link: Link) -> bytes | None:
        """What stands for somebody on one session, to those who were told their secret."""
        held = self._people.find(peer)
        if held is None or not held.beacon_key:
            return None
        return tag_of(held.beacon_key, link.binding)

    def _answer(self, link: Link) -> None:
        """Pass on what is known of those whom somebody looks for."""
        fitting = [peer for peer in self._records if self._wants(link, peer)]
        for peer in fitting[:MOST_PASSED]:
            link.post(Addresses(self._records[peer][1]))

    def _wants(self, link: Link, peer: PeerId) -> bool:
        if link.peer_id == peer or not (self._able(link) and self._people.trusted(peer)):
            return False
        held = self._records.get(peer)
        if held is None or not held[0].counts(self._hooks.clock()):
            return False
        binding, wanted = self._wanted.get(link.peer_id, (b"", frozenset()))
        return binding == link.binding and self._tag(peer, link) in wanted

    def _learn(self, link: Link, record: Record, data: bytes) -> None:
        if not record.counts(self._hooks.clock()):
            return
        if record.peer_id == link.peer_id:
            self._keep(record, data)
        else:
            self._hear(link, record)

    def _keep(self, record: Record, data: bytes) -> None:
        """Somebody's own: to be passed on to whoever waits for it."""
        held = self._records.get(record.peer_id)
        if held is not None and record.epoch <= held[0].epoch:
            return
        self._records[record.peer_id] = (record, data)
        for link in self._hooks.links():
            if self._wants(link, record.peer_id):
                link.post(Addresses(data))

    def _hear(self, link: Link, record: Record) -> None:
        """Somebody else's: a rumour, if we asked for it and may dial what it says."""
        peer = record.peer_id
        sought = self._sought.get(link.peer_id)
        if sought is None or peer not in sought.people or not self._people.trusted(peer):
            return
        held, now = self._rumours.get(peer), time.monotonic()
        if self._hooks.current(peer) is not None or (held and record.epoch <= held[0].epoch):
            return
        epoch, at = self._heard.get(peer, (0, float("-inf")))
        if now - at < (LOOK if record.epoch > epoch else SEEK_EVERY):
            return  # each of them is a dial, and those in between may have many
        where = dialable(record, self._chosen)
        if where:
            self._rumours[peer], self._heard[peer] = (record, where), (record.epoch, now)
            self._hooks.arrived(peer)
