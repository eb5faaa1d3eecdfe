"""Tooltips: for the pointer and for the keys alike."""

import tkinter as tk
from tkinter import ttk

from lanchat.gui.theme import Theme
from lanchat.gui.tooltip import tip
from tests.kit.tkwait import settled, until


def _told(root: tk.Misc) -> list[str]:
    """What tooltips say now."""
    found = []
    for child in root.winfo_children():
        if child.winfo_name() == "tooltip" and child.winfo_viewable():
            found.append(str(child.nametowidget("text").cget("text")))
        found += _told(child)
    return found


def _button(root: tk.Tk, name: str = "one") -> ttk.Button:
    button = ttk.Button(root, name=name, text=name)
    button.pack(padx=100, pady=20)
    root.update()
    return button


def test_the_keys_show_it_and_moving_on_hides_it(tk_root: tk.Tk, theme: Theme) -> None:
    first, second = _button(tk_root, "one"), _button(tk_root, "two")
    tip(first, "Send files (Ctrl+O)")
    first.focus_force()
    until(tk_root, lambda: _told(tk_root) == ["Send files (Ctrl+O)"], "the tooltip")
    second.focus_force()
    until(tk_root, lambda: not _told(tk_root), "no tooltip")


def test_the_pointer_shows_it_and_a_click_hides_it(tk_root: tk.Tk, theme: Theme) -> None:
    button = _button(tk_root)
    tip(button, "Lock")
    button.event_generate("<Enter>")
    until(tk_root, lambda: _told(tk_root) == ["Lock"], "the tooltip")
    button.event_generate("<ButtonPress>", button=3)
    assert _told(tk_root) == []


def test_the_text_may_change(tk_root: tk.Tk, theme: Theme) -> None:
    button = _button(tk_root)
    shown = tip(button, "Pause")
    shown.text = "Go on"
    button.event_generate("<Enter>")
    until(tk_root, lambda: _told(tk_root) == ["Go on"], "the tooltip")


def test_without_a_text_there_is_none(tk_root: tk.Tk, theme: Theme) -> None:
    button = _button(tk_root)
    tip(button, "")
    button.event_generate("<Enter>")
    settled(tk_root)
    assert _told(tk_root) == []
    button.event_generate("<Leave>")


def test_a_widget_that_goes_takes_it_along(tk_root: tk.Tk, theme: Theme) -> None:
    button = _button(tk_root)
    tip(button, "Lock")
    button.event_generate("<Enter>")
    button.destroy()  # the fixture sees a job that is left
