"""The theme on a real display: measures, styles, pictures, and changing all of it at once."""

import tkinter as tk
from collections.abc import Iterator
from tkinter import ttk

import pytest

from lanchat.gui import patches, resolution
from lanchat.gui import theme as themes
from lanchat.gui.preferences import ZOOMS
from lanchat.gui.theme import FONTS, Mode, Theme
from lanchat.gui.tokens import TOKENS
from tests.kit.display import Display
from tests.kit.tkwait import settled

STYLES = (
    "TButton", "Accent.TButton", "Danger.TButton", "Quiet.TButton", "Icon.TButton",
    "Side.TFrame", "Side.TLabel", "TEntry", "Side.TEntry", "TCheckbutton", "TRadiobutton",
    "TCombobox", "Vertical.TScrollbar", "Horizontal.TProgressbar", "TSeparator", "H1.TLabel",
    "H2.TLabel", "Strong.TLabel", "Muted.TLabel", "Meta.TLabel", "Bad.TLabel", "Ok.TLabel",
    "Warn.TLabel", "SideH2.TLabel", "SideMuted.TLabel", "Card.TFrame", "Bar.Bad.TFrame",
    "Bar.Warn.TFrame", "Bar.Plain.TFrame",
)  # fmt: skip


def test_every_style_can_be_used(theme: Theme) -> None:
    assert [style for style in STYLES if not theme.style.layout(style)] == []


@pytest.mark.parametrize("zoom", ZOOMS)
def test_measures_follow_the_zoom(tk_root: tk.Tk, zoom: int) -> None:
    theme = Theme(tk_root, Mode.LIGHT, zoom / 100)
    assert theme.px(100) == pytest.approx(zoom * theme.scale / (zoom / 100), abs=1)
    for role, (size, _weight) in FONTS.items():
        assert theme.font(role).cget("size") == -theme.px(size)
    button = ttk.Button(tk_root, text="Send", style="Accent.TButton")
    button.pack()
    settled(tk_root)
    assert theme.font("text").metrics("linespace") < button.winfo_height() < theme.px(44)


@pytest.mark.parametrize(
    ("style", "tokens"),
    [
        ("Icon.TButton", ("window", "window", "press", "hover")),
        ("Side.Icon.TButton", ("side", "side", "press", "hover")),
        ("Accent.TButton", ("accent", "hover", "accent_hover", "accent_hover")),
    ],
)
def test_an_icon_stands_on_what_its_button_is_filled_with(
    tk_root: tk.Tk, theme: Theme, style: str, tokens: tuple[str, ...]
) -> None:
    pictures = theme.button_icon("gear", 18, style)
    corners = [tk_root.tk.call(str(one), "get", 0, 0) for one in pictures[:1] + pictures[2::2]]
    wanted = [getattr(theme.tokens, token) for token in tokens]
    assert ["#{:02x}{:02x}{:02x}".format(*corner) for corner in corners] == wanted


def test_no_length_becomes_nothing(tk_root: tk.Tk) -> None:
    theme = Theme(tk_root, Mode.LIGHT, 0.8)
    assert theme.px(0.3) == 1
    assert theme.px(0) == 0


def test_a_change_is_told_once_and_only_if_there_is_one(theme: Theme) -> None:
    told: list[tuple[Mode, float]] = []
    end = theme.watch(lambda: told.append((theme.mode, theme.zoom)))
    theme.switch(Mode.LIGHT, 1.0)
    theme.switch(Mode.DARK)
    theme.switch(zoom=1.5)
    end()
    end()
    theme.switch(Mode.LIGHT)
    assert told == [(Mode.DARK, 1.0), (Mode.DARK, 1.5)]


def test_a_font_of_choice_counts_at_once_and_one_that_is_gone_does_not(theme: Theme) -> None:
    def drawn(role: str) -> str:
        return str(theme.font(role).actual("family"))

    told: list[str] = []
    end = theme.watch(lambda: told.append(theme.family))
    ours, mono = drawn("text"), drawn("mono")
    for family, seen in (("dejavu serif", "DejaVu Serif"), ("Gone Sans", ours), ("", ours)):
        theme.switch(family=family)
        assert (drawn("text"), drawn("heading"), drawn("mono")) == (seen, seen, mono)
    end()
    assert told == ["dejavu serif", "Gone Sans", ""]


def test_what_is_there_already_changes_too(tk_root: tk.Tk, theme: Theme) -> None:
    menu = tk.Menu(tk_root, tearoff=False)
    window = tk.Toplevel(tk_root)
    box = ttk.Combobox(window, values=("one", "two"))
    box.pack()
    rows = f"{tk_root.tk.call('ttk::combobox::PopdownWindow', str(box))}.f.l"
    theme.switch(Mode.DARK)
    dark = TOKENS[Mode.DARK]
    assert str(menu.cget("background")) == dark.surface
    assert str(window.cget("background")) == dark.window
    assert str(tk_root.cget("background")) == dark.window
    assert str(tk_root.tk.call(rows, "cget", "-background")) == dark.field


def test_an_icon_is_made_once_for_each_look(theme: Theme) -> None:
    first = theme.icon("gear", 18)
    assert theme.icon("gear", 18) is first
    assert theme.icon("gear", 20) is not first
    assert first.width() == theme.px(18)
    theme.switch(Mode.DARK)
    assert theme.icon("gear", 18) is not first


def test_a_picture_that_is_shown_is_never_let_go(
    tk_root: tk.Tk, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(themes, "MOST_PICTURES", 5)
    label = ttk.Label(tk_root, image=theme.icon("paperclip", 18))
    label.pack()
    settled(tk_root)
    for size in range(20, 40):
        theme.icon("gear", size)
    known = set(map(str, tk_root.tk.splitlist(tk_root.tk.call("image", "names"))))
    assert str(label.cget("image")[0]) in known


def test_patches_are_opaque_and_as_large_as_asked_for() -> None:
    corners = patches.box((40, 30), 8, "#ffffff", "#000000", edge="#ff0000", width=2)
    assert corners.mode == "RGB"
    assert corners.size == (40, 30)
    assert corners.getpixel((0, 0)) == (0, 0, 0)
    assert corners.getpixel((20, 0)) == (255, 0, 0)
    assert corners.getpixel((20, 15)) == (255, 255, 255)


@pytest.fixture
def told_by_the_desktop(display: Display, tk_root: tk.Tk) -> Iterator[Display]:
    before = tk_root.tk.call("tk", "scaling")
    yield display
    display.run("xprop", "-root", "-remove", "RESOURCE_MANAGER")
    tk_root.tk.call("tk", "scaling", before)


@pytest.mark.parametrize(
    ("said", "scale"), [("192", 2.0), ("120", 1.25), ("50", 1.0), ("9999", 1.0), ("x", 1.0)]
)
def test_the_desktop_says_how_fine_the_screen_is(
    told_by_the_desktop: Display, tk_root: tk.Tk, said: str, scale: float
) -> None:
    told_by_the_desktop.run(
        "xprop", "-root", "-f", "RESOURCE_MANAGER", "8s",
        "-set", "RESOURCE_MANAGER", f"Xft.dpi:\t{said}\n",
    )  # fmt: skip
    assert resolution.settle(tk_root) == scale


def test_a_display_that_is_not_there_says_nothing() -> None:
    assert resolution.xft_dpi(":987654") is None
