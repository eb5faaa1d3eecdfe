"""Visibility: the last question before a new profile opens: on which networks to be seen."""

import tkinter as tk
from dataclasses import replace
from tkinter import ttk
from typing import Final

from lanchat.errors import LanchatError
from lanchat.gui import sentences, wrapping
from lanchat.gui.column import Column
from lanchat.gui.network_boxes import NetworkBoxes
from lanchat.gui.shell import Front
from lanchat.gui.text import ui_text
from lanchat.gui.translate import _
from lanchat.node.networks import usable

BUSY: Final = "Busy.Horizontal.TProgressbar"
ICON: Final = 40  # px


class Visibility(ttk.Frame):
    """The networks of this computer, and Start.  Holds the passphrase until then."""

    def __init__(self, column: Column, front: Front, profile: str, passphrase: str) -> None:
        super().__init__(column.body, name="visibility")
        self.column: Final = column
        self.front: Final = front
        self.profile: Final = profile
        self._passphrase = passphrase
        self._busy = False
        self.networks: Final = NetworkBoxes(
            self, front.theme, usable(), front.preferences.interfaces, self._chosen
        )
        self._texts: Final[list[ttk.Label]] = []
        self.icon: Final = ttk.Label(self, name="wifi")
        column.stack(self.icon)
        self._text("title", _("Who can see you?"), "H1.TLabel", 12)
        self._text(
            "visible",
            _(
                "Everybody with lanchat on the networks below sees your name and that you are"
                " here. What you write is read by nobody but whom you write to."
            ),
            "Muted.TLabel",
            4,
        )
        column.stack(self.networks, 12)
        self._text(
            "firewall",
            _(
                "If this computer asks whether lanchat may use the network, allow it: else"
                " nobody can reach you. With a firewall of your own, let UDP port 5353 and"
                " lanchat's TCP port in."
            ),
            "Muted.TLabel",
            16,
        )
        self.start: Final = ttk.Button(
            self, name="start", style="Accent.TButton", text=_("Start"), command=self.submit
        )
        column.stack(self.start, 20)
        self.bar: Final = ttk.Progressbar(
            self, name="starting", style=BUSY, mode="indeterminate"
        )
        self.reason: Final = self._text("reason", "", "Muted.TLabel", 6)
        self.bind("<Configure>", self._measure)
        self.bind("<Destroy>", self._destroyed)
        self._unwatch: Final = front.theme.watch(self._draw)
        self._draw()
        self._chosen()
        self.start.focus_set()

    def submit(self) -> None:
        """Keep what was chosen, and open the profile."""
        wanted = self.networks.wanted
        if self._busy or wanted is None:
            return
        self._work(True)
        front = self.front
        front.prefer(replace(front.preferences, interfaces=wanted))
        front.open(self.profile, self._passphrase, self._failed)

    def _chosen(self) -> None:
        none = self.networks.wanted is None
        self.start.state(["disabled" if none else "!disabled"])
        self.reason.configure(
            text=_("Choose at least one network.") if none else "", style="Muted.TLabel"
        )

    def _failed(self, error: LanchatError) -> None:
        if not self.winfo_exists():
            return
        self._work(False)
        self.reason.configure(text=ui_text(sentences.of(error)), style="Bad.TLabel")
        self.start.focus_set()

    def _work(self, busy: bool) -> None:
        self._busy = busy
        self.networks.allow(not busy)
        self.start.state(["disabled" if busy else "!disabled"])
        self.start.configure(text=_("Starting…") if busy else _("Start"))
        if busy:
            self.column.stack(self.bar, 6, after=self.start)
            self.bar.start(15)
        else:
            self.bar.stop()
            self.bar.pack_forget()

    def _text(self, name: str, text: str, style: str, above: int) -> ttk.Label:
        label = ttk.Label(self, name=name, text=text, style=style)
        self.column.stack(label, above)
        self._texts.append(label)
        return label

    def _measure(self, event: "tk.Event[tk.Misc]") -> None:
        for label in self._texts:
            wrapping.fit(label, event.width)

    def _draw(self) -> None:
        self.icon.configure(
            image=self.front.theme.icon("broadcast", size=ICON, colour="accent")
        )

    def _destroyed(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._unwatch()
            self._passphrase = ""
