"""The bridge: the only place where the Tk thread and the node thread meet.

Up: `post` may be called on any thread; what is posted runs on the Tk thread, in order.  A
byte on a socket pair wakes Tk; where Tk cannot watch sockets (Windows) it looks by itself.
Down: `run` hands work to the node thread's event loop and never waits for it; the answer
comes back up.  Neither thread ever waits for the other while the window is open.
"""

import asyncio
import logging
import queue
import socket
import sys
import threading
import time
import tkinter as tk
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final, TypeVar

from lanchat.errors import LanchatError, Unforeseen

_log = logging.getLogger(__name__)

T = TypeVar("T")
SLICE: Final = 0.008  # seconds of posted work before keys and the pointer get a turn
LOOK_EVERY: Final = 25  # ms, where Tk cannot watch a socket
PATIENCE: Final = 5.0  # seconds the node thread may take to say goodbye
_PAUSE: Final = 0.005  # seconds between two looks while we wait for that


class Bridge:
    """Two threads, one way up and one way down.  Made and used on the Tk thread."""

    def __init__(self, root: tk.Misc, unforeseen: Callable[[BaseException], None]) -> None:
        self._root = root
        self._unforeseen = unforeseen  # a bug of ours, on either thread
        self._waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="node", daemon=True)
        self._held: set[Future[None]] = set()  # asyncio itself lets go of what only waits
        self._lock = threading.Lock()
        self._woken = False
        self._later: str | None = None  # a job of Tk's that goes on
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)
        self._watching = sys.platform != "win32"

    def start(self) -> None:
        """Start the node thread, and listen for what it posts."""
        self._thread.start()
        if self._watching:
            self._root.tk.createfilehandler(self._near, tk.READABLE, self._readable)
        else:
            self._look()

    # --- up -----------------------------------------------------------------------------

    def post(self, call: Callable[[], None]) -> None:
        """Have `call` run on the Tk thread; from any thread, never waits."""
        self._waiting.put(call)
        with self._lock:
            if self._woken or not self._watching:
                return
            self._woken = True
        with suppress(OSError):  # full: it is awake; closed: nobody is there any more
            self._far.send(b"\0")

    # --- down ---------------------------------------------------------------------------

    def run(
        self,
        work: Callable[[], Coroutine[Any, Any, T]],
        then: Callable[[T], None],
        failed: Callable[[LanchatError], None],
    ) -> "Future[None]":
        """Run `work` on the node thread; one of the two hears of it on the Tk thread.

        Cancelling the future ends the work, if it is still going on; never wait for it.
        """
        return self._hand_over(self._answer(work, then, failed))

    def stop(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `last` on the node thread, then end it; what it posts is still drawn.

        Waits at most `PATIENCE` seconds, while Tk goes on.
        """
        self._hand_over(self._end(last))
        until = time.monotonic() + PATIENCE
        while self._thread.is_alive() and time.monotonic() < until:
            self._drain(SLICE)
            self._thread.join(_PAUSE)
        if self._thread.is_alive():
            _log.warning("the node thread did not end in time")
        self._drain(SLICE)
        if self._watching:
            self._root.tk.deletefilehandler(self._near)
        if self._later is not None:
            self._root.after_cancel(self._later)
            self._later = None
        self._near.close()
        self._far.close()

    # --- on the node thread -------------------------------------------------------------

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    async def _answer(
        self,
        work: Callable[[], Coroutine[Any, Any, T]],
        then: Callable[[T], None],
        failed: Callable[[LanchatError], None],
    ) -> None:
        try:
            result = await work()
        except LanchatError as error:
            met = error
            self.post(lambda: failed(met))
        except Exception as error:
            bug = error
            self.post(lambda: self._unforeseen(bug))
            self.post(lambda: failed(Unforeseen("a bug")))  # who waits must not wait for ever
        else:
            self.post(lambda: then(result))

    async def _end(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await last()
        except Exception as error:
            bug = error
            self.post(lambda: self._unforeseen(bug))
        finally:
            mine = asyncio.current_task()
            others = [task for task in asyncio.all_tasks() if task is not mine]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            self._loop.stop()

    def _hand_over(self, work: Coroutine[Any, Any, None]) -> "Future[None]":
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._held.add(future)
        future.add_done_callback(self._held.discard)
        return future

    # --- on the Tk thread ---------------------------------------------------------------

    def _readable(self, _file: object, _mask: int) -> None:
        with suppress(OSError):
            self._near.recv(64)
        with self._lock:
            self._woken = False
        self._go_on()

    def _go_on(self) -> None:
        """Run what waits, and come back for the rest when Tk had its turn."""
        if self._later is not None:
            self._root.after_cancel(self._later)
            self._later = None
        if self._drain(SLICE):
            self._later = self._root.after(1, self._go_on)

    def _look(self) -> None:
        self._later = None
        more = self._drain(SLICE)
        self._later = self._root.after(1 if more else LOOK_EVERY, self._look)

    def _drain(self, seconds: float) -> bool:
        """Run what waits, for so long; True if something is left."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                call = self._waiting.get_nowait()
            except queue.Empty:
                return False
            try:
                call()
            except Exception as error:
                self._unforeseen(error)
        return True
