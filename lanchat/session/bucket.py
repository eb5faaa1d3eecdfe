"""Buckets: how often something may happen.  `burst` at once, then `rate` a second."""


class Bucket:
    """A token bucket; it begins full."""

    __slots__ = ("_burst", "_filled_at", "_level", "_rate")

    def __init__(self, burst: float, rate: float, now: float) -> None:
        self._burst = burst
        self._rate = rate
        self._level = burst
        self._filled_at = now

    def take(self, now: float, count: int = 1) -> bool:
        """Take `count` if there are as many; else none."""
        self._fill(now)
        if self._level < count:
            return False
        self._level -= count
        return True

    def full(self, now: float) -> bool:
        """Whether forgetting this bucket would change nothing."""
        self._fill(now)
        return self._level >= self._burst

    def _fill(self, now: float) -> None:
        if now > self._filled_at:
            gained = (now - self._filled_at) * self._rate
            self._level = min(self._burst, self._level + gained)
            self._filled_at = now
