"""Sets of entries, and the stream that is left without them.  PROTOCOL.md, 4."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import MalformedPayload
from lanchat.transfer.manifest import Entry, Manifest
from lanchat.transfer.plan import ABSENT, Plan
from lanchat.transfer.skips import files_of, pack, unpack
from lanchat.wire.payloads import MAX_ENTRIES, MOST_SKIPPED, TopKind

SETS = st.sets(st.integers(0, 3000))
FILE, FOLDER = TopKind.FILE, TopKind.FOLDER


def listed(*sizes: int) -> Manifest:
    """Files of these sizes; below 0 a folder."""
    return Manifest(
        tuple(
            Entry(FOLDER if size < 0 else FILE, 0, max(size, 0), 0, f"{n:06}")
            for n, size in enumerate(sizes)
        )
    )


@given(entries=SETS)
def test_a_set_says_what_it_was_made_of(entries: set[int]) -> None:
    said = pack(entries)
    assert unpack(said) == sorted(entries)
    assert len(said) == (max(entries) // 8 + 1 if entries else 0)
    assert not said.endswith(b"\0")


@given(said=st.binary(max_size=200).filter(lambda said: not said.endswith(b"\0")))
def test_there_is_one_way_to_write_a_set(said: bytes) -> None:
    assert pack(unpack(said)) == said


@given(entries=SETS, first=st.integers(0, 5000))
def test_a_set_may_begin_at_any_entry(entries: set[int], first: int) -> None:
    manifest = listed(*[1] * 8001)
    assert files_of(pack(entries), manifest, first) == sorted(first + one for one in entries)


def test_the_largest_set_fits_into_its_field() -> None:
    assert len(pack([MAX_ENTRIES - 1])) == MOST_SKIPPED
    assert unpack(pack(range(MAX_ENTRIES))) == list(range(MAX_ENTRIES))


@pytest.mark.parametrize("entries", [[4], [0, 4], [1], [0, 1], [100_000]])
def test_a_set_that_names_no_file_is_refused(entries: list[int]) -> None:
    manifest = listed(5, -1, 0, 7)
    with pytest.raises(MalformedPayload):
        files_of(pack(entries), manifest)
    with pytest.raises(MalformedPayload):
        Plan(manifest, pack(entries))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    sizes = draw(st.lists(st.integers(-1, 12), min_size=1, max_size=20))
    files = [entry for entry, size in enumerate(sizes) if size >= 0]
    skipped = draw(st.sets(st.sampled_from(files))) if files else set()
    return Plan(listed(*sizes), pack(skipped))


@given(plan=plans(), where=st.floats(0, 1))
def test_the_entry_at_an_offset_is_the_first_not_wholly_before_it(
    plan: Plan, where: float
) -> None:
    offset = round(where * plan.length)
    pairs = zip(plan.starts, plan.starts[1:], strict=False)
    before = [end <= offset and start < offset for start, end in pairs]
    assert plan.entry_at(offset) == [*before, False].index(False)


@given(plan=plans())
def test_what_is_left_is_what_is_not_skipped(plan: Plan) -> None:
    manifest, skipped = plan.manifest, set(unpack(plan.skip))
    left = [e.size for n, e in enumerate(manifest.entries) if n not in skipped]
    head = 0 if skipped else len(manifest.encoded)
    assert plan.length == head + sum(left) == plan.starts[-1]
    assert plan.starts[0] == len(plan.head) == head
    assert (plan.skipped, plan.spared) == (len(skipped), manifest.total - sum(left))
    assert [size for size in plan.sizes if size != ABSENT] == left
    assert plan.files_through(0) == plan.spared
    assert plan.files_through(plan.length) == manifest.total


@pytest.mark.parametrize("make", [Plan, lambda manifest: Plan(manifest, b"")])
def test_without_a_set_the_manifest_comes_first(make: Callable[[Manifest], Plan]) -> None:
    manifest = listed(3, -1, 4)
    plan = make(manifest)
    assert plan.head == manifest.encoded
    assert plan.length == len(manifest.encoded) + 7
