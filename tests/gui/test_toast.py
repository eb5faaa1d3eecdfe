"""Toasts: for a moment, at most three, and never with the keys."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk
from typing import Any

import pytest

from lanchat.gui import toast
from lanchat.gui.theme import Mode, Theme
from lanchat.gui.toast import Answer, Lead, Toasts
from lanchat.gui.tone import Tone
from tests.kit.tkwait import settled, until

LATE = 3_600_000  # ms: within a test it never comes


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


def led(went: list[str], key: str = "ada", *answers: str) -> Lead:
    """A lead that notes in `went` where it led, or what was answered."""
    made = [Answer(name, name, lambda name=name: went.append(name)) for name in answers]  # type: ignore[misc]  # bound early
    return Lead(key, lambda: went.append(key), tuple(made))


def button(root: tk.Tk, path: str) -> ttk.Button:
    found = root.nametowidget(path)
    assert isinstance(found, ttk.Button)
    return found


def awake(root: tk.Tk, path: str) -> bool:
    return not button(root, path).instate(["disabled"])


def press(root: tk.Tk, path: str) -> None:
    """A click in the middle of a button."""
    one = button(root, path)
    for event in ("<Enter>", "<ButtonPress-1>", "<ButtonRelease-1>"):
        one.event_generate(event, x=one.winfo_width() // 2, y=one.winfo_height() // 2)


def test_one_that_leads_somewhere_goes_there_by_a_click_and_has_a_cross(
    tk_root: tk.Tk, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toast, "WAKES", 1)
    toasts, went = Toasts(tk_root, theme), list[str]()
    toasts.show("New message from Ada", lead=led(went))
    until(tk_root, lambda: awake(tk_root, "toast1.answers.toast_show"), "it wakes")
    tk_root.nametowidget("toast1.text").event_generate("<Button-1>")
    assert (went, toasts.texts) == (["ada"], ())
    toasts.show("New message from Ada", lead=led(went))
    settled(tk_root)
    press(tk_root, "toast2.toast_close")
    assert (went, toasts.texts) == (["ada"], ())


def test_a_press_that_was_meant_for_something_else_answers_nothing(
    tk_root: tk.Tk, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It just came up, it was pushed down, or the press brought somebody to the window."""
    toasts, went = Toasts(tk_root, theme), list[str]()
    path = "toast1.answers.yes"

    def shut() -> None:
        monkeypatch.setattr(toast, "WAKES", LATE)

    def wakes() -> None:
        monkeypatch.setattr(toast, "WAKES", 1)
        for one in toasts._shown:
            one.sleep()
        until(tk_root, lambda: awake(tk_root, path), "it wakes")
        shut()

    shut()
    toasts.show("Ada wants to send you files", lead=led(went, "ada", "yes"))
    settled(tk_root)
    press(tk_root, path)
    tk_root.nametowidget("toast1.text").event_generate("<Button-1>")
    assert went == []

    wakes()
    toasts.show("Bob wants to send you files", lead=led(went, "bob", "yes"))
    settled(tk_root)
    press(tk_root, path)
    press(tk_root, "toast2.answers.yes")
    assert went == []
    toasts.withdraw("bob")
    settled(tk_root)
    press(tk_root, path)
    assert went == []

    wakes()
    toasts.attend(here=False)
    toasts.attend(here=True)
    press(tk_root, path)
    assert went == []

    wakes()
    no, yes = (Answer(name, name, lambda: went.append("new")) for name in ("no", "yes"))
    toasts.answer("ada", (no, yes))  # each is where another one was
    settled(tk_root)
    press(tk_root, path)
    press(tk_root, "toast1.answers.no")
    assert went == []
    toasts.answer("ada", led(went, "ada", "yes").answers)

    wakes()
    toasts.answer("ada", led(went, "ada", "yes").answers)
    press(tk_root, path)
    assert (went, toasts.texts) == (["yes"], ())


def test_while_nobody_is_at_the_window_no_button_wakes(
    tk_root: tk.Tk, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toast, "WAKES", 1)
    toasts = Toasts(tk_root, theme)
    toasts.attend(here=False)
    toasts.show("New message from Ada", lead=led([]))
    until(tk_root, lambda: toasts._shown[0]._waking is None, "its time to wake")
    assert not awake(tk_root, "toast1.answers.toast_show")
    toasts.attend(here=True)
    until(tk_root, lambda: awake(tk_root, "toast1.answers.toast_show"), "it wakes")


def test_what_was_told_last_is_where_the_keys_lead(tk_root: tk.Tk, theme: Theme) -> None:
    toasts, went = Toasts(tk_root, theme), list[str]()
    toasts.show("New message from Ada", lead=led(went, "ada"))
    toasts.show("New message from Bob", lead=led(went, "bob"))
    toasts.show("2 new messages from Ada", lead=led(went, "ada"))
    toasts.show("Saved.")
    assert toasts.texts == ("New message from Bob", "2 new messages from Ada", "Saved.")
    assert [toasts.follow(), toasts.follow(), toasts.follow()] == [True, True, False]
    assert went == ["ada", "bob"]


@pytest.mark.parametrize("gone", ["ada", "bob", "cy"])
def test_what_is_taken_away_while_they_are_placed_leaves_the_others_in_place(
    tk_root: tk.Tk, theme: Theme, gone: str
) -> None:
    """What waits to be drawn is drawn meanwhile, and may take back what was told."""
    toasts = Toasts(tk_root, theme)
    toasts.show("from Ada", lead=led([], "ada"))
    toasts.show("from Bob", lead=led([], "bob"))
    tk_root.after_idle(lambda: toasts.withdraw(gone))
    toasts.show("from Cy", lead=led([], "cy"))
    left = [one for one in ("cy", "bob", "ada") if one != gone]
    settled(tk_root)
    assert toasts.leads == tuple(reversed(left))
    tops = [one.top for one in reversed(toasts._shown)]
    high = toasts._shown[0].winfo_reqheight() + theme.px(8)
    assert tops == [theme.px(toast.TOP), theme.px(toast.TOP) + high]


def test_one_that_is_being_used_stays(
    tk_root: tk.Tk, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toast, "WAKES", 1)
    monkeypatch.setattr(toast, "STAYS", 1)
    monkeypatch.setattr(toast, "PER_LETTER", 0)
    monkeypatch.setattr(toast, "HELD", 1)
    entry = ttk.Entry(tk_root)
    entry.pack()
    toasts = Toasts(tk_root, theme)
    toasts.show("New message from Ada", lead=led([]))
    button(tk_root, "toast1.toast_close").focus_force()
    turns: list[None] = []
    monkeypatch.setattr(toast._Toast, "_held", counted(toast._Toast._held, turns))
    until(tk_root, lambda: len(turns) > 3, "its time is over, again and again")
    assert toasts.texts
    entry.focus_force()
    until(tk_root, lambda: not toasts.texts, "it is gone")


def counted(held: Callable[[Any], bool], turns: list[None]) -> Callable[[Any], bool]:
    def count(one: Any) -> bool:
        turns.append(None)
        return held(one)

    return count
