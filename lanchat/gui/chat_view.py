"""The chat view: a conversation on one canvas, of which only what is seen is drawn.

`show` takes all items and draws what differs from before.  The view stays at the end while
the reader is there, and where it is while older or newer items come.
"""

import time
import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from tkinter import ttk
from typing import Final

from lanchat.gui import accessible, chat_pictures, chat_whole, emoji
from lanchat.gui.chat_brush import Brush
from lanchat.gui.chat_drawn import Drawn, Target, Whole
from lanchat.gui.chat_floats import Floats
from lanchat.gui.chat_keys import Does, Keys
from lanchat.gui.chat_painter import Painter
from lanchat.gui.chat_pointer import Pointer
from lanchat.gui.chat_rows import Change
from lanchat.gui.chat_selection import Selection
from lanchat.gui.chat_stops import Ring
from lanchat.gui.chat_thumbs import Look
from lanchat.gui.chat_window import Window
from lanchat.gui.items import Act, FileCard, Item, NewMark, Said
from lanchat.gui.links import Link
from lanchat.gui.text import clean
from lanchat.gui.theme import Theme
from lanchat.gui.translate import _

WHEEL: Final = 60  # px of one step, at 100 %
NOTCH: Final = 120  # what Windows calls one step
NEW_AT: Final = 0.15  # how far down the mark of the new is shown, of the height


def _nothing(*_args: object) -> None:
    """For a hook that nobody set."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the view asks of who holds it.  Keys are those of items, places of the screen."""

    older: Callable[[], None] = _nothing  # the top is in sight: read more, once
    act: Callable[[str, Act], None] = _nothing  # a button of a card
    picture: Look = _nothing  # what a card carries, if it is here
    link: Callable[[Link], None] = _nothing  # a link was clicked
    #: What can be done with a message, and with a link of it?
    menu: Callable[[str, int, int, Link | None], None] = _nothing
    copied: Callable[[tuple[Item, ...]], None] = _nothing  # put these on the clipboard
    delete: Callable[[tuple[str, ...]], None] = _nothing  # hide these here
    author: Callable[[bool], str] = lambda _mine: ""  # the name of who wrote: we, or they


