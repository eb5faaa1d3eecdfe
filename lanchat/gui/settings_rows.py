"""Settings rows: what the pages of the settings are made of, one row below the other.

A page is a function that is given these rows and puts its own into them; they are gone when
the user turns to another page.
"""

import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import replace
from tkinter import ttk
from typing import Final

from lanchat.gui import accessible
from lanchat.gui.preferences import Preferences
from lanchat.gui.shaping import label
from lanchat.gui.shell import Shell
from lanchat.gui.theme import Theme
from lanchat.gui.wrapping import wrap
from lanchat.node.events import NodeEvent

WIDTH: Final = 440  # px at 100 %

#: Something to do: its name in the tests, what it says, what it does, its style.
Act = tuple[str, str, Callable[[], object], str]


class Rows(ttk.Frame):
    """One page while it is shown.  `again` builds it anew."""

    def __init__(self, parent: tk.Misc, shell: Shell, again: Callable[[], None]) -> None:
        super().__init__(parent, name="rows")
        self.shell: Final = shell
        self.again: Final = again
        self._ends: list[Callable[[], None]] = []
        self.bind("<Destroy>", self._destroyed)

    @property
    def theme(self) -> Theme:
        """Colours, fonts and pictures."""
        return self.shell.theme

    @property
    def window(self) -> tk.Toplevel | tk.Tk:
        """The window of the settings, for dialogs over it."""
        return self.winfo_toplevel()

    @property
    def page(self) -> ttk.Frame:
        """Where a page puts rows of its own kind."""
        return self

    @property
    def now(self) -> Preferences:
        """What is chosen now."""
        return self.shell.preferences

    def part(self, text: str) -> None:
        """What the next rows are about."""
        above = self.theme.px(16 if self.winfo_children() else 4)
        ttk.Label(self, text=text, style="Strong.TLabel").pack(
            anchor="w", pady=(above, self.theme.px(6))
        )

    def note(self, text: str, name: str = "") -> ttk.Label:
        """A sentence in smaller letters."""
        name = name or f"note_{len(self.winfo_children())}"
        said = ttk.Label(self, name=name, text=label(text), style="Muted.TLabel")
        said.pack(anchor="w", fill="x", pady=(0, self.theme.px(8)))
        wrap(said)
        return said

    def tick(self, name: str, text: str) -> None:
        """A preference that is on or off."""

        def changed() -> None:
            self.shell.prefer(changing(self.now, name, box.instate(["selected"])))

        box = ttk.Checkbutton(self, name=name, text=text, command=changed)
        box.state(["!alternate", "selected" if getattr(self.now, name) else "!selected"])
        box.pack(anchor="w", pady=self.theme.px(2))

    def choose(self, name: str, text: str, values: Sequence[tuple[object, str]]) -> None:
        """A preference that is one of several."""

        def chosen(value: object) -> None:
            self.shell.prefer(changing(self.now, name, value))

        self.choice(name, text, values, getattr(self.now, name), chosen)

    def choice(
        self,
        name: str,
        text: str,
        values: Sequence[tuple[object, str]],
        held: object,
        chosen: Callable[[object], None],
    ) -> ttk.Combobox:
        """One of several, wherever it is kept; None of them is `held`: nothing is shown yet.

        A list of `values` may grow: what is picked is looked up in it as it is then.
        """
        row = self.line()
        row.columnconfigure(0, weight=1)
        asked = ttk.Label(row, text=text)
        asked.grid(row=0, column=0, sticky="ew")
        wrap(asked)
        box = ttk.Combobox(
            row, name=name, state="readonly", values=[one for _value, one in values], width=19
        )
        own = [value for value, _text in values]
        if held in own:
            box.current(own.index(held))

        def picked(_event: object) -> None:
            box.selection_clear()
            chosen(values[box.current()][0])

        box.bind("<<ComboboxSelected>>", picked)
        box.grid(row=0, column=1, padx=(self.theme.px(12), 0))
        accessible.name(box, text)
        return box

    def line(self) -> ttk.Frame:
        """A frame as wide as the page, for what stands beside each other."""
        frame = ttk.Frame(self)
        frame.pack(fill="x", pady=self.theme.px(4))
        return frame

    def button(
        self,
        parent: tk.Misc,
        name: str,
        text: str,
        does: Callable[[], object],
        style: str = "TButton",
    ) -> ttk.Button:
        """A button of a row."""
        return ttk.Button(parent, name=name, text=label(text), style=style, command=does)

    def act(self, name: str, text: str, does: Callable[[], object]) -> ttk.Button:
        """Something to do."""
        return self.acts((name, text, does, "TButton"))[0]

    def acts(self, *acts: Act) -> list[ttk.Button]:
        """Some things to do, beside each other."""
        row = ttk.Frame(self)
        row.pack(anchor="w", pady=self.theme.px(4))
        made = []
        for name, text, does, style in acts:
            button = self.button(row, name, text, does, style)
            button.pack(side="left", padx=(0, self.theme.px(8)))
            made.append(button)
        return made

    def listen(self, hear: Callable[[NodeEvent], None]) -> None:
        """Hear every event of the node while this page is shown."""
        self._ends.append(self.shell.listen(hear))

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            for end in self._ends:
                end()


def changing(held: Preferences, name: str, value: object) -> Preferences:
    """The preferences with another value for one of them."""
    return replace(held, **{name: value})  # type: ignore[arg-type]  # of its own kind
