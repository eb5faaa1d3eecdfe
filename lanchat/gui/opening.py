"""Opening: what leaves the window for another program: a link, or the folder of a file.

A link is opened after its true host was shown; a received file is never opened by itself,
only shown in its folder.  Every program is started with a list of words, never by a shell.
"""

import logging
import os
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lanchat.gui.dialog import Dialog
from lanchat.gui.items import Tone
from lanchat.gui.links import Link
from lanchat.gui.shell import Shell
from lanchat.gui.text import one_line, ui_text
from lanchat.gui.translate import _

_log = logging.getLogger(__name__)

_SHOW: Final = (
    "gdbus", "call", "--session", "--timeout", "2",
    "--dest", "org.freedesktop.FileManager1",
    "--object-path", "/org/freedesktop/FileManager1",
    "--method", "org.freedesktop.FileManager1.ShowItems",
)  # fmt: skip
PATIENCE: Final = 3.0  # seconds a file manager may take to answer


def open_link(shell: Shell, link: Link) -> None:
    """Open a link in the browser; one that is not what it looks like asks first."""
    if link.plain:
        _browse(shell, link.url)
        return
    dialog = Dialog(shell.root, shell.theme, _("Open this link?"), name="open_link")
    dialog.message(_("It leads to {host}:").format(host=one_line(link.host, 80)))
    dialog.message(one_line(ui_text(link.url), 300), style="Muted.TLabel")
    dialog.buttons(
        (_("Cancel"), None, "cancel"), (_("Open"), lambda: _browse(shell, link.url), "open")
    )


def show_in_folder(shell: Shell, paths: Sequence[str]) -> None:
    """Show received files in their folder, in the file manager of this desktop."""
    there = [Path(path) for path in paths if os.path.lexists(path)]
    if not there:
        shell.say(_("It is no longer there: it was moved or deleted."), Tone.WARN)
        return
    _show(shell, there)


def show_folder(shell: Shell, folder: Path) -> None:
    """Show a folder itself."""
    _show(shell, [folder])


def _browse(shell: Shell, url: str) -> None:
    try:
        opened = webbrowser.open(url)
    except webbrowser.Error:
        opened = False
    if not opened:
        shell.root.clipboard_clear()
        shell.root.clipboard_append(url)
        shell.say(_("No browser could be started. The link is on the clipboard."), Tone.WARN)


def _show(shell: Shell, paths: Sequence[Path]) -> None:
    """Try each way this system has; a desktop without one gets the path to copy."""
    folder = paths[0] if paths[0].is_dir() and len(paths) == 1 else paths[0].parent
    if sys.platform == "win32":
        words: list[list[str]] = [["explorer", f"/select,{paths[0]}"]]
    elif sys.platform == "darwin":
        words = [["open", "-R", *map(str, paths)]]
    else:
        items = "[" + ", ".join(f"'{_uri(path)}'" for path in paths) + "]"
        words = [[*_SHOW, items, ""], ["xdg-open", str(folder)]]

    def start() -> bool:
        return any(_started(one) for one in words)

    def told(shown: bool) -> None:
        if not shown:
            shell.root.clipboard_clear()
            shell.root.clipboard_append(ui_text(str(folder)))
            text = _("No file manager could be started. The folder's path is on the clipboard.")
            shell.say(text, Tone.WARN)

    import asyncio

    async def work() -> bool:
        return await asyncio.to_thread(start)

    shell.run(work, told, shell.tell)


def _uri(path: Path) -> str:
    return path.absolute().as_uri().replace("'", "%27")


def _started(words: Sequence[str]) -> bool:
    if shutil.which(words[0]) is None:
        return False
    try:
        done = subprocess.run(  # noqa: S603 - a list of words, no shell; names are one word each
            words, capture_output=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _log.info("%s: %s", words[0], type(error).__name__)
        return False
    return done.returncode == 0 or words[0] == "explorer"
