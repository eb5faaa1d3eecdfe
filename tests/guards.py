"""Guards: what must be true after every test, whatever the test was about.

No thread left, no error logged, no task left running, the loop never blocked.  A guard
that is in the way of a test points at the code under test; each exception is named
here, with its reason.
"""

import asyncio
import gc
import inspect
import logging
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import thread as futures
from typing import Final

import pytest
from blockbuster import blockbuster_ctx

GRACE: Final = 2.0  # seconds that what is ending may still take

#: Threads that may outlive a test: (how the name begins, why).
MAY_STAY: Final = (
    ("pytest_timeout", "the cap on a test's own time"),
    ("asyncio-waitpid", "asyncio reaps a child process with it"),
    ("asyncio_", "the executor of to_thread, idle; it ends with the loop, after this guard"),
)

#: Places of lanchat that may block the loop: (file, function, why).
MAY_BLOCK: Final = (
    ("lanchat/__main__.py", "main", "nothing is running beside it yet"),
    ("lanchat/cli/events.py", "__exit__", "the program ends; who reads has two seconds left"),
    ("coverage/collector.py", "lock_data", "coverage counts in our frames, under a lock"),
)


def _strays(before: set[threading.Thread]) -> list[threading.Thread]:
    names = tuple(name for name, _why in MAY_STAY)
    return [
        thread
        for thread in threading.enumerate()
        if thread not in before
        and thread.is_alive()
        and not (thread.name.startswith(names) and not _is_busy(thread))
    ]


def _is_busy(thread: threading.Thread) -> bool:
    """Whether work is still done on a thread of an executor."""
    frame = sys._current_frames().get(thread.ident or 0)
    return (
        thread.name.startswith("asyncio_")
        and frame is not None
        and frame.f_code is not futures._worker.__code__
    )


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + GRACE
    while (left := _strays(before)) and time.monotonic() < deadline:
        left[0].join(0.05)
    assert not left, f"threads left behind: {[thread.name for thread in left]}"


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name}: {logging.Formatter().format(record)}")


@pytest.fixture(autouse=True)
def _no_error_logged(request: pytest.FixtureRequest) -> Iterator[None]:
    """An error in the log is a bug nobody caught; asyncio reports lost tasks there too."""
    if request.node.get_closest_marker("logs_errors"):
        yield
        return
    errors = _Errors()
    logging.getLogger().addHandler(errors)
    yield
    if _is_async(request.node):
        gc.collect()  # a task that failed unseen says so when it is collected
    logging.getLogger().removeHandler(errors)
    assert not errors.lines, "errors logged:\n" + "\n".join(errors.lines)


@pytest.fixture
async def _no_task_left() -> AsyncIterator[None]:
    """Set up first and torn down last of an async test: what runs then was forgotten."""
    before = asyncio.all_tasks()
    yield
    if left := _forgotten(before):
        _ended, left = await asyncio.wait(left, timeout=GRACE)
    assert not left, f"tasks left running: {[repr(task.get_coro()) for task in left]}"


def _forgotten(before: set[asyncio.Task[object]]) -> set[asyncio.Task[object]]:
    return asyncio.all_tasks() - before - {asyncio.current_task()}


def _is_async(item: object) -> bool:
    return inspect.iscoroutinefunction(getattr(item, "function", None))


def pytest_itemcollected(item: pytest.Item) -> None:
    if _is_async(item):
        item.fixturenames.insert(0, "_no_task_left")  # type: ignore[attr-defined]  # of Function


def pytest_collection_finish() -> None:
    """What is loaded stays; looking through it after each test would cost more than most."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _loop_never_blocked() -> Iterator[None]:
    """A blocking call of lanchat on a running loop raises where it is made."""
    with blockbuster_ctx("lanchat") as guard:
        for function in guard.functions.values():
            for file, name, _why in MAY_BLOCK:
                function.can_block_in(file, name)
        yield
