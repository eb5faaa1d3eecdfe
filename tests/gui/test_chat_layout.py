"""The layout of a conversation against one that adds up everything each time."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lanchat.gui.chat_layout import Bulk, Heights, Layout, Measure

SOME = st.lists(st.integers(0, 90), max_size=40)


@given(SOME, SOME, st.integers(-5, 4_000))
def test_sums_are_those_of_adding_up(start: list[int], added: list[int], down: int) -> None:
    heights = Heights(start)
    for one in added:
        heights.append(one)
    whole = start + added
    assert heights.total == sum(whole)
    assert [heights.before(at) for at in range(len(whole) + 1)] == [
        sum(whole[:at]) for at in range(len(whole) + 1)
    ]
    found = heights.find(down)
    ends = [at for at in range(len(whole)) if sum(whole[: at + 1]) > down]
    assert found == (ends[0] if ends else max(len(whole) - 1, 0))


@given(SOME, st.data())
def test_a_row_that_was_cut_grows_again(start: list[int], data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(start)))
    heights = Heights(start)
    heights.cut(length)
    kept = [*start[:length], 7, 8, 9]
    for one in (7, 8, 9):
        heights.append(one)
    assert [heights.before(at) for at in range(len(kept) + 1)] == [
        sum(kept[:at]) for at in range(len(kept) + 1)
    ]


class LayoutAgainstAList(RuleBasedStateMachine):
    """Rows as (key, bulk), and what was drawn, for each width."""

    def __init__(self) -> None:
        super().__init__()
        self.layout = Layout(Measure((1,), 10, 20))
        self.rows: list[tuple[int, Bulk]] = []
        self.drawn: dict[int, int] = {}
        self.made = 0

    def _made(self, bulks: list[tuple[int, list[int]]]) -> list[tuple[int, Bulk]]:
        self.made += len(bulks)
        return [
            (self.made - at, Bulk(fixed, tuple(lines)))
            for at, (fixed, lines) in enumerate(bulks)
        ]

    @rule(
        where=st.floats(0, 1),
        gone=st.integers(0, 3),
        bulks=st.lists(
            st.tuples(st.integers(1, 50), st.lists(st.integers(0, 99), max_size=3)), max_size=5
        ),
    )
    def splice(self, where: float, gone: int, bulks: list[tuple[int, list[int]]]) -> None:
        start = round(where * len(self.rows))
        stop = min(start + gone, len(self.rows))
        added = self._made(bulks)
        self.layout.splice(start, stop, added)
        self.rows[start:stop] = added

    @rule(where=st.floats(0, 0.99), height=st.integers(1, 300))
    def draw(self, where: float, height: int) -> None:
        if self.rows:
            place = int(where * len(self.rows))
            self.layout.exact(place, height)
            self.drawn[self.rows[place][0]] = height

    @rule(where=st.floats(0, 0.99), fixed=st.integers(1, 300))
    def change(self, where: float, fixed: int) -> None:
        if self.rows:
            place = int(where * len(self.rows))
            self.layout.change(place, Bulk(fixed))
            self.rows[place] = self.rows[place][0], Bulk(fixed)
            self.drawn.pop(self.rows[place][0], None)

    @rule(columns=st.integers(5, 60))
    def widen(self, columns: int) -> None:
        if columns != self.layout.measure.columns:
            self.layout.use(Measure((columns,), columns, 20))
            # What was drawn at this width when it was used before.
            self.drawn = dict(self.layout._exact())

    @invariant()
    def heights_are_what_was_drawn_or_guessed(self) -> None:
        columns = self.layout.measure.columns
        expected = [
            self.drawn.get(
                key, bulk.fixed + 20 * sum(max(-(-n // columns), 1) for n in bulk.lines)
            )
            for key, bulk in self.rows
        ]
        assert [self.layout.height(at) for at in range(len(self.rows))] == expected
        assert self.layout.total == sum(expected)
        tops = [sum(expected[:at]) for at in range(len(expected))]
        assert [self.layout.top(at) for at in range(len(self.rows))] == tops
        for down in (0, self.layout.total // 2):
            seen = self.layout.visible(down, 100)
            assert (
                list(seen)
                == [
                    at
                    for at in range(len(expected))
                    if tops[at] < down + 100 and tops[at] + expected[at] > down
                ]
                or not expected
            )

    @invariant()
    def an_anchor_is_found_where_it_was_put(self) -> None:
        for down in (0, self.layout.total // 3, max(self.layout.total - 1, 0)):
            anchor = self.layout.anchor(down)
            assert (anchor is None) == (not self.rows)
            assert anchor is None or self.layout.find(anchor) == down


TestLayoutAgainstAList = LayoutAgainstAList.TestCase


def test_an_anchor_stays_with_its_item_when_older_ones_come() -> None:
    layout = Layout(Measure((1,), 10, 20))
    layout.splice(0, 0, [(1, Bulk(50)), (2, Bulk(70))])
    anchor = layout.anchor(60)
    assert anchor is not None
    layout.splice(0, 0, [(3, Bulk(500))])
    assert layout.find(anchor) == 560
    layout.splice(2, 3, [])
    assert layout.find(anchor) is None


def test_exact_heights_of_a_width_are_known_when_it_comes_back() -> None:
    layout = Layout(Measure((1,), 10, 20))
    layout.splice(0, 0, [(1, Bulk(10, (35,)))])
    assert layout.total == 90
    layout.exact(0, 66)
    layout.use(Measure((2,), 70, 20))
    assert layout.total == 30
    layout.use(Measure((1,), 10, 20))
    assert layout.total == 66
    layout.change(0, Bulk(10, (5,)))
    assert layout.total == 30
