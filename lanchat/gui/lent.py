"""Lent: what is on the clipboard for a time only, because it is secret."""

import tkinter as tk
from contextlib import suppress
from typing import Final

SECONDS: Final = 60


class Lent:
    """A secret on the clipboard of the desktop; taken back when its time is over.

    What a clipboard manager made of it is out of our hands.
    """

    def __init__(self, root: tk.Tk) -> None:
        self._root: Final = root
        self._text = ""
        self._job: str | None = None

    def give(self, text: str) -> None:
        """Put it there."""
        self._root.clipboard_clear()
        self._root.clipboard_append(text)
        self._text = text
        if self._job is not None:
            self._root.after_cancel(self._job)
        self._job = self._root.after(SECONDS * 1000, self.take_back)

    def take_back(self) -> None:
        """Clear the clipboard, if what is on it is still ours."""
        if self._job is not None:
            self._root.after_cancel(self._job)
            self._job = None
        text, self._text = self._text, ""
        with suppress(tk.TclError):  # empty, or another program's picture
            if text and self._root.clipboard_get() == text:
                empty_clipboard(self._root)


def empty_clipboard(root: tk.Tk) -> None:
    """Take back what was copied here and is still ours; a locked window gives nothing away."""
    call = root.tk.call
    with suppress(tk.TclError):  # nobody owns it, or no program made with Tk
        owner = call("selection", "get", "-selection", "CLIPBOARD", "-type", "TK_APPLICATION")
        if owner == call("tk", "appname"):
            root.clipboard_clear()
    if call("selection", "own"):
        root.selection_clear()
