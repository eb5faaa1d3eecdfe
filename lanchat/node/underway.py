"""Underway: one transfer as this side follows it, in either direction."""

import asyncio
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Final, Protocol

from lanchat.errors import PeerTooGreedy, TransferAbandoned
from lanchat.identity.keys import PeerId
from lanchat.node.events import By, Fault, OfferReceived
from lanchat.node.lanes import Carriage
from lanchat.node.people import People
from lanchat.session.bucket import Bucket
from lanchat.session.tcp import Link
from lanchat.transfer import receiver, sender
from lanchat.transfer.clash import Clash, Merging
from lanchat.transfer.disk import Source
from lanchat.transfer.ground import Ground
from lanchat.transfer.parts import Incoming
from lanchat.transfer.pipe import Counters
from lanchat.transfer.plan import Plan
from lanchat.transfer.receiver import Receiver
from lanchat.transfer.sender import Sender
from lanchat.transfer.survey import Asking, Telling
from lanchat.transfer.throttle import Throttle
from lanchat.wire.payloads import CHUNK, SKIP, Offer

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


def told(
    link: Link,
    offer: Offer,
    people: People,
    merging: Merging,
    *,
    accepted: bool,
    declined: bool,
) -> OfferReceived:
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
        _now_ms(),
        earlier=bool(merging.earlier),
        wishes=bool(offer.flags & SKIP),
        declined=declined,
    )


class Shown:
    """One survey of an offer of ours."""

    def __init__(self, telling: Telling, link: Link, key: bytes) -> None:
        self.telling: Final = telling
        self.link: Final = link
        self.key: Final = key
        self.hashed = 0  # bytes
        self._stopping = threading.Event()

    def stop(self) -> None:
        """It is over; what is being hashed for it is left."""
        self._stopping.set()

    def go_on(self, size: int) -> None:
        """So much more was hashed; TransferAbandoned if it is over."""
        self.hashed += size
        if self._stopping.is_set():
            raise TransferAbandoned("the survey is over")


class Carried(ABC):
    """How far the attempts at one transfer came, and the one that is under way."""

    def __init__(self, peer: PeerId, offer: Offer, at: int, reached: int) -> None:
        self.peer: Final = peer
        self.offer: Final = offer
        self.at: Final = at or _now_ms()
        self.carriage: Carriage | None = None  # the attempt that is under way
        self.counters = Counters()  # of the last attempt
        self._reached = reached  # bytes of the files, by the attempts before

    def begin(self) -> Carriage:
        """Another attempt."""
        self._reached = self.done
        carriage = self.carriage = Carriage()
        self.counters = carriage.counters
        return carriage

    @property
    def place(self) -> tuple[PeerId, bytes, bool]:
        """What tells it from all others: whose, its id, and whether it is ours."""
        return self.peer, self.offer.id, isinstance(self, Outgoing)

    @property
    def done(self) -> int:
        """Bytes of the files that went through, what was resumed or skipped included."""
        return self._through(self.counters.done) if self.counters.done else self._reached

    @property
    @abstractmethod
    def plan(self) -> Plan | None:
        """What the stream holds, once that is known."""

    @property
    @abstractmethod
    def checking(self) -> int | None:
        """Bytes of files that a survey compared so far; None: there is none."""

    @property
    def skipped(self) -> int:
        """Files that are not sent, as the receiver has them."""
        return self.plan.skipped if self.plan is not None else 0

    def _through(self, done: int) -> int:
        if self.plan is not None:
            return self.plan.files_through(done)
        return min(max(done - self.offer.manifest_len, 0), self.offer.total)


