"""Somebody wants to compare words: a question that takes nothing out of anybody's hands."""

from collections.abc import Callable

import pytest

from lanchat.gui import verifying
from lanchat.gui.gestures import PeerChosen
from lanchat.gui.items import Said
from lanchat.gui.verify import VerifyDialog
from lanchat.identity.trust import Trust
from lanchat.node.events import CheckChanged, CheckState, Warned
from tests.gui.test_details import BOB, know_bob
from tests.gui.windows import Seat
from tests.kit.people import peer

DIALOG = VerifyDialog.name_for(BOB)


@pytest.fixture
def seat(sit: Callable[..., Seat]) -> Seat:
    """Ada's window with the conversation with Bob."""
    sitting = sit()
    know_bob(sitting)
    sitting.window.do(PeerChosen(BOB))
    sitting.until(lambda: shown(sitting), "the conversation")
    return sitting


def shown(seat: Seat) -> list[str]:
    talk = seat.window.screen.conversation
    return [one.text for one in talk.items if isinstance(one, Said)] if talk else []


def hear(seat: Seat, state: CheckState, number: int = 2, run: int = 1) -> None:
    """A check moved on, as the node tells it."""
    name = f"Bob {number}" if number > 2 else "Bob"
    seat.window._heard(CheckChanged(peer(number), name, Trust.KNOWN, state, run))


def test_a_question_takes_no_keys_and_cannot_be_answered_before_it_was_seen(
    seat: Seat,
) -> None:
    seat.type("one mom", "composer")
    hear(seat, CheckState.ASKED)
    seat.until(lambda: seat.has("asked"), "the question")
    assert seat.says("asked") == "Bob wants to compare words with you"
    assert not seat.enabled("compare")
    assert not seat.enabled("not_now")
    assert seat.window.page is not None
    assert "compare" not in [one.winfo_name() for one in seat.window.page.stops()]
    for key in ("e", "n", "t", "space", "Return"):
        seat.press(f"<KeyPress-{key}>")
    seat.until(lambda: shown(seat)[-1].rstrip() == "one moment", "what was typed, as it was")
    seat.until(lambda: seat.enabled("compare"), "an answer")
    assert seat.focus() == "composer"
    seat.press("<F6>")
    assert seat.focus() == "compare"
    hear(seat, CheckState.INTERRUPTED)
    seat.until(lambda: not seat.has("asked"), "no question")
    seat.until(lambda: seat.focus() == "composer", "the keys where one writes")


def test_a_question_in_the_place_of_how_the_last_check_ended_can_be_answered(
    seat: Seat,
) -> None:
    verifying.start(seat.window, BOB)  # who is not here
    seat.until(lambda: seat.has(DIALOG) and seat.says("not_now") == "Close", "the end of it")
    hear(seat, CheckState.ASKED)
    seat.until(lambda: seat.has("asked"), "the question")
    assert not seat.has(DIALOG)
    assert not seat.root.tk.call("grab", "current", seat.root)
    seat.until(lambda: seat.enabled("compare"), "an answer")
    seat.find("compare").invoke()  # type: ignore[attr-defined]  # a button
    seat.until(lambda: seat.has(DIALOG), "that they agree")


def test_of_many_who_ask_two_are_shown_and_the_others_come_after_them(seat: Seat) -> None:
    for number in range(2, 6):
        hear(seat, CheckState.ASKED, number)
    seat.until(lambda: seat.has("asked"), "questions")

    def said() -> list[str]:
        return [str(one.cget("text")) for one in seat.all() if one.winfo_name() == "asked"]

    assert said() == [f"{name} wants to compare words with you" for name in ("Bob", "Bob 3")]
    seat.until(lambda: seat.enabled("not_now"), "an answer")
    hear(seat, CheckState.WAITING)
    seat.until(lambda: "Bob 4 wants to compare words with you" in said(), "the next")
    assert len(said()) == 2
    moved = f"asked_{str(peer(3))[:12]}"

    def enabled(line: str) -> bool:
        one = next(one for one in seat.all() if str(one).endswith(f"{line}.not_now"))
        return not one.instate(["disabled"])  # type: ignore[attr-defined]  # a button

    assert not enabled(moved)  # it slid under what was just being pressed
    seat.until(lambda: enabled(moved), "an answer")
    seat.window._heard(Warned("port", "The port is held by another program."))
    seat.until(lambda: not enabled(moved), "it moved down and sleeps")
    seat.settle()
    why = [one for one in seat.all() if one.winfo_name() == "asked_why"]
    assert sum(one.winfo_viewable() for one in why) == 1
