"""The roster menu: what can be done with somebody of the list.

Dialogs are imported when they are asked for, so that the window itself opens at once.
"""

import tkinter as tk
from collections.abc import Callable

from lanchat.gui import blocking, keys
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.shell import Shell
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts
from lanchat.node.person import Person


def build(parent: tk.Misc, shell: Shell, person: Person) -> tk.Menu:
    """A menu about somebody; only what can be done."""
    menu = tk.Menu(parent, name="person_menu", tearoff=False)
    peer = person.peer_id

    def add(text: str, does: Callable[[], object], command: str = "") -> None:
        shown = keys.shown(keys.BY_NAME[command].keys) if command else ""
        menu.add_command(label=text, command=does, accelerator=shown)

    chosen = shell.screen.chosen == peer  # the keys do the same for whoever is open
    add(_("Open"), lambda: shell.do(PeerChosen(peer)))
    if person.trust is Trust.BLOCKED:
        add(_("About this person…"), lambda: _details(shell, peer))
        menu.add_separator()
        add(_("Unblock"), lambda: blocking.unblock(shell, peer))
        return menu
    if person.request:
        add(_("Accept"), lambda: shell.ask(lambda node: acts.acknowledge(node, peer)))
    else:
        add(
            _("Send files…"),
            lambda: _pick(shell, peer),
            "attach" if chosen else "",
        )
    add(_("Verify…"), lambda: _verify(shell, peer), "verify" if chosen else "")
    add(
        _("About this person…"),
        lambda: _details(shell, peer),
        "details" if chosen else "",
    )
    menu.add_separator()
    add(_("Block…"), lambda: blocking.ask(shell, peer))
    return menu


def _details(shell: Shell, peer: PeerId) -> None:
    from lanchat.gui import details

    details.show(shell, peer)


def _pick(shell: Shell, peer: PeerId) -> None:
    from lanchat.gui import files

    files.pick(shell, peer, folder=False)


def _verify(shell: Shell, peer: PeerId) -> None:
    from lanchat.gui import verifying

    verifying.start(shell, peer)
