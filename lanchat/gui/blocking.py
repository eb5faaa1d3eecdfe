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
    _ask(shell, peer, _("Block {name}?").format(name=name), _explained())


def ask_other(shell: Shell, peer: PeerId) -> None:
    """Block who uses the name of somebody the user knows, if they are sure."""
    person = shell.screen.people.get(peer)
    name = one_line(name_text(person.name), 40) if person else peer.short
    stays = _("The person you know by this name is not blocked by that.")
    title = _("Block the other {name}?").format(name=name)
    _ask(shell, peer, title, f"{_explained()} {stays}")


def _explained() -> str:
    return _(
        "Nothing they send reaches you any more, and they are not told. What was said stays"
        " here. You can take it back at any time."
    )


def _ask(shell: Shell, peer: PeerId, title: str, text: str) -> None:
    dialog = Dialog(shell.root, shell.theme, title, name="blocking")
    dialog.message(text)
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
