"""Verifying: keeps the dialogs of spoken checks in step with what the node tells.

One dialog a person.  A peer that asks opens no dialog over what the user is doing: the
question stands in `question_pane.py`, and the words appear only when the user agreed.
"""

from collections.abc import Callable

from lanchat.errors import LanchatError
from lanchat.gui.shell import Shell
from lanchat.gui.verify import VerifyDialog
from lanchat.identity.keys import PeerId
from lanchat.node import comparing
from lanchat.node.events import CheckChanged, CheckState, NodeEvent
from lanchat.node.node import Node


def start(shell: Shell, peer: PeerId) -> None:
    """The user wants to compare words with a peer."""
    held = _dialog(shell, peer)
    if held is not None and not held.over:
        held.lift()
        held.focus_set()
        return
    dialog = VerifyDialog(shell, peer)  # in the place of one that is over

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
    if dialog is None:
        return
    if check.state is CheckState.ASKED and dialog.over:
        dialog.destroy()  # it says how the last one ended; now they ask (question_pane.py)
    else:
        dialog.show(check)


def _dialog(shell: Shell, peer: PeerId) -> VerifyDialog | None:
    held = shell.root.children.get(VerifyDialog.name_for(peer))
    return held if isinstance(held, VerifyDialog) else None
