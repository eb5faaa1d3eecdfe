"""Transfers: a strip above the composer that sums up, and a panel with all of them."""

import tkinter as tk
from collections.abc import Iterable
from tkinter import ttk
from typing import Final

from lanchat.gui import amounts, files, keys, sentences
from lanchat.gui.cards import ACTS, Transfer
from lanchat.gui.dialog import Dialog
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.items import Act, CardState
from lanchat.gui.shell import Pane, Shell
from lanchat.gui.state import Screen
from lanchat.gui.text import middle, name_text, one_line
from lanchat.gui.translate import _, later, ngettext

EVERY: Final = 250  # ms between two looks of an open panel
MOST: Final = 60  # transfers the panel shows, if the screen is high enough
ROW: Final = 90  # px of one at 100 %, with a line of reasons more
AROUND: Final = 260  # px that the panel and the desktop need around them
WIDTH: Final = 560  # px of the panel at 100 %
NAME: Final = "transfers_panel"

_STATES: Final = {
    CardState.ASKING: later("waits for your answer"),
    CardState.WAITING: later("waiting"),
    CardState.CHECKING: later("checking"),
    CardState.RUNNING: later("running"),
    CardState.PAUSED: later("paused"),
    CardState.HELD: later("paused, goes on by itself"),
    CardState.LOST: later("connection lost, goes on by itself"),
    CardState.DONE: later("done"),
    CardState.DECLINED: later("declined"),
    CardState.CANCELLED: later("cancelled"),
    CardState.FAILED: later("failed"),
}


def running(transfers: Iterable[Transfer]) -> tuple[Transfer, ...]:
    """Those that carry something now."""
    moving = (CardState.RUNNING, CardState.LOST, CardState.CHECKING)
    return tuple(one for one in transfers if one.state in moving)


