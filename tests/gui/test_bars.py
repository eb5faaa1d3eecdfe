"""The bars above the composer: where their buttons stand."""

import tkinter as tk

import pytest

from lanchat.gui.bar_pane import LINES, BarPane
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.theme import Theme
from lanchat.identity.trust import Trust
from tests.gui.plain_shell import PlainShell
from tests.kit.people import Held, peer, person
from tests.kit.tkwait import settled


def shown(shell: PlainShell, root: tk.Tk, wide: int) -> BarPane:
    """The bars of somebody whose name another person uses, in so many px."""
    rival = person(2, "Grace Hopper", Held(Trust.CONFLICT))
    shell.people(person(1, "Grace Hopper", Held(Trust.VERIFIED)), rival)
    shell.do(PeerChosen(peer(1)))
    root.geometry(f"{wide}x300")
    pane = BarPane(root, shell)
    pane.pack(fill="x")
    pane.show(shell.screen)
    settled(root)
    return pane


@pytest.mark.parametrize(("wide", "row"), [(1000, 0), (560, 1), (400, 1)])
def test_buttons_stand_below_a_text_that_they_would_press_together(
    shell: PlainShell, tk_root: tk.Tk, theme: Theme, wide: int, row: int
) -> None:
    pane = shown(shell, tk_root, wide)
    (bar,) = pane.winfo_children()
    text, acts = bar.nametowidget("text"), bar.nametowidget("acts")
    assert acts.grid_info()["row"] == row
    lines = text.winfo_height() // theme.font("small").metrics("linespace")
    assert lines <= LINES
    bottom = text.winfo_y() + text.winfo_height()
    assert acts.winfo_y() > bottom or row == 0
    pane.destroy()
