"""Rows: what a conversation shows now, and what differs in what it is to show next.  Pure.

Each row has a number that stays with it while it is shown: an item of the same key in the
place of another is the same row, changed.  Keys come from others and may repeat; numbers
do not.
"""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from lanchat.gui.items import Item

_SLICE: Final = 256


@dataclass(frozen=True, slots=True)
class Change:
    """Rows from `start` to before `stop` are now the `numbers`; `replaced` if all went."""

    start: int
    stop: int
    numbers: tuple[int, ...]
    before: tuple[int, ...]

    @property
    def in_place(self) -> bool:
        """Whether each row is still there, and only looks different."""
        return self.numbers == self.before


@dataclass
class Rows:
    """The items shown, top to bottom, each with its number."""

    items: list[Item] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    _next: int = 1
    _places: dict[int, int] | None = None

    def __len__(self) -> int:
        return len(self.items)

    def show(self, items: Sequence[Item]) -> Change | None:
        """Take what is to be shown next; None if nothing differs."""
        start = _alike(self.items, items)
        if start == len(self.items) == len(items):
            return None
        longest = min(len(self.items), len(items)) - start
        same = min(_alike(self.items[start:][::-1], items[start:][::-1]), longest)
        stop = len(self.items) - same
        added = items[start : len(items) - same]
        before = tuple(self.numbers[start:stop])
        numbers = self._numbered(start, stop, added)
        self.items[start:stop] = added
        self.numbers[start:stop] = numbers
        self._learn(start, before, numbers, at_end=not same)
        return Change(start, stop, numbers, before)

    def place(self, number: int) -> int | None:
        """Where a row is; None if it is gone."""
        if self._places is None:
            self._places = {one: at for at, one in enumerate(self.numbers)}
        return self._places.get(number)

    def number(self, key: str) -> int | None:
        """The number of the newest row with this key."""
        for at in range(len(self.items) - 1, -1, -1):
            if self.items[at].key == key:
                return self.numbers[at]
        return None

    def _learn(
        self, start: int, gone: tuple[int, ...], added: tuple[int, ...], *, at_end: bool
    ) -> None:
        if self._places is None or gone == added:
            return
        if not at_end:
            self._places = None
            return
        for number in gone:
            del self._places[number]
        self._places.update((number, start + at) for at, number in enumerate(added))

    def _numbered(self, start: int, stop: int, added: Sequence[Item]) -> tuple[int, ...]:
        known: defaultdict[tuple[type, str], deque[int]] = defaultdict(deque)
        for item, number in zip(self.items[start:stop], self.numbers[start:stop], strict=True):
            known[type(item), item.key].append(number)
        return tuple(self._number(known.get((type(item), item.key))) for item in added)

    def _number(self, known: deque[int] | None) -> int:
        if known:
            return known.popleft()
        self._next += 1
        return self._next


def _alike(some: Sequence[Item], others: Sequence[Item]) -> int:
    """How many are the same from the beginning on.

    Slices are compared whole first: that takes identity for equality, without a step each.
    """
    shorter = min(len(some), len(others))
    at, step = 0, _SLICE
    while at < shorter and step:
        stop = min(at + step, shorter)
        if list(some[at:stop]) == list(others[at:stop]):
            at = stop
        else:
            step //= 2
    return at
