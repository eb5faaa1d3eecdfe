"""Fingerprints: the way to be sure of somebody without a call, and one's own to be shown.

Sixteen words in four rows, the same as digits, and a code to be scanned; what the other
person sent by another way can be typed or pasted in.
"""

import tkinter as tk
from tkinter import ttk
from typing import Final

from PIL import Image, ImageTk

from lanchat.errors import LanchatError
from lanchat.gui import patches, sentences
from lanchat.gui.dialog import Dialog
from lanchat.gui.field import Field
from lanchat.gui.shell import Shell
from lanchat.gui.text import name_text, one_line
from lanchat.gui.theme import Theme
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _
from lanchat.identity.fingerprint import Fingerprint, fingerprint, invite
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact
from lanchat.node import comparing, inviting

CODE: Final = 168  # px at 100 % of a code
BORDER: Final = 4  # modules around a code, so that it can be scanned
_COLUMNS: Final = 4


def show(shell: Shell, peer: PeerId) -> None:
    """The permanent fingerprint of somebody, and a field for what they say it is."""
    _Theirs(shell, peer)


def show_mine(shell: Shell) -> None:
    """My own, to be read out or scanned."""
    me = shell.screen.me
    if me is None:
        return
    dialog = Dialog(
        shell.root, shell.theme, _("My fingerprint"), name="my_fingerprint", width=600
    )
    dialog.message(
        _(
            "This is how others can be sure of you without a call: read it out, show the code,"
            " or send it by another way that they trust."
        ),
        style="Muted.TLabel",
    )
    _printed(dialog.body, shell.theme, me.peer_id, code=True)
    text, _addresses = inviting.ours(
        me.peer_id, me.addresses, 0 if me.showing.hidden else me.port
    )

    def copy() -> None:
        shell.root.clipboard_clear()
        shell.root.clipboard_append(text)
        shell.say(_("Your invite is on the clipboard."))

    dialog.buttons((_("Close"), None, "close"), (_("Copy my invite"), copy, "copy_invite"))


class _Theirs(Dialog):
    """Somebody's fingerprint beside what we hold of them."""

    def __init__(self, shell: Shell, peer: PeerId) -> None:
        person = shell.screen.people.get(peer)
        self._called = one_line(name_text(person.name), 40) if person else peer.short
        super().__init__(
            shell.root,
            shell.theme,
            _("Verify {name} without a call").format(name=self._called),
            name="fingerprint",
            width=620,
        )
        self._shell = shell
        self._peer = peer
        self.message(
            _(
                "Ask {name} for their fingerprint by a way you trust: a letter, another"
                " messenger, their code on paper. It must be this one."
            ).format(name=self._called),
            style="Muted.TLabel",
        )
        _printed(self.body, shell.theme, peer, code=False)
        self._field = Field(
            self.body,
            shell.theme,
            _("Type or paste what they gave you: words, digits or their invite"),
            name="their_fingerprint",
            submit=self._compare,
        )
        self._field.pack(fill="x", pady=(shell.theme.px(12), 0))
        made = self.buttons((_("Close"), None, "close"), (_("Compare"), None, "compare_print"))
        made["compare_print"].configure(command=self._compare)

    def _compare(self) -> None:
        text, peer = self._field.text, self._peer
        if not text.strip():
            self._field.wrong(_("Type or paste it first."))
            self._field.focus_entry()
            return
        self._shell.ask(
            lambda node: comparing.enter(node, peer, text), self._verified, self._failed
        )

    def _verified(self, _contact: Contact) -> None:
        self._shell.say(_("You verified {name}.").format(name=self._called), Tone.GOOD)
        self.destroy()

    def _failed(self, error: LanchatError) -> None:
        if self.winfo_exists():
            self._field.wrong(sentences.of(error, " "))
            self._field.focus_entry()


def _printed(parent: tk.Misc, theme: Theme, peer: PeerId, *, code: bool) -> None:
    """The words and digits of a key, and its code if wanted."""
    px = theme.px
    whole = ttk.Frame(parent)
    whole.pack(fill="x", pady=(px(6), px(4)))
    printed = fingerprint(peer)
    words = ttk.Frame(whole, name="print_words")
    words.pack(side="left", anchor="n")
    for place, word in enumerate(printed.words):
        ttk.Label(words, text=word, style="Strong.TLabel").grid(
            row=place // _COLUMNS, column=place % _COLUMNS, sticky="w", padx=(0, px(16)),
            pady=px(3),
        )  # fmt: skip
    ttk.Label(words, name="print_hex", text=digits(printed), style="Mono.TLabel").grid(
        row=4, column=0, columnspan=_COLUMNS, sticky="w", pady=(px(8), 0)
    )
    if code:
        picture = qr(theme, invite(peer))
        if picture is not None:
            label = ttk.Label(whole, name="code", image=picture)
            label.pack(side="right", anchor="n", padx=(px(12), 0))
            label.picture = picture  # type: ignore[attr-defined]  # Tk forgets it otherwise


def digits(printed: Fingerprint) -> str:
    """The 32 digits in eight groups, on two lines."""
    groups = [printed.hex[at : at + 4] for at in range(0, 32, 4)]
    return " ".join(groups[:4]) + "\n" + " ".join(groups[4:])


def qr(theme: Theme, text: str) -> ImageTk.PhotoImage | None:
    """A code of `text`, black on white in both modes; None without segno."""
    try:
        import segno
    except ImportError:
        return None
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    side = len(rows) + 2 * BORDER
    small = Image.new("L", (side, side), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                small.putpixel((x + BORDER, y + BORDER), 0)
    times = max(theme.px(CODE) // side, 2)
    whole = small.resize((side * times, side * times), Image.Resampling.NEAREST)
    return patches.photo(theme.root, whole.convert("RGB"))
