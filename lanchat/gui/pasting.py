"""Pasting: files and pictures from the clipboard become an offer; text is the composer's.

A picture is kept by the node in a file until it is sent.
"""

import time

from lanchat.gui import clipped, files
from lanchat.gui.shell import Shell
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId


def paste(shell: Shell, peer: PeerId) -> bool:
    """Offer what is on the clipboard; False if that is text, or nothing."""
    held = clipped.held_by(shell.root)
    if isinstance(held, bytes):
        name = _("Pasted {moment}").format(moment=time.strftime("%Y-%m-%d %H.%M.%S"))
        files.send_pasted(shell, peer, f"{name}.png", held)
    elif held:
        files.send(shell, peer, held)
    return bool(held)
