"""Editing: keys in a field mean what they mean in every other program.

Tk takes many of them as Emacs does: Ctrl+A goes to the start of a line, Ctrl+K deletes the
rest of it before our own Ctrl+K is heard, Ctrl+I writes a tab.  On macOS that is the custom.
And Tk knows a key by what the layout writes: Ctrl+C is none where C is a letter of Cyrillic.
"""

import tkinter as tk
from contextlib import suppress
from functools import partial
from typing import Final

from lanchat.gui import latin

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
    root.bind_all("<Control-KeyPress>", partial(_by_place, root))


def _by_place(root: tk.Misc, event: "tk.Event[tk.Misc]") -> None:
    """A key with Ctrl that nothing is bound to, on any layout: do what the one there means.

    By virtual events: Tk cannot generate a key that this layout has not.
    """
    state, system = int(event.state), str(root.tk.call("tk", "windowingsystem"))
    key = latin.meant(event.keysym_num, event.keycode, state, system)
    if not key:
        return
    known = {name: root.event_info(name) for name in root.event_info()}
    for name in latin.does(known, key, state):  # the widget may be one of Tk's own dialogs
        root.tk.call("event", "generate", str(event.widget), name)


def drop_selected(text: tk.Text) -> None:
    """Take away what is selected, as what is typed or pasted takes its place."""
    with suppress(tk.TclError):  # nothing is
        text.delete("sel.first", "sel.last")
