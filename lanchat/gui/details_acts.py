"""What can be done about one person, below their details, each after a question.

The question takes the place of the buttons.  The safe answer has the keys, and no answer is
given by Enter from anywhere else.
"""

import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass
from tkinter import ttk
from typing import Final

from lanchat.gui import blocking, clearing
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.shell import Shell
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts
from lanchat.node.node import Node
from lanchat.node.person import Person

WIDTH: Final = 500  # px of a question


@dataclass(frozen=True, slots=True)
class _Question:
    """Something that is asked before it is done; `name` of its button."""

    name: str
    button: str
    text: str
    yes: str
    does: Callable[[], None]


class Acts(ttk.Frame):
    """The row of what can be done; `gone` is called when nobody is left to tell of."""

    def __init__(
        self, parent: tk.Misc, shell: Shell, peer: PeerId, gone: Callable[[], None]
    ) -> None:
        super().__init__(parent, name="acts")
        self._shell = shell
        self._peer = peer
        self._gone = gone
        self._shown: tuple[bool, bool, bool] | None = None
        self._asking = ""  # the name of the question that is asked

    def show(self, person: Person) -> None:
        """Offer what makes sense for this person."""
        blocked, verified = person.trust is Trust.BLOCKED, person.trust is Trust.VERIFIED
        wanted = blocked, verified, person.last is not None
        if wanted != self._shown:
            self._shown = wanted
            if not self._asking:  # what is being asked stays until it is answered
                self._offer()

    def dismiss(self) -> bool:
        """Take a question back; False if none was asked."""
        if not self._asking:
            return False
        asked, self._asking = self._asking, ""
        self._offer()
        self.update_idletasks()  # what is not on the screen gets the keys later, or never
        buttons = self.winfo_children()  # what was asked may have come about meanwhile
        next((one for one in buttons if one.winfo_name() == asked), buttons[-1]).focus_set()
        return True

    # --- drawing ------------------------------------------------------------------------

    def _offer(self) -> None:
        self._asking = ""
        self._empty()
        blocked, verified, talked = self._shown or (False, False, False)
        if blocked:
            self._button("unblock", _("Unblock"), self._unblock)
        if verified:
            self._button("unverify", _("No longer verified…"), self._asker(self._unverify()))
        if not blocked:
            self._button("block", _("Block…"), self._asker(self._block()))
        if talked:
            self._button("clear", _("Clear conversation…"), self._asker(self._clear()))
        self._button("forget", _("Forget…"), self._asker(self._forget()))

    def _button(self, name: str, text: str, does: Callable[[], None]) -> None:
        style = "TButton" if name == "unblock" else "Danger.TButton"
        button = ttk.Button(self, name=name, text=text, style=style, command=does)
        between = self._shell.theme.px(8) if self.winfo_children()[1:] else 0
        button.pack(side="left", padx=(between, 0))

    def _asker(self, question: _Question) -> Callable[[], None]:
        return lambda: self._ask(question)

    def _ask(self, question: _Question) -> None:
        """Put a question in the place of the buttons."""
        self._empty()
        self._asking = question.name
        px = self._shell.theme.px
        text = ttk.Label(self, name="question", text=question.text, wraplength=px(WIDTH))
        text.pack(anchor="w", fill="x", pady=(0, px(10)))
        row = ttk.Frame(self, name="answers")
        row.pack(fill="x")
        no = ttk.Button(row, name="no", text=_("Cancel"), command=self.dismiss)
        no.pack(side="left")

        def yes() -> None:
            self._asking = ""
            self._shown = None  # what can be done is something else now
            question.does()

        ttk.Button(
            row, name="confirm", text=question.yes, style="Danger.TButton", command=yes
        ).pack(side="left", padx=(px(8), 0))
        self.update_idletasks()
        no.focus_set()

    def _empty(self) -> None:
        for child in self.winfo_children():
            child.destroy()

    # --- what is done -------------------------------------------------------------------

    def _unblock(self) -> None:
        blocking.unblock(self._shell, self._peer)

    def _unverify(self) -> _Question:
        return _Question(
            "unverify",
            _("No longer verified…"),
            _("Take the verification back? They stay somebody you know."),
            _("Take it back"),
            self._trusting("known"),
        )

    def _block(self) -> _Question:
        return _Question(
            "block",
            _("Block…"),
            _(
                "Nothing they send reaches you any more, and they are not told. What was said"
                " stays here, and you can take it back at any time."
            ),
            _("Block"),
            self._trusting("block"),
        )

    def _trusting(self, action: str) -> Callable[[], None]:
        shell, peer = self._shell, self._peer

        def do() -> None:
            shell.ask(lambda node: acts.trust(node, peer, action))
            self._offer()

        return do

    def _clear(self) -> _Question:
        def clear() -> None:
            clearing.clear(self._shell, self._peer)
            self._offer()

        return _Question(
            "clear", _("Clear conversation…"), clearing.explained(), _("Clear"), clear
        )

    def _forget(self) -> _Question:
        shell, peer = self._shell, self._peer

        def gone() -> None:
            if shell.screen.chosen == peer:  # first, as the keys go back to what is there
                shell.do(PeerChosen(None))
            self._gone()
            clearing.clear(shell, peer, by=_forget)

        return _Question(
            "forget",
            _("Forget…"),
            _(
                "The conversation and all that makes sure of them are deleted on this computer,"
                " and so is what still waits to be sent. If they come back, they are new."
            ),
            _("Forget"),
            gone,
        )


async def _forget(node: Node, peer: PeerId) -> None:
    await acts.clear(node, peer)
    await acts.trust(node, peer, "forget")
