"""Verifying: keeps the dialogs of spoken checks in step with what the node tells.

One dialog a person.  A peer that asks opens no dialog over what the user is doing: a
question comes as one, and the words appear only when the user agreed.
"""

from collections.abc import Callable

from lanchat.errors import LanchatError
from lanchat.gui.dialog import Dialog
from lanchat.gui.shell import Shell
from lanchat.gui.text import name_text, one_line
from lanchat.gui.translate import _
from lanchat.gui.verify import VerifyDialog
from lanchat.identity.keys import PeerId
from lanchat.node import comparing
from lanchat.node.events import CheckChanged, CheckState, NodeEvent
from lanchat.node.node import Node


def start(shell: Shell, peer: PeerId) -> None:
    """The user wants to compare words with a peer."""
    held = _dialog(shell, peer)
    if held is not None:
        held.lift()
        held.focus_set()
        return
    _close_question(shell, peer)  # it is answered by this
    dialog = VerifyDialog(shell, peer)

    def asked(_none: None) -> None:
        if _dialog(shell, peer) is None:  # closed while the check began: nobody sees the words
            shell.ask(lambda node: leave(node, peer))

    def failed(error: LanchatError) -> None:
        if dialog.winfo_exists():
            dialog.refused(error)

    shell.ask(lambda node: comparing.ask(node, peer), asked, failed)


async def leave(node: Node, peer: PeerId) -> None:
    """The user does not want to compare words, or not now."""
    comparing.leave(node, peer)


def watch(shell: Shell) -> Callable[[], None]:
    """Follow every check from now on; the function returned ends that."""

    def hear(event: NodeEvent) -> None:
        if isinstance(event, CheckChanged):
            _moved(shell, event)

    return shell.listen(hear)


def _moved(shell: Shell, check: CheckChanged) -> None:
    dialog = _dialog(shell, check.peer_id)
    if dialog is not None:
        dialog.show(check)
    elif check.state is CheckState.ASKED:
        _ask(shell, check)
    else:
        _close_question(shell, check.peer_id)


def _ask(shell: Shell, check: CheckChanged) -> None:
    """They want to compare words: does the user?"""
    peer, name = check.peer_id, one_line(name_text(check.name), 40)
    title = _("{name} wants to compare words with you").format(name=name)
    dialog = Dialog(shell.root, shell.theme, title, name=_question(peer))
    dialog.message(
        _(
            "You each read four words out loud, on the phone or face to face. If they are the"
            " same on both screens, you can be sure of each other from then on."
        )
    )
    dialog.on_close = lambda: shell.ask(lambda node: leave(node, peer))
    dialog.buttons(
        (_("Not now"), None, "not_now"),
        (_("Compare words"), lambda: start(shell, peer), "compare"),
    )


def _close_question(shell: Shell, peer: PeerId) -> None:
    name = _question(peer)
    if name in shell.root.children:
        dialog = shell.root.nametowidget(name)
        dialog.on_close = None
        dialog.close()


def _dialog(shell: Shell, peer: PeerId) -> VerifyDialog | None:
    held = shell.root.children.get(VerifyDialog.name_for(peer))
    return held if isinstance(held, VerifyDialog) else None


def _question(peer: PeerId) -> str:
    return f"asked_{str(peer)[:12]}"
