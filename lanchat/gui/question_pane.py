"""The question pane: who wants to compare words, at the top and in nobody's way.

Somebody asks whenever they like, in the middle of a word that is being typed.  So a
question takes no keys, and no button of it answers before it can have been seen where it
is: what was just being pressed is meant for something else.
"""

import tkinter as tk
from tkinter import ttk
from typing import Final

from lanchat.gui import verifying, wrapping
from lanchat.gui.bar_pane import mark
from lanchat.gui.shaping import label
from lanchat.gui.shell import Pane, Shell
from lanchat.gui.state import Screen
from lanchat.gui.text import name_text, one_line
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.node.events import CheckChanged

SEEN_AFTER: Final = 1_000  # ms in one place until a question can be answered
MOST: Final = 2  # at a time; others come when one of them was answered


class QuestionPane(Pane):
    """A line for each who asks, the longest first.  Lives on the Tk thread."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        super().__init__(parent, shell, style="TFrame", name="questions")
        self.columnconfigure(0, weight=1)
        self._lines: dict[PeerId, _Question] = {}
        self._top = 0  # px of the page
        self.bind("<Configure>", self._placed)

    def stops(self) -> tuple[ttk.Button, ...]:
        """Where F6 comes by."""
        return tuple(one.compare for one in self._lines.values() if one.answerable)

    def show(self, screen: Screen) -> None:
        """Draw what differs from what was shown last; what stays keeps its keys."""
        wanted = {one.peer_id: one for one in screen.asking[:MOST]}
        for peer in [one for one in self._lines if one not in wanted]:
            self._lines.pop(peer).destroy()
        for peer, check in wanted.items():
            if peer not in self._lines:
                self._lines[peer] = _Question(self, self.shell, check)
        for row, line in enumerate(self._lines.values()):
            line.stand(row)
            line.explain(shown=row == 0)  # once is enough
        if self._lines:
            self.grid()
        else:
            self.configure(height=1)
            self.grid_remove()

    def _placed(self, event: "tk.Event[tk.Misc]") -> None:
        """What is urgent came or went above: all lines are elsewhere now."""
        if event.widget is self and event.y != self._top:
            self._top = event.y
            for line in self._lines.values():
                line.sleep()


class _Question(ttk.Frame):
    """Somebody wants to compare words: does the user?"""

    def __init__(self, parent: tk.Misc, shell: Shell, check: CheckChanged) -> None:
        peer = check.peer_id
        super().__init__(parent, name=f"asked_{str(peer)[:12]}", style="Bar.Warn.TFrame")
        self._shell = shell
        self.columnconfigure(1, weight=1)
        name = one_line(name_text(check.name), 40)
        title = _("{name} wants to compare words with you").format(name=name)
        why = _(
            "You each read four words out loud, on the phone or face to face. If they are the"
            " same on both screens, you can be sure of each other from then on."
        )
        px = shell.theme.px
        said = ttk.Label(self, name="asked", text=label(title), style="Bar.Warn.TLabel")
        said.grid(row=0, column=1, sticky="ew")
        self._why = ttk.Label(self, name="asked_why", text=label(why), style="Bar.Warn.TLabel")
        self._why.grid(row=1, column=1, sticky="ew", pady=(0, px(8)))
        for part in (said, self._why):
            wrapping.wrap(part)
        self.compare: Final = ttk.Button(
            self, name="compare", text=_("Compare words"), style="Bar.Warn.TButton",
            command=lambda: verifying.start(shell, peer),
        )  # fmt: skip
        self._not_now = ttk.Button(
            self, name="not_now", text=_("Not now"), style="Bar.Warn.TButton",
            command=lambda: shell.ask(lambda node: verifying.leave(node, peer)),
        )  # fmt: skip
        for column, button in enumerate((self.compare, self._not_now), 2):
            button.grid(row=0, rowspan=2, column=column, padx=(px(6), 0), pady=px(5))
        self.columnconfigure(4, minsize=px(12))
        self._row = -1  # once it has one, it sleeps there first
        self._job: str | None = None
        self._end = shell.theme.watch(self._redraw)
        self.bind("<Destroy>", self._destroyed)
        self._redraw()

    @property
    def answerable(self) -> bool:
        """Whether it stands there long enough."""
        return self._job is None

    def stand(self, row: int) -> None:
        """Have this row; what slides into the place of another line is answered later."""
        if row != self._row:
            self._row = row
            self.grid(row=row, column=0, sticky="ew", pady=(0, self._shell.theme.px(1)))
            self.sleep()

    def sleep(self) -> None:
        """Have no button pressed until it can have been seen where it is now."""
        for button in (self.compare, self._not_now):
            button.state(["disabled"])
        if self._job is not None:
            self.after_cancel(self._job)
        self._job = self.after(SEEN_AFTER, self._seen)

    def explain(self, *, shown: bool) -> None:
        """Say what it is about, or only who asks."""
        if shown:
            self._why.grid()
        else:
            self._why.grid_remove()

    def _seen(self) -> None:
        self._job = None
        for button in (self.compare, self._not_now):
            button.state(["!disabled"])

    def _redraw(self) -> None:
        """Draw the icon in the colours of now."""
        for old in self.grid_slaves(row=0, column=0):
            old.destroy()
        mark(self, Tone.WARN, self._shell.theme)

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._end()
            if self._job is not None:
                self.after_cancel(self._job)
