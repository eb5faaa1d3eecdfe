"""Toasts: one sentence for a moment, at the top right of the window; never takes the keys."""

import tkinter as tk
from collections.abc import Callable, Mapping
from tkinter import ttk
from typing import Final

from lanchat.gui.shaping import label
from lanchat.gui.text import ui_text
from lanchat.gui.theme import Theme
from lanchat.gui.tone import Tone

TOP: Final = 84  # px at 100 %: below the header of a conversation
MOST: Final = 3  # at a time; the oldest goes first
STAYS: Final = 5_000  # ms, and longer for longer ones
PER_LETTER: Final = 40  # ms
LONGEST: Final = 400  # characters
WIDTH: Final = 420  # px of a line at 100 %
_ICONS: Final[Mapping[Tone, tuple[str, str]]] = {
    Tone.PLAIN: ("info-circle", "muted"),
    Tone.GOOD: ("check-all", "ok"),
    Tone.WARN: ("exclamation-triangle-fill", "warn"),
    Tone.BAD: ("exclamation-circle-fill", "bad"),
}


class _Toast(ttk.Frame):
    """One of them."""

    def __init__(
        self, root: tk.Misc, theme: Theme, text: str, tone: Tone, *, name: str
    ) -> None:
        px = theme.px
        super().__init__(
            root, name=name, style="Toast.TFrame", cursor="hand2", padding=(px(14), px(10))
        )
        self.text: Final = text
        self.drop: Callable[[], None] = lambda: None
        self.gone: Callable[[], None] = lambda: None
        self._theme = theme
        self._icon, self._colour = _ICONS[tone]
        self._mark = ttk.Label(self, style="Toast.TLabel")
        self._mark.pack(side="left", padx=(0, px(10)))
        said = ttk.Label(
            self, name="text", text=label(text), style="Toast.TLabel", wraplength=px(WIDTH)
        )
        said.pack(side="left")
        for widget in (self, self._mark, said):
            widget.bind("<Button-1>", lambda _event: self.drop())
        self.bind("<Destroy>", self._destroyed)
        self._end = theme.watch(self._draw)
        self._job = self.after(STAYS + PER_LETTER * len(text), lambda: self.drop())
        self._draw()

    def _draw(self) -> None:
        self._mark.configure(image=self._theme.icon(self._icon, 18, self._colour, "surface"))

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._end()
            self.after_cancel(self._job)
            self.gone()


class Toasts:
    """The toasts of one window.  Lives on the Tk thread."""

    def __init__(self, root: tk.Misc, theme: Theme) -> None:
        self._root = root
        self._theme = theme
        self._count = 0
        self._shown: list[_Toast] = []
        root.bind("<Escape>", self._escape, add=True)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is shown now, the newest last."""
        return tuple(toast.text for toast in self._shown)

    def show(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show `text`; a click or Escape takes it away, and so does time."""
        text = ui_text(text)[:LONGEST]
        for same in [toast for toast in self._shown if toast.text == text]:
            self._drop(same)
        while len(self._shown) >= MOST:
            self._drop(self._shown[0])
        self._count += 1
        toast = _Toast(self._root, self._theme, text, tone, name=f"toast{self._count}")
        toast.drop = lambda: self._drop(toast)
        toast.gone = lambda: self._forget(toast)
        self._shown.append(toast)
        self._place()

    def clear(self) -> None:
        """Take all of them away."""
        for toast in tuple(self._shown):
            self._drop(toast)

    def _escape(self, _event: object) -> str | None:
        if not self._shown:
            return None
        self._drop(self._shown[-1])
        return "break"

    def _drop(self, toast: _Toast) -> None:
        if toast in self._shown:
            toast.destroy()
            self._place()

    def _forget(self, toast: _Toast) -> None:
        if toast in self._shown:
            self._shown.remove(toast)

    def _place(self) -> None:
        """Under the top, where nothing is pressed; the newest is the highest."""
        top = self._theme.px(TOP)
        for toast in reversed(self._shown):
            toast.place(relx=1.0, x=-self._theme.px(20), y=top, anchor="ne")
            toast.lift()
            toast.update_idletasks()
            top += toast.winfo_reqheight() + self._theme.px(8)
