"""Choosing: files and folders, by the dialog of this desktop, or Tk's where it has none.

On Linux Tk draws a dialog of its own that knows no places, no thumbnails and no typing
ahead; zenity and kdialog show the one that people know.  They are asked on the node thread,
and the window goes on meanwhile; what is chosen after the window was locked is forgotten.
"""

import asyncio
import os
import shutil
import sys
import tkinter as tk
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tkinter import filedialog
from typing import Final

from lanchat.gui.shell import Shell
from lanchat.identity.keys import PeerId

_BETWEEN: Final = "\x1e"  # two paths; a name can hold a line break
_CANCELLED: Final = 1  # the exit status of both
Chosen = Callable[[list[Path]], None]


def files(shell: Shell, title: str, then: Chosen, *, parent: tk.Misc | None = None) -> None:
    """Let the user choose files; `then` hears if any were chosen."""
    start = _start(shell)
    words = {
        "zenity": ["--multiple", f"--separator={_BETWEEN}", f"--filename={start}/"],
        "kdialog": ["--multiple", "--separate-output", "--getopenfilename", str(start)],
    }

    def by_tk() -> list[str]:
        return list(
            filedialog.askopenfilenames(
                parent=parent or shell.root, title=title, initialdir=start
            )
        )

    _ask(shell, title, words, by_tk, then)


def folder(
    shell: Shell, title: str, then: Callable[[Path], None], *, start: Path | None = None,
    parent: tk.Misc | None = None,
) -> None:  # fmt: skip
    """Let the user choose a folder; `then` hears if one was chosen."""
    begin = start or _start(shell)
    words = {
        "zenity": ["--directory", f"--filename={begin}/"],
        "kdialog": ["--getexistingdirectory", str(begin)],
    }

    def by_tk() -> list[str]:
        one = filedialog.askdirectory(
            parent=parent or shell.root, title=title, mustexist=True, initialdir=begin
        )
        return [one] if one else []

    _ask(shell, title, words, by_tk, lambda found: then(found[0]))


def new_file(shell: Shell, title: str, name: str, then: Callable[[Path], None]) -> None:
    """Let the user say where a file is to be written; they were asked if one is there."""
    start = _start(shell)
    words = {
        "zenity": ["--save", "--confirm-overwrite", f"--filename={start / name}"],
        "kdialog": ["--getsavefilename", str(start / name)],
    }

    def by_tk() -> list[str]:
        one = filedialog.asksaveasfilename(
            parent=shell.root, title=title, initialfile=name, initialdir=start
        )
        return [one] if one else []

    _ask(shell, title, words, by_tk, lambda found: then(found[0]))


# --- within -------------------------------------------------------------------------------


def _ask(
    shell: Shell, title: str, words: dict[str, list[str]], by_tk: Callable[[], list[str]],
    then: Chosen,
) -> None:  # fmt: skip
    whose = _me(shell)

    def told(found: list[str] | None) -> None:
        if _me(shell) != whose:
            return  # locked meanwhile
        if found is None:
            _without_hidden(shell.root)
            found = by_tk()
        paths = [Path(one) for one in found]
        if paths and _me(shell) == whose:
            shell.prefer(replace(shell.preferences, last_folder=str(paths[0].parent)))
            then(paths)

    name = _program()
    if not name:
        told(None)
        return
    begins = ["zenity", "--file-selection"] if name == "zenity" else ["kdialog"]
    whole = [*begins, "--title", title, *words[name]]
    shell.run(lambda: _answer(whole), told, shell.tell)


def _me(shell: Shell) -> PeerId | None:
    return shell.screen.me.peer_id if shell.screen.me is not None else None


def _program() -> str:
    """What shows the dialog of this desktop; "" for Tk, which on other systems does."""
    if not sys.platform.startswith("linux"):
        return ""
    kde = "KDE" in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":")
    order = ("kdialog", "zenity") if kde else ("zenity", "kdialog")
    return next((name for name in order if shutil.which(name)), "")


async def _answer(words: list[str]) -> list[str] | None:
    """The paths that were chosen; None if the dialog could not be shown."""
    nothing = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *words, stdin=nothing, stdout=asyncio.subprocess.PIPE, stderr=nothing
        )
    except OSError:
        return None
    try:
        said, _errors = await process.communicate()
    finally:
        if process.returncode is None:  # the window was closed under it
            process.kill()
            await process.wait()
    if process.returncode == _CANCELLED:
        return []
    if process.returncode:
        return None
    text = os.fsdecode(said).removesuffix("\n")
    return [one for one in text.split("\n" if words[0] == "kdialog" else _BETWEEN) if one]


def _start(shell: Shell) -> Path:
    """Where the last choice was made, or at home."""
    last = Path(shell.preferences.last_folder or os.devnull)
    return last if last.is_dir() else Path.home()


def _without_hidden(root: tk.Misc) -> None:
    """Tk's own dialog on X11 shows what begins with a dot, unless it is told not to."""
    if str(root.tk.call("tk", "windowingsystem")) != "x11":
        return
    with suppress(tk.TclError):  # it is loaded by being asked for nonsense
        root.tk.call("tk_getOpenFile", "-nonsense")
    root.tk.call("set", "::tk::dialog::file::showHiddenBtn", "1")
    root.tk.call("set", "::tk::dialog::file::showHiddenVar", "0")
