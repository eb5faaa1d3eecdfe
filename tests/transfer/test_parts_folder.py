"""The folder of parts: only one's own ones go, and nothing beside them.  PROTOCOL.md, 4."""

import os
from pathlib import Path

import pytest

from lanchat.errors import DiskFailed
from lanchat.transfer.parts_folder import PARTS, is_own, leftover_parts, part_name, sweep
from tests.transfer.lanepair import grow, tree

MINE, THEIRS = b"m" * 32, b"t" * 32
LATER = 2.0**40  # everything is older than that


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    (tmp_path / "downloads" / PARTS).mkdir(parents=True, mode=0o700)
    return tmp_path / "downloads"


def part(downloads: Path, key: bytes) -> str:
    name = part_name(key)
    grow(downloads / PARTS / name, {"manifest": 10, "files/a/b": 100})
    return name


def test_a_name_tells_its_own_profile_and_nobody_else() -> None:
    name = part_name(MINE)
    assert len(name) == 32
    assert is_own(MINE, name)
    assert not is_own(THEIRS, name)
    assert part_name(MINE) != name
    for other in ("", "..", name.upper(), name[:-1], name + "0", "0" * 32, f"../{name[3:]}"):
        assert not is_own(MINE, other)


def test_only_what_is_mine_and_forgotten_goes(downloads: Path) -> None:
    mine, known, theirs = (part(downloads, key) for key in (MINE, MINE, THEIRS))
    (downloads / PARTS / "by hand").mkdir()
    assert sweep(downloads, MINE, {known}, LATER) == 1
    assert set(leftover_parts(downloads)) == {known, theirs, "by hand"}
    assert not (downloads / PARTS / mine).exists()


def test_what_was_touched_lately_stays(downloads: Path) -> None:
    name = part(downloads, MINE)
    os.utime(downloads / PARTS / name, (1000, 1000))
    assert sweep(downloads, MINE, (), 1000.0) == 0
    assert sweep(downloads, MINE, (), 1001.0) == 1


def test_what_holds_older_files_stays(downloads: Path) -> None:
    name = part(downloads, MINE)
    grow(downloads / PARTS / name, {"aside/3.old": 10})
    assert sweep(downloads, MINE, (), LATER) == 0
    (downloads / PARTS / name / "aside/3.old").unlink()
    assert sweep(downloads, MINE, (), LATER) == 1


def test_the_folder_goes_with_the_last_part(downloads: Path) -> None:
    part(downloads, MINE)
    assert sweep(downloads, MINE, (), LATER) == 1
    assert list(downloads.iterdir()) == []
    assert sweep(downloads, MINE, (), LATER) == 0
    assert sweep(downloads / "nowhere", MINE, (), LATER) == 0


def test_no_link_is_followed(tmp_path: Path, downloads: Path) -> None:
    outside = grow(tmp_path / "outside", {"a": 1, "b/c": 2})
    before = tree(outside)
    linked = part_name(MINE)
    (downloads / PARTS / linked).symlink_to(outside)
    inside = part(downloads, MINE)
    (downloads / PARTS / inside / "files/out").symlink_to(outside)
    plain = part_name(MINE)
    (downloads / PARTS / plain).write_text("no folder")
    assert sweep(downloads, MINE, (), LATER) == 1
    assert set(leftover_parts(downloads)) == {linked, plain}
    assert tree(outside) == before


def test_a_folder_of_parts_that_is_a_link_is_left_alone(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    grow(elsewhere, {f"{part_name(MINE)}/a": 1})
    (downloads := tmp_path / "downloads").mkdir()
    (downloads / PARTS).symlink_to(elsewhere)
    before = tree(elsewhere)
    with pytest.raises(DiskFailed):
        sweep(downloads, MINE, (), LATER)
    assert tree(elsewhere) == before
