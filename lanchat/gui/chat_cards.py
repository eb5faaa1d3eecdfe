"""Cards: a transfer on the canvas, its bar moved in place, with buttons for its acts."""

from dataclasses import replace
from datetime import tzinfo
from enum import Enum, auto
from typing import Final

from PIL import ImageTk

from lanchat.gui import amounts, chat_mixed, chat_thumbs, chat_words, moments
from lanchat.gui.chat_brush import Brush, Paint
from lanchat.gui.chat_drawn import Drawn, Room, Side, Spot
from lanchat.gui.chat_layout import Bulk
from lanchat.gui.items import Act, CardState, FileCard
from lanchat.gui.text import name_text
from lanchat.gui.translate import ngettext

WIDTH: Final = 340
RADIUS: Final = 12
PAD: Final = 14
ICON: Final = 40
BAR: Final = 6
BUTTON: Final = 30
BETWEEN: Final = 8
GAP: Final = 8
ROW: Final = 20  # a name of several
MOST_NAMES: Final = 5
DETAIL: Final = 18  # a line of the reason
_UNDER_WAY: Final = frozenset(
    {
        CardState.RUNNING,
        CardState.PAUSED,
        CardState.HELD,
        CardState.LOST,
        CardState.CHECKING,
    }
)


class Look(Enum):
    """How a button looks."""

    PLAIN = auto()
    HOVER = auto()
    FOCUS = auto()


def bulk(brush: Brush, card: FileCard) -> Bulk:
    """What its height is guessed from; a long reason or little room can make it wrong."""
    px = brush.px
    fixed = 2 * px(PAD) + px(ICON) + px(GAP)
    fixed += px(BAR + 12) if card.state in _UNDER_WAY else 0
    fixed += px(BUTTON + 10) if card.acts else 0
    fixed += _named(card) * px(ROW) + (px(6) if _named(card) else 0)
    fixed += chat_thumbs.height(brush, card, px(WIDTH) - 2 * px(PAD))
    if said := chat_words.detail(card):
        fixed += px(DETAIL) * (said.count("\n") + 1) + px(6)
    return Bulk(fixed)


def _nothing(_card: FileCard, _box: tuple[int, int]) -> None:
    """Nobody has pictures."""


