"""The panel of files on their way, where somebody goes through it by keys."""

import tkinter as tk
from dataclasses import replace

import pytest

from lanchat.gui import transfers_pane
from lanchat.gui.cards import Transfer
from lanchat.gui.items import CardState
from lanchat.gui.theme import Theme
from tests.gui.plain_shell import PlainShell
from tests.kit.people import peer, person
from tests.kit.tkwait import settled, until

NOON = 1_780_000_000_000
FILES = Transfer(
    peer(1), b"t" * 16, False, (("a", 1),), 1, 100, NOON, CardState.RUNNING, done=10
)


@pytest.fixture
def shell(tk_root: tk.Tk, theme: Theme) -> PlainShell:
    shell = PlainShell(tk_root, theme)
    shell.people(person(1, "Ada"), person(2, "Bob"))
    shell.screen = replace(shell.screen, transfers={FILES.which: FILES})
    return shell


def state(shell: PlainShell, state: CardState) -> None:
    """The node says that it is so now."""
    changed = replace(FILES, state=state)
    shell.screen = replace(shell.screen, transfers={FILES.which: changed})


def at(root: tk.Tk) -> str:
    return str(root.tk.call("focus")).rpartition(".")[2]


def test_the_keys_stay_in_a_row_whose_buttons_change(tk_root: tk.Tk, shell: PlainShell) -> None:
    transfers_pane.toggle(shell)
    settled(tk_root)
    panel = tk_root.nametowidget("transfers_panel")
    row = next(one for one in panel.body.winfo_children() if "transfer_" in str(one))
    row.nametowidget("!frame.cancel").focus_force()
    until(tk_root, lambda: at(tk_root) == "cancel", "the keys at Cancel")
    for now, there, here in (
        (CardState.LOST, ["cancel"], "cancel"),
        (CardState.PAUSED, ["resume", "cancel"], "cancel"),
        (CardState.FAILED, ["retry"], "retry"),
        (CardState.RUNNING, ["pause", "cancel"], "pause"),
        (CardState.DECLINED, [], "go_there"),
    ):
        state(shell, now)

        def shown(wanted: list[str] = there) -> bool:
            packed = row.nametowidget("!frame").pack_slaves()
            return [one.winfo_name() for one in packed] == wanted

        until(tk_root, shown, f"{there}")

        def there_are(wanted: str = here) -> bool:
            return at(tk_root) == wanted

        until(tk_root, there_are, f"the keys at {here}")
    transfers_pane.toggle(shell)


def test_two_people_with_one_id_have_a_row_each(tk_root: tk.Tk, shell: PlainShell) -> None:
    other = replace(FILES, peer_id=peer(2), names=(("b", 2),))
    shell.screen = replace(shell.screen, transfers={FILES.which: FILES, other.which: other})
    transfers_pane.toggle(shell)
    settled(tk_root)
    panel = tk_root.nametowidget("transfers_panel")
    rows = [one for one in panel.body.winfo_children() if "transfer_" in str(one)]
    titles = sorted(one.nametowidget("go_there").cget("text") for one in rows)
    assert titles == ["a ← Ada", "b ← Bob"]
    transfers_pane.toggle(shell)
