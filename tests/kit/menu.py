"""Starts an entry of a menu as GNOME does, by GLib.  Runs by Debian's Python.

menu.py FILE        fails if GLib finds nothing to start in it
menu.py link URI    opens a link with what GLib finds for its scheme
"""

import sys


def main() -> None:
    from gi.repository import Gio  # type: ignore[import-not-found]  # Debian's python3-gi

    if sys.argv[1] == "link":
        scheme = sys.argv[2].partition(":")[0]
        found = Gio.AppInfo.get_default_for_uri_scheme(scheme)
        if found is None or not found.launch_uris([sys.argv[2]], None):
            sys.exit("nobody opens it")
        return
    entry = Gio.DesktopAppInfo.new_from_filename(sys.argv[1])
    if not entry.launch([], None):
        sys.exit("not started")
    sys.stdout.write(f"{entry.get_name()}\n{entry.get_startup_wm_class()}\n")


if __name__ == "__main__":
    main()
