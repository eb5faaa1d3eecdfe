"""My invite: what I give to somebody who does not see me, as a code and as text."""

import tkinter as tk
from tkinter import ttk
from typing import Final

from lanchat.gui.fingerprints import qr
from lanchat.gui.screen import Me
from lanchat.gui.shell import Shell
from lanchat.gui.translate import _
from lanchat.node import inviting

BESIDE: Final = 300  # px at 100 % of the text beside the code


def ours(me: Me) -> tuple[str, tuple[str, ...]]:
    """My invite, and the addresses in it; none while I am invisible."""
    return inviting.ours(me.peer_id, me.addresses, 0 if me.showing.hidden else me.port)


class MyInvite(ttk.Frame):
    """The code, a sentence and a button that copies the text; nothing while we are not open."""

    def __init__(self, parent: tk.Misc, shell: Shell) -> None:
        super().__init__(parent, name="my_invite")
        me, px = shell.screen.me, shell.theme.px
        if me is None:
            return
        self._shell: Final = shell
        text, addresses = ours(me)
        self.text: Final = text
        ttk.Separator(self).pack(fill="x", pady=(0, px(12)))
        code = qr(shell.theme, text)
        if code is not None:
            picture = ttk.Label(self, name="my_code", image=code)
            picture.picture = code  # type: ignore[attr-defined]  # Tk forgets it otherwise
            picture.pack(side="right", anchor="n", padx=(px(12), 0))
        beside = ttk.Frame(self)
        beside.pack(side="left", fill="both", expand=True)
        ttk.Label(beside, text=_("Or give them your invite"), style="Strong.TLabel").pack(
            anchor="w"
        )
        where = _("It holds your key and where you are now, and no secret.")
        if me.showing.hidden:
            where = _("It holds your key. You are invisible, so it does not say where you are.")
        elif not addresses:
            where = _(
                "It holds your key. There is no network, so it does not say where you are."
            )
        elif inviting.is_inner(addresses):
            where = _(
                "It holds your key. There is no network, so it leads to others on this computer"
                " only."
            )
        for name, said in (
            ("my_invite_holds", where),
            ("my_invite_way", _("Send it by any way, or let them take a picture of the code.")),
        ):
            ttk.Label(
                beside, name=name, text=said, style="Muted.TLabel", wraplength=px(BESIDE)
            ).pack(anchor="w", pady=(px(4), 0))
        ttk.Button(
            beside, name="copy_my_invite", text=_("Copy my invite"), command=self._copy
        ).pack(anchor="w", pady=(px(10), 0))

    def _copy(self) -> None:
        self.clipboard_clear()
        self.clipboard_append(self.text)
        self._shell.say(_("Your invite is on the clipboard."))
