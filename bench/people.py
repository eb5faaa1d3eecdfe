"""What a list of 1,000 people costs its window, on a display of its own.

The whole of it, with one of them open, told as a node tells it.  Each step ends with a
round trip to the X server, so that drawing is counted too.
"""

import tempfile
import time
import tkinter as tk
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from bench.figures import Figure, Goal, Spread, percentile
from bench.whole import whole
from lanchat.gui import emoji, x_environment
from lanchat.gui.gestures import PeerChosen, Typed
from lanchat.gui.theme import Mode, Theme
from lanchat.identity.trust import Trust
from lanchat.node.events import MessageAdded, PeerAppeared, PeerLeft
from lanchat.node.person import Person
from tests.gui.plain_shell import PlainShell
from tests.kit.display import Display
from tests.kit.people import Held, peer, person, said

PEOPLE: Final = 1_000
WIDE, HIGH = 1000, 700
STEPS: Final = 60
FRAME: Final = Goal(at_most=16)  # ms
QUERIES: Final = ("p", "pe", "per", "person 1", "person 12", "xyz", "")


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
    for name, values in taken.items():
        goal = FRAME if name.endswith("p95") else None
        yield Figure(name, Spread.of(values), " ms", goal, digits=1)


def _measured(root: tk.Tk, theme: Theme) -> dict[str, float]:
    shell, page = whole(root, theme)
    _finish(root)
    everybody = [_one(number) for number in range(1, PEOPLE + 1)]
    first = _timed(root, lambda: shell.people(*everybody))
    view = page.roster.view
    canvas = view.canvas
    shell.do(PeerChosen(peer(1)))
    _finish(root)
    found = {
        f"{PEOPLE:,} people, first paint": first,
        "somebody writes, p95": _p95(root, lambda step: _write(shell, step)),
        "somebody comes or goes, p95": _p95(root, lambda step: _turn(shell, step)),
        "wheel step, p95": _p95(root, lambda step: view._to(view.top + 64)),
        "jump, p95": _p95(root, lambda step: view._to(step * 7_919 % 57_000)),
        "pointer over rows, p95": _p95(
            root, lambda step: canvas.event_generate("<Motion>", x=60, y=60 + step * 9)
        ),
        "another conversation, p95": _p95(
            root, lambda step: shell.do(PeerChosen(peer(PEOPLE - step % 9)))
        ),
        "a letter of a search, p95": _p95(
            root, lambda step: shell.do(Typed(QUERIES[step % len(QUERIES)]))
        ),
        "resize step": percentile(
            [
                _timed(root, lambda wide=wide: root.geometry(f"{wide}x{HIGH}"))  # type: ignore[misc]  # as below
                for wide in (*range(WIDE - 120, WIDE, 10), *range(WIDE, WIDE - 120, -10))
            ],
            0.5,
        ),
    }
    page.destroy()
    root.geometry(f"{WIDE}x{HIGH}")
    return found


def _one(number: int) -> Person:
    last = said(number, f"the last thing that number {number} said", ago=number * 60)
    return person(number, f"Person {number} 日本 👍", Held(unread=number % 4), last)


def _write(shell: PlainShell, step: int) -> None:
    """Whoever is somewhere in the list comes to its top."""
    number = 1 + step * 37 % PEOPLE
    newest = replace(said(number, f"news {step}"), arrived_at=1_795_000_001_000 + step)
    shell.hear(MessageAdded(newest, f"Person {number}", Trust.KNOWN))


def _turn(shell: PlainShell, step: int) -> None:
    number = 2 * PEOPLE + step // 2
    view = person(number, f"Newcomer {number}", None).view
    shell.hear(PeerAppeared(view) if step % 2 == 0 else PeerLeft(view))


def _p95(root: tk.Tk, do: Callable[[int], object]) -> float:
    steps = [_timed(root, lambda at=at: do(at)) for at in range(STEPS)]  # type: ignore[misc]  # mypy cannot infer a lambda with a default
    return percentile(steps, 0.95)


def _timed(root: tk.Tk, do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    _finish(root)
    return (time.perf_counter() - began) * 1000


def _finish(root: tk.Tk) -> None:
    root.update()
    root.winfo_pointerxy()  # the server answers when it has drawn
