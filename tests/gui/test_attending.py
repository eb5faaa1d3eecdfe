"""Available, away, busy, invisible and the line: what is drawn, and what comes by itself."""

import sys
import tkinter as tk
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tkinter import ttk

import pytest

from lanchat.gui import badges, idle, status_line
from lanchat.gui.facts import facts
from lanchat.gui.header import Header
from lanchat.gui.menus import Menu
from lanchat.gui.roster_pane import RosterPane
from lanchat.gui.state import Conversation, update
from lanchat.gui.theme import Theme
from lanchat.identity.trust import Trust
from lanchat.node import acts
from lanchat.node.events import (
    Availability,
    MessageAdded,
    NodeEvent,
    NodeReady,
    Presence,
    Showing,
    ShowingChanged,
)
from lanchat.node.person import Person
from lanchat.node.presence import Said
from tests.gui.plain_shell import PlainShell
from tests.gui.windows import Seat
from tests.kit.display import Display, end
from tests.kit.people import NOON, Held, peer, person, said
from tests.kit.tkwait import settled, until

OTHER = Path(__file__).parents[1] / "kit" / "otherwindow.py"
BUSY = Said(Availability.BUSY, "in a meeting")


def saying(one: Person, what: Said | None, presence: Presence = Presence.ONLINE) -> Person:
    """Somebody who says that of being there."""
    return replace(one, view=replace(one.view, said=what, presence=presence))


ADA = saying(person(1, "Ada", Held(Trust.VERIFIED), said(1, "hello")), BUSY)
BOB = saying(person(2, "Bob"), Said(Availability.AWAY, "lunch"))
EVE = person(3, "Eve")


def on(pane: RosterPane, one: Person) -> tuple[list[str], int]:
    """The texts of somebody's row, and how many pictures stand in it."""
    canvas = pane.view.canvas
    box = pane.view.bbox_of(str(one.peer_id))
    assert box is not None
    items = canvas.find_enclosed(0, box[1], 288, box[3] + 1)
    kinds: list[str] = [str(canvas.tk.call(str(canvas), "type", item)) for item in items]
    texts = [
        str(canvas.tk.call(str(canvas), "itemcget", item, "-text"))
        for item, kind in zip(items, kinds, strict=True)
        if kind == "text"
    ]
    return texts, kinds.count("image")


# --- what others say ----------------------------------------------------------------------


def test_somebody_who_is_away_or_busy_has_a_sign_a_word_and_a_line(
    shell: PlainShell, pane: RosterPane
) -> None:
    shell.people(ADA, BOB, EVE)
    settled(pane)
    texts, pictures = on(pane, ADA), on(pane, EVE)
    assert "“lunch”" in on(pane, BOB)[0]  # nothing was said with Bob yet
    assert "Say hello" in pictures[0]
    assert (texts[1], on(pane, BOB)[1], pictures[1]) == (3, 3, 2)  # face, badge, the sign
    assert badges.about(ADA, NOON) == "Verified\nBusy\n“in a meeting”"
    assert badges.about(EVE, NOON) == "Not verified\nOnline"
    (line,) = [fact.text for fact in facts(ADA, NOON) if fact.name == "status"]
    assert line == "“in a meeting”"


def test_the_header_says_it_as_far_as_there_is_room(
    tk_root: tk.Tk, shell: PlainShell, theme: Theme
) -> None:
    frame = tk.Frame(tk_root)
    frame.pack(fill="both", expand=True)
    header = Header(frame, shell)
    header.pack(fill="x")
    shell.pane = header
    shell.screen = replace(shell.screen, conversation=Conversation(ADA.peer_id))
    shell.people(ADA)
    tk_root.geometry("1000x700")
    until(tk_root, lambda: header.winfo_width() > 900, "the width of a header")
    state = header.nametowidget("person_state")
    settled(header)
    assert state["text"] == "Busy · “in a meeting” · 10.0.0.2 · encrypted end to end"
    shell.people(saying(ADA, BUSY, Presence.OFFLINE))
    settled(header)
    assert state["text"].startswith("Offline · “in a meeting”")
    shell.people(saying(ADA, Said()))
    settled(header)
    assert state["text"] == "Online · 10.0.0.2 · encrypted end to end"


# --- what we say --------------------------------------------------------------------------


