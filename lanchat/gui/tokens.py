"""Tokens: every colour of the window by what it is for, light and dark.  Pure.

Widgets name styles and canvases name tokens; a colour stands here and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Mode(StrEnum):
    """How bright the window is."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours as "#rrggbb"."""

    window: str  # behind everything
    side: str  # behind the list of people
    surface: str  # of buttons and cards that stand on the window
    field: str  # of what can be typed into
    chat: str  # behind a conversation
    text: str
    muted: str  # text that matters less
    line: str  # between parts
    edge: str  # around a control: 3:1 on what it stands on
    hover: str
    press: str
    select: str  # behind the row that is chosen
    accent: str
    accent_hover: str
    on_accent: str
    on_accent_muted: str
    link: str  # text that leads somewhere
    ring: str  # around what has the keys
    ok: str
    warn: str
    bad: str
    track: str  # of a bar that fills
    thumb: str  # of a scroll bar
    peer: str  # a bubble of theirs
    mine: str  # a bubble of ours
    on_mine: str
    on_mine_muted: str
    mine_track: str  # of a bar within a bubble of ours
    bar_plain: str  # behind the bars above the composer
    bar_warn: str
    bar_bad: str
    veil: str  # over a conversation while files are dragged


LIGHT: Final = Tokens(
    window="#ffffff",
    side="#f3f5f8",
    surface="#ffffff",
    field="#ffffff",
    chat="#f6f7f9",
    text="#14171f",
    muted="#565f6d",
    line="#dfe3ea",
    edge="#7f8896",
    hover="#e9edf3",
    press="#dde3ec",
    select="#e2ebfd",
    accent="#2563eb",
    accent_hover="#1d4fd0",
    on_accent="#ffffff",
    on_accent_muted="#eaf0ff",
    link="#1d4fd0",
    ring="#2563eb",
    ok="#15743a",
    warn="#9a4a08",
    bad="#b91c1c",
    track="#e3e7ee",
    thumb="#b7bfcc",
    peer="#ffffff",
    mine="#2563eb",
    on_mine="#ffffff",
    on_mine_muted="#eaf0ff",
    mine_track="#5b8df5",
    bar_plain="#eef1f5",
    bar_warn="#fdf3e1",
    bar_bad="#fdeaea",
    veil="#e2ebfd",
)
DARK: Final = Tokens(
    window="#16181d",
    side="#1c1f26",
    surface="#22262f",
    field="#1b1e25",
    chat="#121418",
    text="#e9ecf2",
    muted="#9fa9b9",
    line="#2e333d",
    edge="#69727f",
    hover="#2a2f39",
    press="#333946",
    select="#26324a",
    accent="#2f6bea",
    accent_hover="#2a60d6",
    on_accent="#ffffff",
    on_accent_muted="#ffffff",
    link="#8ab4ff",
    ring="#6b9aff",
    ok="#4ade80",
    warn="#fbbf24",
    bad="#f98080",
    track="#343a46",
    thumb="#4b5362",
    peer="#252a34",
    mine="#2a60d6",
    on_mine="#ffffff",
    on_mine_muted="#eaf0ff",
    mine_track="#5b8df5",
    bar_plain="#1f232b",
    bar_warn="#2e2512",
    bar_bad="#331b1d",
    veil="#1d2739",
)
TOKENS: Final[Mapping[Mode, Tokens]] = MappingProxyType({Mode.LIGHT: LIGHT, Mode.DARK: DARK})

#: Every pair that is used: text on what is behind it.  WCAG 2.2, 1.4.3: at least 4.5.
TEXTS: Final = (
    *(("text", behind) for behind in (
        "window", "side", "surface", "field", "chat", "hover", "press", "select", "peer",
        "bar_plain", "bar_warn", "bar_bad", "veil")),
    *(("muted", behind) for behind in (
        "window", "side", "surface", "field", "chat", "select", "peer", "hover", "bar_plain")),
    ("on_accent", "accent"), ("on_accent", "accent_hover"), ("on_accent_muted", "accent"),
    ("on_mine", "mine"), ("on_mine_muted", "mine"),
    *((colour, behind) for colour in ("ok", "warn", "bad") for behind in (
        "window", "side", "select", "surface", "peer")),
    ("warn", "bar_warn"), ("bad", "bar_bad"),
    ("link", "window"), ("link", "side"), ("link", "peer"),
)  # fmt: skip

#: Controls and what has the keys, on what is behind them.  WCAG 2.2, 1.4.11: at least 3.
EDGES: Final = (
    ("edge", "window"), ("edge", "side"), ("edge", "field"), ("edge", "surface"),
    ("ring", "window"), ("ring", "side"), ("ring", "chat"), ("ring", "select"),
)  # fmt: skip


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, *contrast ratio*)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
