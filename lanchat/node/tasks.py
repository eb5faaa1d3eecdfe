"""Tasks: everything that runs at the same time, in one group.

No task is on its own: a bug in any of them ends the whole group, and with it the node,
loudly, instead of leaving half of it running.  What went wrong with a peer, a disk or the
network is no bug: it ends the one task that met it, and is told.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from lanchat.errors import LanchatError

PAUSE: Final = 1.0  # seconds until what failed in one round goes on

Met = Callable[[str, LanchatError | OSError], None]


class Tasks:
    """One task group from `start` to `stop`.  Lives on the node thread.

    `met` is told of each failure that was nobody's bug, with the name of the task.
    """

    def __init__(self, met: Met) -> None:
        self._met = met
        self._group: asyncio.TaskGroup | None = None
        self._main: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._ending = asyncio.Event()

    async def start(self) -> None:
        """Take tasks from now on."""
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._main = asyncio.create_task(self._own(ready), name="node")
        await ready

    def spawn(self, work: Awaitable[None], name: str) -> None:
        """Run `work` beside the rest; dropped once the group is ending."""
        self._run(work, name, self._met)

    def keep(self, work: Awaitable[None], name: str) -> None:
        """Run what the node cannot be without: however it fails, the node ends."""
        self._run(work, name, _rethrow)

    def keep_up(self, rounds: Callable[[], Awaitable[None]], name: str) -> None:
        """Run what never ends, and is begun anew a moment after it failed by nobody's bug.

        A disk that is full in one round is told, and does not end the node.
        """
        self._run(self._anew(rounds, name), name, _rethrow)

    async def _anew(self, rounds: Callable[[], Awaitable[None]], name: str) -> None:
        while True:
            try:
                await rounds()
            except (LanchatError, OSError) as error:
                self._met(name, error)
            await asyncio.sleep(PAUSE)

    def _run(self, work: Awaitable[None], name: str, met: Met) -> None:
        started = False

        async def carried_out() -> None:
            nonlocal started
            started = True
            try:
                await work
            except (LanchatError, OSError) as error:
                met(name, error)

        def ended(task: asyncio.Task[None]) -> None:
            self._running.discard(task)
            if not started:
                _drop(work)

        carried = carried_out()
        try:
            if self._group is None or self._ending.is_set():
                raise RuntimeError("ending")  # noqa: TRY301 - as the group says it of itself
            task = self._group.create_task(carried, name=name)
        except RuntimeError:
            carried.close()
            _drop(work)
            return
        self._running.add(task)
        task.add_done_callback(ended)

    async def failed(self) -> None:
        """Wait until the group has ended, and raise what ended it."""
        if self._main is not None:
            await asyncio.shield(self._main)

    async def stop(self) -> None:
        """End every task; raises what ended the group before, if anything did."""
        self._ending.set()
        if self._main is not None:
            await self._main

    async def _own(self, ready: "asyncio.Future[None]") -> None:
        async with asyncio.TaskGroup() as group:
            self._group = group
            ready.set_result(None)
            await self._ending.wait()
            for task in tuple(self._running):
                task.cancel()


def _drop(work: Awaitable[None]) -> None:
    """What will never run must not be reported as forgotten."""
    if asyncio.iscoroutine(work):
        work.close()


def _rethrow(_name: str, error: LanchatError | OSError) -> None:
    raise error
