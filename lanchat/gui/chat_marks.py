"""Marks: what lanchat itself writes into a conversation: days, notices, where new begins."""

from datetime import date
from typing import Final

from lanchat.gui import moments
from lanchat.gui.chat_brush import Brush
from lanchat.gui.chat_drawn import Drawn, Room, Side
from lanchat.gui.chat_layout import Bulk
from lanchat.gui.items import DayMark, NewMark, Notice
from lanchat.gui.text import cut, ui_text
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _

DAY: Final = 34
NEW: Final = 34
NOTICE: Final = 14  # above and below its lines
_TONES: Final = {
    Tone.PLAIN: ("info-circle", "muted"),
    Tone.GOOD: ("patch-check-fill", "ok"),
    Tone.WARN: ("exclamation-triangle-fill", "warn"),
    Tone.BAD: ("exclamation-circle-fill", "bad"),
}

Mark = DayMark | Notice | NewMark


def bulk(brush: Brush, mark: Mark) -> Bulk:
    """What the height of a mark is guessed from."""
    if isinstance(mark, Notice):
        return Bulk(brush.px(NOTICE) + brush.px(4), (len(mark.text),))
    return Bulk(brush.px(DAY if isinstance(mark, DayMark) else NEW))


class Marks:
    """Draws marks.  Lives on the Tk thread."""

    def __init__(self, brush: Brush) -> None:
        self._brush = brush

    def draw(self, number: int, mark: Mark, top: int, room: Room, today: date) -> Drawn:
        """One mark, beginning at `top`."""
        match mark:
            case DayMark():
                return self._day(number, mark, top, room, today)
            case NewMark():
                return self._new(number, mark, top, room)
            case Notice():
                return self._notice(number, mark, top, room)

    def _day(self, number: int, mark: DayMark, top: int, room: Room, today: date) -> Drawn:
        brush, px = self._brush, self._brush.px
        tag = f"n{number}"
        text = moments.day(mark.day, today)
        muted = brush.theme.tokens.muted
        item = brush.text(
            room.width // 2, top + px(DAY) // 2 - px(2), text, "meta", muted, tag, "center"
        )
        width = brush.size(item)[0]
        left = room.left(Side.MIDDLE, width)
        return Drawn(number, mark, tag, Side.MIDDLE, left, top, width, px(DAY), px(DAY))

    def _new(self, number: int, mark: NewMark, top: int, room: Room) -> Drawn:
        brush, px, canvas = self._brush, self._brush.px, self._brush.canvas
        tag = f"n{number}"
        accent = brush.theme.tokens.link
        middle = top + px(NEW) // 2 - px(2)
        item = brush.text(
            room.width // 2, middle, _("New messages"), "meta", accent, tag, "center"
        )
        half = brush.size(item)[0] // 2 + px(12)
        centre = room.width // 2
        for x0, x1 in (
            (room.margin, centre - half),
            (centre + half, room.width - room.margin),
        ):
            if x1 > x0:
                canvas.create_rectangle(
                    x0, middle, x1, middle + px(1), fill=accent, width=0, tags=tag
                )
        width = max(room.width - 2 * room.margin, 1)
        return Drawn(number, mark, tag, Side.MIDDLE, room.margin, top, width, px(NEW), px(NEW))

    def _notice(self, number: int, mark: Notice, top: int, room: Room) -> Drawn:
        brush, px = self._brush, self._brush.px
        tag = f"n{number}"
        icon, colour = _TONES[mark.tone]
        beside = px(22)
        item = brush.text(
            0, 0, ui_text(cut(mark.text)[0]), "small", brush.theme.tokens.muted, tag,
            wrap=max(min(room.wrap, room.width - 2 * room.margin) - beside, px(80)),
        )  # fmt: skip
        wide, high = brush.size(item)
        width = wide + beside
        left = room.left(Side.MIDDLE, width)
        brush.canvas.coords(item, left + beside, top + px(6))
        brush.icon(
            left + px(7), top + px(6) + brush.line("small") // 2, icon, 14,
            getattr(brush.theme.tokens, colour), brush.behind, tag, "center",
        )  # fmt: skip
        height = high + px(12)
        return Drawn(number, mark, tag, Side.MIDDLE, left, top, width, height, height + px(4))
