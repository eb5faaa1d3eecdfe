"""What comes again: skipped if it is the same, beside or in place of the older if it is not."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from lanchat.errors import DiskFailed, FolderGone, HeldChanged
from lanchat.transfer import exchange, moving, roots
from lanchat.transfer.clash import Clash
from lanchat.transfer.merge import Merge
from lanchat.transfer.parts import Incoming
from lanchat.transfer.parts_folder import PARTS
from lanchat.transfer.publish import Published
from lanchat.wire.payloads import TopKind
from tests.transfer.again import Again, id_of, send
from tests.transfer.lanepair import grow, tree
from tests.transfer.test_placing import Crash, crash_in

FILES = {"a.txt": 5, "b/c.txt": 7, "b/d/e.txt": 9, "b/empty": 0, "f": 11}
SKIP, OVERWRITE = Clash.SKIP, Clash.OVERWRITE


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    (tmp_path / "downloads").mkdir()
    return tmp_path / "downloads"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return grow(tmp_path / "t", FILES)


def change(path: Path) -> bytes:
    """Other bytes, of the same size; gives the older ones."""
    before = path.read_bytes()
    path.write_bytes(os.urandom(len(before)))
    return before


# --- skip ---------------------------------------------------------------------------------


@pytest.mark.parametrize("clash", [SKIP, OVERWRITE])
def test_nothing_of_what_is_the_same_travels(downloads: Path, root: Path, clash: Clash) -> None:
    first = send(downloads, [root])
    before = tree(downloads)
    again = Again(downloads, [root], clash, first).survey()
    assert again.skipped == sorted(f"t/{name}" for name in FILES)
    assert again.source.without(again.skip).length == 0
    (found,) = again.take().publish()
    assert (found.path, found.id) == (downloads / "t", first[0].id)
    assert tree(downloads) == before


def test_what_changed_lies_beside_and_what_is_new_gets_its_name(
    downloads: Path, root: Path
) -> None:
    first = send(downloads, [root])
    before = tree(downloads / "t")
    change(root / "b/c.txt")
    (root / "a.txt").write_bytes(b"longer than it was")
    grow(root, {"new": 3, "b/g/h": 4, "b/nothing": -1})
    again = Again(downloads, [root], SKIP, first).survey()
    assert again.skipped == ["t/b/d/e.txt", "t/b/empty", "t/f"]
    again.take().publish()
    now = tree(downloads / "t")
    assert {name: now[name] for name in before} == before
    assert now["a (2).txt"] == b"longer than it was"
    assert now["b/c (2).txt"] == (root / "b/c.txt").read_bytes()
    assert now["new"] == (root / "new").read_bytes()
    assert now["b/g/h"] == (root / "b/g/h").read_bytes()
    assert (downloads / "t/b/nothing").is_dir()
    assert sorted(set(now) - set(before)) == [
        "a (2).txt", "b/c (2).txt", "b/g", "b/g/h", "b/nothing", "new",
    ]  # fmt: skip


def test_what_lies_beside_is_found_the_next_time(downloads: Path, root: Path) -> None:
    first = send(downloads, [root])
    change(root / "a.txt")
    second = send(downloads, [root], SKIP, first)
    before = tree(downloads)
    again = Again(downloads, [root], SKIP, second).survey()
    assert again.source.without(again.skip).length == 0
    again.take().publish()
    assert tree(downloads) == before


def test_a_file_that_its_owner_edited_stays_and_the_original_comes_again(
    downloads: Path, root: Path
) -> None:
    first = send(downloads, [root])
    (downloads / "t/a.txt").write_bytes(b"mine!")
    (downloads / "t/f").unlink()
    again = Again(downloads, [root], SKIP, first).survey()
    assert again.skipped == ["t/b/c.txt", "t/b/d/e.txt", "t/b/empty"]
    again.take().publish()
    assert (downloads / "t/a.txt").read_bytes() == b"mine!"
    assert (downloads / "t/a (2).txt").read_bytes() == (root / "a.txt").read_bytes()
    assert (downloads / "t/f").read_bytes() == (root / "f").read_bytes()


@pytest.mark.parametrize("clash", [SKIP, OVERWRITE])
def test_a_folder_that_is_not_the_one_that_came_is_none_of_theirs(
    downloads: Path, root: Path, clash: Clash
) -> None:
    first = send(downloads, [root])
    (downloads / "t").rename(downloads.parent / "theirs")
    grow(downloads / "t", {"a.txt": 5, "mine": 3})
    before = tree(downloads / "t")
    again = Again(downloads, [root], clash, first).survey()
    assert again.skipped == []
    assert [one.path.name for one in again.take().publish()] == ["t (2)"]
    assert tree(downloads / "t") == before
    assert tree(downloads / "t (2)") == tree(root)


def test_a_folder_that_came_under_another_name_is_found_there(
    downloads: Path, root: Path
) -> None:
    (downloads / "t").mkdir()
    first = send(downloads, [root])
    assert first[0].path.name == "t (2)"
    grow(root, {"new": 2})
    second = send(downloads, [root], SKIP, first)
    assert second[0].path.name == "t (2)"
    assert tree(downloads / "t (2)") == tree(root)


def test_names_that_were_cleaned_are_found_again(downloads: Path, tmp_path: Path) -> None:
    root = grow(tmp_path / "t", {"a?b": 3, "A?B": 3, "CON": 4})
    first = send(downloads, [root])
    again = Again(downloads, [root], SKIP, first).survey()
    assert len(again.skipped) == 3


def test_files_at_the_top_are_compared_too(downloads: Path, tmp_path: Path) -> None:
    grow(tmp_path, {"same": 4, "other": 5})
    paths = [tmp_path / "same", tmp_path / "other"]
    first = send(downloads, paths)
    older = change(tmp_path / "other")
    again = Again(downloads, paths, SKIP, first).survey()
    assert again.skipped == ["same"]
    names = [one.path.name for one in again.take().publish()]
    assert names == ["other (2)", "same"]
    assert (downloads / "other").read_bytes() == older
    assert (downloads / "other (2)").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_set_survives_a_crash_and_the_part_goes_on(downloads: Path, tmp_path: Path) -> None:
    root = grow(tmp_path / "t", {"a": 3_000_000, "b": 3_000_000, "c": 10})
    first = send(downloads, [root])
    change(root / "a")
    crashed = Again(downloads, [root], SKIP, first).survey().take(2_500_000)
    again = Incoming(downloads, crashed.offer, part=crashed.incoming.part)
    assert again.begun()
    assert again.known is not None
    assert again.known.plan.skip == crashed.skip
    offset, prefix = again.resume_point(Event())
    assert offset == 2 * 2**20
    source = crashed.source.without(crashed.skip)
    assert prefix == source.prefix_digest(offset, Event())
    again.begin(offset)
    for at in range(offset, source.length, 2**20):
        again.write(crashed.stream()[at : at + 2**20])
    again.publish()
    again.discard()
    assert (downloads / "t/a (2)").read_bytes() == (root / "a").read_bytes()
    assert sorted(tree(downloads / "t")) == ["a", "a (2)", "b", "c"]


@pytest.mark.parametrize(
    "foul",
    [
        lambda path: path.write_bytes(b"other"),
        lambda path: path.unlink(),
        lambda path: (path.unlink(), path.symlink_to("f")),
        lambda path: os.utime(path, ns=(0, 0)),
    ],
)
def test_what_was_skipped_has_to_be_there_still_at_the_end(
    downloads: Path, root: Path, foul: Callable[[Path], object]
) -> None:
    first = send(downloads, [root])
    change(root / "f")
    again = Again(downloads, [root], SKIP, first).survey().take()
    foul(downloads / "t/a.txt")
    with pytest.raises(HeldChanged):
        again.publish()
    assert not (downloads / PARTS).exists()
    assert not (downloads / "t/f (2)").exists()
    once_more = Again(downloads, [root], SKIP, first, part=again.incoming.part)
    assert "t/b/c.txt" in once_more.survey().skipped
    once_more.take().publish()
    found = [path.read_bytes() for path in (downloads / "t").glob("a*.txt")]
    assert (root / "a.txt").read_bytes() in found


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"nonsense", b'{"clash":"skip"}\n'])
def test_a_damaged_set_is_no_part(downloads: Path, root: Path, damage: bytes) -> None:
    first = send(downloads, [root])
    again = Again(downloads, [root], SKIP, first).survey()
    (downloads / PARTS / again.incoming.part / "held").write_bytes(damage)
    fresh = Incoming(downloads, again.offer, part=again.incoming.part)
    assert not fresh.begun()
    assert fresh.known is None


# --- overwrite ----------------------------------------------------------------------------


def test_what_changed_takes_the_place_of_the_older(downloads: Path, root: Path) -> None:
    first = send(downloads, [root])
    (downloads / "t/mine").write_bytes(b"mine")
    change(root / "a.txt")
    (root / "b/c.txt").write_bytes(b"longer than it was")
    grow(root, {"new": 3})
    again = Again(downloads, [root], OVERWRITE, first).survey()
    assert again.skipped == ["t/b/d/e.txt", "t/b/empty", "t/f"]
    again.take().publish()
    now = tree(downloads / "t")
    assert now.pop("mine") == b"mine"
    assert now == tree(root)
    assert not (downloads / PARTS).exists()


def test_a_file_at_the_top_is_replaced_only_if_so_wished(
    downloads: Path, tmp_path: Path
) -> None:
    grow(tmp_path, {"file": 5})
    first = send(downloads, [tmp_path / "file"])
    change(tmp_path / "file")
    (found,) = send(downloads, [tmp_path / "file"], OVERWRITE, first)
    assert found.path == downloads / "file"
    assert tree(downloads) == {"file": (tmp_path / "file").read_bytes()}


@pytest.mark.parametrize("kind", ["link", "dangling link", "folder", "pipe", "read-only"])
@pytest.mark.parametrize("where", ["b/c.txt", "b"])
def test_only_files_are_replaced_and_only_folders_entered(
    tmp_path: Path, downloads: Path, root: Path, kind: str, where: str
) -> None:
    outside = grow(tmp_path / "outside", {"c.txt": 7, "kept": 3})
    kept = tree(outside)
    first = send(downloads, [root])
    change(root / "b/c.txt")
    place = downloads / "t" / where
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    match kind:
        case "link":
            place.symlink_to(outside if where == "b" else outside / "c.txt")
        case "dangling link":
            place.symlink_to(outside / "new")
        case "folder":
            place.mkdir()
        case "pipe":
            os.mkfifo(place)
        case "read-only":
            place.write_bytes(b"mine")
            place.chmod(0o400)
    before = os.lstat(place)
    send(downloads, [root], OVERWRITE, first)
    assert os.lstat(place).st_ino == before.st_ino
    assert tree(outside) == kept
    content = (root / "b/c.txt").read_bytes()
    if where == "b/c.txt":
        assert (downloads / "t/b/c (2).txt").read_bytes() == content
    else:
        came = "b" if kind == "folder" else "b (2)"
        assert (downloads / "t" / came / "c.txt").read_bytes() == content


def _restored(downloads: Path, before: dict[str, bytes | None]) -> None:
    now = tree(downloads / "t")
    assert {name: now[name] for name in before} == before


@pytest.mark.parametrize("way", ["exchange", "turns"])
def test_a_failure_gives_older_files_their_places_back(
    downloads: Path, root: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    first = send(downloads, [root])
    before = tree(downloads / "t")
    for name in ("a.txt", "b/c.txt", "f"):
        change(root / name)
    again = Again(downloads, [root], OVERWRITE, first).survey().take()
    _only(monkeypatch, way)
    make = exchange.Swap.make
    made: list[str] = []

    def third_fails(self: exchange.Swap, source: int, goal: int, aside: int) -> bool:
        made.append(self.chosen)
        if len(made) == 3:
            raise OSError(5, "Input/output error")
        return make(self, source, goal, aside)

    with monkeypatch.context() as patched:
        patched.setattr(exchange.Swap, "make", third_fails)
        with pytest.raises(DiskFailed):
            again.incoming.publish()
    assert len(made) == 3
    assert tree(downloads / "t") == before
    again.publish()
    assert tree(downloads / "t") == tree(root)


def _swapping_and_crashing(source: int, name: str, goal: int, chosen: str) -> bool:
    moving.exchange(source, name, goal, chosen)
    raise Crash


def _only(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Take one of the ways in which files change places."""
    if way == "turns":
        monkeypatch.setattr(exchange, "exchange", lambda *_given: False)


