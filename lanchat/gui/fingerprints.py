"""Fingerprints: one's own to be shown, sixteen words in four rows, digits, and a code."""

import tkinter as tk
from tkinter import ttk
from typing import Final

from PIL import Image, ImageTk

from lanchat.gui import patches
from lanchat.gui.dialog import Dialog
from lanchat.gui.shell import Shell
from lanchat.gui.theme import Theme
from lanchat.gui.translate import _
from lanchat.identity.fingerprint import Fingerprint, fingerprint
from lanchat.identity.keys import PeerId
from lanchat.node import inviting

CODE: Final = 168  # px at 100 % of a code
BORDER: Final = 4  # modules around a code, so that it can be scanned
_COLUMNS: Final = 4


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
    text, _addresses = inviting.ours(
        me.peer_id, me.addresses, 0 if me.showing.hidden else me.port
    )
    _printed(dialog.body, shell.theme, me.peer_id, text)

    def copy() -> None:
        shell.root.clipboard_clear()
        shell.root.clipboard_append(text)
        shell.say(_("Your invite is on the clipboard."))

    dialog.buttons((_("Close"), None, "close"), (_("Copy my invite"), copy, "copy_invite"))


def _printed(parent: tk.Misc, theme: Theme, peer: PeerId, invite: str) -> None:
    """The words and digits of a key, and its invite as a code."""
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
    picture = qr(theme, invite)
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
