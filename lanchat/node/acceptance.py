"""Acceptance: whether an offer is taken, put to our user, or declined.  PROTOCOL.md, 3b."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeVar

from lanchat.errors import LanchatError, NoSpace, OutOfTurn, TransferAbandoned
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import outcomes
from lanchat.node.events import By, NodeEvent, TransferState, Warned
from lanchat.node.pending import MOST_WAITING
from lanchat.node.settings import Accepting, Settings
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Arriving
from lanchat.store.transfers import StoredTransfer
from lanchat.transfer import roots
from lanchat.transfer.clash import NOTHING, Merging
from lanchat.transfer.parts import Incoming
from lanchat.transfer.roots import RootId
from lanchat.transfer.space import check_space, try_writing
from lanchat.transfer.stream import stream_length
from lanchat.wire.bodies import encode
from lanchat.wire.payloads import MAX_ENTRIES, Decline, DeclineCode, Offer

T = TypeVar("T")

BUSY_PAUSE: Final = 2  # seconds after which a peer may offer again
FAULT_PAUSE: Final = 30  # seconds, where our disk takes nothing now
MOST_ENTRIES: Final = 2 * MAX_ENTRIES  # files and folders a day; even empty ones take room
ENTRY_ROOM: Final = 4096  # bytes of the disk that a file or folder takes by being there

_NEVER: Final = frozenset({Trust.CONFLICT, Trust.BLOCKED})

#: Whose files are taken under each setting; nobody's who is in conflict or blocked.
TAKEN: Final = {
    Accepting.ALL: frozenset({Trust.NEW, Trust.KNOWN, Trust.VERIFIED}),
    Accepting.TRUSTED: frozenset({Trust.KNOWN, Trust.VERIFIED}),
    Accepting.VERIFIED: frozenset({Trust.VERIFIED}),
    Accepting.NONE: frozenset[Trust](),
}

#: Whose files our user is asked about, where one can be asked; strangers' only under "all".
ASKED: Final = frozenset({Trust.KNOWN, Trust.VERIFIED})
ASKED_UNDER_ALL: Final = ASKED | {Trust.NEW, Trust.CONFLICT}


@dataclass(frozen=True, slots=True)
class Taken:
    """Yes: there is room in the folder, which is `here`."""

    here: RootId


@dataclass(frozen=True, slots=True)
class Asked:
    """Our user has the word."""


class InThread(Protocol):
    """What runs blocking work without holding up the node."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """Run `work` in a thread."""


class Acceptance:
    """Answers offers by the settings.  Lives on the node thread."""

    def __init__(
        self,
        book: TransferBook,
        settings: Callable[[], Settings],
        *,
        in_thread: InThread,
        warn: Callable[[NodeEvent], None],
    ) -> None:
        self._book = book
        self._settings = settings
        self._in_thread = in_thread
        self._warn = warn

    async def judge(
        self,
        peer: PeerId,
        trust: Trust,
        offer: Offer,
        kept: StoredTransfer | None,
        arriving: Collection[Arriving],
        merging: Merging,
        asked: int = 0,
    ) -> Taken | Asked | Decline:
        """What to say to an offer.

        `kept` is what is known of the same offer: accepted once, it is not asked about again
        for 7 days.  `arriving` are all offers that are not over, whosesoever; `asked` of
        this peer's wait for our user, or for our disk.

        Raises:
            NoSpace, DiskFailed, StoreFull: it was accepted before, and waits for our disk.
        """
        before = agreed(kept) and trust not in _NEVER
        taken = before or trust in TAKEN[self._settings().accept]
        if not taken and not self._may_ask(trust):
            return Decline(offer.id, DeclineCode.NOT_ALLOWED)
        if asked + sum(one.peer == peer for one in arriving) >= MOST_WAITING:
            return Decline(offer.id, DeclineCode.BUSY, BUSY_PAUSE)
        if not taken:
            return Asked()
        if not before and not await self._within_limits(peer, trust, offer):
            asks = self._may_ask(trust)
            return Asked() if asks else Decline(offer.id, DeclineCode.LIMITS)
        return await self._room(peer, offer, kept, promised(arriving), merging)

    async def check_room(
        self,
        offer: Offer,
        kept: StoredTransfer | None,
        folder: Path,
        arriving: Collection[Arriving],
        merging: Merging = NOTHING,
        *,
        trial: bool = False,
    ) -> RootId:
        """See that what lacks of an offer fits into `folder`; which one that is now.

        With a `trial` something is written there, too: a disk that takes nothing may well
        say that it has room.

        Raises:
            NoSpace, DiskFailed: it does not, or nobody can say.
        """
        among = promised(arriving)
        return await self._in_thread(
            lambda: _check_room(folder, offer, kept, among, merging, trial=trial)
        )

    def _may_ask(self, trust: Trust) -> bool:
        settings = self._settings()
        everybody = settings.accept is Accepting.ALL
        return settings.asks and trust in (ASKED_UNDER_ALL if everybody else ASKED)

    async def _within_limits(self, peer: PeerId, trust: Trust, offer: Offer) -> bool:
        if trust is Trust.NEW:
            taken, entries = await self._book.strangers_today()
        else:
            taken, entries = await self._book.unasked_today(peer)
        limits = self._settings()
        fits = offer.total <= limits.offer_limit and taken + offer.total <= limits.day_limit
        return fits and entries + offer.files + offer.folders <= MOST_ENTRIES

    async def _room(
        self,
        peer: PeerId,
        offer: Offer,
        kept: StoredTransfer | None,
        among: int,
        merging: Merging,
    ) -> Taken | Decline:
        folder = Path(kept.root) if kept and kept.root else self._settings().downloads
        try:
            here = await self._in_thread(
                lambda: _check_room(folder, offer, kept, among, merging)
            )
        except TransferAbandoned:  # we are about to end, and it can be offered again after that
            return Decline(offer.id, DeclineCode.BUSY, BUSY_PAUSE)
        except LanchatError as error:
            if agreed(kept) and outcomes.fault_of(error):
                raise
            if isinstance(error, NoSpace):
                self._warn(Warned("disk-full", error.sentence, peer))
                return Decline(offer.id, DeclineCode.NO_SPACE, error.missing)
            self._warn(Warned("downloads", error.sentence, peer))
            if outcomes.fault_of(error):  # it may be mended
                return Decline(offer.id, DeclineCode.BUSY, FAULT_PAUSE)
            return Decline(offer.id, DeclineCode.LIMITS)
        return Taken(here)


def agreed(kept: StoredTransfer | None) -> bool:
    """Whether an offer was accepted, and that was not taken back."""
    if kept is None or not kept.accepted_at:
        return False
    over = {TransferState.CANCELLED, TransferState.DECLINED}
    return not (kept.state in over and kept.said_by == By.ME)


def check_same(kept: StoredTransfer, offer: Offer) -> None:
    """See that an offer is the one that is kept under its id: a yes is to all that it said.

    Sizes and names bind nobody to the manifest until that is here, so its digest alone
    would let a yes to one page count for a disk full.

    Raises:
        OutOfTurn: it is another.
    """
    if kept.manifest_digest != offer.manifest_sha256:
        raise OutOfTurn("another manifest under the same id")
    if kept.state == TransferState.DONE:  # nothing more will come of it
        return
    counts = kept.total, kept.files, kept.folders
    other = kept.offer and kept.offer != encode(offer)[1]
    if other or counts != (offer.total, offer.files, offer.folders):
        raise OutOfTurn("another offer under the same id")


def promised(arriving: Collection[Arriving]) -> int:
    """Bytes that are still to come of what has our word already."""
    return sum(one.lacking for one in arriving)


def coming(arriving: Arriving, live: Collection[Arriving]) -> int:
    """Bytes that an offer needs once it is known what of it will come, beside all others.

    What is yet to be compared counts nothing: it is seen to when that is done.
    """
    plan, offer = arriving.plan, arriving.offer
    if plan is None:
        entries = offer.files + offer.folders
    else:
        entries = sum(size >= 0 for size in plan.sizes)
    others = (one for one in live if one is not arriving)
    among = promised([one for one in others if one.merging is None or one.plan is not None])
    return arriving.lacking + entries * ENTRY_ROOM + among


def see_to_room(folder: Path, size: int) -> None:
    """See that so much fits into `folder`.  Blocks.

    Raises:
        NoSpace, DiskFailed: it does not, or nobody can say.
    """
    check_space(folder, size)


def _check_room(
    folder: Path,
    offer: Offer,
    kept: StoredTransfer | None,
    among: int,
    merging: Merging,
    *,
    trial: bool = False,
) -> RootId:
    """See that what lacks fits beside what is on its way already.

    Of what will be compared first nobody knows yet how much will come; it is seen to then.
    What was compared already, of which a part lies here, is not compared again.
    """
    lacking, entries = stream_length(offer), offer.files + offer.folders
    known = RootId.parse(kept.root_id) if kept is not None else None
    part = kept.part if kept is not None else ""
    here = roots.make(folder) if known is None else roots.find(folder, part, known)
    compared = False
    if part:
        incoming = Incoming(folder, offer, part=part)
        compared = incoming.begun()
        lacking, entries = incoming.lacking()
    if merging.looks and not compared:
        lacking = entries = 0
    check_space(folder, lacking + entries * ENTRY_ROOM + among)
    if trial:
        try_writing(folder)
    return here
