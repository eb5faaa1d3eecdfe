"""Settings: one window, subjects at the left; each change counts at once.

Each page is a file of its own; `settings_rows.py` is what they are made of.
"""

import tkinter as tk
from tkinter import ttk
from typing import Final

from lanchat.gui import (
    about_page,
    appearance_page,
    desktop_page,
    files_page,
    network_page,
    notifications_page,
    people_page,
    privacy_page,
    profile_page,
)
from lanchat.gui.dialog import Dialog
from lanchat.gui.scrolled import Scrolled
from lanchat.gui.settings_rows import WIDTH, Rows
from lanchat.gui.shell import Shell
from lanchat.gui.translate import _, later

SIDE: Final = 190  # px at 100 % of the list of pages, and of the room around all
AROUND: Final = 160  # px above and below the page: heading, buttons, edges
LOWEST: Final = 240  # px of a page
HIGHEST: Final = 420


def show(shell: Shell, page: str = "profile") -> None:
    """Open the settings, at one of the pages."""
    _Settings(shell, page)


class _Settings(Dialog):
    """The window of settings."""

    def __init__(self, shell: Shell, page: str) -> None:
        wide = WIDTH + SIDE + 48
        super().__init__(shell.root, shell.theme, _("Settings"), name="settings", width=wide)
        self.shell = shell
        px = shell.theme.px
        self.body.columnconfigure(1, weight=1)
        self.body.rowconfigure(0, weight=1)
        self.body.columnconfigure(0, minsize=px(SIDE))
        side = ttk.Frame(self.body, name="pages")
        side.grid(row=0, column=0, sticky="new", padx=(0, px(20)))
        self._frame = ttk.Frame(self.body, name="page")
        self._frame.grid(row=0, column=1, sticky="nsew")
        self._frame.pack_propagate(False)
        self._scrolled = Scrolled(self._frame, shell.theme, name="scrolled_page")
        self._scrolled.pack(fill="both", expand=True)
        self._rows: Rows | None = None
        self._scale = shell.theme.scale
        self._choice = tk.StringVar(self, page)
        for name, text, _build in _PAGES:
            ttk.Radiobutton(
                side, name=name, text=_(text), value=name, variable=self._choice,
                command=self._turn, style="Subject.TRadiobutton",
            ).pack(fill="x")  # fmt: skip
        self._unwatch = shell.theme.watch(self._zoomed)
        self.bind("<Destroy>", self._destroyed)
        self._measure()
        self._turn()
        self.buttons((_("Close"), None, "close"))

    def _turn(self) -> None:
        """Show the page that is chosen, from its beginning."""
        if self._rows is not None:
            self._rows.destroy()
        self._rows = Rows(self._scrolled.body, self.shell, self._again)
        self._rows.pack(fill="both", expand=True, padx=(self.theme.px(4), self.theme.px(10)))
        build = next(one for name, _text, one in _PAGES if name == self._choice.get())
        build(self._rows)
        self._scrolled.to_top()

    def _again(self) -> None:
        """Build the page anew; the keys stay where they were."""
        name = str(self.tk.call("focus", "-lastfor", self)).rpartition(".")[2]
        self._turn()
        for widget in _all(self._rows) if self._rows is not None else ():
            if widget.winfo_name() == name:
                self.update_idletasks()  # what is not on the screen yet gets them too late
                widget.focus_set()

    def _measure(self) -> None:
        """As high as the window and the screen allow; what is longer scrolls."""
        px, root = self.theme.px, self.shell.root
        room = min(root.winfo_height(), self.winfo_screenheight()) - px(AROUND)
        wide = min(px(WIDTH), self.winfo_screenwidth() - px(SIDE) - px(48))
        self._frame.configure(
            width=wide, height=min(max(room, px(LOWEST)), px(HIGHEST), self._most())
        )

    def _most(self) -> int:
        return max(self.winfo_screenheight() - self.theme.px(AROUND), 1)

    def _zoomed(self) -> None:
        """Other sizes: Tk may be in the middle of the event that chose them."""
        if self._scale != self.theme.scale:
            self._scale = self.theme.scale
            self.after_idle(self._rebuild)

    def _rebuild(self) -> None:
        if self.winfo_exists():
            self._measure()
            self._again()

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._unwatch()


def _all(widget: tk.Misc) -> list[tk.Misc]:
    found: list[tk.Misc] = []
    for child in widget.winfo_children():
        found += [child, *_all(child)]
    return found


_PAGES: Final = (
    ("profile", later("Profile"), profile_page.fill),
    ("appearance_page", later("Appearance"), appearance_page.fill),
    ("network_page", later("Network"), network_page.fill),
    ("files_page", later("Files"), files_page.fill),
    ("notifications_page", later("Notifications"), notifications_page.fill),
    ("privacy", later("Privacy"), privacy_page.fill),
    ("people_page", later("People"), people_page.fill),
    ("desktop_page", later("Desktop"), lambda at: desktop_page.fill(at.page, at.shell)),
    ("about", later("About"), about_page.fill),
)
