"""The page of settings about one's own profile: name, passphrase, where it lies, its end."""

from typing import Final

from lanchat.errors import LanchatError
from lanchat.gui import changing, erasing, opening, sentences
from lanchat.gui.field import Field
from lanchat.gui.form import shown_as
from lanchat.gui.settings_rows import Rows
from lanchat.gui.text import name_text, one_line, ui_text
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _
from lanchat.node import acts, profiles

LONGEST: Final = 40  # characters of a name


def fill(at: Rows) -> None:
    """Put the rows into the page."""
    shell = at.shell
    at.part(_("Profile"))
    _Name(at)
    at.act("my_code", _("My fingerprint and code…"), lambda: shell.command("my_code"))
    at.part(_("Passphrase"))
    at.note(_("Nobody can reset the passphrase for you."))
    at.act("passphrase", _("Change the passphrase…"), lambda: changing.show(shell))
    at.part(_("Where it lies"))
    folder = profiles.place(shell.profile)
    at.note(ui_text(str(folder)), name="profile_folder")
    at.acts(
        (
            "show_profile",
            _("Show folder"),
            lambda: opening.show_folder(shell, folder),
            "TButton",
        ),
        (
            "erase_profile",
            _("Delete this profile…"),
            lambda: erasing.ask(shell, at.window),
            "Danger.TButton",
        ),
    )


class _Name:
    """The field with one's own name, and the button that makes it so."""

    def __init__(self, at: Rows) -> None:
        self._at = at
        row = at.line()
        row.columnconfigure(0, weight=1)
        self._field = Field(
            row, at.theme, _("Name others see"), name="own_name",
            changed=self._changed, submit=self._save,
        )  # fmt: skip
        self._field.grid(row=0, column=0, sticky="ew")
        self._button = at.button(row, "save_name", _("Save"), self._save)
        px = at.theme.px
        self._button.grid(row=0, column=1, sticky="n", padx=(px(8), 0), pady=(px(28), 0))
        self._field.put(self._held)
        self._changed()

    @property
    def _held(self) -> str:
        me = self._at.shell.screen.me
        return me.name if me is not None else ""

    def _changed(self) -> None:
        typed = self._field.text.strip()
        same = typed == self._held
        self._button.state(["disabled" if same or not typed else "!disabled"])
        shown = one_line(name_text(shown_as(typed)), LONGEST)
        if same:
            words = _("People who know you see the old name until they agree to a new one.")
        elif shown:
            words = _("Others see: {name}").format(name=shown)
        else:
            words = _("Nobody can be called that.") if typed else ""
        self._field.hint(words)

    def _save(self) -> None:
        name = self._field.text.strip()
        if not name or name == self._held:
            return
        self._button.state(["disabled"])
        self._at.shell.ask(lambda node: acts.rename(node, name), self._saved, self._failed)

    def _saved(self, name: str) -> None:
        shown = one_line(name_text(name), LONGEST)
        self._at.shell.say(_("Others see you as {name} now.").format(name=shown), Tone.GOOD)
        if self._field.winfo_exists():
            self._field.put(name)
            self._changed()

    def _failed(self, error: LanchatError) -> None:
        if self._field.winfo_exists():
            self._changed()
            self._field.wrong(ui_text(sentences.of(error, " ")))
            self._field.focus_entry()
