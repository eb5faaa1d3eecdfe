"""Shortcuts: the list of keys, made from the one table there is."""

import sys
from tkinter import ttk
from typing import Final

from lanchat.gui import keys
from lanchat.gui.dialog import Dialog
from lanchat.gui.shell import Surroundings
from lanchat.gui.translate import _, later

_MAC: Final = sys.platform == "darwin"
_PERSONS: Final = "Ctrl+1 … 9", later("The first nine people of the list")


def show(shell: Surroundings) -> None:
    """Show every command that has keys."""
    dialog = Dialog(shell.root, shell.theme, _("Keys"), name="shortcuts")
    px = shell.theme.px
    rows = [(keys.shown(one.keys, mac=_MAC), _(one.text)) for one in keys.COMMANDS if one.keys]
    rows.append((keys.shown(_PERSONS[0], mac=_MAC), _(_PERSONS[1])))
    rows += [(keys.all_shown(row, mac=_MAC), _(row.text)) for row in keys.MORE + keys.MESSAGES]
    half = -(-len(rows) // 2)
    for place, (held, text) in enumerate(rows):
        column, row = divmod(place, half)
        ttk.Label(dialog.body, text=held, style="Strong.TLabel").grid(
            row=row, column=2 * column, sticky="w", padx=(px(24) if column else 0, px(14))
        )
        ttk.Label(dialog.body, text=text).grid(row=row, column=2 * column + 1, sticky="w")
    dialog.buttons((_("Close"), None, "close"))
