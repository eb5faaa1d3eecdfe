"""The page of settings about how the window looks, and how it is written in."""

from lanchat.gui import amounts, keys, languages
from lanchat.gui.preferences import ZOOMS
from lanchat.gui.settings_rows import Rows
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
