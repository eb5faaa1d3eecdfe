"""Run the window with a probe beside it: nothing of this is in the program.

    python probe.py SOCKET [WORDS...]       as `lanchat WORDS...`

The first root of Tk that is made gets a Unix socket which answers lines of JSON:

    {"op": "tree"}               every widget: path, class, text, place, size, state
    {"op": "text", "path"}       what a text or an entry holds
    {"op": "drawn"}              every text that a canvas shows, and where
    {"op": "window"}             X's number of the root
    {"op": "focus"}              the widget that has the keys
    {"op": "errors"}             callbacks that raised, and errors in the log, so far

Answers are made on the Tk thread, so they always see one consistent state.
"""

import json
import logging
import os
import queue
import socket
import sys
import threading
import tkinter as tk
import traceback
from collections.abc import Iterator
from typing import Any

ERRORS: list[str] = []


class _Log(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        ERRORS.append(logging.Formatter().format(record))


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

    state = option("state")
    if hasattr(widget, "instate") and widget.instate(["disabled"]):
        state = "disabled"
    return {
        "path": str(widget),
        "class": widget.winfo_class(),
        "name": widget.winfo_name(),
        "text": option("text"),
        "state": state,
        "viewable": bool(widget.winfo_viewable()),
        "x": widget.winfo_rootx(),
        "y": widget.winfo_rooty(),
        "w": widget.winfo_width(),
        "h": widget.winfo_height(),
        "focus": str(widget.focus_get() or "") == str(widget),
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
            found.append(
                {"text": str(widget.tk.call(widget, "itemcget", item, "-text")), "x": x, "y": y}
            )
    return found


def answer(root: tk.Tk, question: dict[str, Any]) -> object:
    match question["op"]:
        case "tree":
            return [describe(widget) for widget in walk(root)]
        case "errors":
            return ERRORS
        case "drawn":
            return [one for widget in walk(root) for one in canvas_texts(widget)]
        case "text":
            widget = root.nametowidget(question["path"])
            return widget.get("1.0", "end-1c") if isinstance(widget, tk.Text) else widget.get()
        case "window":
            return root.winfo_id()
        case "focus":
            return str(root.focus_get() or "")
        case other:
            raise ValueError(other)


def attach(root: tk.Tk, path: str) -> None:
    waiting: queue.SimpleQueue[tuple[dict[str, Any], queue.SimpleQueue[dict[str, Any]]]]
    waiting = queue.SimpleQueue()

    def pump() -> None:
        while not waiting.empty():
            question, reply = waiting.get()
            try:
                reply.put({"ok": answer(root, question)})
            except Exception as error:
                reply.put({"error": repr(error)})
        root.after(10, pump)

    def serve(connection: socket.socket) -> None:
        with connection, connection.makefile("rw", encoding="utf-8") as file:
            for line in file:
                reply: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
                waiting.put((json.loads(line), reply))
                file.write(json.dumps(reply.get()) + "\n")
                file.flush()

    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()

    def accept() -> None:
        while True:
            connection, _address = server.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    root.after(0, pump)


def main() -> int:
    path = sys.argv.pop(1)
    logging.getLogger().addHandler(_Log(logging.ERROR))
    made = tk.Tk.__init__

    def init(self: tk.Tk, *args: Any, **named: Any) -> None:
        made(self, *args, **named)
        tk.Tk.__init__ = made  # type: ignore[method-assign]  # the first root only
        attach(self, path)

    tk.Tk.__init__ = init  # type: ignore[method-assign]  # to find the root of the program
    tk.Tk.report_callback_exception = lambda _self, *what: ERRORS.append(
        "".join(traceback.format_exception(*what))
    )
    from lanchat.__main__ import main as lanchat

    return lanchat()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
