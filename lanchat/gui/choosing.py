"""Choosing: files and folders, by the dialog of this desktop, or Tk's where it has none.

On Linux Tk draws a dialog of its own that knows no places, no thumbnails and no typing
ahead; zenity and kdialog show the one that people know.  They are asked on the node thread,
and the window goes on meanwhile; when it locks they are ended.  Every user of the computer
can read their command line: no name of anybody belongs into a title, or into a file's name.
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

from lanchat.errors import LanchatError
from lanchat.gui.shell import Shell

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

    _ask(shell, title, words, by_tk, then, parent)


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

    _ask(shell, title, words, by_tk, lambda found: then(found[0]), parent)


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
    then: Chosen, parent: tk.Misc | None = None,
) -> None:  # fmt: skip
    name = _program()
    begins = ["zenity", "--file-selection"] if name == "zenity" else ["kdialog"]
    program = _Program([*begins, "--title", title, *words[name]]) if name else None
    asking = _Asking(shell, program, parent)

    def told(found: list[str] | None) -> None:
        if not asking.goes_on:
            return  # locked meanwhile
        if found is None:
            _without_hidden(shell.root)
            found = by_tk()
        paths = [Path(one) for one in found]
        if asking.goes_on:
            asking.end()
            if paths:
                shell.prefer(replace(shell.preferences, last_folder=str(paths[0].parent)))
                then(paths)

    def failed(error: LanchatError) -> None:
        asking.end()
        shell.tell(error)

    if program is None:
        told(None)
    else:
        shell.run(program.answer, told, failed)


class _Asking(tk.Frame):
    """Stands unseen where somebody chooses, a dialog or the page, and goes with it.

    Who is there after a lock may be the same, but did not ask for this.
    """

    def __init__(
        self, shell: Shell, program: "_Program | None", parent: tk.Misc | None
    ) -> None:
        super().__init__(parent or shell.page or shell.root)
        self._shell = shell
        self._program = program
        self.goes_on = True

    def end(self) -> None:
        """Somebody chose, or did not."""
        self.goes_on, self._program = False, None
        self.destroy()

    def destroy(self) -> None:
        """Go; the dialog that is still open goes, too."""
        self.goes_on, program, self._program = False, self._program, None
        super().destroy()
        if program is not None:
            self._shell.run(program.end, lambda _none: None, self._shell.tell)


def _program() -> str:
    """What shows the dialog of this desktop; "" for Tk, which on other systems does."""
    if not sys.platform.startswith("linux"):
        return ""
    kde = "KDE" in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":")
    order = ("kdialog", "zenity") if kde else ("zenity", "kdialog")
    return next((name for name in order if shutil.which(name)), "")


class _Program:
    """The dialog of the desktop, while it runs.  Lives on the node thread."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._process: asyncio.subprocess.Process | None = None
        self._unwanted = False

    async def answer(self) -> list[str] | None:
        """The paths that were chosen; None if the dialog could not be shown."""
        nothing = asyncio.subprocess.DEVNULL
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *self._words, stdin=nothing, stdout=asyncio.subprocess.PIPE, stderr=nothing
            )
        except OSError:
            return None
        try:
            if self._unwanted:
                return []
            said, _errors = await process.communicate()
        finally:
            if process.returncode is None:  # the window was closed under it
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if self._unwanted or process.returncode == _CANCELLED:
            return []
        if process.returncode:
            return None
        text = os.fsdecode(said).removesuffix("\n")
        between = "\n" if self._words[0] == "kdialog" else _BETWEEN
        return [one for one in text.split(between) if one]

    async def end(self) -> None:
        """Nobody wants its answer any more."""
        self._unwanted = True
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):  # it ended just now
                self._process.kill()


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
