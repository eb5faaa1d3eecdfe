"""Emoji: whether this display may be given them at all, and how Tk counts them.

With an X11 font library before 2.3.5 and a colour font installed, drawing one emoji makes
the X server refuse the request, and that ends the process: anybody on the network could do
it with a name.  So the library is asked for its version, and where that says nothing a
child process draws one and dies in our place.  The verdict lasts as long as the process;
nothing of it is kept, because a font that is installed tomorrow would make it false.

`python -m lanchat.gui.emoji` is that child.
"""

import ctypes
import logging
import subprocess
import sys
import tkinter as tk
from functools import cache
from typing import Final

from lanchat.gui import text

_log = logging.getLogger(__name__)

SOUND: Final = 20305  # libXft from this version on draws colour fonts
PATIENCE: Final = 5.0  # seconds for the child, Python's start included
_LIBRARY: Final = "libXft.so.2"
_PROOF: Final = "\U0001f600\U0001f44d\U0001f3fd"  # a face, a hand with its tone


def prepare(root: tk.Misc) -> bool:
    """Find out what `root`'s display does, tell `text`, and say whether emoji are drawn.

    To be called before anything of others is drawn.
    """
    system = str(root.tk.call("tk", "windowingsystem"))
    drawn = safe(system)
    text.learn(emoji=drawn, pairs=_counts_pairs(root), orders=system != "x11")
    return drawn


def safe(system: str) -> bool:
    """Whether drawing an emoji on this windowing system leaves the process alive."""
    if system != "x11":
        return True
    version = xft_version()
    if version is not None and version >= SOUND:
        return True
    drawn = survived()
    _log.info("font library %s; emoji are %s", version, "drawn" if drawn else "spelled out")
    return drawn


def xft_version() -> int | None:
    """The version of the X11 font library, 2.3.6 as 20306; None if nobody can say."""
    try:
        return int(ctypes.CDLL(_LIBRARY).XftGetVersion())
    except (OSError, AttributeError):
        return None


@cache
def survived() -> bool:
    """Whether a child process drew an emoji and lived to tell."""
    try:
        done = subprocess.run(  # noqa: S603 - our own module, nobody's input
            (sys.executable, "-m", __name__),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def draw() -> None:
    """Draw emoji where nobody sees them, and wait until the server has taken them."""
    root = tk.Tk()
    root.overrideredirect(True)
    root.geometry("200x80-4000-4000")
    tk.Label(root, text=_PROOF, font=("TkDefaultFont", -24)).pack()
    root.update()
    root.winfo_pointerxy()  # a round trip: an error of the server has arrived by now
    root.destroy()


def _counts_pairs(root: tk.Misc) -> bool:
    """Whether Tk counts an emoji as two: 8.6 does, 9 does not."""
    probe = tk.Entry(root)
    try:
        probe.insert(0, "\U0001f600")
        return int(probe.index("end")) == 2
    finally:
        probe.destroy()


if __name__ == "__main__":
    draw()
