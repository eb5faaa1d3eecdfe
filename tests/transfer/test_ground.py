"""What lies where an offer would go, and how it is kept.  PROTOCOL.md, 4."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import BadManifest, TransferAbandoned, UnsafeName
from lanchat.transfer import held as holding
from lanchat.transfer.clash import NOBODY, Clash, Earlier, Merging, TopId
from lanchat.transfer.ground import Ground, still_there
from lanchat.transfer.held import Held, Look
from lanchat.transfer.manifest import Entry, Manifest, make_offer
from lanchat.transfer.publish import Published
from lanchat.transfer.skips import pack
from lanchat.wire.payloads import MOST_ASKED, TopKind
from tests.transfer.again import KEY, Again, nothing, send
from tests.transfer.lanepair import ID, MIB, grow

NUMBERS = st.integers(0, 2**63 - 1)
NAMES = st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1).filter(
    lambda name: name not in {".", ".."}
)


@st.composite
def helds(draw: st.DrawFn) -> Held:
    entries = draw(st.sets(st.integers(0, 500)))
    looks = tuple(
        Look(draw(st.integers(1, 16)), draw(st.integers(0, 2**64 - 1)), *draw_two(draw))
        for _ in entries
    )
    bases = draw(st.dictionaries(NAMES, NAMES, max_size=4))
    ids = {name: TopId(draw(NUMBERS), draw(NUMBERS)) for name in bases}
    return Held(draw(st.sampled_from(Clash)), bases, pack(entries), looks, ids)


def draw_two(draw: st.DrawFn) -> tuple[int, int]:
    return draw(NUMBERS), draw(NUMBERS)


@given(held=helds())
def test_what_is_held_comes_back_as_it_was_kept(held: Held) -> None:
    assert holding.decode(held.encode()) == held


@given(held=helds(), missing=st.integers(1, 60))
def test_what_is_held_is_whole_or_nothing(held: Held, missing: int) -> None:
    with pytest.raises(BadManifest):
        holding.decode(held.encode()[:-missing])


@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_hold_nothing(data: bytes) -> None:
    try:
        held = holding.decode(data)
    except BadManifest:
        return
    assert holding.decode(held.encode()) == held


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "/", "a\0"])
def test_what_is_held_lies_in_the_download_folder(name: str) -> None:
    for bases in ({"t": name}, {name: "t"}):
        with pytest.raises(BadManifest):
            holding.decode(Held(Clash.SKIP, bases).encode())


@pytest.mark.parametrize("two", ["7", "[7]", "[7, 8, 9]", "[7, 0.5]", "null", '["7", 8]'])
def test_what_is_held_says_which_one_it_was_in_two_numbers(two: str) -> None:
    line = '{"clash": "skip", "bases": {"t": "t"}, "ids": {"t": %s}, "set": 0}\n'
    assert holding.decode((line % "[7, 8]").encode()).ids == {"t": TopId(7, 8)}
    for said in (line % two, line.replace('{"t": %s}', two)):
        with pytest.raises(BadManifest):
            holding.decode(said.encode())


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    (tmp_path / "downloads").mkdir()
    return tmp_path / "downloads"


def test_only_what_has_the_size_is_asked_about(downloads: Path, tmp_path: Path) -> None:
    root = grow(tmp_path / "t", {"a": 10, "b": 10, "c": 10, "d": 0})
    first = send(downloads, [root])
    (downloads / "t/a").write_bytes(b"longer than before")
    (downloads / "t/c").unlink()
    again = Again(downloads, [root], Clash.SKIP, first)
    again.ground.listed(again.source.manifest.encoded)
    entries = again.source.manifest.entries
    asked = [entries[n].path for group in again.ground.questions() for n in group]
    assert asked == ["t/b", "t/d"]


def test_questions_are_as_long_as_their_record_and_as_a_while(
    downloads: Path, tmp_path: Path
) -> None:
    files = {f"{n:05}": 1 for n in range(2500)}
    root = grow(tmp_path / "t", files)
    first = send(downloads, [root])
    again = Again(downloads, [root], Clash.SKIP, first)
    again.ground.listed(again.source.manifest.encoded)
    groups = list(again.ground.questions())
    assert [len(group) for group in groups] == [1024, 1024, 452]
    assert all(group[-1] - group[0] < MOST_ASKED for group in groups)
    large = grow(tmp_path / "u", {"a": 50 * MIB, "b": 50 * MIB, "c": 1})
    first = send(downloads, [large])
    again = Again(downloads, [large], Clash.SKIP, first)
    again.ground.listed(again.source.manifest.encoded)
    assert [len(group) for group in again.ground.questions()] == [2, 1]


def test_a_survey_cut_short_goes_on_where_it_was(downloads: Path, tmp_path: Path) -> None:
    root = grow(tmp_path / "t", {f"{n:05}": 1 for n in range(2500)})
    first = send(downloads, [root])
    again = Again(downloads, [root], Clash.SKIP, first)
    ground = again.ground
    ground.listed(again.source.manifest.encoded)
    group = next(ground.questions())
    ours = ground.proofs(group, KEY, nothing)
    ground.compare(group, ours, [ours[entry][0][0] for entry in group])
    assert ground.checked == len(group)
    assert next(ground.questions())[0] == group[-1] + 1
    held = ground.held()
    assert held is not None
    assert len(held.looks) == len(group)


def test_hashing_what_is_here_stops_where_it_is(downloads: Path, tmp_path: Path) -> None:
    root = grow(tmp_path / "t", {"a": 5 * MIB})
    first = send(downloads, [root])
    again = Again(downloads, [root], Clash.SKIP, first)
    again.ground.listed(again.source.manifest.encoded)

    def go_on(_size: int) -> None:
        raise TransferAbandoned("stopped")

    with pytest.raises(TransferAbandoned):
        again.ground.proofs([1], KEY, go_on)


def test_a_refused_manifest_is_refused_before_anything_is_looked_at(downloads: Path) -> None:
    manifest = Manifest((Entry(TopKind.FILE, 0, 1, 0, ".."),))
    ground = Ground(downloads, make_offer(ID, manifest), Merging(Clash.SKIP, {}))
    with pytest.raises(UnsafeName):
        ground.listed(manifest.encoded)
    with pytest.raises(BadManifest):
        ground.listed(manifest.encoded[:-1])
    assert ground.held() is None


def test_without_an_earlier_one_nothing_is_held(downloads: Path, tmp_path: Path) -> None:
    root = grow(tmp_path / "t", {"a": 10})
    grow(downloads / "t", {})
    (downloads / "t").mkdir()
    (downloads / "t/a").write_bytes((root / "a").read_bytes())
    again = Again(downloads, [root]).survey()
    assert again.skipped == []
    assert not again.incoming.begun()
    assert [one.path.name for one in again.take().publish()] == ["t (2)"]


def test_an_earlier_one_is_told_by_more_than_its_name(downloads: Path, tmp_path: Path) -> None:
    (first,) = send(downloads, [grow(tmp_path / "t", {"a": 10})])
    assert isinstance(first, Published)
    one = Earlier("t", TopKind.FOLDER, first.id)
    gone = Earlier("t (2)", TopKind.FOLDER, first.id)
    earlier = [("t", gone), ("t", one), ("t", Earlier("t", TopKind.FOLDER, first.id))]
    assert still_there(downloads, earlier) == {"t": one}
    assert still_there(downloads, [("t", Earlier("t", TopKind.FILE, first.id))]) == {}
    assert (
        still_there(
            downloads, [("t", Earlier("t", one.kind, TopId(one.id.inode + 1, one.id.birth_ns)))]
        )
        == {}
    )
    for other in (TopId(one.id.inode, one.id.birth_ns - 1), TopId(one.id.inode, 0), NOBODY):
        assert still_there(downloads, [("t", Earlier("t", one.kind, other))]) == {}
    (downloads / "t").rename(downloads / "u")
    (downloads / "t").symlink_to(downloads / "u")
    assert still_there(downloads, earlier) == {}
    assert still_there(tmp_path / "nowhere", earlier) == {}


def test_a_file_that_changes_while_it_is_hashed_is_not_the_same(
    downloads: Path, tmp_path: Path
) -> None:
    root = grow(tmp_path / "t", {"a": 3 * MIB})
    first = send(downloads, [root])
    again = Again(downloads, [root], Clash.SKIP, first)
    again.ground.listed(again.source.manifest.encoded)

    def touch(_size: int) -> None:
        os.utime(downloads / "t/a")

    assert again.ground.proofs([1], KEY, touch) == {1: []}
