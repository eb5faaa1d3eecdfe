"""Clearing: deleting what was said with somebody on this computer, after one question."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any

from lanchat.errors import LanchatError
from lanchat.gui.dialog import Dialog
from lanchat.gui.gestures import Drafted, Removed
from lanchat.gui.shell import Shell
from lanchat.gui.text import name_text, one_line
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.node import acts
from lanchat.node.node import Node

Act = Callable[[Node, PeerId], Coroutine[Any, Any, None]]


def ask(shell: Shell, peer: PeerId) -> None:
    """Delete a conversation, if the user is sure."""
    person = shell.screen.people.get(peer)
    name = one_line(name_text(person.name), 40) if person else peer.short
    title = _("Clear the conversation with {name}?").format(name=name)
    dialog = Dialog(shell.root, shell.theme, title, name="clearing")
    dialog.message(explained())
    dialog.buttons(
        (_("Cancel"), None, "cancel"),
        (_("Clear"), lambda: clear(shell, peer), "confirm_clear"),
        danger="confirm_clear",
    )


def explained() -> str:
    """What it means."""
    return _(
        "All that was said is deleted on this computer, for good, and so is your draft. The"
        " other side keeps its own."
    )


def clear(shell: Shell, peer: PeerId, by: Act = acts.clear) -> None:
    """Delete it; what is begun from now on is another draft, and stays."""
    begun = without_draft(shell, peer)

    def failed(error: LanchatError) -> None:
        if begun and peer not in shell.screen.drafts:
            shell.do(Drafted(peer, begun))
            kept = functools.partial(acts.draft, peer=peer, text=begun)
            shell.ask(kept, failed=lambda _again: None)  # most often it is there still
        shell.tell(error)

    shell.ask(lambda node: by(node, peer), lambda _none: shell.do(Removed(peer)), failed)


def without_draft(shell: Shell, peer: PeerId) -> str:
    """Take what was begun to somebody from the screen, at once; gives it."""
    if shell.page is not None:
        shell.page.hand_over()  # the last letters belong to it
    begun = shell.screen.drafts.get(peer, "")
    if begun:
        shell.do(Drafted(peer, ""))
    return begun
