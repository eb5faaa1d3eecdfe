"""The pointer over a conversation: what a press, a drag, a click and a menu do."""

import sys
import tkinter as tk
from collections.abc import Callable
from typing import Final

from lanchat.gui.chat_brush import Brush
from lanchat.gui.chat_cards import Cards, Look
from lanchat.gui.chat_drawn import Drawn, Hint, Spot, Target, Whole
from lanchat.gui.chat_pills import Hover
from lanchat.gui.chat_selection import Selection, selectable
from lanchat.gui.chat_stops import said
from lanchat.gui.chat_window import Window
from lanchat.gui.items import Act
from lanchat.gui.links import Link

SHIFT: Final = 0x1
CONTROL: Final = 0x4
_SLACK: Final = 4  # px a hand may move while it clicks

Event = tk.Event  # of the canvas


class Pointer:
    """What the mouse does in a conversation.  Lives on the Tk thread."""

    def __init__(
        self,
        brush: Brush,
        window: Window,
        selection: Selection,
        cards: Cards,
        do: Callable[[Drawn, Target], None],
        menu: Callable[[Drawn, int, int, Link | None], None],
    ) -> None:
        self._brush = brush
        self._window = window
        self._selection = selection
        self._cards = cards
        self._do = do
        self._menu = menu
        self._hover: Final = Hover(brush.canvas, brush.theme)
        self._over: tuple[int, Spot] | None = None  # the button under the pointer
        self._pressed: tuple[int, int] | None = None
        self._dragged = False
        self.brought = False  # the keys come here because of a press
        canvas = brush.canvas
        canvas.bind("<ButtonPress-1>", self._press)
        canvas.bind("<B1-Motion>", self._drag)
        canvas.bind("<ButtonRelease-1>", self._release)
        canvas.bind("<Double-Button-1>", self._double)
        canvas.bind("<Triple-Button-1>", self._triple)
        canvas.bind("<Motion>", self._motion)
        canvas.bind("<Leave>", lambda _event: self.leave())
        canvas.bind("<Button-3>", self._ask)
        if sys.platform == "darwin":
            canvas.bind("<Button-2>", self._ask)
            canvas.bind("<Control-Button-1>", self._ask)

    def leave(self) -> None:
        """The pointer points at nothing any more, or at something else."""
        self._hover.hide()
        self._unhover()

    # --- clicks and drags ---------------------------------------------------------------

    def _at(self, event: "Event[tk.Canvas]") -> tuple[int, int, Drawn | None]:
        canvas = self._brush.canvas
        x, y = round(canvas.canvasx(event.x)), round(canvas.canvasy(event.y))
        one = self._window.hit(y)
        return x, y, one if one is not None and one.holds(x, y) else None

    def _press(self, event: "Event[tk.Canvas]") -> None:
        self._hover.hide()
        self._take_keys()
        x, y, one = self._at(event)
        self._pressed = x, y
        self._dragged = False
        self._selection.no_words()
        if one is not None and one.text and one.spot(x, y) is None:
            self._selection.begin(one, x, y)

    def _take_keys(self) -> None:
        canvas = self._brush.canvas
        if str(canvas.tk.call("focus")) != str(canvas):
            self.brought = True
            canvas.focus_set()

    def _drag(self, event: "Event[tk.Canvas]") -> None:
        if self._pressed is None:
            return
        x, y, _one = self._at(event)
        moved = max(abs(x - self._pressed[0]), abs(y - self._pressed[1]))
        if moved > _SLACK or self._dragged:
            self._dragged = self._selection.extend(x, y)

    def _release(self, event: "Event[tk.Canvas]") -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None or self._dragged:
            return
        x, y, one = self._at(event)
        if one is None:
            self._selection.only(None)
            return
        spot = one.spot(x, y)
        if spot is not None and not isinstance(spot.target, Hint):
            if spot is one.spot(*pressed):
                self._do(one, spot.target)
            return
        self._select(one, int(event.state))

    def _select(self, one: Drawn, state: int) -> None:
        if not selectable(one.item):
            self._selection.only(None)
        elif state & SHIFT:
            self._selection.reach(one.number)
        elif state & CONTROL:
            self._selection.toggle(one.number)
        else:
            self._selection.only(one.number)

    def _double(self, event: "Event[tk.Canvas]") -> None:
        x, y, one = self._at(event)
        if one is not None and one.spot(x, y) is None:
            self._selection.word(one, x, y)
            self._pressed = None

    def _triple(self, event: "Event[tk.Canvas]") -> None:
        x, y, one = self._at(event)
        if one is not None and one.spot(x, y) is None:
            self._selection.all_words(one, x, y)
            self._pressed = None

    def _ask(self, event: "Event[tk.Canvas]") -> None:
        x, y, one = self._at(event)
        if one is None or not selectable(one.item):
            return
        spot = one.spot(x, y)
        link = spot.target if spot is not None and isinstance(spot.target, Link) else None
        self.leave()
        self._take_keys()
        if one.number not in self._selection.numbers:
            self._selection.only(one.number)
        self._menu(one, event.x_root, event.y_root, link)

    # --- hovering -----------------------------------------------------------------------

    def _motion(self, event: "Event[tk.Canvas]") -> None:
        x, y, one = self._at(event)
        spot = one.spot(x, y) if one is not None else None
        self._point(one, spot)
        target = spot.target if spot is not None else None
        words = "" if isinstance(target, Act | Whole) else said(target)  # written there
        self._hover.say(words, event.x_root, event.y_root)
        if one is None or spot is None:
            self._unhover()
        elif self._over is None or self._over[1] is not spot:
            self._unhover()
            if isinstance(spot.target, Act):
                self._over = one.number, spot
                self._cards.button(one, spot, Look.HOVER)

    def _point(self, one: Drawn | None, spot: Spot | None) -> None:
        if spot is not None and not isinstance(spot.target, Hint):
            cursor = "hand2"
        elif one is not None and one.text:
            cursor = "xterm"
        else:
            cursor = ""
        canvas = self._brush.canvas
        if str(canvas.cget("cursor")) != cursor:
            canvas.configure(cursor=cursor)

    def _unhover(self) -> None:
        over, self._over = self._over, None
        if over is None:
            return
        one = self._window.drawn.get(over[0])
        if one is not None and over[1] in one.spots:
            self._cards.button(one, over[1], Look.PLAIN)
