"""Menus: what can be done with a thing, beside the pointer or the thing itself.

Drawn by us, within the window: Tk's own menus on X11 know no icons beside words, no space
between rows and no colours of borders.  Up, Down, Home, End and letters move, Enter does,
Escape and a click elsewhere leave; the keys go back to where they were.
"""

import tkinter as tk
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from lanchat.gui.chat_brush import Brush
from lanchat.gui.theme import Theme

ROW: Final = 30  # px at 100 %
LINE: Final = 9  # of a line between two groups
PAD: Final = 5  # around all
INSIDE: Final = 10  # from a row's plate to what stands on it
ICON: Final = 16
BETWEEN: Final = 28  # from the words to the keys, at least
RADIUS: Final = 6
_SLACK: Final = 4  # px the pointer may shake while a button is held


@dataclass(frozen=True, slots=True)
class Choice:
    """A row.  `text` is safe to draw; `keys` is what does it without a menu."""

    text: str
    does: Callable[[], object]
    icon: str = ""  # of `icons.GLYPHS`
    keys: str = ""
    danger: bool = False


Rows = Sequence[Choice | None]  # None: a line between two groups


class Menu(tk.Frame):
    """A menu over a window; one at a time.  Lives on the Tk thread."""

    def __init__(self, parent: tk.Misc, theme: Theme, rows: Rows, *, name: str) -> None:
        page = _page(parent)
        if name in page.children:
            page.nametowidget(name).destroy()
        super().__init__(page, name=name, borderwidth=0, background=theme.tokens.thumb)
        self.rows: Final = _tidy(rows)
        self._theme: Final = theme
        self._at: int | None = None  # the row that is chosen
        self._before: tk.Misc | None = None  # who had the keys
        self._from: tuple[int, int] | None = None  # where the pointer was when it opened
        self.canvas: Final = tk.Canvas(
            self, name="rows", highlightthickness=0, borderwidth=0, takefocus=1,
            background=theme.tokens.surface,
        )  # fmt: skip
        self._brush: Final = Brush(self.canvas, theme)
        self.canvas.pack(padx=1, pady=1)
        self._unwatch: Final = theme.watch(self.close)
        self._draw()
        self._listen()

    @property
    def texts(self) -> tuple[str, ...]:
        """What it offers, from top to bottom."""
        return tuple(row.text for row in self.rows if row is not None)

    def post(self, x_root: int, y_root: int) -> None:
        """Show it with its left top at a place of the screen, or where there is room."""
        page = self.master
        wide, high = self.canvas.winfo_reqwidth() + 2, self.canvas.winfo_reqheight() + 2
        x, y = x_root - page.winfo_rootx(), y_root - page.winfo_rooty()
        if y + high > page.winfo_height() and y - high >= 0:
            y -= high
        x = max(min(x, page.winfo_width() - wide), 0)
        y = max(min(y, page.winfo_height() - high), 0)
        self._from = page.winfo_pointerxy()
        self._before = _focused(page)
        self.place(x=x, y=y)
        self.lift()
        self.canvas.focus_set()
        self.update_idletasks()
        with suppress(tk.TclError):  # not on the screen: nothing to take clicks from
            self.canvas.grab_set()

    def under(self, widget: tk.Misc) -> None:
        """Show it under a button, its right end at the button's, the first row chosen."""
        wide = self.canvas.winfo_reqwidth() + 2
        self.post(
            widget.winfo_rootx() + widget.winfo_width() - wide,
            widget.winfo_rooty() + widget.winfo_height() + self._theme.px(2),
        )

    def choose(self, text: str) -> None:
        """Do what the row with that text does."""
        self._do(next(row for row in self.rows if row is not None and row.text == text))

    def close(self) -> None:
        """Go, and give the keys back."""
        before = self._before
        self.destroy()
        if before is not None:
            with suppress(tk.TclError):  # it went meanwhile
                before.focus_set()

    def destroy(self) -> None:
        """Go."""
        with suppress(tk.TclError):
            self.canvas.grab_release()
        super().destroy()

    # --- drawing ------------------------------------------------------------------------

    def _draw(self) -> None:
        px, font, canvas = self._theme.px, self._theme.font, self.canvas
        shown = [row for row in self.rows if row is not None]
        words = max(font("text").measure(row.text) for row in shown)
        short = max(font("small").measure(row.keys) for row in shown)
        inside = 2 * px(INSIDE) + px(ICON) + px(10) + words
        wide = inside + (px(BETWEEN) + short if short else px(16)) + 2 * px(PAD)
        high = sum(self._height(row) for row in self.rows) + 2 * px(PAD)
        canvas.configure(width=wide, height=high)
        self._paint()

    def _paint(self) -> None:
        """All rows, the chosen one on a plate."""
        px, tokens, canvas, brush = self._theme.px, self._theme.tokens, self.canvas, self._brush
        canvas.delete("all")
        wide, y = int(canvas.cget("width")), px(PAD)
        for at, row in enumerate(self.rows):
            high = self._height(row)
            middle = y + high // 2
            if row is None:
                canvas.create_rectangle(0, middle, wide, middle + 1, width=0, fill=tokens.line)
                y += high
                continue
            on = tokens.surface
            if at == self._at:
                on = tokens.select
                brush.box(
                    px(PAD), y, wide - 2 * px(PAD), high, on, tokens.surface, px(RADIUS), "row"
                )
            left = px(PAD) + px(INSIDE)
            ink = tokens.bad if row.danger else tokens.text
            if row.icon:
                sign = tokens.bad if row.danger else tokens.muted
                brush.icon(left, middle, row.icon, ICON, sign, on, "row", "w")
            left += px(ICON) + px(10)
            brush.text(left, middle, row.text, "text", ink, "row", "w")
            if row.keys:
                end = wide - px(PAD) - px(INSIDE)
                brush.text(end, middle, row.keys, "small", tokens.muted, "row", "e")
            y += high

    def _height(self, row: Choice | None) -> int:
        return self._theme.px(LINE if row is None else ROW)

    # --- what happens -------------------------------------------------------------------

    def _listen(self) -> None:
        canvas = self.canvas
        steps: dict[str, Callable[[], object]] = {
            "<Down>": lambda: self._step(1), "<Up>": lambda: self._step(-1),
            "<Home>": lambda: self._end(first=True), "<End>": lambda: self._end(first=False),
            "<Return>": self._enter, "<KP_Enter>": self._enter, "<space>": self._enter,
            "<Escape>": self.close, "<Tab>": self.close,
        }  # fmt: skip
        for event, does in steps.items():
            canvas.bind(event, _only(does))
        canvas.bind("<Key>", self._lettered)
        canvas.bind("<Motion>", self._moved)
        canvas.bind("<Leave>", lambda _event: self._take(None))
        canvas.bind("<ButtonPress>", self._pressed)
        canvas.bind("<ButtonRelease>", self._released)
        canvas.bind("<FocusOut>", lambda _event: self.after_idle(self._left))
        self.bind("<Destroy>", self._destroyed)

    def _step(self, by: int) -> None:
        places = [at for at, row in enumerate(self.rows) if row is not None]
        if self._at is None:
            self._take(places[0] if by > 0 else places[-1])
        else:
            self._take(places[(places.index(self._at) + by) % len(places)])

    def _end(self, *, first: bool) -> None:
        self._take(None)
        self._step(1 if first else -1)

    def _enter(self) -> None:
        row = self.rows[self._at] if self._at is not None else None
        if row is not None:
            self._do(row)

    def _lettered(self, event: "tk.Event[tk.Canvas]") -> str:
        """To the next row that begins with the letter."""
        wanted = event.char.casefold()
        if wanted.strip() and not int(event.state) & 0x4:
            start = -1 if self._at is None else self._at
            order = [*range(start + 1, len(self.rows)), *range(start + 1)]
            for at in order:
                row = self.rows[at]
                if row is not None and row.text.casefold().startswith(wanted):
                    self._take(at)
                    break
        return "break"

    def _moved(self, event: "tk.Event[tk.Canvas]") -> None:
        self._take(self._row_at(event.x, event.y))

    def _pressed(self, event: "tk.Event[tk.Canvas]") -> None:
        if not self._holds(event.x, event.y):
            self.close()

    def _released(self, event: "tk.Event[tk.Canvas]") -> None:
        """A click on a row; or the button that opened the menu, let go over one."""
        began, self._from = self._from, None
        if began is not None:
            far = max(abs(event.x_root - began[0]), abs(event.y_root - began[1]))
            if far <= _SLACK:
                return
        at = self._row_at(event.x, event.y)
        row = self.rows[at] if at is not None else None
        if row is not None:
            self._do(row)

    def _left(self) -> None:
        """The keys went elsewhere: the menu is over.  To another program, they come back."""
        if not self.winfo_exists():
            return
        here = str(self.tk.call("focus"))
        if not here:
            self.close()
        elif here != str(self.canvas):
            self.destroy()

    def _do(self, row: Choice) -> None:
        self.close()
        row.does()

    def _take(self, at: int | None) -> None:
        if at != self._at:
            self._at = at
            self._paint()

    def _row_at(self, x: int, y: int) -> int | None:
        if not self._holds(x, y):
            return None
        top = self._theme.px(PAD)
        for at, row in enumerate(self.rows):
            high = self._height(row)
            if top <= y < top + high:
                return at if row is not None else None
            top += high
        return None

    def _holds(self, x: int, y: int) -> bool:
        return 0 <= x < self.canvas.winfo_width() and 0 <= y < self.canvas.winfo_height()

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._unwatch()


def _tidy(rows: Rows) -> tuple[Choice | None, ...]:
    """The rows without a line at an end, or beside another."""
    found: list[Choice | None] = []
    for row in rows:
        if row is not None or (found and found[-1] is not None):
            found.append(row)
    while found and found[-1] is None:
        found.pop()
    return tuple(found)


def _page(widget: tk.Misc) -> tk.Misc:
    """What fills the window that a widget is in: the menu lies over it, and goes with it."""
    top = widget.winfo_toplevel()
    while widget is not top and widget.master is not None and widget.master is not top:
        widget = widget.master
    return widget


def _focused(widget: tk.Misc) -> tk.Misc | None:
    with suppress(KeyError, tk.TclError):  # a list of a combo box is not known to tkinter
        return widget.focus_get()
    return None


def _only(does: Callable[[], object]) -> Callable[[object], str]:
    def do(_event: object) -> str:
        does()
        return "break"

    return do
