"""The alert pane: one line over everything while there is something a person should know."""

import tkinter as tk
from tkinter import ttk

from lanchat.gui import alerts, wrapping
from lanchat.gui.bar_pane import mark
from lanchat.gui.gestures import Alert, Dismissed, PeerChosen
from lanchat.gui.shaping import label
from lanchat.gui.shell import Pane, Shell
from lanchat.gui.state import Screen
from lanchat.gui.translate import _


class AlertPane(Pane):
    """The newest alert; the one before it follows when it was read."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        super().__init__(parent, shell, style="TFrame", name="alerts")
        self._shown: tuple[Alert, str] | None = None
        self._end = shell.theme.watch(self._redraw)
        self.bind("<Destroy>", lambda event: self._end() if event.widget is self else None)

    def stops(self) -> tuple[ttk.Button, ...]:
        """Where F6 comes by."""
        return (self._button("seen"),) if self._shown is not None else ()

    def show(self, screen: Screen) -> None:
        """Draw what differs from what was shown last."""
        alert = screen.alerts[-1] if screen.alerts else None
        wanted = (alert, alerts.sentence(screen, alert)) if alert is not None else None
        if wanted != self._shown:
            self._shown = wanted
            self._redraw()

    def _redraw(self) -> None:
        for child in self.winfo_children():
            child.destroy()
        if self._shown is None:
            self.configure(height=1)
            self.grid_remove()
            return
        self.grid()
        alert, text = self._shown
        theme, kind = self.shell.theme, mark(self, alerts.tone(alert), self.shell.theme)
        px = theme.px
        self.configure(style=f"Bar.{kind}.TFrame")
        self.columnconfigure(1, weight=1)
        said = ttk.Label(self, name="alert", text=label(text), style=f"Bar.{kind}.TLabel")
        said.grid(row=0, column=1, sticky="ew")
        wrapping.wrap(said)
        buttons = [("seen", _("OK"))]
        if alert.peer_id is not None and alert.peer_id in self.shell.screen.people:
            buttons.insert(0, ("show_person", _("Show")))
        for place, (name, words) in enumerate(buttons):
            ttk.Button(
                self, name=name, text=words, style=f"Bar.{kind}.TButton",
                command=self._show_person if name == "show_person" else self._seen,
            ).grid(row=0, column=2 + place, padx=(px(6), 0), pady=px(5))  # fmt: skip
        self.columnconfigure(2 + len(buttons), minsize=px(12))

    def _button(self, name: str) -> ttk.Button:
        found: ttk.Button = self.nametowidget(name)
        return found

    def _seen(self) -> None:
        if self._shown is not None:
            self.shell.do(Dismissed(self._shown[0]))

    def _show_person(self) -> None:
        if self._shown is not None:
            self.shell.do(PeerChosen(self._shown[0].peer_id))
