"""What the window shows after each thing that happens, without a window."""

from dataclasses import replace

import pytest

from lanchat.conversation.message import Message, State
from lanchat.gui import carrying, chat_words
from lanchat.gui.cards import Landing
from lanchat.gui.gestures import (
    Cleared,
    Dismissed,
    Drafted,
    FocusChanged,
    Found,
    Opened,
    PageRead,
    PeerChosen,
    Removed,
    RoomSeen,
    Seen,
    Sought,
    Typed,
)
from lanchat.gui.items import Act, CardState, FileCard, NewMark, Notice, Said
from lanchat.gui.state import MOST_ALERTS, Screen, update
from lanchat.identity import trust as trusting
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.events import (
    CheckChanged,
    CheckState,
    ContactChanged,
    Fault,
    FileReceived,
    HistoryExpired,
    MessageAdded,
    MessageChanged,
    NetworksChanged,
    NodeEvent,
    OfferReceived,
    PeerAppeared,
    PeerChanged,
    PeerLeft,
    PeerView,
    Presence,
    Renamed,
    TransferChanged,
    TransferEnded,
    TransferMoved,
    TransferState,
    TransferView,
    Warned,
)
from lanchat.node.person import Overview, Person

ME, BOB, EVE = (PeerId(bytes([one]) * 32) for one in (1, 2, 3))
NOON = 1_795_000_000_000
FILE = b"f" * 16


def view(peer: PeerId, name: str, presence: Presence = Presence.SEEN) -> PeerView:
    return PeerView(peer, name, Trust.KNOWN, presence, ("10.0.0.2",), 4000)


def opened(*people: Person) -> Screen:
    return update(Screen(), Opened(Overview(ME, "Ada", 4000, ("10.0.0.1",), people)))


def folded(screen: Screen, *events: NodeEvent) -> Screen:
    for event in events:
        screen = update(screen, event)
    return screen


def message(
    number: int, *, mine: bool = False, peer: PeerId = BOB, text: str = "hi"
) -> Message:
    state = State.QUEUED if mine else State.RECEIVED
    at = NOON + number
    return Message(bytes([number]) * 16, peer, mine, text, at, at, state)


def added(number: int, *, mine: bool = False, peer: PeerId = BOB) -> MessageAdded:
    return MessageAdded(message(number, mine=mine, peer=peer), "Bob", Trust.KNOWN)


def talking(*messages: Message, unread: int = 0) -> Screen:
    screen = update(opened(Person(view(BOB, "Bob"), unread=unread)), PeerChosen(BOB))
    return update(screen, PageRead(BOB, messages, more=False))


def texts(screen: Screen) -> list[str]:
    assert screen.conversation is not None
    return [one.key for one in screen.conversation.items if isinstance(one, Said)]


def test_who_comes_and_goes_is_on_the_list_and_off_it() -> None:
    screen = update(opened(), PeerAppeared(view(BOB, "Bob")))
    assert screen.people[BOB].presence is Presence.SEEN
    screen = update(screen, PeerChanged(view(BOB, "Bob", Presence.ONLINE)))
    assert screen.people[BOB].presence is Presence.ONLINE
    assert BOB not in update(screen, PeerLeft(view(BOB, "Bob"))).people


def test_a_contact_who_leaves_stays_as_offline() -> None:
    held = trusting.pin(None, BOB, "Bob", NOON)
    screen = folded(opened(Person(view(BOB, "Bob"), held)), PeerLeft(view(BOB, "Bob")))
    assert screen.people[BOB].presence is Presence.OFFLINE


def test_whoever_leaves_as_they_are_blocked_is_blocked() -> None:
    """Whose session was all that was seen of them: it ends before their line is told anew."""
    stranger = trusting.stranger(EVE, "Bob", NOON)
    other = replace(view(EVE, "Bob", Presence.ONLINE), trust=Trust.CONFLICT)
    screen = opened(Person(other, stranger))
    assert update(screen, PeerLeft(other)).people[EVE].trust is Trust.CONFLICT
    screen = folded(screen, ContactChanged(EVE, trusting.block(stranger)), PeerLeft(other))
    assert screen.people[EVE].trust is Trust.BLOCKED


