"""Code pictures: an invite out of a picture that is chosen, dropped or pasted.

The picture may come from anybody, so it is a worker that looks at it (`scanner.py`).
"""

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from tkinter import ttk
from typing import Final

from lanchat.errors import LanchatError
from lanchat.gui import choosing, clipped, landing, scanner
from lanchat.gui.shell import Shell
from lanchat.gui.translate import _


class CodePictures:
    """The ways in which a dialog takes a picture.  Lives on the Tk thread.

    `found` hears the text of an invite, `failed` why there is none, `busy` when one is looked
    at and when that is over.  Without what reads codes nothing is offered.
    """

    def __init__(
        self,
        dialog: tk.Toplevel,
        entry: tk.Misc,
        shell: Shell,
        *,
        found: Callable[[str], None],
        failed: Callable[[LanchatError], None],
        busy: Callable[[bool], None],
    ) -> None:
        self.possible: Final = scanner.possible()
        self._dialog = dialog
        self._shell = shell
        self._found = found
        self._failed = failed
        self._busy = busy
        self._looking = False
        if self.possible:
            for one in (entry, dialog):
                one.bind("<<Paste>>", self._pasted)
            landing.accept_one(dialog, shell.root, self._look)

    def offer(self, parent: tk.Misc, text: str = "", wide: int = 300) -> ttk.Frame | None:
        """A button that lets the user choose one, and what else can be done; or nothing."""
        if not self.possible:
            return None
        px = self._shell.theme.px
        row = ttk.Frame(parent, name="from_a_picture")
        ttk.Button(
            row, name="from_picture", text=text or _("From a picture…"), command=self._choose
        ).pack(side="left")
        ways = ttk.Label(
            row, name="picture_ways", style="Muted.TLabel",
            text=_("A picture of their code can be pasted or dropped here, too."),
            wraplength=px(wide),
        )  # fmt: skip
        ways.pack(side="left", padx=(px(10), 0))
        return row

    def _choose(self) -> None:
        title = _("Choose a picture of their code")
        choosing.files(
            self._shell, title, lambda paths: self._look(paths[0]), parent=self._dialog
        )

    def _pasted(self, event: "tk.Event[tk.Misc]") -> str | None:
        held = clipped.held_by(self._shell.root)
        if not held:
            return None  # text is the entry's
        self._look(held if isinstance(held, bytes) else held[0])
        del event
        return "break"

    def _look(self, picture: Path | bytes) -> None:
        if self._looking or not self._dialog.winfo_exists():
            return
        self._looking = True
        self._busy(True)

        async def work() -> str:
            if isinstance(picture, bytes):
                return await scanner.in_bytes(picture)
            return await scanner.in_file(picture)

        self._shell.run(work, self._over(self._found), self._over(self._failed))

    def _over(self, then: Callable[..., None]) -> Callable[..., None]:
        def over(heard: object) -> None:
            self._looking = False
            if self._dialog.winfo_exists():
                self._busy(False)
                then(heard)

        return over
