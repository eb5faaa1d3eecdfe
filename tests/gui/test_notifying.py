"""Being told while elsewhere: a real session bus, a desktop on it, a window behind another."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lanchat.conversation.message import Message
from lanchat.gui.given import Given
from lanchat.identity.trust import Contact, Trust
from lanchat.node import profiles
from lanchat.node.events import ContactChanged, MessageAdded, OfferReceived
from tests.gui.windows import PHRASE, Seat
from tests.kit.display import Display, end, wait_for
from tests.kit.people import peer, said
from tests.kit.session_bus import Desktop, SessionBus

pytestmark = [pytest.mark.multicast, pytest.mark.long]

OTHER = Path(__file__).parents[1] / "kit" / "otherwindow.py"
ALL = ("actions", "body", "body-markup")


@pytest.fixture
def bus(display: Display, monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionBus]:
    with SessionBus() as session:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", session.address)
        yield session


@pytest.fixture
def sit(home: Path, sit: Callable[..., Seat], display: Display) -> Iterator[Callable[[], Seat]]:
    """`sit()`: an open window behind that of another program, which has the keys."""
    asyncio.run(profiles.register(str(home / "other"), "Theodora", PHRASE, profiles.QUICK))
    others: list[subprocess.Popen[bytes]] = []

    def start() -> Seat:
        seat = sit()
        others.append(display.start([sys.executable, str(OTHER), "elsewhere", "900x700+0+0"]))
        over = display.window("elsewhere")
        display.focus(over)
        seat.until(lambda: not seat.window.screen.focused, "the keys to be elsewhere")
        return seat

    yield start
    for other in others:
        end(other)


def hear(seat: Seat, message: Message, name: str, trust: Trust = Trust.KNOWN) -> None:
    """A message came in, as the node tells it."""
    seat.window._heard(MessageAdded(message, name, trust))


def notices(seat: Seat, desktop: Desktop, count: int) -> list[dict[str, object]]:
    """The notices, once there are so many."""
    seat.until(lambda: len(desktop.notices) >= count, f"{count} notices")
    return desktop.notices


def in_front(display: Display, seat: Seat) -> bool:
    """Whether the window has the keys and lies above all others."""
    ours = display.around(int(seat.root.winfo_id()))
    active = display.run("xprop", "-root", "_NET_ACTIVE_WINDOW")
    stacking = display.run("xprop", "-root", "_NET_CLIENT_LIST_STACKING")
    return int(active.split()[-1], 16) == ours == int(stacking.split()[-1], 16)


def icon_dots(display: Display, window: int) -> int:
    """How many pixels of the window's icon, as the window manager has it, are of the dot."""
    told = display.run("xprop", "-id", str(window), "-notype", "32c", "_NET_WM_ICON")
    numbers = [int(word) for word in told.partition("=")[2].split(",")]
    red = [n for n in numbers if n >> 24 == 0xFF and n & 0xFFFFFF == 0xEF4444]
    return len(red)