def test_the_menu_of_oneself_chooses_and_shows_what_is_chosen(
    shell: PlainShell, pane: RosterPane
) -> None:
    shell.people(ADA)
    settled(pane)
    state = pane.me.nametowidget("my_state")
    assert state["text"] == "Visible on this network"
    face = pane.me.nametowidget("my_face")
    assert isinstance(face, ttk.Button)

    def menu() -> Menu:
        face.invoke()
        settled(pane)
        shown = pane.nametowidget("my_menu")
        assert isinstance(shown, Menu)
        return shown

    offered = menu()
    assert offered.texts[:5] == ("Available", "Away", "Busy", "Invisible", "Status line…")
    assert [row.text for row in offered.rows if row and row.keys == "✓"] == ["Available"]
    offered.choose("Busy")
    assert len(shell.asked) == 1
    for showing, text in (
        (Showing(Availability.BUSY, "back at three"), "Busy · “back at three”"),
        (Showing(Availability.AVAILABLE, "back at three"), "“back at three”"),
        (Showing(Availability.AVAILABLE, "", idle=True), "Away"),
        (Showing(Availability.INVISIBLE, "back at three"), "Invisible"),
    ):
        shell.screen = update(shell.screen, ShowingChanged(showing))
        shell.draw()
        settled(pane)
        assert state["text"] == text
    offered = menu()
    assert [row.text for row in offered.rows if row and row.keys == "✓"] == ["Invisible"]
    offered.close()


def test_a_node_that_starts_anew_keeps_what_was_chosen_and_nobody_rests(
    shell: PlainShell,
) -> None:
    showing = Showing(Availability.BUSY, "back at three", idle=True)
    screen = update(shell.screen, ShowingChanged(showing))
    screen = update(screen, NodeReady(peer(9999), "Ada", 4000, ()))
    assert screen.me
    assert screen.me.showing == replace(showing, idle=False)


# --- with a node --------------------------------------------------------------------------


def mine(seat: Seat) -> Showing:
    me = seat.window.screen.me
    assert me is not None
    return me.showing


def heard(seat: Seat) -> Callable[[], list[Showing]]:
    """What we said of being there, from now on."""
    events: list[NodeEvent] = []
    seat.window.listen(events.append)
    return lambda: [one.showing for one in events if isinstance(one, ShowingChanged)]


@pytest.fixture
def seat(sit: Callable[..., Seat], monkeypatch: pytest.MonkeyPatch) -> Seat:
    """A window that looks often for whether anybody is there, and asks no desktop."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    monkeypatch.setattr(idle, "LOOK", 50)
    return sit()


@pytest.mark.multicast
def test_a_line_that_is_written_stands_beside_the_name_and_one_too_long_does_not(
    seat: Seat,
) -> None:
    status_line.show(seat.window)
    seat.until(lambda: seat.focus() == "status", "the keys in the line")
    seat.type("back at three", "status")
    seat.until(lambda: "“back at three”" in seat.says("status_note"), "what others see")
    seat.press("<Return>")
    seat.until(lambda: mine(seat).status == "back at three", "the line")
    seat.until(lambda: not seat.has("status"), "the dialog is gone")
    assert seat.says("my_state") == "“back at three”"
    status_line.show(seat.window)
    seat.until(lambda: seat.focus() == "status", "the keys in the field")
    field = seat.find("status")
    field.insert("end", "x" * 140)  # type: ignore[attr-defined]  # an entry
    seat.until(lambda: not seat.enabled("save_status"), "too long")
    assert "too long" in seat.says("status_note")
    seat.press("<Return>")
    assert seat.has("status")
    seat.press("<Escape>")
    assert mine(seat).status == "back at three"


@pytest.mark.multicast
def test_away_comes_by_itself_and_goes_with_any_key_on_the_display(
    seat: Seat, display: Display, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = display.start([sys.executable, str(OTHER), "elsewhere", "900x700+0+0"])
    display.focus(display.window("elsewhere"))
    seat.until(lambda: not seat.window.screen.focused, "the keys to be elsewhere")
    said_so = heard(seat)
    monkeypatch.setattr(idle, "MINUTE", 0.2)
    seat.until(lambda: mine(seat).idle, "nobody is there")
    assert mine(seat).shown is Availability.AWAY
    seen = len(said_so())
    display.key("a")  # to another program
    seat.until(lambda: len(said_so()) > seen, "somebody is there")
    assert not said_so()[seen].idle
    end(other)
    seat.until(lambda: mine(seat).idle, "nobody is there")
    seen = len(said_so())
    seat.window.idle.touch()
    seat.until(lambda: len(said_so()) > seen, "somebody is there")
    assert not said_so()[seen].idle
    seat.window.prefer(replace(seat.window.preferences, away_after=0))
    seat.until(lambda: not mine(seat).idle, "never away by itself")


@pytest.mark.multicast
def test_who_is_busy_is_told_nothing_unless_they_want_it(seat: Seat) -> None:
    seat.window.ask(lambda node: acts.attend(node, Availability.BUSY))
    seat.until(lambda: mine(seat).chosen is Availability.BUSY, "busy")
    seat.window._heard(MessageAdded(said(3, "hello"), "Eve", Trust.NEW))
    seat.settle()
    assert toasts(seat) == []
    seat.window.prefer(replace(seat.window.preferences, notify_busy=True))
    seat.window._heard(MessageAdded(said(4, "again"), "Ada", Trust.KNOWN))
    seat.until(lambda: toasts(seat), "a toast")


def toasts(seat: Seat) -> list[str]:
    return [one.winfo_name() for one in seat.all() if one.winfo_name().startswith("toast")]
