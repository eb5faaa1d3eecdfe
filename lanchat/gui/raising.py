"""Raising: a window that is asked for comes to the front, and gets the keys.

Tk before 8.6.15 may read freed memory when it forces the keys to come on X11 while no window
of it has them (its ticket fdc0ed342d), and many systems have that; there it is not forced.

On X11 Tk only asks to be raised, which GNOME's window manager and others do not grant to a
program that nobody is using; what they grant is what a taskbar sends when its user clicks
(Extended Window Manager Hints 1.5, _NET_ACTIVE_WINDOW).  Tk cannot send that, Xlib can.
"""

import ctypes
import tkinter as tk
from contextlib import suppress
from typing import Final

from lanchat.gui import xserver

_CLIENT_MESSAGE: Final = 33  # X.h
_LONGS: Final = 32  # format: of its data
_TO_MANAGER: Final = (1 << 19) | (1 << 20)  # SubstructureNotifyMask | SubstructureRedirectMask
_BY_USER: Final = 2  # source indication: a pager does what its user wants
_NOW: Final = 0
_MENDED: Final = "8.6.15-"  # versions of Tk


class _ClientMessage(ctypes.Structure):
    """XClientMessageEvent of Xlib.h, as long as the longest event."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("pad", ctypes.c_long * 24),
    )


def come_forward(root: tk.Tk) -> None:
    """Show the window, wherever it is, and give the keys to it or to the dialog over it."""
    root.deiconify()
    root.lift()
    front: tk.Misc = root
    with suppress(KeyError, tk.TclError):  # a list of a combo box is not known to tkinter
        grabbed = str(root.tk.call("grab", "current", root))
        if grabbed:
            front = root.nametowidget(grabbed).winfo_toplevel()
            front.tk.call("raise", front)
    with suppress(KeyError, tk.TclError):
        _point_keys(front, str(front.focus_lastfor() or front))
    _activate(root, [one.winfo_id() for one in dict.fromkeys((root, front))])


def take_keys(window: tk.Misc, at: str) -> None:
    """Have the keys come to `at`, a control of a window or dialog, from wherever they are."""
    if not _point_keys(window, at):
        _activate(window, [window.winfo_id()])


def _point_keys(window: tk.Misc, at: str) -> bool:
    """Give a control the keys; False if only once its window has them."""
    call = window.tk.call
    forced = (
        call("tk", "windowingsystem") != "x11"
        or bool(str(call("focus")))
        or window.tk.getboolean(
            call("package", "vsatisfies", call("package", "provide", "Tk"), _MENDED)
        )
    )
    call("focus", *(("-force",) if forced else ()), at)
    return forced


def _activate(root: tk.Misc, windows: list[int]) -> None:
    """Ask the window manager to activate windows, one after the other.

    The server has heard of them before: Tk believes no older news of focus.
    """
    with xserver.connected(root) as server:
        if server is None:
            return
        x11, display = server
        kind = x11.XInternAtom(display, b"_NET_ACTIVE_WINDOW", 0)
        above = ctypes.c_ulong(x11.XDefaultRootWindow(display))
        for window in windows:
            event = _ClientMessage(
                type=_CLIENT_MESSAGE, window=_managed(x11, display, window),
                message_type=kind, format=_LONGS,
            )  # fmt: skip
            event.data[0], event.data[1] = _BY_USER, _NOW
            x11.XSendEvent(display, above, 0, ctypes.c_long(_TO_MANAGER), ctypes.byref(event))


def _managed(x11: ctypes.CDLL, display: ctypes.c_void_p, window: int) -> int:
    """The window that the manager knows: the one Tk puts around each of its own."""
    root, parent, children = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_void_p()
    count = ctypes.c_uint()
    x11.XQueryTree(
        display, ctypes.c_ulong(window), ctypes.byref(root), ctypes.byref(parent),
        ctypes.byref(children), ctypes.byref(count),
    )  # fmt: skip
    if children:
        x11.XFree(children)
    return parent.value
