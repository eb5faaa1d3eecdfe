"""Field: a label, an entry under it, and a line for what there is to say of it."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Final

from lanchat.gui import accessible, wrapping
from lanchat.gui.shaping import label
from lanchat.gui.spelling import Spelling
from lanchat.gui.text import clean
from lanchat.gui.theme import Theme

LONGEST: Final = 4096  # characters that are taken; more was pasted by mistake
NARROW: Final = 40  # px at 100 %: a line that is not wider has no place yet


def _nothing() -> None:
    """Nobody asked to be told."""


class Field(ttk.Frame):
    """One field of a form.  `changed` hears of each change, `submit` of Enter."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        text: str,
        *,
        name: str,
        changed: Callable[[], None] = _nothing,
        submit: Callable[[], None] = _nothing,
    ) -> None:
        super().__init__(parent, name=f"{name}_field")
        self.theme: Final = theme
        self.changed = changed
        self.submit = submit
        self._job: str | None = None
        self._hint = ""
        self._error = ""
        self.columnconfigure(0, weight=1)
        self.label: Final = ttk.Label(self, name=f"{name}_label", text=text)
        self.entry: Final = ttk.Entry(self, name=name, exportselection=False)
        self._spelling: Final = Spelling(self.entry)
        accessible.name(self.entry, text)
        self.note: Final = ttk.Label(self, name=f"{name}_note", style="Muted.TLabel")
        check = self.entry.register(self._check)
        self.entry.configure(validate="key", validatecommand=(check, "%P"))
        self.label.grid(row=0, column=0, sticky="w")
        self.entry.grid(row=1, column=0, columnspan=2, sticky="ew", pady=(theme.px(4), 0))
        self.note.grid(row=3, column=0, sticky="ew", pady=(theme.px(3), 0))
        self.label.bind("<Button-1>", lambda _event: self.focus_entry())
        self.entry.bind("<Return>", self._entered)
        self.entry.bind("<KP_Enter>", self._entered)
        self.note.bind("<Configure>", self._measure)
        self.bind("<Destroy>", self._destroyed)

    @property
    def text(self) -> str:
        """What was typed."""
        return clean(self._spelling.meant(self.entry.get()))

    @property
    def error(self) -> str:
        """What is said to be wrong with it; "" if nothing."""
        return self._error

    def put(self, text: str) -> None:
        """Replace what was typed; `changed` does not hear of it."""
        self.entry.delete(0, "end")
        self._spelling.forget()
        self.entry.insert(0, text)
        self._forget_job()
        self.wrong("")

    def clear(self) -> None:
        """Forget what was typed; `changed` does not hear of it."""
        self.entry.delete(0, "end")
        self._spelling.forget()
        self._forget_job()
        self.wrong("")

    def note_beside(self) -> None:
        """Say what there is to say beside the label, where no line is to spare."""
        self.note.grid_configure(row=0, column=1, pady=0, sticky="e")

    def hint(self, text: str) -> None:
        """Say this under the entry while nothing is wrong."""
        self._hint = text
        self._say()

    def wrong(self, text: str) -> None:
        """Say what is wrong; "" if nothing is."""
        self._error = text
        self._say()

    def allow(self, allowed: bool) -> None:
        """Let the user type, or not."""
        self.entry.state(["!disabled" if allowed else "disabled"])

    def focus_entry(self) -> None:
        """Let the user type here, over what is there."""
        self.entry.focus_set()
        self.entry.selection_range(0, "end")
        self.entry.icursor("end")

    def remark(self) -> tuple[str, str]:
        """What stands under the entry, and in which style."""
        if self._error:
            return self._error, "Bad.TLabel"
        return self._hint, "Muted.TLabel"

    def _say(self) -> None:
        text, style = self.remark()
        text = label(text)
        if (str(self.note["text"]), str(self.note["style"])) != (text, style):
            self.note.configure(text=text, style=style)

    def _check(self, proposed: str) -> bool:
        """Tk asks before each change; it is told of afterwards."""
        if len(proposed) > LONGEST:
            self.bell()
            return False
        if self._job is None:
            self._job = self.after_idle(self._now_changed)
        return True

    def _now_changed(self) -> None:
        self._job = None
        self.wrong("")
        self.changed()

    def _entered(self, _event: object) -> str:
        if self._job is not None:  # typed quickly: it is told before, not over what comes of it
            self._forget_job()
            self._now_changed()
        self.submit()
        return "break"

    def _measure(self, event: "tk.Event[tk.Misc]") -> None:
        beside = not int(self.note.grid_info()["row"])  # there it takes what it needs
        if not beside and event.width > self.theme.px(NARROW):
            wrapping.fit(self.note, event.width)

    def _forget_job(self) -> None:
        if self._job is not None:
            self.after_cancel(self._job)
            self._job = None

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._forget_job()
