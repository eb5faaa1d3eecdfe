"""Erasing: the end of the profile that is open, asked for with its passphrase and its name."""

import tkinter as tk
from tkinter import ttk

from lanchat.errors import LanchatError
from lanchat.gui import sentences
from lanchat.gui.dialog import Dialog
from lanchat.gui.field import Field
from lanchat.gui.passphrase_entry import PassphraseEntry
from lanchat.gui.shell import Shell
from lanchat.gui.text import name_text, one_line
from lanchat.gui.translate import _


def ask(shell: Shell, parent: tk.Misc) -> None:
    """Ask whether the profile is to be deleted, and do it."""
    if shell.screen.me is not None:
        _Erase(shell, parent, shell.screen.me.name)


class _Erase(Dialog):
    """The dialog; with the profile the window behind it is gone, too."""

    def __init__(self, shell: Shell, parent: tk.Misc, name: str) -> None:
        super().__init__(parent, shell.theme, _("Delete this profile?"), name="erasing")
        self._shell = shell
        self._mine = name
        shown = one_line(name_text(name), 40)
        self.message(
            _(
                "Who you are here, whom you know and everything that was said is deleted from"
                " this computer, for good. Nobody can bring it back, and to others you are"
                " somebody new afterwards. Files that you received stay."
            )
        )
        self._passphrase = PassphraseEntry(
            self.body, self.theme, _("Passphrase"), name="erase_passphrase",
            changed=self._changed, submit=lambda: self._typed.focus_entry(),
        )  # fmt: skip
        self._passphrase.pack(fill="x", pady=(self.theme.px(4), self.theme.px(10)))
        self._typed = Field(
            self.body, self.theme, _("Type your name, {name}, to go on").format(name=shown),
            name="erase_name", changed=self._changed, submit=lambda: self._button.focus_set(),
        )  # fmt: skip
        self._typed.pack(fill="x")
        self._bar = ttk.Progressbar(
            self.body, name="erasing_now", style="Busy.Horizontal.TProgressbar",
            mode="indeterminate",
        )  # fmt: skip
        made = self.buttons(
            (_("Cancel"), None, "cancel"),
            (_("Delete for good"), None, "erase"),
            danger="erase",
        )
        self._cancel, self._button = made["cancel"], made["erase"]
        self._button.configure(command=self._erase)
        self._changed()

    def _changed(self) -> None:
        ready = bool(self._passphrase.text) and self._typed.text.strip() in self._names()
        self._button.state(["!disabled" if ready else "disabled"])

    def _names(self) -> tuple[str, str]:
        """The name as it is kept and as it is drawn."""
        return self._mine, one_line(name_text(self._mine), 40)

    def _erase(self) -> None:
        passphrase = self._passphrase.text
        self._passphrase.clear()
        self._work(True)
        self._shell.erase(passphrase, self._failed)

    def _failed(self, error: LanchatError) -> None:
        if self.winfo_exists():
            self._work(False)
            self._passphrase.wrong(sentences.of(error, " "))
            self._passphrase.focus_entry()

    def _work(self, busy: bool) -> None:
        self.busy = busy
        for field in (self._passphrase, self._typed):
            field.allow(not busy)
        for button in (self._cancel, self._button):
            button.state(["disabled" if busy else "!disabled"])
        if busy:
            self._bar.pack(fill="x", pady=(self.theme.px(12), 0))
            self._bar.start(15)
        else:
            self._bar.stop()
            self._bar.pack_forget()
            self._changed()
