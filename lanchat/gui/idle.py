"""Idle: what happens by itself when nobody touches the window, or the computer.

A window that nobody has touched for as long as its user chose locks; where the whole
computer was not touched, others see that one is away, and are told when one is back.
"""

import time
import tkinter as tk
from contextlib import suppress
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
        if self._rests():
            self._tell(idle=False)

    def stop(self) -> None:
        """Look no more."""
        if self._job is not None:
            self._shell.root.after_cancel(self._job)
            self._job = None

    def _look(self) -> None:
        chosen, now = self._shell.preferences, time.monotonic()
        if chosen.lock_after and now - self._touched > chosen.lock_after * MINUTE:
            self._shell.lock()
        if self._shell.screen.me is not None:
            after = chosen.away_after * MINUTE
            idle = bool(after) and self._untouched(now) > after
            if idle != self._rests():
                self._tell(idle=idle)
        self._job = self._shell.root.after(LOOK, self._look)

    def _untouched(self, now: float) -> float:
        """Seconds since anything of this computer was touched; of us, if none can say."""
        ours = now - self._touched
        with suppress(tk.TclError, ValueError):
            everywhere = int(self._shell.root.tk.call("tk", "inactive"))
            if everywhere >= 0:
                return min(ours, everywhere / 1000)
        return ours

    def _rests(self) -> bool:
        """Whether others were told that nobody is there."""
        me = self._shell.screen.me
        return me is not None and me.showing.idle

    def _tell(self, *, idle: bool) -> None:
        from lanchat.node import acts

        self._shell.ask(lambda node: acts.rest(node, idle=idle))
