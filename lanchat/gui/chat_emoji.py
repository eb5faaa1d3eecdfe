"""Emoji within a message: in colour, where Tk would draw what its first font with one has.

On X11 that is most often a font without colours.  The text of the canvas gets blanks in their
places, as many as Tk counts indices of them, so that selecting and copying find what they did;
over the blanks stand small pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import ImageTk

from lanchat.gui import chat_pictures
from lanchat.gui.chat_brush import Brush
from lanchat.gui.text import display_draws, emoji_in, from_tk, to_tk

MOST: Final = 40  # in one message; of more Tk draws all
LONGEST: Final = 16  # characters of one: two people with their tones, and what they do, are 10
EM, QUARTER, NOTHING = "\u2003", "\u2005", "\u200b"  # blanks: as wide as a font is high, …


@dataclass(frozen=True, slots=True)
class Inline:
    """A text with blanks for its emoji: `places` of them in it, and what stands there."""

    text: str
    places: tuple[tuple[int, str], ...]


def compose(brush: Brush, shown: str) -> Inline | None:
    """A text with its emoji taken out; None if it has none, or Tk has to draw them."""
    if shown.isascii() or brush.bidi or not display_draws():
        return None
    spans = list(emoji_in(shown, MOST + 1))
    if not spans or len(spans) > MOST or not _blank(brush):
        return None
    wide = brush.font("text").measure(EM)
    parts: list[str] = []
    places: list[tuple[int, str]] = []
    length = at = 0
    for start, end in spans:
        cluster = shown[start:end]
        if len(cluster) > LONGEST or not chat_pictures.inline(cluster, wide, brush.behind):
            continue
        count = to_tk(cluster, len(cluster))
        blanks = (EM + QUARTER * (count > 1)).ljust(count, NOTHING)
        parts += (shown[at:start], blanks)
        length += start - at
        places.append((length, cluster))
        length += count
        at = end
    return Inline("".join((*parts, shown[at:])), tuple(places)) if places else None


def place(
    brush: Brush, inline: Inline, lines: Sequence[tuple[int, int]], x: int, y: int,
    behind: str, tag: str,
) -> list[ImageTk.PhotoImage]:  # fmt: skip
    """Draw the pictures over a text at x, y; they have to be kept while it is shown.

    `lines` says where each line of `inline.text` begins and ends.
    """
    font, line = brush.font("text"), brush.line("text")
    em, quarter = font.measure(EM), font.measure(EM + QUARTER)
    kept: list[ImageTk.PhotoImage] = []
    at = 0
    for here, cluster in inline.places:
        while at + 1 < len(lines) and here >= lines[at][1]:
            at += 1
        wide = quarter if inline.text[here + 1 : here + 2] == QUARTER else em
        drawn = chat_pictures.inline(cluster, wide, behind)
        if drawn is None:
            continue
        picture = ImageTk.PhotoImage(drawn, master=brush.canvas)
        kept.append(picture)
        left = x + font.measure(inline.text[lines[at][0] : here])
        top = y + at * line + (line - drawn.height) // 2
        brush.canvas.create_image(left, top, image=picture, anchor="nw", tags=tag)
    return kept


def laid(inline: Inline | None, shown: str, place: int) -> int:
    """Where a place of what is shown is in what Tk was given."""
    return place if inline is None else from_tk(inline.text, to_tk(shown, place))


def _blank(brush: Brush) -> bool:
    """Whether the font has these blanks: one as wide as it is high, one that is nothing."""
    font = brush.font("text")
    high = abs(int(font.actual("size")))
    return font.measure(f"a{NOTHING}b") == font.measure("ab") and font.measure(EM) >= high // 2
