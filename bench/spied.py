"""The real program in its window, which says when something is on the screen.

    python -m bench.spied [WORDS...]       as `lanchat WORDS...`

It answers words on its standard input with one line each; times are seconds of the monotonic
clock, which X's own times are as well, in milliseconds.

    shown NAME      when the widget of that name was drawn first
    unlock PHRASE   when the passphrase was entered
    drawn TEXT      when a canvas showed a text with that in it
    keys            ms from each key since the last `keys` to its letter in the composer
"""

import contextlib
import json
import sys
import time
import tkinter as tk
from collections.abc import Callable, Iterator

WAIT: float = 0.002  # seconds between two looks


class _Spy:
    """Lives on the Tk thread; nothing of it runs while nothing is asked."""

    def __init__(self, root: tk.Tk) -> None:
        self._root = root
        self._typed: list[float] = []
        root.tk.createfilehandler(sys.stdin, tk.READABLE, self._asked)
        root.bind_class("Text", "<KeyPress>", self._pressed, add=True)

    def _asked(self, _file: object, _mask: int) -> None:
        line = sys.stdin.readline()
        if not line:
            self._root.tk.deletefilehandler(sys.stdin)
            return
        word, _, rest = line.strip().partition(" ")
        match word:
            case "shown":
                self._until(lambda: self._viewable(rest) is not None)
            case "unlock":
                self._unlock(rest)
            case "drawn":
                self._until(lambda: any(rest in text for text in self._texts()))
            case "keys":
                typed, self._typed = self._typed, []
                self._say(typed)

    def _until(self, there: Callable[[], bool]) -> None:
        """Say when something is there, once the server has drawn it."""
        if not there():
            self._root.after(int(WAIT * 1000), lambda: self._until(there))
            return
        self._root.update_idletasks()
        self._root.winfo_pointerxy()  # the server answers when it has drawn
        self._say(time.monotonic())

    def _unlock(self, phrase: str) -> None:
        entry = self._viewable("passphrase")
        if not isinstance(entry, tk.Entry):
            raise TypeError("no field for a passphrase")
        entry.focus_force()
        entry.insert(0, phrase)
        self._say(time.monotonic())
        entry.event_generate("<Return>")

    def _pressed(self, event: "tk.Event[tk.Misc]") -> None:
        """The binding of the class comes first, so the letter is in the text already."""
        at = event.time

        def drawn() -> None:
            self._root.winfo_pointerxy()
            self._typed.append(time.monotonic() * 1000 % 2**32 - at)

        if event.char and str(event.widget).endswith(".composer"):
            self._root.after_idle(drawn)

    def _viewable(self, name: str) -> tk.Misc | None:
        found = [one for one in _below(self._root) if one.winfo_name() == name]
        return next((one for one in reversed(found) if one.winfo_viewable()), None)

    def _texts(self) -> Iterator[str]:
        for widget in _below(self._root):
            if isinstance(widget, tk.Canvas):
                for item in widget.find_all():
                    if str(widget.type(item)) == "text":
                        yield str(widget.tk.call(widget, "itemcget", item, "-text"))

    def _say(self, what: object) -> None:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()


def _below(widget: tk.Misc | None) -> Iterator[tk.Misc]:
    for child in tuple(widget.children.values()) if widget is not None else ():
        yield child
        yield from _below(child)


def main() -> int:
    made = tk.Tk.__init__

    def init(self: tk.Tk, *args: object, **named: object) -> None:
        made(self, *args, **named)  # type: ignore[arg-type]  # as they came
        tk.Tk.__init__ = made  # type: ignore[method-assign]  # the first root only
        self.after(0, lambda: _Spy(self))

    tk.Tk.__init__ = init  # type: ignore[method-assign]  # to find the root
    from lanchat.__main__ import main as lanchat

    with contextlib.suppress(BrokenPipeError):
        return lanchat()
    return 1


if __name__ == "__main__":
    sys.exit(main())
