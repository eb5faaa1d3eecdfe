"""Looking: what stands in the place of the list while there is nobody to show."""

import tkinter as tk
from collections.abc import Callable
from enum import Enum, auto
from tkinter import ttk
from typing import Final

from lanchat.gui.pulse import Pulse
from lanchat.gui.shell import Pane, Shell
from lanchat.gui.state import Screen
from lanchat.gui.text import one_line
from lanchat.gui.translate import _
from lanchat.identity.fingerprint import is_invite

PATIENCE: Final = 20_000  # ms before it says what to look at
MDNS_PORT: Final = 5353
ICON: Final = 40
_SHARE: Final = 0.86  # of the width for texts
_MIDDLE: Final = 0.42  # of the height


class Why(Enum):
    """Why nobody is there."""

    LOOKING = auto()
    NOBODY = auto()  # after a while
    UNCONNECTED = auto()
    NOT_FOUND = auto()  # a search
    INVITED = auto()  # a search for an invite, which nobody's name or message is


#: The buttons of each but NOBODY, which has them all.
_SOME: Final = {
    Why.LOOKING: ("add_somebody",),
    Why.UNCONNECTED: ("find_out", "add_somebody"),
    Why.INVITED: ("add_somebody",),
}
_MOVING: Final = frozenset({Why.LOOKING, Why.NOBODY})


