"""A whole window in the test's own process: the real one, on a root of its own."""

import gc
import time
import tkinter as tk
from collections.abc import Callable, Iterator
from contextlib import suppress

import lanchat.gui.backend  # noqa: F401 - loaded by now, as when somebody types
from lanchat.gui.app import make_root
from lanchat.gui.given import Given
from lanchat.gui.preferences import Preferences
from lanchat.gui.theme import Mode, Theme
from lanchat.gui.window import Window

SECONDS = 15.0
PHRASE = "granite otter paddles home"  # of the profile that `home` makes
INTERPRETERS: list[object] = []  # for ever: one that another thread's collector frees aborts


class Seat:
    """Somebody in front of a window; bugs that it reports are collected."""

    def __init__(self, given: Given | None = None, lock_after: int = 0) -> None:
        gc.disable()  # as app.py does: nothing of Tk's is freed by the node's thread
        self.root = make_root()
        INTERPRETERS.append(self.root.tk)
        self.raised: list[BaseException] = []
        self.root.report_callback_exception = lambda _kind, error, _trace: self.raised.append(
            error
        )
        theme = Theme(self.root, Mode.LIGHT)
        preferences = Preferences(interfaces=("lo",), lock_after=lock_after)
        self.window = Window(self.root, theme, preferences, given or Given(interfaces=("lo",)))
        unforeseen = self.window.unforeseen

        def bug(error: BaseException) -> None:
            self.raised.append(error)
            unforeseen(error)

        self.window.unforeseen = bug  # type: ignore[method-assign]  # heard as well as told
        self.window.bridge._unforeseen = bug
        self.window.start()
        self.root.deiconify()
        self.until(self.root.winfo_viewable, "the window")
        (self.root.focus_lastfor() or self.root).focus_force()
        self.root.update()

    def until(self, seen: Callable[[], object], what: str) -> None:
        """Let the window live until something is there."""
        end = time.monotonic() + SECONDS
        while not seen():
            assert not self.raised, self.raised
            assert time.monotonic() < end, f"never came: {what}"
            self.root.update()
            time.sleep(0.005)

    def settle(self) -> None:
        """Let the window do what it has to do now."""
        self.root.update()
        self.root.update()

    def find(self, name: str) -> tk.Misc:
        """The widget of that name."""
        found = [one for one in self.all() if one.winfo_name() == name]
        assert found, f"no {name} among {[one.winfo_name() for one in self.all()]}"
        return found[-1]

    def has(self, name: str) -> bool:
        """Whether a widget of that name is on the screen."""
        return any(one.winfo_name() == name and one.winfo_viewable() for one in self.all())

    def all(self) -> list[tk.Misc]:
        """Every widget there is."""
        return list(below(self.root))

    def type(self, text: str, name: str) -> None:
        """Type into a field, letter by letter."""
        field = self.find(name)
        field.focus_force()
        self.root.update()
        for letter in text:
            field.event_generate("<KeyPress>", keysym=_keysym(letter))
            field.event_generate("<KeyRelease>", keysym=_keysym(letter))
        self.settle()

    def press(self, key: str) -> None:
        """Press a key where the focus is."""
        self.root.update()
        at = self.root.focus_get() or self.root
        at.event_generate(key)
        self.settle()

    def focus(self) -> str:
        """The name of what has the focus."""
        at = self.root.focus_get()
        return at.winfo_name() if at is not None else ""

    def says(self, name: str) -> str:
        """What a label or a button says."""
        return str(self.find(name).cget("text"))

    def enabled(self, name: str) -> bool:
        """Whether a control can be used."""
        return not self.find(name).instate(["disabled"])  # type: ignore[attr-defined]  # ttk

    def leave(self) -> None:
        """Close the window."""
        if not self.window.closing:
            self.window.quit()
        gc.collect()
        gc.enable()
        assert not self.raised, self.raised


def texts(root: tk.Tk) -> Iterator[str]:
    """All that Tk holds as text: names, options, entries, texts, items, titles, selections."""
    call = root.tk.call
    for widget in (root, *below(root)):
        yield from _of(widget)
        if isinstance(widget, tk.Tk | tk.Toplevel):
            yield str(call("wm", "title", str(widget)))
            yield str(call("wm", "iconname", str(widget)))
    for name in root.tk.splitlist(call("info", "globals")):
        with suppress(tk.TclError):  # an array, or a link to nothing
            yield str(call("set", f"::{name}"))
    for kind in ("font", "image"):
        yield str(call(kind, "names"))
    for selection in ("PRIMARY", "CLIPBOARD"):
        with suppress(tk.TclError):  # nobody owns it
            yield str(call("selection", "get", "-selection", selection))


def _of(widget: tk.Misc) -> Iterator[str]:
    call, path = widget.tk.call, str(widget)
    yield path
    for option in widget.tk.splitlist(call(path, "configure")):
        yield str(option)
    match widget.winfo_class():
        case "TEntry" | "Entry" | "TCombobox":
            yield str(call(path, "get"))
        case "Text":
            yield str(call(path, "get", "1.0", "end"))
        case "Canvas":
            for item in widget.tk.splitlist(call(path, "find", "all")):
                yield str(call(path, "itemconfigure", item))
        case "Menu":
            for entry in range(int(call(path, "index", "end") or 0)):
                yield str(call(path, "entryconfigure", entry))


def below(widget: tk.Misc) -> Iterator[tk.Misc]:
    """Every widget in another one."""
    for child in widget.winfo_children():
        yield child
        yield from below(child)


def _keysym(letter: str) -> str:
    return {" ": "space", "-": "minus", ".": "period"}.get(letter, letter)
