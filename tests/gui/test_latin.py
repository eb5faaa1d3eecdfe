"""Ctrl and letters on layouts without Latin ones: real keys of real layouts."""

import re
import tkinter as tk
from collections.abc import Iterator
from tkinter import ttk
from typing import Final

import pytest

from lanchat.conversation.message import State
from lanchat.gui import commands, editing, keys, latin
from lanchat.gui.chat_view import ChatView, Hooks
from lanchat.gui.items import Item, Said
from lanchat.gui.theme import Mode, Theme
from tests.gui.plain_shell import PlainShell
from tests.kit.display import Display
from tests.kit.tkwait import settled, until

#: Where keys are, as X11 counts them, by what they are in the US.
PLACES: Final = {
    sign: first + at
    for first, signs in ((10, "1234567890"), (24, "qwertyuiop"), (38, "asdfghjkl"),
                         (52, "zxcvbnm,"))
    for at, sign in enumerate(signs)
}  # fmt: skip
CTRL: Final = re.compile(r"Ctrl\+[A-Z]")
SWITCH: Final = 78  # Scroll Lock
#: What is written, from Q to P, from A to L and from Z to M.
LATIN: Final = {
    "us": "qwertyuiopasdfghjklzxcvbnm",
    "de": "qwertzuiopasdfghjklyxcvbnm",
    "fr": "azertyuiopqsdfghjklwxcvbn,",
    "ru,fr": "azertyuiopqsdfghjklwxcvbn,",
    "tr": "qwertyu\u0131opasdfghjklzxcvbnm",  # whose I without a dot is another letter
    "dvorak": "',.pyfgcrlaoeuidhtn;qjkxbm",
}
#: The last has Latin letters in its first part, where X11 itself finds them.
FOREIGN: Final = ["ru", "gr", "il", "ara", "ir", "ge", "us,ru"]


class Desk:
    """A window of its own, on the display of all tests, whose layout is changed."""

    def __init__(self, display: Display) -> None:
        self.display: Final = display
        self.root: Final = tk.Tk(screenName=display.name)
        editing.settle(self.root)
        self.shell: Final = PlainShell(self.root, Theme(self.root, Mode.LIGHT))
        commands.bind(self.shell)
        self.text: Final = tk.Text(self.root, undo=True, name="text")
        self.entry: Final = ttk.Entry(self.root, name="entry")
        self._second = False
        self.presses: Final[list[int]] = []
        self.root.bind_all("<KeyRelease>", lambda event: self.presses.append(event.keycode))
        for one in (self.text, self.entry):
            one.pack()
        settled(self.root)

    def layout(self, name: str) -> None:
        """Another layout; of two the second one, which a key switches to."""
        if self._second:
            self.display.keyboard.strike(SWITCH)
        self._second = "," in name
        self.display.run("setxkbmap", "-option", "", "-option", "grp:sclk_toggle", name)
        self.display.keyboard.renew()
        if self._second:
            self.display.keyboard.strike(SWITCH)
        settled(self.root)
        self.shell.commands.clear()

    def at(self, widget: tk.Misc) -> None:
        """Give a widget the keys."""
        widget.focus_force()
        until(self.root, lambda: str(self.root.tk.call("focus")) == str(widget), "the keys")

    def press(self, sign: str, *held: str) -> None:
        """Press the key that is at that place, and wait until the window has heard of it."""
        self.presses.clear()
        self.display.keyboard.strike(PLACES[sign], *(held or ("ctrl",)))
        until(self.root, lambda: PLACES[sign] in self.presses, "the key")


@pytest.fixture(scope="module")
def desk(display: Display) -> Iterator[Desk]:
    made = Desk(display)
    yield made
    made.layout("us")
    made.root.destroy()


@pytest.fixture(autouse=True)
def empty(request: pytest.FixtureRequest) -> None:
    """Nothing is written, done or on the clipboard yet."""
    if "desk" in request.fixturenames:
        desk = request.getfixturevalue("desk")
        desk.text.delete("1.0", "end")
        desk.entry.delete(0, "end")
        desk.root.clipboard_clear()


@pytest.mark.parametrize("name", FOREIGN)
def test_a_command_is_done_by_the_key_at_its_place(desk: Desk, name: str) -> None:
    desk.layout(name)
    desk.at(desk.text)
    for sign in "kljoin,1":
        desk.press(sign)
    desk.press("o", "ctrl", "shift")
    several = [] if name == "ir" else ["attach_folder"]  # whose O is a bracket with Shift
    assert desk.shell.commands == [
        "search", "lock", "transfers", "attach", "details", "add", "settings", "person_1",
        *several,
    ]  # fmt: skip
    assert desk.text.get("1.0", "end-1c") == ""


