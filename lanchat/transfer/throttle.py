"""Throttles: a rate that lanes share, each in a thread of its own.

What is allowed is asked for before it is sent, or taken from the socket: who receives slowly
makes the other side send slowly.
"""

import time
from collections.abc import Callable
from threading import Event, Lock
from typing import Final

from lanchat.transfer.pacing import LEAST_RATE, Pace, piece


class Throttle:
    """One rate for all who ask; any thread may.

    `rate` is asked for each time, in bytes a second; 0 means as fast as it goes.  What is
    lower than 64 KiB a second counts as that.
    """

    def __init__(self, rate: Callable[[], int]) -> None:
        self._rate = rate
        self._pace = Pace()
        self._lock = Lock()

    def allow(self, wanted: int, stop: Event) -> int:
        """Wait until some of `wanted` bytes may go; how many.  `stop` ends the wait."""
        rate = self._rate()
        if rate <= 0:
            return wanted
        rate = max(rate, LEAST_RATE)
        size = piece(rate, wanted)
        with self._lock:
            seconds = self._pace.allow(size, rate, time.monotonic())
        if seconds > 0:
            stop.wait(seconds)
        return size


class Both:
    """What two throttles allow: a rate of our own within that of all."""

    def __init__(self, first: Throttle, second: Throttle) -> None:
        self._first, self._second = first, second

    def allow(self, wanted: int, stop: Event) -> int:
        """Wait until some of `wanted` bytes may go by both; how many."""
        size = left = self._first.allow(wanted, stop)
        while left > 0:
            left -= self._second.allow(left, stop)
        return size


Brake = Throttle | Both
FREE: Final = Throttle(lambda: 0)  # as fast as it goes