class ChatView(ttk.Frame):
    """A conversation.  Lives on the Tk thread."""

    def __init__(
        self, parent: tk.Misc, theme: Theme, hooks: Hooks = Hooks(), *, name: str = "messages",
        now: Callable[[], float] = time.time, zone: tzinfo | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent, name=name, style="Chat.TFrame")
        emoji.prepare(self)
        self.theme: Final = theme
        self.hooks: Final = hooks
        self.news = 0  # what came while the reader was elsewhere
        self.canvas: Final = tk.Canvas(
            self, name="canvas", highlightthickness=0, borderwidth=0, takefocus=1,
            yscrollincrement=1, confine=False, selectborderwidth=0, width=1, height=1,
        )  # fmt: skip
        accessible.name(self.canvas, _("Messages"), accessible.Role.LIST)
        self._bar = ttk.Scrollbar(self, orient="vertical", command=self._scrolled_to)
        brush = Brush(self.canvas, theme)
        self._painter = Painter(brush, now, zone, hooks.picture)
        self._window = Window(self.canvas, self._painter)
        self._selection = Selection(brush, self._window)
        cards = self._painter.cards
        self._pointer = Pointer(
            brush, self._window, self._selection, cards, self._do, self._menu
        )
        does = Does(self._do, self.copy, self._delete, self._menu, self._scrolled, self._told)
        ring = Ring(brush, self._window, cards)
        self._keys = Keys(self.canvas, self._window, self._selection, ring, does)
        self._floats = Floats(
            self, self.canvas, theme, self._window, self._painter, self.to_end
        )
        self._by_pointer = False  # the pointer brought the keys here
        self._selection.changed = self._ring
        self._lay_out()
        self._listen()
        self._unwatch = theme.watch(self._restyle)

    # --- for who holds it ---------------------------------------------------------------

    def show(self, items: Sequence[Item]) -> None:
        """Show these; what is the same object as before is not drawn again."""
        window = self._window
        stays, end, was = window.stays(), window.at_end, len(window.rows)
        change = window.rows.show(items)
        if change is None:
            return
        window.change(change)
        self._selection.keep()
        if len(change.before) == was and not set(change.before) & set(change.numbers):
            self._begin()
        else:
            window.settle(stays, end=self._news(change, at_end=end))
        self._moved()

    def arrived(self, key: str) -> None:
        """The picture of a card can be had now."""
        one = self._window.drawn.get(self._window.rows.number(key) or 0)
        if one is not None:
            self._painter.cards.thumbs.arrived(one)

    def to_end(self) -> None:
        """Show the newest."""
        self._window.to_end()
        self._moved()

    @property
    def at_end(self) -> bool:
        """Whether the newest is seen."""
        return self._window.at_end

    @property
    def selected(self) -> tuple[str, ...]:
        """The keys of what is selected, from top to bottom."""
        return tuple(item.key for item in self._selection.items)

    def select(self, key: str) -> None:
        """Select one message and show it."""
        number = self._window.rows.number(key)
        if number is not None:
            self._window.reveal(number)
            self._selection.only(number)
            self._scrolled()

    def bbox_of(self, key: str) -> tuple[int, int, int, int] | None:
        """Where a message's bubble is within this widget; None if it is not drawn."""
        number = self._window.rows.number(key)
        one = self._window.drawn.get(number or 0)
        if one is None:
            return None
        top = one.top - self._window.top
        return one.left, top, one.left + one.width, top + one.height

    def bbox_of_act(self, key: str, act: Act) -> tuple[int, int, int, int] | None:
        """Where a button of a card is within this widget."""
        number = self._window.rows.number(key)
        one = self._window.drawn.get(number or 0)
        spots = one.spots if one is not None else []
        spot = next((spot for spot in spots if spot.target is act), None)
        if one is None or spot is None:
            return None
        x, y = one.left, one.top - self._window.top
        return x + spot.x0, y + spot.y0, x + spot.x1, y + spot.y1

    @property
    def texts(self) -> tuple[str, ...]:
        """What is drawn of messages, from top to bottom; for tests."""
        return tuple(one.shown for one in self._window.visible() if one.text)

    @property
    def sticky_day(self) -> str:
        """The day that floats over the conversation, if one does."""
        return self._floats.day.text

    def copy(self) -> None:
        """Copy the words that are selected, or else the messages."""
        words = self._selection.words
        if words:
            self.clipboard_clear()
            self.clipboard_append(clean(words))
        elif self._selection.items:
            self.hooks.copied(self._selection.items)

    def whole(self, item: Said) -> None:
        """Show a message in a window of its own, where its words can be selected by keys."""
        chat_whole.show(self.canvas, self.theme, item.text)

    def stops(self) -> tuple[tk.Misc, ...]:
        """Where F6 comes by."""
        return (self.canvas,)

    # --- what happens -------------------------------------------------------------------

    def _begin(self) -> None:
        """Another conversation: begin at the end, or where the new begins if that is above."""
        window = self._window
        self.news = 0
        self._selection.only(None)
        window.clear()
        window.to_end()
        marks = (
            number
            for number, item in zip(window.rows.numbers, window.rows.items, strict=True)
            if isinstance(item, NewMark)
        )
        mark = next(marks, None)
        if mark is not None and mark not in {one.number for one in window.visible()}:
            window.reveal(mark, low=NEW_AT)

    def _news(self, change: Change, *, at_end: bool) -> bool:
        """Count what came behind the rest; whether the end is to be shown."""
        rows, old = self._window.rows, set(change.before)
        stop = change.start + len(change.numbers)
        if stop < len(rows):
            return at_end
        places = range(change.start, stop)
        came = [rows.items[at] for at in places if rows.numbers[at] not in old]
        messages = [one for one in came if isinstance(one, Said | FileCard)]
        if messages and messages[-1].mine:
            return True  # whoever writes looks at what was written
        self.news += 0 if at_end else sum(not one.mine for one in messages)
        return at_end

    def _moved(self) -> None:
        """What is seen is something else now."""
        window = self._window
        if window.at_end:
            self.news = 0
        first_seen, last_seen = window.fractions()
        self._bar.set(str(first_seen), str(last_seen))
        if first_seen <= 0 and last_seen >= 1:
            self._bar.grid_remove()  # its column stays, so that nothing moves
        else:
            self._bar.grid()
        self._pointer.leave()
        self._selection.show()
        self._keys.show()
        self._floats.show(self.news)
        if len(window.rows) and self._near_start():
            self.hooks.older()

    def _scrolled(self) -> None:
        """The reader went somewhere."""
        self._floats.scrolled()
        self._moved()

    def _near_start(self) -> bool:
        window = self._window
        one = window.drawn.get(window.rows.numbers[0])
        return one is not None and window.top - one.top < self.canvas.winfo_height()

    def _do(self, one: Drawn, target: Target) -> None:
        match target:
            case Act():
                self.hooks.act(one.item.key, target)
            case Link():
                self.hooks.link(target)
            case Whole() if isinstance(one.item, Said):
                self.whole(one.item)

    def _menu(self, one: Drawn, x: int, y: int, link: Link | None) -> None:
        self.hooks.menu(one.item.key, x, y, link or self._keys.link(one))

    def _told(self, one: Drawn) -> str:
        return self._painter.told(one, self.hooks.author)

    def _delete(self) -> None:
        self.hooks.delete(self.selected)

    def _scrolled_to(self, how: str, by: str, what: str = "") -> None:
        """The scroll bar was moved."""
        if how == "moveto":
            self._window.to(float(by))
        else:
            step = self.theme.px(WHEEL)
            step = round(self.canvas.winfo_height() * 0.85) if what == "pages" else step
            self._window.scroll(int(by) * step)
        self._scrolled()

    def _wheel(self, event: "tk.Event[tk.Misc]") -> None:
        step = self.theme.px(WHEEL)
        if event.num in (4, 5):
            by = -step if event.num == 4 else step
        else:
            delta = int(event.delta)
            by = round(-delta / NOTCH * step) if abs(delta) >= NOTCH else -delta * step // 3
        self._window.scroll(by)
        self._scrolled()

    def _resized(self, event: "tk.Event[tk.Canvas]") -> None:
        self._window.resize(event.width, event.height)
        self._moved()

    def _restyle(self) -> None:
        """The theme was switched."""
        t = self.theme.tokens
        self._painter.brush.refresh()
        self.canvas.configure(background=t.chat, insertwidth=0)
        self._floats.redraw()
        self._window.redraw()
        self._moved()

    def _focus(self, *, here: bool) -> None:
        """The keys come here, or go."""
        self._selection.focused = here
        self._by_pointer, self._pointer.brought = self._pointer.brought, False
        if not here:
            self._keys.leave()
        self._selection.show()

    def _ring(self) -> None:
        """A ring around all says that the keys come here, if no message says it."""
        self._keys.follow()
        focused = self._selection.focused and not self._by_pointer
        self._floats.ring(shown=focused and not self._selection.numbers)

    def _lay_out(self) -> None:
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self.canvas.grid(row=0, column=0, sticky="nsew")
        self._bar.grid(row=0, column=1, sticky="ns")
        self.columnconfigure(1, minsize=self._bar.winfo_reqwidth())
        self.canvas.configure(background=self.theme.tokens.chat)

    def _listen(self) -> None:
        canvas = self.canvas
        canvas.bind("<Configure>", self._resized)
        for sequence in ("<MouseWheel>", "<Button-4>", "<Button-5>"):
            for widget in (canvas, self._floats.day, self._floats.newest):
                widget.bind(sequence, self._wheel)
        canvas.bind("<FocusIn>", lambda _event: self._focus(here=True))
        canvas.bind("<FocusOut>", lambda _event: self._focus(here=False))
        self.bind("<Destroy>", self._destroyed)

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._unwatch()
            self._floats.end()
            self._pointer.leave()
            for one in self._window.drawn.values():
                one.kept.clear()  # pictures go now, not when somebody looks for garbage
            chat_pictures.inline.cache_clear()  # and which emoji were in them
