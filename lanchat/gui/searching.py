"""Searching: ask each address of this network, where nobody is found by multicast.

It begins and ends with a press of the button.  Who answers appears in the list as anybody
does; what is said here is only how many there are.
"""

import tkinter as tk
from collections.abc import AsyncGenerator
from tkinter import ttk
from typing import TYPE_CHECKING, Final

from lanchat.errors import LanchatError
from lanchat.gui.shell import Shell
from lanchat.gui.translate import _, ngettext
from lanchat.node import requests
from lanchat.node.rows import Row

if TYPE_CHECKING:
    from lanchat.node.node import Node

BESIDE: Final = 380  # px at 100 % of what stands beside the button


class Search(ttk.Frame):
    """The button, how far it is, and what came of it.  Lives on the Tk thread."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        super().__init__(parent, name="search_network")
        self._shell: Final = shell
        self._made: AsyncGenerator[Row, None] | None = None  # while one runs
        self._row: Row = {}  # the last one it told
        px = shell.theme.px
        self.columnconfigure(1, weight=1)
        self._button = ttk.Button(self, name="search_all", command=self._pressed)
        self._button.grid(row=0, column=0, sticky="w")
        self._said = ttk.Label(
            self, name="search_said", style="Muted.TLabel", wraplength=px(BESIDE)
        )
        self._said.grid(row=0, column=1, sticky="w", padx=(px(12), 0))
        self._bar = ttk.Progressbar(self, name="search_bar", mode="determinate")
        self._rest(
            _("Asks each address, 1024 at most. For a network that keeps multicast back.")
        )

    def _pressed(self) -> None:
        if self._made is None:
            self._begin()
        else:
            self._made = None
            self._rest(_("The search was stopped."))

    def _begin(self) -> None:
        async def begin(node: "Node") -> AsyncGenerator[Row, None]:
            return requests.run(node, "scan", {})

        def begun(asked: AsyncGenerator[Row, None]) -> None:
            if not self.winfo_exists():
                self._close(asked)
                return
            self._made = asked
            self._button.configure(text=_("Stop"))
            self._said.configure(text=_("Asking…"))
            self._bar.configure(value=0)
            self._bar.grid(
                row=1, column=0, columnspan=2, sticky="ew", pady=(self._shell.theme.px(8), 0)
            )
            self._next(asked)

        self._shell.ask(begin, begun, self._failed)

    def _next(self, asked: AsyncGenerator[Row, None]) -> None:
        async def step(_node: "Node") -> Row | None:
            return await anext(asked, None)

        def came(row: Row | None) -> None:
            if self._made is not asked or not self.winfo_exists():
                self._close(asked)  # stopped meanwhile; not sooner, as it was at work
                return
            if row is None:
                self._made = None
                self._rest(self._came_to())
                return
            self._row = row
            done, total = row["asked"], row["total"]
            if isinstance(done, int) and isinstance(total, int) and total:
                self._bar.configure(maximum=total, value=done)
            self._next(asked)

        self._shell.ask(step, came, self._failed)

    def _came_to(self) -> str:
        found = self._row.get("found")
        if not self._row.get("total"):
            return _("There is no network to search.")
        number = found if isinstance(found, int) else 0
        if not number:
            return _("Nobody answered. An invite leads to somebody, too.")
        text = ngettext(
            "{number} person answered, and is in the list.",
            "{number} people answered, and are in the list.",
            number,
        )
        return text.format(number=number)

    def _close(self, asked: AsyncGenerator[Row, None]) -> None:
        async def end(_node: "Node") -> None:
            await asked.aclose()

        self._shell.ask(end)

    def _rest(self, said: str) -> None:
        self._bar.grid_remove()
        self._button.configure(text=_("Search this network"))
        self._said.configure(text=said)

    def _failed(self, error: LanchatError) -> None:
        self._made = None
        if self.winfo_exists():
            self._rest("")
        self._shell.tell(error)
