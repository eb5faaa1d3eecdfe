"""Finishing: what was begun and must not be left half done, though whoever asked goes away.

The store commits what it was given, whether or not somebody waits for it; what has to be gone
by from then on must follow, or memory and disk say two things.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Do `work` whole: who is cancelled meanwhile waits for its end, and then is."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
