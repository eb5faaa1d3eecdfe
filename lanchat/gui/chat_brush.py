"""The brush: rounded boxes, texts and icons on a canvas, in the colours of the theme.

Tk's canvas knows no smooth edges on X11 and Windows: the corners of a box are small pictures
over a known colour, made once for each colour and radius.
"""

import tkinter as tk
from dataclasses import dataclass
from tkinter.font import Font
from typing import Final, Literal

from PIL import Image, ImageDraw, ImageTk

from lanchat.gui import icons, patches
from lanchat.gui.shortening import fitted
from lanchat.gui.theme import Theme

_FINE: Final = 4  # a corner is drawn so many times larger, then made small
Anchor = Literal["nw", "ne", "sw", "se", "n", "s", "w", "e", "center"]
Layers = tuple[tuple[str, int], ...]  # colours of discs over each other, and their radii
Corners = tuple[ImageTk.PhotoImage, ...]  # quarters of a disc: as in Radii
Radii = tuple[int, int, int, int]  # top left, top right, bottom left, bottom right


@dataclass(frozen=True, slots=True)
class Paint:
    """The colours of one bubble, as "#rrggbb"."""

    fill: str
    text: str
    meta: str
    link: str
    track: str
    bar: str
    icon: str
    button: str
    hover: str
    edge: str  # around a button
    ring: str  # around a button that has the keys
    chosen: str  # behind selected text
    on_chosen: str


EM, QUARTER, NOTHING = "\u2003", "\u2005", "\u200b"  # blanks as wide as a font is high, …


