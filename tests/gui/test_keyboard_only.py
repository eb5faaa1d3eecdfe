"""Everything by keyboard alone: one walk through the real program on a display without a mouse.

At its end whatever there is to do was done: each command of `keys.py`, each gesture, each
act of a card, each kind of thing within a message, each entry of a menu.  Each control had
the keys wherever the source names one, and each dialog was gone round: everything in it has a
name and a ring, and nothing needs a mouse.  What is new in the window fails this test until
the walk comes by.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gui import inventory
from tests.gui.walk import Walk
from tests.kit.display import Display
from tests.kit.hands import Hands
from tests.kit.program import Program
from tests.kit.street import Street

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.multicast,
    pytest.mark.long,
    pytest.mark.longest,
]


@pytest.fixture
def keyboard(tmp_path: Path) -> Iterator[Display]:
    """A display of its own: what is taken from it is not given back."""
    with Display(tmp_path) as display:
        yield display


def test_everything_can_be_done_without_a_mouse(keyboard: Display, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/browsed\n')
    browser.chmod(0o700)
    Walk.prepare(tmp_path / "ada")
    with Street(tmp_path / "street") as street:
        program = Program(
            keyboard, tmp_path / "ada", "--interface", "lo", "-v",
            "--log-file", str(tmp_path / "lanchat.log"), env={"BROWSER": f"{browser} %s"},
        )  # fmt: skip
        keyboard.place(program.window, 0, 0, (1000, 700))
        walk = Walk(Hands(program), street, tmp_path)
        try:
            for step in walk.steps:
                step()
        except BaseException:
            folder = Path(os.environ.get("LANCHAT_PICTURES", tmp_path))
            keyboard.picture(folder / f"{step.__name__}.png")
            raise
        finally:
            program.end()
    assert program.errors() == []
    assert walk.seen["pointer"] == []
    there = {
        "command": inventory.commands(),
        "folded": inventory.folded(),
        "act": inventory.acts(),
        "target": inventory.targets(),
        "entry": inventory.entries(),
        "dialog": inventory.dialogs(),
    }
    walk.seen["dialog"] = sorted(walk.hands.toured)
    left = {kind: sorted(what - set(walk.seen[kind])) for kind, what in there.items()}
    left["reached"] = inventory.unreached(walk.seen["reached"])
    assert not any(left.values()), f"not done by keyboard: {left}"
