"""The keys of a conversation: going from message to message, their buttons, copying."""

import sys
import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lanchat.gui import accessible, chat_words
from lanchat.gui.chat_cards import Cards, Look
from lanchat.gui.chat_drawn import Drawn, Spot, Target, Whole
from lanchat.gui.chat_selection import Selection
from lanchat.gui.chat_window import Window
from lanchat.gui.items import Act, FileCard
from lanchat.gui.keys import left_alone
from lanchat.gui.links import Link

PAGE: Final = 0.85  # of what is seen, that a page moves
SHIFT: Final = 0x1
#: Acts that Enter does at once; before any other its button is shown, and asked again.
MAIN: Final = frozenset({Act.OPEN, Act.RESUME, Act.RETRY})


@dataclass(frozen=True, slots=True)
class Does:
    """What keys can make the view do."""

    target: Callable[[Drawn, Target], None]
    copy: Callable[[], None]
    delete: Callable[[], None]
    menu: Callable[[], None]
    scrolled: Callable[[], None]


class Keys:
    """What the keys do in a conversation.  Lives on the Tk thread."""

    def __init__(
        self, canvas: tk.Canvas, window: Window, selection: Selection, cards: Cards, does: Does
    ) -> None:
        self._canvas = canvas
        self._window = window
        self._selection = selection
        self._cards = cards
        self._does = does
        self._button: tuple[int, int] | None = None  # row, and which of its buttons
        command = "Command" if sys.platform == "darwin" else "Control"
        bound: dict[str, Callable[[], bool]] = {
            "<Up>": lambda: self._step(-1),
            "<Down>": lambda: self._step(1),
            "<Shift-Up>": lambda: self._step(-1, more=True),
            "<Shift-Down>": lambda: self._step(1, more=True),
            "<Left>": lambda: self._along(-1),
            "<Right>": lambda: self._along(1),
            "<Tab>": lambda: self._along(1, leave=True),
            "<Shift-Tab>": lambda: self._along(-1, leave=True),
            "<Prior>": lambda: self._page(-1),
            "<Next>": lambda: self._page(1),
            "<Home>": self._home,
            "<End>": self._end,
            "<Return>": self._main,
            "<KP_Enter>": self._main,
            "<space>": self._press,
            "<Escape>": self._escape,
            "<Delete>": lambda: self._selected(self._does.delete),
            "<Menu>": lambda: self._selected(self._does.menu),
            "<Shift-F10>": lambda: self._selected(self._does.menu),
            **dict.fromkeys(
                ("<Key-c>", "<Key-C>", f"<{command}-c>", f"<{command}-C>"), self._copy
            ),
        }
        for keys, do in bound.items():
            try:
                canvas.bind(keys, _bound(do))
            except tk.TclError:  # a key this windowing system has no name for
                continue
        for event in left_alone():
            canvas.bind(event, lambda _event: None)
        if sys.platform.startswith("linux"):
            canvas.bind("<ISO_Left_Tab>", _bound(lambda: self._along(-1, leave=True)))

    def show(self) -> None:
        """Draw the ring around the button that has the keys, after the card was drawn anew."""
        spot = self._spot()
        if spot is not None:
            self._cards.button(spot[0], spot[1], Look.FOCUS)

    def leave(self) -> None:
        """No button has the keys any more."""
        spot = self._spot()
        self._button = None
        if spot is not None:
            self._cards.button(spot[0], spot[1], Look.PLAIN)

    @property
    def button(self) -> Act | None:
        """The button that has the keys."""
        spot = self._spot()
        return spot[1].target if spot and isinstance(spot[1].target, Act) else None

    # --- what keys do; each says whether it did something --------------------------------

    def _step(self, by: int, *, more: bool = False) -> bool:
        self.leave()
        number = self._selection.step(by, more=more)
        if number is None:
            self._window.scroll(by * self._page_height() // 8)
        else:
            self._window.reveal(number)
            self._selection.show()
            accessible.tell(self._canvas, self._said())
        self._does.scrolled()
        return True

    def _along(self, by: int, *, leave: bool = False) -> bool:
        """To the next button of the card; with `leave` out of it behind the last."""
        one, acts = self._card()
        if one is None or not acts:
            return False
        here = self._button[1] if self._button and self._button[0] == one.number else None
        place = (0 if by > 0 else len(acts) - 1) if here is None else here + by
        if here is None and leave and by < 0:
            return False
        self.leave()
        if not 0 <= place < len(acts):
            return not leave
        self._button = one.number, place
        self.show()
        return True

    def _page(self, by: int) -> bool:
        self._window.scroll(by * self._page_height())
        self._does.scrolled()
        return True

    def _home(self) -> bool:
        self._window.to_start()
        self._does.scrolled()
        return True

    def _end(self) -> bool:
        self._window.to_end()
        self._does.scrolled()
        return True

    def _main(self) -> bool:
        """Do what the button does that has the keys, or the message's first thing."""
        if self._press():
            return True
        one = self._active()
        if one is None:
            return False
        targets = [spot.target for spot in one.spots]
        for target in targets:
            if isinstance(target, Link | Whole) or target in MAIN:
                self._does.target(one, target)
                return True
        return self._along(1)

    def _press(self) -> bool:
        spot = self._spot()
        if spot is None:
            return False
        self._does.target(spot[0], spot[1].target)
        return True

    def _escape(self) -> bool:
        """Select nothing; if nothing was selected the key is somebody else's."""
        something = bool(self._selection.numbers or self._selection.words)
        self.leave()
        self._selection.no_words()
        self._selection.only(None)
        return something

    def _copy(self) -> bool:
        self._does.copy()
        return True

    def _selected(self, do: Callable[[], None]) -> bool:
        if not self._selection.numbers:
            return False
        do()
        return True

    # --- within -------------------------------------------------------------------------

    def _page_height(self) -> int:
        return round(self._canvas.winfo_height() * PAGE)

    def _said(self) -> str:
        """The message that has the keys, for who hears it."""
        one = self._active()
        if one is not None and isinstance(one.item, FileCard):
            return f"{chat_words.title(one.item)}: {chat_words.state(one.item)}"
        return one.shown if one is not None else ""

    def _active(self) -> Drawn | None:
        return self._window.drawn.get(self._selection.active or 0)

    def _card(self) -> tuple[Drawn | None, list[Spot]]:
        one = self._active()
        spots = one.spots if one is not None else []
        return one, [spot for spot in spots if isinstance(spot.target, Act)]

    def _spot(self) -> tuple[Drawn, Spot] | None:
        one, acts = self._card()
        if one is None or self._button is None or self._button[0] != one.number:
            return None
        place = self._button[1]
        return (one, acts[place]) if place < len(acts) else None


def _bound(do: Callable[[], bool]) -> Callable[["tk.Event[tk.Canvas]"], str]:
    return lambda _event: "break" if do() else ""
