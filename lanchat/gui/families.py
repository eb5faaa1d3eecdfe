"""Families: the fonts of this computer that a window can be read in.

Tk says which of them a letter is really drawn from: a font of signs, or of another script,
has none of ours.  To ask takes some milliseconds a font, so it is done a few at a time.
"""

import time
import tkinter as tk
from collections.abc import Callable
from tkinter import font as tkfont
from typing import Final

MOST: Final = 100  # that can be chosen from
LOOKED_AT: Final = 2_000
LONGEST: Final = 100  # characters of a name
_LETTERS: Final = "aQ9é"
#: In the names of fonts whose letters are signs, which Tk takes for letters.
_SIGNS: Final = (
    "symbol", "dingbat", "d050000l", "wingding", "webding", "marlett", "mdl2", "mt extra",
    "emoji", "icon", "awesome", "math", "music",
)  # fmt: skip
_SLICE: Final = 0.008  # seconds of the window's thread at a time
_PAUSE: Final = 10  # ms


class Families:
    """What was found so far, of one root.  Lives on the Tk thread."""

    def __init__(self, root: tk.Misc) -> None:
        self._root = root
        self._left: list[str] | None = None  # not asked yet, the last first
        self.found: Final[list[str]] = []

    def look(self, widget: tk.Misc, told: Callable[[], object]) -> None:
        """Go on looking while `widget` is there; `told` hears of each that is found."""
        if self._left is None:
            names = sorted(set(tkfont.families(self._root)), key=str.casefold, reverse=True)
            self._left = [one for one in names if _may_be(one)][-LOOKED_AT:]
        until = time.monotonic() + _SLICE
        while self._left and len(self.found) < MOST and time.monotonic() < until:
            family = self._left.pop()
            if is_readable(self._root, family):
                self.found.append(family)
                told()
        if self._left and len(self.found) < MOST:
            job = widget.after(_PAUSE, lambda: self.look(widget, told))
            widget.bind("<Destroy>", lambda event: _cancel(widget, job, event))


def is_readable(root: tk.Misc, family: str) -> bool:
    """Whether our letters are drawn from this very font."""
    call = root.tk.call
    drawn = (call("font", "actual", (family, -14), "-family", "--", one) for one in _LETTERS)
    return all(str(one).casefold() == family.casefold() for one in drawn)


def _may_be(name: str) -> bool:
    """Not turned by 90 degrees (Windows), not hidden (macOS), not of signs."""
    plain = name.casefold()
    fits = 0 < len(name) <= LONGEST and name[0] not in "@." and name.isprintable()
    return fits and not any(one in plain for one in _SIGNS)


def _cancel(widget: tk.Misc, job: str, event: "tk.Event[tk.Misc]") -> None:
    if event.widget is widget:
        widget.after_cancel(job)
