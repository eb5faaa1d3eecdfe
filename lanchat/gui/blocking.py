"""Blocking: wanting nothing from somebody any more, after one question."""

from lanchat.gui.dialog import Dialog
from lanchat.gui.shell import Shell
from lanchat.gui.text import name_text, one_line
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.node import acts


def ask(shell: Shell, peer: PeerId) -> None:
    """Block somebody, if the user is sure."""
    person = shell.screen.people.get(peer)
    name = one_line(name_text(person.name), 40) if person else peer.short
    dialog = Dialog(
        shell.root, shell.theme, _("Block {name}?").format(name=name), name="blocking"
    )
    dialog.message(
        _(
            "Nothing they send reaches you any more, and they are not told. What was said stays"
            " here. You can take it back at any time."
        )
    )
    dialog.buttons(
        (_("Cancel"), None, "cancel"),
        (_("Block"), lambda: block(shell, peer), "confirm_block"),
        danger="confirm_block",
    )


def block(shell: Shell, peer: PeerId) -> None:
    """Block somebody."""
    shell.ask(lambda node: acts.trust(node, peer, "block"))


def unblock(shell: Shell, peer: PeerId) -> None:
    """Take a block back."""
    shell.ask(lambda node: acts.trust(node, peer, "unblock"))
