"""Adding: somebody at a typed address, whom multicast does not reach.

Whoever answers there may be anybody: who it is and their fingerprint are shown, and nothing
is held of them before the user says yes.
"""

import tkinter as tk
from tkinter import ttk
from typing import Final

from lanchat.errors import LanchatError, PeerNotFound, UnconfirmedPeer
from lanchat.gui import prints, sentences
from lanchat.gui.avatars import avatar
from lanchat.gui.dialog import Dialog
from lanchat.gui.field import Field
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.shaping import label
from lanchat.gui.shell import Shell
from lanchat.gui.text import name_text, one_line
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.node import acts

WIDTH: Final = 500
AVATAR: Final = 44


def show(shell: Shell) -> None:
    """Ask for an address."""
    _Adding(shell)


class _Adding(Dialog):
    """The dialog, from the address to the person."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(
            shell.root, shell.theme, _("Add somebody by address"), name="adding", width=WIDTH
        )
        self._shell = shell
        self._tried = ""  # the address that was dialled last
        self._confirmed: PeerId | None = None  # who answered there, once shown
        self._dialling = False
        self.message(
            _(
                "For somebody whom lanchat does not find by itself, in another part of the"
                " network. Their address stands at the lower left of their window."
            ),
            style="Muted.TLabel",
        )
        self._field = Field(
            self.body, shell.theme, _("Address and port"), name="address",
            changed=self._changed, submit=self._entered,
        )  # fmt: skip
        self._field.pack(fill="x", pady=(shell.theme.px(4), 0))
        self._field.hint(_("Like 192.168.1.31:48321"))
        self._busy = ttk.Progressbar(
            self.body, name="dialling", style="Busy.Horizontal.TProgressbar",
            mode="indeterminate",
        )  # fmt: skip
        self._answer = ttk.Frame(self.body, name="answer")
        made = self.buttons((_("Cancel"), None, "cancel"), (_("Connect"), None, "connect"))
        self._button = made["connect"]
        self._button.configure(command=self._dial)
        self._changed()

    # --- what happens -------------------------------------------------------------------

    def _changed(self) -> None:
        """Another address: who answered at the last one does not count any more."""
        if self._field.text.strip() != self._tried:
            self._forget_answer()
        ready = bool(self._field.text.strip()) and not self._dialling
        self._button.state(["!disabled" if ready else "disabled"])

    def _entered(self) -> None:
        """Enter dials, but adds nobody: that is done on purpose."""
        if self._confirmed is None:
            self._dial()
        else:
            self._button.focus_set()

    def _dial(self) -> None:
        text, confirmed = self._field.text.strip(), self._confirmed
        if not text or self._dialling:
            return
        if not _dialable(text):
            self._field.wrong(_("Write an address and a port, such as 192.168.1.31:48321."))
            self._field.focus_entry()
            return
        self._tried = text
        self._work(dialling=True)
        self._shell.ask(lambda node: acts.add(node, text, confirmed), self._added, self._failed)

    def _added(self, peer: PeerId) -> None:
        if self.winfo_exists():
            self.on_close = None
            self.destroy()
        self._shell.do(PeerChosen(peer))

    def _failed(self, error: LanchatError) -> None:
        if not self.winfo_exists():
            return
        self._work(dialling=False)
        if isinstance(error, UnconfirmedPeer):
            self._show_answer(error)
            return
        sentence = sentences.of(error, " ")
        if isinstance(error, PeerNotFound):
            sentence = _("Nobody answered there. Is lanchat open, and the port right?")
        self._field.wrong(sentence)
        self._field.focus_entry()

    def _work(self, *, dialling: bool) -> None:
        self._dialling = dialling
        self._field.allow(not dialling)
        self._button.state(["disabled" if dialling else "!disabled"])
        if dialling:
            self._busy.pack(fill="x", pady=(self.theme.px(10), 0))
            self._busy.start(15)
        else:
            self._busy.stop()
            self._busy.pack_forget()

    # --- who answered -------------------------------------------------------------------

    def _forget_answer(self) -> None:
        self._confirmed = None
        self._answer.pack_forget()
        for child in self._answer.winfo_children():
            child.destroy()
        self._button.configure(text=_("Connect"))

    def _show_answer(self, found: UnconfirmedPeer) -> None:
        """Somebody answered whom the user does not know: show who."""
        self._forget_answer()
        peer, px = PeerId.parse(found.peer_id), self.theme.px
        self._confirmed = peer
        name = one_line(name_text(found.name), 40)
        card = ttk.Frame(
            self._answer, name="card", style="Card.TFrame", padding=(px(12), px(10))
        )
        card.pack(fill="x")
        face = avatar(self.theme, peer, name, AVATAR, None, on="side")
        picture = ttk.Label(card, image=face, style="Card.TLabel")
        picture.picture = face  # type: ignore[attr-defined]  # Tk forgets it otherwise
        picture.grid(row=0, column=0, rowspan=2, padx=(0, px(12)), sticky="n")
        answered = _("{name} answers").format(name=name)
        ttk.Label(card, name="answered", text=label(answered), style="SideStrong.TLabel").grid(
            row=0, column=1, sticky="w"
        )
        ttk.Label(
            card, name="new_here", style="Card.Muted.TLabel", wraplength=px(WIDTH - 140),
            text=_("You do not know them yet, and anyone can use any name."),
        ).grid(row=1, column=1, sticky="w")  # fmt: skip
        self._words(card, peer, "answered_words", 2)
        if found.namesake:
            self._warn(card, found)
        ttk.Label(
            self._answer, name="advice", style="Muted.TLabel", wraplength=px(WIDTH - 48),
            text=_("If you can, ask them for these words before you add them."),
        ).pack(anchor="w", pady=(px(8), 0))  # fmt: skip
        self._answer.pack(fill="x", pady=(px(12), 0))
        self._button.configure(text=_("Add them"))

    def _warn(self, card: tk.Misc, found: UnconfirmedPeer) -> None:
        """Somebody else has that name: show both."""
        px, named = self.theme.px, one_line(name_text(found.known_as), 40)
        text = (
            _("This is not the {name} you know, who has these words:").format(name=named)
            if named
            else _("This is not you: they use your name, and these words are yours:")
        )
        ttk.Label(
            card, name="not_the_same", style="Card.Bad.TLabel", wraplength=px(WIDTH - 80),
            text=label(text),
        ).grid(row=3, column=0, columnspan=2, sticky="w", pady=(px(10), 0))  # fmt: skip
        self._words(card, PeerId.parse(found.namesake), "known_words", 4)

    def _words(self, card: tk.Misc, peer: PeerId, name: str, row: int) -> None:
        words = ttk.Frame(card, name=name, style="Side.TFrame")
        words.grid(row=row, column=0, columnspan=2, sticky="ew", pady=(self.theme.px(10), 0))
        card.grid_columnconfigure(1, weight=1)
        prints.put(words, self.theme, peer, wide=WIDTH - 80)


def _dialable(text: str) -> bool:
    """Whether it could be HOST:PORT at all."""
    host, colon, port = text.rpartition(":")
    return bool(host and colon) and port.isascii() and port.isdigit() and 0 < int(port) < 65536
