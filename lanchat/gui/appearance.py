"""Appearance: what the user chose, made true in the window and in the node's settings."""

import tkinter as tk
from contextlib import suppress
from pathlib import Path
from typing import Final

from lanchat.gui import xserver
from lanchat.gui.dialog import FRAME
from lanchat.gui.given import Given
from lanchat.gui.preferences import Preferences
from lanchat.gui.theme import Mode, Theme
from lanchat.node import profiles
from lanchat.node.settings import OFFER_LIMIT, Accepting, Settings, network_of, site_of

WIDTH: Final = 1000  # px of a first window at 100 %
HEIGHT: Final = 700
LEAST: Final = (720, 480)  # px of the smallest window at 100 %
EDGE: Final = 100  # px of a window that have to be on a screen


def mode(preferences: Preferences) -> Mode:
    """Light or dark, by what was chosen and, if that was nothing, by what the desktop was."""
    match preferences.appearance:
        case "light":
            return Mode.LIGHT
        case "dark":
            return Mode.DARK
        case _:
            return Mode.DARK if preferences.desktop_dark else Mode.LIGHT


def apply(theme: Theme, preferences: Preferences) -> None:
    """Draw the window as the user chose."""
    theme.switch(mode(preferences), preferences.zoom / 100, preferences.font)


def place(root: tk.Tk, theme: Theme, preferences: Preferences) -> None:
    """Give the window its size and its place, and a smallest size at every zoom."""
    root.minsize(*_on_screen(root, theme, LEAST))
    root.geometry(geometry(root, theme, preferences))
    theme.watch(lambda: _hold(root, theme))


def _hold(root: tk.Tk, theme: Theme) -> None:
    """Another zoom: another smallest size; a window that grows by it stays on the screen."""
    least = _on_screen(root, theme, LEAST)
    root.minsize(*least)
    if not root.winfo_ismapped():
        return  # what it is to be was said
    size, _plus, rest = root.geometry().partition("+")
    with suppress(ValueError):  # it stands to the left of the screen, or above
        left, top = (int(part) for part in rest.split("+"))
        width, height = (
            max(now, wanted)
            for now, wanted in zip(map(int, size.split("x")), least, strict=True)
        )
        if f"{width}x{height}" != size:
            left = max(min(left, root.winfo_vrootwidth() - width), 0)
            top = max(min(top, root.winfo_vrootheight() - height - theme.px(FRAME)), 0)
            root.geometry(f"{width}x{height}+{left}+{top}")


def _on_screen(root: tk.Tk, theme: Theme, size: tuple[int, int]) -> tuple[int, int]:
    """A size at 100 % at the zoom of now, or as much of it as each monitor has room for."""
    screen = root.winfo_vrootwidth(), root.winfo_vrootheight()
    wide, high = map(min, screen, xserver.least_monitor(root) or screen)
    return min(theme.px(size[0]), wide), max(min(theme.px(size[1]), high - theme.px(FRAME)), 1)


def geometry(root: tk.Tk, theme: Theme, preferences: Preferences) -> str:
    """The window's size, and its place of last time if a screen is there now."""
    fresh = "{}x{}".format(*_on_screen(root, theme, (WIDTH, HEIGHT)))
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
