"""Being told in the window of who writes or offers files elsewhere in it: a real window."""

from collections.abc import Callable

import pytest

from lanchat.gui import toast
from lanchat.gui.gestures import FocusChanged, PeerChosen
from lanchat.identity.trust import Contact, Trust
from lanchat.node.events import (
    ContactChanged,
    MessageAdded,
    OfferReceived,
    PeerAppeared,
    PeerView,
    Presence,
)
from tests.gui.windows import Seat
from tests.kit.people import peer, said

pytestmark = pytest.mark.multicast

ADA, BOB, EVE = peer(1), peer(2), peer(3)


@pytest.fixture
def seat(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> Seat:
    """Ada and Bob are friends, Eve is new; the window has the keys and nobody is open."""
    monkeypatch.setattr(toast, "WAKES", 1)
    for who, name, trust in (
        (ADA, "Ada", Trust.KNOWN), (BOB, "Bob", Trust.VERIFIED), (EVE, "Eve", Trust.NEW)
    ):  # fmt: skip
        view = PeerView(who, name, trust, Presence.ONLINE, ("10.0.0.2",), 4000)
        seat.window._heard(PeerAppeared(view))
        seat.window._heard(ContactChanged(who, Contact(who, name, trust=trust)))
    seat.until(lambda: seat.window.screen.focused, "the keys")
    return seat


def writes(seat: Seat, number: int, name: str, trust: Trust = Trust.KNOWN) -> None:
    seat.window._heard(MessageAdded(said(number, "hello"), name, trust))


def offers(
    seat: Seat, number: int, name: str, trust: Trust = Trust.KNOWN, file: str = "plan.pdf",
    earlier: bool = False, size: int = 4_200_000,
) -> None:  # fmt: skip
    offer = OfferReceived(
        peer(number), name, trust, bytes([number]) * 16, ((file, size),), 1, size,
        False, earlier=earlier,
    )  # fmt: skip
    seat.window._heard(offer)


def looked(seat: Seat, number: int) -> bool:
    """Whether it was looked if that offer fits."""
    landing = seat.window.screen.landing
    return landing is not None and (peer(number), bytes([number]) * 16) in landing.offers


def answers(seat: Seat) -> list[str]:
    """The buttons of toasts that answer or lead, from the top down."""
    found = [one for one in seat.all() if one.winfo_parent().endswith(".answers")]
    return [one.winfo_name() for one in found if ".toast" in str(one)]


def awake(seat: Seat, name: str) -> Callable[[], bool]:
    return lambda: seat.has(name) and seat.enabled(name)


def test_a_click_on_what_is_told_opens_that_conversation(seat: Seat) -> None:
    seat.window.do(PeerChosen(BOB))
    writes(seat, 1, "Ada")
    assert seat.window.toasts.texts == ("New message from Ada",)
    seat.until(awake(seat, "toast_show"), "it wakes")
    assert seat.says("toast_show") == "Show"
    words = next(one for one in seat.all() if str(one).endswith("1.text"))
    assert str(words.nametowidget(words.winfo_parent()).cget("cursor")) == "hand2"
    words.event_generate("<Button-1>")
    assert seat.window.screen.chosen == ADA
    assert not seat.window.toasts.texts


def test_keys_go_to_what_was_told_last_and_then_from_one_to_the_next(seat: Seat) -> None:
    writes(seat, 1, "Ada")
    offers(seat, 2, "Bob", Trust.VERIFIED)
    writes(seat, 3, "Eve", Trust.NEW)
    seat.press("<Control-g>")
    assert seat.window.screen.chosen == EVE
    seat.window.toasts.clear()
    for told in (ADA, BOB, BOB):  # Ada and Eve are seen now, Bob's offer waits
        before = seat.window.screen.chosen
        seat.press("<Control-g>")
        assert seat.window.screen.chosen in {ADA, BOB}, (told, before)
    assert seat.window.screen.chosen == BOB
    seat.press("<Control-g>")
    assert seat.window.screen.chosen == BOB
    assert seat.window.toasts.texts == ("There is nothing new.",)


@pytest.mark.parametrize(
    ("more", "buttons"),
    [
        ({}, ["toast_accept", "toast_decline", "toast_show"]),
        ({"file": "setup.exe"}, ["toast_decline", "toast_show"]),
        ({"earlier": True}, ["toast_decline", "toast_show"]),
        ({"trust": Trust.NEW}, ["toast_show"]),
        ({"trust": Trust.CONFLICT}, ["toast_show"]),
        ({"size": 1 << 62}, ["toast_decline", "toast_show"]),
    ],
    ids=["of a friend", "a program", "once more", "of a stranger", "of a namesake", "too much"],
)
def test_only_a_plain_offer_of_a_friend_is_accepted_on_the_spot(
    seat: Seat, more: dict[str, object], buttons: list[str]
) -> None:
    offers(seat, 1, "Ada", **more)  # type: ignore[arg-type]  # of any type
    assert "toast_accept" not in answers(seat)  # nobody knows yet whether it fits
    seat.until(lambda: looked(seat, 1), "whether it fits")
    assert answers(seat) == buttons
    (text,) = seat.window.toasts.texts
    named = "trust" not in more
    assert ("\n" in text) is named
    if named and "size" not in more:
        assert text == f"Ada wants to send you files\n{more.get('file', 'plan.pdf')} · 4.2 MB"


def test_an_offer_that_waits_for_its_turn_is_told_whatever_they_write_after_it(
    seat: Seat,
) -> None:
    writes(seat, 1, "Ada")
    offers(seat, 1, "Ada")
    writes(seat, 1, "Ada")
    seat.until(
        lambda: any("wants to send you files" in one for one in seat.window.toasts.texts),
        "the offer",
    )


def test_what_was_answered_elsewhere_is_told_no_more(seat: Seat) -> None:
    offers(seat, 1, "Ada")
    offers(seat, 2, "Bob", Trust.VERIFIED)
    assert len(seat.window.toasts.texts) == 2
    offers_taken(seat, 1)
    seat.until(lambda: len(seat.window.toasts.texts) == 1, "one is told no more")
    assert seat.window.toasts.texts[0].startswith("Bob")


def offers_taken(seat: Seat, number: int) -> None:
    """It is accepted elsewhere: at a terminal, or by the card."""
    seat.window._heard(
        OfferReceived(
            peer(number), "Ada", Trust.KNOWN, bytes([number]) * 16, (("plan.pdf", 4_200_000),),
            1, 4_200_000, True,
        )
    )  # fmt: skip


def test_who_opens_the_conversation_is_told_of_it_no_more(seat: Seat) -> None:
    writes(seat, 1, "Ada")
    offers(seat, 2, "Bob", Trust.VERIFIED)
    seat.window.do(PeerChosen(ADA))
    assert seat.window.toasts.texts == ("Bob wants to send you files\nplan.pdf · 4.2 MB",)


def test_what_was_seen_or_muted_while_the_desktop_was_asked_is_told_no_more(
    seat: Seat,
) -> None:
    """No desktop is here that could tell it."""
    seat.window.do(FocusChanged(False))
    writes(seat, 1, "Ada")
    writes(seat, 2, "Bob", Trust.VERIFIED)
    writes(seat, 3, "Eve", Trust.NEW)
    muted = Contact(BOB, "Bob", trust=Trust.VERIFIED, muted=True)
    seat.window._heard(ContactChanged(BOB, muted))
    seat.window.do(FocusChanged(True))
    seat.window.do(PeerChosen(ADA))
    seat.until(lambda: seat.window.toasts.texts, "what is told in the window")
    assert seat.window.toasts.texts == ("Eve, who is new here, wrote to you",)
    assert seat.has("toast1")  # the first there ever was
