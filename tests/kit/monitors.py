"""Monitors: a part of a display is one more of them for a while, by RandR."""

import ctypes
import tkinter as tk
from collections.abc import Iterator
from contextlib import contextmanager

from lanchat.gui.xserver import connected


class _Monitor(ctypes.Structure):
    """XRRMonitorInfo."""

    _fields_ = (
        ("name", ctypes.c_ulong),
        *((name, ctypes.c_int) for name in ("primary", "automatic", "outputs_count")),
        *((name, ctypes.c_int) for name in ("left", "top", "wide", "high", "mm_w", "mm_h")),
        ("outputs", ctypes.c_void_p),
    )


@contextmanager
def one_more(root: tk.Misc, wide: int, high: int) -> Iterator[None]:
    """A monitor of that size, px, in the upper left corner."""
    with connected(root) as server:
        assert server is not None
        x11, display = server
        xrandr = ctypes.CDLL("libXrandr.so.2")
        window = ctypes.c_ulong(x11.XDefaultRootWindow(display))
        name = ctypes.c_ulong(x11.XInternAtom(display, b"one more", 0))
        monitor = _Monitor(name.value, 0, 0, 0, 0, 0, wide, high, 100, 100, None)
        xrandr.XRRSetMonitor(display, window, ctypes.byref(monitor))
        x11.XSync(display, 0)
        try:
            yield
        finally:
            xrandr.XRRDeleteMonitor(display, window, name)
            x11.XSync(display, 0)
