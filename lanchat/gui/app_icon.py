"""The app icon: a bubble that is a shield, at every size a desktop asks for."""

from typing import Final

from PIL import Image, ImageDraw, ImageTk

from lanchat.gui import patches
from lanchat.gui.theme import Theme

SIZES: Final = (16, 24, 32, 48, 64, 128, 256, 512)
_WINDOW: Final = (16, 32, 48, 128)  # what a window manager picks from
_OVER: Final = 4
_PARTS: Final = 16  # straight pieces of a curve
_BLUE, _DEEP, _DOT = "#2563eb", "#1d4fd0", "#ef4444"


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
    unit = large / 64
    pen.rounded_rectangle(
        (4 * unit, 6 * unit, 60 * unit, 48 * unit), radius=13 * unit, fill=_BLUE
    )
    pen.polygon([(14 * unit, 46 * unit), (14 * unit, 61 * unit), (31 * unit, 46 * unit)], _BLUE)
    pen.polygon([(x * unit, y * unit) for x, y in _shield()], fill="#ffffff")
    pen.line(
        [(25 * unit, 26 * unit), (30.5 * unit, 31.5 * unit), (39.5 * unit, 21 * unit)],
        fill=_DEEP,
        width=round(4.2 * unit),
        joint="curve",
    )
    if unread:
        pen.ellipse((40 * unit, 0, 64 * unit, 24 * unit), fill="#ffffff")
        pen.ellipse((42.5 * unit, 2.5 * unit, 61.5 * unit, 21.5 * unit), fill=_DOT)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def _shield() -> list[tuple[float, float]]:
    """Its outline within 64 by 64, from the point at the top and round by the right."""
    right = [
        *_curve((32, 11), (38, 15.5), (46, 16)),
        *_curve((46, 16), (47.5, 36), (32, 44)),
    ]
    return right + [(64 - x, y) for x, y in reversed(right)]


def _curve(
    start: tuple[float, float], pull: tuple[float, float], end: tuple[float, float]
) -> list[tuple[float, float]]:
    """A Bézier curve of the second degree."""
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
