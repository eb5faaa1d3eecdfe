"""The page of settings about how the window looks, and how it is written in."""

from tkinter import ttk
from typing import Final

from lanchat.gui import amounts, keys, languages
from lanchat.gui.preferences import ZOOMS
from lanchat.gui.settings_rows import Rows, changing
from lanchat.gui.translate import _


def fill(at: Rows) -> None:
    """Put the rows into the page."""
    at.part(_("Appearance"))
    at.choose(
        "appearance",
        _("Colours"),
        (("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))),
    )
    at.choose("zoom", _("Size"), [(one, amounts.hundredths(one)) for one in ZOOMS])
    _Font(at)
    names = [("", _("As the system")), *languages.NAMES.items()]
    at.choose("language", _("Language"), names)
    at.note(_("Another language is spoken from the next start on."))
    at.tick("reduced_motion", _("Less motion"))
    at.part(_("Writing"))
    at.tick("enter_sends", _("Enter sends a message"))
    at.note(
        _("Otherwise {keys} does, and Enter begins a new line.").format(
            keys=keys.shown("Ctrl+Enter")
        )
    )


class _Font:
    """Which font: those that are there are found while the page is shown."""

    def __init__(self, at: Rows) -> None:
        families = at.theme.families
        self._at = at
        self._values: Final[list[tuple[object, str]]] = [("", _("As the system"))]
        self._box: Final[ttk.Combobox] = at.choice(
            "font", _("Font"), self._values, "", self._chosen
        )
        self._found()
        families.look(self._box, self._found)

    def _found(self) -> None:
        names = self._at.theme.families.found
        self._values[1:] = [(one, one) for one in names]
        self._box.configure(values=[text for _value, text in self._values])
        if self._at.now.font in names:
            self._box.current(names.index(self._at.now.font) + 1)

    def _chosen(self, value: object) -> None:
        self._at.shell.prefer(changing(self._at.now, "font", value))
