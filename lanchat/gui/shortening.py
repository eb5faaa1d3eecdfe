"""Shortening: as much of a line as a width has room for."""

from tkinter.font import Font

from lanchat.gui.text import ELLIPSIS, middle


def fitted(font: Font, text: str, width: int, *, keep_end: bool = False) -> str:
    """As much of a line as fits into `width` px; three dots where something is missing.

    With `keep_end` that is its middle, as for the name of a file.
    """
    if font.measure(text) <= width:
        return text
    low, high = 0, len(text)
    while high - low > 1:
        keep = (low + high) // 2
        if font.measure(_shortened(text, keep, keep_end=keep_end)) <= width:
            low = keep
        else:
            high = keep
    return _shortened(text, low, keep_end=keep_end)


def _shortened(text: str, keep: int, *, keep_end: bool) -> str:
    return middle(text, keep) if keep_end else text[: max(keep - 1, 0)].rstrip() + ELLIPSIS
