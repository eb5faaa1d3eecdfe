"""Menus: everything by keyboard, everything by pointer, and gone without a trace."""

import tkinter as tk
from tkinter import ttk

import pytest

from lanchat.gui.menus import Choice, Menu
from lanchat.gui.theme import Mode, Theme
from tests.kit.tkwait import settled

Done = list[str]


@pytest.fixture
def done() -> Done:
    """What was chosen, in order."""
    return []


@pytest.fixture
def button(tk_root: tk.Tk) -> ttk.Button:
    """Who has the keys before a menu comes."""
    page = ttk.Frame(tk_root)
    page.pack(fill="both", expand=True)
    made = ttk.Button(page, text="More")
    made.place(x=300, y=20)
    settled(tk_root)
    made.focus_force()
    settled(tk_root)
    return made


@pytest.fixture
def menu(button: ttk.Button, theme: Theme, done: Done) -> Menu:
    """Three rows in two groups."""
    rows = [
        None,
        Choice("Copy", lambda: done.append("copy"), "copy", "C"),
        Choice("Reply", lambda: done.append("reply"), "reply"),
        None,
        None,
        Choice("Delete", lambda: done.append("delete"), "trash", danger=True),
        None,
    ]
    made = Menu(button, theme, rows, name="menu")
    made.post(button.winfo_rootx(), button.winfo_rooty())
    settled(button)
    return made


def press(menu: Menu, *keys: str) -> None:
    for key in keys:
        menu.canvas.event_generate(key)


def test_keys_go_round_and_enter_chooses(menu: Menu, done: Done, button: ttk.Button) -> None:
    press(menu, "<Up>", "<Down>", "<Down>", "<Return>")
    assert done == ["reply"]
    assert button.focus_get() is button


def test_home_end_and_letters_move(menu: Menu, done: Done) -> None:
    press(menu, "<End>", "<KeyPress-c>", "<KeyPress-d>", "<space>")
    assert done == ["delete"]


def test_escape_chooses_nothing_and_gives_the_keys_back(
    menu: Menu, done: Done, button: ttk.Button
) -> None:
    press(menu, "<Down>", "<Escape>")
    assert not done
    assert not menu.winfo_exists()
    assert button.focus_get() is button


def test_lines_stand_between_rows_only(menu: Menu) -> None:
    assert [row is None for row in menu.rows] == [False, False, True, False]


def click(menu: Menu, x: int, y: int) -> None:
    menu.canvas.event_generate("<Motion>", x=x, y=y)
    menu.canvas.event_generate("<ButtonPress-1>", x=x, y=y)
    if menu.winfo_exists():
        menu.canvas.event_generate("<ButtonRelease-1>", x=x, y=y, rootx=9000, rooty=9000)


def test_a_click_on_a_row_chooses_it(menu: Menu, done: Done) -> None:
    click(menu, 20, menu.canvas.winfo_height() - 15)
    assert done == ["delete"]


def test_a_click_elsewhere_leaves(menu: Menu, done: Done, button: ttk.Button) -> None:
    click(menu, -30, 200)
    assert not done
    assert not menu.winfo_exists()
    assert not button.tk.call("grab", "current")


def test_letting_go_of_the_button_that_opened_it_chooses_nothing(
    menu: Menu, done: Done
) -> None:
    x, y = menu.winfo_pointerxy()
    menu.canvas.event_generate("<ButtonRelease-3>", x=20, y=15, rootx=x, rooty=y)
    assert not done
    assert menu.winfo_exists()


def test_it_stays_within_the_window(menu: Menu, button: ttk.Button) -> None:
    page = button.master
    menu.post(page.winfo_rootx() + page.winfo_width() - 3, page.winfo_rooty() + 690)
    settled(menu)
    assert menu.winfo_x() + menu.winfo_width() <= page.winfo_width()
    assert menu.winfo_y() + menu.winfo_height() <= page.winfo_height()


def test_a_switch_of_the_theme_ends_it(menu: Menu, theme: Theme) -> None:
    theme.switch(Mode.DARK)
    assert not menu.winfo_exists()
