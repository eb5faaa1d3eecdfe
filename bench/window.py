"""What a conversation of 10,000 messages costs its window, on a display of its own.

The whole of it: list, header, conversation and composer, told as a node tells it.  Each step
ends with a round trip to the X server, so that drawing is counted too.
"""

import datetime
import tempfile
import time
import tkinter as tk
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from bench.figures import Figure, Goal, Spread, percentile
from bench.whole import whole
from lanchat.conversation.message import Message, State
from lanchat.gui import emoji, x_environment
from lanchat.gui.chat_view import ChatView
from lanchat.gui.gestures import PageRead, PeerChosen
from lanchat.gui.items import Act, CardState, FileCard, Item, Said
from lanchat.gui.theme import Mode, Theme
from lanchat.identity.trust import Trust
from lanchat.node.events import MessageAdded
from tests.gui.plain_shell import PlainShell
from tests.kit.display import Display
from tests.kit.people import peer, person

ITEMS: Final = 10_000
OTHERS: Final = 20  # people on the list
BOB: Final = peer(1)
WIDE, HIGH = 1000, 700
STEPS: Final = 60
START: Final = datetime.datetime(2026, 11, 1, 9, tzinfo=datetime.UTC)
WORDS: Final = [
    "the", "build", "of", "the", "lab", "machine", "went", "through", "日本語のメモ", "fine",
    "👍", "and", "https://wiki.lan/build/1138", "is", "where", "it", "says", "so,", "in",
    "many", "more", "words", "than", "anybody", "wanted", "to", "read", "this", "morning",
]  # fmt: skip


def figures(rounds: int) -> Iterator[Figure]:
    taken: dict[str, list[float]] = {}
    with (
        tempfile.TemporaryDirectory(prefix="lanchat-") as folder,
        Display(Path(folder)) as display,
    ):
        with x_environment.around_root():
            root = tk.Tk(display.name)
            emoji.prepare(root)
        root.geometry(f"{WIDE}x{HIGH}+0+0")
        theme = Theme(root, Mode.LIGHT)
        for _round in range(rounds):
            for name, value in _measured(root, theme).items():
                taken.setdefault(name, []).append(value)
        root.destroy()
    goals = {
        "append, median": 5.0,
        "above, median": 5.0,
        "wheel step, p95": 8.0,
        "resize step, p95": 40.0,
    }
    for name, values in taken.items():
        goal = next((Goal(at_most=most) for what, most in goals.items() if what in name), None)
        yield Figure(name, Spread.of(values), " ms", goal, digits=1)


def _measured(root: tk.Tk, theme: Theme) -> dict[str, float]:
    shell, page = whole(root, theme)
    shell.people(*(person(number, f"Person {number}") for number in range(1, OTHERS + 1)))
    shell.do(PeerChosen(BOB))
    _finish(root)
    view = page.conversation.view
    read = PageRead(BOB, tuple(_message(number) for number in range(ITEMS)), more=False)
    found = {f"{ITEMS:,} messages, first paint": _timed(root, lambda: shell.do(read))}
    at_end = _each(root, lambda step: _append(shell, step))
    view._scrolled_to("moveto", "0.5")
    above = _each(root, lambda step: _append(shell, STEPS + step, theirs=True))
    assert view.news == STEPS  # the reader is still there
    view.to_end()
    for what, steps in (("append", at_end), ("append while reading above", above)):
        found[f"{what}, median"] = percentile(steps, 0.5)
        found[f"{what}, p95"] = percentile(steps, 0.95)
    found["wheel step, p95"] = _p95(root, lambda step: _wheel(view, step))
    found["jump, p95"] = _p95(
        root, lambda step: view._scrolled_to("moveto", f"{(step * 37 % 100) / 100}")
    )
    resized = _resized(root)
    found["resize step, median"] = percentile(resized, 0.5)
    found["resize step, p95"] = percentile(resized, 0.95)
    talk = shell.screen.conversation
    items: tuple[Item, ...] = talk.items if talk is not None else ()
    card = _card(0)
    view.show((*items, card))
    found["progress of a card, p95"] = _p95(
        root, lambda step: view.show((*items, _card(step + 1)))
    )
    found["wheel step over 400 different emoji, p95"] = _emoji(root, view)
    shell.draw()
    found["theme switched"] = _timed(
        root, lambda: theme.switch(Mode.DARK if theme.mode is Mode.LIGHT else Mode.LIGHT)
    )
    page.destroy()
    return found


def _append(shell: PlainShell, step: int, *, theirs: bool = False) -> None:
    """One more message, from the moment the node tells of it; our own would lead to the end."""
    message = _message(ITEMS + step)
    if theirs:
        message = replace(message, mine=False, state=State.RECEIVED)
    shell.hear(MessageAdded(message, "Person 1", Trust.KNOWN))


def _emoji(root: tk.Tk, view: ChatView) -> float:
    text = "".join(map(chr, range(0x1F382, 0x1F382 + 400)))
    said = Said("e" * 32, False, text, 0, State.RECEIVED)
    before = tuple(_said(number) for number in range(1, 30))
    view.show(before)
    view.show((*before, said))
    _finish(root)  # the first time each is drawn takes long, whatever it is kept in
    view._window.scroll(-60)
    _finish(root)
    return _p95(root, lambda step: view._window.scroll(20 if step % 2 else -20))


def _wheel(view: ChatView, step: int) -> None:
    view._window.scroll(-60 if step < 2 * STEPS // 3 else 60)
    view._moved()


def _resized(root: tk.Tk) -> list[float]:
    """Of the whole window: each step lays out every part of it and draws them."""
    taken = []
    for step in range(20):
        width = WIDE - 160 + step * 16 if step < 10 else WIDE - (step - 10) * 16
        taken.append(_timed(root, lambda wide=width: root.geometry(f"{wide}x{HIGH}")))  # type: ignore[misc]  # as below
    return taken


def _p95(root: tk.Tk, do: Callable[[int], object]) -> float:
    return percentile(_each(root, do), 0.95)


def _each(root: tk.Tk, do: Callable[[int], object]) -> list[float]:
    return [_timed(root, lambda at=at: do(at)) for at in range(STEPS)]  # type: ignore[misc]  # mypy cannot infer a lambda with a default


def _timed(root: tk.Tk, do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    _finish(root)
    return (time.perf_counter() - began) * 1000


def _finish(root: tk.Tk) -> None:
    root.update()
    root.winfo_pointerxy()  # the server answers when it has drawn


def _message(number: int) -> Message:
    """Three minutes after the one before it; a third of them are ours."""
    at = int((START + datetime.timedelta(minutes=3 * number)).timestamp() * 1000)
    words = [WORDS[(number * 7 + at) % len(WORDS)] for at in range(2 + number * 13 % 58)]
    mine = number % 3 == 0
    state = State.DELIVERED if mine else State.RECEIVED
    return Message(number.to_bytes(16, "big"), BOB, mine, " ".join(words), at, at, state)


def _said(number: int) -> Said:
    one = _message(number)
    return Said(one.id.hex(), one.mine, one.text, one.sent_at, one.state)


def _card(done: int) -> FileCard:
    return FileCard(
        "c" * 32, False, (("capture.zip", 3_400_000_000),), 1, 3_400_000_000, 0,
        CardState.RUNNING, done * 10_000_000, 86_000_000, 40, acts=(Act.PAUSE, Act.CANCEL),
    )  # fmt: skip
