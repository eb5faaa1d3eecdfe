"""The menu of a person: what can be done with somebody, from the list or from the header.

Dialogs are imported when they are asked for, so that the window itself opens at once.
"""

import tkinter as tk

from lanchat.gui import blocking, keys, muting
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.menus import Choice, Menu, Rows
from lanchat.gui.shell import Shell
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts
from lanchat.node.person import Person


def build(parent: tk.Misc, shell: Shell, person: Person) -> Menu:
    """A menu about somebody of the list; only what can be done."""
    peer = person.peer_id
    first = Choice(_("Open"), lambda: shell.do(PeerChosen(peer)), "chat")
    return Menu(parent, shell.theme, [first, *_rows(shell, person)], name="person_menu")


def of_header(parent: tk.Misc, shell: Shell, person: Person) -> Menu:
    """The same about whose conversation is open, and what can be done with that."""
    return Menu(parent, shell.theme, _rows(shell, person, whole=True), name="person_menu")


def _rows(shell: Shell, person: Person, *, whole: bool = False) -> Rows:
    peer = person.peer_id
    chosen = shell.screen.chosen == peer  # the keys do the same for whoever is open

    def shown(command: str) -> str:
        return keys.shown(keys.BY_NAME[command].keys) if chosen else ""

    about = Choice(_("About this person…"), lambda: _details(shell, peer), "info-circle",
                   shown("details"))  # fmt: skip
    talked = whole and person.last is not None
    ends: list[Choice | None] = [None]
    if talked:
        ends.append(Choice(_("Save the conversation…"), lambda: _save(shell, peer), "download"))
        ends.append(
            Choice(_("Clear conversation…"), lambda: _clear(shell, peer), "trash", danger=True)
        )
    if person.trust is Trust.BLOCKED:
        unblock = Choice(_("Unblock"), lambda: blocking.unblock(shell, peer), "check-lg")
        return [about, *ends, unblock]
    block = Choice(_("Block…"), lambda: blocking.ask(shell, peer), "slash-circle", danger=True)
    verify = Choice(_("Verify…"), lambda: _verify(shell, peer), "shield-check",
                    shown("verify"))  # fmt: skip
    return [*_giving(shell, person, shown("attach"), shown("attach_folder"), whole=whole),
            verify, about, *muting.choices(shell, person), *ends, block]  # fmt: skip


def _giving(
    shell: Shell, person: Person, files: str, folder: str, *, whole: bool
) -> list[Choice | None]:
    """What comes first: a yes for somebody new, files for everybody else."""
    peer = person.peer_id
    if person.request:
        return [
            Choice(
                _("Accept"),
                lambda: shell.ask(lambda node: acts.acknowledge(node, peer)),
                "check-lg",
            )
        ]
    found: list[Choice | None] = [
        Choice(_("Send files…"), lambda: _pick(shell, peer, folder=False), "paperclip", files)
    ]
    if whole:
        found.append(
            Choice(
                _("Send a folder…"), lambda: _pick(shell, peer, folder=True), "folder", folder
            )
        )
        several = keys.shown(keys.BY_NAME["attach_several"].keys)
        found.append(
            Choice(
                _("Send to several…"), lambda: _pick_for_several(shell, peer), "people", several
            )
        )
    return found


def _details(shell: Shell, peer: PeerId) -> None:
    from lanchat.gui import details

    details.show(shell, peer)


def _pick(shell: Shell, peer: PeerId, *, folder: bool) -> None:
    from lanchat.gui import files

    files.pick(shell, peer, folder=folder)


def _pick_for_several(shell: Shell, peer: PeerId) -> None:
    from lanchat.gui import several

    several.pick(shell, peer)


def _save(shell: Shell, peer: PeerId) -> None:
    from lanchat.gui import saving

    saving.ask(shell, peer)


def _clear(shell: Shell, peer: PeerId) -> None:
    from lanchat.gui import clearing

    clearing.ask(shell, peer)


def _verify(shell: Shell, peer: PeerId) -> None:
    from lanchat.gui import verifying

    verifying.start(shell, peer)
