"""What can be written: as much as a message holds, and what is too long loses nothing."""

import tkinter as tk

import pytest

from lanchat.conversation.message import Message
from lanchat.gui import composer
from lanchat.gui.gestures import PeerChosen
from lanchat.identity.keys import PeerId
from lanchat.node import acts, views
from tests.gui.windows import Seat

BOB = PeerId(b"\2" * 32)
LINE = "word " * 19 + "word\n"  # 100 bytes


@pytest.fixture
def room(seat: Seat) -> Seat:
    """Ada's window, with a conversation open."""
    seat.window.ask(lambda node: acts.call(node, BOB, "Theodora"))
    seat.until(lambda: BOB in seat.window.screen.people, "somebody")
    seat.window.do(PeerChosen(BOB))
    seat.settle()
    return seat


def box(seat: Seat) -> tk.Text:
    found = seat.find("composer")
    assert isinstance(found, tk.Text)
    return found


def held(seat: Seat) -> str:
    return box(seat).get("1.0", "end-1c")


def copies(seat: Seat, text: str) -> None:
    seat.root.clipboard_clear()
    seat.root.clipboard_append(text)


def said(seat: Seat) -> list[str]:
    """What is in the conversation, once all was done that was asked before."""
    found: list[list[str]] = []

    def read(messages: tuple[Message, ...]) -> None:
        found.append([one.text for one in messages])

    seat.window.ask(lambda node: views.page(node, BOB), read)
    seat.until(lambda: found, "what was said")
    return found[0]


def picks(seat: Seat, text: str) -> None:
    """Select a text elsewhere in the window, as the middle button finds it."""
    other = tk.Text(seat.root, exportselection=True)
    other.insert("1.0", text)
    other.tag_add("sel", "1.0", "end-1c")


@pytest.mark.parametrize("way", ["<<Paste>>", "<<PasteSelection>>"])
def test_a_megabyte_that_is_pasted_is_told_and_takes_nothing_of_what_was_typed(
    room: Seat, way: str
) -> None:
    seat, much = room, "word " * 200_000
    seat.type("before", "composer")
    copies(seat, much) if way == "<<Paste>>" else picks(seat, much)
    seat.press(way)
    (told,) = seat.window.toasts.texts
    assert "1,000,006 bytes" in told
    assert "at most 60,000" in told
    assert held(seat) == "before"
    seat.type(" and after", "composer")  # it lives
    assert held(seat) == "before and after"
    seat.press("<Return>")
    seat.until(lambda: said(seat) == ["before and after"], "what was typed")
    assert held(seat) == ""


def test_what_is_too_long_is_counted_and_waits_until_it_is_short_enough(room: Seat) -> None:
    seat, most = room, LINE * 600
    assert len(most) == composer.MOST_BYTES
    assert not seat.has("counter")
    copies(seat, most)
    seat.press("<<Paste>>")
    seat.type("ab", "composer")
    seat.until(lambda: seat.has("counter"), "the counter")
    assert seat.says("counter") == "60,002 of 60,000 bytes"
    assert not seat.enabled("send")
    seat.press("<Return>")
    assert said(seat) == []
    assert held(seat) == f"{most}ab"
    seat.press("<BackSpace>")
    seat.press("<BackSpace>")
    seat.until(lambda: seat.enabled("send"), "short enough")
    seat.press("<Return>")
    seat.until(lambda: said(seat) == [most.strip("\n")], "all of it")
    assert not seat.has("counter")


def test_what_is_pasted_over_something_has_its_room(room: Seat) -> None:
    seat, much = room, LINE * (composer.MOST_HELD // len(LINE))
    for _twice in range(2):
        copies(seat, much)
        seat.press("<Control-a>")
        seat.press("<<Paste>>")
        assert held(seat) == much
    assert seat.window.toasts.texts == ()
    seat.press("<<Paste>>")
    assert held(seat) == much
    assert len(seat.window.toasts.texts) == 1
