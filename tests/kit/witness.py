"""Witness: notes in the program itself what was done in its window, where it is carried out.

A test that drives the window by keys asks it afterwards what came of them: commands of
`keys.py`, what was folded into the screen, acts of cards, things within messages by their
kind, entries of menus, controls that had the keys, and whatever a pointer did, which is
nothing where there is none.
"""

import sys
import tkinter as tk
from collections.abc import Callable
from typing import Any

SEEN: dict[str, set[str]] = {
    kind: set()
    for kind in ("command", "folded", "act", "target", "entry", "reached", "pointer")
}

#: By its path, where in the source each widget was made: the innermost place first.
_MADE: dict[str, str] = {}
OURS = "lanchat.gui."


def watch(root: tk.Tk) -> None:
    """Note what happens from now on in the window of this root."""
    for event in ("<FocusIn>", "<KeyPress>"):
        root.bind_all(event, _reached, add=True)
    for event in ("<ButtonPress>", "<MouseWheel>"):
        root.bind_all(event, lambda what: SEEN["pointer"].add(str(what.widget)), add=True)
    _calls()
    _note_places()


def _reached(event: "tk.Event[tk.Misc]") -> None:
    path = str(event.widget)
    SEEN["reached"].add(f"{path.rpartition('.')[2]} {_MADE.get(path, '')}")


def _note_places() -> None:
    """Note of each widget from now on which lines of ours it comes from."""
    made = tk.BaseWidget.__init__

    def init(self: tk.BaseWidget, *given: Any, **named: Any) -> None:
        made(self, *given, **named)
        places, frame = [], sys._getframe(1)
        while frame is not None:
            module = frame.f_globals.get("__name__", "")
            if module.startswith(OURS):
                places.append(f"{module.removeprefix(OURS)}:{frame.f_lineno}")
            frame = frame.f_back  # type: ignore[assignment]  # it ends
        _MADE[str(self)] = " ".join(places)

    tk.BaseWidget.__init__ = init  # type: ignore[method-assign]  # to hear it


def _calls() -> None:
    from lanchat.gui import chat_view, commands, files, menus, state

    def noting(kind: str, do: Callable[..., Any], at: int) -> Callable[..., Any]:
        def noted(*given: Any) -> Any:
            what = given[at]
            text = what.text if isinstance(what, menus.Choice) else what
            SEEN[kind].add(text if isinstance(text, str) else type(text).__name__)
            return do(*given)

        return noted

    commands.run = noting("command", commands.run, 1)
    state.update = noting("folded", state.update, 1)
    files.act = noting("act", files.act, 2)
    menus.Menu._do = noting("entry", menus.Menu._do, 1)  # type: ignore[method-assign]  # to hear it

    does = chat_view.ChatView._do

    def did(*given: Any) -> None:
        SEEN["target"].add(type(given[2]).__name__)
        does(*given)

    chat_view.ChatView._do = did  # type: ignore[assignment,method-assign]  # to hear it
