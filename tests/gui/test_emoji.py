"""Whether this display may be given emoji.  GUI: an old font library dies of drawing one."""

import tkinter as tk

import pytest

from lanchat.gui import emoji, text
from tests.kit.display import Display


def test_a_system_other_than_x11_draws_emoji() -> None:
    assert emoji.safe("win32")
    assert emoji.safe("aqua")


def test_a_child_that_draws_one_lives_here_and_says_so(
    display: Display, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", display.name)
    emoji.survived.cache_clear()
    assert emoji.survived()
    emoji.survived.cache_clear()


def test_a_child_that_dies_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":no-such-display")
    emoji.survived.cache_clear()
    assert not emoji.survived()
    emoji.survived.cache_clear()


def test_what_was_found_out_is_known_to_all_texts(tk_root: tk.Tk) -> None:
    assert emoji.prepare(tk_root) == (text.ui_text("👍") == "👍")
    probe = tk.Entry(tk_root)
    probe.insert(0, "👍👍 hi")
    assert text.to_tk("👍👍 hi", 3) == probe.index("end") - 2
