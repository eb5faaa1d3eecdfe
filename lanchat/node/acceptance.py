"""Acceptance: whether an offer is taken when nobody is there to ask.  PROTOCOL.md, 3b."""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from lanchat.errors import DiskFailed, LanchatError, NoSpace
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.events import NodeEvent, Warned
from lanchat.node.settings import Accepting, Settings
from lanchat.node.transfer_book import TransferBook
from lanchat.store.transfers import StoredTransfer
from lanchat.transfer.space import check_space
from lanchat.wire.payloads import Decline, DeclineCode, Offer

MOST_WAITING: Final = 8  # offers of one peer at once
BUSY_PAUSE: Final = 2  # seconds after which a peer may offer again

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
        *,
        waiting: int,
    ) -> Decline | None:
        """Why an offer is not taken; None if it is.

        `kept` is what is known of the same offer: accepted once, it is not asked about again
        for 7 days.  `waiting` is how many offers of this peer are not over.
        """
        before = kept is not None and kept.accepted_at > 0
        if not before and trust not in TAKEN[self._settings.accept]:
            return Decline(offer.id, DeclineCode.NOT_ALLOWED)
        if waiting >= MOST_WAITING:
            return Decline(offer.id, DeclineCode.BUSY, BUSY_PAUSE)
        if not before and not await self._within_limits(peer, offer):
            return Decline(offer.id, DeclineCode.LIMITS)
        return await self._room(peer, offer)

    async def _within_limits(self, peer: PeerId, offer: Offer) -> bool:
        taken = await self._book.unasked_today(peer)
        limits = self._settings
        return offer.total <= limits.offer_limit and taken + offer.total <= limits.day_limit

    async def _room(self, peer: PeerId, offer: Offer) -> Decline | None:
        try:
            await self._in_thread(lambda: self._check_room(offer))
        except NoSpace as error:
            self._warn(Warned("disk-full", error.sentence, peer))
            return Decline(offer.id, DeclineCode.NO_SPACE, error.missing)
        except LanchatError as error:
            self._warn(Warned("downloads", error.sentence, peer))
            return Decline(offer.id, DeclineCode.LIMITS)
        return None

    def _check_room(self, offer: Offer) -> None:
        downloads = self._settings.downloads
        try:
            downloads.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DiskFailed(f"download folder: errno {error.errno}") from error
        check_space(downloads, offer.total)
