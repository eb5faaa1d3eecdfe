"""Accessible: what is told of a control to somebody who does not see it.

Every control has a name that can be heard: its text, or what is said of it here.  Tk tells
screen readers nothing before 9.1; from then on (`tk accessible`, TIP 733) it hands on what is
said here, which it cannot guess of what we draw ourselves.
"""

import tkinter as tk
from contextlib import suppress
from enum import StrEnum
from typing import Final
from weakref import WeakKeyDictionary

_SET: Final = "::tk::accessible::set_acc_"
_CHANGED: Final = "::tk::accessible::emit_selection_change"


class Role(StrEnum):
    """What Tk calls the kind of a control that it does not know by its class."""

    LIST = "Listbox"
    TEXT = "Text"
    SCALE = "Scale"


_SAID: Final[WeakKeyDictionary[tk.Misc, tuple[str, Role | None]]] = WeakKeyDictionary()


def prepare(root: tk.Tk) -> None:
    """Have Tk say what is said here, where it can: after its own guesses, made on `<Map>`."""
    if _can(root):
        root.bind_all("<Map>", lambda event: _hand_on(event.widget), add=True)


def name(widget: tk.Misc, text: str, role: Role | None = None) -> None:
    """Say what a control is; `role` for one that we draw ourselves."""
    _SAID[widget] = text, role
    _hand_on(widget)


def said(widget: tk.Misc) -> str:
    """What a control is called: what was said of it, or else its text; "" for none."""
    if widget in _SAID:
        return _SAID[widget][0]
    with suppress(tk.TclError):  # some have no text
        return str(widget.cget("text"))
    return ""


def tell(widget: tk.Misc, text: str) -> None:
    """Say what has the keys within a control that we draw ourselves."""
    if _can(widget):
        with suppress(tk.TclError):
            widget.tk.call(f"{_SET}value", widget, text)
            widget.tk.call(_CHANGED, widget)


def _hand_on(widget: object) -> None:
    if not isinstance(widget, tk.Misc) or widget not in _SAID or not _can(widget):
        return
    text, role = _SAID[widget]
    with suppress(tk.TclError):  # it has no role of Tk's own, or is gone
        if role is not None:
            widget.tk.call(f"{_SET}role", widget, role)
        widget.tk.call(f"{_SET}name", widget, text)


def _can(widget: tk.Misc) -> bool:
    return bool(widget.tk.call("info", "commands", f"{_SET}name"))
