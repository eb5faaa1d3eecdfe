"""Invited: an invite that came from outside waits until there is a profile to show it in.

A link on any page can open one, so it is shown and no more: nobody is dialled, nothing of it
is kept, and it does not take the place of what the user is about to press.
"""

from typing import TYPE_CHECKING, Final

from lanchat.identity.fingerprint import LONGEST_TYPED

if TYPE_CHECKING:
    from lanchat.gui.shell import Shell


class Invited:
    """The last invite that was opened, at first the command line's.  Lives on the Tk thread."""

    def __init__(self, shell: "Shell") -> None:
        self._shell: Final = shell
        self._text = shell.given.invite

    def come(self, text: str) -> None:
        """Somebody started lanchat again, and opened this; "" is nothing."""
        self._shell.come_forward()
        if text.strip():
            self._text = text[:LONGEST_TYPED]
            self.show()

    def show(self) -> None:
        """Show what waits, if a profile is open."""
        if self._text and self._shell.screen.me is not None:
            from lanchat.gui import adding

            text, self._text = self._text, ""
            adding.show(self._shell, text)
