"""The desktop, in the settings: lanchat in the menu of programs, and opened at login."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Final

from lanchat.errors import LauncherError
from lanchat.gui import at_login, launcher
from lanchat.gui.launcher import State
from lanchat.gui.shell import Shell
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _, later

WIDTH: Final = 430  # px at 100 % of a line
_IN_MENU: Final = {
    State.NOTHING: later("It is not there yet: lanchat was not installed by the system."),
    State.THIS: later("It is there, and starts the lanchat that is open now."),
    State.OTHER: later("It is there, but starts another lanchat, perhaps one that was moved."),
    State.FOREIGN: later("Something else is there under this name; it is left alone."),
}

_AT_LOGIN: Final = {
    State.OTHER: later("Now another lanchat is opened, perhaps one that was moved."),
    State.FOREIGN: later("Something else is there under this name; it is left alone."),
}


def fill(page: tk.Misc, shell: Shell) -> None:
    """Put the rows into a page of the settings."""
    _Desktop(page, shell).pack(fill="both", expand=True)


class _Desktop(ttk.Frame):
    """The rows; what they say is read anew from the desktop after each change."""

    def __init__(self, page: tk.Misc, shell: Shell) -> None:
        super().__init__(page, name="desktop")
        self._shell = shell
        if launcher.possible():
            self._menu_rows()
        self._part(_("When I log in to this computer"))
        self.login: Final = ttk.Checkbutton(
            self, name="at_login", text=_("Open lanchat"), command=self._switch_login
        )
        self.login.pack(anchor="w", pady=shell.theme.px(2))
        self._note(
            _("It opens locked: you are there for others once you enter the passphrase."),
            name="at_login_note",
        )
        self.other: Final = self._note("", name="at_login_other")
        self._look()

    def _menu_rows(self) -> None:
        px = self._shell.theme.px
        self._part(_("Menu of programs"))
        self.said = self._note("", name="in_menu")
        row = ttk.Frame(self)
        row.pack(anchor="w", pady=(0, px(16)))
        self.add = ttk.Button(
            row, name="add_launcher", text=_("Add lanchat to the menu"), command=self._add
        )
        self.add.pack(side="left", padx=(0, px(8)))
        self.remove = ttk.Button(
            row, name="remove_launcher", text=_("Remove it"), command=self._remove
        )
        self.remove.pack(side="left")

    def _part(self, text: str) -> None:
        px = self._shell.theme.px
        label = ttk.Label(self, text=text, style="Strong.TLabel")
        label.pack(anchor="w", pady=(px(4), px(6)))

    def _note(self, text: str, *, name: str) -> ttk.Label:
        px = self._shell.theme.px
        label = ttk.Label(
            self, name=name, text=text, style="Muted.TLabel", wraplength=px(WIDTH)
        )
        label.pack(anchor="w", pady=(0, px(8)))
        return label

    # --- what the user does -------------------------------------------------------------

    def _add(self) -> None:
        self._do(launcher.add, _("lanchat is in the menu of programs now."))

    def _remove(self) -> None:
        self._do(launcher.remove, _("lanchat is no longer in the menu of programs."))

    def _switch_login(self) -> None:
        on = self.login.instate(["selected"])
        self._do(lambda: at_login.switch(on), "")

    def _do(self, change: Callable[[], object], done: str) -> None:
        try:
            change()
        except LauncherError as error:
            self._shell.tell(error)
        else:
            if done:
                self._shell.say(done, Tone.GOOD)
        self._look()

    def _look(self) -> None:
        """Show what the desktop has now."""
        try:
            menu = launcher.state() if launcher.possible() else State.NOTHING
            login = at_login.state()
        except LauncherError as error:
            self._shell.tell(error)
            return
        self.login.state(["!alternate", "selected" if login is State.THIS else "!selected"])
        self.login.state(["disabled" if login is State.FOREIGN else "!disabled"])
        self.other.configure(text=_(_AT_LOGIN[login]) if login in _AT_LOGIN else "")
        if launcher.possible():
            self.said.configure(text=_(_IN_MENU[menu]))
            self.add.state(["disabled" if menu in (State.THIS, State.FOREIGN) else "!disabled"])
            there = menu in (State.THIS, State.OTHER)
            self.remove.state(["!disabled" if there else "disabled"])
