"""My own line: who I am here, whether I can be seen, and the two buttons beside it."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Any, Final

from lanchat.gui import attending, keys, status_line
from lanchat.gui.avatars import avatar
from lanchat.gui.menus import Choice, Menu
from lanchat.gui.shaping import label
from lanchat.gui.shell import Pane, Shell
from lanchat.gui.shortening import fitted
from lanchat.gui.state import Me, Screen
from lanchat.gui.text import name_text, one_line
from lanchat.gui.tooltip import tip
from lanchat.gui.translate import _, later
from lanchat.node import acts
from lanchat.node.events import Availability, Presence

AVATAR: Final = 40
ICON: Final = 18
_MENU: Final = (
    ("my_code", "qr-code"), ("transfers", "hourglass-split"), ("", ""), ("settings", "gear"),
    ("shortcuts", "keyboard"), ("", ""), ("lock", "lock"), ("quit", "box-arrow-right"),
)  # fmt: skip
_BUTTONS: Final = (
    ("add", "person-plus", later("Add or invite somebody")),
    ("settings", "gear", later("Settings")),
)


class MyLine(Pane):
    """The top of the list.  The avatar has a menu of what is about oneself."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        super().__init__(parent, shell, style="Side.TFrame", name="me")
        px = shell.theme.px
        self._me: Me | None = None
        self._connected = True
        self.columnconfigure(1, weight=1)
        self._face = ttk.Button(
            self, name="my_face", style="Side.Icon.TButton", command=self._ask
        )
        self._face.grid(row=0, column=0, rowspan=2, padx=(0, px(3)))
        self._tip = tip(self._face, _("You, and this window"))
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
        faces = {
            on: avatar(theme, me.peer_id, name_text(me.name), AVATAR, self._dot(me), on=on)
            for on in ("side", "press", "hover")
        }
        face: Any = (
            faces["side"], "pressed", faces["press"], "active", faces["hover"]
        )  # fmt: skip
        self._face.configure(image=face)
        self._write()

    def _ask(self) -> None:
        """Show the menu under the avatar."""
        rows: list[Choice | None] = [*self._attending(), None]
        for name, icon in _MENU:
            known = keys.BY_NAME.get(name)
            rows.append(
                Choice(
                    _(known.text), _commanding(self.shell, name), icon, keys.shown(known.keys)
                )
                if known
                else None
            )
        menu = Menu(self, self.shell.theme, rows, name="my_menu")
        face = self._face
        below = face.winfo_rooty() + face.winfo_height() + self.shell.theme.px(2)
        menu.post(face.winfo_rootx(), below)

    def _attending(self) -> list[Choice]:
        """Available, away, busy or invisible, the one of now with a tick; and the line."""
        me, shell = self._me, self.shell
        chosen = me.showing.chosen if me else None

        def be(one: Availability) -> Callable[[], None]:
            return lambda: shell.ask(lambda node: acts.attend(node, one))

        rows = [
            Choice(_(mark.word), be(one), mark.icon, "✓" if one is chosen else "")
            for one, mark in attending.MARKS.items()
        ]
        return [*rows, Choice(_("Status line…"), lambda: status_line.show(shell), "pencil")]

    def _write(self) -> None:
        me, theme, width = self._me, self.shell.theme, self._name.winfo_width()
        if me is None or width <= 1:
            return
        name, state = one_line(name_text(me.name), 64), self._standing(me)
        width -= theme.px(4)  # a label keeps a little to itself
        self._name.configure(text=label(fitted(theme.font("heading"), name, width)))
        self._state.configure(text=fitted(theme.font("meta"), state, width))

    def _standing(self, me: Me) -> str:
        said = attending.mine(me.showing)
        if me.showing.hidden:
            return said
        if not me.port:
            return _("Starting…")
        if not self._connected:
            return _("Not connected")
        return said or _("Visible on this network")

    def _dot(self, me: Me) -> Presence | Availability:
        if me.showing.hidden:
            return Availability.INVISIBLE
        if not me.port or not self._connected:
            return Presence.OFFLINE
        shown = me.showing.shown
        return Presence.ONLINE if shown is Availability.AVAILABLE else shown

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._end()


def _commanding(shell: Shell, name: str) -> Callable[[], None]:
    return lambda: shell.command(name)
