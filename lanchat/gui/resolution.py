"""Resolution: how fine the screen is, found out once and told to Tk."""

import ctypes
import sys
import tkinter as tk
from contextlib import suppress
from typing import Final

POINTS: Final = 72.0  # of an inch
PLAIN: Final = 96.0  # dots an inch that mean 100 %
_LEAST, _MOST = 48.0, 480.0  # dots an inch that anybody means
_STEPS: Final = 4  # a scale is a multiple of a quarter: pictures stay crisp
_LIBRARY: Final = "libX11.so.6"


def before_root() -> None:
    """What has to be done before there is a root: tell Windows that we scale by ourselves."""
    if sys.platform == "win32":
        with suppress(AttributeError, OSError):
            ctypes.windll.shcore.SetProcessDpiAwareness(1)


def settle(root: tk.Misc) -> float:
    """How many pixels this screen has for one at 100 %, from 1 to 4 in quarters.

    On X11 a desktop tells programs by `Xft.dpi`, and the server says 96 whatever is true.
    The font library goes by the first and Tk by the second: a font of 14 px would be drawn
    with 28.  So Tk is told as well.
    """
    system = str(root.tk.call("tk", "windowingsystem"))
    if system == "x11" and (told := xft_dpi(root.winfo_screen())) is not None:
        root.tk.call("tk", "scaling", told / POINTS)
    dots = root.winfo_fpixels("1i")
    scale = dots / (POINTS if system == "aqua" else PLAIN)
    return min(max(round(scale * _STEPS) / _STEPS, 1.0), 4.0)


def xft_dpi(screen: str) -> float | None:
    """What the desktop of an X11 screen says of its fineness; None if nothing sensible."""
    try:
        library = ctypes.CDLL(_LIBRARY)
        library.XOpenDisplay.restype = ctypes.c_void_p
        library.XGetDefault.restype = ctypes.c_char_p
    except (OSError, AttributeError):
        return None
    display = library.XOpenDisplay(screen.encode())
    if display is None:
        return None
    try:
        said = library.XGetDefault(ctypes.c_void_p(display), b"Xft", b"dpi")
    finally:
        library.XCloseDisplay(ctypes.c_void_p(display))
    try:
        dots = float(said or b"")
    except ValueError:
        return None
    return dots if _LEAST <= dots <= _MOST else None
