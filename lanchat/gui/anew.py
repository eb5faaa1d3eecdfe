"""Anew: rows of the settings whose button starts the node again by what they say."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from tkinter import ttk
from typing import Protocol

from lanchat.errors import LanchatError
from lanchat.gui import sentences
from lanchat.gui.preferences import Preferences
from lanchat.gui.settings_rows import Rows
from lanchat.gui.text import ui_text
from lanchat.gui.tone import Tone


class Part(Protocol):
    """What the user types into or chooses from."""

    def allow(self, allowed: bool) -> None:
        """Let the user, or not."""


class Anew(ABC):
    """Such rows, of which a page may have several.  Lives on the Tk thread.

    `keep`: something else on the page was typed, and must not be lost.  Who inherits puts
    the rows there, sets what is declared here, and then calls `_changed`.
    """

    _about: tuple[str, ...]  # what of the command line does not count any more by them
    _button: ttk.Button
    _note: ttk.Label
    _parts: Sequence[Part]
    _before: object  # what counts now, as `_typed` gives it

    def __init__(self, at: Rows, keep: Callable[[], bool]) -> None:
        self._at = at
        self._keep = keep

    @property
    def touched(self) -> bool:
        """Whether something was chosen or typed, which must not be lost."""
        return self._typed != self._before

    @property
    @abstractmethod
    def _typed(self) -> object:
        """What the rows say."""

    @abstractmethod
    def _changed(self) -> None:
        """Something else is said: is it possible, and is it new?"""

    @abstractmethod
    def _counts(self) -> tuple[str, Tone]:
        """What to say once it counts."""

    def _start(self, change: Callable[[Preferences], Preferences]) -> None:
        """Start the node again by the preferences so changed; the rows wait for that."""
        shell = self._at.shell
        shell.restart(change, shell.given.without(*self._about), self._used, self._failed)

    def _used(self) -> None:
        self._at.shell.say(*self._counts())
        if not self._at.winfo_exists():
            return
        if self._keep():
            self._before = self._typed
            self._allow(True)
            self._changed()
        else:
            self._at.again()

    def _failed(self, error: LanchatError) -> None:
        if self._at.winfo_exists():
            self._allow(True)
            self._changed()
            self._amiss(error)

    def _amiss(self, error: LanchatError) -> None:
        """Say why it does not count."""
        self._say(ui_text(sentences.of(error, " ")), "Bad.TLabel")

    def _allow(self, allowed: bool) -> None:
        for part in self._parts:
            part.allow(allowed)
        self._button.state(["!disabled" if allowed else "disabled"])

    def _say(self, text: str, style: str = "Muted.TLabel") -> None:
        if (str(self._note["text"]), str(self._note["style"])) != (text, style):
            self._note.configure(text=text, style=style)
