"""Which one it is: the next may have its name and its inode.  PROTOCOL.md, 4.

A folder of the user's own is put where an earlier transfer left one, and the record of that
is given the inode of the new one, as it is on file systems that use an inode again at once.
"""

import os
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from lanchat.errors import HeldChanged
from lanchat.transfer import births, exchange
from lanchat.transfer.births import told, top_id
from lanchat.transfer.clash import NOBODY, Clash, TopId
from lanchat.transfer.merge import Merge
from lanchat.transfer.parts import Incoming
from lanchat.transfer.parts_folder import PARTS
from lanchat.transfer.publish import Published
from tests.transfer.again import KEY, Again, id_of, send
from tests.transfer.lanepair import grow, tree
from tests.transfer.test_placing import Crash, crash_in

FILES = {"a.txt": 5, "b/c.txt": 7}
MINE = {"a.txt": 5, "mine": 3}
BOTH = pytest.mark.parametrize("clash", [Clash.SKIP, Clash.OVERWRITE])
EITHER = pytest.mark.parametrize("kind", ["folder", "file"])


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    (tmp_path / "downloads").mkdir()
    return tmp_path / "downloads"


def something(place: Path, kind: str, content: dict[str, int]) -> Path:
    """A folder, or a file of five bytes."""
    return (
        grow(place, content)
        if kind == "folder"
        else grow(place.parent, {place.name: 5}) / place.name
    )


def remove(place: Path) -> None:
    shutil.rmtree(place) if place.is_dir() else place.unlink()


def look_at(downloads: Path) -> dict[str, bytes | None]:
    return {name: data for name, data in tree(downloads).items() if not name.startswith(PARTS)}


def made_anew(place: Path, kind: str, before: TopId) -> TopId:
    """Something of the user's own in the place of what came; as if it had got its inode."""
    assert before.birth_ns, "the tests lie on a disk that tells no birth"
    while True:
        remove(place)
        something(place, kind, MINE)
        now = id_of(place)
        if now.birth_ns != before.birth_ns:  # the clock of a file system ticks in ms
            return TopId(now.inode, before.birth_ns)


def used_again(first: tuple[Published, ...], kind: str) -> tuple[Published, ...]:
    (one,) = first
    return (replace(one, id=made_anew(one.path, kind, one.id)),)


# --- what tells them apart ----------------------------------------------------------------


def test_a_disk_that_uses_an_inode_again_gives_it_another_birth(tmp_path: Path) -> None:
    seen: dict[int, int] = {}
    for _ in range(50):
        (tmp_path / "t").mkdir()
        one = id_of(tmp_path / "t")
        assert one.birth_ns > 0
        assert seen.get(one.inode) != one.birth_ns
        seen[one.inode] = one.birth_ns
        while id_of(tmp_path / "t").birth_ns == one.birth_ns:
            (tmp_path / "t").rmdir()
            (tmp_path / "t").mkdir()
        (tmp_path / "t").rmdir()


def test_it_is_the_same_by_any_name_and_after_any_change(tmp_path: Path) -> None:
    grow(tmp_path / "t", {"f": 5})
    before = id_of(tmp_path / "t"), id_of(tmp_path / "t/f")
    assert all(one.is_same(one) for one in before)
    (tmp_path / "t").rename(tmp_path / "u")
    (tmp_path / "u/new").write_bytes(b"new")
    os.utime(tmp_path / "u", ns=(1, 1))
    os.link(tmp_path / "u/f", tmp_path / "g")
    (tmp_path / "u/f").unlink()
    (tmp_path / "g").write_bytes(b"longer than it was")
    (tmp_path / "g").chmod(0o400)
    assert (id_of(tmp_path / "u"), id_of(tmp_path / "g")) == before


def test_a_link_is_not_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "link").symlink_to("t")
    assert not id_of(tmp_path / "link").is_same(id_of(tmp_path / "t"))
    assert id_of(tmp_path / "link").inode == os.lstat(tmp_path / "link").st_ino


def test_nobody_is_the_same_as_nobody(tmp_path: Path) -> None:
    assert id_of(tmp_path / "nothing") == NOBODY
    for one in (NOBODY, TopId(7, 0)):
        assert not one.is_same(one)


@pytest.mark.parametrize(
    ("says", "found"),
    [
        ({"st_birthtime_ns": 5_000_000_001}, TopId(7, 5_000_000_001)),
        ({"st_birthtime": 5.5}, TopId(7, 5_500_000_000)),
        ({"st_birthtime": -1.0}, NOBODY),  # BSD, where none is known
        ({"st_birthtime": 0.0}, NOBODY),
        ({"st_birthtime": 1e30}, NOBODY),
        ({}, NOBODY),
    ],
)
def test_other_systems_say_it_themselves(says: dict[str, float], found: TopId) -> None:
    stat = SimpleNamespace(st_ino=7, st_ctime_ns=1, **says)
    assert told(cast("os.stat_result", stat)) == found


