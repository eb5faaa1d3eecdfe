"""The list of what is offered, and every way in which it may be wrong.  PROTOCOL.md, 4."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchat.errors import BadManifest, UnsafeName
from lanchat.transfer.manifest import Entry, Manifest, check, decode, layout, make_offer
from lanchat.transfer.names import fold
from lanchat.wire import bodies
from lanchat.wire.payloads import Offer, TopKind

_FILE: Final = Path(__file__).parent.parent / "vectors" / "manifests.json"
CASES: Final = json.loads(_FILE.read_text(encoding="utf-8"))["cases"]
ERRORS: Final = {"bad manifest": BadManifest, "unsafe name": UnsafeName}
GOOD: Final = [case for case in CASES if case["expect"] == "ok"]
BAD: Final = [case for case in CASES if case["expect"] != "ok"]

COMPONENT = st.text(st.sampled_from("abAB.- é\u202e:"), min_size=1, max_size=6)
PATHS = st.lists(st.lists(COMPONENT, min_size=1, max_size=4), min_size=1, max_size=12)


def _bytes(runs: str) -> bytes:
    parts = (run.partition("*") for run in runs.split())
    return b"".join(bytes.fromhex(piece) * int(times or 1) for piece, _, times in parts)


def _offer(case: dict[str, Any]) -> Offer:
    offer = bodies.decode(32, _bytes(case["offer"]))
    assert isinstance(offer, Offer)
    return offer


def _read(case: dict[str, Any]) -> Manifest:
    manifest = decode(_bytes(case["manifest"]))
    check(manifest, _offer(case))
    return manifest


def _tree(paths: list[list[str]]) -> Manifest:
    """Files at `paths`, and the folders they need."""
    kinds: dict[str, TopKind] = {}
    for path in paths:
        for depth in range(1, len(path)):
            kinds["/".join(path[:depth])] = TopKind.FOLDER
        kinds.setdefault("/".join(path), TopKind.FILE)
    entries = [
        Entry(kind, 0, len(path) if kind is TopKind.FILE else 0, 1000, path)
        for path, kind in kinds.items()
    ]
    return Manifest(tuple(sorted(entries, key=lambda entry: entry.path.encode())))


def test_a_name_that_no_offer_can_say_is_not_offered() -> None:
    longest = _tree([["\u0958" * 42]])
    assert bodies.decode(*bodies.encode(make_offer(bytes(16), longest)))
    with pytest.raises(UnsafeName):
        make_offer(bytes(16), _tree([["\u0958" * 43]]))  # 129 bytes, and twice as many then


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case["name"])
def test_a_good_manifest_is_read_and_written_alike(case: dict[str, Any]) -> None:
    manifest = _read(case)
    assert list(layout(manifest)) == case["paths"]
    assert Manifest(manifest.entries).encoded == _bytes(case["manifest"])
    offered = make_offer(_offer(case).id, manifest)
    assert bodies.encode(offered) == bodies.encode(_offer(case))


@pytest.mark.parametrize("case", BAD, ids=lambda case: case["name"])
def test_a_bad_manifest_is_refused_whole(case: dict[str, Any]) -> None:
    with pytest.raises(ERRORS[case["expect"]]):
        layout(_read(case))


@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_are_a_manifest_or_refused(data: bytes) -> None:
    try:
        manifest = decode(data)
    except BadManifest:
        return
    assert Manifest(manifest.entries).encoded == data


@given(case=st.sampled_from(GOOD), place=st.integers(0), bit=st.integers(0, 7))
def test_a_flipped_bit_never_passes(case: dict[str, Any], place: int, bit: int) -> None:
    data = bytearray(_bytes(case["manifest"]))
    data[place % len(data)] ^= 1 << bit
    with pytest.raises((BadManifest, UnsafeName)):
        check(decode(bytes(data)), _offer(case))


@given(paths=PATHS)
def test_no_two_entries_come_to_lie_in_one_place(paths: list[list[str]]) -> None:
    manifest = _tree(paths)
    try:
        check(manifest, make_offer(bytes(16), manifest))
        placed = layout(manifest)
    except UnsafeName:
        return
    assert len({fold(path) for path in placed}) == len(manifest.entries)
    for entry, path in zip(manifest.entries, placed, strict=True):
        assert path.count("/") == entry.path.count("/")
        assert not path.startswith(("/", "../"))
        assert "/../" not in path


def test_an_offer_shows_the_first_64_entries() -> None:
    manifest = _tree([[f"{n:03}"] for n in range(70)])
    offer = make_offer(bytes(16), manifest)
    assert offer.tops == 70
    assert [top.name for top in offer.shown] == [f"{n:03}" for n in range(64)]


def test_a_folder_is_as_large_as_its_files() -> None:
    manifest = _tree([["a", "b"], ["a", "c", "d"], ["e"]])
    assert [(top.kind, top.size, top.name) for top in manifest.tops] == [
        (TopKind.FOLDER, 8, "a"),
        (TopKind.FILE, 1, "e"),
    ]
    assert (manifest.files, manifest.folders, manifest.total) == (3, 2, 9)


def test_more_than_an_offer_can_carry_is_not_written() -> None:
    with pytest.raises(ValueError, match="0 entries"):
        _ = Manifest(()).encoded
