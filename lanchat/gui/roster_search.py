"""The search: people as one types, messages a moment later."""

import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass
from tkinter import ttk
from typing import Final

from lanchat.gui import accessible, keys
from lanchat.gui.gestures import Found, Typed
from lanchat.gui.shell import Pane, Shell
from lanchat.gui.spelling import Spelling
from lanchat.gui.state import Screen
from lanchat.gui.text import clean
from lanchat.gui.translate import _
from lanchat.node import views
from lanchat.node.node import Node

DEBOUNCE: Final = 150  # ms after the last key before messages are searched
LONGEST: Final = 400  # characters that are searched for; an invite may be pasted here
SHORTEST: Final = 2  # characters before messages are searched


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the search asks of who holds it."""

    down: Callable[[], None]  # into the list
    enter: Callable[[], None]  # open the first that was found
    leave: Callable[[], None]  # there was nothing to clear


class Search(Pane):
    """The field over the list."""

    def __init__(self, parent: tk.Misc, shell: Shell, hooks: Hooks) -> None:
        super().__init__(parent, shell, style="Side.TFrame", name="search_pane")
        self._hooks = hooks
        self._changed_job: str | None = None
        self._search_job: str | None = None
        self.columnconfigure(0, weight=1)
        self.entry: Final = ttk.Entry(
            self, name="search", style="Side.TEntry", exportselection=False,
            font=shell.theme.font("text"),
        )  # fmt: skip
        self.entry.grid(row=0, column=0, sticky="ew")
        self._spelling: Final = Spelling(self.entry)
        accessible.name(self.entry, _("Search people and messages"))
        self._hint = ttk.Label(self, name="search_hint", style="Placeholder.TLabel")
        self._keys = ttk.Label(self, name="search_keys", style="Placeholder.TLabel")
        self._clear = ttk.Label(
            self, name="clear_search", style="Placeholder.TLabel", cursor="hand2"
        )
        check = self.entry.register(self._check)
        self.entry.configure(validate="key", validatecommand=(check, "%P"))
        for event, does in (
            ("<Escape>", self._escaped),
            ("<Down>", self._down),
            ("<Return>", self._entered),
            ("<KP_Enter>", self._entered),
        ):
            self.entry.bind(event, does)
        for event in keys.left_alone():
            self.entry.bind(event, lambda _event: None)
        for label in (self._hint, self._keys):
            label.bind("<Button-1>", lambda _event: self.entry.focus_set())
            label.configure(cursor="xterm")
        self._clear.bind("<Button-1>", self._escaped)
        self.bind("<Configure>", lambda _event: self._place())
        self._end = shell.theme.watch(self._redraw)
        self.bind("<Destroy>", self._destroyed)
        self._redraw()

    def show(self, screen: Screen) -> None:
        """The screen forgot what was typed, when somebody was opened from what was found."""
        if not screen.query and self.entry.get() and self._changed_job is None:
            self.entry.delete(0, "end")
            self._spelling.forget()
            self._place()

    def focus_entry(self) -> None:
        """Let the user type, over what is there."""
        self.entry.focus_set()
        self.entry.selection_range(0, "end")
        self.entry.icursor("end")

    def clear(self) -> None:
        """Show everybody again."""
        self.entry.delete(0, "end")
        self._spelling.forget()
        self._changed()

    # --- what happens -------------------------------------------------------------------

    def _check(self, proposed: str) -> bool:
        """Tk asks before each change; it is told of afterwards."""
        if len(proposed) > LONGEST:
            self.bell()
            return False
        if self._changed_job is None:
            self._changed_job = self.after_idle(self._changed)
        return True

    def _changed(self) -> None:
        self._cancel()
        self._place()
        query = clean(self._spelling.meant(self.entry.get())).strip()
        if query == self.shell.screen.query:
            return
        self.shell.do(Typed(query))
        if len(query) >= SHORTEST:
            self._search_job = self.after(DEBOUNCE, lambda: self._search(query))

    def _search(self, query: str) -> None:
        self._search_job = None

        async def find(node: Node) -> Found:
            return Found(query, await views.search(node, query))

        self.shell.ask(find, self.shell.do)

    def _escaped(self, _event: object) -> str | None:
        if not self.entry.get():
            self._hooks.leave()
            return None  # a toast may want it
        self.clear()
        self.entry.focus_set()
        return "break"

    def _down(self, _event: object) -> str:
        self._hooks.down()
        return "break"

    def _entered(self, _event: object) -> str:
        if self._changed_job is not None:
            self._changed()  # what was typed last counts too
        if self.shell.screen.query:
            self._hooks.enter()
        return "break"

    # --- drawing ------------------------------------------------------------------------

    def _redraw(self) -> None:
        theme = self.shell.theme
        self._hint.configure(
            image=theme.icon("search", 14, "muted", "field"),
            compound="left",
            font=theme.font("small"),
        )
        self._keys.configure(
            text=keys.shown(keys.BY_NAME["search"].keys), font=theme.font("meta")
        )
        self._clear.configure(image=theme.icon("x-lg", 12, "muted", "field"))
        self._place()

    def _place(self) -> None:
        """The hint while nothing is typed, else the cross that clears."""
        px, wide = self.shell.theme.px, self.winfo_width()
        if self.entry.get():
            self._hint.place_forget()
            self._keys.place_forget()
            self._clear.place(in_=self.entry, relx=1.0, x=-px(12), rely=0.5, anchor="e")
            return
        self._clear.place_forget()
        room = wide - 2 * px(13)
        texts = (_("Search people and messages"), _("Search"))
        self._hint.configure(text=f" {texts[0]}")
        if self._hint.winfo_reqwidth() > room > 1:
            self._hint.configure(text=f" {texts[1]}")
        # the caret stands before the hint
        self._hint.place(in_=self.entry, x=px(13), rely=0.5, anchor="w")
        hint, short = self._hint.winfo_reqwidth(), self._keys.winfo_reqwidth()
        if hint + short + px(8) <= room:
            self._keys.place(in_=self.entry, relx=1.0, x=-px(12), rely=0.5, anchor="e")
        else:
            self._keys.place_forget()

    def _cancel(self) -> None:
        for job in (self._changed_job, self._search_job):
            if job is not None:
                self.after_cancel(job)
        self._changed_job = self._search_job = None

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._end()
            self._cancel()
