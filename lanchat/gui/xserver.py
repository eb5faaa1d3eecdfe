"""X server: what Tk cannot ask of it, asked over a connection of its own by Xlib."""

import ctypes
import logging
import tkinter as tk
from collections.abc import Iterator
from contextlib import contextmanager

_log = logging.getLogger(__name__)


@contextmanager
def connected(root: tk.Misc) -> Iterator[tuple[ctypes.CDLL, ctypes.c_void_p] | None]:
    """Xlib and a connection to the server of a window; None elsewhere than on X11."""
    if root.tk.call("tk", "windowingsystem") != "x11":
        yield None
        return
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError as error:
        _log.info("no Xlib: %s", error)
        yield None
        return
    x11.XOpenDisplay.restype = ctypes.c_void_p
    for function in (x11.XInternAtom, x11.XDefaultRootWindow, x11.XGetSelectionOwner):
        function.restype = ctypes.c_ulong
    display = ctypes.c_void_p(x11.XOpenDisplay(root.winfo_screen().encode()))
    if not display:
        yield None
        return
    try:
        root.winfo_pointerxy()  # the server has heard all that Tk said before
        yield x11, display
    finally:
        x11.XCloseDisplay(display)


def clipboard_owner(root: tk.Misc) -> int | None:
    """The window that has the clipboard, 0 for none; None elsewhere than on X11.

    It asks the server alone: the program that has it may have stopped.
    """
    with connected(root) as server:
        if server is None:
            return None
        x11, display = server
        kind = ctypes.c_ulong(x11.XInternAtom(display, b"CLIPBOARD", 0))
        return int(x11.XGetSelectionOwner(display, kind))
