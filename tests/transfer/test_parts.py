"""What arrives, until it is whole.  PROTOCOL.md, 4; hostile cases F10 to F23."""

import hashlib
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from lanchat.errors import (
    BadManifest,
    DiskFailed,
    NoSpace,
    TransferAbandoned,
    TransferError,
    UnsafeName,
)
from lanchat.transfer.disk import inspect
from lanchat.transfer.manifest import Entry, Manifest, make_offer
from lanchat.transfer.parts import Incoming
from lanchat.transfer.parts_folder import PARTS, leftover_parts
from lanchat.transfer.space import check_space
from lanchat.wire.payloads import CHUNK, TopKind
from tests.transfer.lanepair import ID, MIB, grow, tree

NOTHING = (0, bytes(32))


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    (tmp_path / "downloads").mkdir()
    return tmp_path / "downloads"


def _stream(*paths: Path) -> tuple[Manifest, bytes]:
    source = inspect(paths)
    view = memoryview(bytearray(source.length))
    with source.read() as reading:
        reading.readinto(view)
    return source.manifest, bytes(view)


def _take(incoming: Incoming, stream: bytes, *, start: int = 0, step: int = CHUNK) -> None:
    incoming.begin(start)
    for at in range(start, len(stream), step):
        incoming.write(memoryview(stream)[at : at + step])


def _received(downloads: Path, *paths: Path, step: int = CHUNK) -> list[str]:
    manifest, stream = _stream(*paths)
    incoming = Incoming(downloads, make_offer(ID, manifest))
    _take(incoming, stream, step=step)
    names = [one.path.name for one in incoming.publish()]
    incoming.discard()
    return names


_ELSEWHERE = """
import sys
from pathlib import Path
from lanchat.errors import FolderGone, SourceMissing, UnsafeName
from lanchat.transfer import disk, ground, parts_folder, programs, roots
from lanchat.transfer.clash import NOBODY, Earlier, Program, TopId
from lanchat.transfer.manifest import Entry, Manifest, make_offer
from lanchat.transfer.parts import Incoming
from lanchat.wire.payloads import TopKind

def refused(kind, work):
    try:
        work()
    except kind:
        return
    raise SystemExit(f"no {kind}")

name, downloads = "\\u65e5\\u672c", Path(sys.argv[1])
manifest = Manifest((Entry(TopKind.FILE, 0, 1, 0, name),))
incoming = Incoming(downloads, make_offer(bytes(16), manifest))
incoming.begin(0)
refused(UnsafeName, lambda: incoming.write(memoryview(manifest.encoded + b"x")))
incoming.keep()
incoming.discard()
refused(UnsafeName, lambda: programs.allow(downloads, [Program(name, NOBODY)]))
earlier = [(name, Earlier(name, TopKind.FILE, TopId(1, 1)))]
refused(UnsafeName, lambda: ground.still_there(downloads, earlier))
refused(SourceMissing, lambda: disk.inspect([downloads / name]))
refused(FolderGone, lambda: roots.make(downloads / name))
refused(FolderGone, lambda: roots.look(downloads / name))
refused(FolderGone, lambda: parts_folder.sweep(downloads / name, b"", (), 0))
refused(FolderGone, Incoming(downloads / name, incoming.offer).placing)
print(sys.getfilesystemencoding())
"""


def test_a_name_that_this_computer_cannot_write_is_refused(downloads: Path) -> None:
    latin = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    words = [sys.executable, "-c", _ELSEWHERE, str(downloads)]
    done = subprocess.run(words, env=os.environ | latin, capture_output=True, check=False)
    assert (done.stdout.strip(), done.stderr) == (b"ascii", b"")
    assert list(downloads.iterdir()) == []


