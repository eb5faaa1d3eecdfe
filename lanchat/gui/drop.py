"""Drops: files dragged in from another program.

Without tkdnd (`landing.py`) the Attach button and pasting remain.  What is dropped is looked
at afterwards: work in the middle of a drop would freeze both programs.
"""

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from tkinter import ttk
from typing import Any, Final

from lanchat.gui import files
from lanchat.gui.badges import badge
from lanchat.gui.landing import COPY, TYPES, load
from lanchat.gui.shaping import label
from lanchat.gui.shell import Shell
from lanchat.gui.text import name_text, one_line
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.node.person import Person

AIR: Final = 24  # px at 100 % left and right of what a veil says

Target = Callable[[int, int], PeerId | None]
Mark = Callable[[int, int], object]


def accept_drops(
    widget: tk.Misc, shell: Shell, target: Target, mark: Mark | None = None
) -> bool:
    """Let files be dropped on `widget`; `target` says to whom, by a place of the screen.

    `mark` shows where they would go, and hears (-1, -1) when they are gone again; without
    it a veil over the widget says it.  False if this system cannot.
    """
    if not load(shell.root):
        return False
    _Zone(widget, shell, target, mark)
    return True


class _Zone:
    """One part of the window on which files can be dropped.  Lives on the Tk thread."""

    def __init__(
        self, widget: tk.Misc, shell: Shell, target: Target, mark: Mark | None
    ) -> None:
        self._mark = mark
        self._widget = widget
        self._shell = shell
        self._target = target
        self._veil: _Veil | None = None
        self._aimed: PeerId | None = None  # whom the mark or the veil names
        call = widget.tk.call
        call("tkdnd::drop_target", "register", widget, TYPES)
        for event, do in (
            ("<<DropEnter>>", self._entered),
            ("<<DropPosition>>", self._moved),
            ("<<DropLeave>>", self._left),
            ("<<Drop:DND_Files>>", self._dropped),
        ):
            name = widget.register(do)
            call("bind", widget, event, f"{name} %X %Y %D")

    def _entered(self, *_where: Any) -> str:
        self._show_veil()
        return COPY

    def _moved(self, x: Any, y: Any, *_rest: Any) -> str:
        self._name_target(_number(x), _number(y))
        return COPY

    def _left(self, *_where: Any) -> str:
        self._hide_veil()
        return COPY

    def _dropped(self, _x: Any, _y: Any, data: Any) -> str:
        peer = self._aimed  # not who stands at that place by now: the list moves
        self._hide_veil()
        paths = [Path(one) for one in self._widget.tk.splitlist(data)]
        if peer is None:
            self._shell.say(_("Choose a person first, then drop the files again."), Tone.WARN)
        elif peer not in self._shell.screen.people:
            self._shell.say(
                _("That person is not on the list any more. Nothing was sent."), Tone.WARN
            )
        elif paths:
            self._widget.after_idle(files.send, self._shell, peer, paths)
        return COPY

    def _show_veil(self) -> None:
        if self._veil is None and self._mark is None:
            self._veil = _Veil(self._widget, self._shell)
            self._name_target(-1, -1)

    def _name_target(self, x: int, y: int) -> None:
        if self._mark is not None:
            self._mark(x, y)
        self._aimed = peer = self._target(x, y)
        if self._veil is not None:
            self._veil.name(self._shell.screen.people.get(peer) if peer else None)

    def _hide_veil(self) -> None:
        self._aimed = None
        if self._mark is not None:
            self._mark(-1, -1)
        if self._veil is not None:
            self._veil.destroy()
            self._veil = None


class _Veil(tk.Frame):
    """Lies over what files are held over, and says to whom they would go."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        theme = self._theme = shell.theme
        super().__init__(parent, name="drop_veil", background=theme.tokens.ring)
        whole = ttk.Frame(self, style="Veil.TFrame")
        whole.pack(fill="both", expand=True, padx=theme.px(2), pady=theme.px(2))
        inner = ttk.Frame(whole, style="Veil.TFrame")
        inner.place(relx=0.5, rely=0.5, anchor="center")
        self._said = ttk.Label(
            inner, name="drop_text", style="Veil.TLabel", compound="top", justify="center",
            image=theme.icon("upload", 40, "link", "veil"),
            wraplength=max(parent.winfo_width() - 2 * theme.px(AIR), theme.px(AIR)),
        )  # fmt: skip
        self._said.pack()
        self._badge = ttk.Label(
            inner, name="drop_badge", style="Veil.Small.TLabel", compound="left"
        )
        self._badge.pack(pady=(theme.px(8), 0))
        self.place(x=0, y=0, relwidth=1, relheight=1)
        self.lift()

    def name(self, person: Person | None) -> None:
        """Say to whom, and how sure that is."""
        if person is None:
            self._said.configure(text=_("Choose a person first"))
            self._badge.configure(text="", image="")
            return
        name = one_line(name_text(person.name), 40)
        self._said.configure(text=label(_("Drop to send to {name}").format(name=name)))
        shown = badge(person)
        picture = self._theme.icon(shown.icon, 16, shown.colour, "veil")
        self._badge.configure(text=f" {_(shown.word)}", image=picture)


def _number(text: object) -> int:
    try:
        return int(str(text))
    except ValueError:
        return -1
