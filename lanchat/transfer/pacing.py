"""Pacing: when the next bytes may go, so that no more than so many a second do.  Pure.

Time that nobody used is lost but for a moment, so a pause does not lead to a burst.  Whoever
asks first goes first, and asks for a small piece at a time: lanes that share one pace get
equal shares of it.
"""

from typing import Final

LEAST_RATE: Final = 64 * 1024  # bytes a second; below, eight lanes would count as stalled
BURST: Final = 0.1  # seconds that may be made up for
_MOMENT: Final = 0.05  # seconds' worth of bytes in one piece
_LEAST_PIECE: Final = 16 * 1024  # bytes


class Pace:
    """When whoever asks may go.  `now` is monotonic seconds, rates are bytes a second."""

    def __init__(self) -> None:
        self._free = 0.0  # when everything that was allowed is through

    def allow(self, size: int, rate: int, now: float) -> float:
        """Let `size` bytes go; the seconds to wait before they do."""
        begin = max(self._free, now - BURST)
        self._free = begin + size / rate
        return max(0.0, begin - now)


def piece(rate: int, wanted: int) -> int:
    """How many of `wanted` bytes to ask for at a time."""
    return min(wanted, max(_LEAST_PIECE, int(rate * _MOMENT)))
