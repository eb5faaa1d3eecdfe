"""The app icon: a bubble that is a shield, at every size a desktop asks for.

One drawing, in units of a square of 64: `draw` makes pictures of it, `svg` the same as a
text.  `tools/draw_launcher.py` writes both into `assets/launcher` for the menus of desktops.
"""

from typing import Final

from PIL import Image, ImageDraw, ImageTk

from lanchat.gui import patches
from lanchat.gui.theme import Theme

SIZES: Final = (16, 24, 32, 48, 64, 128, 256, 512)
_WINDOW: Final = (16, 32, 48, 128)  # what a window manager picks from
_OVER: Final = 4
_PARTS: Final = 16  # straight pieces of a curve
_BLUE, _DEEP, _WHITE, _DOT = "#2563eb", "#1d4fd0", "#ffffff", "#ef4444"

_SQUARE: Final = 64
_BUBBLE: Final = (4.0, 6.0, 60.0, 48.0)  # left, top, right, bottom
_ROUND: Final = 13.0  # radius of its corners
_TAIL: Final = ((14.0, 46.0), (14.0, 61.0), (31.0, 46.0))
#: The right half of the shield, from its top to its point: Bézier curves of the second degree.
_CURVES: Final = (
    ((32.0, 11.0), (38.0, 15.5), (46.0, 16.0)),
    ((46.0, 16.0), (47.5, 36.0), (32.0, 44.0)),
)
_TICK: Final = ((25.0, 26.0), (30.5, 31.5), (39.5, 21.0))
_STROKE: Final = 4.2  # width of the tick


def app_icons(theme: Theme, *, unread: bool) -> tuple[ImageTk.PhotoImage, ...]:
    """Pictures for `wm iconphoto`; with a dot if something is unread."""
    return tuple(
        theme.picture(
            (f"app {unread}", size, "", ""),
            lambda size=size: patches.photo(theme.root, draw(size, unread=unread)),  # type: ignore[misc]  # a default binds it now
        )
        for size in _WINDOW
    )


def draw(size: int, *, unread: bool = False) -> Image.Image:
    """The icon, `size` px, with a clear background."""
    large = size * _OVER
    picture = Image.new("RGBA", (large, large), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    unit = large / _SQUARE
    left, top, right, bottom = (edge * unit for edge in _BUBBLE)
    pen.rounded_rectangle((left, top, right, bottom), radius=_ROUND * unit, fill=_BLUE)
    pen.polygon([(x * unit, y * unit) for x, y in _TAIL], _BLUE)
    pen.polygon([(x * unit, y * unit) for x, y in _shield()], fill=_WHITE)
    pen.line(
        [(x * unit, y * unit) for x, y in _TICK],
        fill=_DEEP,
        width=round(_STROKE * unit),
        joint="curve",
    )
    if unread:
        pen.ellipse((40 * unit, 0, 64 * unit, 24 * unit), fill=_WHITE)
        pen.ellipse((42.5 * unit, 2.5 * unit, 61.5 * unit, 21.5 * unit), fill=_DOT)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def svg() -> str:
    """The icon as a text, for desktops that draw icons at sizes of their own."""
    left, top, right, bottom = _BUBBLE
    down, up = (
        " ".join(f"Q{x:g} {y:g} {to_x:g} {to_y:g}" for (x, y), (to_x, to_y) in curves)
        for curves in (
            [(pull, end) for _start, pull, end in _CURVES],
            [(_other(pull), _other(start)) for start, pull, _end in reversed(_CURVES)],
        )
    )
    (begin_x, begin_y), *_rest = _CURVES[0]
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SQUARE} {_SQUARE}">
<rect x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}"\
 rx="{_ROUND:g}" fill="{_BLUE}"/>
<path d="M{_points(_TAIL)}z" fill="{_BLUE}"/>
<path d="M{begin_x:g} {begin_y:g} {down} {up}z" fill="{_WHITE}"/>
<path d="M{_points(_TICK)}" fill="none" stroke="{_DEEP}" stroke-width="{_STROKE:g}"\
 stroke-linejoin="round"/>
</svg>
"""


def _points(points: tuple[tuple[float, float], ...]) -> str:
    return " L".join(f"{x:g} {y:g}" for x, y in points)


def _other(point: tuple[float, float]) -> tuple[float, float]:
    """The same point of the left half."""
    return _SQUARE - point[0], point[1]


def _shield() -> list[tuple[float, float]]:
    """Its outline, from the point at the top and round by the right."""
    right = [point for curve in _CURVES for point in _curve(*curve)]
    return right + [_other(point) for point in reversed(right)]


def _curve(
    start: tuple[float, float], pull: tuple[float, float], end: tuple[float, float]
) -> list[tuple[float, float]]:
    found = []
    for step in range(_PARTS + 1):
        t = step / _PARTS
        found.append(
            (
                (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * pull[0] + t**2 * end[0],
                (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * pull[1] + t**2 * end[1],
            )
        )
    return found
