"""Keep-alive: when to ask whether the peer is there, and what silence means.

A ping after 10 s of silence; 3 s later it is missed and the next goes out.  Two misses make
the peer doubtful, four end the session.  Any whole record is a sign of life.
PROTOCOL.md, 3.
"""

from enum import Enum, auto
from typing import Final

IDLE: Final = 10.0  # seconds of silence before a ping
PATIENCE: Final = 3.0  # seconds a ping may stay unanswered
DOUBTED: Final = 2  # misses in a row
GIVEN_UP: Final = 4  # misses in a row


class Verdict(Enum):
    """What the passing of time means."""

    ASK = auto()  # send a ping
    DOUBT = auto()  # send a ping, and tell that the peer may be gone
    DEAD = auto()  # end the session


class Keepalive:
    """Watch one peer's signs of life."""

    def __init__(self, now: float) -> None:
        self.heard_at = now
        self._asked_at: float | None = None
        self._misses = 0

    def heard(self, now: float) -> bool:
        """Note a sign of life; True if the peer had been doubtful."""
        doubted = self._misses >= DOUBTED
        self.heard_at = now
        self._asked_at = None
        self._misses = 0
        return doubted

    def excuse(self, now: float) -> None:
        """Do not count the silence so far: we did not listen."""
        self.heard_at = max(self.heard_at, now)
        self._asked_at = None

    def ask(self, now: float) -> bool:
        """Whether a ping should go out at once: not while one is under way."""
        if self._asked_at is not None:
            return False
        self._asked_at = now
        return True

    def deadline(self) -> float:
        """When silence means something."""
        if self._asked_at is not None:
            return self._asked_at + PATIENCE
        return self.heard_at + IDLE

    def expire(self, now: float) -> Verdict | None:
        """What the silence until `now` means; None if it is too early."""
        if now < self.deadline():
            return None
        if self._asked_at is not None:
            self._misses += 1
        if self._misses >= GIVEN_UP:
            return Verdict.DEAD
        asked_before, self._asked_at = self._asked_at is not None, now
        return Verdict.DOUBT if asked_before and self._misses == DOUBTED else Verdict.ASK