@contextmanager
def _no_file_beyond(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _open_files() -> set[str]:
    fds = Path("/proc/self/fd")
    return {place.name for place in fds.iterdir()} if fds.exists() else set()


@pytest.mark.parametrize("step", [CHUNK, 1000, 7])
def test_a_tree_arrives_as_it_was(tmp_path: Path, downloads: Path, step: int) -> None:
    files = {"a": 100, "b/c": 0, "b/d/e": 2000, "empty": -1, "z/y/x": 1, "b-f": 5, ".git/h": 3}
    root = grow(tmp_path / "tree", files)
    (root / "a").chmod(0o755)
    for place in (root / "b/d/e", root / "empty", root / "b", root):
        os.utime(place, ns=(0, 1_600_000_000_000_000_000))
    before = _open_files()
    assert _received(downloads, root, step=step) == ["tree"]
    assert tree(downloads / "tree") == tree(root)
    for name in ("b/d/e", "empty", "b", ""):
        assert (downloads / "tree" / name).stat().st_mtime == 1_600_000_000
    assert not (downloads / "tree/a").stat().st_mode & 0o111
    assert list(downloads.iterdir()) == [downloads / "tree"]
    assert _open_files() == before


def test_several_things_are_published_one_by_one(tmp_path: Path, downloads: Path) -> None:
    grow(tmp_path, {"x/a": 1, "x/b": 2, "c": 3, "d": 0})
    manifest, stream = _stream(tmp_path / "x", tmp_path / "c", tmp_path / "d")
    incoming = Incoming(downloads, make_offer(ID, manifest))
    _take(incoming, stream)
    found = [(one.path, one.size, one.kind) for one in incoming.publish()]
    assert found == [
        (downloads / "c", 3, TopKind.FILE),
        (downloads / "d", 0, TopKind.FILE),
        (downloads / "x", 3, TopKind.FOLDER),
    ]


def test_more_than_64_things_come_into_one_new_folder(tmp_path: Path, downloads: Path) -> None:
    root = grow(tmp_path / "many", {f"{n}": n for n in range(65)})
    (downloads / "From Ann").mkdir()
    manifest, stream = _stream(*root.iterdir())
    incoming = Incoming(downloads, make_offer(ID, manifest), folder="From Ann")
    _take(incoming, stream)
    (found,) = incoming.publish()
    assert (found.path, found.kind) == (downloads / "From Ann (2)", TopKind.FOLDER)
    assert tree(found.path) == tree(root)


def test_names_are_cleaned_where_they_come_to_lie(tmp_path: Path, downloads: Path) -> None:
    root = grow(tmp_path / "t", {"CON": 1, "con": 2, "a?b": 3, "A?B": 4})
    grow(tmp_path, {".profile": 5})
    assert _received(downloads, root, tmp_path / ".profile") == ["_profile", "t"]
    assert sorted(tree(downloads / "t")) == ["A_B", "_CON", "_con (2)", "a_b (2)"]


def _planted(place: Path, kind: str, outside: Path) -> None:
    match kind:
        case "file":
            place.write_bytes(b"mine")
        case "folder":
            place.mkdir()
        case "pipe":
            os.mkfifo(place)
        case "link":
            place.symlink_to(outside)
        case "dangling link":
            place.symlink_to(outside / "new")
        case "read-only file":
            place.write_bytes(b"mine")
            place.chmod(0o400)


@pytest.mark.parametrize(
    "kind", ["file", "folder", "pipe", "link", "dangling link", "read-only file"]
)
def test_nothing_that_exists_is_touched(tmp_path: Path, downloads: Path, kind: str) -> None:
    outside = grow(tmp_path / "outside", {"kept": 10})
    kept = tree(outside)
    grow(tmp_path, {"a.txt": 5, "t/b": 6})
    for name in ("a.txt", "t"):
        _planted(downloads / name, kind, outside)
    before = [os.lstat(downloads / name) for name in ("a.txt", "t")]
    names = _received(downloads, tmp_path / "a.txt", tmp_path / "t")
    assert names == ["a (2).txt", "t (2)"]
    assert [os.lstat(downloads / name) for name in ("a.txt", "t")] == before
    assert tree(outside) == kept
    assert (downloads / "a (2).txt").read_bytes() == (tmp_path / "a.txt").read_bytes()


def test_a_planted_parts_folder_leads_nowhere(tmp_path: Path, downloads: Path) -> None:
    outside = grow(tmp_path / "outside", {"kept": 10})
    (downloads / PARTS).symlink_to(outside)
    with pytest.raises(DiskFailed):
        _received(downloads, grow(tmp_path / "t", {"a": 1}))
    assert sorted(tree(outside)) == ["kept"]


def test_a_parts_folder_that_others_may_read_is_closed_to_them(
    tmp_path: Path, downloads: Path
) -> None:
    (downloads / PARTS).mkdir(0o755)
    manifest, stream = _stream(grow(tmp_path / "t", {"a": 2 * MIB}))
    incoming = Incoming(downloads, make_offer(ID, manifest))
    _take(incoming, stream[:MIB])
    part = downloads / PARTS / incoming.part
    modes = [(downloads / PARTS), part, part / "files", part / "files/t"]
    assert [stat.S_IMODE(place.stat().st_mode) for place in modes] == [0o700] * 4
    assert stat.S_IMODE((part / "files/t/a").stat().st_mode) == 0o600
    assert stat.S_IMODE((part / "manifest").stat().st_mode) == 0o600
    incoming.discard()
    assert list(downloads.iterdir()) == []


def test_a_download_folder_is_made_when_it_lacks(tmp_path: Path) -> None:
    assert _received(tmp_path / "new/folder", grow(tmp_path / "t", {"a": 1})) == ["t"]


def test_a_download_folder_may_be_a_link(tmp_path: Path, downloads: Path) -> None:
    (tmp_path / "link").symlink_to(downloads)
    assert _received(tmp_path / "link", grow(tmp_path / "t", {"a": 1})) == ["t"]
    assert (downloads / "t/a").exists()


def _hostile(*paths: str) -> tuple[Manifest, bytes]:
    rows = [Entry(TopKind.FILE, 0, 1, 0, path) for path in sorted(paths)]
    manifest = Manifest(tuple(rows))
    return manifest, manifest.encoded + b"x" * len(rows)


@pytest.mark.parametrize("path", ["..", "a\\b", "C:x", "..."])
def test_a_refused_manifest_creates_nothing(downloads: Path, path: str) -> None:
    manifest, stream = _hostile(path, "good")
    incoming = Incoming(downloads, make_offer(ID, manifest))
    with pytest.raises(UnsafeName):
        _take(incoming, stream)
    assert list(downloads.iterdir()) == []


def test_a_manifest_that_was_not_offered_creates_nothing(downloads: Path) -> None:
    offered, _ = _hostile("a")
    _, stream = _hostile("b")
    incoming = Incoming(downloads, make_offer(ID, offered))
    with pytest.raises(BadManifest):
        _take(incoming, stream)
    assert list(downloads.iterdir()) == []


def test_a_claim_of_a_whole_disk_is_refused_before_a_byte_is_written(downloads: Path) -> None:
    free = os.statvfs(downloads)
    size = min(2**40, free.f_bavail * free.f_frsize)
    manifest = Manifest((Entry(TopKind.FILE, 0, size, 0, "big"),))
    incoming = Incoming(downloads, make_offer(ID, manifest))
    with pytest.raises(NoSpace) as caught:
        incoming.check_space()
    assert caught.value.missing >= 2**30
    incoming.begin(0)
    with pytest.raises(NoSpace):
        incoming.write(memoryview(manifest.encoded))
    assert list(downloads.iterdir()) == []


def test_a_folder_that_is_not_there_yet_has_the_room_of_its_parent(downloads: Path) -> None:
    check_space(downloads / "not/yet", 0)


def test_a_disk_that_refuses_keeps_what_is_whole(tmp_path: Path, downloads: Path) -> None:
    manifest, stream = _stream(grow(tmp_path / "t", {"a": 4 * MIB}))
    incoming = Incoming(downloads, make_offer(ID, manifest))
    with _no_file_beyond(2 * MIB + 100), pytest.raises(DiskFailed) as caught:
        _take(incoming, stream)
    assert str(caught.value) == "EFBIG"
    offset, _ = incoming.resume_point(Event())
    assert offset == 2 * MIB
    _take(incoming, stream, start=offset)
    incoming.publish()
    assert tree(downloads / "t") == tree(tmp_path / "t")


FILES = {"a": MIB + 5, "b/c": 0, "b/d": MIB // 2, "b/e": 3, "f": 2 * MIB, "g/h": 0, "i": 0}


@pytest.mark.parametrize("cut", [0, 1, MIB - 1, MIB, MIB + 70_000, 2 * MIB, 3 * MIB, 10**9])
def test_a_part_goes_on_after_a_crash(tmp_path: Path, downloads: Path, cut: int) -> None:
    root = grow(tmp_path / "t", FILES)
    manifest, stream = _stream(root)
    offer = make_offer(ID, manifest)
    crashed = Incoming(downloads, offer)
    _take(crashed, stream[:cut], step=50_000)
    crashed.keep()
    incoming = Incoming(downloads, offer, part=crashed.part)
    offset, prefix = incoming.resume_point(Event())
    expected = min(cut, len(stream) - 1) // MIB * MIB
    assert offset == expected
    assert prefix == (hashlib.sha256(stream[:offset]).digest() if offset else bytes(32))
    _take(incoming, stream, start=offset)
    assert [one.path.name for one in incoming.publish()] == ["t"]
    incoming.discard()
    assert tree(downloads / "t") == tree(root)
    assert leftover_parts(downloads) == ()


def test_a_manifest_of_more_than_one_chunk_can_be_resumed(
    tmp_path: Path, downloads: Path
) -> None:
    rows = [
        Entry(TopKind.FOLDER, 0, 0, 0, "d"),
        *(Entry(TopKind.FILE, 0, 1, 0, f"d/{n:0200}") for n in range(6000)),
    ]
    manifest = Manifest(tuple(rows))
    stream = manifest.encoded + os.urandom(6000)
    assert len(manifest.encoded) > MIB
    offer = make_offer(ID, manifest)
    first = Incoming(downloads, offer)
    _take(first, stream[: len(manifest.encoded) + 100])
    first.keep()
    second = Incoming(downloads, offer, part=first.part)
    offset, _ = second.resume_point(Event())
    assert offset == MIB
    _take(second, stream, start=offset)
    second.publish()
    arrived = b"".join(place.read_bytes() for place in sorted((downloads / "d").iterdir()))
    assert arrived == stream[len(manifest.encoded) :]


def test_starting_over_drops_what_was_here(tmp_path: Path, downloads: Path) -> None:
    root = grow(tmp_path / "t", {"a": 3 * MIB})
    manifest, stream = _stream(root)
    incoming = Incoming(downloads, make_offer(ID, manifest))
    _take(incoming, stream[: 2 * MIB])
    assert incoming.resume_point(Event())[0] == 2 * MIB
    _take(incoming, stream)
    incoming.publish()
    assert tree(downloads / "t") == tree(root)


@pytest.mark.parametrize("damage", ["manifest", "files", "folder", "all"])
def test_a_damaged_part_is_no_part(tmp_path: Path, downloads: Path, damage: str) -> None:
    manifest, stream = _stream(grow(tmp_path / "t", {"a": 3 * MIB}))
    offer = make_offer(ID, manifest)
    first = Incoming(downloads, offer)
    _take(first, stream[: 2 * MIB])
    first.keep()
    part = downloads / PARTS / first.part
    match damage:
        case "manifest":
            (part / "manifest").write_bytes(b"\0\0\0\1")
        case "files":
            (part / "files/t/a").unlink()
        case "folder":
            (part / "files").rename(part / "elsewhere")
        case "all":
            first.discard()
    incoming = Incoming(downloads, offer, part=first.part)
    assert incoming.resume_point(Event()) == NOTHING
    with pytest.raises(TransferError):
        Incoming(downloads, offer, part=first.part).publish()
    _take(incoming, stream)
    incoming.publish()
    assert tree(downloads / "t") == tree(tmp_path / "t")


def test_a_part_of_another_offer_is_not_taken(tmp_path: Path, downloads: Path) -> None:
    manifest, stream = _stream(grow(tmp_path / "t", {"a": 3 * MIB}))
    first = Incoming(downloads, make_offer(ID, manifest))
    _take(first, stream[: 2 * MIB])
    other, _ = _stream(grow(tmp_path / "u", {"a": 3 * MIB}))
    second = Incoming(downloads, make_offer(ID, other), part=first.part)
    assert second.resume_point(Event()) == NOTHING
    first.discard()


def test_hashing_what_is_here_can_be_stopped(tmp_path: Path, downloads: Path) -> None:
    manifest, stream = _stream(grow(tmp_path / "t", {"a": 3 * MIB}))
    incoming = Incoming(downloads, make_offer(ID, manifest))
    _take(incoming, stream[: 2 * MIB])
    stop = Event()
    stop.set()
    before = _open_files()
    with pytest.raises(TransferAbandoned):
        incoming.resume_point(stop)
    assert len(_open_files()) <= len(before)
    incoming.discard()


def test_two_parts_live_side_by_side(tmp_path: Path, downloads: Path) -> None:
    manifest, stream = _stream(grow(tmp_path / "t", {"a": 10}))
    one, two = (Incoming(downloads, make_offer(ID, manifest)) for _ in range(2))
    _take(one, stream)
    _take(two, stream)
    assert set(leftover_parts(downloads)) == {one.part, two.part}
    assert one.publish()[0].path.name == "t"
    one.discard()
    assert leftover_parts(downloads) == (two.part,)
    assert two.publish()[0].path.name == "t (2)"
    two.discard()
    assert sorted(place.name for place in downloads.iterdir()) == ["t", "t (2)"]
    assert leftover_parts(tmp_path / "nowhere") == ()


def test_a_part_that_is_not_whole_is_not_published(tmp_path: Path, downloads: Path) -> None:
    manifest, stream = _stream(grow(tmp_path / "t", {"a": 3 * MIB}))
    incoming = Incoming(downloads, make_offer(ID, manifest))
    _take(incoming, stream[: 2 * MIB])
    with pytest.raises(DiskFailed):
        incoming.publish()
    incoming.discard()
