"""Nothing that the window says is cut or faint: page by page, in each language and mode."""

import tkinter as tk
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tkinter import ttk

import pytest

from lanchat.gui import app, languages
from lanchat.gui.theme import Mode, Theme
from tests.gui.measures import cut
from tests.gui.readable import faint, faint_signs, read
from tests.gui.scenes import (
    DIALOGS,
    PAGES,
    WAY_IN,
    Scene,
    Stage,
    resize,
    rows,
    scenes,
    take_seat,
)
from tests.kit.display import Display
from tests.kit.tkwait import settled

pytestmark = pytest.mark.long

SMALL, LARGE = "720x480", "1000x700"


@pytest.fixture
def stage_in(desk: Path) -> Iterator[Callable[..., Stage]]:
    """`stage_in("de", Mode.DARK)`: somebody before the window, which speaks that language."""
    taken: list[Stage] = []

    def take(language: str, mode: Mode = Mode.LIGHT) -> Stage:
        assert languages.start(language) == language
        taken.append(take_seat(mode))
        return taken[-1]

    yield take
    languages.start("en")
    for stage in taken:
        stage.seat.leave()


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("language", "size", "mode", "shown"),
    [
        pytest.param("de", SMALL, Mode.LIGHT, (WAY_IN, PAGES, DIALOGS), id="de-all"),
        pytest.param("de", LARGE, Mode.DARK, (WAY_IN, PAGES), id="de-large"),
        pytest.param("en", SMALL, Mode.DARK, (WAY_IN, PAGES), id="en-small"),
    ],
)
def test_every_text_is_seen_whole_and_can_be_read(
    language: str,
    size: str,
    mode: Mode,
    shown: tuple[Mapping[str, Scene], ...],
    stage_in: Callable[..., Stage],
    display: Display,
) -> None:
    stage = stage_in(language, mode)
    resize(stage, size)
    found, texts = {}, 0
    for name in scenes(stage, *shown):
        settled(stage.seat.root)
        assert stage.seat.window.theme.mode is mode, name
        if faults := cut(stage.seat.root) + faint(stage.seat.root, display):
            found[name] = faults
        texts += read(stage.seat.root)
    assert found == {}
    assert faint_signs(stage.seat.window.theme) == []
    assert texts > 100


@pytest.mark.parametrize("page", ["privacy", "network_page", "about"])
def test_a_page_that_settings_are_opened_at_is_seen_whole(
    page: str, stage_in: Callable[..., Stage]
) -> None:
    stage = stage_in("de")
    resize(stage, SMALL)
    stage.clear()
    rows(stage, page)
    settled(stage.seat.root)
    assert cut(stage.seat.root) == []


def test_the_dialogs_of_tk_speak_as_the_window_does(tk_root: tk.Tk) -> None:
    said = "namespace eval ::tk {::msgcat::mc Cancel}"
    app._speak(tk_root, "de")
    assert tk_root.tk.eval(said) == "Abbruch"
    app._speak(tk_root, "en")
    assert tk_root.tk.eval(said) == "Cancel"


# --- what is cut would be found -----------------------------------------------------------


def _narrow(box: ttk.Frame) -> None:
    ttk.Label(box, text="a sentence that is long").place(x=0, y=0, width=20)


def _low(box: ttk.Frame) -> None:
    ttk.Button(box, text="a button").place(x=0, y=0, height=4)


def _beyond(box: ttk.Frame) -> None:
    ttk.Label(box, text="a sentence that is long").place(x=150, y=0)


def _no_room(box: ttk.Frame) -> None:
    box.pack_propagate(False)
    for number in range(9):
        ttk.Button(box, text=f"button {number}").pack()


def _short_box(box: ttk.Frame) -> None:
    ttk.Combobox(box, values=("a value that is too long",), width=4).place(x=0, y=0)


def _left_out(box: ttk.Frame) -> None:
    ttk.Label(box, text="a sentence th…").place(x=0, y=0)


@pytest.mark.parametrize("fault", [_narrow, _low, _beyond, _no_room, _short_box, _left_out])
def test_what_is_cut_is_found(
    tk_root: tk.Tk, theme: Theme, fault: Callable[[ttk.Frame], None]
) -> None:
    box = ttk.Frame(tk_root, width=200, height=100)
    box.pack()
    ttk.Label(box, text="well").place(x=0, y=60)
    settled(tk_root)
    assert cut(tk_root) == []
    fault(box)
    settled(tk_root)
    assert cut(tk_root)
