"""Rates: how fast each transfer moves, smoothed for people.  Pure."""

from collections.abc import Collection
from typing import Final

SMOOTH: Final = 0.3  # weight of the newest rate


class Rates:
    """What was seen of each transfer last.  `key` is anything that tells them apart."""

    def __init__(self) -> None:
        self._seen: dict[object, tuple[float, int, float]] = {}

    def keep(self, keys: Collection[object]) -> None:
        """Forget all but these."""
        self._seen = {key: seen for key, seen in self._seen.items() if key in keys}

    def see(self, key: object, done: int, now: float) -> bool:
        """Take note of how far one has come; whether it moved since the last look."""
        if key not in self._seen:
            self._seen[key] = (now, done, 0.0)
            return False
        then, before, rate = self._seen[key]
        if done == before:
            return False
        newest = max(done - before, 0) / max(now - then, 1e-3)
        rate = newest if rate == 0 else SMOOTH * newest + (1 - SMOOTH) * rate
        self._seen[key] = (now, done, rate)
        return True

    def of(self, key: object) -> int:
        """Bytes a second; 0 while nobody can say."""
        return int(self._seen[key][2]) if key in self._seen else 0