def test_whoever_wrote_and_left_stays_with_what_was_written() -> None:
    screen = folded(opened(), PeerAppeared(view(BOB, "Bob")), added(1))
    screen = update(screen, PeerLeft(view(BOB, "Bob")))
    assert (screen.people[BOB].presence, screen.people[BOB].unread) == (Presence.OFFLINE, 1)


def test_a_stranger_who_wrote_is_a_request_until_accepted() -> None:
    stranger = trusting.stranger(EVE, "Eve", NOON)
    screen = folded(opened(), added(1, peer=EVE), ContactChanged(EVE, stranger))
    assert screen.people[EVE].request
    known = trusting.pin(stranger, EVE, "Eve", NOON)
    assert not update(screen, ContactChanged(EVE, known)).people[EVE].request


def test_a_message_to_the_open_conversation_is_a_bubble_and_unread_until_it_was_seen() -> None:
    screen = update(talking(), added(1))
    assert texts(screen) == ["01" * 16]
    assert screen.unread == 1
    assert update(screen, Seen(BOB)).unread == 0


def test_a_message_while_nobody_looks_is_marked_as_new() -> None:
    screen = update(update(talking(), FocusChanged(False)), added(1))
    assert screen.conversation is not None
    assert any(isinstance(one, NewMark) for one in screen.conversation.items)
    assert screen.unread == 1
    assert update(screen, Seen(BOB)).unread == 0


def test_a_message_to_another_conversation_counts_and_is_no_bubble() -> None:
    screen = update(talking(), added(1, peer=EVE))
    assert texts(screen) == []
    assert screen.people[EVE].unread == 1


def test_a_page_with_unread_ones_shows_where_they_begin() -> None:
    screen = talking(*(message(number) for number in range(1, 6)), unread=2)
    assert screen.conversation is not None
    kinds = [type(one).__name__ for one in screen.conversation.items]
    assert kinds == ["DayMark", "Said", "Said", "Said", "NewMark", "Said", "Said"]


def test_an_older_page_goes_before_the_newer_one() -> None:
    screen = update(opened(Person(view(BOB, "Bob"))), PeerChosen(BOB))
    screen = update(screen, PageRead(BOB, (message(3), message(4)), more=True))
    older = PageRead(BOB, (message(1), message(2)), more=False, before=message(3).id)
    screen = update(screen, older)
    assert texts(screen) == [f"{number:02}" * 16 for number in (1, 2, 3, 4)]
    assert screen.conversation is not None
    assert screen.conversation.oldest == message(1).id
    assert not screen.conversation.more
    again = update(screen, PageRead(BOB, (message(3), message(4)), more=True))
    assert again == update(screen, older) == screen


def test_an_older_page_is_not_taken_for_the_newest_of_a_conversation_read_anew() -> None:
    screen = update(opened(Person(view(BOB, "Bob"))), PeerChosen(BOB))
    screen = update(screen, PageRead(BOB, (message(3), message(4)), more=True))
    screen = update(screen, HistoryExpired(BOB, frozenset({message(3).id})))
    assert screen.conversation is not None
    late = PageRead(BOB, (message(1), message(2)), more=False, before=message(3).id)
    assert update(screen, late) == screen


def test_what_comes_while_a_conversation_is_read_stands_at_its_end_and_once() -> None:
    screen = update(opened(Person(view(BOB, "Bob"))), PeerChosen(BOB))
    screen = folded(screen, added(3), added(4, mine=True))
    assert (texts(screen), screen.unread) == (["03" * 16, "04" * 16], 1)
    page = PageRead(BOB, (message(1), message(2), message(3)), more=False)
    screen = update(screen, page)
    assert texts(screen) == [f"{number:02}" * 16 for number in (1, 2, 3, 4)]
    assert screen.conversation is not None
    kinds = [type(one).__name__ for one in screen.conversation.items]
    assert kinds == ["DayMark", "Said", "Said", "NewMark", "Said", "Said"]


