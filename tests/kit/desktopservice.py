"""What a desktop does with notices and folders, on a session bus.  Runs by Debian's Python.

    desktopservice.py ABILITY...        what it says it can: actions, body-markup, ...

It owns the names of the notification service and of the file manager.  Each call comes out as
a line of JSON; a line `click NUMBER` or `close NUMBER` on standard input is what a person does.
"""

import json
import sys
from typing import Any

from gi.repository import Gio, GLib  # type: ignore[import-not-found]  # Debian's python3-gi

NOTES, NOTES_PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
FILES, FILES_PATH = "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1"
DISMISSED = 2


def described(interface: str, methods: dict[str, tuple[str, str]]) -> str:
    """An interface in D-Bus's own words: each method, the types it takes and gives."""
    text = ""
    for method, ways in methods.items():
        text += f'<method name="{method}">'
        for way, kinds in zip(("in", "out"), ways, strict=True):
            for kind in kinds.split():
                text += f'<arg direction="{way}" type="{kind}"/>'
        text += "</method>"
    return f'<interface name="{interface}">{text}</interface>'


NOTES_METHODS = {
    "GetCapabilities": ("", "as"),
    "Notify": ("s u s s s as a{sv} i", "u"),
    "CloseNotification": ("u", ""),
}
FILES_METHODS = {"ShowItems": ("as s", "")}
XML = f"<node>{described(NOTES, NOTES_METHODS)}{described(FILES, FILES_METHODS)}</node>"
NAMES = ("app", "replaces", "icon", "headline", "body", "actions", "hints", "expires")


def say(**row: object) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


class Desktop:
    def __init__(self, abilities: list[str]) -> None:
        self.abilities = abilities
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        self.last = 0
        node = Gio.DBusNodeInfo.new_for_xml(XML)
        for name, path in ((NOTES, NOTES_PATH), (FILES, FILES_PATH)):
            self.bus.register_object(path, node.lookup_interface(name), self.called, None, None)
            Gio.bus_own_name_on_connection(
                self.bus,
                name,
                Gio.BusNameOwnerFlags.NONE,
                lambda _bus, one: say(owns=one),
                None,
            )

    def called(
        self, _bus: Any, _sender: str, _path: str, _interface: str, method: str,
        arguments: Any, call: Any,
    ) -> None:  # fmt: skip
        values = arguments.unpack()
        answer = None
        if method == "GetCapabilities":
            answer = GLib.Variant("(as)", (self.abilities,))
        elif method == "Notify":
            notice = dict(zip(NAMES, values, strict=True))
            number = notice["replaces"]
            if not number:
                self.last = number = self.last + 1
            say(notify=notice, number=number)
            answer = GLib.Variant("(u)", (number,))
        elif method == "CloseNotification":
            say(closed=values[0])
            self.emit("NotificationClosed", "(uu)", (values[0], 3))
        else:
            say(show=values[0])
        call.return_value(answer)

    def emit(self, signal: str, kind: str, values: tuple[object, ...]) -> None:
        self.bus.emit_signal(None, NOTES_PATH, NOTES, signal, GLib.Variant(kind, values))

    def told(self, channel: Any, _condition: Any) -> bool:
        line = channel.readline()
        if not line:
            return False
        what, number = line.split()
        if what == "click":
            self.emit("ActivationToken", "(us)", (int(number), "token"))
            self.emit("ActionInvoked", "(us)", (int(number), "default"))
        self.emit("NotificationClosed", "(uu)", (int(number), DISMISSED))
        return True


def main() -> None:
    desktop = Desktop(sys.argv[1:])
    GLib.io_add_watch(sys.stdin, GLib.IO_IN, desktop.told)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
