"""Commands: what each line of the table in `keys.py` does.

Dialogs are imported when they are asked for, so that the window itself opens at once.
"""

import sys
import tkinter as tk
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from lanchat.gui import keys
from lanchat.gui.preferences import ZOOMS
from lanchat.gui.shell import Page, Shell

_MAC: Final = sys.platform == "darwin"
_FIELDS: Final = ("Text", "TEntry", "TCombobox", "Entry")  # what Tk gives keys of its own


def bind(shell: Shell) -> None:
    """Have each key of the table do its command and nothing else, wherever the focus is.

    To Tk some of them mean what they mean in Emacs: Ctrl+K would search, and delete the rest
    of the line that is being written.
    """
    for name, event in events():
        shell.root.event_add(f"<<Do-{name}>>", event)
        for field in _FIELDS:
            shell.root.tk.call("bind", field, event, "# nothing")
    for name in dict.fromkeys(name for name, _event in events()):
        shell.root.bind_all(f"<<Do-{name}>>", _pressed(shell, name), add=True)


def events() -> tuple[tuple[str, str], ...]:
    """Each command that has keys, with each event of Tk's that does it."""
    named = [(one.name, one.keys) for one in keys.COMMANDS if one.keys]
    named += [(name, f"Ctrl+{number}") for number, name in enumerate(keys.PERSONS, 1)]
    return tuple((name, event) for name, held in named for event in keys.events(held, mac=_MAC))


def run(shell: Shell, name: str) -> None:
    """Do the command `name`; nothing happens if it makes no sense now."""
    known = keys.BY_NAME.get(name)
    locked = shell.screen.me is None
    if locked and not (known and known.locked):
        return
    if name in keys.PERSONS:
        if shell.page is not None:
            shell.page.choose(keys.PERSONS.index(name))
        return
    _DONE_BY[name](shell)


def _pressed(shell: Shell, name: str) -> "Callable[[tk.Event[tk.Misc]], str | None]":
    def pressed(event: "tk.Event[tk.Misc]") -> str | None:
        known = keys.BY_NAME.get(name)
        if held(shell) and not (known and known.over):
            return None  # a dialog is open: it has the keys
        shell.command(name)
        return "break"

    return pressed


def held(shell: Shell) -> str:
    """The dialog, or the list of a field, that all keys go to; "" if none is open."""
    return str(shell.root.tk.call("grab", "current", shell.root))


def _page(do: Callable[[Page], None]) -> Callable[[Shell], None]:
    return lambda shell: do(shell.page) if shell.page is not None else None


def _attach(shell: Shell, *, folder: bool) -> None:
    from lanchat.gui import files

    if shell.screen.chosen is not None:
        files.pick(shell, shell.screen.chosen, folder=folder)


def _several(shell: Shell) -> None:
    from lanchat.gui import several

    several.pick(shell, shell.screen.chosen)


def _verify(shell: Shell) -> None:
    from lanchat.gui import verifying

    if shell.screen.chosen is not None:
        verifying.start(shell, shell.screen.chosen)


def _transfers(shell: Shell) -> None:
    from lanchat.gui import transfers_pane

    transfers_pane.toggle(shell)


def _details(shell: Shell) -> None:
    from lanchat.gui import details

    if shell.screen.chosen is not None:
        details.show(shell, shell.screen.chosen)


def _add(shell: Shell) -> None:
    from lanchat.gui import adding

    adding.show(shell)


def _doctor(shell: Shell) -> None:
    from lanchat.gui import doctor

    doctor.show(shell)


def _my_code(shell: Shell) -> None:
    from lanchat.gui import fingerprints

    fingerprints.show_mine(shell)


def _settings(shell: Shell) -> None:
    from lanchat.gui import settings_window

    settings_window.show(shell)


def _shortcuts(shell: Shell) -> None:
    from lanchat.gui import shortcuts

    shortcuts.show(shell)


def _quit(shell: Shell) -> None:
    if not shell.screen.transfers:  # nor, locked, anything that would know of one
        shell.quit()
        return
    from lanchat.gui import quitting, transfers_pane

    if transfers_pane.running(shell.screen.transfers.values()):
        quitting.ask(shell)
    else:
        shell.quit()


def _zoom(by: int) -> Callable[[Shell], None]:
    def zoom(shell: Shell) -> None:
        now = shell.preferences.zoom
        place = ZOOMS.index(now) + by if by else ZOOMS.index(100)
        to = ZOOMS[min(max(place, 0), len(ZOOMS) - 1)]
        shell.prefer(replace(shell.preferences, zoom=to))

    return zoom


def _pane(by: int) -> Callable[[Shell], None]:
    """The next part of the window; the page says in what order they come."""

    def turn(shell: Shell) -> None:
        stops = shell.page.stops() if shell.page is not None else ()
        if not stops or held(shell):
            return
        here = str(shell.root.tk.call("focus"))
        inside = [at for at, one in enumerate(stops) if _within(here, str(one))]
        at = inside[-1] if inside else -1 if by > 0 else 0
        stops[(at + by) % len(stops)].focus_set()

    return turn


def _within(path: str, ancestor: str) -> bool:
    return path == ancestor or path.startswith(f"{ancestor}.")


_DONE_BY: Final[Mapping[str, Callable[[Shell], None]]] = {
    "search": _page(lambda page: page.search()),
    "next_person": _page(lambda page: page.step(1)),
    "previous_person": _page(lambda page: page.step(-1)),
    "news": _page(lambda page: page.catch_up()),
    "attach": lambda shell: _attach(shell, folder=False),
    "attach_folder": lambda shell: _attach(shell, folder=True),
    "attach_several": _several,
    "verify": _verify,
    "transfers": _transfers,
    "details": _details,
    "add": _add,
    "doctor": _doctor,
    "my_code": _my_code,
    "settings": _settings,
    "lock": lambda shell: shell.lock(),
    "zoom_in": _zoom(1),
    "zoom_out": _zoom(-1),
    "zoom_reset": _zoom(0),
    "next_pane": _pane(1),
    "previous_pane": _pane(-1),
    "shortcuts": _shortcuts,
    "quit": _quit,
}
