"""My own line: who I am here, whether I can be seen, and the two buttons beside it."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Any, Final

from lanchat.gui import keys
from lanchat.gui.avatars import avatar
from lanchat.gui.roster_rows import fitted
from lanchat.gui.shaping import label
from lanchat.gui.shell import Pane, Shell
from lanchat.gui.state import Me, Screen
from lanchat.gui.text import name_text, one_line
from lanchat.gui.tooltip import tip
from lanchat.gui.translate import _, later
from lanchat.node.events import Presence

AVATAR: Final = 40
ICON: Final = 18
_BUTTONS: Final = (
    ("add", "person-plus", later("Add somebody by address")),
    ("settings", "gear", later("Settings")),
)


class MyLine(Pane):
    """The top of the list.  A click on the avatar shows my own code."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        super().__init__(parent, shell, style="Side.TFrame", name="me")
        px = shell.theme.px
        self._me: Me | None = None
        self._connected = True
        self.columnconfigure(1, weight=1)
        self._face = ttk.Label(self, name="my_face", style="Side.TLabel", cursor="hand2")
        self._face.grid(row=0, column=0, rowspan=2, padx=(px(6), px(10)))
        self._face.bind("<Button-1>", lambda _event: shell.command("my_code"))
        tip(self._face, keys.beside(_("My fingerprint and code"), "my_code"))
        self._name = ttk.Label(self, name="my_name", style="SideH2.TLabel", width=1)
        self._name.grid(row=0, column=1, sticky="sew")
        self._state = ttk.Label(self, name="my_state", style="SideMeta.TLabel", width=1)
        self._state.grid(row=1, column=1, sticky="new")
        self._buttons: dict[str, ttk.Button] = {}
        for column, (name, icon, text) in enumerate(_BUTTONS, 2):
            button = ttk.Button(
                self, name=name, style="Side.Icon.TButton", command=_commanding(shell, name)
            )
            button.grid(row=0, column=column, rowspan=2)
            tip(button, keys.beside(_(text), name))
            self._buttons[icon] = button
        self._name.bind("<Configure>", lambda _event: self._write())
        self._end = shell.theme.watch(self._redraw)
        self.bind("<Destroy>", self._destroyed)
        self._redraw()

    def show(self, screen: Screen) -> None:
        """Draw what differs from what was shown last."""
        if screen.me != self._me:
            self._me = screen.me
            self._redraw()

    def connect(self, connected: bool) -> None:
        """Whether there is a network at all."""
        if connected != self._connected:
            self._connected = connected
            self._redraw()

    def _redraw(self) -> None:
        theme, me = self.shell.theme, self._me
        for icon, button in self._buttons.items():
            pictures: Any = theme.button_icon(icon, ICON, "Side.Icon.TButton")
            button.configure(image=pictures)
        if me is None:
            return
        there = Presence.ONLINE if me.port and self._connected else Presence.OFFLINE
        face = avatar(theme, me.peer_id, name_text(me.name), AVATAR, there, on="side")
        self._face.configure(image=face)
        self._face.picture = face  # type: ignore[attr-defined]  # Tk forgets it otherwise
        self._write()

    def _write(self) -> None:
        me, theme, width = self._me, self.shell.theme, self._name.winfo_width()
        if me is None or width <= 1:
            return
        name, state = one_line(name_text(me.name), 64), self._standing(me)
        width -= theme.px(4)  # a label keeps a little to itself
        self._name.configure(text=label(fitted(theme.font("heading"), name, width)))
        self._state.configure(text=fitted(theme.font("meta"), state, width))

    def _standing(self, me: Me) -> str:
        if not me.port:
            return _("Starting…")
        return _("Visible on this network") if self._connected else _("Not connected")

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._end()


def _commanding(shell: Shell, name: str) -> Callable[[], None]:
    return lambda: shell.command(name)
