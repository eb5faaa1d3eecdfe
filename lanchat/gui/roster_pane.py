"""The roster pane: me, the search, and everybody who is here or known."""

import time
import tkinter as tk
from dataclasses import replace
from tkinter import ttk
from typing import Final

from lanchat.gui import person_menu
from lanchat.gui.gestures import PeerChosen, Sought, Typed
from lanchat.gui.listing import Entry, Listing, MessageRow, PersonRow, Row, entries
from lanchat.gui.looking import Looking
from lanchat.gui.roster_foot import Foot
from lanchat.gui.roster_keys import Hooks
from lanchat.gui.roster_me import MyLine
from lanchat.gui.roster_search import Hooks as SearchHooks
from lanchat.gui.roster_search import Search
from lanchat.gui.roster_view import RosterView
from lanchat.gui.shell import Pane, Shell
from lanchat.gui.state import Screen
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId

DAY_LOOK: Final = 60_000  # ms between two looks whether another day began


class RosterPane(Pane):
    """The left of the window.  Lives on the Tk thread."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        super().__init__(parent, shell, style="Side.TFrame", name="roster")
        px = shell.theme.px
        self._listing = Listing()
        self._shown: tuple[object, ...] = ()
        self._rows: tuple[Row, ...] = ()
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        self.me: Final = MyLine(self, shell)
        self.me.grid(row=0, column=0, sticky="ew", padx=(px(10), px(8)), pady=(px(10), px(6)))
        self.finder: Final = Search(
            self, shell, SearchHooks(self._into_list, self._open_first, self._to_composer)
        )
        self.finder.grid(row=1, column=0, sticky="ew", padx=px(12), pady=(px(2), px(4)))
        self.view: Final = RosterView(
            self, shell.theme, Hooks(self._open, self._ask, self.finder.focus_entry)
        )
        self.view.grid(row=2, column=0, sticky="nsew")
        self.looking: Final = Looking(self, shell, self._address)
        self.foot: Final = Foot(self, shell, self._connected)
        line = ttk.Frame(self, style="Line.TFrame", height=1)
        line.grid(row=3, column=0, sticky="ew", padx=px(12))
        self.foot.grid(row=4, column=0, sticky="ew")
        self.view.canvas.bind("<Escape>", self._left)
        self._job = self.after(DAY_LOOK, self._look_at_day)
        self.bind("<Destroy>", self._destroyed)

    # --- for the page -------------------------------------------------------------------

    def stops(self) -> tuple[tk.Misc, ...]:
        """The parts that F6 goes through."""
        return (self.finder.entry, *((self.view.canvas,) if entries(self._rows) else ()))

    def show(self, screen: Screen) -> None:
        """Draw what differs from what was shown last."""
        self.me.show(screen)
        self.foot.show(screen)
        self.finder.show(screen)
        wanted = (
            screen.people, screen.query, screen.found, screen.transfers, screen.chosen,
            screen.me, screen.drafts,
        )  # fmt: skip
        if len(wanted) == len(self._shown) and all(
            one is other for one, other in zip(wanted, self._shown, strict=True)
        ):
            return
        self._shown = wanted
        self._list(screen)

    def step(self, by: int) -> None:
        """Open the conversation of the next or the previous person."""
        people = self._people()
        chosen = self.shell.screen.chosen
        here = next((at for at, row in enumerate(people) if row.peer_id == chosen), None)
        if here is None:
            here = -1 if by > 0 else len(people)
        if 0 <= here + by < len(people):
            self._open(people[here + by])

    def choose(self, place: int) -> None:
        """Open the conversation of the person at `place`, from 0 on."""
        people = self._people()
        if place < len(people):
            self._open(people[place])

    def to_news(self) -> None:
        """Open the next conversation with something new, whatever is searched for."""
        shell = self.shell
        everybody = self._listing.rows(replace(shell.screen, query=""), _now())
        people = [row for row in everybody if isinstance(row, PersonRow)]
        chosen = shell.screen.chosen
        after = next((at for at, row in enumerate(people, 1) if row.peer_id == chosen), 0)
        onward = (*people[after:], *people[:after])
        found = next((row for row in onward if row.new and row.peer_id != chosen), None)
        if found is None:
            shell.say(_("There is nothing new."))
        else:
            self._open(found)

    def search(self) -> None:
        """Let the user search."""
        self.finder.focus_entry()

    def person_at(self, x_root: int, y_root: int) -> PeerId | None:
        """Whose row is at a place of the screen."""
        row = self.view.row_at(x_root, y_root)
        return row.peer_id if row is not None else None

    def aim(self, x_root: int, y_root: int) -> PeerId | None:
        """The same, and that row is marked: files are held over it; -1, -1: no more."""
        self.view.point(x_root, y_root, files=x_root >= 0)
        return self.person_at(x_root, y_root)

    # --- within -------------------------------------------------------------------------

    def _list(self, screen: Screen) -> None:
        self._rows = self._listing.rows(screen, _now())
        self.view.show(self._rows, screen.chosen)
        if self._rows:
            self.looking.grid_remove()
        else:
            self.looking.show(screen)
            self.looking.grid(row=2, column=0, sticky="nsew")
            self.looking.lift()
        self.view.canvas.configure(takefocus=1 if self._rows else 0)

    def _people(self) -> list[PersonRow]:
        return [row for row in self._rows if isinstance(row, PersonRow)]

    def _open(self, row: Entry) -> None:
        again = self.shell.screen.chosen == row.peer_id
        self.view.cursor.put(row.key, quiet=True)
        if isinstance(row, MessageRow):
            self.shell.do(Sought(row.peer_id, row.message.hex()))
            return  # what else was found stays: it may be the next one
        self.shell.do(PeerChosen(row.peer_id))
        if self.shell.screen.query:
            self.shell.do(Typed(""))
        if again:
            self._to_composer()

    def _open_first(self) -> None:
        found = entries(self._rows)
        if found:
            self._open(found[0])

    def _into_list(self) -> None:
        if entries(self._rows):
            self.view.cursor.first()

    def _to_composer(self) -> None:
        """The last part of the page: where one writes, if somebody is open."""
        stops = self.shell.page.stops() if self.shell.page is not None else ()
        if stops and self.shell.screen.chosen is not None:
            stops[-1].focus_set()

    def _ask(self, row: Entry, x: int, y: int) -> None:
        """What can be done with somebody, at a place of the screen."""
        person = self.shell.screen.people.get(row.peer_id)
        if person is not None:
            person_menu.build(self, self.shell, person).post(x, y)

    def _left(self, _event: object) -> str | None:
        if not self.shell.screen.query:
            self._to_composer()
            return None  # a toast may want it
        self.finder.clear()
        return "break"

    def _connected(self, connected: bool) -> None:
        self.me.connect(connected)
        self.looking.connect(connected)

    def _address(self) -> str:
        return self.foot.address

    def _look_at_day(self) -> None:
        """What was said today was said yesterday after midnight."""
        self._job = self.after(DAY_LOOK, self._look_at_day)
        self._list(self.shell.screen)

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self.after_cancel(self._job)


def _now() -> int:
    return time.time_ns() // 1_000_000
