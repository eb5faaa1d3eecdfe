import asyncio
import sys
import time
import tkinter as tk
from collections.abc import Iterator
from pathlib import Path
from tkinter import ttk
from types import SimpleNamespace

import pytest

from lanchat.gui import appearance, lent, login
from lanchat.gui.given import Given
from lanchat.gui.preferences import Preferences
from lanchat.gui.shell import Page
from lanchat.gui.state import Screen
from lanchat.gui.waits import Waits
from lanchat.node import acts, profiles
from lanchat.node.fleeting import UNTIL_CLOSED
from tests.gui.windows import Seat, texts
from tests.kit import monitors
from tests.kit.display import Display, end

PHRASE = "granite otter paddles home"


class Opened(Page):
    """Where the real panes are not what a test is about."""

    def __init__(self, root: tk.Misc, _shell: object) -> None:
        super().__init__(root, name="main", style="TFrame")
        self.label = ttk.Label(self, name="who")
        self.label.pack()

    def show(self, screen: Screen) -> None:
        self.label.configure(text=screen.me.name if screen.me else "")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, display: Display) -> Path:
    for name in ("DATA", "CONFIG", "CACHE", "RUNTIME"):
        place = tmp_path / name.lower()
        place.mkdir(mode=0o700)
        monkeypatch.setenv(f"XDG_{name}_{'DIR' if name == 'RUNTIME' else 'HOME'}", str(place))
    monkeypatch.setenv("DISPLAY", display.name)
    monkeypatch.setattr(login, "_WAITS", Waits())
    stand_in = SimpleNamespace(MainPage=Opened)  # what opens is not what this is about
    monkeypatch.setitem(sys.modules, "lanchat.gui.main_page", stand_in)
    return tmp_path


@pytest.fixture
def seats(home: Path) -> Iterator[list[Seat]]:
    taken: list[Seat] = []
    yield taken
    for seat in taken:
        seat.leave()


def made(place: str, name: str) -> None:
    asyncio.run(profiles.register(place, name, PHRASE, profiles.QUICK))


def sit(seats: list[Seat], given: Given | None = None) -> Seat:
    seats.append(Seat(given))
    return seats[-1]


def test_without_a_profile_the_window_asks_for_a_name(seats: list[Seat]) -> None:
    seat = sit(seats)
    assert seat.focus() == "name"
    assert seat.find("name").get() == ""  # type: ignore[attr-defined]
    assert not seat.enabled("create")
    assert seat.says("reason") == "Enter the name that others will see."


def test_a_profile_is_made_by_keyboard_alone(seats: list[Seat]) -> None:
    seat = sit(seats)
    seat.type("Ada", "name")
    assert seat.says("name_note") == "Others see: Ada"
    seat.press("<Return>")
    assert seat.focus() == "passphrase"
    seat.type(PHRASE, "passphrase")
    seat.press("<Return>")
    assert seat.focus() == "repeat"
    assert not seat.enabled("create")
    seat.type(PHRASE, "repeat")
    assert seat.enabled("create")
    seat.press("<Return>")
    assert not seat.enabled("name")
    seat.until(lambda: seat.has("start"), "who can see you")
    assert profiles.exists("default")
    assert seat.focus() == "start"
    assert not any(PHRASE in text for text in texts(seat.root))
    seat.press("<Return>")
    seat.until(lambda: seat.has("who"), "the open profile")
    assert seat.says("who") == "Ada"


@pytest.mark.parametrize("saved", [True, False])
def test_messages_are_saved_unless_the_tick_is_taken_away(
    saved: bool, seats: list[Seat]
) -> None:
    seat = sit(seats)
    seat.type("Ada", "name")
    for field in ("passphrase", "repeat"):
        seat.type(PHRASE, field)
    box = seat.find("save_messages")
    assert isinstance(box, ttk.Checkbutton)
    assert box.instate(["selected", "!alternate"])
    if not saved:
        box.focus_force()
        seat.press("<space>")
    seat.find("create").invoke()  # type: ignore[attr-defined]  # a button
    seat.until(lambda: seat.has("start"), "who can see you")
    seat.press("<Return>")
    seat.until(lambda: seat.has("who"), "the open profile")
    found: list[int] = []
    seat.window.ask(acts.kept, found.append)
    seat.until(lambda: found, "for how long")
    assert found == [0 if saved else UNTIL_CLOSED]