def test_a_page_for_somebody_else_is_dropped() -> None:
    screen = update(talking(), PageRead(EVE, (message(1, peer=EVE),), more=False))
    assert texts(screen) == []


def test_a_delivery_is_shown_in_the_bubble_and_the_list() -> None:
    screen = update(talking(), added(1, mine=True))
    after = message(1, mine=True)
    delivered = Message(
        after.id, BOB, True, "hi", after.sent_at, after.arrived_at, State.DELIVERED
    )
    screen = update(screen, MessageChanged(delivered))
    assert screen.conversation is not None
    assert isinstance(bubble := screen.conversation.items[-1], Said)
    assert bubble.state is State.DELIVERED
    assert screen.people[BOB].last == delivered


def test_an_offer_of_theirs_asks_then_runs_then_can_be_opened() -> None:
    offer = OfferReceived(
        BOB, "Bob", Trust.KNOWN, FILE, (("a.pdf", 7),), 1, 7, accepted=False, at=NOON
    )
    screen = update(talking(), offer)
    assert _card(screen).state is CardState.ASKING
    assert Act.ACCEPT in _card(screen).acts
    screen = update(screen, TransferChanged(BOB, FILE, 3, 7, 2))
    card = _card(screen)
    assert (card.state, card.done, card.seconds_left) == (CardState.RUNNING, 3, 2)
    screen = folded(
        screen,
        FileReceived(BOB, FILE, "/d/a.pdf", 7),
        TransferEnded(BOB, FILE, outgoing=False, state=TransferState.DONE),
        MessageAdded(
            Message(FILE, BOB, False, "", NOON, NOON, State.RECEIVED, file="a.pdf"),
            "Bob",
            Trust.KNOWN,
        ),
    )
    card = _card(screen)
    assert (card.state, card.acts) == (CardState.DONE, (Act.OPEN,))
    assert screen.transfers[BOB, FILE].paths == ("/d/a.pdf",)
    assert screen.conversation is not None
    assert sum(isinstance(one, FileCard) for one in screen.conversation.items) == 1


@pytest.mark.parametrize(
    ("mine", "fault", "missing", "says"),
    [
        (False, Fault.FULL, 1_300_000_000, "The disk is full. 1.3 GB more are needed."),
        (True, Fault.FULL, 4_200_000, "The other computer's disk is full. 4.2 MB more"),
        (False, Fault.FULL, 0, "The disk is full."),
        (False, Fault.GONE, 0, "Plug its disk in again."),
        (True, Fault.DEFECT, 0, "answers with errors."),
        (True, None, 0, "as it was kept"),
    ],
)
def test_what_the_disk_does_not_take_is_paused_and_says_why(
    mine: bool, fault: Fault | None, missing: int, says: str
) -> None:
    held = TransferView(
        BOB, FILE, mine, TransferState.HELD, (("a.pdf", 7),), 1, 7, 3,
        reason="as it was kept", at=NOON, fault=fault, missing=missing,
    )  # fmt: skip
    card = _card(update(talking(), TransferMoved(held)))
    assert says in card.detail
    assert card.acts == (Act.RESUME, Act.CANCEL)
    assert chat_words.state(card) == "Paused · 3 of 7 B"


def test_an_offer_of_somebody_not_verified_can_be_checked_first() -> None:
    offer = OfferReceived(
        BOB, "Bob", Trust.KNOWN, FILE, (("a.pdf", 7),), 1, 7, accepted=False, at=NOON
    )
    screen = update(talking(), offer)
    assert _card(screen).acts[-1] is Act.VERIFY
    sure = PeerView(BOB, "Bob", Trust.VERIFIED, Presence.ONLINE)
    assert Act.VERIFY not in _card(update(screen, PeerChanged(sure))).acts


