"""Patches: rounded boxes as pictures that ttk stretches.

Opaque and with a wide middle on purpose: Tk on X11 blends every tile of a picture with
alpha through a round trip to the server, which makes a wide button take half a second.
"""

import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass, field
from tkinter import ttk
from tkinter.font import Font
from typing import Final

from PIL import Image, ImageDraw, ImageTk

from lanchat.gui.tokens import Tokens

OVER: Final = 4  # drawn so much larger, then made small: smooth edges
MIDDLE: Final = 64  # px at 100 %
RADIUS: Final = 8
PLAIN: Final = 8  # px between corners that are drawn: smoothing reaches three from each


def box(
    size: tuple[int, int],
    radius: int,
    fill: str,
    behind: str,
    *,
    edge: str | None = None,
    width: int = 1,
) -> Image.Image:
    """A rounded box of `size` px on what is `behind` it, with an edge of `width` px."""
    wide, high = size
    picture = Image.new("RGB", (wide * OVER, high * OVER), behind)
    draw = ImageDraw.Draw(picture)
    whole = (0, 0, wide * OVER - 1, high * OVER - 1)
    if edge is None:
        draw.rounded_rectangle(whole, radius * OVER, fill=fill)
    else:
        inset = width * OVER
        inner = (inset, inset, wide * OVER - 1 - inset, high * OVER - 1 - inset)
        draw.rounded_rectangle(whole, radius * OVER, fill=edge)
        draw.rounded_rectangle(inner, max(radius * OVER - inset, 0), fill=fill)
    return picture.resize(size, Image.Resampling.LANCZOS)


def stretched(corners: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture made larger by its middle; drawing all of that smoothly takes long."""
    wide, high = size
    for across in (True, False):
        have, want = corners.size, (wide, corners.height) if across else (wide, high)
        whole = Image.new("RGB", want)
        half = have[0] // 2 if across else have[1] // 2
        rest = want[0] - half if across else want[1] - half
        end = have[0] - half if across else have[1] - half
        near = (0, 0, half, have[1]) if across else (0, 0, have[0], half)
        line = (half, 0, half + 1, have[1]) if across else (0, half, have[0], half + 1)
        far = (end, 0, *have) if across else (0, end, *have)
        whole.paste(corners.crop(line).resize(want, Image.Resampling.NEAREST))
        whole.paste(corners.crop(near), (0, 0))
        whole.paste(corners.crop(far), (rest, 0) if across else (0, rest))
        corners = whole
    return corners


def photo(master: tk.Misc, picture: Image.Image) -> ImageTk.PhotoImage:
    """The picture as Tk has it; to be kept by whoever shows it."""
    return ImageTk.PhotoImage(picture, master=master)


@dataclass(frozen=True, slots=True)
class Brush:
    """What styles are made with.  `kept`: pictures of ttk's elements, which must not go."""

    root: tk.Misc
    style: ttk.Style
    tokens: Tokens
    px: Callable[[float], int]
    font: Callable[[str], Font]
    kept: list[ImageTk.PhotoImage] = field(default_factory=list)
    made: dict[tuple[object, ...], ImageTk.PhotoImage] = field(default_factory=dict)

    def patch(
        self,
        fill: str,
        behind: str,
        *,
        edge: str | None = None,
        width: int = 1,
        radius: int = RADIUS,
        tall: bool = False,
    ) -> ImageTk.PhotoImage:
        """A nine-patch; colours are tokens, `tall` is for one that is stretched upwards."""
        key = (fill, behind, edge, width, radius, tall)
        if key not in self.made:
            self.made[key] = self._patch(fill, behind, edge, self.px(width), radius, tall)
        return self.made[key]

    def _patch(
        self, fill: str, behind: str, edge: str | None, width: int, radius: int, tall: bool
    ) -> ImageTk.PhotoImage:
        px, round_ = self.px, self.px(radius)
        wide, high = 2 * round_ + px(MIDDLE), 2 * round_ + px(6)
        if tall:
            wide, high = 2 * round_ + px(2), 2 * round_ + px(MIDDLE)
        corners = box(
            (min(wide, 2 * round_ + PLAIN), min(high, 2 * round_ + PLAIN)),
            round_,
            getattr(self.tokens, fill),
            getattr(self.tokens, behind),
            edge=getattr(self.tokens, edge) if edge else None,
            width=width,
        )
        return self.keep(stretched(corners, (wide, high)))

    def keep(self, picture: Image.Image) -> ImageTk.PhotoImage:
        """The picture as Tk has it."""
        self.kept.append(photo(self.root, picture))
        return self.kept[-1]