@pytest.mark.parametrize(
    ("mask", "seconds", "ns", "found"),
    [
        (0xFFF, 5, 1, TopId(7, 5_000_000_001)),
        (0x7FF, 5, 1, NOBODY),
        (0xFFF, 0, 0, NOBODY),
        (0xFFF, -5, 1, NOBODY),
        (0xFFF, 2**63 - 1, 2**32 - 1, NOBODY),
    ],
)
def test_a_disk_that_says_nonsense_proves_nothing(
    monkeypatch: pytest.MonkeyPatch, mask: int, seconds: int, ns: int, found: TopId
) -> None:
    def answers(_folder: int, _name: bytes, _flags: int, _asked: int, answer: bytearray) -> int:
        births._FIELDS.pack_into(answer, 0, mask, 7, seconds, ns)
        return 0

    monkeypatch.setattr(births, "_statx", lambda: answers)
    assert top_id(-1, "t") == found


@pytest.mark.parametrize("without", ["statx", "birth"])
@BOTH
def test_without_a_birth_all_of_it_comes_and_lies_beside(
    downloads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clash: Clash, without: str
) -> None:
    if without == "statx":
        monkeypatch.setattr(births, "_statx", lambda: None)
    else:  # as ext2, and many disks on a network
        monkeypatch.setattr(births, "_BTIME", 0)
    root = grow(tmp_path / "t", FILES)
    first = send(downloads, [root])
    again = Again(downloads, [root], clash, first).survey()
    assert (first[0].id, again.skipped) == (NOBODY, [])
    assert [one.path.name for one in again.take().publish()] == ["t (2)"]


# --- a user's own, with that name and that inode ------------------------------------------


@BOTH
@EITHER
def test_it_is_neither_looked_at_nor_touched_and_the_sender_learns_nothing(
    downloads: Path, tmp_path: Path, clash: Clash, kind: str
) -> None:
    root = something(tmp_path / "t", kind, FILES)
    first = used_again(send(downloads, [root]), kind)
    if kind == "folder":  # the same as the sender's, which it must not learn
        shutil.copy2(root / "a.txt", downloads / "t/a.txt")
    else:
        shutil.copy2(root, downloads / "t")
    before = look_at(downloads)
    again = Again(downloads, [root], clash, first)
    again.ground.listed(again.source.manifest.encoded)
    assert list(again.ground.questions()) == []
    assert again.survey().skip == b""
    assert [one.path.name for one in again.take().publish()] == ["t (2)"]
    after = look_at(downloads)
    assert {name: after[name] for name in before} == before
    assert id_of(downloads / "t").inode == first[0].id.inode


@BOTH
@EITHER
def test_what_is_made_while_a_survey_runs_is_not_hashed(
    downloads: Path, tmp_path: Path, clash: Clash, kind: str
) -> None:
    root = something(tmp_path / "t", kind, FILES)
    again = Again(downloads, [root], clash, send(downloads, [root]))
    again.ground.listed(again.source.manifest.encoded)
    (asked,) = again.ground.questions()
    shutil.move(downloads / "t", tmp_path / "theirs")
    shutil.copytree(root, downloads / "t") if kind == "folder" else shutil.copy2(
        root, downloads / "t"
    )
    read: list[int] = []
    assert again.ground.proofs(asked, KEY, read.append) == {entry: [] for entry in asked}
    assert sum(read) == 0