def test_an_offer_that_does_not_fit_can_go_elsewhere_only() -> None:
    offer = OfferReceived(
        BOB, "Bob", Trust.KNOWN, FILE, (("a.img", 7_000),), 1, 7_000, accepted=False, at=NOON
    )
    screen = update(update(talking(), offer), RoomSeen(Landing("~/Downloads", 6_000)))
    assert _card(screen).acts == (Act.CHOOSE, Act.DECLINE, Act.VERIFY)
    assert "6 kB" in _card(screen).landing
    screen = update(screen, RoomSeen(Landing("~/Downloads", 8_000)))
    assert Act.ACCEPT in _card(screen).acts


def test_progress_of_a_transfer_nobody_knows_changes_nothing() -> None:
    screen = talking()
    assert update(screen, TransferChanged(BOB, FILE, 3, 7, 2)) == screen


def test_a_deleted_message_is_gone_and_a_cleared_conversation_is_empty() -> None:
    screen = talking(message(1), message(2))
    screen = update(screen, Removed(BOB, "01" * 16))
    assert texts(screen) == ["02" * 16]
    screen = update(screen, Removed(BOB))
    assert texts(screen) == []
    assert screen.people[BOB].last is None


def test_older_messages_are_in_reach_when_the_first_that_was_read_is_deleted() -> None:
    screen = update(opened(Person(view(BOB, "Bob"))), PeerChosen(BOB))
    screen = update(screen, PageRead(BOB, (message(3), message(4)), more=True))
    screen = update(screen, Removed(BOB, message(3).id.hex()))
    page = PageRead(BOB, (message(2),), more=True, before=message(4).id)
    screen = update(screen, page)
    assert texts(screen) == ["02" * 16, "04" * 16]
    for number in (4, 2):
        screen = update(screen, Removed(BOB, message(number).id.hex()))
    assert screen.conversation is not None
    assert not screen.conversation.loaded  # nothing is left above which to read


def test_clearing_takes_the_cards_of_what_is_over_and_leaves_what_is_on_its_way() -> None:
    screen = opened(Person(view(BOB, "Bob")))
    for transfer in (FILE, b"g" * 16):
        offer = OfferReceived(BOB, "Bob", Trust.KNOWN, transfer, (("a", 1),), 1, 1, True)
        screen = update(screen, offer)
    screen = update(screen, TransferEnded(BOB, FILE, False, TransferState.DONE))
    screen = update(screen, Removed(EVE))
    assert len(screen.transfers) == 2
    assert list(update(screen, Removed(BOB)).transfers) == [(BOB, b"g" * 16)]


def test_an_offer_under_the_id_of_somebody_elses_changes_nothing_of_theirs() -> None:
    screen = opened(Person(view(BOB, "Bob")))
    mine = OfferReceived(BOB, "Bob", Trust.KNOWN, FILE, (("a", 1),), 1, 1, True)
    theirs = OfferReceived(EVE, "Eve", Trust.NEW, FILE, (("b", 2),), 1, 2, False)
    screen = update(update(screen, mine), theirs)
    assert [one.names for one in screen.transfers.values()] == [(("a", 1),), (("b", 2),)]
    screen = update(screen, TransferEnded(EVE, FILE, False, TransferState.CANCELLED))
    states = {one.peer_id: one.state for one in screen.transfers.values()}
    assert states == {BOB: CardState.AGREED, EVE: CardState.CANCELLED}


