"""Fleeting: what was said goes when the profile is closed, if nothing is to be kept.

It goes when the profile opens, too, as a program that was killed closed nothing.  What waits
to be sent stays, and so does what nobody has read, but nothing that was only begun.  A disk
that refuses keeps nobody out.
"""

import asyncio
import logging
import time
from functools import partial
from typing import Final

from lanchat.errors import StoreError
from lanchat.store.database import Database
from lanchat.store.profile import Profile

_log = logging.getLogger(__name__)

UNTIL_CLOSED: Final = 2**32 - 1  # days that stand for: until the profile is closed
DAYS_KEPT: Final = "days kept"  # in the database
_EVER: Final = 1 << 62  # ms since 1970: later than any clock says


def as_bytes(days: int) -> bytes:
    """For how many days something is kept, as it lies in the database."""
    return days.to_bytes(4, "big")


async def choose(database: Database) -> None:
    """Keep what is said in this profile only until it is closed.

    Raises:
        StoreError: it could not be kept.
    """
    await database.put(DAYS_KEPT, as_bytes(UNTIL_CLOSED))


async def forget(database: Database) -> None:
    """Delete what was said, and the names of files, if the user chose so.

    The words of it leave the index as well, before this is over; of what was pasted only
    those pictures stay that are to be sent.  What could not be deleted now goes
    the next time.
    """
    try:
        if await database.get(DAYS_KEPT) == as_bytes(UNTIL_CLOSED):
            await _forget(database)
    except StoreError as error:
        _log.warning("not everything was deleted: %s", type(error).__name__)


async def shut(database: Database) -> None:
    """Forget, and close the database; what could not be deleted goes when it is opened."""
    try:
        if not database.closed:
            await forget(database)
    finally:
        await database.close()


async def _forget(database: Database) -> None:
    from lanchat.node import pasted  # not before a window is there
    from lanchat.store import drafts, messages, words
    from lanchat.store.transfers import Transfers as TransferTable

    table = TransferTable(database)
    sent = pasted.still_sent(await table.running())
    pictures = Profile(database.path.parent).pasted
    await asyncio.to_thread(pasted.keep_only, pictures, sent)  # room for what follows
    await database.run(drafts.drop_all)
    now = time.time_ns() // 1_000_000
    after: int | None = 0
    while after is not None:
        work = partial(messages.expire_some, after=after, before_ms=_EVER, now_ms=now)
        after, _gone = await database.run(work)
    await table.anonymise(None, _EVER)
    while await database.run(words.purge_some):
        pass
