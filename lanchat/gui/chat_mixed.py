"""Mixed lines: a message with words from right to left, on a display that cannot order them.

Tk on X11 draws Hebrew and Arabic letter by letter in the order they are stored.  Here such a
message is wrapped, ordered by `bidi` and drawn in pieces: words from right to left as small
pictures, all else by Tk, which knows every font.  Such a text is copied whole, not in part.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from tkinter.font import Font
from typing import Final

from PIL import ImageTk

from lanchat.gui import bidi, chat_pictures
from lanchat.gui.chat_brush import Brush
from lanchat.gui.text import right_to_left

MOST_PIECES: Final = 240  # runs; a message of more is drawn as Tk draws it
# Letters from right to left, with the signs and blanks between them.
_WORDS: Final = re.compile(
    r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff"
    r"\u0300-\u036f\u200c\u200d !-/:-@\[-`{-~\xa0\xab\xbb\u2010-\u2027]+"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line, drawn at once."""

    text: str
    shaped: bool  # as a picture
    width: int


@dataclass(frozen=True, slots=True)
class Mixed:
    """A message, wrapped and ordered."""

    lines: tuple[tuple[tuple[Piece, ...], bool], ...]  # pieces, and whether it ends at the left
    width: int
    line: int  # px from one to the next
    base: int  # px from the top of a line to where its letters stand
    role: str = "text"  # of the font

    @property
    def height(self) -> int:
        """How high it is in all."""
        return self.line * len(self.lines)


def compose(brush: Brush, text: str, wrap: int, role: str = "text") -> Mixed | None:
    """Wrap and order a message; None if Tk can do that itself, or nobody can."""
    if brush.bidi or not right_to_left(text) or not chat_pictures.can_shape():
        return None
    font = brush.font(role)
    size = _pixels(brush, role)
    ruler = _Ruler(font, size, bold=role == "strong")
    lines: list[tuple[tuple[Piece, ...], bool]] = []
    pieces = 0
    for paragraph in text.split("\n"):
        base = int(bidi.rtl(paragraph))
        levels = bidi.levels(paragraph, base)
        for one, end in bidi.wrap(ruler.letters(paragraph), paragraph, wrap):
            stop = one + len(paragraph[one:end].rstrip())
            ordered = bidi.runs(levels[one:stop], one)
            pieces += len(ordered)
            if pieces > MOST_PIECES:
                return None
            line = tuple(piece for run in ordered for piece in ruler.pieces(paragraph, run))
            lines.append((line, bool(base)))
    ascent, descent = chat_pictures.tallest(size)
    above = max(int(font.metrics("ascent")), ascent)
    below = max(int(font.metrics("descent")), descent)
    width = max(sum(piece.width for piece in line) for line, _back in lines)
    return Mixed(tuple(lines), width, above + below, above, role)


def place(
    brush: Brush, mixed: Mixed, x: int, y: int, colour: str, behind: str, tag: str
) -> list[ImageTk.PhotoImage]:
    """Draw it with its left top there; the pictures have to be kept while it is shown."""
    font = brush.font(mixed.role)
    size = _pixels(brush, mixed.role)
    kept: list[ImageTk.PhotoImage] = []
    for number, (line, back) in enumerate(mixed.lines):
        top = y + number * mixed.line
        left = x + (mixed.width - sum(piece.width for piece in line) if back else 0)
        for piece in line:
            if piece.shaped:
                drawn = chat_pictures.words(
                    piece.text,
                    size,
                    colour,
                    behind,
                    mixed.line,
                    mixed.base,
                    bold=mixed.role == "strong",
                )
                picture = ImageTk.PhotoImage(drawn, master=brush.canvas)
                kept.append(picture)
                brush.canvas.create_image(left, top, image=picture, anchor="nw", tags=tag)
            else:
                lift = mixed.base - int(font.metrics("ascent"))
                brush.text(left, top + lift, piece.text, mixed.role, colour, tag)
            left += piece.width
    return kept


def _pixels(brush: Brush, role: str) -> int:
    """The size of a font; the theme gives its fonts in pixels, which are negative."""
    size = int(brush.font(role).cget("size"))
    return -size if size < 0 else brush.px(14)


class _Ruler:
    """Measures and cuts pieces."""

    def __init__(self, font: Font, size: int, *, bold: bool) -> None:
        self._font = font
        self._size = size
        self._bold = bold
        self._known: dict[str, float] = {}

    def letters(self, paragraph: str) -> list[float]:
        """About how wide each letter is, without its neighbours; good for breaking lines."""
        known = self._known
        for letter in set(paragraph) - known.keys():
            marked = unicodedata.category(letter)[0] == "M" or letter in "\u200c\u200d"
            known[letter] = 0.0 if marked else self._width(letter, right_to_left(letter))
        return [known[letter] for letter in paragraph]

    def pieces(self, paragraph: str, run: bidi.Run) -> list[Piece]:
        """A run as pieces, from left to right."""
        text = paragraph[run.start : run.end]
        if not run.rtl:
            return [Piece(text, False, round(self._font.measure(text)))]
        found = [
            Piece(part, shaped, round(self._width(part, shaped)))
            for part, shaped in _parts(text)
        ]
        return found[::-1]

    def _width(self, text: str, shaped: bool) -> float:
        if shaped:
            return chat_pictures.width(text, self._size, bold=self._bold)
        return self._font.measure(text)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Parts of a run that have to be shaped, and parts that Tk draws."""
    at = 0
    for found in _WORDS.finditer(text):
        if found.start() > at:
            yield text[at : found.start()], False
        yield found.group(), True
        at = found.end()
    if at < len(text):
        yield text[at:], False