def test_what_a_stranger_offers_in_vain_takes_no_room() -> None:
    screen = opened(Person(view(BOB, "Bob")))
    vain = OfferReceived(
        EVE, "Eve", Trust.NEW, FILE, (("b", 2),), 1, 2, accepted=False, declined=True
    )
    ended = TransferEnded(EVE, FILE, False, TransferState.DECLINED)
    assert folded(screen, vain, ended) == screen
    friends = replace(vain, peer_id=BOB, trust=Trust.KNOWN)  # the disk may have been full
    ended = replace(ended, peer_id=BOB)
    (card,) = folded(screen, friends, ended).transfers.values()
    assert card.state is CardState.DECLINED


def test_of_what_is_over_the_newest_stay_and_all_that_is_not() -> None:
    screen = talking(message(1))
    runs = OfferReceived(BOB, "Bob", Trust.KNOWN, FILE, (("a", 1),), 1, 1, True, at=NOON)
    screen = update(screen, runs)
    for number in range(2 * carrying.MOST_OVER):
        one = replace(runs, transfer=number.to_bytes(16), accepted=False, at=NOON + 9 + number)
        over = TransferEnded(BOB, one.transfer, False, TransferState.CANCELLED)
        screen = folded(screen, one, over)
    assert len(screen.transfers) == carrying.MOST_OVER + 1
    assert screen.transfers[BOB, FILE].active
    assert (BOB, number.to_bytes(16)) in screen.transfers
    assert screen.conversation is not None
    cards = [one for one in screen.conversation.items if isinstance(one, FileCard)]
    assert len(cards) == carrying.MOST_OVER + 1
    assert texts(screen) == ["01" * 16]


@pytest.mark.parametrize(
    "state", [TransferState.DONE, TransferState.FAILED, TransferState.CANCELLED]
)
def test_what_began_first_and_ends_last_is_shown_as_it_ended(state: TransferState) -> None:
    screen = talking(message(1))
    long = OfferReceived(BOB, "Bob", Trust.KNOWN, FILE, (("a", 1),), 1, 1, True, at=NOON)
    screen = update(screen, long)
    others = [number.to_bytes(16) for number in range(carrying.MOST_OVER)]
    for number, transfer in enumerate(others):
        quick = replace(long, transfer=transfer, at=NOON + 9 + number)
        over = TransferEnded(BOB, transfer, False, TransferState.CANCELLED)
        screen = folded(screen, quick, over)
    screen = update(screen, TransferEnded(BOB, FILE, False, state, "said why"))
    assert screen.transfers[BOB, FILE].detail == "said why"
    assert screen.conversation is not None
    cards = {one.key: one for one in screen.conversation.items if isinstance(one, FileCard)}
    assert (cards[FILE.hex()].state.value, cards[FILE.hex()].detail) == (state, "said why")
    assert others[0].hex() not in cards  # it ended first
    assert len(cards) == carrying.MOST_OVER


def test_of_what_was_over_before_the_start_the_oldest_makes_room_first() -> None:
    over = [
        TransferView(
            BOB,
            number.to_bytes(16),
            False,
            TransferState.DONE,
            (("a", 1),),
            1,
            1,
            at=NOON - number,
        )
        for number in range(carrying.MOST_OVER)
    ]  # the newest first
    people = (Person(view(BOB, "Bob")),)
    screen = update(Screen(), Opened(Overview(ME, "Ada", 4000, (), people, tuple(over))))
    one = OfferReceived(BOB, "Bob", Trust.KNOWN, FILE, (("b", 2),), 1, 2, True, at=NOON + 1)
    screen = folded(screen, one, TransferEnded(BOB, FILE, False, TransferState.DONE))
    held = {transfer.id for transfer in screen.transfers.values()}
    assert held == {FILE, *(view.transfer for view in over[:-1])}


