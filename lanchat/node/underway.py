"""Underway: one transfer as this side follows it, in either direction."""

import asyncio
import time
from collections.abc import Awaitable
from typing import Final, Protocol

from lanchat.errors import PeerTooGreedy
from lanchat.identity.keys import PeerId
from lanchat.node.events import OfferReceived
from lanchat.node.lanes import Carriage
from lanchat.node.people import People
from lanchat.session.bucket import Bucket
from lanchat.session.tcp import Link
from lanchat.transfer import receiver, sender
from lanchat.transfer.disk import Source
from lanchat.transfer.parts import Incoming
from lanchat.transfer.pipe import Counters
from lanchat.transfer.receiver import Receiver
from lanchat.transfer.sender import Sender
from lanchat.transfer.stream import stream_length
from lanchat.wire.payloads import CHUNK, Offer

ACCEPTS_AT_ONCE: Final = 64  # of one transfer; each costs a task, a key and a row
ACCEPTS_A_SECOND: Final = 2.0  # an honest receiver waits a second before it asks again


class Record(Protocol):
    """What writes a finished transfer into the conversation."""

    def __call__(
        self, peer: PeerId, transfer: bytes, file: str, *, mine: bool
    ) -> Awaitable[None]:
        """Note that files went to a peer, or came from one."""


def called(offer: Offer) -> str:
    """What to call the files of an offer in a conversation."""
    rest = offer.tops - 1
    return offer.shown[0].name + (f" and {rest} more" if rest else "")


def told(link: Link, offer: Offer, people: People, *, accepted: bool) -> OfferReceived:
    """What a front end hears of an offer of theirs."""
    peer, claimed = link.peer_id, link.ready.name
    return OfferReceived(
        peer,
        people.name(peer, claimed),
        people.trust(peer, claimed),
        offer.id,
        tuple((top.name, top.size) for top in offer.shown),
        offer.files + offer.folders,
        offer.total,
        accepted,
        time.time_ns() // 1_000_000,
    )


class Outgoing:
    """One offer of ours.  `resumed_from` and sizes in bytes."""

    def __init__(self, peer: PeerId, source: Source, machine: Sender) -> None:
        self.peer: Final = peer
        self.source: Final = source
        self.sender: Final = machine
        self.users = 0  # requests that wait for its end
        self.resumed_from = 0
        self.carriage: Carriage | None = None  # the attempt that is under way
        self.counters = Counters()  # of the last attempt
        self.told: Link | None = None  # the session on which it was offered last
        now = asyncio.get_running_loop().time()
        self._accepts = Bucket(ACCEPTS_AT_ONCE, ACCEPTS_A_SECOND, now)
        self.busy = False  # the receiver wants to be asked again later

    def count_accept(self) -> None:
        """One more attempt was asked for.

        Raises:
            PeerTooGreedy: that were too many.
        """
        if not self._accepts.take(asyncio.get_running_loop().time()):
            raise PeerTooGreedy("too many attempts at one transfer")

    def carries(self, source: Source) -> bool:
        """Whether it is an offer of just these files from just there."""
        mine = self.source
        return (mine.roots, mine.manifest.digest) == (source.roots, source.manifest.digest)

    def at(self, stage: sender.Stage) -> bool:
        """Whether the machine is at `stage` now."""
        return self.sender.stage is stage

    @property
    def offer(self) -> Offer:
        """What was proposed."""
        return self.sender.offer

    @property
    def done(self) -> int:
        """Bytes of the files that were sent, what was resumed included."""
        return min(max(self.counters.done - self.offer.manifest_len, 0), self.offer.total)


class Arriving:
    """One offer of theirs that we accepted."""

    def __init__(
        self, link: Link, machine: Receiver, incoming: Incoming, turn: asyncio.Lock
    ) -> None:
        self.peer: Final = link.peer_id
        self.receiver: Final = machine
        self.incoming: Final = incoming
        self.link = link  # the session on which it was offered last
        self.carriage: Carriage | None = None  # the attempt that is under way
        self.counters = Counters()
        self.turn: Final = turn  # one attempt works with the part at a time
        self.moved: Final = asyncio.Event()  # the machine took a step
        self.fruitless = 0  # attempts in a row that brought nothing

    def at(self, *stages: receiver.Stage) -> bool:
        """Whether the machine is at one of `stages` now."""
        return self.receiver.stage in stages

    @property
    def offer(self) -> Offer:
        """What was proposed."""
        return self.receiver.offer

    @property
    def lacking(self) -> int:
        """Bytes that are still to come."""
        return max(0, stream_length(self.offer) - self.incoming.position)

    @property
    def advanced(self) -> bool:
        """Whether the last attempt brought a chunk, from which the next can go on."""
        return self.counters.done // CHUNK > self.receiver.offset // CHUNK

    @property
    def done(self) -> int:
        """Bytes of the files that are here, what was resumed included."""
        return min(max(self.counters.done - self.offer.manifest_len, 0), self.offer.total)
