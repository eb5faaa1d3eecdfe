"""Patches: rounded boxes as pictures that ttk stretches.

Opaque and with a wide middle on purpose: Tk on X11 blends every tile of a picture with
alpha through a round trip to the server, which makes a wide button take half a second.
"""

import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
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
    picture = Image.new("RGB", size, behind)
    picture.paste(edge or fill, None, _shape(size, radius, 0))
    if edge is not None:
        picture.paste(fill, None, _shape(size, max(radius - width, 0), width))
    return picture


@lru_cache(maxsize=64)
def _shape(size: tuple[int, int], radius: int, inset: int) -> Image.Image:
    """How much of each pixel a rounded box covers that stays `inset` px off the edges.

    Every colour takes it from here, as drawing smoothly takes long; so only the corners are.
    """
    plain = 2 * (inset + radius) + PLAIN
    wide, high = min(size[0], plain), min(size[1], plain)
    large = Image.new("L", (wide * OVER, high * OVER))
    off = inset * OVER
    inner = (off, off, max(wide * OVER - 1 - off, off), max(high * OVER - 1 - off, off))
    ImageDraw.Draw(large).rounded_rectangle(inner, radius * OVER, fill=255)
    return _stretched(large.resize((wide, high), Image.Resampling.LANCZOS), size)


def _stretched(corners: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The shape made larger by its middle."""
    wide, high = size
    for across in (True, False):
        have, want = corners.size, (wide, corners.height) if across else (wide, high)
        if have == want:
            continue
        whole = Image.new("L", want)
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
        tokens = self.tokens
        edged = getattr(tokens, edge) if edge else None
        fills = getattr(tokens, fill), getattr(tokens, behind)
        return self.keep(box((wide, high), round_, *fills, edge=edged, width=width))

    def keep(self, picture: Image.Image) -> ImageTk.PhotoImage:
        """The picture as Tk has it."""
        self.kept.append(photo(self.root, picture))
        return self.kept[-1]
