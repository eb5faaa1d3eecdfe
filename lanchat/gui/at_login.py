"""At login: lanchat opens when its user logs in to this computer, if the user wants that.

It opens locked, as always: nobody is reached before the passphrase was typed.  Linux and the
BSDs keep this as a file (Desktop Application Autostart Specification), macOS as a file for
launchd, Windows as a value of the registry; those two were written by their documents and
have not been run.
"""

import plistlib
import subprocess
import sys
from pathlib import Path
from typing import Final

import platformdirs

from lanchat.errors import LauncherError, NotForMenus
from lanchat.gui import desktop_entry, launcher
from lanchat.gui.launcher import State

LABEL: Final = "lanchat"  # among the agents of launchd, and in the registry
_RUN: Final = r"Software\Microsoft\Windows\CurrentVersion\Run"


def state() -> State:
    """Whether lanchat opens at login now.

    Raises:
        LauncherError: that cannot be read.
    """
    if sys.platform == "win32":
        return _registered()
    try:
        wanted = _file()
    except NotForMenus:
        wanted = b""
    return launcher.look(place(), wanted, _ours)


def switch(on: bool) -> None:
    """Open this lanchat at login, or not.

    Raises:
        NotOurs: there is something of that name that lanchat did not write.
        NotForMenus: the path of this lanchat cannot be written there.
        LauncherError: it cannot be written.
    """
    if sys.platform == "win32":
        _register(on)
        return
    launcher.check(place(), _ours)
    if on:
        launcher.put(place(), _file())
    else:
        launcher.drop(place())


def place() -> Path:
    """Where the file lies, on systems that keep this as a file."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    return Path(platformdirs.user_config_dir()) / "autostart" / desktop_entry.NAME


def _file() -> bytes:
    start = launcher.this_start()
    if sys.platform != "darwin":
        return desktop_entry.entry(start.words, folder=start.folder, at_login=True).encode()
    agent: dict[str, object] = {
        "Label": LABEL,
        "ProgramArguments": list(start.words),
        "ProcessType": "Interactive",
        "RunAtLoad": True,
    }
    if start.folder:
        agent["WorkingDirectory"] = start.folder
    return plistlib.dumps(agent)


def _ours(held: bytes) -> bool:
    if sys.platform != "darwin":
        return desktop_entry.ours(held.decode(errors="replace"))
    try:
        agent = plistlib.loads(held)
    except (ValueError, plistlib.InvalidFileException):
        return False
    return isinstance(agent, dict) and agent.get("Label") == LABEL


if sys.platform == "win32":
    import winreg

    def _registered() -> State:
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _RUN) as key:
                held, _kind = winreg.QueryValueEx(key, LABEL)
        except FileNotFoundError:
            return State.NOTHING
        except OSError as error:
            raise LauncherError(f"errno {error.errno}") from error
        return State.THIS if held == _line() else State.OTHER

    def _register(on: bool) -> None:
        try:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, _RUN) as key:
                if on:
                    winreg.SetValueEx(key, LABEL, 0, winreg.REG_SZ, _line())
                else:
                    winreg.DeleteValue(key, LABEL)
        except FileNotFoundError:
            return  # it was off
        except OSError as error:
            raise LauncherError(f"errno {error.errno}") from error

    def _line() -> str:
        return subprocess.list2cmdline(launcher.this_start().words)
