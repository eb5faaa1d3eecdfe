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


class _Monitor(ctypes.Structure):
    """XineramaScreenInfo."""

    _fields_ = (
        ("number", ctypes.c_int),
        *((name, ctypes.c_short) for name in ("left", "top", "wide", "high")),
    )


def least_monitor(root: tk.Misc) -> tuple[int, int] | None:
    """The least width and height of the monitors, px; None where nobody tells of them.

    To Tk on X11 all that stand side by side are one screen.
    """
    with connected(root) as server:
        if server is None:
            return None
        x11, display = server
        try:
            xinerama = ctypes.CDLL("libXinerama.so.1")
        except OSError as error:
            _log.info("no Xinerama: %s", error)
            return None
        query = xinerama.XineramaQueryScreens
        query.restype = ctypes.POINTER(_Monitor)
        count = ctypes.c_int()
        found = query(display, ctypes.byref(count))
        if not found:
            return None
        sizes = [(one.wide, one.high) for one in found[: count.value]]
        x11.XFree(found)
        seen = [(wide, high) for wide, high in sizes if wide > 0 and high > 0]
        return (min(one[0] for one in seen), min(one[1] for one in seen)) if seen else None


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