@pytest.mark.parametrize("way", ["exchange", "turns"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", ["link", "unlink", "rename", "fsync"])
def test_a_crash_at_any_step_loses_neither_the_old_nor_the_new(
    tmp_path: Path,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    after: bool,
    call: str,
) -> None:
    pristine = tmp_path / "pristine"
    pristine.mkdir()
    send(pristine, [root])
    before = tree(pristine / "t")
    for name in ("a.txt", "b/c.txt"):
        change(root / name)
    grow(root, {"new": 4, "b/g/h": 5})
    for turn in range(1, 20):
        downloads = tmp_path / f"downloads {turn}"
        shutil.copytree(pristine, downloads)
        first = (Published(downloads / "t", 0, TopKind.FOLDER, "t", id_of(downloads / "t")),)
        again = Again(downloads, [root], OVERWRITE, first).survey().take()
        with monkeypatch.context() as patched:
            _only(patched, way)
            came = crash_in(patched, call, turn=turn, after=after)
            with suppress(Crash):
                again.incoming.publish()
            if not came():
                break
        present = {*_contents(downloads)}
        assert {before["a.txt"], before["b/c.txt"]} <= present
        assert {(root / name).read_bytes() for name in ("a.txt", "b/c.txt")} <= present
        fresh = Incoming(downloads, again.offer, part=again.incoming.part)
        if not fresh.placing():
            assert tree(downloads / "t") == before
            continue
        with monkeypatch.context() as patched:
            _only(patched, way)
            fresh.publish()
        fresh.discard(placed=True)
        assert tree(downloads / "t") == tree(root)
        assert not (downloads / PARTS).exists()
    else:
        raise AssertionError("there is always another step")


def _contents(downloads: Path) -> list[bytes]:
    return [path.read_bytes() for path in downloads.rglob("*") if path.is_file()]


def test_a_part_given_up_gives_back_what_lies_aside(
    downloads: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = send(downloads, [root])
    before = tree(downloads / "t")
    change(root / "a.txt")
    again = Again(downloads, [root], OVERWRITE, first).survey().take()
    with monkeypatch.context() as patched:
        _only(patched, "turns")
        crash_in(patched, "rename", turn=1, after=True)
        with pytest.raises(Crash):
            again.incoming.publish()
    again.incoming.keep()
    assert not (downloads / "t/a.txt").exists()
    Incoming(downloads, again.offer, part=again.incoming.part).discard()
    assert tree(downloads / "t") == before


@pytest.mark.parametrize("way", ["exchange", "turns"])
@pytest.mark.parametrize("call", ["unlink", "rename", "fsync"])
def test_giving_up_after_a_crash_loses_no_older_file(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, way: str, call: str
) -> None:
    pristine = tmp_path / "pristine"
    pristine.mkdir()
    send(pristine, [root])
    before = tree(pristine / "t")
    for name in ("a.txt", "b/c.txt"):
        change(root / name)
    for turn in range(1, 20):
        downloads = tmp_path / f"downloads {turn}"
        shutil.copytree(pristine, downloads)
        first = (Published(downloads / "t", 0, TopKind.FOLDER, "t", id_of(downloads / "t")),)
        again = Again(downloads, [root], OVERWRITE, first).survey().take()
        with monkeypatch.context() as patched:
            _only(patched, way)
            came = crash_in(patched, call, turn=turn, after=True)
            with suppress(Crash):
                again.incoming.publish()
            if not came():
                break
        again.incoming.keep()
        Incoming(downloads, again.offer, part=again.incoming.part).discard()
        now = tree(downloads / "t")
        assert {*before.values()} <= {*now.values()}
        assert way == "turns" or now == before
        assert not (downloads / PARTS).exists()
    else:
        raise AssertionError("there is always another step")


def _replacing(
    downloads: Path, root: Path, monkeypatch: pytest.MonkeyPatch, way: str = "exchange"
) -> tuple[Again, bytes]:
    """A new file has taken the place of t/b/c.txt, and then the program ended."""
    first = send(downloads, [root])
    older = change(root / "b/c.txt")
    again = Again(downloads, [root], OVERWRITE, first).survey().take()
    with monkeypatch.context() as patched:
        _only(patched, way)
        patched.setattr(Merge, "_sync", _crash)
        with pytest.raises(Crash):
            again.incoming.publish()
    again.incoming.keep()
    assert (downloads / "t/b/c.txt").read_bytes() == (root / "b/c.txt").read_bytes()
    return again, older


def _crash(_merge: Merge) -> None:
    raise Crash


def _given_up(again: Again, downloads: Path) -> None:
    Incoming(downloads, again.offer, part=again.incoming.part).discard()


@pytest.mark.parametrize("way", ["exchange", "turns"])
@pytest.mark.parametrize("their", ["renamed", "a link", "a file"])
def test_an_older_file_whose_folder_is_gone_lies_among_the_downloads(
    downloads: Path, root: Path, monkeypatch: pytest.MonkeyPatch, their: str, way: str
) -> None:
    again, older = _replacing(downloads, root, monkeypatch, way)
    (downloads / "c.txt").write_bytes(b"mine")
    (downloads / "t").rename(downloads / "photos")
    if their == "a link":
        (downloads / "t").symlink_to("photos")
    elif their == "a file":
        (downloads / "t").write_bytes(b"mine, too")
    _given_up(again, downloads)
    assert (downloads / "c (2).txt").read_bytes() == older
    assert (downloads / "c.txt").read_bytes() == b"mine"
    assert (downloads / "photos/b/c.txt").read_bytes() == (root / "b/c.txt").read_bytes()
    assert not (downloads / PARTS).exists()


@pytest.mark.parametrize("lost", ["held", "manifest", "places"])
@pytest.mark.parametrize("how", ["cut", "gone"])
def test_a_damaged_part_is_not_removed_with_older_files_in_it(
    downloads: Path, root: Path, monkeypatch: pytest.MonkeyPatch, lost: str, how: str
) -> None:
    again, older = _replacing(downloads, root, monkeypatch)
    damaged = downloads / PARTS / again.incoming.part / lost
    before = damaged.read_bytes()
    damaged.write_bytes(b"") if how == "cut" else damaged.unlink()
    if lost != "places":  # which is not needed to bring them back
        with pytest.raises(DiskFailed):
            _given_up(again, downloads)
        assert older in _contents(downloads / PARTS)
        damaged.write_bytes(before)
    _given_up(again, downloads)
    assert (downloads / "t/b/c.txt").read_bytes() == older
    assert not (downloads / PARTS).exists()


def test_what_tells_where_everything_goes_is_on_the_disk_before_anything_moves(
    downloads: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = send(downloads, [root])
    change(root / "a.txt")
    again = Again(downloads, [root], OVERWRITE, first).survey().take()
    part = downloads / PARTS / again.incoming.part
    wanted = {(part / name).stat().st_ino for name in ("manifest", "held")}
    fsync, exchanging = os.fsync, moving.exchange
    synced: list[int] = []

    def noted(file: int) -> None:
        synced.append(os.fstat(file).st_ino)
        fsync(file)

    def seen(source: int, name: str, goal: int, chosen: str) -> bool:
        assert wanted <= {*synced}
        wanted.clear()
        return exchanging(source, name, goal, chosen)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(exchange, "exchange", seen)
    again.publish()
    assert not wanted


@pytest.mark.parametrize("edit", [b"longer than it was", b"7bytes!"])
@pytest.mark.parametrize("way", ["exchange", "turns"])
def test_what_its_owner_wrote_into_a_new_file_is_not_taken_back(
    downloads: Path, root: Path, monkeypatch: pytest.MonkeyPatch, edit: bytes, way: str
) -> None:
    again, older = _replacing(downloads, root, monkeypatch, way)
    (downloads / "t/b/c.txt").write_bytes(edit)
    _given_up(again, downloads)
    assert (downloads / "t/b/c.txt").read_bytes() == edit
    assert (downloads / "t/b/c (2).txt").read_bytes() == older
    assert not (downloads / PARTS).exists()


@pytest.mark.parametrize("their", ["edit", "end"])
def test_an_older_file_lies_beside_what_its_owner_did_meanwhile(
    downloads: Path, root: Path, monkeypatch: pytest.MonkeyPatch, their: str
) -> None:
    first = send(downloads, [root])
    before = change(root / "a.txt")
    again = Again(downloads, [root], OVERWRITE, first).survey().take()
    with monkeypatch.context() as patched:
        patched.setattr(exchange, "exchange", _swapping_and_crashing)
        with pytest.raises(Crash):
            again.incoming.publish()
    again.incoming.keep()
    place = downloads / "t/a.txt"
    place.unlink()
    if their == "edit":
        place.write_bytes(b"mine")
    Incoming(downloads, again.offer, part=again.incoming.part).discard()
    kept = downloads / ("t/a (2).txt" if their == "edit" else "t/a.txt")
    assert kept.read_bytes() == before
    assert their == "end" or place.read_bytes() == b"mine"


def test_giving_up_while_the_disk_is_away_is_not_done(downloads: Path, root: Path) -> None:
    first = send(downloads, [root])
    change(root / "a.txt")
    again = Again(downloads, [root], OVERWRITE, first).survey().take()
    known, away = roots.look(downloads), downloads.parent / "unplugged"
    part = Incoming(downloads, again.offer, part=again.incoming.part, root=known)
    downloads.rename(away)
    with pytest.raises(FolderGone):
        part.discard()
    downloads.mkdir()
    with pytest.raises(FolderGone):
        part.discard()
    downloads.rmdir()
    away.rename(downloads)
    part.discard()
    assert not (downloads / PARTS).exists()
