"""Pasted: pictures that were pasted, in files of the profile for as long as they are sent.

Nobody chose a place for them, so nobody would remove them either.
"""

import asyncio
import logging
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from lanchat.store import files
from lanchat.store.transfers import StoredTransfer

_NAME: Final = 8  # bytes of the name of a folder: each picture has one of its own

_log = logging.getLogger(__name__)


class Pasted:
    """The pictures in one folder.  Lives on the node thread.

    `unfinished` gives the transfers that are not over.
    """

    def __init__(
        self, folder: Path, unfinished: Callable[[], Awaitable[Iterable[StoredTransfer]]]
    ) -> None:
        self._folder = folder
        self._unfinished = unfinished
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
        """Remove all that no transfer sends any more."""
        async with self._turn:
            if not await asyncio.to_thread(self._folder.exists):
                return
            sent = [row.sources for row in await self._unfinished() if row.outgoing]
            kept = {Path(one).parent.name for sources in sent for one in sources}
            await asyncio.to_thread(self._remove, kept)

    def _write(self, name: str, picture: bytes) -> Path:
        files.make_folder(self._folder)
        path = self._folder / secrets.token_hex(_NAME) / name
        files.make_folder(path.parent)
        files.write(path, picture)
        return path

    def _remove(self, kept: Collection[str]) -> None:
        try:
            for one in tuple(self._folder.iterdir()):
                if one.name not in kept:
                    shutil.rmtree(one, ignore_errors=True)
            left = {one.name for one in self._folder.iterdir()}
            if not left:
                self._folder.rmdir()
        except OSError as error:
            _log.warning("pasted pictures cannot be looked at: %s", type(error).__name__)
        else:
            if not left.issubset(kept):
                _log.warning("a pasted picture stays behind")
