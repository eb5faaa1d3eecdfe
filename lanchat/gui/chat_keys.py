"""The keys of a conversation: going from message to message, what is in one, copying."""

import tkinter as tk
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from lanchat.gui import accessible, keys
from lanchat.gui.chat_drawn import Drawn, Target, Whole
from lanchat.gui.chat_selection import Selection
from lanchat.gui.chat_stops import Ring, Stop, said, stops
from lanchat.gui.chat_window import Window
from lanchat.gui.items import Act
from lanchat.gui.links import Link

PAGE: Final = 0.85  # of what is seen, that a page moves
#: Acts that Enter does at once; before any other its button is shown, and asked again.
MAIN: Final = frozenset({Act.OPEN, Act.RESUME, Act.RETRY})


@dataclass(frozen=True, slots=True)
class Does:
    """What keys can make the view do."""

    target: Callable[[Drawn, Target], None]
    copy: Callable[[], None]
    delete: Callable[[], None]
    menu: Callable[[Drawn, int, int, Link | None], None]  # at a place of the screen
    scrolled: Callable[[], None]
    told: Callable[[Drawn], str]  # what is heard of a message


class Keys:
    """What the keys do in a conversation.  Lives on the Tk thread."""

    def __init__(
        self, canvas: tk.Canvas, window: Window, selection: Selection, ring: Ring, does: Does
    ) -> None:
        self._canvas = canvas
        self._window = window
        self._selection = selection
        self._ring = ring
        self._does = does
        self._at: tuple[int, Target] | None = None  # the row, and what in it has the keys
        bound: dict[str, Callable[[], bool]] = {
            "Up": lambda: self._step(-1),
            "Down": lambda: self._step(1),
            "Shift+Up": lambda: self._step(-1, more=True),
            "Shift+Down": lambda: self._step(1, more=True),
            "Left": lambda: self._along(-1),
            "Right": lambda: self._along(1),
            "Tab": lambda: self._along(1, leave=True),
            "Shift+Tab": lambda: self._along(-1, leave=True),
            "PageUp": lambda: self._page(-1),
            "PageDown": lambda: self._page(1),
            "Home": self._home,
            "End": self._end,
            "Enter": self._main,
            "Space": self._press,
            "Esc": self._escape,
            "Del": lambda: self._selected(self._does.delete),
            "Menu": lambda: self._selected(self._menu),
            "Shift+F10": lambda: self._selected(self._menu),
            "C": self._copy,
        }
        for held, do in bound.items():
            for event in keys.events(held):
                with suppress(tk.TclError):  # this windowing system has no such name
                    canvas.bind(event, _bound(do))
        canvas.bind("<<Copy>>", _bound(self._copy))  # Ctrl+C, whatever the layout
        for event in keys.left_alone():
            canvas.bind(event, lambda _event: None)

    def show(self) -> None:
        """Draw the ring around what has the keys, after the message was drawn anew."""
        here = self._here()
        if here is not None:
            self._ring.show(*here)

    def follow(self) -> None:
        """Nothing in a message has the keys if they act on another one now."""
        if self._at is not None and self._here() is None:
            self.leave()

    def leave(self) -> None:
        """Nothing in a message has the keys any more."""
        self._at = None
        self._ring.hide()

    @property
    def target(self) -> Target | None:
        """What in a message has the keys."""
        here = self._here()
        return here[1].target if here is not None else None

    def link(self, one: Drawn) -> Link | None:
        """The link of a message that a menu is about: what has the keys, or the first."""
        here = self._here()
        if here is not None and here[0] is one and isinstance(here[1].target, Link):
            return here[1].target
        return next((it.target for it in stops(one) if isinstance(it.target, Link)), None)

    # --- what keys do; each says whether it did something --------------------------------

    def _step(self, by: int, *, more: bool = False) -> bool:
        self.leave()
        number = self._selection.step(by, more=more)
        if number is None:
            self._window.scroll(by * self._page_height() // 8)
        else:
            self._window.reveal(number)
            self._selection.show()
            one = self._active()
            accessible.tell(self._canvas, self._does.told(one) if one is not None else "")
        self._does.scrolled()
        return True

    def _along(self, by: int, *, leave: bool = False) -> bool:
        """To the next link or button of the message; with `leave` out of it behind the last."""
        one = self._active()
        there = stops(one) if one is not None else ()
        if one is None or not there:
            return False
        here = self._here()
        if here is None and leave and by < 0:
            return False
        first = 0 if by > 0 else len(there) - 1
        place = first if here is None else there.index(here[1]) + by
        if not 0 <= place < len(there):
            self.leave()
            return not leave
        stop = there[place]
        self._at = one.number, stop.target
        heights = [(spot.y0, spot.y1) for spot in stop.spots]
        self._window.reveal_part(one, min(heights)[0], max(heights)[1])
        accessible.tell(self._canvas, said(stop.target))
        self._does.scrolled()
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
        """Do what has the keys within the message, or the message's first thing."""
        if self._press():
            return True
        one = self._active()
        if one is None:
            return False
        for stop in stops(one):
            if isinstance(stop.target, Link | Whole) or stop.target in MAIN:
                self._does.target(one, stop.target)
                return True
        return self._along(1)

    def _press(self) -> bool:
        here = self._here()
        if here is None:
            return False
        self._does.target(here[0], here[1].target)
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

    def _menu(self) -> None:
        """Ask for the menu of the message, in its middle or at what has the keys."""
        one = self._active()
        if one is None:
            return
        x, y = one.width // 2, one.height // 2
        here = self._here()
        if here is not None:
            spot = here[1].spots[0]
            x, y = (spot.x0 + spot.x1) // 2, spot.y1
        x += self._canvas.winfo_rootx() + one.left
        y += self._canvas.winfo_rooty() + one.top - self._window.top
        self._does.menu(one, x, y, None)

    def _active(self) -> Drawn | None:
        return self._window.drawn.get(self._selection.active or 0)

    def _here(self) -> tuple[Drawn, Stop] | None:
        """What has the keys within the message that has them."""
        one = self._active()
        if one is None or self._at is None or self._at[0] != one.number:
            return None
        stop = next((it for it in stops(one) if it.target == self._at[1]), None)
        return (one, stop) if stop is not None else None


def _bound(do: Callable[[], bool]) -> Callable[["tk.Event[tk.Canvas]"], str]:
    return lambda _event: "break" if do() else ""
