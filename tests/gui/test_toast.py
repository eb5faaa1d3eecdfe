"""Toasts: for a moment, at most three, and never with the keys."""

import tkinter as tk
from tkinter import ttk

import pytest

from lanchat.gui import toast
from lanchat.gui.theme import Mode, Theme
from lanchat.gui.toast import Toasts
from lanchat.gui.tone import Tone
from tests.kit.tkwait import settled, until


def test_a_toast_leaves_the_keys_where_they_are(tk_root: tk.Tk, theme: Theme) -> None:
    entry = ttk.Entry(tk_root)
    entry.pack()
    entry.focus_force()
    until(tk_root, lambda: tk_root.focus_get() is entry, "the keys in the entry")
    Toasts(tk_root, theme).show("Sent.", Tone.GOOD)
    settled(tk_root)
    assert tk_root.focus_get() is entry


def test_the_oldest_goes_when_there_are_too_many(tk_root: tk.Tk, theme: Theme) -> None:
    toasts = Toasts(tk_root, theme)
    for number in range(toast.MOST + 2):
        toasts.show(f"number {number}")
    assert toasts.texts == ("number 2", "number 3", "number 4")


def test_the_same_sentence_is_not_said_twice(tk_root: tk.Tk, theme: Theme) -> None:
    toasts = Toasts(tk_root, theme)
    toasts.show("No network.", Tone.BAD)
    toasts.show("Saved.")
    toasts.show("No network.", Tone.BAD)
    assert toasts.texts == ("Saved.", "No network.")


def test_escape_takes_the_newest_away(tk_root: tk.Tk, theme: Theme) -> None:
    toasts = Toasts(tk_root, theme)
    toasts.show("one")
    toasts.show("two")
    tk_root.event_generate("<Escape>")
    assert toasts.texts == ("one",)


def test_a_click_takes_it_away(tk_root: tk.Tk, theme: Theme) -> None:
    toasts = Toasts(tk_root, theme)
    toasts.show("one")
    settled(tk_root)
    tk_root.nametowidget("toast1.text").event_generate("<Button-1>")
    assert toasts.texts == ()


def test_time_takes_it_away(
    tk_root: tk.Tk, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toast, "STAYS", 20)
    toasts = Toasts(tk_root, theme)
    toasts.show("x")
    until(tk_root, lambda: not toasts.texts, "it is gone")


def test_what_would_break_the_screen_is_not_shown(tk_root: tk.Tk, theme: Theme) -> None:
    toasts = Toasts(tk_root, theme)
    toasts.show("half \ud83d, nul \x00, bell \x07")
    settled(tk_root)
    (shown,) = toasts.texts
    assert not {"\ud83d", "\x00", "\x07"} & set(shown)


def test_it_follows_the_theme(tk_root: tk.Tk, theme: Theme) -> None:
    toasts = Toasts(tk_root, theme)
    toasts.show("one")
    before = str(tk_root.nametowidget("toast1.!label").cget("image"))
    theme.switch(Mode.DARK)
    assert str(tk_root.nametowidget("toast1.!label").cget("image")) != before