@pytest.mark.parametrize(("name", "letters"), LATIN.items())
def test_a_latin_layout_is_taken_at_its_word_and_once(
    desk: Desk, name: str, letters: str
) -> None:
    desk.layout(name)
    desk.at(desk.text)
    does = {one.keys[5].lower(): one.name for one in keys.COMMANDS if CTRL.fullmatch(one.keys)}
    does[","] = "settings"
    told = {}
    for place in "qwertyuiopasdfghjklzxcvbnm":
        desk.shell.commands.clear()
        desk.press(place)
        told[place] = list(desk.shell.commands)
    wanted = [does.get(letter) for letter in letters]
    assert list(told.values()) == [[one] if one else [] for one in wanted]
    assert {"quit", "lock", "search"} <= set(filter(None, wanted))


@pytest.mark.parametrize("name", ["ru", "us,ru"])
def test_a_field_is_edited_by_the_keys_at_their_places(desk: Desk, name: str) -> None:
    desk.layout(name)
    for field in (desk.text, desk.entry):
        desk.at(field)
        field.insert("insert", "words")
        for sign, left in (("a", 1), ("c", 1), ("x", 0), ("v", 1), ("v", 2)):
            desk.press(sign)
            assert held(desk, field).count("words") == left, sign
        assert desk.root.clipboard_get().strip() == "words"
    desk.text.edit_reset()
    desk.at(desk.text)
    for sign, left in (("v", 3), ("z", 2), ("y", 3)):
        desk.press(sign)
        assert held(desk, desk.text).count("words") == left, sign


def held(desk: Desk, field: tk.Text | ttk.Entry) -> str:
    return desk.text.get("1.0", "end-1c") if field is desk.text else desk.entry.get()


def test_messages_are_copied_by_the_key_at_its_place(desk: Desk) -> None:
    desk.layout("ru")
    copied: list[tuple[Item, ...]] = []
    view = ChatView(desk.root, desk.shell.theme, Hooks(copied=copied.append))
    view.pack(fill="both", expand=True)
    item = Said("0" * 32, False, "hello", 0, State.RECEIVED)
    view.show((item,))
    desk.at(view.canvas)
    view.select(item.key)
    desk.press("c")
    assert copied == [(item,)]
    view.destroy()


@pytest.mark.parametrize(
    ("keysym", "keycode", "state", "system", "key"),
    [
        (0x6CC, 45, 0x4, "x11", "k"),  # Cyrillic_el
        (0x6EC, 45, 0x5, "x11", "K"),
        (0x6EC, 45, 0x6, "x11", "K"),  # Caps Lock
        (0x6CC, 45, 0x7, "x11", "k"),
        (0x6CC, 45, 0xC, "x11", ""),  # Alt
        (0x20AC, 26, 0x84, "x11", ""),  # a euro by AltGr
        (0x6C2, 59, 0x4, "x11", "comma"),
        (0x6C2, 59, 0x5, "x11", ""),
        (0x100010A, 54, 0x4, "x11", ""),  # a letter with a mark is a Latin one
        (0x10010D9, 45, 0x4, "x11", "k"),  # Georgian
        (0xFE51, 45, 0x4, "x11", ""),  # a dead key
        (0x6CC, 200, 0x4, "x11", ""),
        (0, 0x4B, 0x4, "win32", "k"),
        (0xEB, 0x4B, 0x5, "win32", "K"),
        (0, 0xBC, 0x4, "win32", "comma"),
        (0x6B, 0x4B, 0x4, "win32", ""),
        (0, 0x4B, 0x20004, "win32", ""),  # AltGr
        (0xFFE3, 0x11, 0x4, "win32", ""),
        (0x6CC, 45, 0x4, "aqua", ""),
    ],
)
def test_the_key_that_is_meant(
    keysym: int, keycode: int, state: int, system: str, key: str
) -> None:
    assert latin.meant(keysym, keycode, state, system) == key


def test_of_several_events_the_one_with_most_modifiers_is_meant() -> None:
    events = {
        "<<Attach>>": ("<Control-Key-o>", "<Control-Key-O>"),
        "<<Folder>>": ("<Control-Shift-Key-O>", "<Control-Shift-Key-o>"),
        "<<Copy>>": ("<Control-Key-c>", "<Key-F16>", "<Control-Lock-Key-C>"),
        "<<Other>>": ("<Control-Key-x><Control-Key-o>", "<Button-2>", "<Alt-Key-o>"),
    }
    for key, state, name in (
        ("o", 0x4, "<<Attach>>"),
        ("O", 0x5, "<<Folder>>"),
        ("O", 0x6, "<<Attach>>"),
        ("c", 0x4, "<<Copy>>"),
        ("C", 0x6, "<<Copy>>"),
    ):
        assert latin.does(events, key, state) == (name,)
    assert latin.does(events, "C", 0x5) == latin.does(events, "p", 0x4) == ()
