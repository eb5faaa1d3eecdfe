"""The roster view: a list on a canvas of which only what is in sight exists.

A thousand people cost as much as ten.  A row is drawn again only when it says something
else; one that merely stands elsewhere is moved.  The list takes the keys and shows where
they are (`roster_keys.py`).
"""

import time
import tkinter as tk
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from tkinter import ttk
from typing import Final

from lanchat.gui import accessible
from lanchat.gui.badges import about
from lanchat.gui.listing import Entry, MessageRow, PersonRow, Row
from lanchat.gui.roster_keys import Hooks, Keys
from lanchat.gui.roster_rows import MARGIN, Kept, Look, RowPainter
from lanchat.gui.theme import Theme
from lanchat.gui.tooltip import tip
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust

WHEEL: Final = 64  # px of one step, at 100 %
NOTCH: Final = 120  # what Windows calls one step
_WARNED: Final = frozenset({Trust.BLOCKED, Trust.CONFLICT})


@dataclass(slots=True)
class _Drawn:
    row: Row
    look: Look
    top: int
    tag: str
    kept: Kept


class RosterView(ttk.Frame):
    """The list.  Lives on the Tk thread."""

    def __init__(self, parent: tk.Misc, theme: Theme, hooks: Hooks) -> None:
        super().__init__(parent, name="roster_view", style="Side.TFrame")
        self.theme: Final = theme
        self.hooks: Final = hooks
        self.rows: tuple[Row, ...] = ()
        self._tops: list[int] = [0]
        self._drawn: dict[str, _Drawn] = {}
        self._count = 0  # tags given so far
        self._open: PeerId | None = None
        self._under: str | None = None  # key of the row under the pointer
        self._files = False  # files are held there
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self.canvas: Final = tk.Canvas(
            self, name="people", highlightthickness=0, borderwidth=0, takefocus=1,
            yscrollincrement=1, width=1, height=1, background=theme.tokens.side,
        )  # fmt: skip
        accessible.name(self.canvas, _("People"), accessible.Role.LIST)
        self._bar = ttk.Scrollbar(
            self, orient="vertical", style="Side.Vertical.TScrollbar", command=self._scrolled
        )
        self.canvas.grid(row=0, column=0, sticky="nsew")
        self._painter = RowPainter(self.canvas, theme)
        self.cursor: Final = Keys(self)
        self._tip = tip(self.canvas, "")
        self._listen()
        self._end = theme.watch(self._restyle)

    # --- for the pane -------------------------------------------------------------------

    def show(self, rows: Sequence[Row], opened: PeerId | None) -> None:
        """Show these; `opened` is whose conversation is open."""
        rows = tuple(rows)
        if rows == self.rows and opened == self._open:
            return
        self.rows, self._open = rows, opened
        self.cursor.follow()
        self._measure()
        self.draw()

    def row_at(self, x_root: int, y_root: int) -> Entry | None:
        """What can be opened at a place of the screen."""
        x, y = x_root - self.canvas.winfo_rootx(), y_root - self.canvas.winfo_rooty()
        wide, high = self.canvas.winfo_width(), self.canvas.winfo_height()
        if not (0 <= x < wide and 0 <= y < high):
            return None
        at = bisect_right(self._tops, y + self.top) - 1
        row = self.rows[at] if 0 <= at < len(self.rows) else None
        return row if isinstance(row, PersonRow | MessageRow) else None

    def point(self, x_root: int, y_root: int, *, files: bool = False) -> None:
        """The pointer is at a place of the screen, perhaps with files; -1, -1: elsewhere."""
        row = self.row_at(x_root, y_root) if x_root >= 0 else None
        key = row.key if row is not None else None
        if (key, files) == (self._under, self._files):
            return
        self._under, self._files = key, files
        self.canvas.configure(cursor="hand2" if row is not None else "")
        told = about(row.person, time.time_ns() // 1_000_000) if isinstance(
            row, PersonRow) else ""  # fmt: skip
        box = self.bbox_of(row.key) if row is not None else None
        self._tip.about(told, box)
        self.draw()

    def bbox_of(self, key: str) -> tuple[int, int, int, int] | None:
        """Where a row is within the canvas, whether it is seen or not."""
        place = self.index_of(key)
        if place is None:
            return None
        px = self.theme.px(MARGIN)
        top, bottom = self._tops[place] - self.top, self._tops[place + 1] - self.top
        return px, top, self.canvas.winfo_width() - px, bottom

    def reveal(self, key: str) -> None:
        """Bring a row into sight, and the heading over the first one."""
        place = self.index_of(key)
        if place is None:
            return
        above = place - 1
        has_heading = above >= 0 and not isinstance(self.rows[above], PersonRow | MessageRow)
        top = self._tops[above if has_heading else place]
        bottom, high = self._tops[place + 1], self.canvas.winfo_height()
        if top < self.top:
            self._to(top)
        elif bottom + self.theme.px(MARGIN) > self.top + high:
            self._to(bottom + self.theme.px(MARGIN) - high)

    def index_of(self, key: str) -> int | None:
        """Which row that is."""
        return next((at for at, row in enumerate(self.rows) if row.key == key), None)

    @property
    def top(self) -> int:
        """How far the list is scrolled."""
        return round(self.canvas.canvasy(0))

    @property
    def page(self) -> int:
        """How many people fit at once."""
        return max(self.canvas.winfo_height() // max(self.theme.px(58), 1) - 1, 1)

    # --- drawing ------------------------------------------------------------------------

    def draw(self) -> None:
        """Draw what is in sight and not drawn yet."""
        width, high = self.canvas.winfo_width(), self.canvas.winfo_height()
        if high < 2:
            return
        first = max(bisect_right(self._tops, self.top) - 1, 0)
        last = min(bisect_right(self._tops, self.top + high), len(self.rows))
        seen = {self.rows[at].key: at for at in range(first, last)}
        for key in [key for key in self._drawn if key not in seen]:
            self.canvas.delete(self._drawn.pop(key).tag)
        for key, at in seen.items():
            self._draw_row(key, self._said(self.rows[at]), self._tops[at], width)

    def _said(self, row: Row) -> Row:
        """What a row says; while files are held over it, that they can be dropped."""
        if not (self._files and row.key == self._under):
            return row
        if not isinstance(row, PersonRow | MessageRow):
            return row
        if isinstance(row, PersonRow) and row.person.trust in _WARNED:
            return row  # which says so
        return replace(row, line=_("Drop to send"), tail="", sign="upload")

    def _draw_row(self, key: str, row: Row, top: int, width: int) -> None:
        look = self._look(row)
        held = self._drawn.get(key)
        if held is not None and held.look == look and held.row == row:
            if held.top != top:
                self.canvas.move(held.tag, 0, top - held.top)
                held.top = top
            return
        if held is not None:
            self.canvas.delete(held.tag)
        self._count += 1
        tag = f"row{self._count}"
        kept = self._painter.paint(tag, row, look, top, width)
        self._drawn[key] = _Drawn(row, look, top, tag, kept)

    def _look(self, row: Row) -> Look:
        if not isinstance(row, PersonRow | MessageRow):
            return Look()
        if self._files and row.key == self._under:
            return Look("select", ring=True)
        ring = self.cursor.shows(row.key)
        if isinstance(row, PersonRow) and row.peer_id == self._open:
            return Look("select", ring)
        return Look("hover" if row.key == self._under else "side", ring)

    def _measure(self) -> None:
        self._tops = list(accumulate(self._painter.heights(self.rows), initial=0))
        whole = self._tops[-1] + self.theme.px(MARGIN)
        high = self.canvas.winfo_height()
        self.canvas.configure(scrollregion=(0, 0, 1, max(whole, high)))
        if whole > high > 1:
            self._bar.grid(row=0, column=1, sticky="ns")
        else:
            self._bar.grid_remove()
        if self.top > max(whole - high, 0):
            self.canvas.yview_moveto(1.0)
        self._bar.set(*map(str, self.canvas.yview()))

    def _redraw(self) -> None:
        """Everything, from nothing."""
        self.canvas.delete("all")
        self._drawn.clear()
        self._painter.forget()
        self._measure()
        self.draw()

    # --- what happens -------------------------------------------------------------------

    def _listen(self) -> None:
        canvas = self.canvas
        canvas.bind("<Configure>", self._resized)
        canvas.bind("<Button-1>", self._clicked)
        canvas.bind("<Motion>", lambda event: self.point(event.x_root, event.y_root))
        canvas.bind("<Leave>", lambda _event: self.point(-1, -1), add=True)
        for event in ("<MouseWheel>", "<Button-4>", "<Button-5>"):
            canvas.bind(event, self._wheel)
            self._bar.bind(event, self._wheel)
        menu = ["<Button-3>", "<Control-Button-1>"]
        if str(canvas.tk.call("tk", "windowingsystem")) == "aqua":
            menu.append("<Button-2>")
        for event in menu:
            canvas.bind(event, self._asked)
        self.bind("<Destroy>", self._destroyed)

    def _clicked(self, event: "tk.Event[tk.Canvas]") -> None:
        row = self.row_at(event.x_root, event.y_root)
        if row is not None:
            self._tip.about("", None)
            self.cursor.put(row.key, quiet=True)
            self.canvas.focus_set()
            self.hooks.open(row)

    def _asked(self, event: "tk.Event[tk.Canvas]") -> str:
        row = self.row_at(event.x_root, event.y_root)
        if row is not None:
            self.cursor.put(row.key, quiet=True)
            self.hooks.menu(row, event.x_root, event.y_root)
        return "break"

    def _wheel(self, event: "tk.Event[tk.Misc]") -> str:
        step = self.theme.px(WHEEL)
        if event.num in (4, 5):
            by = -step if event.num == 4 else step
        else:
            delta = int(event.delta)
            by = round(-delta / NOTCH * step) if abs(delta) >= NOTCH else -delta * step // 3
        self._to(self.top + by)
        self.point(event.x_root, event.y_root)
        return "break"

    def _to(self, top: int) -> None:
        whole = max(self._tops[-1] + self.theme.px(MARGIN), self.canvas.winfo_height(), 1)
        self.canvas.yview_moveto(max(top, 0) / whole)
        self._moved()

    def _scrolled(self, *how: str) -> None:
        """The scroll bar was moved."""
        if how[0] == "scroll":
            step = self.canvas.winfo_height() if how[2] == "pages" else self.theme.px(WHEEL)
            self._to(self.top + int(how[1]) * step)
        else:
            self.canvas.yview(*how)
            self._moved()

    def _moved(self) -> None:
        self._bar.set(*map(str, self.canvas.yview()))
        self.draw()

    def _resized(self, _event: object) -> None:
        self._redraw()

    def _restyle(self) -> None:
        self.canvas.configure(background=self.theme.tokens.side)
        self._redraw()

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._end()
