"""Tasks: everything that runs at the same time, in one group.

No task is on its own: a bug in any of them ends the whole group, and with it the node,
loudly, instead of leaving half of it running.
"""

import asyncio
from collections.abc import Awaitable


class Tasks:
    """One task group from `start` to `stop`.  Lives on the node thread."""

    def __init__(self) -> None:
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
        carried = _carried_out(work)
        try:
            if self._group is None or self._ending.is_set():
                raise RuntimeError("ending")  # noqa: TRY301 - as the group says it of itself
            task = self._group.create_task(carried, name=name)
        except RuntimeError:
            carried.close()
            if asyncio.iscoroutine(work):
                work.close()
            return
        self._running.add(task)
        task.add_done_callback(self._running.discard)

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


async def _carried_out(work: Awaitable[None]) -> None:
    await work
