"""Run the window with a probe beside it: nothing of this is in the program.

    python probe.py SOCKET ERRORS [WORDS...]       as `lanchat WORDS...`

ERRORS is a file that gets a line of JSON for each thing that must not happen: a callback
that raised, an error in the log, an exception nobody caught, a thread that is left at the
end.  The first root of Tk that is made gets a Unix socket which answers lines of JSON:

    {"op": "tree"}               every widget: path, class, text, place, size, state
    {"op": "look", "path"}       one of them
    {"op": "text", "path"}       what a text or an entry holds
    {"op": "drawn"}              every text that a canvas shows, and where
    {"op": "window"}             X's number of the root
    {"op": "focus"}              the widget that has the keys
    {"op": "sync"}               once the display has told all that was done until now
    {"op": "fail", "how"}        do what must not happen: "callback", "log", "thread"
                                 or "process"
    {"op": "seen"}               what was done so far (witness.py)
    {"op": "controls"}           what can be used in the window or dialog that has the keys
    {"op": "pointed"}            what hears clicks and not the keys
    {"op": "menu"}               the entries of the menu that is open
    {"op": "clipboard"}          what is on the clipboard

Answers are made on the Tk thread, so they always see one consistent state.
"""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import tkinter as tk
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tkinter import ttk
from typing import Any

from lanchat.gui import accessible
from lanchat.gui.menus import Menu
from tests.kit import witness

Question = dict[str, Any]


