"""The pulse: rings that go out from somebody who looks around, a few calm pictures a second."""

import math
import tkinter as tk
from tkinter import ttk
from typing import Final

from PIL import Image, ImageDraw, ImageTk

from lanchat.gui import icons, patches
from lanchat.gui.theme import Theme

SIZE: Final = 96  # px at 100 %
FRAMES: Final = 36
PACE: Final = 70  # ms a picture
RINGS: Final = 3
_OVER: Final = 3  # drawn so much larger, then made small
_CORE: Final = 17  # px of the disc in the middle, its radius
_STILL: Final = 8  # the picture that stands for all where motion is not wanted


class Pulse(ttk.Label):
    """A picture that moves while it is seen; `calm` holds it still."""

    def __init__(self, parent: tk.Misc, theme: Theme, *, name: str) -> None:
        super().__init__(parent, name=name, style="Side.TLabel")
        self._theme = theme
        self._frames: dict[int, ImageTk.PhotoImage] = {}
        self._at = _STILL
        self._calm = True
        self._job: str | None = None
        self._end = theme.watch(self._forget)
        for event in ("<Map>", "<Visibility>"):
            self.bind(event, lambda _event: self._resume())
        self.bind("<Unmap>", lambda _event: self._stop())
        self.bind("<Destroy>", self._destroyed)
        self._draw()

    def calm(self, calm: bool) -> None:
        """Stand still, or not."""
        self._calm = calm
        if calm:
            self._stop()
            self._at = _STILL
            self._draw()
        else:
            self._resume()

    def _resume(self) -> None:
        if self._job is None and not self._calm and self.winfo_viewable():
            self._job = self.after(PACE, self._turn)

    def _turn(self) -> None:
        self._job = None
        self._at = (self._at + 1) % FRAMES
        self._draw()
        self._resume()

    def _stop(self) -> None:
        if self._job is not None:
            self.after_cancel(self._job)
            self._job = None

    def _draw(self) -> None:
        held = self._frames.get(self._at)
        if held is None:
            held = patches.photo(self, _frame(self._theme, self._at / FRAMES))
            self._frames[self._at] = held
        self.configure(image=held)

    def _forget(self) -> None:
        old, self._frames = self._frames, {}
        self._draw()
        old.clear()

    def _destroyed(self, _event: object) -> None:
        self._stop()
        self._end()


def _frame(theme: Theme, share: float) -> Image.Image:
    """The picture at a share of the whole way round."""
    tokens, size = theme.tokens, theme.px(SIZE)
    large = size * _OVER
    unit, middle = large / SIZE, large / 2
    picture = Image.new("RGB", (large, large), tokens.side)
    draw = ImageDraw.Draw(picture)
    inner, outer = _CORE * unit, large / 2 - 2 * unit
    for ring in range(RINGS):
        way = (share + ring / RINGS) % 1
        radius = inner + (outer - inner) * way
        strength = 0.62 * (1 - way) ** 1.4 * min(way * 6, 1)
        colour = _mixed(tokens.side, tokens.accent, strength)
        box = (middle - radius, middle - radius, middle + radius, middle + radius)
        draw.ellipse(box, outline=colour, width=max(round(2 * unit), 1))
    core = inner * (1 + 0.03 * math.sin(2 * math.pi * share))
    box = (middle - core, middle - core, middle + core, middle + core)
    draw.ellipse(box, fill=tokens.accent)
    small = picture.resize((size, size), Image.Resampling.LANCZOS)
    glyph = theme.px(18)
    sign = icons.draw("people", glyph, tokens.on_accent, tokens.accent)
    small.paste(sign, ((size - glyph) // 2, (size - glyph) // 2))
    return small


def _mixed(one: str, other: str, share: float) -> str:
    pairs = ((int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