class Cards:
    """Draws transfers.  Lives on the Tk thread."""

    def __init__(
        self, brush: Brush, zone: tzinfo | None = None, look: chat_thumbs.Look = _nothing
    ) -> None:
        self._brush = brush
        self.thumbs: Final = chat_thumbs.Thumbs(brush, look)
        self._zone = zone

    def draw(self, number: int, card: FileCard, top: int, room: Room) -> Drawn:
        """One card, beginning at `top`."""
        brush, px = self._brush, self._brush.px
        tag = f"n{number}"
        paint = brush.paint(mine=card.mine)
        width = min(room.wrap, px(WIDTH))
        side = Side.RIGHT if card.mine else Side.LEFT
        drawn = Drawn(number, card, tag, side, room.left(side, width), top, width, 0, 0)
        drawn.fill, drawn.radii = paint.fill, (px(RADIUS),) * 4
        low = px(PAD) + px(ICON)
        low = self._names(drawn, card, low, paint)
        low = self._detail(drawn, card, low, paint)
        low = self.thumbs.draw(drawn, card, low, px(PAD), paint)
        low = self._bar(drawn, card, low, paint)
        low = self._acts(drawn, card, low)
        self._head(drawn, card, paint)
        drawn.height = low + px(PAD)
        drawn.total = drawn.height + px(GAP)
        first = brush.canvas.find_withtag(tag)[0]
        under = f"{tag}box"
        brush.box(
            drawn.left, top, width, drawn.height, paint.fill, brush.behind, px(RADIUS),
            (tag, under),
        )  # fmt: skip
        brush.canvas.tag_lower(under, first)
        return drawn

    def update(self, drawn: Drawn, card: FileCard) -> bool:
        """Show how far a transfer is by moving what moves; False if it needs drawing anew."""
        old = drawn.item
        if not isinstance(old, FileCard) or "bar" not in drawn.parts or card.done < old.done:
            return False
        kept = replace(card, done=old.done, rate=old.rate, seconds_left=old.seconds_left)
        if kept != old:
            return False
        drawn.item = card
        self._fill(drawn, card)
        state = self._brush.fitted(chat_words.state(card), "small", self._room_right(drawn))
        self._brush.canvas.itemconfigure(drawn.parts["state"], text=state)
        return True

    def button(self, drawn: Drawn, spot: Spot, look: Look) -> None:
        """Draw a button anew in another look."""
        brush, px = self._brush, self._brush.px
        act = spot.target
        if not isinstance(act, Act) or not isinstance(drawn.item, FileCard):
            return
        name = f"{drawn.tag}{act}"
        brush.canvas.delete(name)
        tags = (drawn.tag, name)
        paint = brush.paint(mine=drawn.item.mine)
        fill, ink, rim, ring = self._colours(act, look, paint, mine=drawn.item.mine)
        x, y = drawn.left + spot.x0, drawn.top + spot.y0
        width, height = spot.x1 - spot.x0, spot.y1 - spot.y0
        edge = (ring, px(2)) if look is Look.FOCUS else (rim, px(1))
        brush.box(x, y, width, height, fill, paint.fill, px(8), tags, edge)
        brush.text(x + width // 2, y + height // 2, chat_words.act(act), "small", ink, tags,
                   "center")  # fmt: skip

    # --- its parts ----------------------------------------------------------------------

    def _head(self, drawn: Drawn, card: FileCard, paint: Paint) -> None:
        brush, px = self._brush, self._brush.px
        x, y = drawn.left + px(PAD), drawn.top + px(PAD)
        brush.box(x, y, px(ICON), px(ICON), paint.button, paint.fill, px(8), drawn.tag)
        middle = px(ICON) // 2
        brush.icon(x + middle, y + middle, chat_words.icon(card), 22, paint.icon, paint.button,
                   drawn.tag, "center")  # fmt: skip
        left = x + px(ICON) + px(12)
        width = self._room_right(drawn)
        title = brush.fitted(chat_words.title(card), "strong", width, keep_end=True)
        self._name(drawn, left, y + middle - brush.line("strong") // 2, title, "strong", paint)
        if card.state not in _UNDER_WAY:
            moment = moments.clock(card.at, self._zone)
            right = drawn.left + drawn.width - px(PAD)
            brush.text(right, y + middle + px(3), moment, "meta", paint.meta, drawn.tag, "ne")
            width -= brush.font("meta").measure(moment) + px(10)
        state = brush.fitted(chat_words.state(card), "small", width)
        drawn.parts["state"] = brush.text(
            left, y + middle + px(2), state, "small", paint.meta, drawn.tag
        )

    def _names(self, drawn: Drawn, card: FileCard, low: int, paint: Paint) -> int:
        """The first names of several, each with its size."""
        brush, px = self._brush, self._brush.px
        rows = _named(card)
        if not rows:
            return low
        low += px(6)
        left, right = drawn.left + px(PAD), drawn.left + drawn.width - px(PAD)
        shown = card.names[:MOST_NAMES]
        for name, size in shown:
            y = drawn.top + low + px(ROW) // 2
            amount = amounts.size(size) if size else ""
            brush.text(right, y, amount, "meta", paint.meta, drawn.tag, "e")
            room = right - left - brush.font("meta").measure(amount) - px(12)
            fitted = brush.fitted(name_text(name), "small", room, keep_end=True)
            self._name(drawn, left, y, fitted, "small", paint)
            low += px(ROW)
        more = card.count - len(shown)
        if more > 0:
            text = ngettext("and {number} more", "and {number} more", more).format(number=more)
            y = drawn.top + low + px(ROW) // 2
            brush.text(left, y, text, "small", paint.meta, drawn.tag, "w")
            low += px(ROW)
        return low

    def _name(
        self, drawn: Drawn, left: int, middle: int, name: str, role: str, paint: Paint
    ) -> None:
        """A name, which may be written from right to left."""
        mixed = chat_mixed.compose(self._brush, name, drawn.width, role)
        if mixed is None:
            self._brush.text(left, middle, name, role, paint.text, drawn.tag, "w")
            return
        top = middle - mixed.line // 2
        drawn.kept += chat_mixed.place(
            self._brush, mixed, left, top, paint.text, paint.fill, drawn.tag
        )

    def _detail(self, drawn: Drawn, card: FileCard, low: int, paint: Paint) -> int:
        said = chat_words.detail(card)
        if not said:
            return low
        brush, px = self._brush, self._brush.px
        item = brush.text(
            drawn.left + px(PAD), drawn.top + low + px(8), said, "small", paint.meta, drawn.tag,
            wrap=drawn.width - 2 * px(PAD),
        )  # fmt: skip
        return low + px(8) + brush.size(item)[1]

    def _bar(self, drawn: Drawn, card: FileCard, low: int, paint: Paint) -> int:
        """The track, and on it a bar with round ends whose right one moves."""
        if card.state not in _UNDER_WAY:
            return low
        brush, px = self._brush, self._brush.px
        canvas = brush.canvas
        low += px(12)
        x, y = drawn.left + px(PAD), drawn.top + low
        width, high = drawn.width - 2 * px(PAD), px(BAR)
        radius = high // 2
        brush.box(x, y, width, high, paint.track, paint.fill, radius, drawn.tag)
        left = brush.round(((paint.bar, radius),), paint.fill)
        right = brush.round(((paint.bar, radius),), paint.track)
        moving = f"{drawn.tag}bar"
        tags = (drawn.tag, moving)
        for at, dy in ((0, 0), (2, high - radius)):
            canvas.create_image(x, y + dy, image=left[at], anchor="nw", tags=tags)
        canvas.create_rectangle(x, y + radius, x + radius, y + high - radius, width=0,
                                fill=paint.bar, tags=tags)  # fmt: skip
        parts = drawn.parts
        parts["bar"] = canvas.create_rectangle(0, 0, 0, 0, width=0, fill=paint.bar, tags=tags)
        parts["up"] = self._end(right[1], tags)
        parts["down"] = self._end(right[3], tags)
        parts["end"] = canvas.create_rectangle(0, 0, 0, 0, width=0, fill=paint.bar, tags=tags)
        parts["low"] = low
        self._fill(drawn, card)
        return low + high

    def _end(self, picture: ImageTk.PhotoImage, tags: tuple[str, str]) -> int:
        return self._brush.canvas.create_image(0, 0, image=picture, anchor="nw", tags=tags)

    def _fill(self, drawn: Drawn, card: FileCard) -> None:
        px, canvas, parts = self._brush.px, self._brush.canvas, drawn.parts
        x, y = drawn.left + px(PAD), drawn.top + parts["low"]
        width, high = drawn.width - 2 * px(PAD), px(BAR)
        radius = high // 2
        done = min(max(card.done, 0), card.total)
        full = round(width * done / card.total) if card.total > 0 else 0
        state = "normal" if full else "hidden"
        canvas.itemconfigure(f"{drawn.tag}bar", state=state)
        edge = x + max(full, 2 * radius)
        canvas.coords(parts["bar"], x + radius, y, edge - radius, y + high)
        canvas.coords(parts["up"], edge - radius, y)
        canvas.coords(parts["down"], edge - radius, y + high - radius)
        canvas.coords(parts["end"], edge - radius, y + radius, edge, y + high - radius)

    def _acts(self, drawn: Drawn, card: FileCard, low: int) -> int:
        """Buttons beside each other, as many rows as it takes."""
        if not card.acts:
            return low
        brush, px = self._brush, self._brush.px
        low += px(10)
        x, most = px(PAD), drawn.width - px(PAD)
        for act in card.acts:
            width = brush.font("small").measure(chat_words.act(act)) + 2 * px(12)
            if x > px(PAD) and x + width > most:
                x, low = px(PAD), low + px(BUTTON) + px(BETWEEN)
            spot = Spot(x, low, min(x + width, most), low + px(BUTTON), act)
            drawn.spots.append(spot)
            self.button(drawn, spot, Look.PLAIN)
            x += width + px(BETWEEN)
        return low + px(BUTTON)

    def _colours(
        self, act: Act, look: Look, paint: Paint, *, mine: bool
    ) -> tuple[str, str, str, str]:
        """What a button is filled with, its words, its edge, and its ring."""
        tokens = self._brush.theme.tokens
        if act in (Act.ACCEPT, Act.SKIP) and not mine:
            fill = tokens.accent_hover if look is Look.HOVER else tokens.accent
            return fill, tokens.on_accent, tokens.accent, paint.text  # else it hides its ring
        fill = paint.hover if look is Look.HOVER else paint.button
        return fill, paint.text, paint.edge, paint.ring

    def _room_right(self, drawn: Drawn) -> int:
        """How wide the words beside the icon may be."""
        px = self._brush.px
        return drawn.width - 2 * px(PAD) - px(ICON) - px(12)


def _named(card: FileCard) -> int:
    """How many rows of names a card shows."""
    if card.state is not CardState.ASKING or card.count < 2 or chat_words.folder(card):
        return 0
    shown = min(len(card.names), MOST_NAMES)
    return shown + (card.count > shown)
