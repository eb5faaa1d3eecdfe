"""The funnel: a thousand answers at once reach an intake that has room for half of them.

What is announced by itself comes again when the intake had no room; an answer does not, as
the question is not repeated to those who were heard.  So answers wait here.  PROTOCOL.md, 6.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Final

from lanchat.discovery.admission import Heard
from lanchat.discovery.intake import Intake

MAX_WAITING: Final = 4096  # answers; the newest are dropped
POUR_EVERY: Final = 0.01  # seconds; some thirty signatures


class Funnel:
    """Hand answers on, no faster than the intake takes them.  Lives on the node thread."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._waiting: deque[Heard] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def hear(self, all_heard: Iterable[Heard]) -> None:
        """Take in what answers said; those of people we know wait for nobody."""
        contacts = []
        for heard in all_heard:
            if self._intake.is_contact(heard.label):
                contacts.append(heard)
            elif len(self._waiting) < MAX_WAITING:
                self._waiting.append(heard)
            else:
                self._intake.dropped()
        self._intake.hear(contacts)
        if self._timer is None:
            self._pour()

    def cancel(self) -> None:
        """Hand on no more."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _pour(self) -> None:
        self._timer = None
        for _ in range(min(self._intake.room, len(self._waiting))):
            self._intake.hear((self._waiting.popleft(),))
        if self._waiting:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(POUR_EVERY, self._pour)