@BOTH
@EITHER
def test_what_is_made_while_the_rest_travels_is_not_touched(
    downloads: Path, tmp_path: Path, clash: Clash, kind: str
) -> None:
    root = something(tmp_path / "t", kind, FILES)
    first = send(downloads, [root])
    remove(root)  # nothing of it stays the same, so nothing is skipped
    something(root, kind, {"a.txt": 6, "b/c.txt": 8})
    again = Again(downloads, [root], clash, first).survey().take()
    assert again.skipped == []
    shutil.move(downloads / "t", tmp_path / "theirs")
    something(downloads / "t", kind, MINE)
    before = look_at(downloads)
    with pytest.raises(HeldChanged):
        again.publish()
    assert tree(downloads) == before
    anew = Again(downloads, [root], clash, first, part=again.incoming.part).survey().take()
    assert [one.path.name for one in anew.publish()] == ["t (2)"]
    after = tree(downloads)
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("way", ["exchange", "turns"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", ["link", "unlink", "rename", "fsync"])
@EITHER
def test_what_is_made_after_a_crash_is_not_replaced(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    call: str,
    after: bool,
    way: str,
) -> None:
    for turn in range(1, 20):
        downloads, root = tmp_path / f"downloads {turn}", tmp_path / f"{turn}/t"
        downloads.mkdir()
        root.parent.mkdir()
        something(root, kind, FILES)
        first = send(downloads, [root])
        remove(root)
        something(root, kind, FILES)
        again = Again(downloads, [root], Clash.OVERWRITE, first).survey().take()
        with monkeypatch.context() as patched:
            if way == "turns":
                patched.setattr(exchange, "exchange", lambda *_given: False)
            came = crash_in(patched, call, turn=turn, after=after)
            with suppress(Crash):
                again.incoming.publish()
            if not came():
                break
        if (downloads / "t").exists():
            shutil.move(downloads / "t", tmp_path / f"theirs {turn}")
        something(downloads / "t", kind, MINE)
        mine, which = look_at(downloads), id_of(downloads / "t")
        fresh = Incoming(downloads, again.offer, part=again.incoming.part)
        if fresh.placing():
            found = fresh.publish()
            assert which not in [one.id for one in found]
        fresh.discard(placed=True)
        now = tree(downloads)
        assert {name: now[name] for name in mine} == mine
        assert id_of(downloads / "t") == which
    else:
        raise AssertionError("there is always another step")


@pytest.mark.parametrize("way", ["exchange", "turns"])
def test_what_comes_between_the_look_and_the_exchange_gets_its_place_back(
    downloads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    again = changed_file(downloads, tmp_path)
    where, name = (exchange, "exchange") if way == "exchange" else (os, "rename")
    swap = getattr(where, name)
    if way == "turns":
        monkeypatch.setattr(exchange, "exchange", lambda *_given: False)

    def late(*given: object, **named: object) -> object:
        monkeypatch.setattr(where, name, swap)
        (downloads / "t").rename(tmp_path / "theirs")
        (downloads / "t").write_bytes(b"mine")
        return swap(*given, **named)

    with monkeypatch.context() as patched:
        crash_in(patched, "link", turn=1, after=False)
        with suppress(Crash):
            again.incoming.publish()
    monkeypatch.setattr(where, name, late)
    (found,) = again.publish()
    assert found.path == downloads / "t (2)"
    assert tree(downloads) == {"t": b"mine", "t (2)": (tmp_path / "t").read_bytes()}


def test_what_has_the_place_already_is_not_even_taken_for_a_moment(
    downloads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = changed_file(downloads, tmp_path)
    with monkeypatch.context() as patched:
        crash_in(patched, "link", turn=1, after=True)  # ready to be exchanged
        with pytest.raises(Crash):
            again.incoming.publish()
    (downloads / "t").rename(tmp_path / "theirs")
    (downloads / "t").write_bytes(b"mine")
    moved: list[object] = []

    def noting(*given: object) -> bool:
        moved.append(given)
        return False

    monkeypatch.setattr(exchange, "exchange", noting)
    (found,) = again.publish()
    assert (moved, found.path) == ([], downloads / "t (2)")


def changed_file(downloads: Path, tmp_path: Path) -> Again:
    """A file that came, and now comes with other content, to replace the older one."""
    grow(tmp_path, {"t": 5})
    first = send(downloads, [tmp_path / "t"])
    grow(tmp_path, {"t": 5})
    return Again(downloads, [tmp_path / "t"], Clash.OVERWRITE, first).survey().take()


@pytest.mark.parametrize("clash", [Clash.SKIP, Clash.OVERWRITE])
def test_what_an_earlier_lanchat_had_prepared_is_brought_to_its_end(
    downloads: Path, tmp_path: Path, clash: Clash
) -> None:
    root = grow(tmp_path / "t", FILES)
    first = send(downloads, [root])
    grow(root, {"a.txt": 7})
    again = Again(downloads, [root], clash, first).survey().take()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Merge, "run", _crash)
        with pytest.raises(RuntimeError):
            again.publish()
    part = downloads / PARTS / again.incoming.part
    _forget_ids(part / "held")
    (part / "places").write_text('["t"]')
    fresh = Incoming(downloads, again.offer, part=again.incoming.part)
    (found,) = fresh.publish()
    assert found.path == downloads / "t"
    beside = [] if clash is Clash.OVERWRITE else ["a (2).txt"]
    assert sorted(tree(found.path)) == sorted(["a.txt", "b", "b/c.txt", *beside])
    newest = found.path / (beside[0] if beside else "a.txt")
    assert newest.read_bytes() == (root / "a.txt").read_bytes()


def _crash(_merge: Merge) -> None:
    raise RuntimeError("killed")


def _forget_ids(kept: Path) -> None:
    line, _, rest = kept.read_bytes().partition(b"\n")
    assert b', "ids": {"t": [' in line
    start, _, end = line.partition(b', "ids": ')
    kept.write_bytes(start + b", " + end.partition(b"}, ")[2] + b"\n" + rest)


def test_a_set_that_an_earlier_lanchat_kept_is_compared_anew(
    downloads: Path, tmp_path: Path
) -> None:
    root = grow(tmp_path / "t", FILES)
    first = send(downloads, [root])
    grow(root, {"new": 5})
    again = Again(downloads, [root], Clash.SKIP, first).survey().take()
    _forget_ids(downloads / PARTS / again.incoming.part / "held")
    fresh = Incoming(downloads, again.offer, part=again.incoming.part)
    assert fresh.begun()
    fresh.begin(0)
    fresh.write(again.stream())
    with pytest.raises(HeldChanged):
        fresh.publish()
    assert sorted(tree(downloads)) == ["t", "t/a.txt", "t/b", "t/b/c.txt"]
