"""Opening: what leaves the window for another program: a link, or the folder of a file.

A link is opened after its true host was shown; a received file is never opened by itself,
only shown in its folder.  Every program is started with a list of words, never by a shell,
and names of files are told to a file manager over the session bus, on no command line.
"""

import asyncio
import logging
import os
import re
import shutil
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lanchat.gui.bus import Bus, NoBus
from lanchat.gui.bus_wire import Kind, Message
from lanchat.gui.dialog import Dialog
from lanchat.gui.links import Link
from lanchat.gui.shell import Shell
from lanchat.gui.text import one_line, ui_text
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _

_log = logging.getLogger(__name__)

_WEB: Final = re.compile(r"https?://[!-~]+")  # nothing else is handed to a browser
_IN_TERMINALS: Final = ("www-browser", "links", "elinks", "lynx", "w3m")
_FILES: Final = "org.freedesktop.FileManager1"  # of freedesktop.org's file manager interface
PATIENCE: Final = 1.0  # seconds in which a program that cannot be started has failed

_looking: Final = threading.Lock()  # the first to ask for a browser looks through all there are
_going_on: Final[list[subprocess.Popen[bytes]]] = []  # ours to be asked how they ended


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
    if not _WEB.fullmatch(url):
        _log.warning("what is no address of the web is not opened")
        return

    def told(opened: bool) -> None:
        if not opened:
            shell.root.clipboard_clear()
            shell.root.clipboard_append(url)
            shell.say(
                _("No browser could be started. The link is on the clipboard."), Tone.WARN
            )

    async def work() -> bool:
        return await asyncio.to_thread(_browser_started, url)

    shell.run(work, told, shell.tell)


def _browser_started(url: str) -> bool:
    """Start a browser with a window of its own; one that needs a terminal is none."""
    try:
        with _looking:
            browser = webbrowser.get()
        if not isinstance(browser, webbrowser.GenericBrowser):
            return browser.open(url)
    except (OSError, webbrowser.Error) as error:
        _log.info("browser: %s", type(error).__name__)
        return False
    if Path(browser.name).name in _IN_TERMINALS:
        return False
    return _started([browser.name, *(word.replace("%s", url) for word in browser.args)])


def _show(shell: Shell, paths: Sequence[Path]) -> None:
    """Try each way this system has; a desktop without one gets the path to copy."""
    folder = paths[0] if paths[0].is_dir() and len(paths) == 1 else paths[0].parent

    def told(shown: bool) -> None:
        if not shown:
            shell.root.clipboard_clear()
            shell.root.clipboard_append(ui_text(str(folder)))
            text = _("No file manager could be started. The folder's path is on the clipboard.")
            shell.say(text, Tone.WARN)

    async def work() -> bool:
        if sys.platform == "win32":
            words = ["explorer", f"/select,{paths[0]}"]
        elif sys.platform == "darwin":
            words = ["open", "-R", *map(str, paths)]
        elif await _file_manager_shows(paths):
            return True
        else:
            words = ["xdg-open", str(folder)]
        return await asyncio.to_thread(_started, words)

    shell.run(work, told, shell.tell)


async def _file_manager_shows(paths: Sequence[Path]) -> bool:
    """Ask the desktop's file manager, which marks what is meant; False where there is none."""
    places = [path.absolute().as_uri() for path in paths]
    call = Message(
        Kind.CALL, 0, path="/org/freedesktop/FileManager1", interface=_FILES,
        member="ShowItems", destination=_FILES, signature="ass", body=(places, ""),
    )  # fmt: skip
    try:
        bus = await Bus.connect(lambda _signal: None)
    except NoBus:
        return False
    try:
        await bus.call(call)
    except NoBus:
        return False
    finally:
        await bus.close()
    return True


def _started(words: Sequence[str]) -> bool:
    """Start a program; False if it fails at once.  One that goes on is left alone."""
    _going_on[:] = [process for process in _going_on if process.poll() is None]
    if shutil.which(words[0]) is None:
        return False
    nothing = subprocess.DEVNULL
    try:
        process = subprocess.Popen(  # noqa: S603 - a list of words, no shell; names are one word
            words, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
    except OSError as error:
        _log.info("%s: %s", words[0], type(error).__name__)
        return False
    try:
        return process.wait(PATIENCE) == 0 or words[0] == "explorer"
    except subprocess.TimeoutExpired:
        _going_on.append(process)
        return True
