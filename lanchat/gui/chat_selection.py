"""Selection: which messages are selected, their rings, and the words selected in one."""

from collections.abc import Callable, Sequence
from typing import Final

from lanchat.gui.chat_brush import Brush
from lanchat.gui.chat_bubbles import selected as part_of
from lanchat.gui.chat_bubbles import word as word_at
from lanchat.gui.chat_drawn import Drawn
from lanchat.gui.chat_window import Window
from lanchat.gui.items import FileCard, Item, Said

RING: Final = "ring"


class Selection:
    """What is selected in a conversation.  Lives on the Tk thread."""

    def __init__(self, brush: Brush, window: Window) -> None:
        self.active: int | None = None  # the row that the keys act on
        self.focused = False  # whether the keys come here
        self.changed: Callable[[], None] = lambda: None  # another selection is drawn
        self._brush = brush
        self._window = window
        self._chosen: set[int] = set()
        self._from: int | None = None  # where a range began
        self._text: int | None = None  # the row whose words are selected

    # --- messages -----------------------------------------------------------------------

    @property
    def numbers(self) -> tuple[int, ...]:
        """The rows that are selected, from top to bottom."""
        places = {one: self._window.rows.place(one) for one in self._chosen}
        there = sorted((at, one) for one, at in places.items() if at is not None)
        return tuple(one for _at, one in there)

    @property
    def items(self) -> tuple[Item, ...]:
        """What is selected, from top to bottom."""
        rows = self._window.rows
        places = (rows.place(one) for one in self.numbers)
        return tuple(rows.items[at] for at in places if at is not None)

    def only(self, number: int | None) -> None:
        """Select one message, or none."""
        self.active = self._from = number
        self._chosen = set() if number is None else {number}
        self.show()

    def toggle(self, number: int) -> None:
        """Select one more, or one less."""
        self._chosen ^= {number}
        self.active = self._from = number if number in self._chosen else None
        self.show()

    def reach(self, number: int) -> None:
        """Select everything from where the selection began to here."""
        rows = self._window.rows
        start = rows.place(self._from) if self._from is not None else None
        stop = rows.place(number)
        if start is None or stop is None:
            self.only(number)
            return
        first, last = sorted((start, stop))
        self._chosen = {
            rows.numbers[at] for at in range(first, last + 1) if selectable(rows.items[at])
        }
        self.active = number
        self.show()

    def step(self, by: int, *, more: bool) -> int | None:
        """Go to the next or previous message; the row, if there is one."""
        rows = self._window.rows
        here = rows.place(self.active) if self.active is not None else None
        if here is None:
            here = len(rows) if by < 0 else self._first() - 1
        place = here + by
        while 0 <= place < len(rows) and not selectable(rows.items[place]):
            place += by
        if not 0 <= place < len(rows):
            return None
        number = rows.numbers[place]
        if more:
            self.reach(number)
        else:
            self.only(number)
        return number

    def keep(self) -> None:
        """Forget rows that are gone."""
        rows = self._window.rows
        self._chosen = {one for one in self._chosen if rows.place(one) is not None}
        if self.active is not None and rows.place(self.active) is None:
            self.active = None

    def show(self) -> None:
        """Draw the rings."""
        canvas, brush = self._brush.canvas, self._brush
        canvas.delete(RING)
        self.changed()
        tokens = brush.theme.tokens
        for number in self._chosen:
            one = self._window.drawn.get(number)
            if one is None:
                continue
            colour = tokens.ring if self.focused else tokens.muted
            ring = f"{one.tag}{RING}"
            brush.ring(
                one.left, one.top, one.width, one.height, one.fill or brush.behind, colour,
                one.radii, (one.tag, RING, ring),
            )  # fmt: skip
            canvas.tag_raise(one.tag)  # the ring reaches over its neighbours
            if one.fill:
                canvas.tag_raise(ring, f"{one.tag}box")
            else:
                canvas.tag_lower(ring, one.tag)

    # --- words --------------------------------------------------------------------------

    def begin(self, one: Drawn, x: int, y: int) -> None:
        """Words are to be selected from here on."""
        self.no_words()
        if one.text:
            self._text = one.number
            paint = self._brush.paint(mine=isinstance(one.item, Said) and one.item.mine)
            canvas = self._brush.canvas
            canvas.configure(selectbackground=paint.chosen, selectforeground=paint.on_chosen)
            canvas.itemconfigure(one.text, fill=paint.text)  # only now it takes the colour
            self._brush.canvas.select_from(one.text, self._brush.index(one.text, x, y))

    def extend(self, x: int, y: int) -> bool:
        """Select the words up to here; whether there are any to select."""
        one = self._window.drawn.get(self._text or 0)
        if one is None or not one.text:
            return False
        self._brush.canvas.select_to(one.text, self._brush.index(one.text, x, y))
        return True

    def word(self, one: Drawn, x: int, y: int) -> None:
        """Select the word that is there."""
        self.begin(one, x, y)
        if one.text:
            first, last = word_at(one, self._brush.index(one.text, x, y))
            self._brush.canvas.select_from(one.text, first)
            self._brush.canvas.select_to(one.text, last)

    def all_words(self, one: Drawn, x: int, y: int) -> None:
        """Select the whole of a message's words."""
        self.begin(one, x, y)
        if one.text:
            self._brush.canvas.select_from(one.text, 0)
            self._brush.canvas.select_to(one.text, "end")

    def no_words(self) -> None:
        """Select no words."""
        self._text = None
        self._brush.canvas.select_clear()

    @property
    def words(self) -> str:
        """The words that are selected."""
        one = self._window.drawn.get(self._text or 0)
        canvas = self._brush.canvas
        chosen = str(canvas.tk.call(str(canvas), "select", "item"))
        if one is None or not one.text or chosen != str(one.text):
            return ""
        first, last = (
            int(canvas.tk.call(str(canvas), "index", one.text, end))
            for end in ("sel.first", "sel.last")
        )
        return part_of(one, first, last)

    def _first(self) -> int:
        """The place of the first row that is seen."""
        seen: Sequence[int] = [one.number for one in self._window.visible()]
        return (self._window.rows.place(seen[0]) or 0) if seen else 0


def selectable(item: Item) -> bool:
    """Whether it is somebody's, and not a mark of ours."""
    return isinstance(item, Said | FileCard)
