"""Appearance: what the user chose, made true in the window and in the node's settings."""

import tkinter as tk
from pathlib import Path
from typing import Final

from lanchat.gui.given import Given
from lanchat.gui.preferences import Preferences
from lanchat.gui.theme import Mode, Theme
from lanchat.node import profiles
from lanchat.node.settings import OFFER_LIMIT, Accepting, Settings, network_of, site_of

WIDTH: Final = 1000  # px of a first window at 100 %
HEIGHT: Final = 700
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
