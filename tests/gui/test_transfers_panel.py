"""The panel of files on their way, where somebody goes through it by keys."""

import tkinter as tk
from dataclasses import replace
from typing import Any

import pytest

from lanchat.gui import accessible, chat_words, files, languages, transfers_pane
from lanchat.gui.cards import Transfer, card
from lanchat.gui.cards import shown as shown_of
from lanchat.gui.gestures import PageRead, PeerChosen
from lanchat.gui.items import Act, CardState, FileCard
from lanchat.gui.state import update
from lanchat.gui.text import one_line
from lanchat.gui.theme import Theme
from lanchat.identity.trust import Trust
from lanchat.node.events import By, TransferMoved, TransferState, TransferView
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


@pytest.mark.parametrize(
    ("changed", "who"),
    [({"peer_id": peer(2)}, "Bob"), ({"id": FILES.id[:15] + b"u"}, "Ada")],
    ids=["one id", "ids alike"],
)
def test_each_transfer_has_a_row(
    tk_root: tk.Tk, shell: PlainShell, changed: dict[str, Any], who: str
) -> None:
    other = replace(FILES, names=(("b", 2),), **changed)
    shell.screen = replace(shell.screen, transfers={FILES.which: FILES, other.which: other})
    transfers_pane.toggle(shell)
    settled(tk_root)
    panel = tk_root.nametowidget("transfers_panel")
    rows = [one for one in panel.body.winfo_children() if "transfer_" in str(one)]
    titles = sorted(one.nametowidget("go_there").cget("text") for one in rows)
    assert titles == ["a ← Ada", f"b ← {who}"]
    transfers_pane.toggle(shell)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("earlier", [False, True], ids=["new", "again"])
@pytest.mark.parametrize(
    "who", ["Ada Lovelace", "Wolfeschlegelsteinhausenbergerdorff", "W" * 30]
)
def test_a_long_title_is_cut_in_the_middle_and_no_button(
    tk_root: tk.Tk, shell: PlainShell, who: str, language: str, earlier: bool
) -> None:
    name = "minutes of a meeting that nobody will ever read again, third attempt.pdf"
    asks = replace(FILES, names=((name, 1),), state=CardState.ASKING, earlier=earlier)
    languages.start(language)
    shell.people(person(1, who))
    shell.screen = replace(shell.screen, transfers={asks.which: asks})
    transfers_pane.toggle(shell)
    settled(tk_root)
    panel = tk_root.nametowidget("transfers_panel")
    row = next(one for one in panel.body.winfo_children() if "transfer_" in str(one))
    buttons = [row.nametowidget("go_there"), *row.nametowidget("!frame").pack_slaves()]
    assert len(buttons) >= 4
    for one in buttons:
        assert one.winfo_width() >= one.winfo_reqwidth(), one
        assert one.winfo_rootx() + one.winfo_width() <= row.winfo_rootx() + row.winfo_width()
    title = str(buttons[0].cget("text"))
    assert title.startswith("minu")
    assert f".pdf ← {who[:5]}" in title
    assert accessible.said(buttons[0]) == f"{name} ← {one_line(who, 24)}"
    transfers_pane.toggle(shell)
    languages.start("en")


@pytest.mark.parametrize(("wide", "whole"), [(700, True), (300, False)])
def test_the_strip_cuts_what_it_says_and_not_its_button(
    tk_root: tk.Tk, shell: PlainShell, wide: int, whole: bool
) -> None:
    shell.hear(moved(RUNS, 50 * MB, MB))
    tk_root.geometry(f"{wide}x300")
    strip = transfers_pane.Strip(tk_root, shell)
    strip.pack(fill="x")
    strip.show(shell.screen)
    settled(tk_root)
    says, button = (strip.nametowidget(f"!frame.{one}") for one in ("text", "open_transfers"))
    for one in (says, button):
        assert one.winfo_width() >= one.winfo_reqwidth(), one
    text = transfers_pane.summary(shell.screen.transfers.values())
    assert (says.cget("text") == text) is whole
    assert text.startswith(str(says.cget("text")).rstrip("\u2026"))


def moved(
    state: TransferState, done: int, rate: int = 0, by: By | None = None
) -> TransferMoved:
    """The node says so of what Ada sends."""
    view = TransferView(
        peer(1), b"t" * 16, False, state, (("a", 1),), 1, 10**12, done, rate, by, at=NOON
    )
    return TransferMoved(view)


MB = 1_000_000
RUNS, RESTS, LOST = TransferState.RUNNING, TransferState.PAUSED, TransferState.WAITING


@pytest.mark.parametrize(
    ("events", "answers"),
    [
        ([moved(RUNS, 59 * MB, MB)], []),
        ([moved(RUNS, 60 * MB, MB)], ["go_on", "pause_it", "confirm"]),
        ([moved(RUNS, 90 * MB, 9 * MB)], []),
        ([moved(RUNS, 100 * MB, 9 * MB)], ["go_on", "pause_it", "confirm"]),
        ([moved(LOST, 99 * MB)], []),
        ([moved(RUNS, 50 * MB, MB), moved(LOST, 60 * MB)], ["go_on", "pause_it", "confirm"]),
        ([moved(RUNS, 50 * MB, MB), moved(RESTS, 60 * MB)], ["go_on", "confirm"]),
    ],
    ids=["59 s", "a minute", "90 MB fast", "100 MB", "lost", "lost, a minute", "paused"],
)
def test_cancelling_asks_where_that_loses_100_mb_or_a_minute(
    shell: PlainShell, events: list[TransferMoved], answers: list[str]
) -> None:
    for event in events:
        shell.screen = update(shell.screen, event)
    files.act_on(shell, shell.screen.transfers[FILES.which], Act.CANCEL)
    dialog = shell.root.children.get("cancel_transfer")
    asked = list(dialog.nametowidget("!frame.buttons").children) if dialog else []
    assert sorted(asked) == sorted(answers)
    assert len(shell.asked) == (not answers)
    if dialog is not None:
        dialog.destroy()
    assert len(shell.asked) == (not answers)  # closing it cancels nothing


@pytest.mark.parametrize(
    ("by", "says"),
    [(By.ME, "Paused by you"), (By.THEM, "Paused by Ada"), (None, "Paused")],
)
def test_it_is_said_who_paused_it(shell: PlainShell, by: By | None, says: str) -> None:
    screen = update(shell.screen, PeerChosen(peer(1)))
    screen = update(screen, PageRead(peer(1), (), False))
    screen = update(screen, moved(RESTS, 500_000 * MB, by=by))
    assert screen.conversation is not None
    (shown,) = (one for one in screen.conversation.items if isinstance(one, FileCard))
    assert chat_words.state(shown) == f"{says} · 500 GB of 1 TB"


def test_a_name_among_the_words_of_a_card_cannot_play_tricks(shell: PlainShell) -> None:
    hostile = person(1, "Ada\u202e\n" + "x" * 99)
    shown = card(shown_of(moved(RESTS, 1, by=By.THEM).view), Trust.KNOWN, name=hostile.name)
    words = chat_words.state(shown)
    assert "\u202e" not in words
    assert "\n" not in words
    assert len(words) < 80


@pytest.mark.parametrize("chosen", [Act.OPEN, Act.ALLOW])
def test_what_a_card_offers_is_done_also_when_its_transfer_left_the_screen(
    shell: PlainShell, chosen: Act
) -> None:
    shell.screen = replace(shell.screen, transfers={})
    shell.do(PeerChosen(peer(1)))
    files.act(shell, FILES.id.hex(), chosen)
    assert len(shell.asked) == 1
