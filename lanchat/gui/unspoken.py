"""Unspoken: making sure of somebody without a call, by the permanent fingerprints of both.

Theirs and mine stand beside each other, mine also as a code that they can scan; what they
gave by another way is typed, pasted, or read out of a picture.  Nothing changes before the
user has seen that it is the same key, and says so.  PROTOCOL.md, 5.
"""

from collections.abc import Callable
from tkinter import ttk
from typing import Final

from lanchat.errors import BadInvite, BadWords, LanchatError, VerificationFailed
from lanchat.gui import accessible, prints, sentences, wrapping
from lanchat.gui.code_pictures import CodePictures
from lanchat.gui.dialog import Dialog
from lanchat.gui.field import LONGEST, Field
from lanchat.gui.fingerprints import qr
from lanchat.gui.shaping import label
from lanchat.gui.shell import Shell
from lanchat.gui.text import name_text, one_line
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _
from lanchat.identity.fingerprint import fingerprint, invite, invite_in, is_invite
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact
from lanchat.node import comparing

SIDE: Final = 392  # px at 100 % of one of the two
BETWEEN: Final = 20  # px between them
EDGES: Final = 48  # px of the dialog around them
BESIDE: Final = 2 * SIDE + BETWEEN + EDGES  # px from which on they stand beside each other


def show(shell: Shell, peer: PeerId) -> None:
    """The fingerprint of somebody and mine, and a field for what they say theirs is."""
    if shell.screen.me is not None:
        Unspoken(shell, peer, shell.screen.me.peer_id)


