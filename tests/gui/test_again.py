"""What is sent again: what a card asks, what it says once it came, and what its buttons do."""

from dataclasses import replace

import pytest

from lanchat.gui import chat_words, files
from lanchat.gui.cards import Landing, Transfer, card, follow, shown
from lanchat.gui.items import Act, CardState, FileCard
from lanchat.identity.trust import Trust
from lanchat.node.events import (
    OfferReceived,
    TransferChanged,
    TransferEnded,
    TransferState,
    TransferView,
)
from lanchat.node.settings import Clash
from tests.kit.people import peer

BOB = peer(7)
FILE = b"f" * 16
OFFER = OfferReceived(
    BOB, "Bob", Trust.VERIFIED, FILE, (("photos", 9_000),), 10, 9_000, accepted=False,
    earlier=True,
)  # fmt: skip


def offered(offer: OfferReceived = OFFER) -> Transfer:
    found = follow({}, offer)
    assert found is not None
    return found


def done(**more: object) -> FileCard:
    """A card of what came, or of what went with `mine`."""
    view = TransferView(
        BOB, FILE, False, TransferState.DONE, (("photos", 9_000),), 10, 9_000, 9_000
    )
    mine = bool(more.pop("mine", False))
    return card(shown(replace(view, outgoing=mine, **more)), Trust.VERIFIED)  # type: ignore[arg-type]


def test_what_came_before_is_asked_about_and_nothing_is_chosen_alone() -> None:
    asks = card(offered(), Trust.VERIFIED)
    assert asks.acts == (Act.SKIP, Act.COPY, Act.REPLACE, Act.CHOOSE, Act.DECLINE)
    assert "an earlier one from them" in chat_words.detail(asks)
    plain = card(offered(replace(OFFER, earlier=False)), Trust.VERIFIED)
    assert plain.acts == (Act.ACCEPT, Act.CHOOSE, Act.DECLINE)
    assert chat_words.detail(plain) == ""


def test_somebody_who_may_be_another_can_be_checked_first() -> None:
    assert card(offered(), Trust.KNOWN).acts[-1] is Act.VERIFY


def test_what_changed_may_fit_where_all_of_it_does_not() -> None:
    narrow = card(offered(), Trust.VERIFIED, Landing("~/Downloads", 8_000))
    assert narrow.acts == (Act.SKIP, Act.REPLACE, Act.CHOOSE, Act.DECLINE)
    assert narrow.landing == "There is room for 8 kB in ~/Downloads: all of it does not fit."
    wide = card(offered(), Trust.VERIFIED, Landing("~/Downloads", 9_000))
    assert Act.COPY in wide.acts


def test_comparing_is_shown_as_such_and_sending_as_sending() -> None:
    compares = follow(
        {(BOB, FILE): offered()}, TransferChanged(BOB, FILE, 4_000, 9_000, 9, True)
    )
    assert compares is not None
    assert (compares.state, compares.done) == (CardState.CHECKING, 4_000)
    carries = follow({(BOB, FILE): compares}, TransferChanged(BOB, FILE, 8_000, 9_000, 9))
    assert carries is not None
    assert carries.state is CardState.RUNNING


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"mine": True, "skipped": 9_997}, "9,997 files were there already and were not sent."),
        ({"mine": True, "skipped": 1}, "1 file was there already and was not sent."),
        ({"skipped": 8, "clash": Clash.SKIP},
         "8 files were here already; what changed lies beside the older one."),
        ({"skipped": 1, "clash": Clash.OVERWRITE},
         "1 file was here already; what changed took the place of the older one."),
        ({"clash": Clash.RENAME}, ""),
    ],
)  # fmt: skip
def test_a_card_says_what_was_not_sent_and_where_the_rest_is(
    more: dict[str, object], says: str
) -> None:
    assert chat_words.detail(done(**more)) == says


def test_an_end_says_as_much_as_the_list_does() -> None:
    ended = TransferEnded(
        BOB, FILE, False, TransferState.DONE, "", Clash.OVERWRITE, skipped=8, programs=2
    )
    one = follow({(BOB, FILE): offered()}, ended)
    assert one is not None
    listed = done(skipped=8, clash=Clash.OVERWRITE, programs=("/d/a", "/d/b"))
    live = card(one, Trust.VERIFIED)
    assert chat_words.detail(live) == chat_words.detail(listed)
    assert live.acts == listed.acts


def test_programs_are_named_and_run_only_after_a_button() -> None:
    came = done(programs=("/d/photos/run",))
    assert came.acts == (Act.OPEN, Act.ALLOW)
    assert chat_words.detail(came) == (
        "1 program is among them. It cannot be run here before you allow it."
    )
    assert done(programs=()).acts == (Act.OPEN,)
    ours = done(mine=True, programs=("/d/photos/run",))
    assert Act.ALLOW not in ours.acts
    assert chat_words.detail(ours) == ""


def test_every_act_has_words_in_the_card_in_the_list_and_does_something() -> None:
    done = set(files._DOES) | {Act.PICTURE}  # a matter of the screen, not of the transfer
    assert set(chat_words.ACTS) == set(files.LABELS) == done == set(Act)
