"""The header: whose conversation is open, how sure that is, and what can be done there."""

import tkinter as tk
from collections.abc import Mapping
from tkinter import ttk
from typing import Any, Final

from lanchat.gui import accessible, attending, keys, person_menu, verifying
from lanchat.gui.avatars import avatar
from lanchat.gui.badges import MUTED, badge
from lanchat.gui.shaping import label
from lanchat.gui.shell import Pane, Shell
from lanchat.gui.shortening import fitted
from lanchat.gui.state import Screen
from lanchat.gui.text import name_text, one_line
from lanchat.gui.tooltip import tip
from lanchat.gui.translate import _, later
from lanchat.identity.trust import Trust
from lanchat.node.events import Presence
from lanchat.node.person import Person

_STYLES: Final[Mapping[str, str]] = {
    "ok": "Ok.TLabel",
    "warn": "Warn.TLabel",
    "bad": "Bad.TLabel",
    "muted": "Muted.TLabel",
}
LEAST: Final = 120  # px of a name at 100 %, before a badge or a button loses its words
_PRESENCE: Final[Mapping[Presence, str]] = {
    Presence.ONLINE: later("Online"),
    Presence.SEEN: later("Seen on the network"),
    Presence.DOUBTFUL: later("Not answering"),
    Presence.OFFLINE: later("Offline"),
}


class Header(Pane):
    """The top of a conversation."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        super().__init__(parent, shell, style="TFrame", name="header")
        px = shell.theme.px
        self._shown: Person | None = None
        self.columnconfigure(1, weight=1)
        self._face = ttk.Label(self, name="face")
        self._face.grid(row=0, column=0, rowspan=2, padx=(px(18), px(12)), pady=px(14))
        line = ttk.Frame(self)
        line.grid(row=0, column=1, sticky="sw", pady=(px(10), 0))
        self._name = ttk.Label(line, name="person_name", style="H2.TLabel")
        self._name.grid(row=0, column=0)
        self._badge = ttk.Label(line, name="badge", compound="left")
        self._badge.grid(row=0, column=1, padx=(px(10), 0))
        self._muted = ttk.Label(line, name="muted_sign", style="Muted.TLabel")
        self._muted.grid(row=0, column=2, padx=(px(10), 0))
        self._state = ttk.Label(self, name="person_state", style="Muted.TLabel")
        self._state.grid(row=1, column=1, sticky="nw", pady=(0, px(10)))
        self._verify = ttk.Button(self, name="verify", command=self._compare)
        self._verify.grid(row=0, column=2, rowspan=2, padx=px(6))
        self._more = ttk.Button(self, name="more", style="Icon.TButton", command=self._menu)
        self._more.grid(row=0, column=3, rowspan=2, padx=(0, px(12)))
        tip(self._verify, keys.beside(_("Compare words"), "verify"))
        self._told = tip(self._badge, "")
        accessible.name(self._muted, _(MUTED.word))
        tip(self._muted, _("Muted: you are not told when they write."))
        tip(self._more, _("What can be done here"))
        self._end = shell.theme.watch(self._redraw)
        self.bind("<Configure>", lambda _event: self._fit())
        self.bind("<Destroy>", self._destroyed)
        self._redraw()

    def stops(self) -> tuple[tk.Misc, ...]:
        """Where F6 comes by."""
        return (self._more,) if not self._verify.winfo_manager() else (self._verify,)

    def show(self, screen: Screen) -> None:
        """Draw what differs from what was shown last."""
        person, shown = screen.person, self._shown
        if person is None or person is shown:
            return
        self._shown = person
        if shown is None or (person.view, person.contact) != (shown.view, shown.contact):
            self._redraw()  # else they only wrote, or were read

    def _redraw(self) -> None:
        theme, person = self.shell.theme, self._shown
        more: Any = theme.button_icon("three-dots", 18, "Icon.TButton")
        verify: Any = theme.button_icon("shield-check", 16, "TButton")
        self._more.configure(image=more)
        self._verify.configure(image=verify)
        if person is None:
            return
        name = name_text(person.name)
        self._face.configure(
            image=avatar(theme, person.peer_id, name, 40, attending.dot(person), on="window")
        )
        shown = badge(person)
        self._badge.configure(
            image=theme.icon(shown.icon, 16, shown.colour), style=_STYLES[shown.colour]
        )
        self._told.text = _(shown.word)
        if person.muted:
            self._muted.configure(image=theme.icon(MUTED.icon, 16, MUTED.colour))
            self._muted.grid()
        else:
            self._muted.grid_remove()
        if person.trust is Trust.BLOCKED:
            self._verify.grid_remove()  # nothing of theirs is heard, the answer neither
        else:
            self._verify.grid()
        self._fit()

    def _fit(self) -> None:
        """Say as much as there is room for; what is left out is in a tooltip or below."""
        person, theme = self._shown, self.shell.theme
        if person is None or self.winfo_width() <= 1:
            return
        px = theme.px
        name, word = one_line(name_text(person.name), 40), _(badge(person).word)
        font = theme.font("heading")
        least = min(font.measure(name), px(LEAST))
        room = self.winfo_width() - self._face.winfo_reqwidth() - px(18 + 12)
        room -= self._more.winfo_reqwidth() + px(6 + 6 + 12)
        beyond = px(10) + self._muted.winfo_reqwidth() if person.muted else 0
        for button, marked in ((_("Verify…"), f" {word}"), ("", f" {word}"), ("", "")):
            self._verify.configure(text=button, compound="left" if button else "image")
            self._badge.configure(text=marked, compound="left" if marked else "image")
            left = room - self._verify.winfo_reqwidth()
            beside = left - self._badge.winfo_reqwidth() - px(10 + 4) - beyond
            if beside >= least:
                break
        self._name.configure(text=label(fitted(font, name, beside)))
        lines, small = _lines(person), theme.font("small")
        line = next((one for one in lines if small.measure(one) <= left - px(4)), lines[-1])
        self._state.configure(text=fitted(small, line, left - px(4)))

    def _compare(self) -> None:
        if self._shown is not None:
            verifying.start(self.shell, self._shown.peer_id)

    def _menu(self) -> None:
        person = self._shown
        if person is not None:
            person_menu.of_header(self, self.shell, person).under(self._more)

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._end()


def _lines(person: Person) -> tuple[str, ...]:
    """How they are there, in more and in fewer words."""
    shown, sealed = attending.mark(person), _("encrypted end to end")
    there = attending.version(person) or _(shown.word if shown else _PRESENCE[person.presence])
    said = attending.line(person)
    short = [f"{there} · {said}", there] if said else [there]
    sure = [f"{one} · {sealed}" for one in short]
    if person.presence is Presence.OFFLINE or not person.view.addresses:
        return (*sure, *short)
    where = one_line(person.view.addresses[0], 45)
    return (*(f"{one} · {where} · {sealed}" for one in short[:1]), *sure, *short)
