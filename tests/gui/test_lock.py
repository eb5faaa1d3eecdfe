import asyncio
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lanchat.gui import idle
from lanchat.gui.composer import Composer
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.screen import Screen
from lanchat.identity.keys import PeerId
from lanchat.node import acts, profiles
from tests.gui.windows import PHRASE, Seat, texts

PLANTED = ("zanzibar at noon", "quokka in the drawer", "Theodora")


@pytest.fixture
def seat(home: Path, sit: Callable[..., Seat]) -> Seat:
    """Ada's window, and Theodora's profile beside hers."""
    asyncio.run(profiles.register(str(home / "other"), "Theodora", PHRASE, profiles.QUICK))
    return sit()


@pytest.mark.multicast
def test_a_locked_window_holds_nothing_of_anybody(seat: Seat, tmp_path: Path) -> None:
    seat.until(lambda: seat.window.screen.me is not None, "the open profile")
    me = seat.window.screen.me
    assert me is not None
    saying = subprocess.Popen(
        [sys.executable, "-m", "lanchat", "say", str(me.peer_id), PLANTED[0],
         "--profile", str(tmp_path / "other"),
         "--passphrase-file", str(tmp_path / "passphrase"),
         "--interface", "lo", "--wait", "10"],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    seat.until(lambda: saying.poll() is not None, "the message is on its way")
    assert saying.returncode == 0
    people = seat.window.screen.people  # perhaps others than Theodora are near, too
    (person,) = (one for one, about in people.items() if about.last is not None)
    seat.window.do(PeerChosen(person))
    seat.until(lambda: any(PLANTED[0] in text for text in texts(seat.root)), "the message")
    seat.type(PLANTED[1], "composer")
    seat.root.clipboard_clear()
    seat.root.clipboard_append(PLANTED[0])
    seat.settle()

    seat.window.lock()

    held = [(word, text) for text in texts(seat.root) for word in PLANTED if word in text]
    assert not held
    seat.until(lambda: seat.has("unlock"), "the way in")
    assert seat.root.title() == "lanchat"
    assert seat.window.screen.people == {}
    assert seat.window.screen.conversation is None


def test_a_window_that_nobody_touches_locks_by_itself_and_keeps_what_was_begun(
    sit: Callable[..., Seat], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle, "LOOK", 20)  # ms
    seat, bob = sit(), PeerId(b"\2" * 32)
    seat.window.ask(lambda node: acts.call(node, bob, PLANTED[2]))
    seat.until(lambda: bob in seat.window.screen.people, "somebody")
    seat.window.do(PeerChosen(bob))
    seat.window.ask(lambda node: acts.write(node, bob, PLANTED[0]))
    seat.until(lambda: any(PLANTED[0] in text for text in texts(seat.root)), "the message")
    seat.type(PLANTED[1], "composer")

    monkeypatch.setattr(idle, "MINUTE", 0.001)
    seat.until(lambda: (me := seat.window.screen.me) and me.showing.idle, "a look")
    assert seat.has("composer")  # it is never to lock
    for word in PLANTED:
        assert any(word in text for text in texts(seat.root)), word
    seat.window.prefer(replace(seat.window.preferences, lock_after=1))
    seat.until(lambda: seat.has("unlock"), "the way in")

    held = [(word, text) for text in texts(seat.root) for word in PLANTED if word in text]
    assert not held
    assert seat.window.screen == Screen()
    monkeypatch.setattr(idle, "MINUTE", 60.0)
    seat.type(PHRASE, "passphrase")
    seat.press("<Return>")
    seat.until(lambda: seat.window.screen.me is not None, "the open profile")
    assert seat.window.screen.drafts == {bob: PLANTED[1]}


class Clock:
    """Time that passes when a test says so, and how often it was looked at."""

    def __init__(self) -> None:
        self.now, self.looks = 1000.0, 0

    def __call__(self, _clock: int = 0) -> float:
        self.looks += 1
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that goes on while the computer is suspended, as Linux has it."""
    clock = Clock()
    monkeypatch.setattr(idle, "_BOOTTIME", 7)
    monkeypatch.setattr("lanchat.gui.idle.time.clock_gettime", clock)
    monkeypatch.setattr(idle, "LOOK", 20)  # ms
    return clock


def test_whoever_reads_by_any_key_is_there_and_a_suspended_computer_is_left_alone(
    clock: Clock, sit: Callable[..., Seat]
) -> None:
    seat, bob = sit(), PeerId(b"\2" * 32)
    window = seat.window
    window.prefer(replace(window.preferences, lock_after=1, away_after=0))
    window.ask(lambda node: acts.call(node, bob, PLANTED[2]))
    seat.until(lambda: bob in window.screen.people, "somebody")
    window.do(PeerChosen(bob))
    window.ask(lambda node: acts.write(node, bob, PLANTED[0]))
    seat.until(lambda: any(PLANTED[0] in text for text in texts(seat.root)), "the message")

    def looked() -> bool:
        """After two looks at least one came after the key."""
        return clock.looks > before + 2

    for name, keys in (
        ("people", ("<Down>", "<Next>", "<Alt-Down>", "<F6>")),
        ("canvas", ("<Up>", "<Prior>", "<Control-Key-plus>", "<Tab>")),
        ("composer", ("<a>", "<Button-1>")),
    ):
        for key in keys:
            seat.find(name).focus_force()
            seat.root.update()
            clock.now += 50
            seat.press(key)
            before = clock.looks
            seat.until(looked, "a look")
            assert window.screen.me is not None, (name, key)

    seat.find("people").focus_force()
    seat.root.update()
    clock.now += 24 * 3600  # another day, another hand
    seat.find("people").event_generate("<Down>")
    assert window.screen.me is None
    seat.until(lambda: seat.has("unlock"), "the way in")


def test_where_no_clock_goes_on_a_jump_of_the_time_of_day_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(idle, "_BOOTTIME", None)
    then = idle.moment()
    assert 0 <= idle.passed(then) < 3600
    monkeypatch.setattr("lanchat.gui.idle.time.time", lambda: then[1] + 24 * 3600)
    assert idle.passed(then) >= 24 * 3600
    monkeypatch.setattr("lanchat.gui.idle.time.time", lambda: then[1] - 24 * 3600)
    assert idle.passed(then) >= 0


def test_a_fault_in_keeping_what_was_begun_stops_no_lock(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = IndexError("a bug")

    def fails(_composer: Composer) -> None:
        raise fault

    seat.window.ask(lambda node: acts.call(node, PeerId(b"\2" * 32), PLANTED[2]))
    seat.until(lambda: any(PLANTED[2] in text for text in texts(seat.root)), "somebody")
    monkeypatch.setattr(Composer, "hand_over", fails)
    seat.window.lock()
    assert seat.raised == [fault]
    seat.raised.clear()
    seat.until(lambda: seat.has("unlock"), "the way in")
    assert not [text for text in texts(seat.root) if PLANTED[2] in text]
