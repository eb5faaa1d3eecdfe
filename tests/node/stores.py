"""Stores in trouble: the real one, kept from its work for a while, or short of room."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lanchat.store.connection import Connection
from tests.node.house import PATIENCE, Resident, until


@asynccontextmanager
async def busy_store(one: Resident) -> AsyncIterator[None]:
    """Meanwhile the store does nothing that it is asked for."""
    begun, over = threading.Event(), threading.Event()

    def work(_connection: object) -> None:
        begun.set()
        over.wait(PATIENCE)

    working = asyncio.ensure_future(one.opened.database.run(work))
    try:
        await until(begun.is_set)
        yield
    finally:
        over.set()
        await working


async def bound(one: Resident, pages: int) -> None:
    """From now on there is room for so many pages more."""

    def work(connection: Connection) -> None:
        row = connection.execute("PRAGMA page_count").fetchone()
        assert row is not None
        connection.execute(f"PRAGMA max_page_count = {int(str(row[0])) + pages}")

    await one.opened.database.run(work)
