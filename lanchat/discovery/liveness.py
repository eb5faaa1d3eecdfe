"""Liveness: does this peer answer now?  Rationed, whoever asks for it.  PROTOCOL.md, 6.

A forged goodbye costs its sender one packet and us a question, so questions are rationed:
one a peer in ten seconds, five a second of people we know and five of all others.  Who asks
meanwhile waits.
"""

import asyncio
import time
from collections import OrderedDict
from typing import Final

from lanchat.discovery.admission import Bucket
from lanchat.discovery.ask import TRIES, TRY_WINDOW, Asker
from lanchat.discovery.intake import Intake

RATE: Final = 5.0  # verifications a second, of people we know and of all others
AGAIN: Final = 10.0  # seconds until the same peer is verified again
MAX_REMEMBERED: Final = 2000  # peers, as many as the roster holds


class Liveness:
    """Verify peers within the rations.  Lives on the node thread."""

    def __init__(self, asker: Asker, intake: Intake) -> None:
        self._asker = asker
        self._intake = intake
        self._friends = Bucket(RATE, RATE, time.monotonic())
        self._others = Bucket(RATE, RATE, time.monotonic())
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._answered: dict[str, asyncio.Event] = {}
        self._begun: OrderedDict[str, float] = OrderedDict()

    async def verify(self, label: str) -> bool:
        """Whether the peer answers; who asks while it is being asked shares the answer."""
        task = self._running.get(label)
        if task is None:
            task = self._running[label] = asyncio.create_task(self._verify(label))
            task.add_done_callback(lambda _done: self._running.pop(label, None))
        return await asyncio.shield(task)

    def answered(self, label: str) -> None:
        """A packet just showed that this peer is there."""
        if waiting := self._answered.get(label):
            waiting.set()

    def waits_for(self, label: str) -> bool:
        """Whether a sign of life of this peer is wanted now."""
        return label in self._answered

    async def stop(self) -> None:
        """Give up on all that is being verified."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _verify(self, label: str) -> bool:
        before = self._begun.get(label)
        if before is not None:
            await asyncio.sleep(before + AGAIN - time.monotonic())
        ration = self._friends if self._intake.is_contact(label) else self._others
        await asyncio.sleep(ration.reserve(time.monotonic()))
        self._begun[label] = time.monotonic()
        self._begun.move_to_end(label)
        if len(self._begun) > MAX_REMEMBERED:
            self._begun.popitem(last=False)
        return await self._ask(label)

    async def _ask(self, label: str) -> bool:
        """By multicast and unicast; only what comes in from now on counts."""
        answered = self._answered[label] = asyncio.Event()
        known = self._intake.addresses(label)
        end = self._asker.find(label, self._intake.interfaces, known, answered.set)
        try:
            async with asyncio.timeout(TRIES[-1] + TRY_WINDOW):
                return await answered.wait()
        except TimeoutError:
            return False
        finally:
            end()
            del self._answered[label]
