"""Events: what happens, written as it happens by a thread of its own.

Whoever reads stdout may stop reading; the node never waits for that.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from lanchat.cli import render
from lanchat.cli.output import Output
from lanchat.errors import LanchatError, Unforeseen
from lanchat.node import rows
from lanchat.node.events import NodeEvent, Warned
from lanchat.node.rows import Row

MOST_WAITING: Final = 10_000  # rows; a reader who is that far behind loses the next ones
LAST_WORDS: Final = 2.0  # seconds to write what is left when we end


_log = logging.getLogger(__name__)


class EventWriter:
    """Write events as rows or lines.  `take` is called on the node thread and never waits.

    `on_gone` is called there too, once nobody can read any more.
    """

    def __init__(self, output: Output, *, on_gone: Callable[[], None]) -> None:
        self._output = output
        self._on_gone = on_gone
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Row] = deque()
        self._wake = threading.Condition()
        self._woken = False
        self._ending = False
        self._lost = 0
        self._failed: LanchatError | None = None
        self._thread = threading.Thread(target=self._main, name="lanchat-events", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what is left, unless nobody reads it."""
        with self._wake:
            self._ending = True
            self._wake.notify()
        self._thread.join(LAST_WORDS)
        if self._failed is not None and error is None:
            raise self._failed

    def take(self, happened: NodeEvent) -> None:
        """Write this event soon."""
        row = rows.event(happened, _now_ms())
        if row is None:
            return
        with self._wake:
            if len(self._waiting) >= MOST_WAITING:
                self._lost += 1
                return
            if self._lost:
                self._waiting.append(_lost(self._lost))
                self._lost = 0
            self._waiting.append(row)
        if not self._woken:  # once for all that happens at once: it takes as long as a check
            self._woken = True
            self._loop.call_soon(self._wake_up)

    def _wake_up(self) -> None:
        self._woken = False
        with self._wake:
            self._wake.notify()

    def _main(self) -> None:
        try:
            while (row := self._next()) is not None and not self._output.gone:
                self._output.row(row)
                for line in render.event(row):
                    self._output.line(line)
        except LanchatError as error:
            self._failed = error
        except Exception as error:  # a bug of ours: else we would go on without a word
            _log.error("writing an event failed: %s", type(error).__name__)
            self._failed = Unforeseen("an event could not be written")
        if self._output.gone or self._failed:
            self._loop.call_soon_threadsafe(self._on_gone)

    def _next(self) -> Row | None:
        with self._wake:
            self._wake.wait_for(lambda: self._waiting or self._lost or self._ending)
            if self._waiting:
                return self._waiting.popleft()
            lost, self._lost = self._lost, 0
            return _lost(lost) if lost else None


def _lost(count: int) -> Row:
    warned = Warned("events-lost", f"{count} events were lost because nobody read them")
    return rows.event(warned, _now_ms()) or {}


def _now_ms() -> int:
    return time.time_ns() // 10**6
