"""Emoji within a message: in colour, and everything around them where it was."""

import tkinter as tk

import pytest

from lanchat.gui import chat_emoji, chat_pictures
from lanchat.gui.chat_view import ChatView
from lanchat.gui.theme import Theme
from tests.gui.test_chat_view import said
from tests.kit.tkwait import until

FAMILY = "👨‍👩‍👧‍👦"
TEXT = f"Yes 😀, see https://wiki.lan/1138 {FAMILY} or 👍🏽 the end of it"


@pytest.fixture
def view(tk_root: tk.Tk, theme: Theme) -> ChatView:
    shown = ChatView(tk_root, theme)
    shown.pack(fill="both", expand=True)
    until(tk_root, lambda: shown.winfo_width() > 1, "a size")
    return shown


def pictures(view: ChatView, number: int) -> list[tuple[float, float]]:
    """Where the pictures of a message stand, but for corners and signs."""
    canvas, one = view.canvas, view._window.drawn[number]
    kept = {str(picture) for picture in one.kept}
    own = [item for item in canvas.find_withtag(one.tag) if option(view, item, "image") in kept]
    return sorted((canvas.coords(item)[1], canvas.coords(item)[0]) for item in own)


def option(view: ChatView, item: int, name: str) -> str:
    """An option of something on the canvas; "" if it has none of that name."""
    canvas = view.canvas
    try:
        return str(canvas.tk.call(str(canvas), "itemcget", item, f"-{name}"))
    except tk.TclError:
        return ""


def given(view: ChatView, number: int) -> str:
    """What Tk was given of a message."""
    return option(view, view._window.drawn[number].text, "text")


def drawn(view: ChatView, text: str) -> int:
    view.show((said(0, text),))
    view.update()
    (number,) = view._window.drawn
    return number


@pytest.mark.parametrize("wide", [1000, 300])
def test_each_stands_as_a_picture_over_blanks_that_count_as_it_does(
    view: ChatView, tk_root: tk.Tk, wide: int
) -> None:
    tk_root.geometry(f"{wide}x700")
    until(tk_root, lambda: abs(view.winfo_width() - wide) < 2, "that width")
    number = drawn(view, TEXT)
    one = view._window.drawn[number]
    assert one.shown == TEXT
    assert view.texts == (TEXT,)
    assert "😀" not in given(view, number)
    places = pictures(view, number)
    assert len(places) == 3
    line = view._painter.brush.line("text")
    for (y, x), emoji in zip(places, ("😀", FAMILY, "👍🏽"), strict=True):
        view._selection.begin(one, round(x) + 2, round(y) + line // 2)
        view._selection.extend(round(x) + 2, round(y) + line // 2)
        assert view._selection.words == emoji


def test_a_link_behind_them_is_where_it_is_drawn(view: ChatView) -> None:
    number = drawn(view, TEXT)
    one, canvas = view._window.drawn[number], view.canvas
    (spot,) = [spot for spot in one.spots if getattr(spot.target, "url", "")]
    middle = one.top + (spot.y0 + spot.y1) // 2
    for x, letter in ((one.left + spot.x0 + 2, "h"), (one.left + spot.x1 - 3, "8")):
        at = int(canvas.tk.call(str(canvas), "index", one.text, f"@{x},{middle}"))
        assert given(view, number)[at] == letter


def test_tabs_are_as_wide_as_tk_makes_them(view: ChatView) -> None:
    text = "x\ty\t😀 a\tand https://wiki.lan/9 behind"
    number = drawn(view, text)
    one, brush = view._window.drawn[number], view._painter.brush
    ((y, x),) = pictures(view, number)
    assert brush.index(one.text, x + 2, y + 5) == text.index("😀")
    (spot,) = [spot for spot in one.spots if getattr(spot.target, "url", "")]
    for at, letter in ((spot.x0 + 2, "h"), (spot.x1 - 3, "9")):
        found = brush.index(one.text, one.left + at, one.top + (spot.y0 + spot.y1) // 2)
        assert given(view, number)[found] == letter


def test_copying_all_words_gives_the_emoji_again(view: ChatView, tk_root: tk.Tk) -> None:
    number = drawn(view, TEXT)
    one = view._window.drawn[number]
    view._selection.all_words(one, one.left + 20, one.top + 15)
    view.copy()
    assert tk_root.clipboard_get() == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "😀 " * (chat_emoji.MOST + 1) + "x",
        "no emoji",
        "© ™ ✓ 1 # plain",
        "日本語",
        "x " + "\u200d".join("👨" * 900),  # one emoji, by the letter
    ],
)
def test_tk_draws_what_is_too_much_or_none(view: ChatView, text: str) -> None:
    number = drawn(view, text)
    assert pictures(view, number) == []
    assert given(view, number) == view._window.drawn[number].shown


def test_what_the_font_does_not_have_is_left_to_tk(view: ChatView) -> None:
    unknown = "\U0001faff"  # nothing is there in Unicode 16
    assert chat_pictures.inline(unknown, 17) is None
    number = drawn(view, f"a 😀 and {unknown} too")
    assert len(pictures(view, number)) == 1
    assert unknown in given(view, number)