def test_a_short_passphrase_is_named_beside_its_field_and_has_the_focus(
    seats: list[Seat],
) -> None:
    seat = sit(seats)
    seat.type("Ada", "name")
    seat.type("short", "passphrase")
    seat.type("short", "repeat")
    seat.press("<Return>")
    assert seat.focus() == "passphrase"
    assert "at least 8" in seat.says("passphrase_note")


def test_a_repeat_that_differs_is_said_while_it_is_typed(seats: list[Seat]) -> None:
    seat = sit(seats)
    seat.type("Ada", "name")
    seat.type(PHRASE, "passphrase")
    seat.type("granites", "repeat")
    assert seat.says("repeat_note") == "The two passphrases differ."
    assert not seat.enabled("create")


def test_the_strength_is_said_and_its_bar_grows(seats: list[Seat]) -> None:
    seat = sit(seats)
    seat.type("password", "passphrase")
    seat.until(lambda: "Weak" in seat.says("passphrase_note"), "a word")
    seat.type(" xvq otters", "passphrase")
    seat.until(lambda: "Weak" not in seat.says("passphrase_note"), "another word")


def test_a_suggestion_needs_to_be_copied_or_typed_once(seats: list[Seat]) -> None:
    seat = sit(seats)
    seat.type("Ada", "name")
    seat.find("suggest").invoke()  # type: ignore[attr-defined]
    seat.settle()
    words = str(seat.find("passphrase").get())  # type: ignore[attr-defined]
    assert len(words.split()) == 6
    assert str(seat.find("passphrase").cget("show")) == ""
    assert not seat.enabled("create")
    assert seat.focus() == "copy"
    seat.press("<space>")
    assert seat.root.clipboard_get() == words
    assert seat.enabled("create")


def test_what_was_suggested_goes_from_the_clipboard_again(seats: list[Seat]) -> None:
    seat = sit(seats)
    seat.find("suggest").invoke()  # type: ignore[attr-defined]
    seat.find("copy").invoke()  # type: ignore[attr-defined]
    seat.settle()
    seat.window.clipboard.empty()  # as the clock would
    with pytest.raises(tk.TclError):
        seat.root.clipboard_get()


