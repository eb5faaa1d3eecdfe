"""Daylight: whether the desktop is dark, asked and heard of while the window goes on.

On Linux the desktop's portal says it over the session bus, also when it changes
(org.freedesktop.portal.Settings).  Windows and macOS are asked when the window gets the keys.
"""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import tkinter as tk

    from lanchat.gui.bus import Bus
    from lanchat.gui.bus_wire import Message
    from lanchat.gui.window import Window

PATIENCE: Final = 1.0  # seconds a program may take to say it
LONG: Final = 30.0  # seconds the portal may: at login it has to be started, and nobody waits
_NAME: Final = "org.freedesktop.portal.Desktop"
_PATH: Final = "/org/freedesktop/portal/desktop"
_SETTINGS: Final = "org.freedesktop.portal.Settings"
_ABOUT: Final = ("org.freedesktop.appearance", "color-scheme")
_DARK: Final = 1  # 0 is no wish, 2 is light
_UNKNOWN: Final = "org.freedesktop.DBus.Error.UnknownMethod"
_DRIVER: Final = "org.freedesktop.DBus"
_CHANGES: Final = (
    f"type='signal',sender='{_NAME}',path='{_PATH}',interface='{_SETTINGS}',"
    f"member='SettingChanged',arg0='{_ABOUT[0]}',arg1='{_ABOUT[1]}'"
)
_COMES: Final = (
    f"type='signal',sender='{_DRIVER}',interface='{_DRIVER}',member='NameOwnerChanged',"
    f"arg0='{_NAME}'"
)


def follow(window: "Window") -> None:
    """Draw the window as dark as the desktop is, where the user wants that; never waits.

    What it was is kept, so that the next window is right from the beginning.
    """

    def heard(dark: bool) -> None:
        if not window.closing:
            window.prefer(replace(window.preferences, desktop_dark=dark))

    if sys.platform in ("darwin", "win32"):
        _ask_with_keys(window, heard)
        return
    post = window.bridge.post
    portal = Portal(lambda dark: post(lambda: heard(dark)))
    window.run(portal.listen, _nothing, window.tell)


class Portal:
    """What the desktop's portal says.  Lives on the node thread."""

    def __init__(self, told: Callable[[bool], None]) -> None:
        self._told = told
        self._bus: Bus | None = None
        self._who = ""  # answered, by its number on the bus
        self._heard: asyncio.Queue[bool | None] = asyncio.Queue()  # None: ask

    async def listen(self) -> None:
        """Tell whether the desktop is dark, and again at each change, until this is cancelled.

        Where nobody can say, it is not.
        """
        try:
            self._told(await self._begin())
            while True:
                dark = await self._heard.get()
                found = await self._ask() if dark is None else dark
                if found is not None:
                    self._told(found)
        finally:
            if self._bus is not None:
                await self._bus.close()

    async def _begin(self) -> bool:
        from lanchat.gui.bus import Bus, NoBus  # while the first page is drawn already

        try:
            self._bus = await Bus.connect(self._signal)
            await self._bus.match(_CHANGES)
            await self._bus.match(_COMES)
        except NoBus:
            return False
        return await self._ask() or False

    async def _ask(self) -> bool | None:
        """What the portal says now; None if it says nothing."""
        from lanchat.gui.bus import NoBus, Refused

        if (bus := self._bus) is None:
            return None
        try:
            try:
                answer = await bus.call(_read("ReadOne"), LONG)
            except Refused as error:
                if error.name != _UNKNOWN:
                    raise
                # before version 1.17, as in Debian 12; it answers a variant in a variant
                answer = await bus.call(_read("Read"), LONG)
        except NoBus:
            return None
        self._who = answer.sender
        return is_dark(answer.body[-1] if answer.body else None)

    def _signal(self, message: "Message") -> None:
        """It changed, if the one says so who answered us; or there is a portal, anew."""
        match message.member, message.body:
            case "SettingChanged", (space, key, value) if (space, key) == _ABOUT:
                if message.interface == _SETTINGS and message.sender == self._who:
                    self._heard.put_nowait(is_dark(value))
            case "NameOwnerChanged", (name, _before, now) if name == _NAME and now:
                if message.sender == _DRIVER:
                    self._heard.put_nowait(None)
            case _:
                pass


def is_dark(value: object) -> bool:
    """Whether what a portal gave, in however many variants, says dark."""
    from lanchat.gui.bus_wire import Variant

    while isinstance(value, Variant):
        value = value.value
    return value == _DARK and not isinstance(value, bool)


def _nothing(_heard: object) -> None:
    """Nobody waits for the end of it."""


def _read(member: str) -> "Message":
    from lanchat.gui.bus_wire import Kind, Message

    return Message(
        Kind.CALL, 0, path=_PATH, interface=_SETTINGS, member=member, destination=_NAME,
        signature="ss", body=_ABOUT,
    )  # fmt: skip


# --- elsewhere ----------------------------------------------------------------------------


def _ask_with_keys(window: "Window", heard: Callable[[bool], None]) -> None:
    """Ask now, and whenever the window gets the keys."""

    def work() -> Coroutine[Any, Any, bool]:
        return asyncio.to_thread(_system_is_dark)

    def ask(event: "tk.Event[tk.Misc] | None" = None) -> None:
        if event is None or event.widget is window.root:
            window.run(work, heard, window.tell)

    ask()
    window.root.bind("<FocusIn>", ask, add=True)


def _system_is_dark() -> bool:
    if sys.platform == "win32":
        return _windows_is_dark()
    words = ("defaults", "read", "-g", "AppleInterfaceStyle")
    try:
        done = subprocess.run(  # noqa: S603 - our own words, nobody's input
            words, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return "dark" in done.stdout.lower()


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
