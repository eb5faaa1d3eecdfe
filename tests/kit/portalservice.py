"""What a desktop's portal says of light and dark, on a session bus.  Runs by Debian's Python.

    portalservice.py SCHEME METHOD...        what it says first, and how it can be asked

With `late` among the methods it answers nobody before it is told to.  Lines on standard input:
`change N` is the user choosing another scheme, `answer` lets those have it who asked, and
`lie N` is another program that says so to who asked last.
"""

import json
import sys
from typing import Any

from gi.repository import Gio, GLib  # type: ignore[import-not-found]  # Debian's python3-gi

NAME, PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
SETTINGS = "org.freedesktop.portal.Settings"
ABOUT = ("org.freedesktop.appearance", "color-scheme")
FAILED = "org.freedesktop.portal.Error.NotFound"
METHOD = """<method name="{}"><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="v" direction="out"/></method>"""


def say(**row: object) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


class Portal:
    def __init__(self, scheme: int, methods: list[str]) -> None:
        self.scheme = scheme
        self.late = "late" in methods
        self.waiting: list[tuple[str, Any]] = []
        self.asked_by = ""
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        told = "".join(METHOD.format(one) for one in methods if one.startswith("Read"))
        node = Gio.DBusNodeInfo.new_for_xml(
            f'<node><interface name="{SETTINGS}">{told}</interface></node>'
        )
        self.bus.register_object(PATH, node.interfaces[0], self.called, None, None)
        Gio.bus_own_name_on_connection(
            self.bus, NAME, Gio.BusNameOwnerFlags.NONE, lambda _bus, one: say(owns=one), None
        )

    def called(
        self, _bus: Any, sender: str, _path: str, _interface: str, method: str,
        arguments: Any, call: Any,
    ) -> None:  # fmt: skip
        self.asked_by = sender
        say(asked=method)
        if arguments.unpack() != ABOUT or not self.scheme:
            call.return_dbus_error(FAILED, "no such setting")
        elif self.late:
            self.waiting.append((method, call))
        else:
            self.answer(method, call)

    def answer(self, method: str, call: Any) -> None:
        value = GLib.Variant("u", self.scheme)
        if method == "Read":  # as the portal does: a variant in the variant
            value = GLib.Variant("v", value)
        call.return_value(GLib.Variant("(v)", (value,)))

    def told(self, channel: Any, _condition: Any) -> bool:
        line = channel.readline()
        if not line:
            return False
        what, *number = line.split()
        if what == "change":
            self.scheme = int(number[0])
            changed(self.bus, None, self.scheme)
        elif what == "lie":
            self.lie(int(number[0]))
        else:
            self.late = False
            for one in self.waiting:
                self.answer(*one)
        return True

    def lie(self, scheme: int) -> None:
        address = Gio.dbus_address_get_for_bus_sync(Gio.BusType.SESSION)
        flags = Gio.DBusConnectionFlags
        other = Gio.DBusConnection.new_for_address_sync(
            address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION
        )
        changed(other, self.asked_by, scheme)
        driver = "org.freedesktop.DBus"
        other.call_sync(  # its answer comes once the bus has passed the signal on
            driver, "/org/freedesktop/DBus", driver, "GetId", None, None,
            Gio.DBusCallFlags.NONE, -1,
        )  # fmt: skip
        say(lied=scheme)


def changed(bus: Any, to: str | None, scheme: int) -> None:
    values = GLib.Variant("(ssv)", (*ABOUT, GLib.Variant("u", scheme)))
    bus.emit_signal(to, PATH, SETTINGS, "SettingChanged", values)


def main() -> None:
    portal = Portal(int(sys.argv[1]), sys.argv[2:])
    GLib.io_add_watch(sys.stdin, GLib.IO_IN, portal.told)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
