"""Avatars: a disc with initials, its colour made of the key, and the presence beside it.

A nickname can be copied, a colour of the key cannot be chosen.  Presence is told by shape,
not by colour alone: full for online, a ring for seen, half for doubtful, hollow for offline,
the hands of a clock for away, a bar for busy, a stroke through for invisible.
"""

import hashlib
import unicodedata
from typing import Final

from PIL import Image, ImageDraw, ImageTk

from lanchat.gui import icons, lettering, patches
from lanchat.gui.theme import Theme
from lanchat.gui.tokens import Tokens
from lanchat.identity.keys import PeerId
from lanchat.node.presence import Availability, Presence

_OVER: Final = 4
#: White letters have a contrast of at least 4.5 on each (tests/gui/test_tokens.py).
COLOURS: Final = (
    "#7c3aed", "#0f766e", "#a3500a", "#be185d", "#15803d", "#1d4ed8", "#b91c1c", "#4d7c0f",
    "#0e7490", "#9333ea", "#7c2d12", "#334155", "#86198f", "#4338ca", "#9f1239", "#166534",
)  # fmt: skip


def colour(peer_id: PeerId) -> str:
    """The colour of a key."""
    return COLOURS[hashlib.sha256(peer_id.key).digest()[0] % len(COLOURS)]


def initials(name: str) -> str:
    """One or two letters for a name; "?" where it has none."""
    words = [word for word in name.split() if any(one.isalnum() for one in word)]
    letters = [next(one for one in word if one.isalnum()) for word in words]
    if not letters:
        return "?"
    chosen = letters[0] if len(letters) == 1 else letters[0] + letters[-1]
    return unicodedata.normalize("NFC", chosen).upper()[:2]


def avatar(
    theme: Theme,
    peer_id: PeerId,
    name: str,
    size: int,
    presence: Presence | Availability | None,
    on: str = "side",
) -> ImageTk.PhotoImage:
    """The disc of somebody, `size` px at 100 %, on the token `on`."""
    return disc(theme, colour(peer_id), name, size, presence, on)


def disc(
    theme: Theme,
    fill: str,
    name: str,
    size: int,
    presence: Presence | Availability | None,
    on: str,
) -> ImageTk.PhotoImage:
    """A disc of a colour of `COLOURS`, where there is no key to make it of."""
    letters = initials(name)
    behind = getattr(theme.tokens, on)
    shown = presence.value if presence else ""
    key = (f"avatar {letters} {fill} {shown} {theme.mode}", theme.px(size), fill, behind)
    return theme.picture(
        key,
        lambda: patches.photo(
            theme.root, _draw(letters, fill, theme.px(size), shown, theme.tokens, behind)
        ),
    )


def _draw(
    letters: str, fill: str, size: int, presence: str, tokens: Tokens, behind: str
) -> Image.Image:
    large = size * _OVER
    picture = Image.new("RGB", (large, large), behind)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((0, 0, large - 1, large - 1), fill=fill)
    font = lettering.font(letters, round(large * (0.40 if len(letters) > 1 else 0.46)))
    if font is not None:
        draw.text((large / 2, large / 2), letters, font=font, fill="#ffffff", anchor="mm")
    else:
        inner = round(large * 0.6)
        corner = ((large - inner) // 2, (large - inner) // 2)
        picture.paste(icons.draw("person", inner, "#ffffff", fill), corner)
    if presence:
        _mark(draw, large, presence, tokens, behind)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def _mark(
    draw: ImageDraw.ImageDraw, large: int, presence: str, tokens: Tokens, behind: str
) -> None:
    """The presence, at the lower right."""
    radius, gap = large * 0.155, large * 0.055
    centre = large - radius - gap * 0.4
    outer = (centre - radius - gap, centre - radius - gap,
             centre + radius + gap, centre + radius + gap)  # fmt: skip
    inner = (centre - radius, centre - radius, centre + radius, centre + radius)
    draw.ellipse(outer, fill=behind)
    width = max(round(radius * 0.48), 1)
    match presence:
        case Presence.ONLINE:
            draw.ellipse(inner, fill="#22a655")
        case Presence.SEEN:
            draw.ellipse(inner, outline="#22a655", width=width)
        case Presence.DOUBTFUL:
            draw.ellipse(inner, outline="#d97706", width=width // 2 + 1)
            draw.pieslice(inner, 90, 270, fill="#d97706")
        case Availability.AWAY:
            draw.ellipse(inner, fill="#d97706")
            draw.line(
                (centre, centre - radius * 0.6, centre, centre, centre + radius * 0.5, centre),
                fill="white", width=width // 2 + 1,
            )  # fmt: skip
        case Availability.BUSY:
            draw.ellipse(inner, fill="#dc2626")
            bar = (centre - radius * 0.55, centre - width * 0.3,
                   centre + radius * 0.55, centre + width * 0.3)  # fmt: skip
            draw.rectangle(bar, fill="white")
        case Availability.INVISIBLE:
            draw.ellipse(inner, outline=tokens.muted, width=width // 2 + 1)
            slope = radius * 0.7
            draw.line(
                (centre - slope, centre + slope, centre + slope, centre - slope),
                fill=tokens.muted, width=width // 2 + 1,
            )  # fmt: skip
        case _:
            draw.ellipse(inner, outline=tokens.muted, width=width // 2 + 1)
