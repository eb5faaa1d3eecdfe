"""Starts an entry of a menu as GNOME does, by GLib.  Runs by Debian's Python.

menu.py FILE        fails if GLib finds nothing to start in it
"""

import sys


def main() -> None:
    from gi.repository import Gio  # type: ignore[import-not-found]  # Debian's python3-gi

    entry = Gio.DesktopAppInfo.new_from_filename(sys.argv[1])
    if not entry.launch([], None):
        sys.exit("not started")
    sys.stdout.write(f"{entry.get_name()}\n{entry.get_startup_wm_class()}\n")


if __name__ == "__main__":
    main()