def summary(transfers: Iterable[Transfer]) -> str:
    """What is under way, in a few words; "" if nothing is."""
    moving = running(transfers)
    if not moving:
        return ""
    done, total = sum(one.done for one in moving), sum(one.total for one in moving)
    rate = sum(one.rate for one in moving)
    parts = [
        ngettext("{number} transfer", "{number} transfers", len(moving)).format(
            number=len(moving)
        ),
        amounts.share(done, total),
    ]
    if rate:
        parts.append(amounts.rate(rate))
        parts.append(amounts.left(-(-max(total - done, 0) // rate)))
    return " · ".join(parts)


class Strip(Pane):
    """One line above the composer while something is on its way; a click opens the panel."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        super().__init__(parent, shell, style="Bar.Plain.TFrame", name="transfers_strip")
        self._text = ""
        self._button: ttk.Button | None = None

    def show(self, screen: Screen) -> None:
        """Draw what differs from what was shown last."""
        text = summary(screen.transfers.values())
        if text == self._text:
            return
        self._text = text
        if not text:
            if self._button is not None:
                self._button.destroy()
                self._button = None
            self.configure(height=1)
            return
        if self._button is None:
            self._button = ttk.Button(
                self, name="open_transfers", style="Bar.TButton", command=self._open
            )
            self._button.pack(
                anchor="w", padx=self.shell.theme.px(12), pady=self.shell.theme.px(4)
            )
        self._button.configure(text=f"{text}   {keys.shown('Ctrl+J')}")

    def _open(self) -> None:
        toggle(self.shell)


def toggle(shell: Shell) -> None:
    """Show the panel, or close it."""
    if NAME in shell.root.children:
        shell.root.nametowidget(NAME).destroy()
        return
    _Panel(shell)


class _Panel(Dialog):
    """Everything on its way, and what ended while the window was open."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(
            shell.root, shell.theme, _("Files on their way"), name=NAME, width=WIDTH
        )
        self._shell = shell
        self._rows: dict[bytes, _Row] = {}
        self._rest = ttk.Label(self.body, name="no_transfers", style="Muted.TLabel")
        self._job: str | None = None
        self._look()
        self.buttons((_("Close"), None, "close"))

    def destroy(self) -> None:
        """Go, and look no more."""
        if self._job is not None:
            self.after_cancel(self._job)
            self._job = None
        super().destroy()

    def _look(self) -> None:
        every = sorted(
            self._shell.screen.transfers.values(), key=lambda one: (not one.active, -one.at)
        )
        held = every[: self._most()]
        wanted = {one.id for one in held}
        for gone in [one for one in self._rows if one not in wanted]:
            self._rows.pop(gone).destroy()
        for one in held:
            if one.id not in self._rows:
                self._rows[one.id] = _Row(self.body, self._shell, one)
                self._rows[one.id].pack(fill="x", pady=(0, self.theme.px(12)))
            self._rows[one.id].show(one)
        self._say_rest(len(held), len(every))
        self._job = self.after(EVERY, self._look)

    def _most(self) -> int:
        """How many there is room for on this screen."""
        room = self.winfo_screenheight() - self.theme.px(AROUND)
        return min(max(room // self.theme.px(ROW), 1), MOST)

    def _say_rest(self, shown: int, held: int) -> None:
        rest = held - shown
        text = _("Nothing is on its way.")
        if rest:
            text = ngettext("and {number} more", "and {number} more", rest).format(number=rest)
        self._rest.configure(text=text)
        self._rest.pack_forget()
        if rest or not held:
            self._rest.pack(anchor="w")


class _Row(ttk.Frame):
    """One transfer in the panel."""

    def __init__(self, parent: tk.Misc, shell: Shell, transfer: Transfer) -> None:
        super().__init__(parent, name=f"transfer_{transfer.id.hex()[:8]}")
        self._shell = shell
        self._shown: Transfer | None = None
        px = shell.theme.px
        self.columnconfigure(0, weight=1)
        self._title = ttk.Button(self, style="Quiet.TButton", command=self._go)
        self._title.grid(row=0, column=0, sticky="w")
        self._bar = ttk.Progressbar(self, maximum=1000)
        self._bar.grid(row=1, column=0, columnspan=2, sticky="ew", pady=px(4))
        self._state = ttk.Label(self, style="Muted.TLabel", wraplength=px(WIDTH - 48))
        self._state.grid(row=2, column=0, columnspan=2, sticky="w")
        self._acts = ttk.Frame(self)
        self._acts.grid(row=0, column=1, sticky="e")

    def show(self, transfer: Transfer) -> None:
        """Draw how far it is."""
        before, self._shown = self._shown, transfer
        if transfer == before:
            return
        person = self._shell.screen.people.get(transfer.peer_id)
        name = one_line(name_text(person.name), 30) if person else transfer.peer_id.short
        self._title.configure(text=f"{title(transfer)} {'→' if transfer.mine else '←'} {name}")
        self._bar.configure(value=transfer.done * 1000 // max(transfer.total, 1))
        self._state.configure(text=line(transfer))
        if before is None or before.state is not transfer.state:
            self._buttons(transfer)

    def _buttons(self, transfer: Transfer) -> None:
        for child in self._acts.winfo_children():
            child.destroy()
        ours, theirs = ACTS[transfer.state]
        for act in ours if transfer.mine else theirs:
            ttk.Button(
                self._acts,
                name=act.value,
                text=files.label(act),
                style="Bar.TButton",
                command=lambda chosen=act: self._do(chosen),  # type: ignore[misc]  # bound now
            ).pack(side="left", padx=(self._shell.theme.px(6), 0))

    def _do(self, act: Act) -> None:
        if self._shown is not None:
            files.act(self._shell, self._shown.id.hex(), act)

    def _go(self) -> None:
        if self._shown is not None:
            peer = self._shown.peer_id
            self._shell.do(PeerChosen(peer))


def title(transfer: Transfer) -> str:
    """What is carried, in a few words."""
    first = middle(name_text(transfer.names[0][0]), 36) if transfer.names else ""
    rest = transfer.count - 1
    if rest <= 0:
        return first
    return ngettext("{name} and {number} more", "{name} and {number} more", rest).format(
        name=first, number=rest
    )


def line(transfer: Transfer) -> str:
    """How far it is, in a few words."""
    parts = [amounts.part(transfer.done, transfer.total)]
    if transfer.state is CardState.RUNNING and transfer.rate:
        parts.append(amounts.rate(transfer.rate))
        if transfer.seconds_left is not None:
            parts.append(amounts.left(transfer.seconds_left))
    else:
        parts.append(_(_STATES[transfer.state]))
    if transfer.detail:
        parts.append(one_line(sentences.reason(transfer.detail), 80))
    return " · ".join(parts)