class Unspoken(Dialog):
    """The dialog, from two fingerprints to a yes or a no."""

    def __init__(self, shell: Shell, peer: PeerId, me: PeerId) -> None:
        person = shell.screen.people.get(peer)
        self._called = one_line(name_text(person.name), 40) if person else peer.short
        self._shell = shell
        self._peer = peer
        self._me = me
        self._same = ""  # what was compared, and is of the same key
        self._other = ""  # or of another
        self._button: ttk.Button | None = None
        room = min(shell.root.winfo_width(), shell.root.winfo_screenwidth())
        self.beside: Final = room >= shell.theme.px(BESIDE)
        super().__init__(
            shell.root,
            shell.theme,
            _("Verify {name} without a call").format(name=self._called),
            name="fingerprint",
            width=BESIDE if self.beside else SIDE + EDGES,
        )
        self.message(
            _(
                "Ask {name} for their fingerprint by a way you trust: a letter, another"
                " messenger, their code on paper. It must be this one."
            ).format(name=self._called),
            style="Muted.TLabel",
        )
        sides = ttk.Frame(self.body, name="sides")
        sides.pack(fill="x", pady=(self.theme.px(6), 0))
        theirs, mine = (ttk.Frame(sides, name=name) for name in ("theirs", "mine"))
        px = self.theme.px
        theirs.grid(row=0, column=0, sticky="new")
        sides.columnconfigure(0, weight=1, uniform="side")
        if self.beside:
            mine.grid(row=0, column=2, sticky="new")
            sides.columnconfigure(1, minsize=px(BETWEEN))
            sides.columnconfigure(2, weight=1, uniform="side")
        else:
            mine.grid(row=1, column=0, sticky="new", pady=(px(BETWEEN), 0))
        self._theirs(theirs)
        self._mine(mine)
        made = self.buttons((_("Close"), None, "close"), (_("Compare"), None, "compare_print"))
        self._button = button = made["compare_print"]
        button.configure(command=self._compare)

    # --- what stands there --------------------------------------------------------------

    def _theirs(self, side: ttk.Frame) -> None:
        px = self.theme.px
        of = _("Copy the fingerprint of {name}").format(name=self._called)
        self._card(side, self._called, self._peer, ("copy_theirs", of))
        self._field = Field(
            side,
            self.theme,
            _("Type or paste what they gave you: words, digits or their invite"),
            name="their_fingerprint",
            changed=self._changed,
            submit=self._entered,
        )
        wrapping.fit(self._field.label, px(SIDE))
        wrapping.wrap(self._field.label)
        self._field.label.grid_configure(sticky="ew")
        self._field.pack(fill="x", pady=(px(14), 0))
        self._pictures = CodePictures(
            self, self._field.entry, self._shell,
            found=self._scanned, failed=self._unread, busy=self._busy,
        )  # fmt: skip
        ways = self._pictures.offer(side, _("Scan or paste a code…"), SIDE - 200)
        if ways is not None:
            ways.pack(fill="x", pady=(px(6), 0))
        self._verdict = ttk.Frame(side, name="verdict_bar")
        self._sign = ttk.Label(self._verdict)
        self._sign.grid(row=0, column=0, sticky="n", padx=px(10), pady=px(8))
        self._said = ttk.Label(self._verdict, name="verdict")
        self._said.grid(row=0, column=1, sticky="ew", padx=(0, px(10)), pady=px(8))
        self._verdict.columnconfigure(1, weight=1)
        wrapping.fit(self._said, px(SIDE - 60))
        wrapping.wrap(self._said)
        self._yes = ttk.Button(
            self._verdict, name="mark_verified", text=_("Mark as verified"),
            style="Accent.TButton", command=self._agree,
        )  # fmt: skip
        self._note = ttk.Button(
            self._verdict, name="note_failed", text=_("It did come from them"),
            style="Bar.Bad.TButton", command=self._note_it,
        )  # fmt: skip

    def _mine(self, side: ttk.Frame) -> None:
        px = self.theme.px
        card = self._card(side, _("You"), self._me, ("copy_mine", _("Copy my fingerprint")))
        code = qr(self.theme, invite(self._me))
        if code is None:
            return
        row = ttk.Frame(card, name="my_code_row", style="Side.TFrame")
        row.grid(row=prints.ROWS, column=0, columnspan=4, sticky="w", pady=(px(10), 0))
        picture = ttk.Label(row, name="code", image=code)
        picture.picture = code  # type: ignore[attr-defined]  # Tk forgets it otherwise
        picture.pack(side="left")
        accessible.name(picture, _("The code of my key"))
        ttk.Label(
            row, name="my_code_way", style="Card.Muted.TLabel", wraplength=px(SIDE - 210),
            text=label(
                _("{name} can scan this code, or be sent a picture of it.").format(
                    name=self._called
                )
            ),
        ).pack(side="left", padx=(px(12), 0))  # fmt: skip

    def _card(
        self, side: ttk.Frame, title: str, peer: PeerId, copy: tuple[str, str]
    ) -> ttk.Frame:
        """Whose it is, a button that copies it, and the words and digits."""
        px, (name, says) = self.theme.px, copy
        top = ttk.Frame(side)
        top.pack(fill="x", pady=(0, px(4)))
        button = ttk.Button(
            top, name=name, text=_("Copy"), style="Quiet.TButton", command=self._copier(peer)
        )
        button.pack(side="right")
        accessible.name(button, says)
        ttk.Label(top, text=label(title), style="Strong.TLabel").pack(side="left")
        card = ttk.Frame(side, name="print", style="Card.TFrame", padding=(px(12), px(8)))
        card.pack(fill="x")
        prints.put(card, self.theme, peer, wide=SIDE - 24)
        return card

    def _copier(self, peer: PeerId) -> Callable[[], None]:
        def copy() -> None:
            self.clipboard_clear()
            self.clipboard_append(str(fingerprint(peer)))
            self._shell.say(_("The 16 words are on the clipboard."))

        return copy

    # --- what happens -------------------------------------------------------------------

    def _changed(self) -> None:
        """Something else was typed: what came of the last comparison counts no more."""
        self._same = self._other = ""
        self._verdict.pack_forget()
        if self._button is not None:
            self._button.configure(style="Accent.TButton")

    def _entered(self) -> None:
        """Enter compares, but is no yes: that is said on purpose."""
        if self._same:
            self._yes.focus_set()
        else:
            self._compare()

    def _compare(self) -> None:
        text = invite_in(self._field.text)
        self._changed()
        if not text:
            self._wrong(_("Type or paste it first."))
            return
        try:
            comparing.proof(self._peer, text)
        except VerificationFailed:
            self._differs(text)
        except (BadWords, BadInvite) as error:
            self._wrong(sentences.of(error, " "))
        else:
            self._is_same(text)

    def _is_same(self, text: str) -> None:
        """Of this key: the yes is a button of its own, so that pressing twice is none."""
        self._same = text
        said = _(
            "This is the key of the {name} you see here. If you are sure that it came from"
            " them, say so."
        )
        self._say(said.format(name=self._called), Tone.GOOD)
        if self._button is not None:
            self._button.configure(style="TButton")  # the one to choose is the yes

    def _differs(self, text: str) -> None:
        """Of another key: noted only on purpose, as it may be the picture of somebody else."""
        said = _(
            "No. This is another key, not that of the {name} you see here. Nothing has changed."
            " Ask them once more: if it stays so, this is not {name}."
        )
        mine = self._is_mine(text)
        if mine:
            said = _("No. This is your own: what {name} gave you is wanted here.")
        self._other = "" if mine else text
        self._say(said.format(name=self._called), Tone.BAD)
        self._field.focus_entry()

    def _is_mine(self, text: str) -> bool:
        try:
            comparing.proof(self._me, text)
        except VerificationFailed:
            return False
        return True

    def _say(self, text: str, tone: Tone) -> None:
        px, bad = self.theme.px, tone is Tone.BAD
        kind = "Bar.Bad." if bad else "Card."
        sign = (
            self.theme.icon("exclamation-triangle-fill", 18, "bad", "bar_bad")
            if bad
            else self.theme.icon("patch-check-fill", 18, "ok", "side")
        )
        self._verdict.configure(style=f"{kind}TFrame")
        self._sign.configure(style=f"{kind}TLabel", image=sign)
        self._said.configure(style=f"{kind}TLabel", text=label(text))
        for button, wanted in ((self._yes, not bad), (self._note, bad and self._other)):
            if wanted:
                button.grid(row=1, column=1, sticky="w", pady=(0, px(10)))
            else:
                button.grid_remove()
        self._verdict.pack(fill="x", pady=(px(10), 0))
        self.update_idletasks()
        self._fitted.see(self._verdict)

    def _agree(self) -> None:
        text, peer = self._same, self._peer
        self._shell.ask(
            lambda node: comparing.enter(node, peer, text), self._verified, self._refused
        )

    def _verified(self, _contact: Contact) -> None:
        self._shell.say(_("You verified {name}.").format(name=self._called), Tone.GOOD)
        if self.winfo_exists():
            self.destroy()

    def _note_it(self) -> None:
        """The user is sure whose it is: the comparison failed, and that stays with them."""
        text, peer = self._other, self._peer
        self._shell.ask(
            lambda node: comparing.enter(node, peer, text), self._verified, self._noted
        )

    def _noted(self, error: LanchatError) -> None:
        if not isinstance(error, VerificationFailed):
            self._refused(error)
            return
        said = _("It is noted at {name} that the fingerprints are different.")
        self._shell.say(said.format(name=self._called), Tone.BAD)
        if self.winfo_exists():
            self.destroy()

    def _refused(self, error: LanchatError) -> None:
        if self.winfo_exists():
            self._changed()
            self._wrong(sentences.of(error, " "))

    # --- a picture ----------------------------------------------------------------------

    def _scanned(self, text: str) -> None:
        if is_invite(text):
            self._field.put(one_line(text, LONGEST))
            self._compare()

    def _unread(self, error: LanchatError) -> None:
        self._changed()
        self._wrong(sentences.of(error, " "))

    def _busy(self, busy: bool) -> None:
        self._field.allow(not busy)
        if self._button is not None:
            self._button.state(["disabled" if busy else "!disabled"])

    def _wrong(self, text: str) -> None:
        self._field.wrong(text)
        self._field.focus_entry()
