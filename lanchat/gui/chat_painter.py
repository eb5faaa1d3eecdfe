"""The painter: draws any item of a conversation, and says how high it may become."""

from collections.abc import Callable
from datetime import tzinfo

from lanchat.gui import chat_bubbles, chat_cards, chat_marks, chat_told, moments
from lanchat.gui.chat_brush import Brush
from lanchat.gui.chat_drawn import Drawn, Room
from lanchat.gui.chat_layout import Bulk
from lanchat.gui.chat_thumbs import Look
from lanchat.gui.items import DayMark, FileCard, Item, NewMark, Notice, Said


class Painter:
    """Draws items by what they are.  Lives on the Tk thread."""

    def __init__(
        self, brush: Brush, now: Callable[[], float], zone: tzinfo | None, look: Look
    ) -> None:
        self.brush = brush
        self.cards = chat_cards.Cards(brush, zone, look)
        self._bubbles = chat_bubbles.Bubbles(brush, zone)
        self._marks = chat_marks.Marks(brush)
        self._now = now
        self._zone = zone

    def now_ms(self) -> int:
        """What time it is, in ms since 1970."""
        return int(self._now() * 1000)

    def day(self, mark: DayMark) -> str:
        """What a day is called today."""
        return moments.day(mark.day, moments.local(self.now_ms(), self._zone).date())

    def told(self, one: Drawn, author: Callable[[bool], str]) -> str:
        """What is heard of an item; `author` names who wrote, told whether it was us."""
        return chat_told.told(one.item, one.shown, author, self.now_ms(), self._zone)

    def draw(self, number: int, item: Item, top: int, room: Room) -> Drawn:
        """Draw an item that begins at `top`."""
        match item:
            case Said():
                return self._bubbles.draw(number, item, top, room, self.now_ms())
            case FileCard():
                return self.cards.draw(number, item, top, room)
            case DayMark() | Notice() | NewMark():
                today = moments.local(self.now_ms(), self._zone).date()
                return self._marks.draw(number, item, top, room, today)

    def update(self, drawn: Drawn, item: Item) -> bool:
        """Show a changed item without drawing it anew, if that can be done."""
        return isinstance(item, FileCard) and self.cards.update(drawn, item)

    def bulk(self, item: Item) -> Bulk:
        """What the height of an item is guessed from."""
        match item:
            case Said():
                return chat_bubbles.bulk(self.brush, item)
            case FileCard():
                return chat_cards.bulk(self.brush, item)
            case DayMark() | Notice() | NewMark():
                return chat_marks.bulk(self.brush, item)
