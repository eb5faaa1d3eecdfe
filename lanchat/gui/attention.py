"""Attention: whether somebody is at this window, and where the keys are while nobody has them.

When a control that has the keys goes, Tk gives them to the window it stood in, where they do
nothing, and tells nobody; when it is hidden they stay with it.  So whatever goes is followed
by a look: what has no keys to show for is brought to the page, or to the dialog that is open.
"""

from contextlib import suppress
from typing import Final

from lanchat.gui.dialog import Dialog
from lanchat.gui.shell import Shell

SOON: Final = 100  # ms until what is new is on the screen


class Attention:
    """Watches one window and its dialogs.  Lives on the Tk thread."""

    def __init__(self, shell: Shell) -> None:
        self._shell: Final = shell
        self._job: str | None = None
        self._over = False

    def start(self) -> None:
        """Watch from now on."""
        root = self._shell.root
        for event in ("<FocusIn>", "<FocusOut>"):
            root.bind_all(event, lambda _event: self._look_here(), add=True)
        for event in ("<FocusIn>", "<Destroy>", "<Unmap>"):
            root.bind_all(event, lambda _event: self._look_soon(), add=True)
        root.bind("<Escape>", lambda _event: self._leave(), add=True)

    def stop(self) -> None:
        """Watch no more."""
        self._over = True
        if self._job is not None:
            self._shell.root.after_cancel(self._job)

    def look(self) -> None:
        """Say whether the user is here: they may have left while a profile was opened."""
        from lanchat.gui.gestures import FocusChanged  # there since then

        self._shell.do(FocusChanged(self._here()))

    def _here(self) -> bool:
        """Whether the user is in this window: in a widget of Tk's own, such as a list, too."""
        root = self._shell.root
        return bool(str(root.tk.call("focus", "-displayof", root)))

    def _look_here(self) -> None:
        screen = self._shell.screen
        if not self._over and screen.me is not None and self._here() != screen.focused:
            self.look()

    def _look_soon(self) -> None:
        if not self._over and self._job is None:
            self._job = self._shell.root.after_idle(self._bring_home)

    def _bring_home(self, *, again: bool = False) -> None:
        self._job = None
        root, page = self._shell.root, self._shell.page
        call = root.tk.call
        at = str(call("focus"))
        window = str(call("winfo", "toplevel", at)) if at else ""
        if not window or not call("winfo", "viewable", window):
            return  # they are in another program, or nothing is on the screen
        if at != window and call("winfo", "viewable", at):
            return
        if not again:  # perhaps to something new, which gets them once it is on the screen
            self._job = root.after(SOON, lambda: self._bring_home(again=True))
            return
        over = str(call("grab", "current", root))
        if over and over != window:  # not behind the dialog that is open
            call("focus", call("focus", "-lastfor", over))
            return
        with suppress(KeyError):  # a dialog of Tk's own
            found = root.nametowidget(window)
            if isinstance(found, Dialog):
                found.first().focus_set()
            elif found is root and page is not None:
                page.home().focus_set()

    def _leave(self) -> None:
        """Escape was pressed, and nothing nearer to the keys wanted it."""
        if self._shell.page is not None:
            self._shell.page.leave()
