"""Waits: how long the next try waits after wrong passphrases.  Pure.

It slows down hands at a keyboard only; whoever has the file itself pays for Argon2id.
"""

from typing import Final

LONGEST: Final = 30.0  # seconds
FIRST: Final = 1.0


class Waits:
    """The wrong tries of each profile, and until when the next one waits."""

    def __init__(self) -> None:
        self._wrong: dict[str, tuple[int, float]] = {}

    def failed(self, profile: str, now: float) -> None:
        """One more try was wrong."""
        times = self._wrong.get(profile, (0, 0.0))[0] + 1
        # twice as long each time; 2 ** 10 is far beyond the longest, so the power stays small
        wait = min(FIRST * 2.0 ** min(times - 1, 10), LONGEST)
        self._wrong[profile] = times, now + wait

    def passed(self, profile: str) -> None:
        """The passphrase was right."""
        self._wrong.pop(profile, None)

    def left(self, profile: str, now: float) -> int:
        """Whole seconds until the next try; 0 if it may be made now."""
        until = self._wrong.get(profile, (0, 0.0))[1]
        return max(int(-(-(until - now) // 1)), 0)