class Looking(Pane):
    """The list is empty, and this says why and what can be done."""

    def __init__(self, parent: tk.Misc, shell: Shell, address: Callable[[], str]) -> None:
        super().__init__(parent, shell, style="Side.TFrame", name="looking")
        self._address = address
        self._why: Why | None = None
        self._connected = True
        self._waited = False
        self._query = ""
        self._port = 0
        self._job: str | None = None
        px = shell.theme.px
        self._inner = ttk.Frame(self, style="Side.TFrame")
        self._inner.place(relx=0.5, y=0, anchor="n", relwidth=1.0)
        self._pulse = Pulse(self._inner, shell.theme, name="looking_pulse")
        self._icon = ttk.Label(self._inner, name="looking_icon", style="Side.TLabel")
        self._title = ttk.Label(self._inner, name="looking_title", style="SideH2.TLabel")
        self._text = ttk.Label(self._inner, name="looking_text", style="SideMuted.TLabel")
        self._checks = ttk.Frame(self._inner, name="checks", style="Side.TFrame")
        self._check_texts = [
            ttk.Label(self._checks, name=f"check_{at}", style="SideMuted.TLabel")
            for at in range(3)
        ]
        self._marks = [ttk.Label(self._checks, style="Side.TLabel") for _at in range(3)]
        for at, (mark, text) in enumerate(zip(self._marks, self._check_texts, strict=True)):
            mark.grid(row=at, column=0, sticky="n", padx=(0, px(8)), pady=px(3))
            text.grid(row=at, column=1, sticky="w", pady=px(2))
        self._column = ttk.Frame(self._inner, name="choices", style="Side.TFrame")
        self._buttons = {
            name: ttk.Button(self._column, name=name, style="Side.TButton", command=does)
            for name, does in (
                ("find_out", lambda: shell.command("doctor")),
                ("add_somebody", self._add),
                ("copy_address", self._copy),
                ("show_code", lambda: shell.command("my_code")),
            )
        }
        self.bind("<Configure>", self._measure)
        self._inner.bind("<Configure>", self._squeeze)
        self._end = shell.theme.watch(self._redraw)
        self.bind("<Destroy>", self._destroyed)

    @property
    def why(self) -> Why | None:
        """What it says now."""
        return self._why

    def show(self, screen: Screen) -> None:
        """The list is empty: say why."""
        self._port = screen.me.port if screen.me else 0
        self._query = screen.query
        if self._job is None and not self._waited and self._port:
            self._job = self.after(PATIENCE, self.lose_patience)
        self._decide()

    def connect(self, connected: bool) -> None:
        """Whether there is a network at all."""
        self._connected = connected
        if self._why is not None:
            self._decide()

    def lose_patience(self) -> None:
        """Nobody came for a while: say what to look at."""
        self._cancel()
        self._waited = True
        if self._why is not None:
            self._decide()

    def _decide(self) -> None:
        why = Why.LOOKING
        if self._query:
            why = Why.INVITED if is_invite(self._query) else Why.NOT_FOUND
        elif not self._connected:
            why = Why.UNCONNECTED
        elif self._waited:
            why = Why.NOBODY
        if why is not self._why or why is Why.NOT_FOUND:
            self._why = why
            self._redraw()

    # --- drawing ------------------------------------------------------------------------

    def _redraw(self) -> None:
        why = self._why
        if why is None:
            return
        theme, px = self.shell.theme, self.shell.theme.px
        for child in self._inner.pack_slaves():
            child.pack_forget()
        moving = why in _MOVING
        icon = "wifi-off" if why is Why.UNCONNECTED else "search"
        self._icon.configure(image=theme.icon(icon, ICON, "muted", "side"))
        (self._pulse if moving else self._icon).pack(pady=(0, px(10)))
        self._pulse.calm(not moving or self.shell.preferences.reduced_motion)
        title, text = self._words(why)
        self._title.configure(text=title)
        self._title.pack()
        if text:
            self._text.configure(text=text)
            self._text.pack(pady=(px(6), 0))
        if why is Why.NOBODY:
            self._write_checks()
            self._checks.pack(pady=(px(8), 0))
        if why is not Why.NOT_FOUND:
            self._show_buttons(why)
        self._measure()

    def _show_buttons(self, why: Why) -> None:
        px = self.shell.theme.px
        texts = {
            "find_out": _("Why don't I see them?"),
            "add_somebody": _("Add or invite…"),
            "copy_address": _("Copy my address"),
            "show_code": _("Show my code"),
        }
        shown = tuple(texts) if why is Why.NOBODY else _SOME[why]
        for name, button in self._buttons.items():
            button.configure(text=texts[name])
            button.pack_forget()
        for at, name in enumerate(shown):
            self._buttons[name].pack(fill="x", pady=(px(6 if at else 0), 0))
        self._column.pack(pady=(px(16), 0))

    def _words(self, why: Why) -> tuple[str, str]:
        match why:
            case Why.LOOKING:
                return _("Looking for people…"), _(
                    "Anyone who opens lanchat on this network appears here by itself."
                )
            case Why.NOBODY:
                return _("Nobody yet"), _("lanchat goes on looking. Worth a check:")
            case Why.UNCONNECTED:
                return _("Not connected"), _(
                    "This computer is not connected to a network. People appear here as soon"
                    " as it is."
                )
            case Why.INVITED:
                return _("An invite"), _("It leads to somebody whom you can add by it.")
            case Why.NOT_FOUND:
                return _("Nothing found"), _("No person and no message fits “{query}”.").format(
                    query=one_line(self._query, 40)
                )

    def _write_checks(self) -> None:
        theme = self.shell.theme
        texts = (
            _("Is everybody on the same network?"),
            _("Guest Wi-Fi keeps devices apart."),
            _("Does the firewall let UDP {mdns} and TCP {port} in?").format(
                mdns=MDNS_PORT, port=self._port
            ),
        )
        signs = ("wifi", "people", "shield-check")
        for mark, label, sign, text in zip(
            self._marks, self._check_texts, signs, texts, strict=True
        ):
            mark.configure(image=theme.icon(sign, 14, "muted", "side"))
            label.configure(text=text)

    def _measure(self, _event: object = None) -> None:
        wide = int(self.winfo_width() * _SHARE)
        if wide <= 1:
            return
        px = self.shell.theme.px
        for label in (self._title, self._text):
            label.configure(wraplength=min(wide, px(260)), justify="center")
        for label in self._check_texts:
            label.configure(wraplength=min(wide, px(260)) - px(22))
        self._squeeze()

    def _squeeze(self, _event: object = None) -> None:
        """Leave out what there is no room for: the picture, then a line; begin at the top."""
        if not self._title.winfo_manager():
            return
        px, nobody = self.shell.theme.px, self._why is Why.NOBODY
        picture = self._pulse if self._why in _MOVING else self._icon
        parts: list[tuple[ttk.Widget | Pulse, int]] = [(picture, px(10))]
        parts += [(self._text, px(6))] if nobody else []  # the checks say enough
        high = self._inner.winfo_reqheight()
        for part, air in parts:
            high -= part.winfo_reqheight() + air if part.winfo_manager() else 0
        room = self.winfo_height() - high
        for part, air in reversed(parts):
            room -= part.winfo_reqheight() + air
            if room < 0:
                part.pack_forget()
            elif part is picture and not part.winfo_manager():
                part.pack(before=self._title, pady=(0, air))
            elif not part.winfo_manager():
                part.pack(after=self._title, pady=(air, 0))
        high = self._inner.winfo_reqheight()
        above = max(round(self.winfo_height() * _MIDDLE) - high // 2, 0)
        self._inner.place_configure(y=above)

    # --- what happens -------------------------------------------------------------------

    def _add(self) -> None:
        if self._why is not Why.INVITED:
            self.shell.command("add")
            return
        from lanchat.gui import adding

        adding.show(self.shell, self._query)

    def _copy(self) -> None:
        address = self._address()
        if not address:
            self.shell.say(_("There is no address yet."))
            return
        self.clipboard_clear()
        self.clipboard_append(address)
        self.shell.say(_("{address} is on the clipboard.").format(address=address))

    def _cancel(self) -> None:
        if self._job is not None:
            self.after_cancel(self._job)
            self._job = None

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._end()
            self._cancel()
