"""The bar pane: draws the bars above the composer and does what their buttons say."""

import tkinter as tk
from collections.abc import Callable, Mapping
from tkinter import ttk
from typing import Final

from lanchat.gui import blocking, details, verifying, wrapping
from lanchat.gui.bars import Bar, bars
from lanchat.gui.shaping import label
from lanchat.gui.shell import Pane, Shell
from lanchat.gui.state import Screen
from lanchat.gui.theme import Theme
from lanchat.gui.tone import Tone
from lanchat.identity.keys import PeerId
from lanchat.node import acts

NARROW: Final = 200  # px of a text at 100 %: with less than that its buttons stand below it
LINES: Final = 3  # as they do where it would have more lines beside them
_STYLES: Final[Mapping[Tone, str]] = {
    Tone.PLAIN: "Plain",
    Tone.GOOD: "Plain",
    Tone.WARN: "Warn",
    Tone.BAD: "Bad",
}
_ICONS: Final[Mapping[Tone, tuple[str, str]]] = {
    Tone.PLAIN: ("info-circle", "muted"),
    Tone.GOOD: ("info-circle", "muted"),
    Tone.WARN: ("question-circle", "warn"),
    Tone.BAD: ("exclamation-triangle-fill", "bad"),
}


class BarPane(Pane):
    """The bars of the open conversation."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        super().__init__(parent, shell, style="TFrame", name="bars")
        self.columnconfigure(0, weight=1)
        self._shown: tuple[PeerId | None, tuple[Bar, ...]] = (None, ())
        self._end = shell.theme.watch(self._redraw)
        self.bind("<Destroy>", self._destroyed)

    def show(self, screen: Screen) -> None:
        """Draw what differs from what was shown last."""
        wanted = screen.chosen, bars(screen)
        if wanted != self._shown:
            self._shown = wanted
            self._redraw()

    def _redraw(self) -> None:
        for child in self.winfo_children():
            child.destroy()
        peer, found = self._shown
        for place, bar in enumerate(found):
            self._draw(place, bar, peer)
        if not found:
            self.configure(height=1)

    def _draw(self, place: int, bar: Bar, peer: PeerId | None) -> None:
        theme, kind = self.shell.theme, _STYLES[bar.tone]
        frame = ttk.Frame(self, name=f"bar_{bar.name}", style=f"Bar.{kind}.TFrame")
        frame.grid(row=place, column=0, sticky="ew", pady=(0, theme.px(1)))
        frame.columnconfigure(1, weight=1)
        mark(frame, bar.tone, theme)
        text = ttk.Label(frame, name="text", text=label(bar.text), style=f"Bar.{kind}.TLabel")
        text.grid(row=0, column=1, sticky="ew", padx=(0, theme.px(6)))
        acts = ttk.Frame(frame, name="acts", style=f"Bar.{kind}.TFrame")
        for button in bar.buttons:
            ttk.Button(
                acts,
                name=button.does,
                text=button.text,
                style=f"Bar.{kind}.TButton",
                command=self._doing(button.does, button.whom or peer),
            )
        frame.columnconfigure(3, minsize=theme.px(6))
        frame.bind("<Configure>", lambda event: self._arrange(text, acts, event.width))

    def _arrange(self, text: ttk.Label, acts: ttk.Frame, wide: int) -> None:
        """The buttons beside the text, or below it where they would leave it no room."""
        px, made = self.shell.theme.px, _buttons(acts)
        wants = sum(button.winfo_reqwidth() + px(6) for button in made)
        room = wide - px(20 + 16 + 10 + 6 + 6)
        beside = room - wants >= px(NARROW) and self._lines(text, room - wants) <= LINES
        wrapping.fit(text, max(room - (wants if beside else 0), px(80)))
        if not made:
            return
        _flow(acts, made, room, px(6))
        if beside:
            acts.grid(row=0, column=2, pady=px(5))
        else:
            acts.grid(row=1, column=1, sticky="w", pady=(px(3), px(8)))

    def _lines(self, text: ttk.Label, wide: int) -> int:
        """How many lines a text takes in `wide` px."""
        wrapping.fit(text, wide)
        line = int(self.shell.theme.font("small").metrics("linespace"))
        return text.winfo_reqheight() // max(line, 1)

    def _doing(self, does: str, peer: PeerId | None) -> Callable[[], None]:
        def do() -> None:
            if peer is not None:
                _DOES[does](self.shell, peer)

        return do

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._end()


def _buttons(acts: ttk.Frame) -> list[ttk.Button]:
    return [one for one in acts.winfo_children() if isinstance(one, ttk.Button)]


def _flow(acts: ttk.Frame, made: list[ttk.Button], room: int, between: int) -> None:
    """Buttons in as many lines as they need in `room` px."""
    for old in acts.winfo_children():
        if not isinstance(old, ttk.Button):
            old.destroy()
    left, line = 0, acts
    for button in made:
        wants = button.winfo_reqwidth() + between
        if wants > left:
            above = 0 if line is acts else between
            line = ttk.Frame(acts, style=acts["style"])
            line.pack(anchor="w", pady=(above, 0))
            left = room
        left -= wants
        button.pack(in_=line, side="left", padx=(0, between))
        button.lift()  # above the line, which was made later


def mark(frame: ttk.Frame, tone: Tone, theme: Theme) -> str:
    """Put the icon of a tone at the left of a bar; gives the word of its styles."""
    kind, (icon, colour) = _STYLES[tone], _ICONS[tone]
    picture = theme.icon(icon, 16, colour, f"bar_{kind.lower()}")
    label = ttk.Label(frame, image=picture, style=f"Bar.{kind}.TLabel")
    label.grid(row=0, column=0, padx=(theme.px(16), theme.px(10)), pady=theme.px(9))
    return kind


def _trust(action: str) -> Callable[[Shell, PeerId], None]:
    return lambda shell, peer: shell.ask(lambda node: acts.trust(node, peer, action))


_DOES: Final[Mapping[str, Callable[[Shell, PeerId], None]]] = {
    "details": lambda shell, peer: details.show(shell, peer),
    "verify": lambda shell, peer: verifying.start(shell, peer),
    "accept": lambda shell, peer: shell.ask(lambda node: acts.acknowledge(node, peer)),
    "adopt": lambda shell, peer: shell.ask(lambda node: acts.adopt(node, peer)),
    "block": _trust("block"),
    "block_other": lambda shell, peer: blocking.ask_other(shell, peer),
    "unblock": _trust("unblock"),
}
