"""What a disk says, and which folder it is.  PROTOCOL.md, 3b and 4; hostile case F21."""

import errno
import os
from pathlib import Path

import pytest

from lanchat.errors import (
    DiskDefect,
    DiskFailed,
    DiskReadOnly,
    FileTooLarge,
    FolderGone,
    LanchatError,
    NoSpace,
    QuotaUsedUp,
    WriteForbidden,
)
from lanchat.transfer import roots
from lanchat.transfer.parts_folder import PARTS
from lanchat.transfer.roots import RootId
from lanchat.transfer.space import disk_error, try_writing, write_error
from tests.node.house import no_file_beyond


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, NoSpace),
        (errno.EDQUOT, QuotaUsedUp),
        (errno.EROFS, DiskReadOnly),
        (errno.EACCES, WriteForbidden),
        (errno.EPERM, WriteForbidden),
        (errno.ENOENT, FolderGone),
        (errno.ENODEV, FolderGone),
        (errno.EIO, DiskDefect),
        (errno.EFBIG, FileTooLarge),
        (errno.ENAMETOOLONG, DiskFailed),
    ],
)
def test_what_the_disk_says_is_told_apart(number: int, kind: type[LanchatError]) -> None:
    told = write_error(OSError(number, os.strerror(number)), missing=7)
    assert type(told) is kind
    assert told.sentence == (kind.__doc__ or "").partition("\n")[0]
    if isinstance(told, NoSpace):
        assert told.missing == 7
    else:
        assert (str(told), told.hint) == (errno.errorcode[number], os.strerror(number))


def test_who_reads_is_told_what_the_system_says() -> None:
    broken = disk_error(OSError(5, "Input/output error"))
    assert type(broken) is DiskFailed
    assert (str(broken), broken.hint) == ("EIO", "Input/output error")
    assert str(disk_error(OSError("odd"))) == "unknown"
    assert type(write_error(OSError("odd"))) is DiskFailed


def test_a_disk_is_tried_by_writing(tmp_path: Path) -> None:
    try_writing(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FolderGone):
        try_writing(tmp_path / "nowhere")
    with no_file_beyond(1000), pytest.raises(FileTooLarge):
        try_writing(tmp_path)
    assert list(tmp_path.iterdir()) == []


# --- which folder -------------------------------------------------------------------------


def test_a_folder_is_made_once_and_known_again(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    with pytest.raises(FolderGone):
        roots.look(folder)
    made = roots.make(folder)
    assert roots.make(folder) == roots.look(folder) == made
    assert RootId.parse(str(made)) == made
    assert roots.find(folder, "", made) == made
    assert made.is_same(RootId(made.device + 1, made.inode))


@pytest.mark.parametrize("text", ["", ":", "1", "1:", ":1", "1:2:3", "-1:2", "x:y", "1:٢"])
def test_what_no_folder_wrote_is_none(text: str) -> None:
    assert RootId.parse(text) is None


def test_another_folder_in_its_place_is_not_it_without_the_part(tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    known = roots.make(folder)
    folder.rename(tmp_path / "unplugged")
    with pytest.raises(FolderGone):
        roots.find(folder, "part", known)
    folder.mkdir()
    with pytest.raises(FolderGone):
        roots.find(folder, "part", known)
    with pytest.raises(FolderGone):
        roots.find(folder, "", known)
    assert roots.find(folder, "part", None) == roots.look(folder)
    (folder / PARTS / "part").mkdir(parents=True)  # a copy of the disk, say
    assert roots.find(folder, "part", known) == roots.look(folder)


def test_what_cannot_be_asked_for_the_part_is_an_error_of_the_disk(tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    known = roots.make(folder)
    folder.rename(tmp_path / "unplugged")
    folder.mkdir()
    (folder / PARTS).symlink_to("x" * 300)  # no system looks for such a name
    with pytest.raises(DiskFailed):
        roots.find(folder, "part", known)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "downloads").touch()
    with pytest.raises(FolderGone):
        roots.make(tmp_path / "downloads")
    with pytest.raises(FolderGone):
        roots.look(tmp_path / "downloads")
