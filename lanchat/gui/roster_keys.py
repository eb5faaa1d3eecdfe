"""Roster keys: the list of people by keyboard alone.

Up, Down, Home, End and the pages move a ring; Enter opens; the menu key asks; letters go to
the next name that begins with them.  The ring shows only while the keys are here, and not
for a row that was just clicked.
"""

import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from lanchat.gui import accessible, keys
from lanchat.gui.listing import Entry, PersonRow, Row, entries, folded
from lanchat.gui.translate import _

PAUSE: Final = 1_000  # ms between two letters of one name
_CONTROL: Final = 0x0004  # of an event's state
_ALT: Final = 0x0008 | 0x20000


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the list asks of who holds it; places are those of the screen."""

    open: Callable[[Entry], None]
    menu: Callable[[Entry, int, int], None]
    before: Callable[[], None]  # Up on the first row: to what stands above the list


class View(Protocol):
    """What the keys need of the list they are in."""

    rows: tuple[Row, ...]

    @property
    def canvas(self) -> tk.Canvas:
        """What has the focus."""

    @property
    def hooks(self) -> Hooks:
        """Who hears of it."""

    @property
    def page(self) -> int:
        """How many people fit at once."""

    def reveal(self, key: str) -> None:
        """Bring a row into sight."""

    def draw(self) -> None:
        """Draw what looks different now."""

    def bbox_of(self, key: str) -> tuple[int, int, int, int] | None:
        """Where a row is within the canvas."""


class Keys:
    """Where the keys are in the list.  Lives on the Tk thread."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._at: str | None = None  # key of a row
        self._quiet = False  # a pointer brought it here: no ring
        self._focused = False
        self._typed = ""
        self._job: str | None = None
        canvas = view.canvas
        for event, step in (
            ("<Down>", lambda: 1),
            ("<Up>", lambda: -1),
            ("<Next>", lambda: view.page),
            ("<Prior>", lambda: -view.page),
            ("<Home>", lambda: -len(view.rows)),
            ("<End>", lambda: len(view.rows)),
        ):
            canvas.bind(event, self._stepping(step))
        for event in ("<Return>", "<KP_Enter>", "<space>"):
            canvas.bind(event, self._entered)
        menu = ["<Shift-F10>"]
        if str(canvas.tk.call("tk", "windowingsystem")) != "aqua":
            menu.append("<Menu>" if str(canvas.tk.call("tk", "windowingsystem")) == "x11"
                        else "<App>")  # fmt: skip
        for event in menu:
            canvas.bind(event, self._asked)
        canvas.bind("<Key>", self._lettered)
        for event in keys.left_alone():
            canvas.bind(event, lambda _event: None)
        canvas.bind("<FocusIn>", lambda _event: self._focus(here=True))
        canvas.bind("<FocusOut>", lambda _event: self._focus(here=False))
        canvas.bind("<Destroy>", lambda _event: self._forget_letters())

    def shows(self, key: str) -> bool:
        """Whether a row wears the ring."""
        return self._focused and not self._quiet and key == self._at

    @property
    def at(self) -> Entry | None:
        """The row that has the keys."""
        return next((row for row in entries(self._view.rows) if row.key == self._at), None)

    def put(self, key: str, *, quiet: bool = False) -> None:
        """Move the keys to a row; `quiet` if a pointer did that."""
        self._at, self._quiet = key, quiet
        self._view.reveal(key)
        self._view.draw()
        self._tell()

    def first(self) -> None:
        """Take the keys to the list, at its first row."""
        rows = entries(self._view.rows)
        self._at = rows[0].key if rows else None
        self._quiet = False
        self._view.canvas.focus_set()

    def follow(self) -> None:
        """The rows are others: the keys stay with whom they were, or go to the first."""
        if self._at is not None and self.at is None:
            rows = entries(self._view.rows)
            self._at = rows[0].key if rows else None

    def step(self, by: int) -> None:
        """Move the keys by so many rows."""
        rows = entries(self._view.rows)
        if not rows:
            return
        keys = [row.key for row in rows]
        if self._at not in keys:
            self.put(keys[0] if by > 0 else keys[-1])
            return
        here = keys.index(self._at)
        if here == 0 and by == -1:
            self._view.hooks.before()
            return
        self.put(keys[min(max(here + by, 0), len(keys) - 1)])

    def _tell(self) -> None:
        row = self.at
        if row is not None:
            quiet = isinstance(row, PersonRow) and row.person.muted
            name = _("{name}, muted").format(name=row.name) if quiet else row.name
            accessible.tell(self._view.canvas, f"{name}: {row.line}")

    # --- what happens -------------------------------------------------------------------

    def _stepping(self, step: Callable[[], int]) -> "Callable[[tk.Event[tk.Canvas]], str]":
        def go(_event: "tk.Event[tk.Canvas]") -> str:
            self.step(step())
            return "break"

        return go

    def _entered(self, _event: object) -> str:
        row = self.at
        if row is not None:
            self._view.hooks.open(row)
        return "break"

    def _asked(self, _event: object) -> str:
        row = self.at
        box = self._view.bbox_of(row.key) if row is not None else None
        if row is not None and box is not None:
            canvas = self._view.canvas
            x = canvas.winfo_rootx() + (box[0] + box[2]) // 2
            y = canvas.winfo_rooty() + (box[1] + box[3]) // 2
            self._view.hooks.menu(row, x, y)
        return "break"

    def _lettered(self, event: "tk.Event[tk.Canvas]") -> None:
        """Go to the next person whose name begins with what was typed within a second."""
        held = int(event.state) & (_CONTROL | _ALT)
        if held or not event.char or not event.char.isprintable() or event.char == " ":
            return
        self._forget_letters()
        self._job = self._view.canvas.after(PAUSE, self._letters_over)
        self._typed += folded(event.char)
        same = len(set(self._typed)) == 1  # the same letter again: the next such name
        self._jump(self._typed[0] if same else self._typed, onward=same)

    def _jump(self, wanted: str, *, onward: bool) -> None:
        rows = [row for row in entries(self._view.rows) if isinstance(row, PersonRow)]
        here = next((at for at, row in enumerate(rows) if row.key == self._at), -1)
        start = here + 1 if onward else max(here, 0)
        for row in (*rows[start:], *rows[:start]):
            if folded(row.name).startswith(wanted):
                self.put(row.key)
                return

    def _letters_over(self) -> None:
        self._job = None
        self._typed = ""

    def _forget_letters(self) -> None:
        if self._job is not None:
            self._view.canvas.after_cancel(self._job)
            self._job = None

    def _focus(self, *, here: bool) -> None:
        self._focused = here
        self._typed = ""  # what was typed before one was elsewhere is no beginning of a name
        if not here:
            self._quiet = False
        elif self._at is None:
            rows = entries(self._view.rows)
            self._at = rows[0].key if rows else None
        if here and not self._quiet and self._at is not None:
            self._view.reveal(self._at)
            self._tell()
        self._view.draw()
