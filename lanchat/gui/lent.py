"""Lent: what we put on the desktop's clipboard, taken back when it should not be there.

A secret is lent for a minute; whatever was copied from a window goes when the window is
locked.  What a clipboard manager made of it is out of our hands.
"""

import hashlib
import tkinter as tk
from contextlib import suppress
from typing import Final

SECONDS: Final = 60


class Clipboard:
    """Knows whether what is on the clipboard came from this window, without keeping it.

    Tk does not say who owns it, and asking it by a target of its own crashes where another
    root of the process was destroyed.  So what goes there is noted, as a digest.
    """

    def __init__(self, root: tk.Tk) -> None:
        self._root: Final = root
        self._ours = hashlib.sha256()
        self._job: str | None = None
        heard = root.register(self._heard)
        root.tk.call("trace", "add", "execution", "clipboard", "enter", heard)

    def lend(self, secret: str) -> None:
        """Put a secret there, for a minute."""
        self._root.clipboard_clear()
        self._root.clipboard_append(secret)
        self._stop()
        self._job = self._root.after(SECONDS * 1000, self.empty)

    def empty(self) -> None:
        """Take back what is still ours, and what is selected."""
        self._stop()
        with suppress(tk.TclError):  # it is empty, or holds a picture
            held = hashlib.sha256(self._root.clipboard_get().encode("utf-8", "replace"))
            if held.digest() == self._ours.digest():
                self._root.clipboard_clear()
        if self._root.tk.call("selection", "own"):
            self._root.selection_clear()

    def _heard(self, command: str, _when: str) -> None:
        words = self._root.tk.splitlist(command)
        if words[1:2] == ("clear",):
            self._ours = hashlib.sha256()
        elif words[1:2] == ("append",):
            self._ours.update(str(words[-1]).encode("utf-8", "replace"))

    def _stop(self) -> None:
        if self._job is not None:
            self._root.after_cancel(self._job)
            self._job = None
