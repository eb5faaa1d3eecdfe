"""Waiting: what came on a link and was not handled yet, bounded by number and by size.

Pure.  Ten lines and a long novel are both an event: a count alone would let one peer make us
hold a hundred times what it may (PROTOCOL.md, 3b).
"""

from collections import deque
from typing import Final

from lanchat.session.events import Event, PayloadReceived
from lanchat.wire.payloads import Text

QUEUE: Final = 256  # events that may wait; then reading pauses
SIZE: Final = 524_288  # letters, and bytes of other bodies, of all that waits


class Waiting:
    """Events, the oldest first."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._size = 0

    def __len__(self) -> int:
        return len(self._events)

    @property
    def full(self) -> bool:
        """Whether nothing more may be read off the wire."""
        return len(self._events) >= QUEUE or self._size >= SIZE

    @property
    def low(self) -> bool:
        """Whether it is worth while to read again."""
        return len(self._events) <= QUEUE // 2 and self._size <= SIZE // 2

    def append(self, event: Event) -> None:
        """One more."""
        self._events.append(event)
        self._size += _size(event)

    def take(self) -> Event:
        """The oldest."""
        event = self._events.popleft()
        self._size -= _size(event)
        return event


def _size(event: Event) -> int:
    if type(event) is not PayloadReceived:
        return 0
    payload = event.payload
    return len(payload.text) if type(payload) is Text else len(event.body)
