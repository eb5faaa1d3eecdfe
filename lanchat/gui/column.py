"""Column: one narrow column in the middle of a window, which scrolls where it is too tall."""

import tkinter as tk
from contextlib import suppress
from typing import Final

from lanchat.gui.scrolled import Scrolled
from lanchat.gui.theme import Theme

WIDTH: Final = 408  # px at 100 %
MARGIN: Final = 36  # px left and right of it, at least
AIR: Final = 24  # px above and below it, where there is room
LOW: Final = 600  # px of a window that has no such room
TIGHT: Final = 0.4  # of all distances there
LINES: Final = 64  # px of lines that may come and go


class Column(Scrolled):
    """A frame `body` of `WIDTH`, centred; what has the focus is scrolled into view."""

    def __init__(self, parent: tk.Misc, theme: Theme, *, name: str = "column") -> None:
        super().__init__(parent, theme, name=name)
        self._above: Final[dict[str, int]] = {}  # by the names of the widgets
        self._ornaments: Final[dict[str, tk.Misc]] = {}  # and what each stands before
        self._tight = False
        self._placed = 0, 0, 0  # for what height of window and body, and where

    def stack(
        self, widget: tk.Widget, above: int = 0, *, seen: bool = False, **packed: object
    ) -> None:
        """Pack a widget `above` px of 100 % below the one before, whatever the zoom will be.

        With `seen` it is scrolled into view.
        """
        self._above[str(widget)] = above
        widget.pack({"fill": "x", **packed, "pady": (self._distance(above), 0)})
        if seen:
            self.update_idletasks()
            self.see(widget)

    def ornament(self, widget: tk.Widget, before: tk.Misc) -> None:
        """Show what can be done without on top, where there is room for it."""
        self._ornaments[str(widget)] = before
        self._recolour()

    def _distance(self, length: float) -> int:
        return self._theme.px(length * (TIGHT if self._tight else 1))

    def _air(self) -> int:
        return self._distance(AIR)

    def _place(self, width: int, height: int) -> tuple[int, int, int]:
        px, tall = self._theme.px, self.body.winfo_reqheight()
        wide = min(px(WIDTH), max(width - 2 * px(MARGIN), px(WIDTH) // 2))
        fits = self._whole() <= height
        top = self._top(height, tall) if fits else self._air()
        return max((width - wide) // 2, 0), top, wide

    def _top(self, height: int, tall: int) -> int:
        """Where the body begins.  A line that comes or goes below moves nothing above it."""
        before, was_tall, top = self._placed
        same = before == height and abs(tall - was_tall) < self._theme.px(LINES)
        if same and self._air() <= top <= height - tall - self._air():
            return top
        # a little above the middle: that is where eyes take the middle to be
        top = max((height - tall) * 4 // 9, self._air())
        self._placed = height, tall, top
        return top

    def _changed(self, event: object = None) -> None:
        height = self._canvas.winfo_height()
        if self._tight != (1 < height < self._theme.px(LOW)):
            self._tight = not self._tight
            self._spread()
        super()._changed(event)

    def _recolour(self) -> None:
        self._spread()
        super()._recolour()

    def _spread(self) -> None:
        """Give all that is stacked its distance, and ornaments their place or none."""
        for name, above in self._above.items():
            with suppress(tk.TclError, KeyError):  # not there any more
                widget = self.nametowidget(name)
                if widget.winfo_manager() == "pack":
                    widget.pack_configure(pady=(self._distance(above), 0))
        for name, before in self._ornaments.items():
            with suppress(tk.TclError, KeyError):
                widget = self.nametowidget(name)
                if self._tight:
                    widget.pack_forget()
                else:
                    widget.pack(fill="x", before=before)
