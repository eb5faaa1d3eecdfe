"""A street: neighbours of a window, real nodes on a loop beside the test."""

import asyncio
import gc
import itertools
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from lanchat.transfer import pipe
from tests.node.house import House, Resident, seats

T = TypeVar("T")
PATIENCE: Final = 30.0  # seconds
CREEP: Final = 0.2  # seconds a chunk


class Street:
    """A house whose people live on the loopback interface; a context manager."""

    def __init__(self, place: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="street")
        self.house: Final = House(place, [*seats(place / "a"), *seats(place / "b")])

    def __enter__(self) -> Self:
        gc.collect()
        gc.disable()  # what is left of Tk in this process is not to be freed by that thread
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        try:
            self.do(self.house.empties())
            self.do(self._loop.shutdown_default_executor())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            gc.enable()

    def do(self, work: Coroutine[Any, Any, T], seconds: float = PATIENCE) -> T:
        """Run something where they live, and wait for it."""
        return self.begin(work).result(seconds)

    def begin(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Run something where they live; gives what to wait for."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    @contextmanager
    def slowed(self, after: int) -> Iterator[None]:
        """Whatever they send creeps once so many chunks of 1 MiB went, so that one can act."""
        send, sent = pipe.Pipe.send, itertools.count()

        def slowly(self: pipe.Pipe, data: memoryview, counters: pipe.Counters) -> None:
            if next(sent) > after:
                time.sleep(CREEP)
            send(self, data, counters)

        pipe.Pipe.send = slowly  # type: ignore[method-assign]  # as the fixture `slow` does
        try:
            yield
        finally:
            pipe.Pipe.send = send  # type: ignore[method-assign]

    def lives(self, name: str, **settings: Any) -> Resident:
        """Somebody moves in, who is found by multicast unless told otherwise."""
        settings.setdefault("interfaces", ("lo",))
        return self.do(self.house.lives(name, **settings))
