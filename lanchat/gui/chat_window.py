"""The window onto a conversation: which of its items are on the canvas, and where.

Only what can be seen, and a little around it, exists as canvas items.  An item once drawn
stays where it is: its neighbours are placed beside it, so a wrong guess of the height of
something far away moves nothing that is looked at.  Guesses only decide how far along the
scroll bar is.
"""

import tkinter as tk
from collections.abc import Iterator, Sequence
from typing import Final

from lanchat.gui.chat_drawn import Drawn, Room, Side
from lanchat.gui.chat_layout import Layout, Measure
from lanchat.gui.chat_painter import Painter
from lanchat.gui.chat_rows import Change, Rows

MARGIN: Final = 16
EDGE: Final = 10  # above the first item and below the last
AROUND: Final = 160  # drawn beyond what is seen
WIDEST: Final = 560  # of a bubble
NARROWEST: Final = 120
SHARE: Final = 0.78  # of the canvas that a bubble may take
STEP: Final = 8  # wrapping widths are multiples of it, so that heights can be known again


class Window:
    """What is drawn of the rows.  Lives on the Tk thread."""

    def __init__(self, canvas: tk.Canvas, painter: Painter) -> None:
        self.rows: Final = Rows()
        self.layout: Final = Layout()
        self.drawn: Final[dict[int, Drawn]] = {}
        self.at_end = True
        self.at_start = True
        self._canvas = canvas
        self._painter = painter
        self._width = 0
        self._height = 0

    # --- what can be asked --------------------------------------------------------------

    @property
    def top(self) -> int:
        """Where on the canvas the visible part begins."""
        return round(self._canvas.canvasy(0))

    @property
    def room(self) -> Room:
        """How much room there is."""
        px = self._painter.brush.px
        margin = px(MARGIN)
        inside = max(self._width - 2 * margin, 1)
        wrap = max(min(int(self._width * SHARE), px(WIDEST)), px(NARROWEST))
        step = px(STEP)
        return Room(self._width, max(min(wrap, inside) // step * step, step), margin)

    def fractions(self) -> tuple[float, float]:
        """Which part of all is seen, for a scroll bar."""
        total = self.layout.total
        if not total or not self.drawn or self._height >= total:
            return 0.0, 1.0
        if self.at_end:
            return max(1 - self._height / total, 0.0), 1.0
        down = self._down()
        return min(max(down / total, 0.0), 1.0), min((down + self._height) / total, 1.0)

    def hit(self, y: int) -> Drawn | None:
        """What stands at this height of the canvas."""
        for one in self.drawn.values():
            if one.top <= y < one.top + one.total:
                return one
        return None

    def visible(self) -> Iterator[Drawn]:
        """What can be seen, from top to bottom."""
        top, low = self.top, self.top + self._height
        for one in sorted(self.drawn.values(), key=lambda one: one.top):
            if one.top + one.height > top and one.top < low:
                yield one

    # --- changes ------------------------------------------------------------------------

    def change(self, change: Change) -> None:
        """The rows changed: take it into the layout; `settle` draws it."""
        rows, layout, bulk = self.rows, self.layout, self._painter.bulk
        if change.in_place:
            for at in range(change.start, change.stop):
                layout.change(at, bulk(rows.items[at]))
            return
        start = change.start
        added = [
            (number, bulk(rows.items[start + at])) for at, number in enumerate(change.numbers)
        ]
        layout.splice(start, change.stop, added)
        for number in set(change.before) - set(change.numbers):
            self._drop(number)

    def resize(self, width: int, height: int) -> None:
        """The canvas has another size."""
        wider = width - self._width
        before, stays = self.room.wrap, self.stays()
        end = self.at_end
        self._width, self._height = width, height
        self._measure()
        if self.room.wrap != before:
            self.clear()
        elif wider:
            self._move_sideways(wider)
        self.settle(stays, end=end)

    def redraw(self) -> None:
        """Everything looks different now: another theme, zoom or day."""
        stays, end = self.stays(), self.at_end
        self.clear()
        self._measure(anew=True)
        self.settle(stays, end=end)

    def clear(self) -> None:
        """Take everything off the canvas."""
        for number in list(self.drawn):
            self._drop(number)

    def scroll(self, by: int) -> None:
        """Move what is seen by so many pixels, as far as there is something."""
        limit = 4 * max(self._height, 1)
        if abs(by) > limit:
            self._jump(self._down() + by)
            return
        stays = self.stays()
        self._canvas.yview_scroll(by, "units")
        self.settle(stays)

    def to(self, fraction: float) -> None:
        """Show the part that begins there, for a scroll bar."""
        self._jump(round(fraction * self.layout.total))

    def to_end(self) -> None:
        """Show the newest."""
        self.settle(end=True)

    def to_start(self) -> None:
        """Show the oldest there is."""
        self._jump(0)

    def reveal(self, number: int, *, low: float | None = None) -> None:
        """Show a row, if it is not seen whole; `low` says how far down, of the height."""
        place = self.rows.place(number)
        if place is None:
            return
        one = self.drawn.get(number)
        if one is None or low is not None:
            self._jump(self.layout.top(place) - round((low or 0.3) * self._height))
            return
        self._bring(one.top, one.top + one.height)

    def reveal_part(self, one: Drawn, top: int, low: int) -> None:
        """Show a part of what is drawn, between two heights within it."""
        self._bring(one.top + top, one.top + low)

    def _bring(self, top: int, low: int) -> None:
        """Scroll until what is between two heights of the canvas is seen, its top first."""
        edge = self._painter.brush.px(EDGE)
        above = self.top + edge - top
        below = low + edge - (self.top + self._height)
        if above > 0:
            self.scroll(-above)
        elif below > 0:
            self.scroll(min(below, -above))

    def stays(self) -> tuple[tuple[int, int], ...]:
        """The rows that are seen now and where they are, for `settle`.

        Those whose beginning is seen come first: one that is cut at the top may grow there.
        """
        seen = sorted(self.visible(), key=lambda one: (one.top < self.top, one.top))
        return tuple((one.number, one.top) for one in seen)

    def settle(self, stays: Sequence[tuple[int, int]] = (), *, end: bool = False) -> None:
        """Draw what can be seen; the first row of `stays` that is still there stays there.

        With `end` the newest row is the one that stays, at the bottom.
        """
        if not len(self.rows) or self._width < 2 or self._height < 2:
            self.at_end = self.at_start = True
            self.clear()
            return
        px = self._painter.brush.px
        if end:
            number = self.rows.numbers[-1]
            last = self._place(number, self.drawn[number].top if number in self.drawn else 0)
            self._look(last.top + last.total + px(EDGE) - self._height)
            anchor = number, last.top
        else:
            there = (one for one in stays if self.rows.place(one[0]) is not None)
            anchor = next(there, (self.rows.numbers[0], self.top + px(EDGE)))
        for _again in range(3):
            first, last_place = self._fill(anchor)
            if not self._hold(first, last_place):
                break
        self._forget(first, last_place)

    # --- within -------------------------------------------------------------------------

    def _measure(self, *, anew: bool = False) -> None:
        brush, wrap = self._painter.brush, self.room.wrap
        font = brush.font("text")
        letter = max(font.measure("etaoin shrdlu") / 13, 1.0)
        columns = max(int((wrap - brush.px(24)) / letter), 1)
        line = brush.line("text")
        if anew:
            rows = self.rows
            self.layout.clear()
            bulks = [
                (number, self._painter.bulk(item))
                for number, item in zip(rows.numbers, rows.items, strict=True)
            ]
            self.layout.use(Measure((wrap, line), columns, line))
            self.layout.splice(0, 0, bulks)
        else:
            self.layout.use(Measure((wrap, line), columns, line))

    def _down(self) -> int:
        """How far down what is seen begins, by the layout."""
        for one in self.visible():
            place = self.rows.place(one.number)
            if place is not None:
                return self.layout.top(place) + self.top - one.top
        return 0

    def _jump(self, down: int) -> None:
        total = self.layout.total
        if not total:
            return
        down = min(max(down, 0), max(total - 1, 0))
        place = self.layout.at(down)
        inside = down - self.layout.top(place)
        number = self.rows.numbers[place]
        if number not in self.drawn:
            self.clear()
            self._look(0)
            self.settle([(number, -inside)])
            return
        self._look(self.drawn[number].top + inside)
        self.settle([(number, self.drawn[number].top)])

    def _look(self, top: int) -> None:
        """Let the visible part begin there."""
        self._canvas.yview_scroll(top - self.top, "units")

    def _fill(self, anchor: tuple[int, int]) -> tuple[int, int]:
        """Draw from the anchor down and up until nothing seen is missing."""
        number, at = anchor
        place = self.rows.place(number)
        around = self._painter.brush.px(AROUND)
        start, low = self.top - around, self.top + self._height + around
        first = last = place if place is not None else 0
        one = self._place(self.rows.numbers[first], at)
        top, down = one.top, one.top + one.total
        while down < low and last + 1 < len(self.rows):
            last += 1
            down += self._place(self.rows.numbers[last], down).total
        while top > start and first > 0:
            first -= 1
            top = self._place(self.rows.numbers[first], top, upwards=True).top
        return first, last

    def _place(self, number: int, top: int, *, upwards: bool = False) -> Drawn:
        """A row, drawn so that it begins, or ends, at `top`."""
        place = self.rows.place(number)
        if place is None:
            raise AssertionError(f"row {number} is not there")
        item = self.rows.items[place]
        one = self.drawn.get(number)
        if one is not None and one.item is not item and not self._painter.update(one, item):
            self._drop(number)
            one = None
        if one is None:
            one = self._painter.draw(number, item, top, self.room)
            self.drawn[number] = one
        self.layout.exact(place, one.total)
        wanted = top - one.total if upwards else top
        if wanted != one.top:
            self._canvas.move(one.tag, 0, wanted - one.top)
            one.top = wanted
        return one

    def _hold(self, first: int, last: int) -> bool:
        """Go no further than the ends; whether what is seen had to move."""
        edge = self._painter.brush.px(EDGE)
        numbers = self.rows.numbers
        top = self.top
        highest = lowest = None
        if first == 0:
            highest = self.drawn[numbers[0]].top - edge
        if last == len(numbers) - 1:
            one = self.drawn[numbers[last]]
            lowest = one.top + one.total + edge - self._height
        wanted = top if lowest is None else min(top, lowest)
        wanted = wanted if highest is None else max(wanted, highest)
        self.at_end = lowest is not None and wanted >= lowest - 1
        self.at_start = highest is not None and wanted <= highest
        if wanted != top:
            self._look(wanted)
        return wanted != top

    def _forget(self, first: int, last: int) -> None:
        """Take away what is far from what is seen."""
        wanted = set(self.rows.numbers[first : last + 1])
        far = self._painter.brush.px(AROUND) + self._height
        for number, one in list(self.drawn.items()):
            away = max(self.top - one.top - one.total, one.top - self.top - self._height)
            if number not in wanted or away > far:
                self._drop(number)

    def _drop(self, number: int) -> None:
        one = self.drawn.pop(number, None)
        if one is not None:
            self._canvas.delete(one.tag)

    def _move_sideways(self, wider: int) -> None:
        for number, one in list(self.drawn.items()):
            if one.side is Side.RIGHT:
                self._canvas.move(one.tag, wider, 0)
                one.left += wider
            elif one.side is Side.MIDDLE:
                self._drop(number)
