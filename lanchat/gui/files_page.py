"""The page of settings about files of others: where they go, and which are taken unasked."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from lanchat.gui import amounts, choosing, opening
from lanchat.gui.settings_rows import Rows
from lanchat.gui.text import ui_text
from lanchat.gui.translate import _
from lanchat.node import profiles

TAKEN: Final = (0, 100 * 2**20, 2**30, 2 * 2**30)  # bytes of an offer
RATES: Final = (0, 10**6, 3 * 10**6, 10**7, 3 * 10**7, 10**8)  # bytes a second


def fill(at: Rows) -> None:
    """Put the rows into the page."""
    at.part(_("Files"))
    folder = at.now.downloads or str(profiles.downloads())
    words = _("Received files are saved in {folder}").format(folder=ui_text(folder))
    at.note(words, name="download_folder")

    def choose() -> None:
        title = _("Where received files are saved")
        choosing.folder(at.shell, title, chosen, start=Path(folder), parent=at)

    def chosen(one: Path) -> None:
        at.shell.prefer(replace(at.shell.preferences, downloads=str(one)))
        if at.winfo_exists():
            at.again()

    at.acts(
        ("downloads", _("Another folder…"), choose, "TButton"),
        (
            "show_downloads",
            _("Show folder"),
            lambda: opening.show_folder(at.shell, Path(folder)),
            "TButton",
        ),
    )
    at.part(_("Without asking"))
    sizes = (_("never"), amounts.size(10**8), amounts.size(10**9), amounts.size(2 * 10**9))
    at.choose(
        "accept_verified",
        _("From verified people, up to"),
        tuple(zip(TAKEN, sizes, strict=True)),
    )
    at.note(_("All others are asked about. Nothing you have is ever overwritten."))
    at.part(_("Speed"))
    at.choose(
        "limit_rate",
        _("Files take no more than"),
        tuple((rate, amounts.rate(rate) if rate else _("no limit")) for rate in RATES),
    )
    at.note(_("All of them together, what comes and what goes apart. It counts at once."))