class Faults:
    """What must not happen, written down as it does."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._path.touch()

    def add(self, text: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(text) + "\n")

    def watch(self) -> None:
        """Hear of all but callbacks, and of the threads that are left."""
        log = logging.Handler(logging.ERROR)
        log.emit = lambda record: self.add(logging.Formatter().format(record))  # type: ignore[method-assign]  # all that differs
        logging.getLogger().addHandler(log)
        sys.unraisablehook = lambda what: self.add(
            f"unraisable, of {what.object!r}: {what.exc_value!r}"
        )
        threading.excepthook = lambda what: self.add(
            f"thread {what.thread}: {''.join(traceback.format_exception(what.exc_value))}"
        )
        tk.Tk.report_callback_exception = lambda _self, *what: self.add(
            "".join(traceback.format_exception(*what))
        )

    def count_threads(self) -> None:
        for thread in threading.enumerate():
            if thread is not threading.main_thread():
                self.add(f"thread left: {thread.name}")


def fail(root: tk.Tk, question: Question) -> int:
    match question["how"]:
        case "callback":
            root.after(0, lambda: [][0])
        case "log":
            logging.getLogger("lanchat.x").error("lost")
        case "thread":
            threading.Thread(target=threading.Event().wait, name="stray", daemon=True).start()
        case "process":
            return subprocess.Popen(["/bin/sleep", "600"], start_new_session=True).pid
    return 0


def walk(widget: tk.Misc) -> Iterator[tk.Misc]:
    yield widget
    for child in tuple(widget.children.values()):  # not those Tk made: lists of combo boxes
        yield from walk(child)


def describe(widget: tk.Misc) -> dict[str, Any]:
    def option(name: str) -> str | None:
        try:
            return str(widget.cget(name))
        except tk.TclError:
            return None

    state, selected = option("state"), False
    if isinstance(widget, ttk.Widget):  # whose option is not what it is
        state = "disabled" if widget.instate(["disabled"]) else "normal"
        selected = bool(widget.instate(["selected"]))
    return {
        "path": str(widget),
        "class": widget.winfo_class(),
        "name": widget.winfo_name(),
        "text": option("text"),
        "title": widget.title() if isinstance(widget, tk.Tk | tk.Toplevel) else "",
        "state": state,
        "selected": selected,
        "viewable": bool(widget.winfo_viewable()),
        "x": widget.winfo_rootx(),
        "y": widget.winfo_rooty(),
        "w": widget.winfo_width(),
        "h": widget.winfo_height(),
        "focus": str(widget.tk.call("focus")) == str(widget),
    }


def canvas_texts(widget: tk.Misc) -> list[dict[str, Any]]:
    """The texts a canvas shows, with the place of each on the screen."""
    if not isinstance(widget, tk.Canvas):
        return []
    found = []
    left, top = widget.winfo_rootx(), widget.winfo_rooty()
    for item in widget.find_all():
        if str(widget.type(item)) == "text" and (box := widget.bbox(item)):
            x = left + (box[0] + box[2]) // 2 - int(widget.canvasx(0))
            y = top + (box[1] + box[3]) // 2 - int(widget.canvasy(0))
            text = str(widget.tk.call(widget, "itemcget", item, "-text"))
            found.append({"text": text, "x": x, "y": y, "path": str(widget)})
    return found


def controls(root: tk.Tk) -> list[dict[str, Any]]:
    """What a person can use in the window that has the keys, and how each is called."""
    return [
        {**describe(one), "said": accessible.said(one), "style": style_of(one)}
        for one in here(root)
        if usable(one)
    ]


def here(root: tk.Tk) -> list[tk.Misc]:
    """What is on the screen of the window that has the keys."""
    call = root.tk.call
    top = str(call("winfo", "toplevel", call("focus") or "."))
    return [
        one for one in walk(root) if str(one.winfo_toplevel()) == top and one.winfo_viewable()
    ]


def pointed(root: tk.Tk) -> list[str]:
    """The names of what hears a click and not the keys."""
    clicks = ("<Button-1>", "<ButtonRelease-1>", "<ButtonPress-1>")
    return [str(one) for one in here(root) if not usable(one) and set(clicks) & set(one.bind())]


def usable(widget: tk.Misc) -> bool:
    if isinstance(widget, tk.Menu | tk.Tk | tk.Toplevel | ttk.Scrollbar | ttk.Progressbar):
        return False
    if isinstance(widget, ttk.Button | ttk.Entry | ttk.Checkbutton | ttk.Radiobutton):
        return not widget.instate(["disabled"])
    return isinstance(widget, tk.Text) or str(widget.cget("takefocus")) == "1"


def style_of(widget: tk.Misc) -> str:
    return str(widget.cget("style")) if isinstance(widget, ttk.Widget) else ""


def menus(root: tk.Tk) -> Iterator[list[str]]:
    """What each menu on the screen offers."""
    for one in walk(root):
        if isinstance(one, Menu) and one.winfo_viewable():
            yield list(one.texts)


def clipboard(root: tk.Tk) -> str:
    with suppress(tk.TclError):  # there is nothing on it
        return root.clipboard_get()
    return ""


def text_of(root: tk.Tk, question: Question) -> str:
    widget = root.nametowidget(question["path"])
    return str(widget.get("1.0", "end-1c") if isinstance(widget, tk.Text) else widget.get())


#: What is asked, and what answers it.
ANSWERS: dict[str, Callable[[tk.Tk, Question], object]] = {
    "tree": lambda root, _question: [describe(one) for one in walk(root)],
    "look": lambda root, question: describe(root.nametowidget(question["path"])),
    "drawn": lambda root, _question: [
        text for widget in walk(root) for text in canvas_texts(widget)
    ],
    "text": text_of,
    "window": lambda root, _question: root.winfo_id(),
    "focus": lambda root, _question: str(root.tk.call("focus")),  # Tk's own dialogs, too
    "sync": lambda root, _question: root.winfo_pointerxy(),  # which is asked of the display
    "controls": lambda root, _question: controls(root),
    "pointed": lambda root, _question: pointed(root),
    "menu": lambda root, _question: next(menus(root), []),
    "clipboard": lambda root, _question: clipboard(root),
    "seen": lambda _root, _question: {
        kind: sorted(what) for kind, what in witness.SEEN.items()
    },
    "fail": fail,
}


def answer(root: tk.Tk, question: Question) -> object:
    return ANSWERS[question["op"]](root, question)


def attach(root: tk.Tk, path: str) -> None:
    """Answer at that socket, a moment after each question: what came before is done then."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()

    def reply(connection: socket.socket, line: bytes) -> None:
        try:
            told: dict[str, Any] = {"ok": answer(root, json.loads(line))}
        except Exception as error:
            told = {"error": repr(error)}
        with suppress(OSError):  # whoever asked is gone
            connection.sendall(json.dumps(told).encode() + b"\n")

    def read(connection: socket.socket, _mask: int) -> None:
        asked = connection.recv(2**16)
        if not asked:
            root.tk.deletefilehandler(connection)
            connection.close()
        for line in asked.splitlines():
            root.after(1, reply, connection, line)

    def accept(_server: socket.socket, _mask: int) -> None:
        connection, _address = server.accept()
        root.tk.createfilehandler(connection, tk.READABLE, read)

    root.tk.createfilehandler(server, tk.READABLE, accept)


def settle(path: str, faults: Faults) -> None:
    """Write down what must not happen from now on, and answer as soon as there is a root."""
    faults.watch()
    made = tk.Tk.__init__

    def init(self: tk.Tk, *args: Any, **named: Any) -> None:
        made(self, *args, **named)
        tk.Tk.__init__ = made  # type: ignore[method-assign]  # the first root only
        attach(self, path)
        witness.watch(self)

    tk.Tk.__init__ = init  # type: ignore[method-assign]  # to find the root of the program


def main() -> int:
    path, faults = sys.argv.pop(1), Faults(sys.argv.pop(1))
    settle(path, faults)
    from lanchat.__main__ import main as lanchat

    status = lanchat()
    faults.count_threads()
    return status


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
