"""Picker: the profiles of this computer, one of which is chosen."""

import time
import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from tkinter import ttk
from typing import Final

from PIL import ImageTk

from lanchat.gui import accessible, moments, patches
from lanchat.gui.shaping import label
from lanchat.gui.text import one_line
from lanchat.gui.theme import Theme
from lanchat.gui.translate import _

ROW: Final = 60  # px
FACE: Final = 40
_LONGEST: Final = 40  # characters of a name
_KEYS: Final = {"Up": -1, "Left": -1, "Down": 1, "Right": 1, "Home": -10_000, "End": 10_000}


@dataclass(frozen=True, slots=True)
class Choice:
    """One profile."""

    profile: str  # a name or a folder, as `--profile` takes it
    name: str  # what others see
    last_used_at: int = 0  # ms since 1970; 0 if nobody knows
    colour: str = ""  # of the avatar; "" if nobody knows


class Picker(ttk.Frame):
    """A list of profiles.  Keys and clicks choose; Enter goes on."""

    def __init__(
        self,
        parent: tk.Misc,
        theme: Theme,
        choices: Sequence[Choice],
        face: Callable[[Choice, int, str], ImageTk.PhotoImage],
        *,
        chosen: Callable[[Choice], None],
        submit: Callable[[], None],
    ) -> None:
        super().__init__(parent, name="picker")
        self.theme: Final = theme
        self.choices: Final = tuple(choices)
        self.at = 0
        self._allowed = True
        self._face: Final = face
        self._told: Final = chosen
        self._pointed = -1
        self._canvas: Final = tk.Canvas(
            self, name="profiles", takefocus=1, highlightthickness=0, borderwidth=0
        )
        self._canvas.pack(fill="x")
        accessible.name(self._canvas, _("Profiles"), accessible.Role.LIST)
        for key in _KEYS:
            self._canvas.bind(f"<{key}>", self._step)
        self._canvas.bind("<Return>", lambda _event: submit())
        self._canvas.bind("<KP_Enter>", lambda _event: submit())
        self._canvas.bind("<Button-1>", self._pressed)
        self._canvas.bind("<Motion>", lambda event: self._point(self._at(event.y)))
        self._canvas.bind("<Leave>", lambda _event: self._point(-1))
        for event in ("<Configure>", "<FocusIn>", "<FocusOut>"):
            self._canvas.bind(event, self._draw, add=True)
        self._unwatch: Final = theme.watch(self._draw)
        self.bind("<Destroy>", self._destroyed)
        self._draw()

    @property
    def canvas(self) -> tk.Canvas:
        """What takes the focus."""
        return self._canvas

    @property
    def choice(self) -> Choice:
        """The profile that is chosen."""
        return self.choices[self.at]

    def allow(self, allowed: bool) -> None:
        """Let the user choose, or not."""
        self._allowed = allowed

    def choose(self, place: int) -> None:
        """Choose the profile at `place`, from 0 on, if that may be done now."""
        place = min(max(place, 0), len(self.choices) - 1)
        if place != self.at and self._allowed:
            self.at = place
            self._draw()
            self._told(self.choice)

    def _step(self, event: "tk.Event[tk.Canvas]") -> str:
        self.choose(self.at + _KEYS[event.keysym])
        return "break"

    def _pressed(self, event: "tk.Event[tk.Canvas]") -> None:
        self.choose(self._at(event.y))

    def _point(self, place: int) -> None:
        if place != self._pointed:
            self._pointed = place
            self._draw()

    def _at(self, y: int) -> int:
        return y // self.theme.px(ROW)

    def _draw(self, _event: object = None) -> None:
        theme, canvas = self.theme, self._canvas
        px, tokens = theme.px, theme.tokens
        canvas.configure(background=tokens.window, height=len(self.choices) * px(ROW))
        canvas.delete("all")
        wide = canvas.winfo_width()
        focused = str(canvas.tk.call("focus")) == str(canvas)
        now = time.time_ns() // 10**6
        for place, choice in enumerate(self.choices):
            top = place * px(ROW)
            here = place == self.at
            ground = "select" if here else "hover" if place == self._pointed else "window"
            edge = "ring" if here and focused else ground
            canvas.create_image(0, top, image=self._ground(wide, ground, edge), anchor="nw")
            middle, left = top + px(ROW) // 2, px(12)
            face = self._face(choice, FACE, ground)
            canvas.create_image(left, middle, image=face, anchor="w")
            left += px(FACE) + px(12)
            canvas.create_text(
                left,
                middle - px(1),
                text=label(one_line(choice.name, _LONGEST)),
                anchor="sw",
                font=theme.font("strong"),
                fill=tokens.text,
            )
            canvas.create_text(
                left,
                middle + px(2),
                text=one_line(second(choice, self.choices, now), _LONGEST),
                anchor="nw",
                font=theme.font("small"),
                fill=tokens.muted,
            )

    def _ground(self, wide: int, fill: str, edge: str) -> ImageTk.PhotoImage:
        """What a row stands on: a rounded box as wide as the list."""
        theme, tokens = self.theme, self.theme.tokens
        colours = getattr(tokens, fill), getattr(tokens, edge)

        def make() -> ImageTk.PhotoImage:
            box = patches.box(
                (wide, theme.px(ROW)), theme.px(patches.RADIUS), colours[0], tokens.window,
                edge=colours[1], width=theme.px(2),
            )  # fmt: skip
            return patches.photo(theme.root, box)

        return theme.picture((f"row {wide}", theme.px(ROW), *colours), make)

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._unwatch()


def last_used(choice: Choice, now_ms: int) -> str:
    """When a profile was opened last; "" if nobody knows."""
    if not choice.last_used_at:
        return ""
    return _("Last used {when}").format(when=moments.lately(choice.last_used_at, now_ms))


def second(choice: Choice, among: Sequence[Choice], now_ms: int) -> str:
    """The line under the name: when it was used, and of two with one name where each lies."""
    twins = sum(one.name == choice.name for one in among) > 1
    parts = (choice.profile if twins else "", last_used(choice, now_ms))
    return " · ".join(part for part in parts if part)
