"""Absent: who is registered and not on our list, and when to knock at them again.

A registration outlives a computer that crashed or lost its network, so who did not answer
comes back to the list when its port does.  Pure: the caller brings the time.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

FIRST: Final = 60.0  # seconds until somebody who was not there is knocked at again; doubles
LONGEST: Final = 600.0  # seconds
MOST: Final = 5  # knocks at once


@dataclass(slots=True)
class _Turn:
    at: float
    pause: float


class Absent:
    """Turns of knocking.  Lives on the node thread."""

    def __init__(self, is_contact: Callable[[str], bool]) -> None:
        self._is_contact = is_contact
        self._turns: OrderedDict[str, _Turn] = OrderedDict()

    def watch(self, labels: Iterable[str], now: float) -> None:
        """These are registered and not on the list; all others are of no concern any more."""
        wanted = set(labels)
        for label in [one for one in self._turns if one not in wanted]:
            del self._turns[label]
        for label in wanted - self._turns.keys():
            self._turns[label] = _Turn(now + FIRST, FIRST)

    def at_once(self, label: str, now: float) -> None:
        """Knock at this one next: it says something new, and may still not be there."""
        self._turns[label] = _Turn(now, FIRST)

    def due(self, now: float) -> list[str]:
        """Whose turn it is, contacts first; the next is after twice the time."""
        due = [label for label, turn in self._turns.items() if turn.at <= now]
        due.sort(key=lambda label: (not self._is_contact(label), self._turns[label].at))
        for label in due[:MOST]:
            turn = self._turns[label]
            turn.at = now + turn.pause
            if not self._is_contact(label):
                turn.pause = min(2 * turn.pause, LONGEST)
        return due[:MOST]
