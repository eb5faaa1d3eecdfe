"""Repeats: announcing once more, because packets get lost and goodbyes get forged."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Final

AGAIN: Final = (1.5, 10.0)  # seconds after the first; zeroconf's own three are done by 0.45
BACK: Final = (0.02, 0.1)  # seconds until we contradict a goodbye in our name
BACK_EVERY: Final = 1.1  # seconds; receivers drop a packet they got within the last one


class Repeats:
    """Call `announce` again when it is time.  Lives on the node thread."""

    def __init__(self, announce: Callable[[], None]) -> None:
        self._announce = announce
        self._timers: list[asyncio.TimerHandle] = []
        self._back_at = 0.0

    def begin(self) -> None:
        """A first announcement went out just now."""
        self.cancel()
        for delay in AGAIN:
            self._later(delay)

    def contradict(self) -> None:
        """Somebody said goodbye in our name: we are still here."""
        now = time.monotonic()
        if now >= self._back_at:
            self._back_at = now + BACK_EVERY
            self._later(random.uniform(*BACK))  # noqa: S311  # spreads packets, hides nothing

    def cancel(self) -> None:
        """Announce no more."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _later(self, delay: float) -> None:
        loop = asyncio.get_running_loop()
        self._timers = [timer for timer in self._timers if timer.when() > loop.time()]
        self._timers.append(loop.call_later(delay, self._announce))
