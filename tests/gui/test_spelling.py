"""Fields on a display that must be given no emoji: one whose child process died of it."""

import sys
import tkinter as tk
from collections.abc import Callable, Iterator
from tkinter import ttk

import pytest

from lanchat.gui import emoji, text
from lanchat.gui.composer import Composer
from lanchat.gui.field import Field
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.theme import Theme
from lanchat.node import acts
from tests.gui.windows import Seat
from tests.kit.people import peer

BOB = peer(2)
HAND, HEART, FAMILY = "👍🏽", "❤\ufe0f", "👩\u200d👧"


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The library is too old to be trusted, and a child that draws dies."""
    monkeypatch.setattr(text._Display, "emoji", False)  # and as it was, afterwards
    monkeypatch.setattr(emoji, "SOUND", 10**9)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    emoji.survived.cache_clear()
    yield
    emoji.survived.cache_clear()


@pytest.fixture
def room(without: None, sit: Callable[..., Seat]) -> Seat:
    """Ada's window on such a display, with a conversation open."""
    seat = sit()
    seat.window.ask(lambda node: acts.call(node, BOB, "Theodora"))
    seat.until(lambda: BOB in seat.window.screen.people, "somebody")
    seat.window.do(PeerChosen(BOB))
    seat.settle()
    return seat


def drawn(held: str) -> list[str]:
    """What of it is beyond a display that knows letters only."""
    return [letter for letter in held if letter > "\u2600"]


def test_an_emoji_reaches_no_field_whichever_way_it_comes_and_is_what_is_sent(
    room: Seat,
) -> None:
    box, root = room.find("composer"), room.root
    assert isinstance(box, tk.Text)
    box.focus_force()
    root.clipboard_clear()
    root.clipboard_append(f"well {HAND}")
    box.event_generate("<<Paste>>")
    root.tk.call("tk::TextInsert", box, f" {FAMILY}")  # as a picker of the desktop types
    root.selection_handle(lambda *_part: f" {HEART}", type="UTF8_STRING")
    root.selection_own()
    box.mark_set("insert", "end")
    room.settle()
    box.event_generate("<<PasteSelection>>", x=box.winfo_width() - 2, y=5)
    room.settle()
    held = box.get("1.0", "end-1c")
    assert not drawn(held)
    assert ":thumbs up sign:" in held
    assert ":heavy black heart:" in held

    composer = room.find("composer_row")
    assert isinstance(composer, Composer)
    composer.hand_over()  # a draft is what was meant, too
    assert room.window.screen.drafts[BOB] == f"well {HAND} {FAMILY} {HEART}"
    composer.submit()
    room.until(lambda: room.window.screen.people[BOB].last is not None, "the message")
    last = room.window.screen.people[BOB].last
    assert last is not None
    assert last.text == f"well {HAND} {FAMILY} {HEART}"
    box.insert("end", ":thumbs up sign:")
    assert composer._written() == ":thumbs up sign:"  # typed as letters, that is what it is


def test_what_is_looked_for_is_the_emoji(room: Seat) -> None:
    entry = room.find("search")
    assert isinstance(entry, ttk.Entry)
    entry.focus_force()
    room.root.tk.call("ttk::entry::Insert", entry, FAMILY)
    room.until(lambda: room.window.screen.query == FAMILY, "what is looked for")
    assert not drawn(entry.get())


def test_a_passphrase_with_an_emoji_stays_that_and_a_field_goes_without_a_trace(
    without: None, tk_root: tk.Tk, theme: Theme
) -> None:
    for _again in range(2):  # under the same name
        field = Field(tk_root, theme, "Passphrase", name="passphrase")
        field.pack()
        tk_root.update()
        tk_root.tk.call("ttk::entry::Insert", field.entry, f"otter {HAND}")
        for half in ("ud83d", "ude00"):  # as some systems hand a key on
            tk_root.tk.eval(f"ttk::entry::Insert {field.entry} \\{half}")
        assert not [one for one in drawn(field.entry.get()) if one != "\ufffd"]
        assert field.text.startswith(f"otter {HAND}")
        field.put(HEART)
        assert field.text == HEART
        path = str(field.entry)
        field.destroy()
        assert not tk_root.tk.call("info", "commands", path)
        assert not tk_root.tk.call("info", "commands", f"::lanchat_plain{path}")
