"""Acceptance: whether an offer is taken when nobody is there to ask.  PROTOCOL.md, 3b."""

from collections.abc import Awaitable, Callable, Collection
from typing import Final, Protocol

from lanchat.errors import DiskFailed, LanchatError, NoSpace
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.events import NodeEvent, Warned
from lanchat.node.settings import Accepting, Settings
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Arriving
from lanchat.store.transfers import StoredTransfer
from lanchat.transfer.space import check_space
from lanchat.wire.payloads import MAX_ENTRIES, Decline, DeclineCode, Offer

MOST_WAITING: Final = 8  # offers of one peer at once
BUSY_PAUSE: Final = 2  # seconds after which a peer may offer again
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


class InThread(Protocol):
    """What runs blocking work without holding up the node."""

    def __call__(self, work: Callable[[], None], /) -> Awaitable[None]:
        """Run `work` in a thread."""


class Acceptance:
    """Answers offers by the settings.  Lives on the node thread."""

    def __init__(
        self,
        book: TransferBook,
        settings: Settings,
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
    ) -> Decline | None:
        """Why an offer is not taken; None if it is.

        `kept` is what is known of the same offer: accepted once, it is not asked about again
        for 7 days.  `arriving` are all offers that are not over, whosesoever.
        """
        before = kept is not None and kept.accepted_at > 0
        if trust in _NEVER or (not before and trust not in TAKEN[self._settings.accept]):
            return Decline(offer.id, DeclineCode.NOT_ALLOWED)
        if sum(one.peer == peer for one in arriving) >= MOST_WAITING:
            return Decline(offer.id, DeclineCode.BUSY, BUSY_PAUSE)
        if not before and not await self._within_limits(peer, trust, offer):
            return Decline(offer.id, DeclineCode.LIMITS)
        return await self._room(peer, offer, sum(one.lacking for one in arriving))

    async def _within_limits(self, peer: PeerId, trust: Trust, offer: Offer) -> bool:
        if trust is Trust.NEW:
            taken, entries = await self._book.strangers_today()
        else:
            taken, entries = await self._book.unasked_today(peer)
        limits = self._settings
        fits = offer.total <= limits.offer_limit and taken + offer.total <= limits.day_limit
        return fits and entries + offer.files + offer.folders <= MOST_ENTRIES

    async def _room(self, peer: PeerId, offer: Offer, promised: int) -> Decline | None:
        try:
            await self._in_thread(lambda: self._check_room(offer, promised))
        except NoSpace as error:
            self._warn(Warned("disk-full", error.sentence, peer))
            return Decline(offer.id, DeclineCode.NO_SPACE, error.missing)
        except LanchatError as error:
            self._warn(Warned("downloads", error.sentence, peer))
            return Decline(offer.id, DeclineCode.LIMITS)
        return None

    def _check_room(self, offer: Offer, promised: int) -> None:
        """See that it fits beside what is on its way already, which has its word from us."""
        downloads = self._settings.downloads
        try:
            downloads.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DiskFailed(f"download folder: errno {error.errno}") from error
        entries = (offer.files + offer.folders) * ENTRY_ROOM
        check_space(downloads, offer.total + entries + promised)
