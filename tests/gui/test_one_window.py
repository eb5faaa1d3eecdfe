"""One window for each profile: a second start shows the first, wherever and however it is."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from lanchat.gui.desktop_entry import WINDOW_CLASS
from lanchat.identity.fingerprint import invite
from lanchat.identity.keys import PeerId
from lanchat.node import profiles
from tests.kit.display import Display, end, program_of, wait_for
from tests.kit.program import Program

pytestmark = [pytest.mark.timeout(60), pytest.mark.multicast, pytest.mark.long]

KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"  # RFC 8032, 7.1
PHRASE = "granite otter paddles home"
OTHER = Path(__file__).parents[1] / "kit" / "otherwindow.py"
WORDS = ("--interface", "lo")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user with two profiles."""
    for name in ("default", "work"):
        folder = tmp_path / "ada" / "data" / "lanchat" / "profiles" / name
        asyncio.run(profiles.register(str(folder), name.title(), PHRASE, profiles.QUICK))
    return tmp_path / "ada"


@pytest.fixture
def cover(display: Display) -> Iterator[Callable[[], None]]:
    """`cover()`: the window of another program lies over everything and has the keys."""
    other = display.start([sys.executable, str(OTHER), "elsewhere", "1300x900+0+0"])
    window = display.window("elsewhere")

    def raised() -> None:
        display.focus(window)
        wait_for(lambda: active(display) == top(display) == window, "another window in front")

    yield raised
    end(other)


@pytest.fixture
def programs(display: Display, tmp_path: Path) -> Iterator[Callable[[], set[int]]]:
    """`programs()`: every program that has shown a window since the test began."""
    log = tmp_path / "windows.log"
    before = set(clients(display))
    with log.open("wb") as out:
        watching = display.start(
            ["xprop", "-root", "-spy", "_NET_CLIENT_LIST"], stdout=out, stderr=out
        )

    def seen() -> set[int]:
        found = {number for line in log.read_text().splitlines() for number in numbers(line)}
        return {program_of(one) for one in found - before}

    yield seen
    end(watching)


def numbers(line: str) -> list[int]:
    return [int(word, 16) for word in line.replace(",", " ").split() if word.startswith("0x")]


def clients(display: Display) -> list[int]:
    return numbers(display.run("xprop", "-root", "_NET_CLIENT_LIST"))


def active(display: Display) -> int:
    return numbers(display.run("xprop", "-root", "_NET_ACTIVE_WINDOW"))[0]


def top(display: Display) -> int:
    return numbers(display.run("xprop", "-root", "_NET_CLIENT_LIST_STACKING"))[-1]


def again(program: Program, *words: str) -> int:
    """Start the program a second time; its status, once it ends by itself."""
    done = subprocess.run(
        [sys.executable, "-m", "lanchat", *WORDS, *words],
        env=program.env, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    assert done.stderr == done.stdout == ""
    return done.returncode


def unlock(program: Program) -> None:
    program.write("passphrase", PHRASE)
    program.press("Return")
    program.widget("roster", 15)


def test_a_second_start_shows_the_first_window(
    display: Display,
    home: Path,
    launch: Callable[..., Program],
    cover: Callable[[], None],
    programs: Callable[[], set[int]],
) -> None:
    program = launch(home.name, *WORDS)
    assert f'"{WINDOW_CLASS}"' in display.run("xprop", "-id", str(program.window), "WM_CLASS")

    def shown_by_a_second_start(state: str) -> None:
        cover()
        assert again(program) == 0, state
        wait_for(
            lambda: active(display) == top(display) == program.window, f"in front, {state}"
        )
        wait_for(program.has_keys, f"the keys, {state}")

    program.widget("unlock")
    shown_by_a_second_start("before any passphrase")
    unlock(program)
    shown_by_a_second_start("open")
    given = invite(PeerId(bytes.fromhex(KEY)), ["192.0.2.7:4433"])
    cover()
    assert again(program, "gui", given) == 0
    program.wait_text("new_here", "192.0.2.7:4433")
    wait_for(lambda: program.ask("focus").startswith(".adding"), "the keys at the invite")
    display.key("Escape")
    wait_for(lambda: program.find("answered") is None, "the closed invite")
    program.press("ctrl+comma")
    program.widget("close")
    cover()
    assert again(program) == 0
    wait_for(lambda: program.ask("focus").startswith(".settings"), "the keys in its dialog")
    display.key("Escape")
    wait_for(lambda: program.find("close") is None, "the closed dialog")
    display.xdo("windowminimize", "--sync", program.window)
    shown_by_a_second_start("minimised")
    program.press("ctrl+l")
    program.widget("unlock")
    shown_by_a_second_start("locked")
    display.xdo("windowminimize", "--sync", program.window)
    shown_by_a_second_start("locked and minimised")
    assert programs() == {program_of(program.window)}  # no other start showed a window
    assert program.close(5) == 0


def test_a_window_is_locked_while_the_owner_of_the_clipboard_hangs(
    display: Display, home: Path, launch: Callable[..., Program]
) -> None:
    program = launch(home.name, *WORDS)
    unlock(program)
    words = (
        "import tkinter as tk; r = tk.Tk(); r.clipboard_clear(); r.title('hangs'); r.mainloop()"
    )
    owner = display.start([sys.executable, "-c", words])
    display.window("hangs")
    try:
        owner.send_signal(signal.SIGSTOP)
        program.press("ctrl+l")
        program.widget("unlock")
    finally:
        owner.send_signal(signal.SIGCONT)
    assert program.close(5) == 0


def test_two_profiles_have_two_windows(
    display: Display, home: Path, launch: Callable[..., Program], tmp_path: Path
) -> None:
    program = launch(home.name, *WORDS)
    program.widget("unlock")
    before = set(clients(display))
    second = display.start(
        [sys.executable, "-m", "lanchat", *WORDS, "--profile", "work"], env=program.env
    )
    (window,) = wait_for(lambda: set(clients(display)) - before, "a second window")
    wait_for(lambda: active(display) == window, "its keys")
    display.focus(program.window)
    assert again(program, "--profile", "work") == 0
    wait_for(lambda: active(display) == top(display) == window, "the second in front")
    assert again(program) == 0
    wait_for(lambda: active(display) == top(display) == program.window, "the first in front")
    end(second)

    # the profile that was opened last is the one that is meant
    unlock(program)
    assert again(program, "--profile", "default") == 0
    assert program.close(5) == 0


def test_of_many_starts_at_once_one_window_stays(
    display: Display, home: Path, launch: Callable[..., Program], tmp_path: Path
) -> None:
    program = launch(home.name, *WORDS, "--profile", "work")  # for its surroundings
    before = set(clients(display))
    started = [
        display.start([sys.executable, "-m", "lanchat", *WORDS], env=program.env)
        for _start in range(3)
    ]
    ended = wait_for(lambda: sorted_out(started), "one that stays", 20)
    assert [process.returncode for process in ended] == [0, 0]
    wait_for(lambda: len(set(clients(display)) - before) == 1, "its window")
    for process in started:
        end(process)


def sorted_out(
    started: "Sequence[subprocess.Popen[bytes]]",
) -> "list[subprocess.Popen[bytes]]":
    """Those that ended, once only one goes on."""
    ended = [process for process in started if process.poll() is not None]
    return ended if len(ended) == len(started) - 1 else []
