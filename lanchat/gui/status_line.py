"""The status line: what stands beside one's own name for the people one knows."""

from typing import Final

from lanchat.conversation.text import MAX_STATUS, clean_status
from lanchat.errors import BadRequest, LanchatError
from lanchat.gui import attending, sentences
from lanchat.gui.dialog import Dialog
from lanchat.gui.field import Field
from lanchat.gui.shell import Shell
from lanchat.gui.text import ui_text
from lanchat.gui.translate import _
from lanchat.node import acts

NEAR: Final = 20  # bytes of room from which on it is said how much is left


def show(shell: Shell) -> None:
    """Let the user write it."""
    if shell.screen.me is not None:
        _StatusLine(shell, shell.screen.me.showing.status)


class _StatusLine(Dialog):
    """One field; empty takes the line away."""

    def __init__(self, shell: Shell, held: str) -> None:
        super().__init__(shell.root, shell.theme, _("Your status line"), name="status_line")
        self._shell = shell
        self._field = Field(
            self.body, self.theme, _("Beside your name, for people you know"), name="status",
            changed=self._changed, submit=self._save,
        )  # fmt: skip
        self._field.pack(fill="x")
        self._field.put(held)
        made = self.buttons((_("Cancel"), None, "cancel"), (_("Save"), None, "save_status"))
        self._button = made["save_status"]
        self._button.configure(command=self._save)
        self._changed()

    def _changed(self) -> None:
        typed = self._field.text
        try:
            shown = clean_status(typed)
        except BadRequest:
            self._button.state(["disabled"])
            self._field.wrong(_("That is too long to stand beside a name."))
            return
        self._button.state(["!disabled"])
        left = MAX_STATUS - len(shown.encode())
        if not shown:
            self._field.hint(
                _("Empty for no line. Everybody you know sees what you write here.")
            )
        elif left < NEAR:
            self._field.hint(_("Room for {number} more bytes").format(number=left))
        else:
            self._field.hint(_("Others see: {name}").format(name=attending.quoted(shown)))

    def _save(self) -> None:
        typed = self._field.text
        if self._button.instate(["disabled"]):
            return
        self._button.state(["disabled"])
        self._shell.ask(
            lambda node: acts.attend(node, status=typed),
            lambda _none: self._saved(),
            self._failed,
        )

    def _saved(self) -> None:
        if self.winfo_exists():
            self.close()

    def _failed(self, error: LanchatError) -> None:
        if self.winfo_exists():
            self._button.state(["!disabled"])
            self._field.wrong(ui_text(sentences.of(error, " ")))
            self._field.focus_entry()
