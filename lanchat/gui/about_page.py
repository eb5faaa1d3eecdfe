"""The page of settings about lanchat itself, with all that a report of a fault needs."""

import platform
import tkinter as tk
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from cryptography.hazmat.backends.openssl import backend

from lanchat import __version__
from lanchat.gui import emoji, opening
from lanchat.gui.settings_rows import Rows
from lanchat.gui.text import ui_text
from lanchat.gui.translate import _

PACKAGES: Final = (
    "cryptography", "zeroconf", "sqlcipher3", "Pillow", "segno", "tkinterdnd2",
)  # fmt: skip


def fill(at: Rows) -> None:
    """Put the rows into the page."""
    at.part(f"lanchat {__version__}")
    at.note(_("Encrypted chat and files between the computers of one network, no server."))
    at.note(
        _(
            "Free software under the MIT licence. The icons are those of Bootstrap, under the"
            " same."
        ),
        name="licence",
    )
    lines = about(at)
    at.part(_("Versions"))
    at.note("\n".join(lines), name="versions")

    def copy() -> None:
        at.window.clipboard_clear()
        at.window.clipboard_append("\n".join((f"lanchat {__version__}", *lines)))
        at.shell.say(_("The details are on the clipboard."))

    at.act("copy_details", _("Copy details"), copy)
    at.part(_("Log"))
    _log(at)


def about(widget: tk.Misc) -> list[str]:
    """The versions of what we stand on, for a report."""
    found = emoji.xft_version() if widget.tk.call("tk", "windowingsystem") == "x11" else None
    xft = [f"libXft {found // 10000}.{found // 100 % 100}.{found % 100}"] if found else []
    return [
        f"Python {platform.python_version()}, {platform.system()} {platform.release()}",
        f"Tk {widget.tk.call('info', 'patchlevel')}",
        *xft,
        backend.openssl_version_text(),
        *(f"{package} {_version(package)}" for package in PACKAGES),
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "-"


def _log(at: Rows) -> None:
    file = at.shell.given.log_file
    if not file:
        at.note(
            _("Nothing is logged. Started with -vv --log-file FILE, lanchat writes down what it"
              " does, without keys, passphrases, names or texts."),
            name="no_log",
        )  # fmt: skip
        return
    path = Path(file).absolute()
    at.note(ui_text(str(path)), name="log_file")
    at.act("show_log", _("Show folder"), lambda: opening.show_in_folder(at.shell, [str(path)]))
