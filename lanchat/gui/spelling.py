"""Spelling: emoji on their way into a field, where this display may not be given them.

What is typed, pasted, dropped by the middle button or chosen from a picker all comes to the
`insert` of the field, so that is where each becomes its name (emoji.py says why); what the
name stands for is remembered, and is what is sent, searched and tried as a passphrase.
"""

import re
import tkinter as tk
from tkinter import ttk
from typing import Final

from lanchat.gui.text import display_draws, spelled_for

_HALF: Final = re.compile("[\ud800-\udfff]")  # two that come one by one would be a whole one
_INSERT: Final = """
    proc ::lanchat_insert {plain spell operation args} {
        if {$operation in {insert replace set}} { set args [lmap one $args {$spell $one}] }
        tailcall $plain $operation {*}$args
    }
"""


class Spelling:
    """What stands in a field by its name.  Lives on the Tk thread."""

    def __init__(self, field: "tk.Text | ttk.Entry") -> None:
        self._known: Final[dict[str, str]] = {}
        if display_draws():
            return
        call, path = field.tk.call, str(field)
        plain = f"::lanchat_plain{path}"
        field.tk.eval(_INSERT)
        call("rename", path, plain)
        call(
            "interp",
            "alias",
            "",
            path,
            "",
            "::lanchat_insert",
            plain,
            field.register(self._spell),
        )

        def gone(event: "tk.Event[tk.Misc]") -> None:
            if event.widget is field:  # the plain one goes with it
                call("interp", "alias", "", path, "")

        field.bind("<Destroy>", gone, add=True)

    def meant(self, text: str) -> str:
        """What was put in, for the names that stand there."""
        if not self._known:
            return text
        longest_first = sorted(self._known, key=len, reverse=True)
        names = re.compile("|".join(map(re.escape, longest_first)))
        return names.sub(lambda found: self._known[found.group()], text)

    def forget(self) -> None:
        """The field was emptied: a name that is typed from now on is only that."""
        self._known.clear()

    def _spell(self, text: str) -> str:
        return text if text.isascii() else spelled_for(_HALF.sub("\ufffd", text), self._known)
