"""Pasted: pictures that were pasted, in files of the profile.

They lie there while they are sent, and the last ones as long after that as the book knows of
their transfer: a card shows them, and what failed can be tried again.  Nobody chose a place
for them, so nobody would remove them either.
"""

import asyncio
import logging
import secrets
import shutil
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from lanchat.identity.keys import PeerId
from lanchat.node.transfer_book import TransferBook
from lanchat.store import files
from lanchat.store.transfers import StoredTransfer

MOST: Final = 20  # pictures kept of transfers that are over
MOST_BYTES: Final = 50_000_000  # of them together
_NAME: Final = 8  # bytes of the name of a folder: each picture has one of its own

_log = logging.getLogger(__name__)


class Pasted:
    """The pictures in one folder.  Lives on the node thread."""

    def __init__(self, folder: Path, book: TransferBook) -> None:
        self._folder = folder.absolute()
        self._book = book
        self._turn = asyncio.Lock()  # one that is not offered yet is not swept

    @asynccontextmanager
    async def keeping(self, name: str, picture: bytes) -> AsyncIterator[Path]:
        """A file of that name; it stays if it was offered at the end of the block.

        Raises:
            StoreFull, StoreError: it cannot be written.
        """
        try:
            async with self._turn:
                yield await asyncio.to_thread(self._write, name, picture)
        except BaseException:
            await self.sweep()
            raise

    async def sweep(self) -> None:
        """Remove all that no transfer sends any more, but the last ones."""
        async with self._turn:
            if not await asyncio.to_thread(self._folder.exists):
                return
            rows = await self._book.sent_from(self._folder)  # at one moment: some may go on
            sent = still_sent(rows)
            over = [name for name in _names(rows) if name not in sent]
            await asyncio.to_thread(self._remove, sent, over)

    async def drop(self, peer: PeerId, transfer: bytes) -> None:
        """The card of a transfer was deleted: its picture goes, unless it is still sent."""
        row = await self._book.sent(peer, transfer)
        if row is not None and row.ended and await asyncio.to_thread(self._holds, row):
            await self._book.unsourced(row)
            await self.sweep()

    def _write(self, name: str, picture: bytes) -> Path:
        files.make_folder(self._folder)
        path = self._folder / secrets.token_hex(_NAME) / name
        files.make_folder(path.parent)
        files.write(path, picture)
        return path

    def _remove(self, sent: Collection[str], over: Iterable[str]) -> None:
        here = [name for name in over if (self._folder / name).exists()]
        try:
            kept = {*sent, *self._newest(here[:MOST])}
        except OSError as error:
            _log.warning("pasted pictures cannot be looked at: %s", type(error).__name__)
        else:
            keep_only(self._folder, kept)

    def _newest(self, over: Iterable[str]) -> Iterator[str]:
        """Of what was sent, the newest first, as much as there is room for."""
        room = MOST_BYTES
        for name in over:
            size = sum(one.stat().st_size for one in (self._folder / name).glob("*"))
            if size <= room:
                room -= size
                yield name

    def _holds(self, row: StoredTransfer) -> bool:
        """Whether what was sent is a picture of ours, however its path was written."""
        return any(
            Path(one).parent.parent.name == self._folder.name
            and (self._folder / Path(one).parent.name).exists()
            for one in row.sources
        )


def still_sent(rows: Iterable[StoredTransfer]) -> frozenset[str]:
    """The names of the folders of pictures that are yet to be sent."""
    return frozenset(_names(row for row in rows if row.outgoing and not row.ended))


def keep_only(folder: Path, kept: Collection[str]) -> None:
    """Remove all pictures in `folder` but those in folders of these names; or log why not."""
    try:
        if not folder.exists():
            return
        for one in tuple(folder.iterdir()):
            if one.name not in kept:
                shutil.rmtree(one, ignore_errors=True)
        left = {one.name for one in folder.iterdir()}
        if not left:
            folder.rmdir()
    except OSError as error:
        _log.warning("pasted pictures cannot be looked at: %s", type(error).__name__)
    else:
        if not left.issubset(kept):
            _log.warning("a pasted picture stays behind")


def _names(rows: Iterable[StoredTransfer]) -> list[str]:
    """The names of the folders in which what was sent lies, each once."""
    return list(dict.fromkeys(Path(one).parent.name for row in rows for one in row.sources))
