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
    full: str  # of a bar that fills: how far it is
    track: str  # behind that
    thumb: str  # of a scroll bar
    peer: str  # a bubble of theirs
    peer_button: str  # of buttons in it, and of what a picture stands on
    peer_hover: str
    mine: str  # a bubble of ours
    on_mine: str
    on_mine_muted: str
    mine_button: str
    mine_hover: str
    mine_edge: str  # around a control in it: 3:1
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
    accent_hover="#225bdc",
    on_accent="#ffffff",
    on_accent_muted="#eaf0ff",
    link="#1d4fd0",
    ring="#2563eb",
    ok="#15743a",
    warn="#9a4a08",
    bad="#b91c1c",
    full="#2563eb",
    track="#e3e7ee",
    thumb="#b7bfcc",
    peer="#ffffff",
    peer_button="#efefef",
    peer_hover="#dedfe0",
    mine="#2563eb",
    on_mine="#ffffff",
    on_mine_muted="#eaf0ff",
    mine_button="#2055ca",
    mine_hover="#1a45a4",
    mine_edge="#bed0f9",
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
    edge="#6b7482",
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
    full="#6b9aff",
    track="#343a46",
    thumb="#4b5362",
    peer="#252a34",
    peer_button="#333841",
    peer_hover="#40454f",
    mine="#2a60d6",
    on_mine="#ffffff",
    on_mine_muted="#eaf0ff",
    mine_button="#2453b8",
    mine_hover="#1d4396",
    mine_edge="#b4c7f2",
    mine_track="#5b8df5",
    bar_plain="#1f232b",
    bar_warn="#2e2512",
    bar_bad="#331b1d",
    veil="#1d2739",
)
TOKENS: Final[Mapping[Mode, Tokens]] = MappingProxyType({Mode.LIGHT: LIGHT, Mode.DARK: DARK})

#: Text on what is behind it.  WCAG 2.2, 1.4.3: at least 4.5.  What is drawn is measured too
#: (tests/gui/readable.py); these hold where nobody has drawn it yet.
TEXTS: Final = (
    *(("text", behind) for behind in (
        "window", "side", "surface", "field", "chat", "hover", "press", "select", "peer",
        "peer_button", "peer_hover", "bar_plain", "bar_warn", "bar_bad", "veil")),
    *(("muted", behind) for behind in (
        "window", "side", "surface", "field", "chat", "select", "peer", "peer_button", "hover",
        "bar_plain", "veil")),
    ("on_accent", "accent"), ("on_accent", "accent_hover"), ("on_accent_muted", "accent"),
    *(("on_mine", behind) for behind in ("mine", "mine_button", "mine_hover")),
    *(("on_mine_muted", behind) for behind in ("mine", "mine_button")),
    *((colour, behind) for colour in ("ok", "warn", "bad") for behind in (
        "window", "side", "hover", "select", "surface", "chat", "peer", "bar_plain", "veil")),
    ("warn", "bar_warn"), ("bad", "bar_bad"), ("bad", "press"),
    *(("link", behind) for behind in (
        "window", "side", "hover", "press", "chat", "peer", "peer_button", "veil")),
)  # fmt: skip

#: Controls and what has the keys, on what is behind them.  WCAG 2.2, 1.4.11: at least 3.
EDGES: Final = (
    *(("edge", behind) for behind in (
        "window", "side", "field", "surface", "peer", "bar_plain", "bar_warn", "bar_bad")),
    *(("ring", behind) for behind in (
        "window", "side", "surface", "field", "chat", "hover", "press", "select", "peer",
        "peer_button", "bar_plain", "bar_warn", "bar_bad")),
    ("text", "accent"), ("text", "accent_hover"),  # around a button of that colour
    ("accent", "window"), ("accent", "peer"), ("accent", "chat"),
    ("mine_edge", "mine"), ("on_mine", "mine_button"), ("on_mine", "mine_track"),
    ("full", "track"), ("ok", "track"), ("warn", "track"), ("bad", "track"),
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
