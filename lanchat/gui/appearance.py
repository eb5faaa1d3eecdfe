"""Appearance: what the user chose, made true in the window and in the node's settings."""

import logging
import platform
import shutil
import subprocess
import sys
import tkinter as tk
from pathlib import Path
from typing import Final

from lanchat.gui.given import Given
from lanchat.gui.preferences import Preferences
from lanchat.gui.theme import Mode, Theme
from lanchat.node import profiles
from lanchat.node.settings import OFFER_LIMIT, Accepting, Settings, network_of, site_of

_log = logging.getLogger(__name__)

WIDTH: Final = 1000  # px of a first window at 100 %
HEIGHT: Final = 700
EDGE: Final = 100  # px of a window that have to be on a screen
PATIENCE: Final = 1.0  # seconds a desktop may take to say whether it is dark
_PORTAL: Final = (
    "gdbus", "call", "--session", "--timeout", "1",
    "--dest", "org.freedesktop.portal.Desktop",
    "--object-path", "/org/freedesktop/portal/desktop",
    "--method", "org.freedesktop.portal.Settings.ReadOne",
    "org.freedesktop.appearance", "color-scheme",
)  # fmt: skip


def mode(preferences: Preferences) -> Mode:
    """Light or dark, by what was chosen and, if that was nothing, by what the desktop is."""
    match preferences.appearance:
        case "light":
            return Mode.LIGHT
        case "dark":
            return Mode.DARK
        case _:
            return Mode.DARK if _desktop_is_dark() else Mode.LIGHT


def apply(theme: Theme, preferences: Preferences) -> None:
    """Draw the window as the user chose."""
    theme.switch(mode(preferences), preferences.zoom / 100)


def geometry(root: tk.Tk, theme: Theme, preferences: Preferences) -> str:
    """The window's size, and its place of last time if a screen is there now."""
    fresh = f"{theme.px(WIDTH)}x{theme.px(HEIGHT)}"
    size, plus, rest = preferences.geometry.partition("+")
    try:
        width, height = (int(part) for part in size.split("x"))
        left, top = (int(part) for part in rest.split("+"))
    except ValueError:
        return fresh
    wide, high = root.winfo_vrootwidth(), root.winfo_vrootheight()
    fits = 0 <= left < wide - EDGE and 0 <= top < high - EDGE and width > 0 and height > 0
    return f"{min(width, wide)}x{min(height, high)}{plus}{rest}" if fits else fresh


def settings(preferences: Preferences, given: Given) -> Settings:
    """What a node is told: what the user chose, unless the command line says otherwise."""
    folder = Path(preferences.downloads) if preferences.downloads else profiles.downloads()
    return Settings(
        downloads=folder,
        interfaces=given.interfaces or preferences.interfaces,
        port=given.port or preferences.port,
        networks=given.networks or tuple(map(network_of, preferences.networks)),
        site=given.site
        or site_of(preferences.dns, preferences.dns and preferences.dns_key, given.dns_every),
        listening=True,
        accept=Accepting.VERIFIED if preferences.accept_verified else Accepting.NONE,
        asks=True,
        offer_limit=preferences.accept_verified or OFFER_LIMIT,
        limit_rate=preferences.limit_rate,
    )


def _desktop_is_dark() -> bool:
    if sys.platform == "darwin":
        return _says("dark", ("defaults", "read", "-g", "AppleInterfaceStyle"))
    if sys.platform == "win32":
        return _windows_is_dark()
    if platform.system() == "Linux" and shutil.which("gdbus"):
        return _says("uint32 1", _PORTAL)
    return False


def _says(word: str, command: tuple[str, ...]) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - our own words, nobody's input
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return word in done.stdout.lower()


def _windows_is_dark() -> bool:
    if sys.platform != "win32":
        return False
    import winreg

    place = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, place) as key:
            return winreg.QueryValueEx(key, "AppsUseLightTheme")[0] == 0
    except OSError:
        return False
