"""Editing: keys in a field mean what they mean in every other program.

Tk takes many of them as Emacs does: Ctrl+A goes to the start of a line, Ctrl+K deletes the
rest of it before our own Ctrl+K is heard, Ctrl+I writes a tab.  On macOS that is the custom.
"""

import tkinter as tk
from contextlib import suppress
from typing import Final

#: What Tk calls what a key does, the keys that do it too, and those that do it no more.
_EVENTS: Final = (
    ("<<SelectAll>>", ("<Control-a>", "<Control-Lock-A>"), ()),
    ("<<LineStart>>", (), ("<Control-a>", "<Control-Lock-A>")),
    ("<<LineEnd>>", (), ("<Control-e>", "<Control-Lock-E>")),
    ("<<Cut>>", (), ("<Control-w>", "<Control-Lock-W>")),
    ("<<Redo>>", ("<Control-y>", "<Control-Lock-Y>"), ()),
    ("<<Paste>>", (), ("<Control-y>", "<Control-Lock-Y>")),
    ("<<PrevChar>>", (), ("<Control-b>", "<Control-Lock-B>")),
    ("<<NextChar>>", (), ("<Control-f>", "<Control-Lock-F>")),
    ("<<PrevLine>>", (), ("<Control-p>", "<Control-Lock-P>")),
    ("<<NextLine>>", (), ("<Control-n>", "<Control-Lock-N>")),
    ("<<SelectLineStart>>", (), ("<Control-A>", "<Control-Lock-a>")),
    ("<<SelectLineEnd>>", (), ("<Control-E>", "<Control-Lock-e>")),
    ("<<SelectPrevChar>>", (), ("<Control-B>", "<Control-Lock-b>")),
    ("<<SelectNextChar>>", (), ("<Control-F>", "<Control-Lock-f>")),
    ("<<SelectPrevLine>>", (), ("<Control-P>", "<Control-Lock-p>")),
    ("<<SelectNextLine>>", (), ("<Control-N>", "<Control-Lock-n>")),
)
_LETTERS: Final = "dhikot"  # Emacs's, bound in the classes themselves


def settle(root: tk.Misc) -> None:
    """Make the keys of every field and every button of this root the usual ones."""
    for enter in ("<Return>", "<KP_Enter>"):  # to Tk, only Space presses a button
        root.tk.call("bind", "TButton", enter, "%W instate !disabled {%W invoke}")
    if str(root.tk.call("tk", "windowingsystem")) == "aqua":
        return
    for event, more, fewer in _EVENTS:
        for key in fewer:
            root.event_delete(event, key)
        if more:
            root.event_add(event, *more)
    for kind in ("Text", "TEntry"):
        for letter in _LETTERS:
            root.unbind_class(kind, f"<Control-{letter}>")


def drop_selected(text: tk.Text) -> None:
    """Take away what is selected, as what is typed or pasted takes its place."""
    with suppress(tk.TclError):  # nothing is
        text.delete("sel.first", "sel.last")
