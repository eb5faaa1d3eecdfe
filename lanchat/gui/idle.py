"""Idle: locks a window that nobody has touched for as long as its user chose."""

import time
from typing import Final

from lanchat.gui.shell import Shell

LOOK: Final = 5_000  # ms between two looks whether anybody is still there
MINUTE: Final = 60.0  # seconds


class Idle:
    """Knows when somebody last moved, pressed or typed.  Lives on the Tk thread."""

    def __init__(self, shell: Shell) -> None:
        self._shell: Final = shell
        self._touched = time.monotonic()
        self._job: str | None = None

    def start(self) -> None:
        """Look from now on."""
        for event in ("<KeyPress>", "<ButtonPress>", "<Motion>"):
            self._shell.root.bind_all(event, lambda _event: self.touch(), add=True)
        self._look()

    def touch(self) -> None:
        """Somebody is there."""
        self._touched = time.monotonic()

    def stop(self) -> None:
        """Look no more."""
        if self._job is not None:
            self._shell.root.after_cancel(self._job)
            self._job = None

    def _look(self) -> None:
        after = self._shell.preferences.lock_after * MINUTE
        if after and time.monotonic() - self._touched > after:
            self._shell.lock()
        self._job = self._shell.root.after(LOOK, self._look)
