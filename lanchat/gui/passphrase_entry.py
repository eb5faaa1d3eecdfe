"""Passphrase entry: a field that shows dots, and its text only while the eye is open.

It has no undo, exports no selection, and warns while Caps Lock is on.  `clear` takes the
text out of the widget; that Tk and Python leave no copy in memory cannot be promised.
"""

import sys
import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Any, Final

from lanchat.gui import accessible
from lanchat.gui.field import Field
from lanchat.gui.theme import Theme
from lanchat.gui.tooltip import tip
from lanchat.gui.translate import _

DOT: Final = "\u2022"
EYE: Final = 18  # px
_LOCK: Final = 0x2  # of an event's state


class PassphraseEntry(Field):
    """A field for a passphrase, with an eye that opens and closes; `revealed` hears of it."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        text: str,
        *,
        name: str,
        changed: Callable[[], None] = lambda: None,
        submit: Callable[[], None] = lambda: None,
        revealed: Callable[[bool], None] = lambda _shown: None,
    ) -> None:
        super().__init__(parent, theme, text, name=name, changed=changed, submit=submit)
        self._caps = False
        self._open = False
        self._revealed: Final = revealed
        self.eye: Final = ttk.Button(
            self, name=f"{name}_eye", style="Small.Icon.TButton", command=self.toggle
        )
        self.eye.grid(row=0, column=1, sticky="e")
        self._tip: Final = tip(self.eye, "")
        for event in ("<KeyPress>", "<KeyRelease>", "<Motion>", "<Enter>"):
            self.entry.bind(event, self._look_at_caps, add=True)
        self._unwatch: Final = theme.watch(self._draw)
        self._draw()

    @property
    def open(self) -> bool:
        """Whether the text can be read."""
        return self._open

    def toggle(self) -> None:
        """Open the eye, or close it."""
        self.reveal(not self._open)

    def reveal(self, shown: bool) -> None:
        """Show the text, or dots."""
        self._open = shown
        self._draw()
        self._revealed(shown)

    def without_eye(self) -> None:
        """Follow another one's eye instead of having one."""
        self.eye.grid_remove()
        self.note_beside()

    def clear(self) -> None:
        """Forget what was typed, and close the eye."""
        super().clear()
        self.reveal(False)

    def remark(self) -> tuple[str, str]:
        """What stands under the entry, and in which style."""
        if self._caps and not self.error:
            return _("Caps Lock is on."), "Warn.TLabel"
        return super().remark()

    def _draw(self) -> None:
        icon = "eye-slash" if self._open else "eye"
        pictures: Any = self.theme.button_icon(icon, EYE, "Small.Icon.TButton", "muted")
        self.eye.configure(image=pictures)
        self.entry.configure(show="" if self._open else DOT)
        self._tip.text = _("Hide the passphrase") if self._open else _("Show the passphrase")
        accessible.name(self.eye, self._tip.text)

    def _look_at_caps(self, event: "tk.Event[tk.Misc]") -> None:
        if not isinstance(event.state, int) or sys.platform == "darwin":
            return  # a Mac draws a sign of its own into the field
        on = bool(event.state & _LOCK)
        if event.keysym == "Caps_Lock":
            if event.type is not tk.EventType.KeyPress:
                return  # the state of this event is the one before it
            on = not on
        if on != self._caps:
            self._caps = on
            self._say()

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        super()._destroyed(event)
        if event.widget is self:
            self._unwatch()
