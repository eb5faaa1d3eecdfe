"""Landing: one file that is dragged in from another program.

Needs tkdnd, of the package tkinterdnd2 or of the system; without it the buttons and pasting
remain, and one line of the log says so.
"""

import logging
import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

_log = logging.getLogger(__name__)

COPY: Final = "copy"  # what we tell the other program: it keeps its files
TYPES: Final = "DND_Files"


def load(root: tk.Misc) -> bool:
    """Load tkdnd into Tk; False if there is none."""
    try:
        from tkinterdnd2 import TkinterDnD

        TkinterDnD.require(root)
    except (ImportError, RuntimeError, tk.TclError):
        try:
            root.tk.call("package", "require", "tkdnd")
        except tk.TclError:
            _log.info("no tkdnd: files cannot be dragged in")
            return False
    return True


def accept_one(widget: tk.Misc, root: tk.Misc, then: Callable[[Path], object]) -> bool:
    """Let one file be dropped on `widget`, for `then`; False if this system cannot."""
    if not load(root):
        return False

    def dropped(data: Any) -> str:
        paths = [Path(one) for one in widget.tk.splitlist(data)]
        if paths:
            widget.after_idle(then, paths[0])
        return COPY

    call = widget.tk.call
    call("tkdnd::drop_target", "register", widget, TYPES)
    for event in ("<<DropEnter>>", "<<DropPosition>>"):
        call("bind", widget, event, widget.register(lambda: COPY))
    call("bind", widget, "<<Drop:DND_Files>>", f"{widget.register(dropped)} %D")
    return True
