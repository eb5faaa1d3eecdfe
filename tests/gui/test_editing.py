"""Keys in fields: the usual ones do the usual, and none of Emacs's comes before ours."""

import tkinter as tk
from tkinter import ttk

import pytest

from lanchat.gui import editing
from tests.kit.tkwait import settled


@pytest.fixture(params=[tk.Text, ttk.Entry])
def field(tk_root: tk.Tk, request: pytest.FixtureRequest) -> tk.Text | ttk.Entry:
    """A field that holds two words, the keys in its middle."""
    editing.settle(tk_root)
    made: tk.Text | ttk.Entry = request.param(tk_root)
    made.pack()
    made.insert("1.0" if isinstance(made, tk.Text) else "0", "two words")
    made.focus_force()
    settled(tk_root)
    made.mark_set("insert", "1.3") if isinstance(made, tk.Text) else made.icursor(3)
    return made


def held(field: tk.Text | ttk.Entry) -> str:
    return field.get("1.0", "end-1c") if isinstance(field, tk.Text) else field.get()


def test_control_a_selects_all(field: tk.Text | ttk.Entry) -> None:
    field.event_generate("<Control-a>")
    field.event_generate("<KeyPress>", keysym="x")
    assert held(field).rstrip("\n") == "x"


@pytest.mark.parametrize("letter", "bdefhikNoptw")
def test_a_key_of_emacs_changes_nothing(field: tk.Text | ttk.Entry, letter: str) -> None:
    field.event_generate(f"<Control-{letter}>")
    assert held(field) == "two words"
    assert field.index("insert") == ("1.3" if isinstance(field, tk.Text) else 3)


def test_what_was_undone_is_done_again(tk_root: tk.Tk) -> None:
    editing.settle(tk_root)
    text = tk.Text(tk_root, undo=True)
    text.pack()
    text.focus_force()
    settled(tk_root)
    text.event_generate("<KeyPress>", keysym="x")
    text.event_generate("<Control-z>")
    assert held(text) == ""
    text.event_generate("<Control-y>")
    assert held(text) == "x"
