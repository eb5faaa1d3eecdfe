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
TOUCH: Final = "LanchatTouch"  # the first bindtag of every widget
_EVENTS: Final = ("<KeyPress>", "<ButtonPress>", "<Motion>", "<MouseWheel>")
_BOOTTIME: Final[int | None] = getattr(time, "CLOCK_BOOTTIME", None)

#: A tag of its own that comes first: what a widget does with a key may keep it from the rest,
#: and of what is bound to one tag only the most specific is done.
_PUT_FIRST: Final = f"""
    proc ::lanchat_touch window {{
        set tags [bindtags $window]
        if {{"{TOUCH}" ni $tags}} {{ bindtags $window [linsert $tags 0 {TOUCH}] }}
    }}
    bind all <Map> {{+ ::lanchat_touch %W}}
    ::lanchat_touch .
"""


def moment() -> tuple[float, ...]:
    """Now, by clocks of which one goes on while the computer is suspended."""
    if _BOOTTIME is not None:
        return (time.clock_gettime(_BOOTTIME),)
    return time.monotonic(), time.time()


def passed(since: tuple[float, ...]) -> float:
    """Seconds since a moment, those of a suspended computer too."""
    return max(now - then for now, then in zip(moment(), since, strict=True))


class Idle:
    """Knows when somebody last moved, pressed or typed.  Lives on the Tk thread."""

    def __init__(self, shell: Shell) -> None:
        self._shell: Final = shell
        self._touched = moment()
        self._job: str | None = None

    def start(self) -> None:
        """Look from now on."""
        root = self._shell.root
        for event in _EVENTS:
            with suppress(tk.TclError):  # a Tk that knows no such wheel here
                root.bind_class(TOUCH, event, self._heard)
        root.tk.eval(_PUT_FIRST)
        self._look()

    def touch(self) -> None:
        """Somebody is there."""
        self._touched = moment()
        if self._rests():
            self._tell(idle=False)

    def stop(self) -> None:
        """Look no more."""
        if self._job is not None:
            self._shell.root.after_cancel(self._job)
            self._job = None

    def _heard(self, _event: object) -> str | None:
        if self._lock():
            return "break"  # it came too late, and means nothing to the way in
        self.touch()
        return None

    def _lock(self) -> bool:
        """Lock if nobody was there for too long."""
        after = self._shell.preferences.lock_after * MINUTE
        if not after or self._shell.screen.me is None or passed(self._touched) <= after:
            return False
        self._shell.lock()
        return True

    def _look(self) -> None:
        self._lock()
        if self._shell.screen.me is not None:
            after = self._shell.preferences.away_after * MINUTE
            idle = bool(after) and self._untouched() > after
            if idle != self._rests():
                self._tell(idle=idle)
        self._job = self._shell.root.after(LOOK, self._look)

    def _untouched(self) -> float:
        """Seconds since anything of this computer was touched; of us, if none can say."""
        ours = passed(self._touched)
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
