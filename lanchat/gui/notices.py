"""Notices: what the desktop shows of us outside the window, and which of it was clicked.

Desktop Notifications Specification 1.2, over the session bus.  A notice has a key: another
one of the same key takes its place.  When the window is locked or closed all are taken back.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from lanchat.gui import desktop_entry, launcher
from lanchat.gui.bus import Bus, NoBus
from lanchat.gui.bus_wire import Kind, Message, Variant

_NAME: Final = "org.freedesktop.Notifications"
_PATH: Final = "/org/freedesktop/Notifications"
_SIGNALS: Final = f"type='signal',sender='{_NAME}',interface='{_NAME}',path='{_PATH}'"
_CLICK: Final = "default"  # the action of a click on the notice itself
_ICON: Final = launcher.ASSETS / "lanchat-128.png"
_NORMAL: Final = 1  # urgency
PATIENCE: Final = 1.0  # seconds that ending waits for a notice that is on its way


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be shown.  Texts are plain, and of one line each."""

    key: str
    headline: str
    body: str = ""
    action: str = ""  # what a click does, in words, where the desktop makes a button of it


class Notices:
    """The notices of one window.  Lives on the node thread."""

    def __init__(self) -> None:
        self._bus: Bus | None = None
        self._server = ""  # who shows them, by its number on the bus
        self._abilities: frozenset[str] = frozenset()
        self._shown: dict[str, int] = {}  # the desktop's number of each key
        self._clicked: asyncio.Queue[str | None] = asyncio.Queue()
        self._turn = asyncio.Lock()
        self._over = False

    async def show(self, notice: Notice) -> bool:
        """Show it, in the place of the one with the same key; False where nobody can."""
        async with self._turn:
            if self._over:
                return True  # locked meanwhile: nobody is to be told
            try:
                bus = await self._connected()
                answer = await bus.call(self._notify(notice))
            except NoBus:
                await self._leave()
                return self._over
            self._server = answer.sender
            match answer.body:
                case (int(number),):
                    self._shown[notice.key] = number
            return True

    async def withdraw(self, key: str) -> None:
        """Take a notice back, if it is still there."""
        async with self._turn:
            self._close(key)

    async def next_click(self) -> str | None:
        """Wait until a notice is clicked, and give its key; None once it is over."""
        try:
            return await self._clicked.get()
        except asyncio.CancelledError:
            await self.end()
            raise

    async def end(self) -> None:
        """Take all of them back, and show no more.  Twice is once."""
        self._over = True
        with suppress(TimeoutError):  # a desktop that hangs holds nobody up
            async with asyncio.timeout(PATIENCE), self._turn:
                for key in tuple(self._shown):
                    self._close(key)
        await self._leave()
        self._clicked.put_nowait(None)

    # --- within -------------------------------------------------------------------------

    def _notify(self, notice: Notice) -> Message:
        body = notice.body
        if "body-markup" in self._abilities:
            body = escaped(body)
        hints = {
            "category": Variant("s", "im.received"),
            "desktop-entry": Variant("s", desktop_entry.NAME.removesuffix(".desktop")),
            "image-path": Variant("s", _ICON.as_uri()),
            "suppress-sound": Variant("b", True),  # the window itself rings, if it is to
            "transient": Variant("b", bool(notice.body)),  # words of others are not kept
            "urgency": Variant("y", _NORMAL),
        }
        actions = [_CLICK, notice.action] if "actions" in self._abilities else []
        replaces = self._shown.get(notice.key, 0)
        return _call(
            "Notify", "susssasa{sv}i", "lanchat", replaces, _ICON.as_uri(),
            notice.headline, body, actions, hints, -1,
        )  # fmt: skip

    async def _connected(self) -> Bus:
        if self._bus is None or self._bus.lost:
            await self._leave()
            self._bus = await Bus.connect(self._heard)
            await self._bus.match(_SIGNALS)
            answer = await self._bus.call(_call("GetCapabilities"))
            match answer.body:
                case ([*names],):
                    self._abilities = frozenset(map(str, names))
        return self._bus

    async def _leave(self) -> None:
        self._shown.clear()
        bus, self._bus = self._bus, None
        if bus is not None:
            await bus.close()

    def _close(self, key: str) -> None:
        number = self._shown.pop(key, None)
        if number is not None and self._bus is not None:
            self._bus.tell(_call("CloseNotification", "u", number))

    def _heard(self, message: Message) -> None:
        """A signal; from nobody but who shows our notices."""
        if message.sender != self._server or message.interface != _NAME:
            return
        match message.member, message.body:
            case "ActionInvoked", (int(number), str(action)) if action == _CLICK:
                for key in self._keys(number):
                    self._clicked.put_nowait(key)
            case "NotificationClosed", (int(number), int()):
                for key in self._keys(number):
                    del self._shown[key]
            case _:
                pass

    def _keys(self, number: int) -> list[str]:
        return [key for key, held in self._shown.items() if held == number]


def escaped(text: str) -> str:
    """A body may be markup to the desktop: none of it is somebody's."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _call(member: str, signature: str = "", *body: object) -> Message:
    return Message(
        Kind.CALL, 0, path=_PATH, interface=_NAME, member=member, destination=_NAME,
        signature=signature, body=body,
    )  # fmt: skip
