"""Emoji within a message: in colour, where Tk would draw what its first font with one has.

On X11 that is most often a font without colours.  The text of the canvas gets blanks in their
places, as many as Tk counts indices of them, so that selecting and copying find what they did;
over the blanks stand small pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageTk

from lanchat.gui import chat_pictures
from lanchat.gui.chat_brush import EM, NOTHING, QUARTER, Brush
from lanchat.gui.text import display_draws, emoji_in, from_tk, to_tk

MOST: Final = 24  # in one message; of more Tk draws all
HELD: Final = 256  # pictures that wait to be shown again
LONGEST: Final = 16  # characters of one: two people with their tones, and what they do, are 10


@dataclass(frozen=True, slots=True)
class Inline:
    """A text with blanks for its emoji: `places` of them in it, and what stands there."""

    text: str
    places: tuple[tuple[int, str, int], ...]  # where, which, how wide


def compose(brush: Brush, shown: str) -> Inline | None:
    """A text with its emoji taken out; None if it has none, or Tk has to draw them."""
    if shown.isascii() or brush.bidi or not display_draws():
        return None
    spans = list(emoji_in(shown, MOST + 1))
    wide = brush.blanks if 0 < len(spans) <= MOST else None
    if wide is None:
        return None
    parts: list[str] = []
    places: list[tuple[int, str, int]] = []
    length = at = 0
    for start, end in spans:
        cluster = shown[start:end]
        count = to_tk(cluster, len(cluster))
        room = wide[count > 1]
        if len(cluster) > LONGEST or not chat_pictures.inline(cluster, room):
            continue
        parts += (shown[at:start], (EM + QUARTER * (count > 1)).ljust(count, NOTHING))
        length += start - at
        places.append((length, cluster, room))
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
    line = brush.line("text")
    kept: list[ImageTk.PhotoImage] = []
    at = 0
    for here, cluster, wide in inline.places:
        while at + 1 < len(lines) and here >= lines[at][1]:
            at += 1
        picture = _picture(brush, cluster, wide, behind)
        kept.append(picture)
        left = x + brush.along(inline.text[lines[at][0] : here])
        top = y + at * line + (line - picture.height()) // 2
        brush.canvas.create_image(left, top, image=picture, anchor="nw", tags=tag)
    return kept


def _picture(brush: Brush, cluster: str, wide: int, behind: str) -> ImageTk.PhotoImage:
    """One emoji on a colour: without one Tk would fetch what it is drawn over."""
    key = cluster, wide, behind
    held = brush.emoji.get(key)
    if held is None:
        drawn = chat_pictures.inline(cluster, wide)
        if drawn is None:
            raise AssertionError("`compose` takes none that cannot be drawn")
        whole = Image.new("RGB", drawn.size, behind)
        whole.paste(drawn, mask=drawn)
        if len(brush.emoji) >= HELD:
            brush.emoji.clear()  # those that are shown are held there
        held = brush.emoji[key] = ImageTk.PhotoImage(whole, master=brush.canvas)
    return held


def laid(inline: Inline | None, shown: str, place: int) -> int:
    """Where a place of what is shown is in what Tk was given."""
    return place if inline is None else from_tk(inline.text, to_tk(shown, place))
