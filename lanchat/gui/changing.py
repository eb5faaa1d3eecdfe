"""Changing the passphrase of the profile that is open."""

from lanchat.errors import LanchatError, WrongPassphrase
from lanchat.gui import sentences
from lanchat.gui.dialog import Dialog
from lanchat.gui.field import Field
from lanchat.gui.passphrase_entry import PassphraseEntry
from lanchat.gui.shell import Shell
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _
from lanchat.node import profiles


def show(shell: Shell) -> None:
    """Ask for the old one and twice for the new one."""
    _Change(shell)


class _Change(Dialog):
    """The dialog; it closes when the new one holds."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(
            shell.root, shell.theme, _("Change the passphrase"), name="change_passphrase"
        )
        self._shell = shell
        self._old = self._field("old_passphrase", _("The one of now"))
        self._new = self._field("new_passphrase", _("The new one"))
        self._again = self._field("new_again", _("The new one again"))
        made = self.buttons((_("Cancel"), None, "cancel"), (_("Change it"), None, "change"))
        self._cancel, self._button = made["cancel"], made["change"]
        self._button.configure(command=self._change)

    def _field(self, name: str, text: str) -> Field:
        field = PassphraseEntry(self.body, self.theme, text, name=name)
        field.pack(fill="x", pady=(0, self.theme.px(10)))
        return field

    def _change(self) -> None:
        old, new = self._old.text, self._new.text
        for field in (self._old, self._new, self._again):
            field.wrong("")
        if new != self._again.text:
            self._again.wrong(_("These two are not the same."))
            self._again.focus_entry()
            return
        self._work(True)
        self._shell.run(
            lambda: profiles.change_passphrase(self._shell.profile, old, new),
            self._changed,
            self._failed,
        )

    def _work(self, busy: bool) -> None:
        """It is being changed, which nothing takes back, or no longer."""
        self.busy = busy
        for field in (self._old, self._new, self._again):
            field.allow(not busy)
        for button in (self._cancel, self._button):
            button.state(["disabled" if busy else "!disabled"])

    def _changed(self, _none: None) -> None:
        if self.winfo_exists():
            self.destroy()
        self._shell.say(_("From now on the new passphrase opens this profile."), Tone.GOOD)

    def _failed(self, error: LanchatError) -> None:
        if not self.winfo_exists():
            return
        self._work(False)
        field = self._old if isinstance(error, WrongPassphrase) else self._new
        field.wrong(sentences.of(error))
        field.focus_entry()
