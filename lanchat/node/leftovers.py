"""Leftovers: parts that wait to be gone on with, and how many of them may.  PROTOCOL.md, 3b."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final

from lanchat.errors import LanchatError
from lanchat.identity.keys import PeerId
from lanchat.node.events import TransferState
from lanchat.node.kept_offers import offer_of
from lanchat.node.lanes import Lanes
from lanchat.node.placing import part_of
from lanchat.node.transfer_book import TransferBook
from lanchat.store.transfers import StoredTransfer
from lanchat.transfer import parts_folder, roots

_log = logging.getLogger(__name__)

MOST_PARTS: Final = 3  # of one peer
MOST_BYTES: Final = 20 * 2**30  # of one peer; the newest part may be as large as it is
ORPHANED: Final = 3600.0  # seconds that a part lies untouched which nobody knows


class Leftovers:
    """Removes what waited for too long, or is too much.  Lives on the node thread.

    `downloads` is where parts lie now, `key` tells the profile's own ones from others.
    `turn` gives the lock under which one works with the part of a transfer; `live` says
    whether something of a transfer is on its way, or may be at any moment.
    """

    def __init__(
        self,
        book: TransferBook,
        lanes: Lanes,
        downloads: Callable[[], Path],
        key: bytes,
        *,
        turn: Callable[[PeerId, bytes], asyncio.Lock],
        live: Callable[[tuple[PeerId, bytes]], bool],
    ) -> None:
        self._book = book
        self._lanes = lanes
        self._downloads = downloads
        self._key = key
        self._turn = turn
        self._live = live

    async def tidy(self) -> None:
        """Forget what nobody touched for 7 days, and remove what nobody knows.

        What is on its way is touched, however long it takes.
        """
        for row in await self._book.parted():
            if self._live((row.peer, row.id)):
                await self._book.goes_on(row.peer, row.id)
            elif row.state == TransferState.DONE:  # the disk kept us from it
                try:
                    await self._lanes.in_thread(partial(roots.look, Path(row.root)))
                    await self._drop(row)
                except LanchatError as error:
                    _log.warning("a part stays behind: %s", error)
        await self.discard(await self._book.sweep())
        await self.sweep()

    async def sweep(self) -> None:
        """Remove the parts of this profile that its book lost with a crash.

        And those of what was cancelled while their disk was away.
        """
        for row in await self._book.parted():
            if row.state == TransferState.CANCELLED:
                await self._drop(row)
        known, folders = await self._book.known_parts()
        before = time.time() - ORPHANED
        for folder in {self._downloads(), *folders}:
            sweep = partial(parts_folder.sweep, folder, self._key, known, before)
            try:
                removed = await self._lanes.in_thread(sweep)
            except LanchatError as error:
                _log.warning("parts could not be swept: %s", error)
                continue
            if removed:
                _log.info("%d forgotten parts were removed", removed)

    async def discard(self, rows: Iterable[StoredTransfer]) -> None:
        """Remove what lies here of transfers that nothing is kept of any more.

        What one disk refuses keeps nothing of the others.
        """
        for row in rows:
            try:
                async with self._turn(row.peer, row.id):
                    await self._discard(row)
            except LanchatError as error:
                _log.warning("a part stays behind: %s", error)

    async def limit(self, peer: PeerId) -> None:
        """Keep the newest parts of one peer and drop the others; consent stays."""
        room = MOST_BYTES
        for place, row in enumerate(await self._book.resting(peer)):
            room -= row.total
            if place and (room < 0 or place >= MOST_PARTS):
                await self._drop(row)

    async def _drop(self, row: StoredTransfer) -> None:
        """Remove a part of which nothing is on its way; what is known of it stays."""
        async with self._turn(row.peer, row.id):
            if not self._live((row.peer, row.id)) and await self._discard(row):
                await self._book.unparted(row.peer, row.id)

    async def _discard(self, row: StoredTransfer) -> bool:
        """Remove what lies here; False: its disk is away, or refused."""
        offer, placed = offer_of(row), row.state == TransferState.DONE
        if not row.part or offer is None:
            return True
        return await self._lanes.rid_of(part_of(row, offer), placed=placed)
