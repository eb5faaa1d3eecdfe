"""Whether anything that a window says is cut: asked of Tk, widget by widget."""

import re
import tkinter as tk
from collections.abc import Iterator
from functools import cache
from tkinter import font as tkfont
from tkinter import ttk
from typing import Final

from tools import catalogue

SPEAKING: Final = ("TLabel", "TButton", "TCheckbutton", "TRadiobutton")
DOTS: Final = "…"


def cut(root: tk.Misc) -> list[str]:
    """What is not shown whole: a line each, which widget and why."""
    return [f"{widget}: {why}" for widget in _below(root) for why in _faults(widget)]


def _faults(widget: tk.Misc) -> Iterator[str]:
    if _squeezed_out(widget):
        yield f"no room for it, {_says(widget)!r}"
    elif widget.winfo_viewable():
        kind = widget.winfo_class()
        if kind == "Toplevel":
            yield from _beyond_screen(widget)
        elif kind == "TCombobox":
            yield from _values_cut(widget)
        elif kind in SPEAKING:
            yield from _text_cut(widget)


def _text_cut(widget: tk.Misc) -> Iterator[str]:
    for side, has, wants in (
        ("width", widget.winfo_width(), widget.winfo_reqwidth()),
        ("height", widget.winfo_height(), widget.winfo_reqheight()),
    ):
        if has < wants:
            yield f"{side} {has} of {wants}, {_says(widget)!r}"
    if around := _beyond(widget):
        yield f"beyond {around}, {_says(widget)!r}"
    said = _says(widget).strip()
    if said.endswith(DOTS) and not any(one.fullmatch(said) for one in _with_dots()):
        yield f"left out, {said!r}"


@cache
def _with_dots() -> tuple[re.Pattern[str], ...]:
    """What ends in three dots because something follows, in every language."""
    texts = [str(one.id) for one in catalogue.template()]
    for path in catalogue.FOLDER.glob("*/LC_MESSAGES/*.po"):
        texts += [str(one.string) for one in catalogue.read(path)]
    return tuple(
        re.compile(re.sub(r"\\{\w+\\}", ".*", re.escape(one)))
        for one in texts
        if one.endswith(DOTS)
    )


def _squeezed_out(widget: tk.Misc) -> bool:
    """Whether its parent has no room to show it at all."""
    if widget.winfo_manager() not in ("pack", "grid", "place") or widget.winfo_ismapped():
        return False
    return bool(widget.master is not None and widget.master.winfo_viewable())


def _beyond(widget: tk.Misc) -> str:
    """The one around it that it sticks out of; what scrolls may be longer, not wider."""
    left, top = widget.winfo_rootx(), widget.winfo_rooty()
    right, bottom = left + widget.winfo_width(), top + widget.winfo_height()
    around, scrolls = widget.master, False
    while around is not None and not isinstance(widget, tk.Toplevel):
        scrolls = scrolls or isinstance(around, tk.Canvas)
        x, y = around.winfo_rootx(), around.winfo_rooty()
        wide, high = around.winfo_width(), around.winfo_height()
        if left < x or right > x + wide or (not scrolls and (top < y or bottom > y + high)):
            return str(around)
        if isinstance(around, tk.Toplevel | tk.Tk):
            break
        around = around.master
    return ""


def _beyond_screen(widget: tk.Misc) -> Iterator[str]:
    wide, high = widget.winfo_width(), widget.winfo_height()
    screen = widget.winfo_screenwidth(), widget.winfo_screenheight()
    if wide > screen[0] or high > screen[1]:
        yield f"{wide}x{high} on a screen of {screen[0]}x{screen[1]}"


def _values_cut(widget: tk.Misc) -> Iterator[str]:
    """A combo box wants as much for any text: what it may say is measured here."""
    assert isinstance(widget, ttk.Combobox)
    held = str(widget.cget("font")) or ttk.Style(widget).lookup("TCombobox", "font")
    font = tkfont.Font(widget, font=held or "TkTextFont")
    around = widget.winfo_reqwidth() - int(widget.cget("width")) * font.measure("0")
    for value in widget.cget("values"):
        wants = font.measure(str(value)) + around
        if wants > widget.winfo_width():
            yield f"width {widget.winfo_width()} of {wants}, {value!r}"


def _says(widget: tk.Misc) -> str:
    return str(widget.cget("text")) if widget.winfo_class() in SPEAKING else ""


def _below(widget: tk.Misc) -> Iterator[tk.Misc]:
    for child in tuple(widget.children.values()):  # not those Tk made: lists of combo boxes
        yield child
        yield from _below(child)
