"""Retention: for how long what was said is kept here, as the user chose for this profile.

The choice lies in the profile's database: a window and `listen` go by the same one.  What
waits to be sent is never deleted for its age, nor what nobody has read yet.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, Protocol

from lanchat.errors import BadRequest
from lanchat.identity.keys import PeerId
from lanchat.node.epochs import Drawer
from lanchat.node.events import HistoryExpired, NodeEvent
from lanchat.node.fleeting import DAYS_KEPT, UNTIL_CLOSED, as_bytes

_log = logging.getLogger(__name__)

DAY: Final = 86_400_000  # ms
MOST_DAYS: Final = 36_500


class History(Protocol):
    """What retention needs of the store."""

    def expire(
        self, before_ms: int, now_ms: int
    ) -> AsyncIterator[tuple[PeerId, tuple[bytes, ...]]]:
        """Delete what came before `before_ms`; gives whose and their ids, some at a time."""


class Names(Protocol):
    """What it needs of the transfers in the store."""

    def anonymise(self, peer: PeerId | None, before_ms: int | None) -> Awaitable[None]:
        """Forget the names of files in what ended before, and where those came to lie.

        What still stands in a conversation stays.
        """


class Retention:
    """Deletes what is too old.  Lives on the node thread."""

    def __init__(
        self,
        drawer: Drawer,
        history: History,
        names: Names,
        *,
        publish: Callable[[NodeEvent], None],
        clock: Callable[[], int],
    ) -> None:
        self._drawer = drawer
        self._history = history
        self._names = names
        self._publish = publish
        self._clock = clock

    async def days(self) -> int:
        """For how many days messages are kept; 0 for ever, or UNTIL_CLOSED."""
        kept = await self._drawer.get(DAYS_KEPT)
        return int.from_bytes(kept, "big") if kept else 0

    async def keep(self, days: int) -> None:
        """Keep messages for so many days, 0 for ever; what is older goes now.

        With UNTIL_CLOSED nothing goes before that (`fleeting.py`).

        Raises:
            BadRequest: no such number of days.
        """
        if not 0 <= days <= MOST_DAYS and days != UNTIL_CLOSED:
            raise BadRequest(f"{days} days")
        await self._drawer.put(DAYS_KEPT, as_bytes(days))
        await self.expire()

    async def expire(self) -> None:
        """Delete what is too old; for once a day."""
        days = await self.days()
        if not days or days == UNTIL_CLOSED:
            return
        now, gone = self._clock(), 0
        async for peer, ids in self._history.expire(now - days * DAY, now):
            gone += len(ids)
            self._publish(HistoryExpired(peer, frozenset(ids)))
        await self._names.anonymise(None, now - days * DAY)
        if gone:
            _log.info("%d messages were older than %d days", gone, days)
