"""Turns: who is looked after or dialled next, when more is claimed than can be looked into.

A goodbye or a copied advert costs whoever sends it a packet, and us a connection to each of
up to eight addresses that its sender has chosen.  So only a few have their turn at once, and
those who may be made up no more than so many a second; the others go ahead of them.
PROTOCOL.md, 6.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from lanchat.discovery.admission import Bucket

AT_ONCE: Final = 16  # people who go ahead, and as many others; each with eight addresses
OTHERS_A_SECOND: Final = 20.0
OTHERS_AT_FIRST: Final = 100.0  # a room full of people who all leave


class Turns:
    """Who waits, and who goes.  Lives on the node thread."""

    def __init__(self) -> None:
        self._ahead = asyncio.Semaphore(AT_ONCE)
        self._others = asyncio.Semaphore(AT_ONCE)
        self._ration = Bucket(OTHERS_A_SECOND, OTHERS_AT_FIRST, time.monotonic())

    @asynccontextmanager
    async def of(self, *, ahead: bool) -> AsyncIterator[None]:
        """Wait for a turn, and keep it to the end of the block."""
        async with self._ahead if ahead else self._others:
            if not ahead:
                await asyncio.sleep(self._ration.reserve(time.monotonic()))
            yield
