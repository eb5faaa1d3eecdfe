"""Layout of a conversation: where each item stands, without drawing any.  Pure.

A conversation has far more items than fit a screen, and how high one is is known only once
it was drawn.  Until then it is estimated from its number of characters.  Keys are numbers
that the caller gives each item once.  Heights are exact for one *bucket*, which is the width
at which text wraps, and the fonts; of the last few buckets the exact heights are kept.  Sums
of heights are a Fenwick tree: adding at the end, correcting one height and finding what
stands at some height cost the logarithm of the number of items.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, NamedTuple

MOST_BUCKETS: Final = 4
MANY: Final = 64  # so many at once are added up anew


class Heights:
    """Heights of a row of things under each other, and their sums."""

    def __init__(self, heights: Sequence[int] = ()) -> None:
        self._heights: list[int] = []
        self._tree: list[int] = [0]
        self._highest = 1  # the highest power of two among the places
        self.replace(heights)

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, place: int) -> int:
        return self._heights[place]

    def replace(self, heights: Sequence[int]) -> None:
        """Take other heights for all."""
        self._heights = list(heights)
        sums = list(accumulate(self._heights, initial=0))
        self._tree = [0] + [sums[at] - sums[at - (at & -at)] for at in range(1, len(sums))]
        self._highest = 1 << max(len(self._heights).bit_length() - 1, 0)

    def append(self, height: int) -> None:
        """One more at the end."""
        self._heights.append(height)
        at = len(self._heights)
        step, total = 1, height
        while not at & step:
            total += self._tree[at - step]
            step <<= 1
        self._tree.append(total)
        if not at & (at - 1):
            self._highest = at

    def cut(self, length: int) -> None:
        """Forget all behind the first `length`."""
        del self._heights[length:]
        del self._tree[length + 1 :]
        self._highest = 1 << max(length.bit_length() - 1, 0)

    def set(self, place: int, height: int) -> None:
        """One of them is higher or lower."""
        more = height - self._heights[place]
        self._heights[place] = height
        at = place + 1
        while more and at < len(self._tree):
            self._tree[at] += more
            at += at & -at

    def before(self, place: int) -> int:
        """The sum of the first `place` of them."""
        total, at = 0, place
        while at:
            total += self._tree[at]
            at &= at - 1
        return total

    @property
    def total(self) -> int:
        """The sum of all."""
        return self.before(len(self._heights))

    def find(self, down: int) -> int:
        """The place of the one that `down` lies in; the last one's if it lies below all."""
        at, step, rest = 0, self._highest, down
        while step:
            ahead = at + step
            if ahead < len(self._tree) and self._tree[ahead] <= rest:
                at = ahead
                rest -= self._tree[at]
            step >>= 1
        return max(min(at, len(self._heights) - 1), 0)


class Bulk(NamedTuple):
    """What the height of an item is guessed from: `fixed` px, and lines of characters."""

    fixed: int
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One bucket: how many characters fit a line, how high one is; `key` names it."""

    key: tuple[int, ...]
    columns: int
    line: int

    def guess(self, bulk: Bulk) -> int:
        """How high an item may be."""
        columns = self.columns
        return bulk.fixed + self.line * sum(-(-n // columns) or 1 for n in bulk.lines)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place that stays where it is while heights change: so far into one item."""

    key: int
    inside: int


@dataclass
class Layout:
    """The heights of all items of a conversation, top to bottom."""

    measure: Measure = Measure((), 40, 20)
    _keys: list[int] = field(default_factory=list)
    _bulks: list[Bulk] = field(default_factory=list)
    _heights: Heights = field(default_factory=Heights)
    _known: OrderedDict[tuple[int, ...], dict[int, int]] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def total(self) -> int:
        """How high all of them are, as far as is known."""
        return self._heights.total

    def splice(self, start: int, stop: int, added: Sequence[tuple[int, Bulk]]) -> None:
        """Put others in the place of the items from `start` to before `stop`."""
        at_end = stop == len(self._keys)
        self._keys[start:stop] = [key for key, _bulk in added]
        self._bulks[start:stop] = [bulk for _key, bulk in added]
        if at_end and len(added) < MANY:
            self._heights.cut(start)
            for height in self._all(start, start + len(added)):
                self._heights.append(height)
            return
        before = [self._heights[at] for at in range(start)]
        self._heights.replace(before + self._all(start, len(self._keys)))

    def clear(self) -> None:
        """Forget everything."""
        self._keys.clear()
        self._bulks.clear()
        self._known.clear()
        self._heights.replace(())

    def use(self, measure: Measure) -> None:
        """Wrap at another width, or draw with other fonts."""
        if measure.key == self.measure.key:
            return
        self.measure = measure
        self._known.setdefault(measure.key, {})
        self._known.move_to_end(measure.key)
        while len(self._known) > MOST_BUCKETS:
            self._known.popitem(last=False)
        self._heights.replace(self._all(0, len(self._keys)))

    def exact(self, place: int, height: int) -> None:
        """An item was drawn: this high it is."""
        self._exact()[self._keys[place]] = height
        if self._heights[place] != height:
            self._heights.set(place, height)

    def change(self, place: int, bulk: Bulk) -> None:
        """An item became another one: what was known of its height is over."""
        self._bulks[place] = bulk
        for known in self._known.values():
            known.pop(self._keys[place], None)
        self._heights.set(place, self.measure.guess(bulk))

    def height(self, place: int) -> int:
        """How high an item is, as far as is known."""
        return self._heights[place]

    def top(self, place: int) -> int:
        """Where an item begins."""
        return self._heights.before(place)

    def at(self, down: int) -> int:
        """The place of the item at this height."""
        return self._heights.find(max(down, 0))

    def visible(self, down: int, height: int) -> range:
        """The places of the items that a window sees which begins at `down`."""
        if not self._keys or height <= 0:
            return range(0)
        return range(self.at(down), self.at(down + height - 1) + 1)

    def anchor(self, down: int) -> Anchor | None:
        """The place at this height, for finding it again."""
        if not self._keys:
            return None
        place = self.at(down)
        return Anchor(self._keys[place], down - self.top(place))

    def find(self, anchor: Anchor) -> int | None:
        """How far down an anchor is now; None if its item is gone."""
        if anchor.key not in self._keys:
            return None
        place = self._keys.index(anchor.key)
        return self.top(place) + min(anchor.inside, self.height(place))

    def _exact(self) -> dict[int, int]:
        return self._known.setdefault(self.measure.key, {})

    def _all(self, start: int, stop: int) -> list[int]:
        """The heights of some, known or guessed; the loop that a new width waits for."""
        columns, line, guess = self.measure.columns, self.measure.line, self.measure.guess
        heights = [
            bulk.fixed + line * (-(-bulk.lines[0] // columns) or 1)
            if len(bulk.lines) == 1
            else guess(bulk)
            for bulk in self._bulks[start:stop]
        ]
        known = self._exact()
        if known:
            pairs = zip(self._keys[start:stop], heights, strict=True)
            heights = [known.get(key, height) for key, height in pairs]
        return heights
