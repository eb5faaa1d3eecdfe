"""A whole message in a window to read, and to choose words in by keys."""

import tkinter as tk
from contextlib import suppress
from tkinter import ttk

from lanchat.gui import accessible
from lanchat.gui.text import ui_text
from lanchat.gui.theme import Theme
from lanchat.gui.translate import _

MOST: int = 1_000_000  # characters; a message has far fewer


def show(parent: tk.Misc, theme: Theme, text: str) -> tk.Toplevel:
    """Open a window that shows a text; Escape closes it."""
    px, t = theme.px, theme.tokens
    window = tk.Toplevel(parent, name="whole_message", background=t.window)
    window.title(_("Message"))
    window.geometry(f"{px(640)}x{px(480)}")
    box = tk.Text(
        window, name="text", wrap="word", font=theme.font("text"), background=t.field,
        foreground=t.text, insertwidth=0, borderwidth=0, highlightthickness=px(2),
        highlightbackground=t.field, highlightcolor=t.ring, padx=px(14), pady=px(12),
        selectbackground=t.accent, selectforeground=t.on_accent,
    )  # fmt: skip
    accessible.name(box, _("The whole message"))
    bar = ttk.Scrollbar(window, orient="vertical", command=box.yview)
    box.configure(yscrollcommand=bar.set)
    bar.pack(side="right", fill="y")
    box.pack(side="left", fill="both", expand=True)
    box.insert("1.0", ui_text(text[:MOST]))
    box.mark_set("insert", "1.0")
    box.configure(state="disabled")
    caret = tk.Frame(box, name="caret", width=px(2), background=t.ring, borderwidth=0)
    for event in ("<Key>", "<ButtonRelease-1>", "<MouseWheel>", "<Button-4>", "<Button-5>"):
        window.bind(event, lambda _event: _place(box, caret))  # after the text itself has heard
    box.bind("<Configure>", lambda _event: _place(box, caret))
    window.transient(parent.winfo_toplevel())
    window.bind("<Escape>", lambda _event: _close(window, parent))
    window.protocol("WM_DELETE_WINDOW", lambda: _close(window, parent))
    box.focus_set()
    return window


def _place(box: tk.Text, caret: tk.Frame) -> None:
    """Show where keys choose from: Tk draws no caret where nothing can be written."""
    with suppress(tk.TclError):  # the window went meanwhile
        seen = box.bbox("insert")
        if seen is None:
            caret.place_forget()
        else:
            x = seen[0] - int(caret.cget("width")) // 2
            caret.place(x=x, y=seen[1], height=seen[3], bordermode="outside")


def _close(window: tk.Toplevel, parent: tk.Misc) -> None:
    window.destroy()
    parent.focus_set()
