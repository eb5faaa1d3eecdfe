"""Moving to a free name without overwriting, on disks of every kind.  PROTOCOL.md, 4."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lanchat.transfer import moving
from lanchat.transfer.moving import move_file, move_folder, replace_placeholder
from tests.transfer.lanepair import grow, tree

Move = Callable[[int, str, int, str], None]


def _by_placeholder(source: int, name: str, goal: int, chosen: str) -> None:
    replace_placeholder(source, name, goal, chosen, folder=False)


def _folder_by_placeholder(source: int, name: str, goal: int, chosen: str) -> None:
    replace_placeholder(source, name, goal, chosen, folder=True)


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[tuple[int, int]]:
    grow(tmp_path, {"from/file": 10, "from/folder/file": 20, "to": -1})
    opened = [os.open(tmp_path / name, os.O_RDONLY) for name in ("from", "to")]
    yield opened[0], opened[1]
    for folder in opened:
        os.close(folder)


FILES: list[Move] = [move_file, _by_placeholder]
FOLDERS: list[Move] = [move_folder, _folder_by_placeholder]


@pytest.mark.parametrize("move", FILES)
def test_a_file_is_moved(tmp_path: Path, folders: tuple[int, int], move: Move) -> None:
    content = (tmp_path / "from/file").read_bytes()
    move(folders[0], "file", folders[1], "new")
    assert (tmp_path / "to/new").read_bytes() == content
    assert not (tmp_path / "from/file").exists()


@pytest.mark.parametrize("move", FOLDERS)
def test_a_folder_is_moved_whole(tmp_path: Path, folders: tuple[int, int], move: Move) -> None:
    content = tree(tmp_path / "from/folder")
    move(folders[0], "folder", folders[1], "new")
    assert tree(tmp_path / "to/new") == content
    assert not (tmp_path / "from/folder").exists()


@pytest.mark.parametrize("taken", ["file", "folder", "link"])
@pytest.mark.parametrize(
    ("name", "move"),
    [("file", move) for move in FILES] + [("folder", move) for move in FOLDERS],
)
def test_a_name_that_is_taken_stays_as_it_is(
    tmp_path: Path, folders: tuple[int, int], name: str, move: Move, taken: str
) -> None:
    place = tmp_path / "to/new"
    match taken:
        case "file":
            place.write_bytes(b"mine")
        case "folder":
            place.mkdir()
        case "link":
            place.symlink_to("nowhere")
    before, staged = os.lstat(place), tree(tmp_path / "from")
    with pytest.raises(FileExistsError):
        move(folders[0], name, folders[1], "new")
    assert os.lstat(place) == before
    assert tree(tmp_path / "from") == staged


def test_a_call_that_the_system_lacks_is_done_without() -> None:
    assert moving._function("no_such_call_anywhere") is None
