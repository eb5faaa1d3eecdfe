"""Placing: what arrived whole gets to its place and into the book, once.  PROTOCOL.md, 4.

The part goes last.  Until then it says where everything was put, so whatever ends the
program in between, or keeps the book from being written, leads to no second copy; and the
book names it until it is gone, so that none is left behind either.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lanchat.errors import LanchatError
from lanchat.identity.keys import PeerId
from lanchat.node.events import FileReceived, NodeEvent, TransferState
from lanchat.node.kept_offers import offer_of
from lanchat.node.lanes import Lanes
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Record, called
from lanchat.store.transfers import StoredTransfer
from lanchat.transfer.parts import Incoming
from lanchat.transfer.roots import RootId
from lanchat.wire.payloads import Offer

_log = logging.getLogger(__name__)


def part_of(row: StoredTransfer, offer: Offer) -> Incoming:
    """What lies here of an offer, in the folder that the book knows."""
    root = RootId.parse(row.root_id)
    return Incoming(Path(row.root), offer, part=row.part, root=root)


class Placing:
    """Publishes and writes down.  Lives on the node thread."""

    def __init__(
        self,
        book: TransferBook,
        lanes: Lanes,
        *,
        record: Record,
        publish: Callable[[NodeEvent], None],
    ) -> None:
        self._book = book
        self._lanes = lanes
        self._record = record
        self._publish = publish

    async def place(self, peer: PeerId, offer: Offer, incoming: Incoming) -> int:
        """Put what is whole in its place; whoever calls has the turn.

        Returns: how many files were programs at the sender, and are none here.

        Raises:
            NoSpace, DiskFailed, StoreError: as far as it came it is not done again.
        """
        published = await self._lanes.in_thread(incoming.publish)
        await self._record(peer, offer.id, called(offer), mine=False)
        if incoming.programs:  # they are what they were
            published = tuple(replace(one, programs=()) for one in published)
        skipped = incoming.known.plan.skipped if incoming.known is not None else 0
        await self._book.stored(peer, offer, published, skipped)
        await self._remove(peer, offer, incoming)
        for one in published:
            self._publish(FileReceived(peer, offer.id, str(one.path), one.size))
        return sum(len(one.programs) for one in published)

    async def finish(self, row: StoredTransfer) -> bool:
        """Go on with what was whole when the program ended; False if it was not.

        Raises:
            NoSpace, DiskFailed, StoreError: as in `place`.
        """
        offer = offer_of(row)
        if offer is None or not row.part:
            return False
        incoming = part_of(row, offer)
        if row.state == TransferState.DONE:  # all that lacked was to remove the part
            await self._remove(row.peer, offer, incoming)
            return True
        if not await self._lanes.in_thread(incoming.placing):
            return False
        await self.place(row.peer, offer, incoming)
        return True

    async def _remove(self, peer: PeerId, offer: Offer, incoming: Incoming) -> None:
        """The book names the part until it is gone.

        Who dies here removes it at his start, and who lost the disk once it is back.
        """
        try:  # not in a lane thread: those may end before us
            await asyncio.to_thread(lambda: incoming.discard(placed=True))
            await self._book.unparted(peer, offer.id)
        except LanchatError as error:
            _log.warning("a part stays behind: %s", error)
