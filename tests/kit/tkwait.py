"""Waiting for a window in our own process, whose events have to be let in meanwhile."""

import time
import tkinter as tk
from collections.abc import Callable


def until(root: tk.Misc, found: Callable[[], object], what: str, seconds: float = 8.0) -> None:
    """Let events in until something is so."""
    end = time.monotonic() + seconds
    while not found():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s: {what}")
        root.update()
        time.sleep(0.005)


def settled(root: tk.Misc) -> None:
    """Let in what the display has to say by now, round trip included."""
    for _turn in range(3):
        root.update()
        root.winfo_pointerxy()
        time.sleep(0.03)
    root.update()
