"""Stops: what keys come to within a message: its links, the whole of it, its buttons."""

from dataclasses import dataclass
from typing import Final

from lanchat.gui import chat_words
from lanchat.gui.chat_brush import Brush
from lanchat.gui.chat_cards import Cards, Look
from lanchat.gui.chat_drawn import Drawn, Hint, Spot, Target, Whole
from lanchat.gui.chat_window import Window
from lanchat.gui.items import Act, Said
from lanchat.gui.links import Link
from lanchat.gui.text import one_line
from lanchat.gui.translate import _

STOP: Final = "stop"  # the tag of the ring
WIDE: Final = 2  # px of it, at 100 %
RADIUS: Final = 4
LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Stop:
    """One of them; a link that wraps has a spot on each of its lines."""

    target: Target
    spots: tuple[Spot, ...]


def stops(one: Drawn) -> tuple[Stop, ...]:
    """What keys come to in what is drawn, in the order it is read."""
    found: dict[Target, list[Spot]] = {}
    for spot in one.spots:
        if not isinstance(spot.target, Hint):
            found.setdefault(spot.target, []).append(spot)
    return tuple(Stop(target, tuple(spots)) for target, spots in found.items())


def said(target: Target | None) -> str:
    """What it does or means, for who hears it and beside the pointer."""
    match target:
        case Act():
            return chat_words.act(target)
        case Whole():
            return _("Show all of it")
        case Hint(text):
            return text
        case Link(invite=True):
            return _("Shows whom this invite names")
        case Link(host=host):
            return _("Opens {host}").format(host=one_line(host, LONGEST))
        case None:
            return ""


class Ring:
    """The ring around the stop that has the keys.  Lives on the Tk thread."""

    def __init__(self, brush: Brush, window: Window, cards: Cards) -> None:
        self._brush = brush
        self._window = window
        self._cards = cards
        self._on: tuple[Drawn, Stop] | None = None

    def show(self, one: Drawn, stop: Stop) -> None:
        """Draw it there and nowhere else; again, after that was drawn anew."""
        self.hide()
        self._on = one, stop
        if isinstance(stop.target, Act):
            self._cards.button(one, stop.spots[0], Look.FOCUS)
            return
        brush, wide = self._brush, self._brush.px(WIDE)
        paint = brush.paint(mine=isinstance(one.item, Said) and one.item.mine)
        for spot in stop.spots:
            brush.box(
                one.left + spot.x0 - 2 * wide, one.top + spot.y0,
                spot.x1 - spot.x0 + 4 * wide, spot.y1 - spot.y0 + wide,
                paint.fill, paint.fill, brush.px(RADIUS), (one.tag, STOP), (paint.ring, wide),
            )  # fmt: skip
        brush.canvas.tag_raise(STOP, f"{one.tag}box")  # and so below the words

    def hide(self) -> None:
        """No stop has the keys."""
        on, self._on = self._on, None
        self._brush.canvas.delete(STOP)
        if on is None:
            return
        one, stop = on
        if isinstance(stop.target, Act) and self._window.drawn.get(one.number) is one:
            self._cards.button(one, stop.spots[0], Look.PLAIN)
