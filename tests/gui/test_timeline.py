"""A conversation on the screen: days, groups, pages."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from lanchat.conversation.message import Message, State
from lanchat.gui import timeline
from lanchat.gui.items import Act, CardState, DayMark, FileCard, Item, NewMark, Said
from lanchat.identity.keys import PeerId

BOB = PeerId(b"\2" * 32)
NOON = int(datetime(2026, 11, 22, 12, 0).timestamp() * 1000)  # noqa: DTZ001 - local on purpose
MINUTE = 60_000
DAY = 86_400_000


def said(at: int, *, mine: bool = False, number: int = 0) -> Said:
    key = f"{at}-{mine}-{number}"
    return Said(key=key, mine=mine, text="x", at=at, state=State.RECEIVED, sent_at=at)


def test_a_day_begins_with_a_mark() -> None:
    items = timeline.build([said(NOON), said(NOON + DAY), said(NOON + DAY + DAY)])
    assert [type(one) for one in items] == [DayMark, Said] * 3


def test_bubbles_of_one_author_within_five_minutes_are_one_group() -> None:
    items = timeline.build([said(NOON), said(NOON + MINUTE), said(NOON + 7 * MINUTE)])
    bubbles = [one for one in items if isinstance(one, Said)]
    assert [(one.first, one.last) for one in bubbles] == [
        (True, False),
        (False, True),
        (True, True),
    ]


def test_an_answer_begins_another_group() -> None:
    items = timeline.build([said(NOON), said(NOON + 1, mine=True)])
    assert all(one.first and one.last for one in items if isinstance(one, Said))


@given(
    st.lists(
        st.tuples(st.integers(0, 3 * DAY), st.booleans()), min_size=0, max_size=30, unique=True
    ),
    st.integers(0, 30),
)
def test_pages_joined_are_the_conversation_built_at_once(
    moments: list[tuple[int, bool]], cut: int
) -> None:
    entries = [said(NOON + at, mine=mine) for at, mine in sorted(moments)]
    whole = timeline.build(entries)
    cut = min(cut, len(entries))
    assert timeline.join(timeline.build(entries[:cut]), timeline.build(entries[cut:])) == whole
    grown: tuple[Item, ...] = ()
    for one in entries:
        grown = timeline.extend(grown, one)
    assert grown == whole


def test_after_a_line_of_our_own_the_day_is_not_said_again() -> None:
    items = timeline.append(timeline.build([said(NOON)]), NewMark())
    kinds = [type(one) for one in timeline.extend(items, said(NOON + MINUTE))]
    assert kinds == [DayMark, Said, NewMark, Said]


def test_a_claim_of_last_week_is_not_believed() -> None:
    message = Message(b"i" * 16, BOB, False, "hi", NOON - 8 * DAY, NOON, State.RECEIVED)
    shown = timeline.entry(message)
    assert isinstance(shown, Said)
    assert (shown.at, shown.late, shown.sent_at) == (NOON, True, NOON - 8 * DAY)


def test_a_claim_of_any_number_at_all_is_shown_somewhere() -> None:
    for claim in (0, -(2**63), 2**63, 2**64):
        message = Message(b"i" * 16, BOB, False, "hi", claim, 2**62, State.RECEIVED)
        assert timeline.build([timeline.entry(message)])


def test_a_file_of_theirs_can_be_opened_later() -> None:
    message = Message(b"i" * 16, BOB, False, "", NOON, NOON, State.RECEIVED, file="a.pdf")
    shown = timeline.entry(message)
    assert isinstance(shown, FileCard)
    assert (shown.state, shown.acts, shown.key) == (CardState.DONE, (Act.OPEN,), "69" * 16)


def test_a_delivery_changes_one_bubble_only() -> None:
    mine = Message(b"i" * 16, BOB, True, "hi", NOON, NOON, State.QUEUED)
    items = timeline.build([timeline.entry(mine), said(NOON + 1)])
    delivered = Message(b"i" * 16, BOB, True, "hi", NOON, NOON, State.DELIVERED)
    after = timeline.restate(items, delivered)
    bubble = timeline.find(after, mine.id.hex())
    assert isinstance(bubble, Said)
    assert bubble.state is State.DELIVERED
    assert [a is b for a, b in zip(items, after, strict=True)] == [True, False, True]
