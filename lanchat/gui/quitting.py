"""Quitting while files are on their way: nothing is lost, so it only says so and asks."""

from lanchat.gui.dialog import Dialog
from lanchat.gui.shell import Shell
from lanchat.gui.transfers_pane import running
from lanchat.gui.translate import _, ngettext


def ask(shell: Shell) -> None:
    """Ask whether to close now."""
    number = len(running(shell.screen.transfers.values()))
    dialog = Dialog(shell.root, shell.theme, _("Quit now?"), name="quitting")
    dialog.message(
        ngettext(
            "{number} transfer will go on next time.",
            "{number} transfers will go on next time.",
            number,
        ).format(number=number)
    )
    dialog.buttons((_("Stay"), None, "stay"), (_("Quit"), shell.quit, "confirm_quit"))
