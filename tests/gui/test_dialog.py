"""Dialogs: where the keys are, what the safe answer does, who is told."""

import tkinter as tk
from tkinter import ttk

import pytest

from lanchat.gui import dialog as dialogs
from lanchat.gui.dialog import Dialog
from lanchat.gui.field import Field
from lanchat.gui.theme import Mode, Theme
from tests.kit.display import Display
from tests.kit.tkwait import settled, until


@pytest.fixture(autouse=True)
def _with_the_keys(tk_root: tk.Tk) -> None:
    """A dialog takes the keys of a window that has them; the desktop gives them when it can."""
    tk_root.focus_force()
    until(tk_root, lambda: tk_root.focus_get() is not None, "the window has the keys")


def _grab(root: tk.Misc) -> str:
    return str(root.tk.call("grab", "current", root))


def _shown(dialog: Dialog) -> None:
    root = dialog.master.winfo_toplevel()
    until(root, lambda: _grab(root) == str(dialog), "the dialog has the pointer")


def _keys(root: tk.Tk, widget: tk.Misc) -> None:
    until(root, lambda: root.focus_get() is widget, f"the keys at {widget}")


def test_without_a_field_the_keys_begin_at_the_safe_answer(
    tk_root: tk.Tk, theme: Theme
) -> None:
    dialog = Dialog(tk_root, theme, "Delete it?", name="ask")
    buttons = dialog.buttons(
        ("Keep", None, "keep"), ("Delete", None, "delete"), danger="delete"
    )
    _shown(dialog)
    _keys(tk_root, buttons["keep"])


def test_with_a_field_the_keys_begin_there(tk_root: tk.Tk, theme: Theme) -> None:
    dialog = Dialog(tk_root, theme, "Name", name="ask")
    entry = ttk.Entry(dialog.body)
    entry.pack()
    dialog.buttons(("Cancel", None, "cancel"), ("Save", None, "save"))
    _shown(dialog)
    _keys(tk_root, entry)


def test_keys_that_the_desktop_gave_to_the_window_below_are_fetched(
    tk_root: tk.Tk, theme: Theme, display: Display, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogs, "KEYS", 10**6)  # ms: the test says when
    dialog = Dialog(tk_root, theme, "Delete it?", name="ask")
    buttons = dialog.buttons(("Keep", None, "keep"), ("Delete", None, "delete"))
    _shown(dialog)
    _keys(tk_root, buttons["keep"])
    display.xdo("windowfocus", str(tk_root.winfo_id()))
    until(tk_root, lambda: tk_root.focus_get() is None, "the keys at nobody")
    dialog.after_cancel(dialog._later)
    dialog._fetch_keys()
    _keys(tk_root, buttons["keep"])
    dialog.close()


def test_escape_is_the_safe_answer(tk_root: tk.Tk, theme: Theme) -> None:
    told: list[str] = []
    dialog = Dialog(tk_root, theme, "Sure?", name="ask")
    dialog.on_close = lambda: told.append("safe")
    dialog.buttons(("No", None, "no"), ("Yes", lambda: told.append("yes"), "yes"))
    _shown(dialog)
    dialog.event_generate("<Escape>")
    settled(tk_root)
    assert told == ["safe"]
    assert not dialog.winfo_exists()
    assert _grab(tk_root) == ""


def test_a_button_acts_once_the_dialog_is_gone(tk_root: tk.Tk, theme: Theme) -> None:
    there: list[bool] = []
    dialog = Dialog(tk_root, theme, "Sure?", name="ask")
    dialog.on_close = lambda: there.append(True)
    buttons = dialog.buttons(
        ("No", None, "no"), ("Yes", lambda: there.append(bool(dialog.winfo_exists())), "yes")
    )
    _shown(dialog)
    buttons["yes"].invoke()
    assert there == [False]


def test_a_dialog_is_as_high_as_what_it_says(tk_root: tk.Tk, theme: Theme) -> None:
    dialog = Dialog(tk_root, theme, "Compare", name="ask")
    said = dialog.message("They gave you their fingerprint by another way. " * 4)
    field = Field(dialog.body, theme, "What they gave you", name="given")
    field.hint("Words, digits or their invite: all of them say the same, in other letters.")
    field.pack(fill="x")
    dialog.buttons(("Close", None, "close"), ("Compare", None, "compare"))
    _shown(dialog)
    settled(tk_root)
    lines = theme.font("text").metrics("linespace")
    assert said.winfo_viewable()
    assert dialog.body.winfo_height() == dialog.body.winfo_reqheight()
    assert dialog.winfo_height() < 16 * lines


def test_the_keys_go_back_where_they_were(tk_root: tk.Tk, theme: Theme) -> None:
    entry = ttk.Entry(tk_root)
    entry.pack()
    entry.focus_force()
    _keys(tk_root, entry)
    dialog = Dialog(tk_root, theme, "Sure?", name="ask")
    dialog.buttons(("No", None, "no"))
    _shown(dialog)
    dialog.close()
    _keys(tk_root, entry)


def test_a_dialog_over_a_dialog_gives_the_pointer_back(tk_root: tk.Tk, theme: Theme) -> None:
    first = Dialog(tk_root, theme, "First", name="first")
    first.buttons(("Close", None, "close"))
    _shown(first)
    second = Dialog(first, theme, "Second", name="second")
    second.buttons(("Close", None, "close"))
    until(tk_root, lambda: _grab(tk_root) == str(second), "the second has the pointer")
    second.close()
    assert _grab(tk_root) == str(first)


def test_the_same_question_is_on_the_screen_once(tk_root: tk.Tk, theme: Theme) -> None:
    old = Dialog(tk_root, theme, "Sure?", name="ask")
    old.buttons(("No", None, "no"))
    new = Dialog(tk_root, theme, "Sure?", name="ask")
    new.buttons(("No", None, "no"))
    _shown(new)
    assert [one for one in tk_root.winfo_children() if isinstance(one, Dialog)] == [new]


def test_a_dialog_grows_with_what_it_says_later(tk_root: tk.Tk, theme: Theme) -> None:
    dialog = Dialog(tk_root, theme, "Sure?", name="ask")
    dialog.buttons(("No", None, "no"))
    _shown(dialog)
    before = dialog.winfo_height()
    for number in range(5):
        dialog.message(f"line {number}")
    until(tk_root, lambda: dialog.winfo_height() > before + 50, "a higher dialog")


def test_a_dialog_follows_the_theme(tk_root: tk.Tk, theme: Theme) -> None:
    dialog = Dialog(tk_root, theme, "Sure?", name="ask")
    dialog.buttons(("No", None, "no"))
    theme.switch(Mode.DARK)
    assert str(dialog.cget("background")) == theme.tokens.window
