"""Witness: notes in the program itself what was done in its window, where it is carried out.

A test that drives the window by keys asks it afterwards what came of them: commands of
`keys.py`, what was folded into the screen, acts of cards, entries of menus, controls that
had the keys, and whatever a pointer did, which is nothing where there is none.
"""

import tkinter as tk
from collections.abc import Callable
from typing import Any

SEEN: dict[str, set[str]] = {
    kind: set() for kind in ("command", "folded", "act", "entry", "reached", "pointer")
}


def watch(root: tk.Tk) -> None:
    """Note what happens from now on in the window of this root."""
    root.bind_all("<FocusIn>", _reached, add=True)
    for event in ("<ButtonPress>", "<MouseWheel>"):
        root.bind_all(event, lambda what: SEEN["pointer"].add(str(what.widget)), add=True)
    _entries()
    _calls()


def _reached(event: "tk.Event[tk.Misc]") -> None:
    SEEN["reached"].add(str(event.widget).rpartition(".")[2])


def _entries() -> None:
    made = tk.Menu.add_command

    def add_command(self: tk.Menu, cnf: Any = {}, **options: Any) -> None:  # noqa: B006 - its own
        does, label = options.get("command"), str(options.get("label"))

        def chosen() -> None:
            SEEN["entry"].add(label)
            if callable(does):
                does()

        made(self, cnf, **{**options, "command": chosen})

    tk.Menu.add_command = add_command  # type: ignore[method-assign]  # to see what is chosen


def _calls() -> None:
    from lanchat.gui import commands, files, window

    def noting(kind: str, do: Callable[..., Any], at: int) -> Callable[..., Any]:
        def noted(*given: Any) -> Any:
            what = given[at]
            SEEN[kind].add(what if isinstance(what, str) else type(what).__name__)
            return do(*given)

        return noted

    commands.run = noting("command", commands.run, 1)
    window.update = noting("folded", window.update, 1)  # type: ignore[attr-defined]  # its name there
    files.act = noting("act", files.act, 2)
