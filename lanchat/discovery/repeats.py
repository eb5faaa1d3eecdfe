"""Repeats: announcing once more, as packets get lost, goodbyes forged and networks split."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Final

AGAIN: Final = (1.5, 10.0)  # seconds after the first; zeroconf's own three are done by 0.45
BACK: Final = (0.02, 0.1)  # seconds until we contradict a goodbye in our name
MISSING: Final = 5.0  # seconds until the first while somebody is missing; the pauses double
LONGEST: Final = (10.0, 60.0)  # seconds, of a pause; where many are heard it is longer:
PER_PEER: Final = 0.2  # seconds of it; five announcements a second on the whole link are enough
MISSING_FOR: Final = 900.0  # seconds after somebody was missed last
BACK_EVERY: Final = 1.1  # seconds; receivers drop a packet they got within the last one


class Repeats:
    """Call `announce` again when it is time.  Lives on the node thread.

    `heard` says how many others have announced themselves here.
    """

    def __init__(self, announce: Callable[[], None], heard: Callable[[], int]) -> None:
        self._announce = announce
        self._heard = heard
        self._timers: list[asyncio.TimerHandle] = []
        self._back_at = 0.0
        self._missing: asyncio.TimerHandle | None = None
        self._missing_until = 0.0

    def begin(self) -> None:
        """A first announcement went out just now."""
        self._forget()
        for delay in AGAIN:
            self._later(delay)

    def missed(self) -> None:
        """Somebody is gone without a word: if a network came apart, it may be whole again.

        No carrier tells of that, and whoever is beyond has taken us off the list too.
        """
        self._missing_until = time.monotonic() + MISSING_FOR
        if self._missing is None:
            self._call(MISSING)

    def contradict(self) -> None:
        """Somebody said goodbye in our name: we are still here."""
        now = time.monotonic()
        if now >= self._back_at:
            self._back_at = now + BACK_EVERY
            self._later(random.uniform(*BACK))  # noqa: S311  # spreads packets, hides nothing

    def cancel(self) -> None:
        """Announce no more."""
        self._forget()
        if self._missing is not None:
            self._missing.cancel()
            self._missing = None

    def _call(self, pause: float) -> None:
        """Announce after a pause, and again after longer ones."""
        spread = pause * random.uniform(0.8, 1.2)  # noqa: S311  # as above
        self._missing = asyncio.get_running_loop().call_later(spread, self._called, pause)

    def _called(self, pause: float) -> None:
        self._missing = None
        if time.monotonic() < self._missing_until:
            self._announce()
            self._call(min(2 * pause, longest(self._heard())))

    def _forget(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _later(self, delay: float) -> None:
        loop = asyncio.get_running_loop()
        self._timers = [timer for timer in self._timers if timer.when() > loop.time()]
        self._timers.append(loop.call_later(delay, self._announce))


def longest(heard: int) -> float:
    """Seconds of the longest pause while somebody is missing, among so many others."""
    least, most = LONGEST
    return min(max(PER_PEER * heard, least), most)
