"""Dialogs: a window over the window that asks one thing.

Modal to its parent only.  Escape is the safe answer, and so is closing it; the keys begin
at the first field and go back where they were.  No dialog has a button that Enter presses
from anywhere: what is dangerous is reached on purpose.
"""

import tkinter as tk
from collections.abc import Callable
from contextlib import suppress
from tkinter import ttk
from typing import Final

from lanchat.gui import wrapping
from lanchat.gui.fitted import Fitted
from lanchat.gui.shaping import label
from lanchat.gui.theme import Theme

#: What a button says, what it does before the dialog closes, and its name in the tests.
Button = tuple[str, Callable[[], object] | None, str]

FRAME: Final = 72  # px at 100 % that bars of the desktop and of the window take
KEYS: Final = 200  # ms until the desktop has given them to a dialog
WIDTH: Final = 460  # px at 100 % of a dialog that says nothing else


class Dialog(tk.Toplevel):
    """A dialog; put what it is about into `body`, then call `buttons`."""

    def __init__(
        self, parent: tk.Misc, theme: Theme, title: str, *, name: str, width: int = WIDTH
    ) -> None:
        top = parent.winfo_toplevel()
        old = top.nametowidget(name) if name in top.children else None
        if old is not None:
            old.destroy()  # asked again: the new question takes the place of the old one
        super().__init__(top, name=name, background=theme.tokens.window)
        self._under = _dialog_at(top)
        self.withdraw()
        self.theme: Final = theme
        self.width: Final = width
        self.title(title)
        self.transient(self._under)
        with suppress(tk.TclError):  # X11: no buttons to make it large or small
            self.attributes("-type", "dialog")
        self.on_close: Callable[[], object] | None = None  # the safe answer does this too
        self._grabbed = str(self._under) if isinstance(self._under, Dialog) else ""
        self._before = _keys_of(self._under)
        self._safe: ttk.Button | None = None
        self._had_keys = bool(str(self.tk.call("focus")))
        self._later = ""  # the job that looks after them
        self._closed = False
        self.busy = False  # what was begun in it goes on: there is no way back from that
        px = theme.px
        outer = ttk.Frame(self)
        outer.pack(fill="both", expand=True, padx=px(24), pady=px(20))
        self.heading: Final = ttk.Label(
            outer, name="heading", text=label(title), style="H2.TLabel"
        )
        self._wrapped(self.heading)
        self.heading.pack(anchor="w", fill="x")
        self._fitted: Final = Fitted(outer, theme, self._room)
        self._fitted.pack(fill="both", expand=True, pady=(px(10), px(18)))
        self.body: Final = self._fitted.body
        self._row: Final = ttk.Frame(outer, name="buttons")
        self._row.pack(fill="x")
        self.bind("<Escape>", lambda _event: self.close())
        self.protocol("WM_DELETE_WINDOW", self.close)
        self._end = theme.watch(self._recolour)

    def message(self, text: str, style: str = "TLabel") -> ttk.Label:
        """A paragraph in the body; give texts that were made safe to draw."""
        said = ttk.Label(self.body, text=label(text), style=style)
        self._wrapped(said)
        said.pack(anchor="w", fill="x", pady=(0, self.theme.px(8)))
        return said

    def _wrapped(self, said: ttk.Label) -> None:
        """Have a label wrap in the dialog as it will be, and as it is then."""
        wrapping.fit(said, self.theme.px(self.width - 48))
        wrapping.wrap(said)

    def buttons(self, *buttons: Button, danger: str = "") -> dict[str, ttk.Button]:
        """Put the buttons in a row and show the dialog.

        The first is the safe answer.  The last is the one to choose, unless it is named by
        `danger`: that one is written in red.
        """
        made: dict[str, ttk.Button] = {}
        for place, (text, does, name) in enumerate(reversed(buttons)):
            style = "Accent.TButton" if place == 0 and len(buttons) > 1 else "TButton"
            if name == danger:
                style = "Danger.TButton"
            button = ttk.Button(
                self._row, name=name, text=text, style=style, command=self._doing(does)
            )
            button.pack(side="right", padx=(self.theme.px(8), 0))
            made[name] = self._safe = button
        for button in reversed(tuple(made.values())):
            button.lift()  # Tab goes from left to right
        self.present()
        return made

    def present(self) -> None:
        """Show it in the middle of its parent, with the keys at its first field.

        It does not wait for the screen, so that nothing else happens in here.
        """
        top = self.master.winfo_toplevel()
        self.update_idletasks()
        self._fitted.fit()
        self.update_idletasks()
        wide = max(self.winfo_reqwidth(), self.theme.px(self.width))
        high = self.winfo_reqheight()
        left = top.winfo_rootx() + (top.winfo_width() - wide) // 2
        above = top.winfo_rooty() + (top.winfo_height() - high) // 3
        left = min(max(left, 0), max(self.winfo_screenwidth() - wide, 0))
        above = min(max(above, 0), max(self.winfo_screenheight() - high, 0))
        self.minsize(wide, 1)
        self.geometry(f"+{left}+{above}")  # no size: it grows with what it says
        if not self.winfo_viewable():
            self.bind("<Visibility>", self._appeared)
        if isinstance(self._under, Dialog):
            self._under.grab_release()  # else Tk does not hear that the keys come to us
        self.deiconify()

    def _appeared(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is not self:
            return
        self.unbind("<Visibility>")
        with suppress(tk.TclError):  # somebody else holds the pointer: not modal then
            self.grab_set()
        chosen = _keys_of(self)  # by whoever made the dialog, or nobody yet
        (self.nametowidget(chosen) if chosen != str(self) else self.first()).focus_set()
        if self._had_keys:
            self._later = self.after(KEYS, self._fetch_keys)

    def _fetch_keys(self) -> None:
        """Take them, if they were ours and nobody has them.

        A desktop may give them to the window below a moment after it showed the dialog; Tk
        hears nothing of that, as the pointer is ours, and what is typed would be lost.
        """
        self._later = ""
        if not str(self.tk.call("focus")):
            from lanchat.gui import raising  # seldom needed, so not in the way of a start

            raising.take_keys(self, _keys_of(self))

    def close(self) -> None:
        """Close with the safe answer, unless it would be none by now."""
        if self._closed or self.busy:
            return
        answer, self.on_close = self.on_close, None
        self.destroy()
        if answer is not None:
            answer()

    def destroy(self) -> None:
        """Go, and give the keys back to where they were."""
        if not self._closed:
            self._closed = True
            self._end()
            if self._later:
                self.after_cancel(self._later)
            with suppress(tk.TclError):
                self.grab_release()
            super().destroy()
            self._give_back()

    def _give_back(self) -> None:
        """To the dialog under this one, and to what had the keys, if it is on the screen."""
        call = self.master.tk.call
        there = [one for one in (self._before, self._grabbed, ".") if _seen(self.master, one)]
        with suppress(tk.TclError):  # somebody else holds the pointer, or all of it goes
            if _seen(self.master, self._grabbed):
                call("grab", "set", self._grabbed)
            if there:
                call("focus", there[0])

    def _doing(self, does: Callable[[], object] | None) -> Callable[[], None]:
        def do() -> None:
            if does is None:
                self.close()
                return
            self.on_close = None
            self.destroy()
            does()

        return do

    def _room(self) -> int:
        """How high the body may be on this screen: the buttons stay in sight."""
        around = self.heading.winfo_reqheight() + self._row.winfo_reqheight()
        return self.winfo_screenheight() - around - self.theme.px(68 + FRAME)

    def _recolour(self) -> None:
        self.configure(background=self.theme.tokens.window)

    def first(self) -> tk.Misc:
        """The first field; without one, the safe answer."""
        for widget in _all(self.body):
            field = isinstance(widget, tk.Text | ttk.Entry | ttk.Checkbutton | ttk.Radiobutton)
            if field and widget.winfo_manager() and _usable(widget):
                return widget
        return self._safe or self


def _dialog_at(top: tk.Tk | tk.Toplevel) -> tk.Tk | tk.Toplevel:
    """The dialog that has the pointer now; the window itself if none has."""
    grabbed = str(top.tk.call("grab", "current", top))
    with suppress(KeyError):  # a list of a combo box is not known to tkinter
        return top.nametowidget(grabbed).winfo_toplevel() if grabbed else top
    return top


def close_all(root: tk.Tk) -> None:
    """Destroy every dialog of a window; those that Tk made itself, too."""
    call = root.tk.call
    for path in map(str, root.tk.splitlist(call("winfo", "children", root))):
        if str(call("winfo", "toplevel", path)) == path:
            ours = root.children.get(path.removeprefix("."))
            ours.destroy() if ours is not None else call("destroy", path)


def _usable(widget: tk.Misc) -> bool:
    if isinstance(widget, ttk.Widget):
        return not widget.instate(["disabled"])
    return str(widget.cget("state")) != "disabled"


def _seen(widget: tk.Misc, path: str) -> bool:
    """Whether there is something on the screen at that path."""
    call = widget.tk.call
    return bool(path) and bool(
        call("winfo", "exists", path) and call("winfo", "viewable", path)
    )


def _keys_of(window: tk.Misc) -> str:
    """Who of `window` has the keys, or gets them when it does.

    Its path, as a list of a combo box is not known to tkinter.
    """
    return str(window.tk.call("focus", "-lastfor", window))


def _all(widget: tk.Misc) -> list[tk.Misc]:
    found: list[tk.Misc] = []
    for child in widget.winfo_children():
        found += [child, *_all(child)]
    return found
