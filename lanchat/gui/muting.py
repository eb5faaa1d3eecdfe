"""Muting: being told no more of what somebody writes, without wanting nothing of theirs.

It still comes, and the list still counts it, quietly.  A question to compare words is asked
as ever: that is how one makes sure of somebody.
"""

import tkinter as tk
from tkinter import ttk
from typing import Final

from lanchat.gui.menus import Choice
from lanchat.gui.shell import Shell
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts
from lanchat.node.person import Person

_FRIENDS: Final = (Trust.KNOWN, Trust.VERIFIED)


def mute(shell: Shell, peer: PeerId, *, muted: bool) -> None:
    """Be told no more of what they write, or again."""
    shell.ask(lambda node: acts.mute(node, peer, muted=muted))


def choices(shell: Shell, person: Person) -> tuple[Choice, ...]:
    """What the menu of somebody offers: only of people one knows."""
    peer = person.peer_id
    if not _in_the_book(person):
        return ()
    if person.muted:
        return (Choice(_("Unmute"), lambda: mute(shell, peer, muted=False), "bell"),)
    return (Choice(_("Mute"), lambda: mute(shell, peer, muted=True), "bell-slash"),)


class Tick(ttk.Frame):
    """The same in the details about them."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        super().__init__(parent, name="muting")
        self._shell = shell
        self._peer: PeerId | None = None
        self._box = ttk.Checkbutton(
            self, name="muted", text=_("Mute: do not tell me when they write or offer files"),
            command=self._turned,
        )  # fmt: skip

    def show(self, person: Person) -> None:
        """Draw how it is; nothing of somebody who is new or blocked."""
        self._peer = person.peer_id
        self._box.state(["!alternate", "selected" if person.muted else "!selected"])
        if _in_the_book(person):
            self._box.pack(anchor="w", pady=(self._shell.theme.px(12), 0))
        else:
            self._box.pack_forget()
            self.configure(height=1)

    def _turned(self) -> None:
        if self._peer is not None:
            mute(self._shell, self._peer, muted=self._box.instate(["selected"]))


def _in_the_book(person: Person) -> bool:
    """Whether it is somebody one knows, and did not just forget."""
    return person.contact is not None and person.contact.trust in _FRIENDS
