"""Keys: one table of every command of the window and the keys that do it.  Pure.

Menus, tooltips and the list of shortcuts are made from this table, so none of them can be
wrong.  Keys are written as people read them; `event` gives what Tk calls them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lanchat.gui.translate import _, later


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be done from anywhere in the window."""

    name: str
    keys: str  # "Ctrl+K"; "" for one that has none
    text: str  # what a menu says; to be passed through `_`
    locked: bool = False  # works while the window is locked too
    over: bool = False  # works over an open dialog too


COMMANDS: Final = (
    Command("search", "Ctrl+K", later("Search people and messages")),
    Command("next_person", "Alt+Down", later("Next person")),
    Command("previous_person", "Alt+Up", later("Previous person")),
    Command("news", "Ctrl+G", later("Go to what is new")),
    Command("attach", "Ctrl+O", later("Send files…")),
    Command("attach_folder", "Ctrl+Shift+O", later("Send a folder…")),
    Command("attach_several", "Ctrl+Shift+S", later("Send files to several people…")),
    Command("verify", "Ctrl+Shift+V", later("Verify this person…")),
    Command("transfers", "Ctrl+J", later("Files on their way")),
    Command("details", "Ctrl+I", later("About this person…")),
    Command("add", "Ctrl+N", later("Add or invite somebody…")),
    Command("doctor", "Ctrl+Shift+D", later("Why don't I see them?")),
    Command("my_code", "Ctrl+Shift+M", later("My fingerprint and code…")),
    Command("settings", "Ctrl+comma", later("Settings…")),
    Command("lock", "Ctrl+L", later("Lock"), over=True),
    Command("zoom_in", "Ctrl+plus", later("Larger"), locked=True, over=True),
    Command("zoom_out", "Ctrl+minus", later("Smaller"), locked=True, over=True),
    Command("zoom_reset", "Ctrl+0", later("Normal size"), locked=True, over=True),
    Command("next_pane", "F6", later("Next part of the window"), locked=True),
    Command("previous_pane", "Shift+F6", later("Previous part of the window"), locked=True),
    Command("shortcuts", "F1", later("Keys"), locked=True, over=True),
    Command("quit", "Ctrl+Q", later("Quit"), locked=True, over=True),
)


@dataclass(frozen=True, slots=True)
class Row:
    """Keys that do one thing where the focus is."""

    keys: tuple[str, ...]
    text: str  # to be passed through `_`


#: What keys do among messages, beside those of `MORE`.
MESSAGES: Final = (
    Row(("Up", "Down"), later("The message above or below")),
    Row(("Shift+Up", "Shift+Down"), later("Choose several messages")),
    Row(("Left", "Right"), later("Links and buttons of a message")),
    Row(("PageUp", "PageDown"), later("A page of messages up or down")),
    Row(("Home", "End"), later("The oldest or the newest message")),
    Row(("C", "Ctrl+C"), later("Copy messages")),
    Row(("Del",), later("Delete messages here")),
)
#: What keys do in every part of the window.
MORE: Final = (
    Row(("Tab", "Shift+Tab"), later("What comes next, or before")),
    Row(("Enter", "Space"), later("Send, or open what is chosen")),
    Row(("Shift+Enter",), later("A new line")),
    Row(("Esc",), later("Close, or back to writing")),
    Row(("Shift+F10", "Menu"), later("What can be done here")),
)
PERSONS: Final = tuple(f"person_{number}" for number in range(1, 10))  # Ctrl+1 to Ctrl+9

BY_NAME: Final[Mapping[str, Command]] = MappingProxyType({one.name: one for one in COMMANDS})
_TK: Final[Mapping[str, str]] = MappingProxyType(
    {"Ctrl": "Control", "Alt": "Alt", "Shift": "Shift", "Cmd": "Command"}
)
_SHOWN: Final[Mapping[str, str]] = MappingProxyType({
    "comma": ",", "plus": "+", "minus": "-",
    # as they stand on keyboards where this is read
    "Ctrl": later("Ctrl"), "Alt": later("Alt"), "Shift": later("Shift"),
    "Enter": later("Enter"), "Esc": later("Esc"), "Up": later("Up"), "Down": later("Down"),
    "Left": later("Left"), "Right": later("Right"), "PageUp": later("Page Up"),
    "PageDown": later("Page Down"), "Home": later("Home"), "End": later("End"),
    "Del": later("Del"), "Tab": later("Tab"), "Space": later("Space"), "Menu": later("Menu"),
})  # fmt: skip
#: What Tk calls a key that it calls otherwise than people do, or by several names.
_CALLED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "plus": ("plus", "equal", "KP_Add"), "minus": ("minus", "KP_Subtract"),
    "Enter": ("Return", "KP_Enter"), "Esc": ("Escape",), "Del": ("Delete",),
    "Space": ("space",), "PageUp": ("Prior",), "PageDown": ("Next",),
    "Menu": ("Menu", "App"),  # of X11, of Windows
})  # fmt: skip


def events(keys: str, *, mac: bool = False) -> tuple[str, ...]:
    """What Tk calls `keys`; a letter with Caps Lock on is another key to Tk, so both.

    A windowing system may lack a name among several.
    """
    *modifiers, last = keys.split("+")
    if mac:
        modifiers = ["Cmd" if one == "Ctrl" else one for one in modifiers]
    held = [_TK[one] for one in modifiers]
    lasts = _CALLED.get(last, (last,))
    if len(last) == 1 and last.isalpha():
        lasts = (last.lower(), last.upper())
    elif last.isdigit():
        lasts = (f"Key-{last}",)
    called = tuple(f"<{'-'.join([*held, one])}>" for one in lasts)
    return (*called, "<ISO_Left_Tab>") if keys == "Shift+Tab" else called  # as X11 has it


def beside(text: str, name: str) -> str:
    """`text`, and after it the keys that do the same: of the command `name`, or these."""
    held = BY_NAME.get(name)
    return _("{text} ({keys})").format(text=text, keys=shown(held.keys if held else name))


def left_alone() -> tuple[str, ...]:
    """What a list that is moved in by Up and Down leaves to the window: the same with Alt."""
    stepping = (BY_NAME[name].keys for name in ("next_person", "previous_person"))
    return tuple(one for keys in stepping for one in events(keys))


def shown(keys: str, *, mac: bool = False) -> str:
    """`keys` as a menu shows them."""
    parts = keys.split("+")
    if mac:
        signs = {"Ctrl": "⌘", "Alt": "⌥", "Shift": "⇧"}
        return "".join(signs.get(one) or _(_SHOWN.get(one, one)) for one in parts)
    return "+".join(_(_SHOWN.get(one, one)) for one in parts)


def all_shown(row: Row, *, mac: bool = False) -> str:
    """The keys of a row as a list shows them; modifiers that all have stand once."""
    first, *more = row.keys
    held, plus, _last = first.rpartition("+")
    if plus and all(one.rpartition("+")[0] == held for one in more):
        more = [one.rpartition("+")[2] for one in more]
        return "/".join(shown(one, mac=mac) for one in (first, *more))
    return ", ".join(shown(one, mac=mac) for one in row.keys)
