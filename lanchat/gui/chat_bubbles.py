"""Bubbles: one message on the canvas, with its links, its moment and its state."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from PIL import ImageTk

from lanchat.gui import chat_emoji, chat_mixed, chat_pictures, chat_told, chat_words, links
from lanchat.gui.chat_brush import Brush, Paint, Radii
from lanchat.gui.chat_drawn import Drawn, Hint, Room, Side, Spot, Whole
from lanchat.gui.chat_layout import Bulk
from lanchat.gui.items import Said
from lanchat.gui.text import (
    ELLIPSIS,
    big_emoji,
    cut,
    emoji_in,
    from_tk,
    one_line,
    to_tk,
    ui_text,
)
from lanchat.gui.translate import _

RADIUS: Final = 12
JOINED: Final = 4  # radius of a corner towards the next bubble of a group
PAD_X: Final = 12
PAD_TOP: Final = 8
PAD_LOW: Final = 9
GAP: Final = 8
GROUPED: Final = 2  # the gap within a group
FOOT: Final = 17  # the line of the moment, px at 100 %
BIG: Final = 44  # an emoji that stands alone
QUOTE: Final = 24
LONGEST_QUOTE: Final = 120


def bulk(brush: Brush, said: Said) -> Bulk:
    """What the height of a message is guessed from."""
    px = brush.px
    fixed = px(PAD_TOP) + px(PAD_LOW) + px(GAP if said.last else GROUPED)
    fixed += (px(FOOT) if _has_foot(said) else 0) + (px(QUOTE) if said.quoted else 0)
    text = said.text
    if len(text) < 200 and "\n" not in text:
        return Bulk(fixed, (len(text),))
    head, was_cut = cut(text)
    fixed += px(FOOT) if was_cut else 0
    return Bulk(fixed, tuple(map(len, head.split("\n"))))


@dataclass(slots=True)
class _Body:
    """What stands in a bubble above its foot; made before anybody knows where."""

    width: int
    height: int
    text: int = 0
    inline: chat_emoji.Inline | None = None
    mixed: chat_mixed.Mixed | None = None
    picture: ImageTk.PhotoImage | None = None


@dataclass(frozen=True, slots=True)
class _Laid:
    """A text on the canvas: what Tk was given, where its lines begin and end, its left top."""

    text: str
    lines: list[tuple[int, int]]
    x: int
    y: int


class Bubbles:
    """Draws messages.  Lives on the Tk thread."""

    def __init__(self, brush: Brush, zone: tzinfo | None = None) -> None:
        self._brush = brush
        self._zone = zone

    def draw(self, number: int, said: Said, top: int, room: Room, now_ms: int) -> Drawn:
        """One message, its bubble beginning at `top`."""
        brush, px = self._brush, self._brush.px
        tag = f"n{number}"
        shown, was_cut = _shown(said.text)
        clusters = () if said.quoted else big_emoji(shown)
        paint = brush.paint(mine=said.mine)
        body = self._body(shown, clusters, tag, paint, room)
        foot = self._foot(said, now_ms)
        whole = _("Show all of it") if was_cut else ""
        quote = one_line(said.quoted, LONGEST_QUOTE) if said.quoted else ""
        widest = self._widest(body, foot, whole, quote, room, said)
        width = widest + 2 * px(PAD_X)
        head = px(PAD_TOP) + (px(QUOTE) if quote else 0)
        height = head + body.height + px(PAD_LOW)
        height += (px(FOOT) if whole else 0) + (px(FOOT) if foot else 0)
        side = Side.RIGHT if said.mine else Side.LEFT
        drawn = Drawn(
            number, said, tag, side, room.left(side, width), top, width, height,
            height + px(GAP if said.last else GROUPED),
        )  # fmt: skip
        drawn.radii = self._radii(said)
        drawn.shown = shown
        if body.picture is None:
            drawn.fill = paint.fill
            brush.box(
                drawn.left, top, width, height, paint.fill, brush.behind, drawn.radii,
                (tag, f"{tag}box"),
            )  # fmt: skip
        if quote:
            self._quote(drawn, quote, widest, paint)
        self._put(drawn, body, head, paint)
        low = head + body.height
        if whole:
            self._whole(drawn, whole, low, paint)
        if foot:
            self._put_foot(drawn, said, foot, paint, alone=body.picture is not None)
        return drawn

    # --- what stands in it --------------------------------------------------------------

    def _body(
        self, shown: str, clusters: tuple[str, ...], tag: str, paint: Paint, room: Room
    ) -> _Body:
        brush = self._brush
        if clusters:
            drawn = chat_pictures.emoji(clusters, brush.px(BIG), brush.behind)
            if drawn is not None:
                picture = ImageTk.PhotoImage(drawn, master=brush.canvas)
                return _Body(drawn.width, drawn.height, picture=picture)
        wrap = room.wrap - 2 * brush.px(PAD_X)
        mixed = chat_mixed.compose(brush, shown, wrap)
        if mixed is not None:
            return _Body(mixed.width, mixed.height, mixed=mixed)
        inline = chat_emoji.compose(brush, shown)
        given = shown if inline is None else inline.text
        text = brush.text(0, 0, given, "text", paint.text, tag, wrap=wrap)
        return _Body(*brush.size(text), text=text, inline=inline)

    def _widest(
        self, body: _Body, foot: str, whole: str, quote: str, room: Room, said: Said
    ) -> int:
        brush, px = self._brush, self._brush.px
        most = room.wrap - 2 * px(PAD_X)
        small = brush.font("meta")
        feet = small.measure(foot) + (px(20) if said.mine else 0) if foot else 0
        quoted = min(brush.font("small").measure(quote) + px(12), most) if quote else 0
        return max(body.width, feet, small.measure(whole), quoted, px(8))

    def _put(self, drawn: Drawn, body: _Body, head: int, paint: Paint) -> None:
        canvas, px = self._brush.canvas, self._brush.px
        x, y = drawn.left + px(PAD_X), drawn.top + head
        if body.picture is not None:
            x = drawn.left + (drawn.width - body.width if drawn.side is Side.RIGHT else 0)
            canvas.create_image(x, y, image=body.picture, anchor="nw", tags=drawn.tag)
            drawn.kept.append(body.picture)
        elif body.mixed is not None:
            back = all(right for _line, right in body.mixed.lines)
            x += drawn.width - 2 * px(PAD_X) - body.width if back else 0
            drawn.kept += chat_mixed.place(
                self._brush, body.mixed, x, y, paint.text, paint.fill, drawn.tag
            )
        else:
            canvas.coords(body.text, x, y)
            canvas.tag_raise(body.text)
            drawn.text = body.text
            self._over(drawn, body, x, y, paint)

    def _over(self, drawn: Drawn, body: _Body, x: int, y: int, paint: Paint) -> None:
        """Emoji, and lines under what can be opened."""
        shown, inline = drawn.shown, body.inline
        maybe = "://" in shown or "lanchat:" in shown.lower()
        found = links.find(shown) if maybe else ()
        if not found and inline is None:
            return
        laid = self._laid(drawn, shown if inline is None else inline.text, x, y)
        if inline is not None:
            drawn.kept += chat_emoji.place(
                self._brush, inline, laid.lines, x, y, paint.fill, drawn.tag
            )
        for link in found:
            self._underline(drawn, link, inline, laid, paint)

    def _underline(
        self, drawn: Drawn, link: links.Link, inline: chat_emoji.Inline | None, laid: _Laid,
        paint: Paint,
    ) -> None:  # fmt: skip
        brush, canvas, px = self._brush, self._brush.canvas, self._brush.px
        font, line = brush.font("text"), brush.line("text")
        low = int(font.metrics("ascent")) + px(2)
        first = chat_emoji.laid(inline, drawn.shown, link.start)
        last = chat_emoji.laid(inline, drawn.shown, link.end)
        for at, (start, end) in enumerate(laid.lines):
            one, other = max(start, first), min(end, last)
            if one >= other:
                continue
            left = laid.x + brush.along(laid.text[start:one])
            right = laid.x + brush.along(laid.text[start:other])
            top = laid.y + at * line
            canvas.create_rectangle(
                left, top + low, right, top + low + px(1), fill=paint.link, width=0,
                tags=drawn.tag,
            )  # fmt: skip
            drawn.spots.append(
                Spot(left - drawn.left, top - drawn.top, right - drawn.left,
                     top + line - drawn.top, link)
            )  # fmt: skip

    def _laid(self, drawn: Drawn, given: str, x: int, y: int) -> _Laid:
        """The lines that Tk made of the text it was given."""
        line = self._brush.line("text")
        count = max(round(self._brush.size(drawn.text)[1] / line), 1)
        middle = line // 2
        starts = [
            from_tk(given, self._brush.index(drawn.text, x, y + at * line + middle))
            for at in range(count)
        ]
        lines = list(zip(starts, [*starts[1:], len(given)], strict=True))
        return _Laid(given, lines, x, y)

    def _quote(self, drawn: Drawn, quote: str, widest: int, paint: Paint) -> None:
        brush, px = self._brush, self._brush.px
        x, y = drawn.left + px(PAD_X), drawn.top + px(PAD_TOP)
        brush.canvas.create_rectangle(
            x, y, x + px(3), y + px(QUOTE - 6), fill=paint.bar, width=0, tags=drawn.tag
        )
        fitted = brush.fitted(quote, "small", widest - px(12))
        brush.text(
            x + px(10), y + px(QUOTE - 6) // 2, fitted, "small", paint.meta, drawn.tag, "w"
        )

    def _whole(self, drawn: Drawn, whole: str, low: int, paint: Paint) -> None:
        brush, px = self._brush, self._brush.px
        x, y = drawn.left + px(PAD_X), drawn.top + low + px(2)
        item = brush.text(x, y, whole, "meta", paint.link, drawn.tag)
        width, height = brush.size(item)
        brush.canvas.create_rectangle(
            x, y + height - px(1), x + width, y + height, fill=paint.link, width=0,
            tags=drawn.tag,
        )  # fmt: skip
        left = px(PAD_X)
        drawn.spots.append(Spot(left, low, left + width, low + height + px(4), Whole()))

    # --- its foot -----------------------------------------------------------------------

    def _foot(self, said: Said, now_ms: int) -> str:
        return chat_told.moment(said, now_ms, self._zone) if _has_foot(said) else ""

    def _put_foot(
        self, drawn: Drawn, said: Said, foot: str, paint: Paint, *, alone: bool
    ) -> None:
        brush, px = self._brush, self._brush.px
        colour = brush.theme.tokens.muted if alone else paint.meta
        right = drawn.left + drawn.width - px(PAD_X - 2)
        middle = drawn.top + drawn.height - px(PAD_LOW - 2) - px(FOOT) // 2
        if alone and not said.mine:
            right = drawn.left + brush.font("meta").measure(foot)
        if said.mine and said.state in chat_words.STATES:
            icon, word = chat_words.STATES[said.state]
            on = brush.behind if alone else paint.fill
            brush.icon(right, middle, icon, 14, colour, on, drawn.tag, anchor="e")
            y = middle - drawn.top
            drawn.spots.append(
                Spot(right - drawn.left - px(18), y - px(9), right - drawn.left, y + px(9),
                     Hint(_(word)))
            )  # fmt: skip
            right -= px(18)
        brush.text(right, middle, foot, "meta", colour, drawn.tag, anchor="e")

    def _radii(self, said: Said) -> Radii:
        px = self._brush.px
        full, first, last = px(RADIUS), said.first, said.last
        up, down = full if first else px(JOINED), full if last else px(JOINED)
        return (full, up, full, down) if said.mine else (up, full, down, full)


def selected(drawn: Drawn, first: int, last: int) -> str:
    """The part of a message between two indices of Tk, both included, and no half emoji."""
    shown = drawn.shown
    start, end = from_tk(shown, first), from_tk(shown, last) + 1
    if not shown.isascii():
        for one, other in emoji_in(shown, len(shown)):
            start = one if one < start < other else start
            end = other if one < end < other else end
    return shown[start:end]


def word(drawn: Drawn, index: int) -> tuple[int, int]:
    """The first and the last index, for Tk, of the word at an index of Tk."""
    shown, at = drawn.shown, from_tk(drawn.shown, index)
    start = end = at
    while start > 0 and _of_word(shown[start - 1]):
        start -= 1
    while end < len(shown) and _of_word(shown[end]):
        end += 1
    return to_tk(shown, start), max(to_tk(shown, end) - 1, to_tk(shown, start))


def _of_word(letter: str) -> bool:
    return letter.isalnum() or letter in "_'-"


def _has_foot(said: Said) -> bool:
    return said.last or said.late


def _shown(text: str) -> tuple[str, bool]:
    """The text as it is drawn, and whether something of it is missing."""
    head, was_cut = cut(text)
    shown, again = cut(ui_text(head).rstrip("\n") or " ")
    missing = was_cut or again
    return (shown + ELLIPSIS if missing else shown), missing
