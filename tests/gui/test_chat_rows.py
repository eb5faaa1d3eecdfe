"""What differs between what a conversation shows and what it is to show."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lanchat.conversation.message import State
from lanchat.gui.chat_rows import Rows
from lanchat.gui.items import Item, Said

POOL = [Said(f"{key}", mine=False, text="x", at=0, state=State.RECEIVED) for key in range(9)]
CHOICES = st.lists(st.sampled_from(POOL), max_size=700)


@given(st.lists(CHOICES, max_size=4))
def test_rows_are_what_was_shown_last_each_with_its_own_number(shown: list[list[Item]]) -> None:
    rows = Rows()
    for items in shown:
        before = list(rows.numbers)
        change = rows.show(tuple(items))
        assert rows.items == items
        assert len(set(rows.numbers)) == len(items)
        if change is None:
            assert rows.numbers == before
        else:
            before[change.start : change.stop] = change.numbers
            assert rows.numbers == before
        assert [rows.place(number) for number in rows.numbers] == list(range(len(items)))


def test_a_changed_item_stays_the_same_row() -> None:
    rows = Rows()
    rows.show(POOL)
    numbers = list(rows.numbers)
    changed = replace(POOL[4], state=State.READ)
    change = rows.show([*POOL[:4], changed, *POOL[5:]])
    assert change is not None
    assert change.in_place
    assert (change.start, change.stop) == (4, 5)
    assert rows.numbers == numbers


def test_what_is_appended_or_put_before_leaves_the_rest_alone() -> None:
    rows = Rows()
    rows.show(POOL[3:6])
    numbers = list(rows.numbers)
    last = rows.show(POOL[3:9])
    first = rows.show(POOL)
    assert last is not None
    assert first is not None
    assert (last.start, last.stop, len(last.numbers)) == (3, 3, 3)
    assert (first.start, first.stop, len(first.numbers)) == (0, 0, 3)
    assert rows.numbers[3:6] == numbers


def test_a_key_that_comes_twice_is_two_rows() -> None:
    rows = Rows()
    rows.show([POOL[0], POOL[0]])
    assert len(set(rows.numbers)) == 2
    assert rows.number(POOL[0].key) == rows.numbers[1]
    assert rows.number("nobody") is None
