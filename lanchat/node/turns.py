"""Turns: who is looked after next, when more is claimed than can be looked into.

A goodbye costs whoever forges it sixty bytes and us a connection to each address of a peer,
which its sender may have chosen.  So only a few are looked after at once, and strangers no
more than so many a second; people we know do not wait behind them.  PROTOCOL.md, 6.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from lanchat.discovery.admission import Bucket

AT_ONCE: Final = 16  # people, each with at most eight addresses
STRANGERS_A_SECOND: Final = 20.0
STRANGERS_AT_FIRST: Final = 100.0  # a room full of people who all leave


class Turns:
    """Who waits, and who goes.  Lives on the node thread."""

    def __init__(self) -> None:
        self._friends = asyncio.Semaphore(AT_ONCE)
        self._strangers = asyncio.Semaphore(AT_ONCE)
        self._ration = Bucket(STRANGERS_A_SECOND, STRANGERS_AT_FIRST, time.monotonic())

    @asynccontextmanager
    async def of(self, *, friend: bool) -> AsyncIterator[None]:
        """Wait for a turn, and keep it to the end of the block."""
        async with self._friends if friend else self._strangers:
            if not friend:
                await asyncio.sleep(self._ration.reserve(time.monotonic()))
            yield