def test_who_writes_is_told_of_and_a_click_leads_there(
    sit: Callable[[], Seat], bus: SessionBus, display: Display, tmp_path: Path
) -> None:
    desktop = bus.desktop(*ALL)
    seat = sit()
    me = seat.window.screen.me
    assert me is not None
    assert not in_front(display, seat)
    assert icon_dots(display, display.around(seat.root.winfo_id())) == 0
    saying = subprocess.Popen(
        [sys.executable, "-m", "lanchat", "say", str(me.peer_id), "zanzibar at noon",
         "--profile", str(tmp_path / "other"),
         "--passphrase-file", str(tmp_path / "passphrase"),
         "--interface", "lo", "--wait", "10"],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    seat.until(lambda: saying.poll() is not None, "the message is on its way")
    (notice,) = notices(seat, desktop, 1)
    assert notice["headline"] == "\u2068Theodora\u2069, who is new here, wrote to you"
    assert notice["body"] == ""
    assert notice["actions"] == ["default", "Open"]
    assert "zanzibar" not in str(desktop.rows("notify"))

    outer = display.around(seat.root.winfo_id())
    assert '"(1) lanchat"' in display.run("xprop", "-id", str(outer), "_NET_WM_NAME")
    assert icon_dots(display, outer) > 100

    desktop.do("click", int(str(notice["number"])))
    seat.until(lambda: in_front(display, seat), "the window in front")
    screen = seat.window.screen
    assert screen.chosen is not None
    assert screen.people[screen.chosen].name == "Theodora"
    seat.until(lambda: not seat.window.screen.unread, "the message was seen")
    seat.until(lambda: seat.root.title() == "lanchat", "the title")
    seat.settle()
    assert icon_dots(display, outer) == 0


def test_words_are_shown_if_wanted_and_never_as_markup(
    sit: Callable[[], Seat], bus: SessionBus
) -> None:
    desktop = bus.desktop(*ALL)
    seat = sit()
    hostile = '<b>&amp;</b> <a href="http://x">y</a>\n\x1b[31m\u202etxt\u0000'
    name = 'Eve\n<img src="x">\u202e'
    hear(seat, said(1, hostile), name)
    (first,) = notices(seat, desktop, 1)
    assert first["body"] == ""
    assert first["headline"] == (
        'New message from \u2068Eve[U+000A]<img src="x">[U+202E]\u2069'
    )
    assert first["hints"]["transient"] is False  # type: ignore[index]  # of any type

    seat.window.preferences = replace(seat.window.preferences, notify_text=True)
    hear(seat, said(2, hostile), "Bob")
    _first, second = notices(seat, desktop, 2)
    assert second["headline"] == "New message from \u2068Bob\u2069"
    assert second["body"] == (
        '&lt;b&gt;&amp;amp;&lt;/b&gt; &lt;a href="http://x"&gt;y&lt;/a&gt; \ufffd[31mtxt\ufffd'
    )
    assert second["hints"]["transient"] is True  # type: ignore[index]  # words are not kept
    seat.window._heard(
        OfferReceived(peer(3), "Cy", Trust.KNOWN, b"t", (("a", 1),), 1, 1, False)
    )
    *_rest, third = notices(seat, desktop, 3)
    assert (third["headline"], third["body"]) == ("\u2068Cy\u2069 wants to send you files", "")

    seat.leave()  # the closed window leaves nothing on the screen
    wait_for(lambda: len(desktop.rows("closed")) == 3, "all are taken back")


def test_whoever_is_muted_is_told_of_nowhere(
    sit: Callable[[], Seat], bus: SessionBus, display: Display
) -> None:
    desktop = bus.desktop(*ALL)
    seat = sit()
    hear(seat, said(1, "hello"), "Bob")
    notices(seat, desktop, 1)
    for number, name in ((1, "Bob"), (4, "Max")):
        contact = Contact(peer(number), name, trust=Trust.KNOWN, muted=True)
        seat.window._heard(ContactChanged(peer(number), contact))
    seat.until(lambda: desktop.rows("closed"), "what was told is taken back")
    hear(seat, said(4, "hello"), "Max")
    offer = OfferReceived(peer(4), "Max", Trust.KNOWN, b"t", (("a", 1),), 1, 1, False)
    seat.window._heard(offer)
    hear(seat, said(2, "hello"), "Cy")  # whose notice comes after Max's would have
    seat.until(lambda: len(desktop.notices) > 1, "a notice")
    assert [one["headline"] for one in desktop.notices[1:]] == [
        "New message from \u2068Cy\u2069"
    ]
    seat.until(lambda: seat.root.title() == "(1) lanchat", "only what is not muted counts")
    assert seat.window.screen.people[peer(4)].unread == 1
    display.focus(display.around(seat.root.winfo_id()))
    seat.until(lambda: seat.window.screen.focused, "the keys in the window")
    hear(seat, said(4, "again", ago=1), "Max")
    hear(seat, said(3, "hello"), "Dan")
    seat.until(lambda: seat.window.toasts.texts == ("New message from Dan",), "a toast")
    assert len(desktop.notices) == 2


def test_a_desktop_without_markup_gets_the_words_as_they_are(
    sit: Callable[[], Seat], bus: SessionBus
) -> None:
    desktop = bus.desktop("body")
    seat = sit()
    seat.window.preferences = replace(seat.window.preferences, notify_text=True)
    hear(seat, said(1, "1 < 2 & 3"), "Bob")
    (notice,) = notices(seat, desktop, 1)
    assert (notice["body"], notice["actions"]) == ("1 < 2 & 3", [])


def test_many_messages_are_two_notices_and_a_crowd_is_no_louder(
    sit: Callable[[], Seat], bus: SessionBus
) -> None:
    desktop = bus.desktop(*ALL)
    seat = sit()
    for ago in range(6):
        hear(seat, said(1, "now!", ago=ago), "Bob")
    for number in range(20):
        hear(seat, said(100 + number, "hi"), f"Name {number}", Trust.NEW)
    hear(seat, said(99, "hi"), "Mallory", Trust.BLOCKED)
    told = notices(seat, desktop, 4)
    one, crowd = told[0], told[1]
    by_number = {row["number"]: row for row in told}
    assert one["headline"] == "New message from \u2068Bob\u2069"
    assert crowd["headline"] == "\u2068Name 0\u2069, who is new here, wrote to you"
    assert by_number[one["number"]]["headline"] == "6 new messages from \u2068Bob\u2069"
    assert by_number[crowd["number"]]["headline"] == "20 people who are new here wrote to you"
    assert {row["replaces"] for row in told[2:]} == {one["number"], crowd["number"]}
    assert len(told) == 4


def test_a_locked_window_tells_nothing_and_takes_back_what_it_told(
    sit: Callable[[], Seat], bus: SessionBus, display: Display
) -> None:
    desktop = bus.desktop(*ALL)
    seat = sit()
    hear(seat, said(1, "hello"), "Bob")
    hear(seat, said(1, "hello again", ago=1), "Bob")  # waits for its turn
    hear(seat, said(2, "hello"), "Eve", Trust.NEW)
    told = notices(seat, desktop, 2)
    seat.window.lock()
    hear(seat, said(3, "hello"), "Cy")
    seat.until(lambda: len(desktop.rows("closed")) == 2, "both are taken back")
    assert {row["closed"] for row in desktop.rows("closed")} == {row["number"] for row in told}
    outer = display.around(seat.root.winfo_id())
    seat.until(lambda: icon_dots(display, outer) == 0, "the plain icon")
    assert seat.root.title() == "lanchat"
    seat.until(lambda: seat.has("unlock"), "the way in")
    assert len(desktop.notices) == 2


def test_whoever_comes_back_to_the_window_finds_no_old_notices(
    sit: Callable[[], Seat], bus: SessionBus, display: Display
) -> None:
    desktop = bus.desktop(*ALL)
    seat = sit()
    hear(seat, said(1, "hello"), "Bob")
    (notice,) = notices(seat, desktop, 1)
    display.focus(display.around(seat.root.winfo_id()))
    seat.until(lambda: desktop.rows("closed"), "it is taken back")
    assert desktop.rows("closed")[0]["closed"] == notice["number"]
    assert seat.window.screen.unread == 1  # nobody has looked at it yet
    assert seat.root.title() == "(1) lanchat"


def test_whoever_went_elsewhere_while_a_profile_was_opened_is_told_there(
    home: Path, bus: SessionBus, display: Display
) -> None:
    desktop = bus.desktop(*ALL)
    seat = Seat(Given(profile="ada", interfaces=("lo",)))
    seat.until(lambda: seat.has("unlock"), "the way in")
    other = display.start([sys.executable, str(OTHER), "elsewhere", "900x700+0+0"])
    try:
        display.focus(display.window("elsewhere"))
        seat.until(lambda: not seat.root.focus_displayof(), "the keys to be elsewhere")
        seat.window.open("ada", PHRASE, seat.window.tell)
        seat.until(lambda: (me := seat.window.screen.me) and me.port, "the open profile")
        hear(seat, said(1, "hello"), "Bob")
        notices(seat, desktop, 1)
        assert not seat.window.screen.focused
    finally:
        end(other)
        seat.leave()


@pytest.mark.parametrize("with_bus", [True, False], ids=["nobody on the bus", "no bus"])
def test_without_a_desktop_to_tell_a_toast_says_it(
    with_bus: bool, sit: Callable[[], Seat], request: pytest.FixtureRequest
) -> None:
    if with_bus:
        request.getfixturevalue("bus")
    else:
        request.getfixturevalue("monkeypatch").delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    seat = sit()
    hear(seat, said(1, "hello"), "Bob")
    seat.until(lambda: seat.window.toasts.texts == ("New message from Bob",), "a toast")


def test_a_bus_that_breaks_is_no_bus(sit: Callable[[], Seat], bus: SessionBus) -> None:
    desktop = bus.desktop(*ALL)
    seat = sit()
    hear(seat, said(1, "hello"), "Bob")
    notices(seat, desktop, 1)
    bus.stop()
    hear(seat, said(2, "hello"), "Eve")
    seat.until(lambda: seat.window.toasts.texts == ("New message from Eve",), "a toast")
