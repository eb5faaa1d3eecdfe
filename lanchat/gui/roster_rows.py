"""Roster rows: draws one row of the list of people on its canvas.

Everything of a row carries the row's tag.  Texts are cut by measuring, so that a row is
full and never too full.
"""

import tkinter as tk
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

from PIL import ImageTk

from lanchat.gui import attending, chat_mixed, patches
from lanchat.gui.avatars import avatar
from lanchat.gui.badges import MUTED
from lanchat.gui.badges import badge as badge_of
from lanchat.gui.chat_brush import Brush
from lanchat.gui.listing import Entry, Heading, Note, PersonRow, Row
from lanchat.gui.shortening import fitted
from lanchat.gui.theme import Theme
from lanchat.identity.trust import Trust
from lanchat.node.person import Person

HEADING: Final = 34  # px at 100 %
NOTE: Final = 28
ENTRY: Final = 58
MARGIN: Final = 8  # left and right of what a row stands on
RADIUS: Final = 8
AVATAR: Final = 40
BADGE: Final = 15
SIGN: Final = 12
MOST_UNREAD: Final = 99
_FACE: Final = 10  # px from the plate to the avatar
_TEXT: Final = 60  # px from the plate to the texts
_END: Final = 12  # px from the texts to the right end of the plate
_UPPER: Final = 20  # px from the top to the middle of a line
_LOWER: Final = 40
_ENDLESS: Final = 1 << 20  # px: a line that was cut to fit already
Anchor = Literal["nw", "w", "e", "center"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a row is drawn; `on` is the token of what it stands on."""

    on: str = "side"
    ring: bool = False  # it has the keys


@dataclass(slots=True)
class Kept:
    """What has to live as long as a row is shown: Tk forgets a picture nobody holds."""

    pictures: list[ImageTk.PhotoImage] = field(default_factory=list)


class RowPainter:
    """Draws rows on one canvas.  Lives on the Tk thread."""

    def __init__(self, canvas: tk.Canvas, theme: Theme) -> None:
        self._canvas = canvas
        self._theme = theme
        self._brush = Brush(canvas, theme)
        self._plates: dict[tuple[int, Look], ImageTk.PhotoImage] = {}
        self._fit = lru_cache(maxsize=4096)(self._fitted)

    def heights(self, rows: Sequence[Row]) -> Iterator[int]:
        """How high each row is."""
        px = self._theme.px
        known = {Heading: px(HEADING), Note: px(NOTE)}
        entry = px(ENTRY)
        return (known.get(type(row), entry) for row in rows)

    def forget(self) -> None:
        """Another width, other colours or other fonts: measure anew."""
        self._plates.clear()
        self._brush.refresh()
        self._fit.cache_clear()

    def paint(self, tag: str, row: Row, look: Look, top: int, width: int) -> Kept:
        """Draw a row from `top` on, as wide as the list."""
        match row:
            case Heading(text=text):
                self._heading(tag, text.upper(), top, width)
                return Kept()
            case Note(text=text):
                self._note(tag, text, top, width)
                return Kept()
            case _:
                kept = Kept()
                self._entry(tag, row, look, (top, width), kept)
                return kept

    # --- kinds of rows ------------------------------------------------------------------

    def _heading(self, tag: str, text: str, top: int, width: int) -> None:
        px = self._theme.px
        room = width - px(18) - px(MARGIN)
        self._text(tag, px(18), top + px(HEADING - 13), self._fit(text, "meta", room), "meta")

    def _note(self, tag: str, text: str, top: int, width: int) -> None:
        px = self._theme.px
        room = width - px(18) - px(MARGIN)
        self._text(tag, px(18), top + px(11), self._fit(text, "small", room), "small")

    def _entry(
        self, tag: str, row: Entry, look: Look, place: tuple[int, int], kept: Kept
    ) -> None:
        px, (top, width) = self._theme.px, place
        left, right = px(MARGIN), width - px(MARGIN)
        if look != Look():
            plate = self._plate(right - left, look)
            self._image(tag, left, top, plate, "nw", kept)
        presence = attending.dot(row.person) if isinstance(row, PersonRow) else None
        face = avatar(self._theme, row.peer_id, row.name, AVATAR, presence, on=look.on)
        self._image(tag, left + px(_FACE), top + px(ENTRY) // 2, face, "w", kept)
        room = (left + px(_TEXT), right - px(_END))
        self._first_line(tag, row, look, (top + px(_UPPER), *room), kept)
        self._second_line(tag, row, look, (top + px(_LOWER), *room), kept)

    def _first_line(
        self, tag: str, row: Entry, look: Look, place: tuple[int, int, int], kept: Kept
    ) -> None:
        """The name, how far it is trusted, and when something was said."""
        px, (middle, begin, end) = self._theme.px, place
        if row.when:
            self._text(tag, end, middle, row.when, "meta", anchor="e")
            end -= self._theme.font("meta").measure(row.when) + px(10)
        person = row.person if isinstance(row, PersonRow) else None
        marks = _marks(person) if person else ()
        badge = (px(BADGE) + px(6)) * len(marks)
        name = self._fit(row.name, "strong", end - begin - badge)
        blocked = person is not None and person.trust is Trust.BLOCKED
        ink = ("strong", "muted" if blocked else "text", look.on)
        wide = self._words(tag, (begin, middle), name, ink, kept)
        for at, (sign, colour) in enumerate(marks):
            icon = self._theme.icon(sign, BADGE, colour, look.on)
            left = begin + wide + px(6) + at * (px(BADGE) + px(6))
            self._image(tag, left, middle, icon, "w", kept)

    def _second_line(
        self, tag: str, row: Entry, look: Look, place: tuple[int, int, int], kept: Kept
    ) -> None:
        """What was said last, and how much of it is new."""
        px, (middle, begin, end) = self._theme.px, place
        unread = row.person.unread if isinstance(row, PersonRow) else 0
        if isinstance(row, PersonRow) and unread:
            count = self._count if row.person.muted else self._pill
            end -= count(tag, unread, look, (end, middle), kept) + px(8)
        conflict = isinstance(row, PersonRow) and row.person.trust is Trust.CONFLICT
        quiet = isinstance(row, PersonRow) and row.person.muted
        loud = (unread or row.asks) and not quiet
        colour = "bad" if conflict else "text" if loud else "muted"
        if row.sign:
            icon = self._theme.icon(row.sign, SIGN, colour, look.on)
            self._image(tag, begin, middle, icon, "w", kept)
            begin += px(SIGN) + px(5)
        small = self._theme.font("small")
        tail = f" {row.tail}" if row.tail else ""
        line = self._fit(row.line, "small", end - begin - small.measure(tail)) + tail
        self._words(tag, (begin, middle), line, ("small", colour, look.on), kept)

    def _pill(
        self, tag: str, number: int, look: Look, place: tuple[int, int], kept: Kept
    ) -> int:
        """How much nobody has read, at the right end; gives its width."""
        theme, (right, middle), text = self._theme, place, _unread(number)
        high = theme.px(20)
        wide = max(theme.font("meta").measure(text) + theme.px(12), high)
        tokens = theme.tokens
        behind = getattr(tokens, look.on)
        picture = theme.picture(
            (f"pill {wide}", high, tokens.accent, behind),
            lambda: patches.photo(
                self._canvas, patches.box((wide, high), high // 2, tokens.accent, behind)
            ),
        )
        self._image(tag, right, middle, picture, "e", kept)
        x = right - wide // 2
        self._text(tag, x, middle, text, "meta", "on_accent", anchor="center")
        return wide

    def _count(
        self, tag: str, number: int, _look: Look, place: tuple[int, int], _kept: Kept
    ) -> int:
        """The same of somebody who is muted: a number that calls nobody."""
        (right, middle), text = place, _unread(number)
        self._text(tag, right, middle, text, "meta", anchor="e")
        return self._theme.font("meta").measure(text)

    # --- pieces -------------------------------------------------------------------------

    def _plate(self, width: int, look: Look) -> ImageTk.PhotoImage:
        """What a row stands on that is chosen, pointed at or has the keys."""
        held = self._plates.get((width, look))
        if held is None:
            theme = self._theme
            picture = patches.box(
                (max(width, 1), theme.px(ENTRY)),
                theme.px(RADIUS),
                getattr(theme.tokens, look.on),
                theme.tokens.side,
                edge=theme.tokens.ring if look.ring else None,
                width=theme.px(2),
            )
            held = self._plates[width, look] = patches.photo(self._canvas, picture)
        return held

    def _words(
        self, tag: str, place: tuple[int, int], text: str, ink: tuple[str, str, str], kept: Kept
    ) -> int:
        """Somebody's words, in a role and colour, on a token; gives their width.

        Where the display cannot order letters from right to left, they are ordered here.
        """
        (x, middle), (role, colour, on) = place, ink
        tokens = self._theme.tokens
        mixed = chat_mixed.compose(self._brush, text, _ENDLESS, role)
        if mixed is None:
            self._text(tag, x, middle, text, role, colour)
            return self._theme.font(role).measure(text)
        top = middle - mixed.height // 2
        drawn = chat_mixed.place(
            self._brush, mixed, x, top, getattr(tokens, colour), getattr(tokens, on), tag
        )
        kept.pictures += drawn
        return mixed.width

    def _text(
        self, tag: str, x: int, y: int, text: str, role: str, colour: str = "muted",
        anchor: Anchor = "w",
    ) -> None:  # fmt: skip
        self._canvas.create_text(
            x, y, text=text, anchor=anchor, tags=tag,
            font=self._theme.font(role), fill=getattr(self._theme.tokens, colour),
        )  # fmt: skip

    def _image(
        self, tag: str, x: int, y: int, picture: ImageTk.PhotoImage, anchor: Anchor, kept: Kept
    ) -> None:
        kept.pictures.append(picture)
        self._canvas.create_image(x, y, image=picture, anchor=anchor, tags=tag)

    def _fitted(self, text: str, role: str, width: int) -> str:
        return fitted(self._theme.font(role), text, width)


def _marks(person: Person) -> tuple[tuple[str, str], ...]:
    """Icon and colour of what stands behind a name: trust, away or busy, and muted."""
    muted = MUTED if person.muted else None
    marks = (badge_of(person), attending.mark(person), muted)
    return tuple((one.icon, one.colour) for one in marks if one is not None)


def _unread(number: int) -> str:
    return str(number) if number <= MOST_UNREAD else f"{MOST_UNREAD}+"
