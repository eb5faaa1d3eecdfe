"""Owns the clipboard as a file manager or a screenshot program does.  Runs by Debian's Python.

    clipsource.py files PATH...       the addresses of files, as text/uri-list
    clipsource.py picture PATH        a picture, as image/png and others

Prints "ready" once it owns the clipboard.
"""

import os
import sys
from typing import Any
from urllib.parse import quote

KIND, NAMES = sys.argv[1], [os.fsencode(one) for one in sys.argv[2:]]
del sys.argv[1:]  # GTK would refuse names that are not UTF-8


def main() -> None:
    import gi  # type: ignore[import-not-found]  # Debian's python3-gi

    gi.require_version("Gtk", "3.0")
    gi.require_version("Gdk", "3.0")
    from gi.repository import Gdk, GdkPixbuf, Gtk  # type: ignore[import-not-found]

    clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)
    if KIND == "picture":
        clipboard.set_image(GdkPixbuf.Pixbuf.new_from_file(os.fsdecode(NAMES[0])))
    else:
        uris = ["file://" + quote(os.path.abspath(name)) for name in NAMES]  # noqa: PTH100 - bytes
        window = Gtk.Invisible()

        def give(_widget: Any, data: Any, _info: Any, _time: Any) -> None:
            data.set_uris(uris)

        Gtk.selection_add_target(
            window, Gdk.SELECTION_CLIPBOARD, Gdk.Atom.intern("text/uri-list", False), 0
        )
        window.connect("selection-get", give)
        Gtk.selection_owner_set(window, Gdk.SELECTION_CLIPBOARD, 0)
    Gdk.Display.get_default().sync()  # from here on the X server knows
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    Gtk.main()


if __name__ == "__main__":
    main()
