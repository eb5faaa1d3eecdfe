"""Clearing: deleting what was said with somebody on this computer, after one question."""

from lanchat.gui.dialog import Dialog
from lanchat.gui.gestures import Removed
from lanchat.gui.shell import Shell
from lanchat.gui.text import name_text, one_line
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.node import acts


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


def clear(shell: Shell, peer: PeerId) -> None:
    """Delete it."""
    shell.ask(lambda node: acts.clear(node, peer), lambda _none: shell.do(Removed(peer)))
