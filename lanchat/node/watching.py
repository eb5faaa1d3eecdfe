"""Watching: the events a request tells of, for somebody who may stop reading.

The node waits for no reader, and what happens is also up to strangers: so only what the
request is about waits for it, and only so much.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from lanchat.errors import NotRead
from lanchat.node.events import NodeEvent, TransferChanged
from lanchat.node.node import Node

MOST_WAITING: Final = 5_000  # events; a reader who is that far behind is told no more
MOST_PROGRESS: Final = 100  # events that wait when progress is not added: it comes again


class Watch:
    """What was wanted, and happened.  Lives on the node thread."""

    def __init__(self, wanted: Callable[[NodeEvent], bool]) -> None:
        self._wanted = wanted
        self._events: asyncio.Queue[NodeEvent | None] = asyncio.Queue()
        self._over = False

    def __len__(self) -> int:
        return self._events.qsize()

    def hear(self, happened: NodeEvent) -> None:
        """Something happened."""
        if self._over or not self._wanted(happened):
            return
        if type(happened) is TransferChanged and len(self) >= MOST_PROGRESS:
            return
        if len(self) >= MOST_WAITING:
            self._end()
        else:
            self._events.put_nowait(happened)

    def _end(self) -> None:
        self._over = True
        while not self._events.empty():
            self._events.get_nowait()
        self._events.put_nowait(None)

    async def next(self) -> NodeEvent:
        """The next event.

        Raises:
            NotRead: more came than may wait; there will be no other.
        """
        happened = await self._events.get()
        if happened is None:
            raise NotRead(f"{MOST_WAITING} events waited")
        return happened


@contextmanager
def watching(node: Node, wanted: Callable[[NodeEvent], bool]) -> Iterator[Watch]:
    """Everything `wanted` that happens from now to the end of the block."""
    watch = Watch(wanted)
    stop = node.subscribe(watch.hear)
    try:
        yield watch
    finally:
        stop()