class Brush:
    """Draws on one canvas.  Lives on the Tk thread."""

    def __init__(self, canvas: tk.Canvas, theme: Theme) -> None:
        self.canvas: Final = canvas
        self.theme: Final = theme
        self.bidi: Final = str(canvas.tk.call("tk", "windowingsystem")) != "x11"
        self._corners: dict[tuple[Layers, str], Corners] = {}
        self._paints: dict[bool, Paint] = {}
        self._lengths: dict[float, int] = {}
        self._held: dict[str, ImageTk.PhotoImage] = {}
        self._blanks: tuple[int, int] | None = None
        self.emoji: Final[dict[tuple[str, int, str], ImageTk.PhotoImage]] = {}

    def refresh(self) -> None:
        """The theme was switched: forget what was made in its colours."""
        self._corners.clear()
        self._paints.clear()
        self._lengths.clear()
        self._held.clear()
        self._blanks = None
        self.emoji.clear()

    def px(self, value: float) -> int:
        """Pixels at this scale."""
        length = self._lengths.get(value)
        if length is None:
            length = self._lengths[value] = self.theme.px(value)
        return length

    def font(self, role: str) -> Font:
        """A font of the theme."""
        return self.theme.font(role)

    def line(self, role: str) -> int:
        """How high a line of text is."""
        return int(self.font(role).metrics("linespace"))

    @property
    def behind(self) -> str:
        """The colour of the canvas."""
        return self.theme.tokens.chat

    def paint(self, *, mine: bool) -> Paint:
        """The colours of a bubble of ours, or of theirs."""
        if not self._paints:
            self._paints = {True: self._ours(), False: self._theirs()}
        return self._paints[mine]

    def box(
        self, x: int, y: int, width: int, height: int, fill: str, behind: str,
        radius: int | Radii, tags: str | tuple[str, ...], edge: tuple[str, int] = ("", 0),
    ) -> None:  # fmt: skip
        """A rounded box; with an edge of a colour, so wide, inside of it."""
        most = min(width, height) // 2
        given = (radius,) * 4 if isinstance(radius, int) else radius
        sizes = tuple(min(one, most) for one in given)
        colour, wide = edge
        if wide:
            self._cross(x, y, width, height, colour, sizes, tags)
        inside = tuple(max(one - wide, 0) for one in sizes)
        self._cross(x + wide, y + wide, width - 2 * wide, height - 2 * wide, fill, inside, tags)
        for corner, size in enumerate(sizes):
            layers: Layers = ((fill, size),)
            if wide:
                layers = ((colour, size), (fill, max(size - wide, 0)))
            self._corner(corner, x, y, width, height, layers, behind, tags)

    def ring(
        self, x: int, y: int, width: int, height: int, fill: str, colour: str,
        radii: Radii, tags: str | tuple[str, ...],
    ) -> None:  # fmt: skip
        """A ring around a box that is drawn already, with a gap between the two."""
        wide, gap = self.px(2), self.px(2)
        out = wide + gap
        x, y, width, height = x - out, y - out, width + 2 * out, height + 2 * out
        a, b, c, d = (radius + out for radius in radii)
        right, low = x + width, y + height
        for x0, y0, x1, y1 in (
            (x + a, y, right - b, y + wide),
            (x + c, low - wide, right - d, low),
            (x, y + a, x + wide, low - c),
            (right - wide, y + b, right, low - d),
        ):
            self.canvas.create_rectangle(x0, y0, x1, y1, fill=colour, width=0, tags=tags)
        for corner, radius in enumerate(radii):
            whole = radius + out
            layers = ((colour, whole), (self.behind, whole - wide), (fill, radius))
            self._corner(corner, x, y, width, height, layers, self.behind, tags)

    def text(
        self, x: float, y: float, text: str, role: str, fill: str,
        tags: str | tuple[str, ...], anchor: Anchor = "nw", wrap: int = 0,
    ) -> int:  # fmt: skip
        """A text; it has passed `text.py`."""
        return self.canvas.create_text(
            x, y, text=text, font=self.font(role), fill=fill, tags=tags, anchor=anchor,
            width=wrap,
        )  # fmt: skip

    def icon(
        self, x: float, y: float, name: str, size: float, colour: str, behind: str,
        tags: str | tuple[str, ...], anchor: Anchor = "nw",
    ) -> int:  # fmt: skip
        """An icon of the theme; colours as "#rrggbb"."""
        key = (name, self.px(size), colour, behind)
        picture = self.theme.picture(key, lambda: patches.photo(self.canvas, icons.draw(*key)))
        # The theme keeps many pictures, but not for ever: the canvas item does.
        self._held[str(picture)] = picture
        return self.canvas.create_image(x, y, image=picture, tags=tags, anchor=anchor)

    def size(self, item: int) -> tuple[int, int]:
        """How wide and high something drawn is."""
        x0, y0, x1, y1 = self.canvas.bbox(item)
        return x1 - x0, y1 - y0

    def index(self, item: int, x: float, y: float) -> int:
        """Which letter of a text stands at a point; counted as Tk counts."""
        return int(self.canvas.tk.call(str(self.canvas), "index", item, f"@{x:g},{y:g}"))

    @property
    def blanks(self) -> tuple[int, int] | None:
        """How wide an em is, and one with a quarter; None if the font has no such blanks."""
        if self._blanks is None:
            font = self.font("text")
            em, nothing = font.measure(EM), font.measure(f"a{NOTHING}b") - font.measure("ab")
            fine = not nothing and 2 * em >= abs(int(font.actual("size")))
            self._blanks = (em, font.measure(EM + QUARTER)) if fine else (0, 0)
        return self._blanks if self._blanks[0] else None

    def along(self, text: str) -> int:
        """How far a text reaches on its line, its tabs as wide as Tk makes them."""
        font = self.font("text")
        first, *rest = text.split("\t")
        at = font.measure(first)
        if rest:
            tab = max(8 * font.measure("0"), 1)
            for part in rest:
                at = (at // tab + 1) * tab + font.measure(part)
        return at

    def fitted(self, text: str, role: str, width: int, *, keep_end: bool = False) -> str:
        """As much of a line as fits; three dots where something is missing."""
        return fitted(self.font(role), text, width, keep_end=keep_end)

    def round(self, layers: Layers, behind: str) -> Corners:
        """The four quarters of a disc."""
        key = (layers, behind)
        if key not in self._corners:
            self._corners[key] = _discs(self.canvas, layers, behind)
        return self._corners[key]

    def _cross(
        self, x: int, y: int, width: int, height: int, fill: str, sizes: tuple[int, ...],
        tags: str | tuple[str, ...],
    ) -> None:  # fmt: skip
        """A box without its corners."""
        a, b, c, d = sizes
        right, low = x + width, y + height
        self.canvas.create_polygon(
            (x + a, y, right - b, y, right - b, y + b, right, y + b,
             right, low - d, right - d, low - d, right - d, low, x + c, low,
             x + c, low - c, x, low - c, x, y + a, x + a, y + a),
            fill=fill, outline="", tags=tags,
        )  # fmt: skip

    def _corner(
        self, corner: int, x: int, y: int, width: int, height: int, layers: Layers,
        behind: str, tags: str | tuple[str, ...],
    ) -> None:  # fmt: skip
        size = layers[0][1]
        if size:
            at_x = x + width - size if corner % 2 else x
            at_y = y + height - size if corner > 1 else y
            picture = self.round(layers, behind)[corner]
            self.canvas.create_image(at_x, at_y, image=picture, anchor="nw", tags=tags)

    def _ours(self) -> Paint:
        t = self.theme.tokens
        return Paint(
            fill=t.mine, text=t.on_mine, meta=t.on_mine_muted, link=t.on_mine,
            track=t.mine_track, bar=t.on_mine, icon=t.on_mine,
            button=t.mine_button, hover=t.mine_hover, edge=t.mine_edge,
            ring=t.on_mine, chosen=t.on_mine, on_chosen=t.mine,
        )  # fmt: skip

    def _theirs(self) -> Paint:
        t = self.theme.tokens
        return Paint(
            fill=t.peer, text=t.text, meta=t.muted, link=t.link,
            track=t.track, bar=t.full, icon=t.link,
            button=t.peer_button, hover=t.peer_hover, edge=t.edge,
            ring=t.ring, chosen=t.accent, on_chosen=t.on_accent,
        )  # fmt: skip


def _discs(master: tk.Misc, layers: Layers, behind: str) -> Corners:
    """The four quarters of discs over each other, the first the largest."""
    r = layers[0][1]
    large = Image.new("RGB", (2 * r * _FINE, 2 * r * _FINE), behind)
    draw = ImageDraw.Draw(large)
    for colour, radius in layers:
        if radius > 0:
            low, high = (r - radius) * _FINE, (r + radius) * _FINE - 1
            draw.ellipse((low, low, high, high), fill=colour)
    disc = large.resize((2 * r, 2 * r), Image.Resampling.LANCZOS)
    boxes = ((0, 0, r, r), (r, 0, 2 * r, r), (0, r, r, 2 * r), (r, r, 2 * r, 2 * r))
    return tuple(ImageTk.PhotoImage(disc.crop(box), master=master) for box in boxes)
