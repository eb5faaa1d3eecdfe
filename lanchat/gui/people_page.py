"""The people of the settings: who is verified and who is blocked."""

import tkinter as tk
from tkinter import ttk
from typing import Final

from lanchat.gui import details
from lanchat.gui.avatars import avatar
from lanchat.gui.shell import Shell
from lanchat.gui.text import name_text, one_line
from lanchat.gui.translate import _
from lanchat.identity.trust import Trust
from lanchat.node.person import Person

MOST: Final = 8  # of each kind; the list of people has the rest


def fill(page: tk.Misc, shell: Shell) -> None:
    """Put the rows into a page of the settings."""
    people = sorted(shell.screen.people.values(), key=lambda one: one.name.casefold())
    for trust, title in ((Trust.VERIFIED, _("Verified")), (Trust.BLOCKED, _("Blocked"))):
        chosen = [one for one in people if one.trust is trust]
        ttk.Label(page, text=f"{title} · {len(chosen)}", style="Strong.TLabel").pack(
            anchor="w", pady=(shell.theme.px(4), shell.theme.px(6))
        )
        for person in chosen[:MOST]:
            _row(page, shell, person)
        if not chosen:
            ttk.Label(page, text=_("Nobody yet"), style="Muted.TLabel").pack(anchor="w")


def _row(page: tk.Misc, shell: Shell, person: Person) -> None:
    name = name_text(person.name)
    ttk.Button(
        page,
        name=f"person_{person.peer_id.short}",
        text=f"  {one_line(name, 40)}",
        image=avatar(shell.theme, person.peer_id, name, 24, None, on="window"),
        compound="left",
        style="Quiet.TButton",
        command=lambda: details.show(shell, person.peer_id),
    ).pack(anchor="w")
