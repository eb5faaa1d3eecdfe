"""The mark of what came from elsewhere, and programs that are none before somebody says so."""

import os
import stat
from pathlib import Path

import pytest

from lanchat.errors import DiskFailed
from lanchat.transfer import births, publish
from lanchat.transfer.clash import NOBODY, Clash, Program
from lanchat.transfer.marks import ORIGIN, WHENCE, mark
from lanchat.transfer.programs import allow
from lanchat.transfer.publish import Published
from tests.transfer.again import Again, send
from tests.transfer.lanepair import MIB, grow


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    (tmp_path / "downloads").mkdir()
    return tmp_path / "downloads"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two programs, one of them large, and a file."""
    root = grow(tmp_path / "t", {"run.sh": 5, "bin/tool": MIB + 5, "read.me": 7})
    for name in ("run.sh", "bin/tool"):
        (root / name).chmod(0o755)
    return root


def names(published: Published) -> list[str]:
    return [one.path for one in published.programs]


def marked(path: Path) -> bytes | None:
    try:
        return os.getxattr(path, ORIGIN)
    except OSError:
        return None


def can_mark(folder: Path) -> bool:
    """Whether this file system has attributes at all."""
    probe = folder / "probe"
    probe.write_bytes(b"")
    with probe.open("rb") as file:
        return mark(file.fileno())


def test_what_came_is_marked_and_the_mark_names_nobody(downloads: Path, root: Path) -> None:
    send(downloads, [root])
    expected = WHENCE if can_mark(downloads) else None
    for name in ("run.sh", "bin/tool", "read.me"):
        assert marked(downloads / "t" / name) == expected
    assert WHENCE == b"lanchat:"


def test_where_nothing_can_be_marked_files_come_all_the_same(
    downloads: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def refuses(file: int, *_given: object) -> None:
        tried.append(file)
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "setxattr", refuses)
    send(downloads, [root])
    assert (downloads / "t/read.me").exists()
    assert len(tried) == 1  # and it is not tried again for each


def test_a_program_comes_as_a_file_and_is_named(downloads: Path, root: Path) -> None:
    (found,) = send(downloads, [root])
    assert names(found) == ["t/bin/tool", "t/run.sh"]
    for path in downloads.rglob("*"):
        assert path.is_dir() or not path.stat().st_mode & 0o111


def test_a_program_is_one_if_its_owner_wished_that_before(downloads: Path, root: Path) -> None:
    again = Again(downloads, [root])
    again.incoming.programs = True
    again.take().publish()
    for name, mode in (("run.sh", 0o700), ("bin/tool", 0o700), ("read.me", 0o600)):
        assert stat.S_IMODE((downloads / "t" / name).stat().st_mode) == mode


def test_programs_are_named_where_they_came_to_lie(downloads: Path, root: Path) -> None:
    first = send(downloads, [root])
    (root / "run.sh").write_bytes(b"other")
    grow(root, {"new/deep/tool": 3, "bin/other": 4})
    for name in ("new/deep/tool", "bin/other"):
        (root / name).chmod(0o700)
    again = Again(downloads, [root], Clash.SKIP, first).survey().take()
    (found,) = again.publish()
    assert sorted(names(found)) == ["t/bin/other", "t/new/deep/tool", "t/run (2).sh"]


def test_programs_of_many_things_lie_in_the_folder_of_all(
    downloads: Path, tmp_path: Path
) -> None:
    root = grow(tmp_path / "many", {f"{n:02}": n for n in range(65)})
    (root / "07").chmod(0o700)
    (found,) = send(downloads, list(root.iterdir()))
    assert names(found) == ["Received files/07"]
    assert allow(downloads, found.programs) == 1


def test_what_could_never_be_allowed_is_not_named(
    downloads: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(births, "_BTIME", 0)  # as ext2, and many disks on a network
    (found,) = send(downloads, [root])
    assert names(found) == []


def test_of_very_many_only_as_many_are_looked_at_as_are_remembered(
    downloads: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "MOST", 3)
    other = grow(tmp_path / "u", {"a": 1, "b": 2})
    for name in ("a", "b"):
        (other / name).chmod(0o755)
    found = send(downloads, [root, other])
    assert [names(one) for one in found] == [["t/bin/tool", "t/run.sh"], ["u/a"]]


def test_they_are_allowed_one_by_one_and_through_no_link(
    downloads: Path, root: Path, tmp_path: Path
) -> None:
    (found,) = send(downloads, [root])
    outside = grow(tmp_path / "outside", {"tool": 3})
    (outside / "tool").chmod(0o600)
    (downloads / "t/run.sh").unlink()
    (downloads / "t/run.sh").symlink_to(outside / "tool")
    os.mkfifo(downloads / "t/pipe")
    others = [Program(path, NOBODY) for path in ("t/pipe", "t/gone", "gone/too")]
    assert allow(downloads, (*found.programs, *others)) == 1
    assert stat.S_IMODE((downloads / "t/bin/tool").stat().st_mode) == 0o700
    assert not (outside / "tool").stat().st_mode & 0o111
    (downloads / "t/bin").rename(downloads / "t/elsewhere")
    (downloads / "t/bin").symlink_to(outside)
    assert allow(downloads, found.programs) == 0
    assert not (outside / "tool").stat().st_mode & 0o111
    with pytest.raises(DiskFailed):
        allow(tmp_path / "nowhere", found.programs)


def test_another_file_that_got_the_name_of_one_is_left_alone(
    downloads: Path, root: Path
) -> None:
    (found,) = send(downloads, [root])
    mine, other = downloads / "t/run.sh", downloads / "t/bin/tool"
    mine.rename(downloads / "moved.sh")
    mine.write_bytes(b"of somebody else")
    other.unlink()
    for number in range(50):  # one of them may well get its inode
        (downloads / f"t/bin/{number}").write_bytes(b"another")
        (downloads / f"t/bin/{number}").replace(other)
        assert allow(downloads, found.programs) == 0
    unproven = [Program(one.path, NOBODY) for one in found.programs]  # of an earlier lanchat
    assert allow(downloads, unproven) == 0
    for path in downloads.rglob("*"):
        assert path.is_dir() or not path.stat().st_mode & 0o111
    (downloads / "moved.sh").replace(mine)  # it is back
    assert allow(downloads, found.programs) == 1
    assert mine.stat().st_mode & stat.S_IXUSR