def test_strangers_offers_push_nothing_of_friends_off_the_screen() -> None:
    screen = talking(message(1))
    ours = OfferReceived(BOB, "Bob", Trust.KNOWN, FILE, (("a", 1),), 1, 1, False, at=NOON)
    screen = folded(screen, ours, TransferEnded(BOB, FILE, False, TransferState.FAILED))
    for number in range(2 * carrying.MOST_OVER):
        one = OfferReceived(
            EVE, "Eve", Trust.NEW, number.to_bytes(16), (("b", 2),), 1, 2, False, at=NOON + 1
        )
        over = TransferEnded(EVE, one.transfer, False, TransferState.CANCELLED)
        screen = folded(screen, one, over)
        assert (EVE, one.transfer) in screen.transfers
    assert (BOB, FILE) in screen.transfers
    assert len(screen.transfers) == carrying.MOST_STRANGE + 1
    assert screen.conversation is not None
    assert any(item.key == FILE.hex() for item in screen.conversation.items)


def test_an_open_conversation_is_read_again_once_some_of_it_is_too_old() -> None:
    screen = update(talking(message(1), message(2)), added(3))
    newer = update(screen, HistoryExpired(BOB, frozenset({b"elsewhere"})))
    assert newer == screen
    older = update(screen, HistoryExpired(BOB, frozenset({bytes([1]) * 16})))
    assert older.conversation is not None
    assert not older.conversation.loaded
    assert older.people[BOB].last == message(3)
    all_of_it = frozenset(bytes([one]) * 16 for one in (1, 2, 3))
    assert update(screen, HistoryExpired(BOB, all_of_it)).people[BOB].last is None


def test_own_addresses_follow_the_networks() -> None:
    before = opened()
    me = update(before, NetworksChanged(("10.0.0.9", "fe80::9"))).me
    assert before.me is not None
    assert me == replace(before.me, addresses=("10.0.0.9", "fe80::9"))
    assert update(Screen(), NetworksChanged(("10.0.0.9",))) == Screen()


def test_a_new_name_of_mine_is_shown_and_the_rest_of_me_stays() -> None:
    me = update(opened(), Renamed(ME, "Ada L.")).me
    assert me is not None
    assert (me.name, me.port, me.addresses) == ("Ada L.", 4000, ("10.0.0.1",))


def test_an_answer_to_what_is_no_longer_searched_for_is_dropped() -> None:
    screen = update(opened(), Typed("he"))
    assert update(screen, Found("h", (message(1),))).found == ()
    screen = update(screen, Found("he", (message(1),)))
    assert len(screen.found) == 1
    assert update(screen, Typed("")).found == ()


def test_what_was_found_is_shown_while_it_fits_what_is_typed_and_is_not_deleted() -> None:
    words = ("Hello Bob", "the help", "hello again", "hello Eve")
    found = tuple(
        message(number, text=text, peer=EVE if number == 3 else BOB)
        for number, text in enumerate(words)
    )
    screen = update(update(opened(), Typed("hel")), Found("hel", found))
    narrower = update(screen, Typed("hello"))
    assert [one.text for one in narrower.found] == ["Hello Bob", "hello again", "hello Eve"]
    assert update(narrower, Typed("hello bob")).found == found[:1]
    assert update(narrower, Typed("tomorrow")).found == ()
    assert update(screen, Removed(BOB, found[0].id.hex())).found == found[1:]
    assert update(screen, Removed(BOB)).found == found[3:]
    old = HistoryExpired(BOB, frozenset(one.id for one in found))
    assert update(screen, old).found == found[3:]


def test_who_asks_to_compare_words_is_on_the_screen_until_the_check_moves_on() -> None:
    def check(peer: PeerId, state: CheckState, run: int = 1) -> CheckChanged:
        return CheckChanged(peer, "Bob", Trust.KNOWN, state, run)

    asked = [check(BOB, CheckState.ASKED), check(EVE, CheckState.ASKED)]
    screen = folded(opened(), *asked)
    assert screen.asking == tuple(asked)
    assert update(screen, check(BOB, CheckState.WAITING)).asking == (asked[1],)
    begun = Overview(ME, "Ada", 4000, (), (), asking=tuple(asked))  # while it opened
    assert update(Screen(), Opened(begun)).asking == tuple(asked)
    again = check(BOB, CheckState.ASKED, run=2)
    assert folded(screen, check(BOB, CheckState.INTERRUPTED), again).asking[-1] == again


