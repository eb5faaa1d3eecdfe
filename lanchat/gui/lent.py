"""Lent: what we put on the desktop's clipboard, taken back when it should not be there.

A secret is lent for a minute; whatever was copied from a window goes when the window is
locked.  What a clipboard manager made of it is out of our hands.
"""

import hashlib
import tkinter as tk
from contextlib import suppress
from typing import Final

from lanchat.gui.xserver import clipboard_owner

SECONDS: Final = 60


class Clipboard:
    """Knows whether what is on the clipboard came from this window, without keeping it.

    Tk does not say who owns it, and asking it by a target of its own crashes where another
    root of the process was destroyed.  So who owns it after us is noted, which the X server
    tells; what another program holds is never read: one that has stopped would hold up a
    window that is to be locked.  Elsewhere what goes there is noted, as a digest.
    """

    def __init__(self, root: tk.Tk) -> None:
        self._root: Final = root
        self._ours = hashlib.sha256()
        self._job: str | None = None
        self._owner: int | None = None
        heard, done = root.register(self._heard), root.register(self._done)
        root.tk.call("trace", "add", "execution", "clipboard", "enter", heard)
        root.tk.call("trace", "add", "execution", "clipboard", "leave", done)

    def lend(self, secret: str) -> None:
        """Put a secret there, for a minute."""
        self._root.clipboard_clear()
        self._root.clipboard_append(secret)
        self._job = self._root.after(SECONDS * 1000, self.empty)

    def empty(self) -> None:
        """Take back what is still ours, and what is selected."""
        self._stop()
        if self._is_ours():
            self._root.clipboard_clear()
        if self._root.tk.call("selection", "own"):
            self._root.selection_clear()

    def _is_ours(self) -> bool:
        owner = clipboard_owner(self._root)
        if owner is not None:
            return owner != 0 and owner == self._owner
        with suppress(tk.TclError):  # it is empty, or holds a picture
            held = hashlib.sha256(self._root.clipboard_get().encode("utf-8", "replace"))
            return held.digest() == self._ours.digest()
        return False

    def _heard(self, command: str, _when: str) -> None:
        words = self._root.tk.splitlist(command)
        if words[1:2] == ("clear",):
            self._stop()  # what is copied now was not lent
            self._ours = hashlib.sha256()
        elif words[1:2] == ("append",):
            self._ours.update(str(words[-1]).encode("utf-8", "replace"))

    def _done(self, command: str, *_result: str) -> None:
        if self._root.tk.splitlist(command)[1:2] == ("clear",):  # this is what makes it ours
            self._owner = clipboard_owner(self._root)

    def _stop(self) -> None:
        if self._job is not None:
            self._root.after_cancel(self._job)
            self._job = None
