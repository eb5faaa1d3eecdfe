"""Muting somebody: a real window over a real node, whose book keeps it."""

from collections.abc import Callable

import pytest

from lanchat.gui import accessible, details
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.menus import Menu
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts
from lanchat.node.events import CheckChanged, CheckState, MessageAdded
from lanchat.node.node import Node
from lanchat.node.person import Person
from tests.gui.windows import Seat
from tests.kit.people import peer, said

pytestmark = pytest.mark.multicast

BOB, EVE = peer(2), peer(3)


def held(seat: Seat, who: PeerId = BOB) -> Person:
    return seat.window.screen.people[who]


@pytest.fixture
def seat(seat: Seat) -> Seat:
    """Bob is known, and it is Eve's conversation that is open."""
    for who, name in ((BOB, "Bob"), (EVE, "Eve")):
        seat.window.ask(lambda node, who=who, name=name: acts.call(node, who, name))  # type: ignore[misc]  # bound early
        seat.window.ask(lambda node, who=who: acts.write(node, who, "are you there?"))  # type: ignore[misc]
    people = seat.window.screen
    seat.until(lambda: {BOB, EVE} <= {*seat.window.screen.people}, f"both of {people}")
    seat.until(lambda: held(seat, EVE).trust is Trust.KNOWN, "Eve known")
    seat.window.do(PeerChosen(BOB))
    return seat


def pick(seat: Seat, label: str) -> None:
    """Choose from the menu of the header."""
    seat.find("more").invoke()  # type: ignore[attr-defined]  # a button
    seat.settle()
    menu = seat.find("person_menu")
    assert isinstance(menu, Menu)
    for _time in range(menu.texts.index(label) + 1):
        seat.press("<Down>")
    seat.press("<Return>")


def kept(seat: Seat) -> Callable[[], bool]:
    """Whether the node's book says that Bob is muted."""
    found: list[bool] = []

    async def look(node: Node) -> bool:
        contact = node.people.find(BOB)
        return contact is not None and contact.muted

    def asked() -> bool:
        found.clear()
        seat.window.ask(look, found.append)
        seat.until(lambda: found, "the book")
        return found[0]

    return asked


def test_who_is_muted_is_counted_quietly_and_seen_to_be_muted(seat: Seat) -> None:
    assert not seat.has("muted_sign")
    pick(seat, "Mute")
    seat.until(lambda: held(seat).muted, "muted")
    assert kept(seat)()
    assert seat.has("muted_sign")
    assert accessible.said(seat.find("muted_sign")) == "Muted"
    seat.window.do(PeerChosen(EVE))
    seat.window._heard(MessageAdded(said(2, "hello"), "Bob", Trust.KNOWN))
    seat.settle()
    assert held(seat).unread == 1
    assert seat.window.screen.unread == 0
    assert seat.root.title() == "lanchat"
    assert seat.window.toasts.texts == ()
    canvas = seat.find("people")
    call, items = canvas.tk.call, canvas.find_all()  # type: ignore[attr-defined]  # a canvas
    texts = [one for one in items if str(call(canvas, "type", one)) == "text"]
    (count,) = [one for one in texts if call(canvas, "itemcget", one, "-text") == "1"]
    ink = str(call(canvas, "itemcget", count, "-fill"))
    assert ink == seat.window.theme.tokens.muted

    seat.window._heard(CheckChanged(BOB, "Bob", Trust.KNOWN, CheckState.ASKED, 1))
    seat.until(lambda: seat.has("compare"), "a question to compare words")
    seat.press("<Escape>")
    seat.window.do(PeerChosen(BOB))
    seat.settle()
    pick(seat, "Unmute")
    seat.until(lambda: not held(seat).muted, "not muted")
    assert not kept(seat)()


def test_it_is_a_tick_in_the_details_and_ends_with_forgetting(seat: Seat) -> None:
    details.show(seat.window, BOB)
    seat.settle()
    seat.find("muted").invoke()  # type: ignore[attr-defined]  # a tick
    seat.until(lambda: held(seat).muted, "muted")
    assert seat.find("muted").instate(["selected"])  # type: ignore[attr-defined]
    seat.window.ask(lambda node: acts.trust(node, BOB, "block"))
    seat.until(lambda: not seat.has("muted"), "nothing of theirs is heard")
    seat.window.ask(lambda node: acts.trust(node, BOB, "unblock"))
    seat.until(lambda: seat.has("muted"), "somebody one knows")
    assert held(seat).muted
    seat.window.ask(lambda node: acts.trust(node, BOB, "forget"))
    seat.until(lambda: not held(seat).muted, "forgotten")
    seat.until(lambda: not seat.has("muted"), "a stranger")
    seat.window.ask(lambda node: acts.mute(node, BOB, muted=True))
    assert not kept(seat)()
