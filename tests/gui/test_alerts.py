"""What the node warns of stands over the window until it was read."""

import tkinter as tk

import pytest

from lanchat.gui import alerts
from lanchat.gui.alert_pane import AlertPane
from lanchat.gui.gestures import Alert, Dismissed, PeerChosen
from lanchat.gui.state import Screen, update
from lanchat.gui.tone import Tone
from lanchat.node.events import Warned
from tests.gui.plain_shell import PlainShell
from tests.kit.people import peer, person

ADA = person(1, "Ada\u202e Lovelace", None)


@pytest.mark.parametrize(
    ("code", "detail", "tone"),
    [
        ("identity-conflict", "another key uses the name", Tone.BAD),
        ("wrong-peer", "another key answered", Tone.BAD),
        ("disk-full", "There is not enough free space for the files.", Tone.WARN),
        ("downloads", "x" * 10_000, Tone.WARN),
    ],
)
def test_a_warning_names_whom_it_is_about_and_nothing_turns_it_around(
    code: str, detail: str, tone: Tone
) -> None:
    alert = Alert(code, detail, ADA.peer_id)
    said = alerts.sentence(Screen(people={ADA.peer_id: ADA}), alert)
    assert "Ada[U+202E] Lovelace" in said
    assert "\u202e" not in said
    assert len(said) < 400
    assert alerts.tone(alert) is tone


@pytest.mark.parametrize("code", ["no-multicast", "store", "advert-refused", "new one"])
def test_a_warning_about_nobody_is_a_sentence(code: str) -> None:
    said = alerts.sentence(Screen(), Alert(code, "Multicast is not available."))
    assert said.endswith(".")
    assert said[0].isupper()


@pytest.fixture
def pane(tk_root: tk.Tk, shell: PlainShell) -> AlertPane:
    shown = AlertPane(tk_root, shell)
    shown.grid(row=0, column=0)
    shell.pane = shown
    shell.people(ADA)
    return shown


def test_the_newest_stands_until_it_was_read_and_then_the_one_before(
    shell: PlainShell, pane: AlertPane
) -> None:
    assert pane.stops() == ()
    for text in ("Once.", "Twice."):
        shell.screen = update(shell.screen, Warned("store", text))
    shell.draw()
    for text in ("Twice.", "Once."):
        assert pane.nametowidget("alert").cget("text") == text
        (button,) = pane.stops()
        button.invoke()
        assert shell.gestures[-1] == Dismissed(Alert("store", text))
    assert pane.stops() == ()
    assert not pane.winfo_manager()


def test_whom_it_is_about_can_be_shown(shell: PlainShell, pane: AlertPane) -> None:
    shell.screen = update(shell.screen, Warned("identity-conflict", "", ADA.peer_id))
    shell.draw()
    pane.nametowidget("show_person").invoke()
    assert shell.gestures == [PeerChosen(peer(1))]
