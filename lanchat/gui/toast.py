"""Toasts: one sentence for a moment, at the bottom of the window; they never take the keys."""

import tkinter as tk
from collections.abc import Mapping
from tkinter import ttk
from typing import Final

from lanchat.gui.items import Tone
from lanchat.gui.text import ui_text
from lanchat.gui.theme import Theme

MOST: Final = 3  # at a time; the oldest goes first
STAYS: Final = 5_000  # ms, and longer for longer ones
PER_LETTER: Final = 40  # ms
LONGEST: Final = 400  # characters
_ICONS: Final[Mapping[Tone, tuple[str, str]]] = {
    Tone.PLAIN: ("info-circle", "muted"),
    Tone.GOOD: ("check-all", "ok"),
    Tone.WARN: ("exclamation-triangle-fill", "warn"),
    Tone.BAD: ("exclamation-circle-fill", "bad"),
}


class Toasts:
    """The toasts of one window.  Lives on the Tk thread."""

    def __init__(self, root: tk.Misc, theme: Theme) -> None:
        self._root = root
        self._theme = theme
        self._count = 0
        self._shown: list[tuple[tk.Frame, str]] = []

    @property
    def texts(self) -> tuple[str, ...]:
        """What is shown now, the newest last."""
        return tuple(
            str(frame.nametowidget("text").cget("text")) for frame, _job in self._shown
        )

    def show(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show `text`; a click takes it away."""
        text = ui_text(text)[:LONGEST]
        while len(self._shown) >= MOST:
            self._drop(self._shown[0][0])
        theme, px = self._theme, self._theme.px
        self._count += 1
        icon, colour = _ICONS[tone]
        frame = tk.Frame(
            self._root,
            name=f"toast{self._count}",
            background=theme.tokens.surface,
            highlightbackground=theme.tokens.edge,
            highlightthickness=1,
        )
        mark = ttk.Label(frame, image=theme.icon(icon, 18, colour, "surface"))
        mark.configure(style="Toast.TLabel")
        mark.pack(side="left", padx=(px(14), px(10)), pady=px(10))
        label = ttk.Label(
            frame, name="text", text=text, style="Toast.TLabel", wraplength=px(420)
        )
        label.pack(side="left", padx=(0, px(16)), pady=px(10))
        for widget in (frame, mark, label):
            widget.bind("<Button-1>", lambda _event: self._drop(frame))
        stays = STAYS + PER_LETTER * len(text)
        job = frame.after(stays, lambda: self._drop(frame))
        self._shown.append((frame, job))
        self._place()

    def clear(self) -> None:
        """Take all of them away."""
        for frame, _job in tuple(self._shown):
            self._drop(frame)

    def _drop(self, frame: tk.Frame) -> None:
        for held in tuple(self._shown):
            if held[0] is frame:
                self._shown.remove(held)
                frame.after_cancel(held[1])
                frame.destroy()
        self._place()

    def _place(self) -> None:
        bottom = self._theme.px(84)
        for frame, _job in reversed(self._shown):
            frame.place(relx=0.5, rely=1.0, y=-bottom, anchor="s")
            frame.lift()
            frame.update_idletasks()
            bottom += frame.winfo_reqheight() + self._theme.px(8)