def test_a_secret_that_was_lent_takes_nothing_along_that_was_copied_after_it(
    seats: list[Seat], monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = sit(seats)
    monkeypatch.setattr(lent, "SECONDS", 0)
    seat.window.clipboard.lend("granite otter")
    seat.root.clipboard_clear()
    seat.root.clipboard_append("a shopping list")
    seat.settle()
    assert seat.root.clipboard_get() == "a shopping list"
    seat.window.clipboard.lend("granite otter")
    seat.settle()
    with pytest.raises(tk.TclError):
        seat.root.clipboard_get()


def test_what_another_program_copied_stays_on_the_clipboard(
    seats: list[Seat], display: Display
) -> None:
    seat = sit(seats)
    seat.find("suggest").invoke()  # type: ignore[attr-defined]
    seat.find("copy").invoke()  # type: ignore[attr-defined]
    words = (
        "import tkinter as tk; r = tk.Tk(); r.clipboard_clear();"
        "r.clipboard_append('a shopping list'); r.title('list'); r.mainloop()"
    )
    other = display.start([sys.executable, "-c", words])
    try:
        display.window("list")
        seat.settle()
        seat.window.clipboard.empty()
        assert seat.root.clipboard_get() == "a shopping list"
    finally:
        end(other)


def test_the_eye_shows_both_passphrases_and_hides_them(seats: list[Seat]) -> None:
    seat = sit(seats)
    seat.type("one", "passphrase")
    eye = seat.find("passphrase_eye")
    for shown in (True, False):
        eye.invoke()  # type: ignore[attr-defined]
        seat.settle()
        for name in ("passphrase", "repeat"):
            assert (str(seat.find(name).cget("show")) == "") is shown


def test_caps_lock_is_said_under_the_field(seats: list[Seat]) -> None:
    seat = sit(seats)
    entry = seat.find("passphrase")
    entry.focus_force()
    seat.settle()
    entry.event_generate("<KeyPress>", keysym="A", state=0x2)
    seat.settle()
    assert seat.says("passphrase_note") == "Caps Lock is on."
    entry.event_generate("<KeyPress>", keysym="a", state=0)
    seat.settle()
    assert seat.says("passphrase_note") != "Caps Lock is on."


def test_the_folder_of_the_profile_is_shown_on_request(seats: list[Seat], home: Path) -> None:
    seat = sit(seats)
    seat.find("where").invoke()  # type: ignore[attr-defined]
    seat.settle()
    assert seat.says("folder") == str(home / "data/lanchat/profiles/default")


def test_a_profile_opens_with_its_passphrase(seats: list[Seat]) -> None:
    made("default", "Ada")
    seat = sit(seats)
    assert seat.says("title") == "Ada"
    assert seat.focus() == "passphrase"
    seat.type(PHRASE, "passphrase")
    seat.press("<Return>")
    seat.until(lambda: seat.has("who"), "the open profile")
    assert not any(PHRASE in text for text in texts(seat.root))


def test_a_wrong_passphrase_is_said_and_the_next_try_waits(seats: list[Seat]) -> None:
    made("default", "Ada")
    seat = sit(seats)
    for seconds in ("Wait 1 s.", "Wait 2 s."):
        seat.until(lambda: seat.enabled("unlock"), "the next try")
        seat.type("something else", "passphrase")
        seat.press("<Return>")
        seat.until(lambda: "does not open" in seat.says("passphrase_note"), "a word")
        seat.until(
            lambda wait=seconds: wait in seat.says("passphrase_note"),  # type: ignore[misc]
            "the wait",
        )
        assert not seat.enabled("unlock")
        assert seat.find("passphrase").get() == ""  # type: ignore[attr-defined]


def test_another_page_does_not_shorten_the_wait(seats: list[Seat]) -> None:
    made("default", "Ada")
    seat = sit(seats)
    for _try in range(4):
        login._WAITS.failed("default", time.monotonic())
    seat.find("new_profile").invoke()  # type: ignore[attr-defined]
    seat.settle()
    assert seat.focus() == "name"
    seat.press("<Escape>")
    seat.settle()
    assert not seat.enabled("unlock")
    assert "Wait 8 s." in seat.says("passphrase_note")


def test_several_profiles_are_picked_by_keyboard(seats: list[Seat]) -> None:
    made("ada", "Ada")
    made("grace", "Grace")
    seat = sit(seats, Given(profile="ada", interfaces=("lo",)))
    assert seat.focus() == "passphrase"
    seat.find("profiles").focus_force()
    seat.press("<Down>")
    seat.press("<Return>")
    assert seat.focus() == "passphrase"
    seat.type(PHRASE, "passphrase")
    seat.press("<Return>")
    seat.until(lambda: seat.has("who"), "the open profile")
    assert seat.says("who") == "Grace"


def test_a_wrong_try_counts_for_the_profile_that_was_tried(seats: list[Seat]) -> None:
    made("ada", "Ada")
    made("grace", "Grace")
    seat = sit(seats, Given(profile="ada", interfaces=("lo",)))
    seat.type("something else", "passphrase")
    seat.find("unlock").invoke()  # type: ignore[attr-defined]  # a button
    seat.find("profiles").event_generate("<Button-1>", x=20, y=seat.window.theme.px(90))
    seat.until(lambda: "does not open" in seat.says("passphrase_note"), "a word")
    now = time.monotonic()
    assert (login._WAITS.left("grace", now), login._WAITS.left("ada", now) > 0) == (0, True)
    seat.find("profiles").focus_force()
    seat.press("<Down>")
    assert seat.says("passphrase_note") == ""
    assert seat.enabled("unlock")


def test_a_further_profile_gets_a_folder_of_its_own(seats: list[Seat]) -> None:
    made("default", "Ada")
    seat = sit(seats)
    seat.find("new_profile").invoke()  # type: ignore[attr-defined]
    seat.settle()
    seat.type("Grace", "name")
    seat.type(PHRASE, "passphrase")
    seat.press("<Return>")
    seat.type(PHRASE, "repeat")
    seat.press("<Return>")
    seat.until(lambda: seat.has("start"), "who can see you")
    assert profiles.exists("grace")


def test_a_profile_that_another_process_holds_is_said_with_its_number(
    seats: list[Seat],
) -> None:
    made("default", "Ada")
    held = profiles.hold("default")
    try:
        seat = sit(seats)
        seat.type(PHRASE, "passphrase")
        seat.press("<Return>")
        seat.until(lambda: "holds this profile" in seat.says("passphrase_note"), "a word")
        assert seat.enabled("unlock")
    finally:
        held.release()


def test_a_passphrase_file_opens_at_the_start_and_never_again(
    seats: list[Seat], home: Path
) -> None:
    made("default", "Ada")
    file = home / "passphrase"
    file.write_text(PHRASE + "\n")
    seat = sit(seats, Given(passphrase_file=str(file), interfaces=("lo",)))
    seat.until(lambda: seat.has("who"), "the open profile")
    seat.window.lock()
    seat.until(lambda: seat.has("unlock"), "the way in")
    seat.settle()
    assert seat.enabled("unlock")


def test_a_passphrase_file_that_is_missing_is_said(seats: list[Seat], home: Path) -> None:
    made("default", "Ada")
    seat = sit(seats, Given(passphrase_file=str(home / "nothing"), interfaces=("lo",)))
    seat.until(lambda: "cannot be read" in seat.says("passphrase_note"), "a word")
    assert seat.enabled("passphrase")


def test_a_low_window_shows_all_of_the_form_and_a_lower_one_scrolls(seats: list[Seat]) -> None:
    seat = sit(seats)
    px = seat.window.theme.px
    canvas = seat.find("scrolled")
    for height, scrolls in ((700, False), (480, False), (320, True)):
        seat.root.minsize(1, 1)
        high = px(height)
        seat.root.geometry(f"{px(720)}x{high}")
        seat.until(
            lambda high=high: abs(canvas.winfo_height() - high) < 2,  # type: ignore[misc]
            "the size",
        )
        seat.settle()
        top, bottom = canvas.yview()  # type: ignore[attr-defined]
        assert (bottom - top < 1) is scrolls
    seat.find("where").focus_force()
    seat.settle()

    def bottom_of(one: tk.Misc) -> int:
        return one.winfo_rooty() + one.winfo_height()

    assert bottom_of(seat.find("where")) <= bottom_of(canvas)
    seat.press("<space>")
    assert seat.has("folder")
    assert bottom_of(seat.find("folder")) <= bottom_of(canvas)


def test_zoom_and_mode_go_through_the_way_in(seats: list[Seat]) -> None:
    made("ada", "Ada")
    made("grace", "Grace")
    seat = sit(seats, Given(profile="ada", interfaces=("lo",)))
    for command in ("zoom_in", "zoom_in", "zoom_out", "zoom_reset"):
        seat.window.command(command)
        seat.settle()
    seat.type("still here", "passphrase")
    assert seat.find("passphrase").get() == "still here"  # type: ignore[attr-defined]


def test_no_zoom_makes_a_window_that_the_screen_has_no_room_for(seats: list[Seat]) -> None:
    seat = sit(seats)
    theme, root = seat.window.theme, seat.root
    wide, high = root.winfo_screenwidth(), root.winfo_screenheight()
    least = theme.px(720), theme.px(480)
    assert root.minsize() == least
    root.geometry(f"{least[0]}x{least[1]}+{wide - least[0] - 20}+{high - least[1] - 60}")
    seat.until(lambda: root.winfo_width() == least[0], "a small window in a corner")

    theme.switch(zoom=4)  # as 200 % on a screen of half the size
    seat.until(lambda: root.winfo_width() > wide - 60, "as wide as the screen")
    seat.until(lambda: root.winfo_rootx() >= 0 and root.winfo_rooty() >= 0, "its place")
    assert root.winfo_rootx() + root.winfo_width() <= wide + 20  # a frame of the desktop's
    assert root.winfo_rooty() + root.winfo_height() <= high
    assert all(one <= most for one, most in zip(root.minsize(), (wide, high), strict=True))
    first = appearance.geometry(root, theme, Preferences())
    size = map(int, first.split("x"))
    assert all(one <= most for one, most in zip(size, (wide, high), strict=True))
    with monitors.one_more(root, 800, 600):  # beside which the whole is of no use
        theme.switch(zoom=3)
        assert root.minsize()[0] == 800
        assert root.minsize()[1] <= 600

    theme.switch(zoom=1)
    assert root.minsize() == least
    root.geometry("x".join(map(str, least)))
    seat.until(lambda: root.winfo_width() == least[0], "small again")
