"""Strength line: a bar and a sentence that say how good a passphrase is, while it is typed."""

import asyncio
import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Final

from lanchat.errors import LanchatError
from lanchat.gui.shell import Front
from lanchat.gui.strength import Level, Strength, weigh

HEIGHT: Final = 4  # px of the bar
_COLOURS: Final = {
    Level.WEAK: "bad",
    Level.FAIR: "warn",
    Level.GOOD: "full",
    Level.STRONG: "ok",
}


class StrengthLine(ttk.Frame):
    """The bar; `said` gets the sentence.  Weighing goes on beside, the last text counts."""

    def __init__(self, parent: tk.Misc, front: Front, said: Callable[[str], None]) -> None:
        super().__init__(parent, name="strength")
        self._front: Final = front
        self._said: Final = said
        self._wanted: tuple[str, str] = ("", "")
        self._weighing = False
        self._strength: Strength | None = None
        self._bar: Final = tk.Canvas(self, name="bar", highlightthickness=0, borderwidth=0)
        self._full: Final = self._bar.create_rectangle(0, 0, 0, 0, width=0)
        self._bar.pack(fill="x")
        self._bar.bind("<Configure>", self._draw)
        self._unwatch: Final = front.theme.watch(self._draw)
        self.bind("<Destroy>", self._destroyed)
        self._draw()

    @property
    def strength(self) -> Strength | None:
        """What is shown; None while nothing can be said."""
        return self._strength

    def weigh(self, passphrase: str, name: str) -> None:
        """Say how strong a passphrase is, soon."""
        if (passphrase, name) == self._wanted:
            return
        self._wanted = passphrase, name
        if not passphrase:
            self._show(None)
        elif not self._weighing:
            self._start()

    def _start(self) -> None:
        wanted = passphrase, name = self._wanted
        self._weighing = True

        async def work() -> Strength | None:
            return await asyncio.to_thread(weigh, passphrase, (name,))

        def weighed(strength: Strength | None) -> None:
            self._weighing = False
            if not self.winfo_exists():
                return
            if wanted == self._wanted:
                self._show(strength)
            elif self._wanted[0]:
                self._start()

        def failed(_error: LanchatError) -> None:
            self._weighing = False

        self._front.run(work, weighed, failed)

    def _show(self, strength: Strength | None) -> None:
        self._strength = strength
        self._said("" if strength is None else strength.sentence)
        self._draw()

    def _draw(self, _event: object = None) -> None:
        theme = self._front.theme
        self._bar.configure(height=theme.px(HEIGHT), background=theme.tokens.track)
        if self._strength is None:
            self._bar.coords(self._full, 0, 0, 0, 0)
            return
        colour = getattr(theme.tokens, _COLOURS[self._strength.level])
        wide = round(self._bar.winfo_width() * self._strength.share)
        self._bar.itemconfigure(self._full, fill=colour)
        self._bar.coords(self._full, 0, 0, wide, theme.px(HEIGHT))

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._unwatch()
            self._wanted = ("", "")