def test_alerts_are_few_and_can_be_dismissed() -> None:
    screen = opened()
    for number in range(20):
        screen = update(screen, Warned("wrong-peer", f"{number}", BOB))
    assert len(screen.alerts) == MOST_ALERTS
    assert screen.alerts[-1] not in update(screen, Dismissed(screen.alerts[-1])).alerts


def _card(screen: Screen) -> FileCard:
    assert screen.conversation is not None
    return next(one for one in screen.conversation.items if isinstance(one, FileCard))


def test_a_draft_is_kept_until_it_is_empty() -> None:
    screen = update(talking(), Drafted(BOB, "not yet"))
    assert screen.drafts[BOB] == "not yet"
    assert BOB not in update(screen, Drafted(BOB, "")).drafts


def test_drafts_of_before_are_there_and_go_with_what_is_deleted() -> None:
    held = trusting.pin(None, BOB, "Bob", NOON)
    of_both = {BOB: "not yet", EVE: "nor this"}
    people = (Person(view(BOB, "Bob"), held), Person(view(EVE, "Eve")))
    overview = Overview(ME, "Ada", 4000, ("10.0.0.1",), people, drafts=of_both)
    screen = update(Screen(), Opened(overview))
    assert screen.drafts == of_both
    assert update(screen, ContactChanged(BOB, None)).drafts == {EVE: "nor this"}
    assert update(screen, Removed(BOB)).drafts == of_both  # begun since that was asked for
    assert update(screen, ContactChanged(BOB, held)).drafts == of_both
    assert update(screen, Removed(BOB, message(1).id.hex())).drafts == of_both
    assert update(screen, Cleared()).drafts == {}


def test_a_stranger_who_left_stays_for_as_long_as_a_draft_does() -> None:
    screen = update(opened(Person(view(EVE, "Eve"))), Drafted(EVE, "not yet"))
    screen = update(screen, PeerLeft(view(EVE, "Eve")))
    assert screen.people[EVE].presence is Presence.OFFLINE
    assert EVE not in update(screen, Drafted(EVE, "")).people
    assert EVE in update(screen, Removed(EVE)).people
    assert EVE not in update(screen, Cleared()).people


def test_a_message_that_is_sought_is_waited_for_until_nothing_more_comes() -> None:
    key = message(1).id.hex()
    screen = update(opened(Person(view(BOB, "Bob"))), Sought(BOB, key))
    screen = update(screen, PageRead(BOB, (message(7), message(8)), more=True))
    assert screen.conversation is not None
    assert screen.conversation.sought == key
    older = PageRead(BOB, (message(2), message(3)), more=False, before=message(7).id)
    screen = update(screen, older)
    assert screen.conversation is not None
    assert screen.conversation.sought == ""


def test_what_a_comparison_came_to_stands_where_it_belongs_and_comes_at_once() -> None:
    known = trusting.pin(None, BOB, "Bob", NOON)
    verified = replace(known, trust=Trust.VERIFIED, verified_at=NOON + 2)
    screen = update(opened(Person(view(BOB, "Bob"), verified)), PeerChosen(BOB))
    page = PageRead(BOB, (message(1), message(3)), more=False)
    screen = update(screen, page)
    assert screen.conversation is not None
    kinds = [type(one).__name__ for one in screen.conversation.items]
    assert kinds == ["DayMark", "Said", "Notice", "Said"]
    failed = replace(verified, failed_at=NOON + 9)
    for _twice in range(2):
        screen = update(screen, ContactChanged(BOB, failed))
    assert screen.conversation is not None
    lines = [one for one in screen.conversation.items if isinstance(one, Notice)]
    assert [one.key for one in lines] == [f"verified:{NOON + 2}", f"failed:{NOON + 9}"]
    assert screen.conversation.items[-1] == lines[-1]