class Outgoing(Carried):
    """One offer of ours.  `resumed_from` and sizes in bytes; `at` in ms since 1970."""

    def __init__(
        self, peer: PeerId, source: Source, machine: Sender, *, at: int = 0, reached: int = 0
    ) -> None:
        super().__init__(peer, machine.offer, at, reached)
        self.source: Final = source
        self.cut = source  # what the last attempt reads of it: without what was there
        self.sender: Final = machine
        self.shown: Shown | None = None  # the survey that is under way
        self.users = 0  # requests that wait for its end
        self.standing = False  # it goes on without any, and after a restart
        self.paused: By | None = None  # who wants it to wait
        self.reason = ""  # why it waits, where there is more to say
        self.fault: Fault | None = None  # what holds it at the receiver
        self.missing = 0  # bytes of room that lack there
        self.resumed_from = 0
        self.limit: Throttle | None = None  # of the command that waits for it
        self.told: Link | None = None  # the session on which it was offered last
        now = asyncio.get_running_loop().time()
        self._accepts = Bucket(ACCEPTS_AT_ONCE, ACCEPTS_A_SECOND, now)
        self.busy = False  # the receiver wants to be asked again later

    @property
    def plan(self) -> Plan | None:
        """What the stream of the last attempt holds."""
        return self.cut.plan

    @property
    def checking(self) -> int | None:
        """Bytes of files that a survey compared so far; None: there is none."""
        return self.shown.hashed if self.shown is not None else None

    def count_accept(self) -> None:
        """One more attempt was asked for.

        Raises:
            PeerTooGreedy: that were too many.
        """
        if not self._accepts.take(asyncio.get_running_loop().time()):
            raise PeerTooGreedy("too many attempts at one transfer")

    def go_on(self) -> None:
        """It waits for nobody, and for no disk."""
        self.paused, self.reason, self.fault, self.missing = None, "", None, 0

    def carries(self, source: Source) -> bool:
        """Whether it is an offer of just these files from just there."""
        mine = self.source
        return (mine.roots, mine.manifest.digest) == (source.roots, source.manifest.digest)

    def is_at(self, *stages: sender.Stage) -> bool:
        """Whether the machine is at one of `stages` now."""
        return self.sender.stage in stages


class Arriving(Carried):
    """One offer of theirs that we accepted.  `body` is its raw body, `at` as for ours."""

    def __init__(
        self,
        link: Link,
        machine: Receiver,
        incoming: Incoming,
        turn: asyncio.Lock,
        *,
        body: bytes = b"",
        at: int = 0,
        reached: int = 0,
        merging: Merging | None = None,
    ) -> None:
        super().__init__(link.peer_id, machine.offer, at, reached)
        self.body: Final = body
        self.merging: Final = merging  # what to do with names that are taken
        self.ground: Ground | None = None  # what a survey found so far
        self.asking: Asking | None = None  # the survey that is under way
        self.hashed = 0  # bytes of ours, for the question that is open
        self._compared = 0  # bytes, by the surveys of earlier attempts
        self.receiver: Final = machine
        self.incoming: Final = incoming
        self.link = link  # the session on which it was offered last
        self.turn: Final = turn  # one attempt works with the part at a time
        self.moved: Final = asyncio.Event()  # the machine took a step
        self.fruitless = 0  # attempts in a row that brought nothing

    def is_at(self, *stages: receiver.Stage) -> bool:
        """Whether the machine is at one of `stages` now."""
        return self.receiver.stage in stages

    @property
    def lacking(self) -> int:
        """Bytes that are still to come."""
        return max(0, self.incoming.length - self.incoming.position)

    @property
    def plan(self) -> Plan | None:
        """What the stream holds, once that is known."""
        known = self.incoming.known
        return known.plan if known is not None else None

    @property
    def checking(self) -> int | None:
        """Bytes of files that a survey compared so far; None: there is none."""
        if self.asking is None or self.ground is None:
            return None
        return self.ground.checked + self.hashed

    def begin(self) -> Carriage:
        """Another attempt."""
        self._compared = self.ground.checked if self.ground is not None else 0
        return super().begin()

    @property
    def clash(self) -> Clash:
        """What becomes of names that are taken."""
        known = self.incoming.known
        held = known.held if known is not None else None
        return held.clash if held is not None else Clash.RENAME

    @property
    def advanced(self) -> bool:
        """Whether the last attempt brought a chunk or a proof, so that the next can go on."""
        if self.ground is not None and self.ground.checked > self._compared:
            return True
        return self.counters.done // CHUNK > self.receiver.offset // CHUNK


@dataclass(slots=True)
class Waiting:
    """An offer of theirs that our user has the word on: yes or no, or that it goes on."""

    link: Link  # the session on which it was offered last
    offer: Offer
    body: bytes
    asked: bool  # yes or no
    at: int = field(default_factory=lambda: _now_ms())
    earlier: bool = False  # an earlier transfer of theirs left something of that name


async def moved(arriving: Arriving) -> None:
    """Wait until the machine takes a step, or an answer comes."""
    arriving.moved.clear()
    await arriving.moved.wait()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
