"""Fitted: a frame as high as what stands in it, until that is too much: then it scrolls."""

import tkinter as tk
from collections.abc import Callable
from typing import Final

from lanchat.gui.scrolled import Scrolled
from lanchat.gui.theme import Theme

LEAST: Final = 80  # px at 100 % of what is seen, however little room there is


class Fitted(Scrolled):
    """A frame `body` at most `most()` px high."""

    def __init__(self, parent: tk.Misc, theme: Theme, most: Callable[[], int]) -> None:
        self._most: Final = most
        super().__init__(parent, theme, name="fitted")
        self._canvas.configure(width=1, height=1)

    def fit(self) -> None:
        """Be as high as what stands within, or as is allowed."""
        high = min(self._whole(), self._allowed())
        self._canvas.configure(width=self.body.winfo_reqwidth(), height=high)
        self._changed()

    def _allowed(self) -> int:
        return max(self._most(), self._theme.px(LEAST))

    def _overflows(self, whole: int, height: int) -> bool:
        # By what is allowed, and not by what the window has so far: a bar that comes only
        # until it has grown makes texts narrower, and so higher, and goes, and comes again.
        del height
        return whole > self._allowed()

    def _changed(self, event: object = None) -> None:
        wanted = min(self._whole(), self._allowed())
        if self._canvas.winfo_width() > 1 and wanted != int(self._canvas.cget("height")):
            self._canvas.configure(height=wanted)
        super()._changed(event)
