"""As dark as the desktop: a real session bus, a portal on it, and a window that never waits."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from lanchat.gui import appearance, daylight
from lanchat.gui.daylight import Portal
from lanchat.gui.preferences import load
from lanchat.gui.theme import Mode
from lanchat.gui.tokens import TOKENS
from lanchat.node import choices
from tests.gui.windows import Seat
from tests.kit.display import Display, wait_for
from tests.kit.program import Program
from tests.kit.session_bus import SessionBus

pytestmark = pytest.mark.long

DARK, LIGHT = 1, 2  # as the portal says it
NEW, OLD = ("ReadOne", "Read"), ("Read",)  # how version 1.17 can be asked, and those before


@pytest.fixture
def bus(display: Display, monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionBus]:
    with SessionBus() as session:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", session.address)
        yield session


@pytest.fixture
def sit(desk: Path) -> Iterator[Callable[..., Seat]]:
    """`sit(known=Mode.DARK)`: the way in, in what the desktop was last, following it."""
    sitting: list[Seat] = []

    def down(known: Mode = Mode.LIGHT) -> Seat:
        seat = Seat()
        sitting.append(seat)
        window = seat.window
        window.prefer(replace(window.preferences, desktop_dark=known is Mode.DARK))
        assert window.theme.mode is known
        daylight.follow(window)
        return seat

    yield down
    for seat in sitting:
        seat.leave()


def becomes(seat: Seat, mode: Mode) -> None:
    seat.until(lambda: seat.window.theme.mode is mode, mode)
    assert kept() is mode
    assert seat.window.toasts.texts == ()


def kept() -> Mode:
    """What the next window begins with."""
    return appearance.mode(load(choices.read(choices.place("window"))))


@pytest.mark.parametrize("methods", [NEW, OLD], ids=["ReadOne", "only Read"])
def test_a_dark_desktop_makes_a_dark_window(
    methods: tuple[str, ...], sit: Callable[..., Seat], bus: SessionBus
) -> None:
    bus.portal(DARK, *methods)
    becomes(sit(), Mode.DARK)


def test_the_window_changes_with_the_desktop(sit: Callable[..., Seat], bus: SessionBus) -> None:
    portal = bus.portal(LIGHT, *OLD)
    seat = sit(Mode.DARK)
    becomes(seat, Mode.LIGHT)
    for scheme, mode in ((DARK, Mode.DARK), (LIGHT, Mode.LIGHT), (DARK, Mode.DARK)):
        portal.do("change", scheme)
        becomes(seat, mode)


def test_a_portal_that_comes_later_is_asked_too(
    sit: Callable[..., Seat], bus: SessionBus
) -> None:
    seat = sit(Mode.DARK)
    becomes(seat, Mode.LIGHT)  # nobody was there
    bus.portal(DARK, *NEW)
    becomes(seat, Mode.DARK)


def test_a_window_that_is_to_be_light_stays_so_and_knows_what_the_desktop_is(
    sit: Callable[..., Seat], bus: SessionBus
) -> None:
    bus.portal(DARK, *NEW)
    seat = sit()
    window = seat.window
    window.prefer(replace(window.preferences, appearance="light"))
    seat.until(lambda: window.preferences.desktop_dark, "the desktop to be heard of")
    modes = [window.theme.mode]
    window.prefer(replace(window.preferences, appearance="system"))
    assert [*modes, window.theme.mode] == [Mode.LIGHT, Mode.DARK]


@pytest.mark.parametrize(
    "methods", [None, (), ("SomethingElse",), NEW], ids=["no bus", "nobody", "neither", "error"]
)
def test_a_desktop_that_cannot_say_is_light(
    methods: tuple[str, ...] | None, sit: Callable[..., Seat], request: pytest.FixtureRequest
) -> None:
    if methods is None:
        monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    else:
        session: SessionBus = request.getfixturevalue("bus")
        if methods:
            session.portal(0, *methods)  # of nothing it says what it is
    becomes(sit(Mode.DARK), Mode.LIGHT)


def test_what_listens_where_nobody_speaks_is_still_there_later(
    sit: Callable[..., Seat], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    becomes(sit(Mode.DARK), Mode.LIGHT)
    gc.collect()  # as the window does now and then
    assert [one.getMessage() for one in caplog.records if one.name == "asyncio"] == []


def test_nobody_waits_for_a_portal_that_takes_long(
    sit: Callable[..., Seat], bus: SessionBus
) -> None:
    portal = bus.portal(DARK, *NEW, "late")
    seat = sit()
    seat.until(lambda: portal.rows("asked"), "it is asked")
    seat.window.command("zoom_in")
    assert (seat.window.theme.mode, seat.window.theme.zoom) == (Mode.LIGHT, 1.1)
    assert len(portal.rows("asked")) == 1  # what the user prefers asks nobody
    portal.do("answer", 0)
    becomes(seat, Mode.DARK)
    assert seat.window.theme.zoom == 1.1


def test_a_window_closes_while_the_portal_is_still_asked(
    sit: Callable[..., Seat], bus: SessionBus
) -> None:
    portal = bus.portal(DARK, *NEW, "late")
    seat = sit()
    seat.until(lambda: portal.rows("asked"), "it is asked")
    seat.leave()
    assert kept() is Mode.LIGHT


async def test_only_the_portal_is_believed(bus: SessionBus) -> None:
    service = bus.portal(LIGHT, *NEW)
    told: asyncio.Queue[bool] = asyncio.Queue()
    listening = asyncio.create_task(Portal(told.put_nowait).listen())
    assert await told.get() is False
    service.do("lie", DARK)
    await asyncio.to_thread(wait_for, lambda: service.rows("lied"), "the lie")
    service.do("change", LIGHT)
    assert await told.get() is False
    listening.cancel()
    await asyncio.wait({listening})


def test_the_next_window_is_right_from_the_beginning(
    launch: Callable[..., Program], bus: SessionBus, display: Display, tmp_path: Path
) -> None:
    def colour(program: Program) -> str:
        file = display.picture(tmp_path / "window.png", program.window)
        with Image.open(file) as picture:
            red, green, blue = picture.convert("RGB").getpixel((60, 60))  # type: ignore[misc]  # of RGB
        return f"#{red:02x}{green:02x}{blue:02x}"

    on_bus = {"DBUS_SESSION_BUS_ADDRESS": bus.address}
    portal = bus.portal(DARK, *OLD)
    first = launch("ann", env=on_bus)
    dark = TOKENS[Mode.DARK].window
    wait_for(lambda: colour(first) == dark, "a dark window")
    first.end()
    portal.end()
    bus.portal(DARK, *OLD, "late")
    assert colour(launch("ann", env=on_bus)) == dark
