"""A window that offers files by XDND, as a file manager does.  Runs by Debian's own Python.

    dragsource.py TITLE PATH...

Prints a word a line: ready, drag-begin, welcome and unwelcome as the target answers (XDND's
status), data-sent, drag-end, drag-failed.
"""

import os
import sys
from typing import Any
from urllib.parse import quote

TITLE, NAMES = sys.argv[1], [os.fsencode(one) for one in sys.argv[2:]]
del sys.argv[1:]  # GTK would refuse names that are not UTF-8


def say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def main() -> None:
    import gi  # type: ignore[import-not-found]  # Debian's python3-gi

    gi.require_version("Gtk", "3.0")
    from gi.repository import Gdk, Gtk  # type: ignore[import-not-found]

    uris = ["file://" + quote(os.path.abspath(name)) for name in NAMES]  # noqa: PTH100 - bytes

    def give(_widget: Any, _context: Any, data: Any, _kind: Any, _time: Any) -> None:
        data.set_uris(uris)
        say("data-sent")

    def begin(_widget: Any, context: Any) -> None:
        say("drag-begin")
        context.connect(
            "action-changed",
            lambda _context, action: say("welcome" if action else "unwelcome"),
        )

    window = Gtk.Window(title=TITLE)
    window.set_default_size(200, 120)
    box = Gtk.EventBox()
    box.add(Gtk.Label(label="drag from here"))
    window.add(box)
    box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
    box.drag_source_add_uri_targets()
    box.connect("drag-begin", begin)
    box.connect("drag-data-get", give)
    box.connect("drag-failed", lambda *_what: say("drag-failed"))
    box.connect("drag-end", lambda *_what: say("drag-end"))
    window.connect("destroy", Gtk.main_quit)
    window.connect("map-event", lambda *_what: say("ready"))
    window.show_all()
    Gtk.main()


if __name__ == "__main__":
    main()
