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
        most = max(self._most(), self._theme.px(LEAST))
        self._canvas.configure(
            width=self.body.winfo_reqwidth(), height=min(self._whole(), most)
        )
        self._changed()

    def _changed(self, event: object = None) -> None:
        wanted = min(self._whole(), max(self._most(), self._theme.px(LEAST)))
        if self._canvas.winfo_width() > 1 and wanted != int(self._canvas.cget("height")):
            self._canvas.configure(height=wanted)
        super()._changed(event)
