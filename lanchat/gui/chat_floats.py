"""What floats over a conversation: the day of what is seen, the way to the newest, a ring."""

import time
import tkinter as tk
from collections.abc import Callable, Mapping
from typing import Final, Literal

from lanchat.gui.chat_drawn import Drawn
from lanchat.gui.chat_painter import Painter
from lanchat.gui.chat_pills import Pill
from lanchat.gui.chat_window import Window
from lanchat.gui.items import DayMark
from lanchat.gui.theme import Theme
from lanchat.gui.translate import ngettext

UNDER: Final = 26  # px that the floating day covers
RESTS: Final = 1.5  # seconds without scrolling, after which it covers nothing any more
_FROM: Final[Mapping[str, Literal["nw", "sw", "ne"]]] = {
    "n": "nw", "s": "sw", "e": "ne", "w": "nw",
}  # fmt: skip


class Floats:
    """Kept over the canvas while it scrolls below.  Lives on the Tk thread."""

    def __init__(
        self, parent: tk.Misc, canvas: tk.Canvas, theme: Theme, window: Window,
        painter: Painter, to_end: Callable[[], None],
    ) -> None:  # fmt: skip
        self.day: Final = Pill(parent, theme, "sticky_day")
        self.newest: Final = Pill(parent, theme, "new_messages", to_end)
        self._canvas = canvas
        self._theme = theme
        self._window = window
        self._painter = painter
        self._news = 0
        self._scrolled_at = 0.0
        self._job = ""
        self._ring = {side: tk.Frame(parent, name=f"ring_{side}") for side in _FROM}

    def scrolled(self) -> None:
        """The reader goes somewhere: say what day it is there, as long as that goes on."""
        self._scrolled_at = time.monotonic()
        if not self._job:
            self._wait(RESTS)

    def end(self) -> None:
        """Wait for nothing any more."""
        if self._job:
            self._canvas.after_cancel(self._job)
            self._job = ""

    def show(self, news: int) -> None:
        """Say what day it is above, and how many came below."""
        self._news = news
        px = self._theme.px
        day = self._day_above() if self._job else ""
        self._put(self.day, day, rely=0.0, y=px(6), anchor="n")
        text = ngettext("{number} new message", "{number} new messages", news)
        text = text.format(number=news) if news else ""
        self._put(self.newest, text, rely=1.0, y=-px(10), anchor="s")

    def _wait(self, seconds: float) -> None:
        self._job = self._canvas.after(round(seconds * 1000) + 1, self._rest)

    def _rest(self) -> None:
        """Nobody may have scrolled for a while."""
        self._job = ""
        left = self._scrolled_at + RESTS - time.monotonic()
        if left > 0:
            self._wait(left)
        else:
            self.show(self._news)

    def _put(
        self, pill: Pill, text: str, *, rely: float, y: int, anchor: Literal["n", "s"]
    ) -> None:
        was = bool(pill.text)
        pill.show(text)
        if text and not was:
            pill.place(in_=self._canvas, relx=0.5, rely=rely, y=y, anchor=anchor)
        elif was and not text:
            pill.place_forget()

    def redraw(self) -> None:
        """The theme was switched."""
        self.day.redraw()
        self.newest.redraw()

    def ring(self, *, shown: bool) -> None:
        """Put a ring around all, or take it away."""
        wide, colour = self._theme.px(2), self._theme.tokens.ring
        for side, edge in self._ring.items():
            edge.configure(background=colour)
            if not shown:
                edge.place_forget()
            elif side in "ns":
                low = float(side == "s")
                edge.place(
                    in_=self._canvas, relwidth=1, height=wide, rely=low, anchor=_FROM[side]
                )
            else:
                right = float(side == "e")
                edge.place(
                    in_=self._canvas, relheight=1, width=wide, relx=right, anchor=_FROM[side]
                )

    def _day_above(self) -> str:
        """The day of the first message seen, unless its mark is seen too."""
        window = self._window
        seen = next(window.visible(), None)
        place = window.rows.place(seen.number) if seen is not None else None
        if place is None or window.at_start:
            return ""
        if any(self._is_day(one) for one in window.visible()):
            return ""  # one that is coming, or going
        items = window.rows.items
        for at in range(place, -1, -1):
            one = items[at]
            if isinstance(one, DayMark):
                return self._painter.day(one)
        return ""

    def _is_day(self, one: Drawn) -> bool:
        """Whether it is the mark of a day where the floating one would stand."""
        if not isinstance(one.item, DayMark):
            return False
        top = one.top - self._window.top
        return -one.height // 4 <= top < self._theme.px(UNDER)
