"""The foot of the list: by which network, at which address and port others reach me."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk
from typing import Final

from lanchat.gui.shell import Pane, Shell
from lanchat.gui.shortening import fitted
from lanchat.gui.state import Me, Screen
from lanchat.gui.text import one_line
from lanchat.gui.tooltip import tip
from lanchat.gui.translate import _
from lanchat.node import networks
from lanchat.node.networks import Network

LOOK: Final = 10_000  # ms between two looks at the networks of this computer


class Foot(Pane):
    """The last line at the left.  `changed` hears whether there is a network at all."""

    def __init__(self, parent: tk.Misc, shell: Shell, changed: Callable[[bool], None]) -> None:
        super().__init__(parent, shell, style="Side.TFrame", name="foot")
        self._changed = changed
        self._me: Me | None = None
        self._networks: tuple[Network, ...] | None = None  # not known yet
        self._job: str | None = None
        px = shell.theme.px
        self.columnconfigure(1, weight=1)
        self._dot = ttk.Label(self, name="network_dot", style="Side.TLabel")
        self._dot.grid(row=0, column=0, padx=(px(16), px(8)), pady=px(10))
        self._text = ttk.Label(self, name="my_address", style="SideMeta.TLabel", width=1)
        self._text.grid(row=0, column=1, sticky="ew", padx=(0, px(12)))
        self._tip = tip(self._text, "")
        self._text.bind("<Configure>", lambda _event: self._redraw())
        self._end = shell.theme.watch(self._redraw)
        self.bind("<Destroy>", self._destroyed)
        self._look()

    @property
    def address(self) -> str:
        """HOST:PORT, for others to type; "" while there is none."""
        me = self._me
        if me is None or not me.port or not me.addresses:
            return ""
        host = me.addresses[0]
        return f"[{host}]:{me.port}" if ":" in host else f"{host}:{me.port}"

    def show(self, screen: Screen) -> None:
        """Draw what differs from what was shown last."""
        if screen.me != self._me:
            moved = self._me is not None
            self._me = screen.me
            self._redraw()
            if moved:  # perhaps to another network
                self._look()

    def connected(self, found: Sequence[Network]) -> None:
        """What networks there are now."""
        chosen = self.shell.preferences.interfaces
        fitting = tuple(one for one in found if not chosen or one.name in chosen)
        if fitting == self._networks:
            return
        self._networks = fitting
        self._changed(bool(fitting))
        self._redraw()

    def _look(self) -> None:
        if self._job is not None:
            self.after_cancel(self._job)
        self._job = self.after(LOOK, self._look)

        async def look() -> tuple[Network, ...]:
            return networks.usable()

        def seen(found: tuple[Network, ...]) -> None:
            if self.winfo_exists():
                self.connected(found)

        self.shell.run(look, seen, self.shell.tell)

    def _redraw(self) -> None:
        theme, me, width = self.shell.theme, self._me, self._text.winfo_width()
        gone = self._networks == ()
        colour = "warn" if gone else "ok" if me is not None and me.port else "muted"
        icon = "wifi-off" if gone else "circle-fill"
        dot = theme.icon(icon, 14 if gone else 8, colour, "side")
        self._dot.configure(image=dot)
        self._dot.picture = dot  # type: ignore[attr-defined]  # Tk forgets it otherwise
        text = self._line()
        self._text.configure(text=fitted(theme.font("meta"), text, max(width, 1)))
        self._tip.text = "\n".join([text, *(me.addresses[1:] if me else ())])

    def _line(self) -> str:
        me = self._me
        if self._networks == ():
            return _("No network")
        if me is None or not me.port:
            return _("Starting…")
        host = one_line(me.addresses[0], 45) if me.addresses else ""
        name = self._name_of(host)
        where = f"{name} {host}".strip()
        port = _("port {port}").format(port=me.port)
        return f"{where} · {port}" if where else port

    def _name_of(self, host: str) -> str:
        bare = host.partition("%")[0]
        for one in self._networks or ():
            if bare in one.addresses:
                return _("this computer only") if one.loopback else one_line(one.name, 16)
        return ""

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._end()
            if self._job is not None:
                self.after_cancel(self._job)
