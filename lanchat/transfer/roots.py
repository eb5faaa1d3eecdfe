"""Roots: the folder that files go to, and whether it is still the one it was.  PROTOCOL.md, 4.

A disk that is unplugged leaves another folder in its place, or none.  What was begun on it
goes on when it is back, and nothing is written into the place where it was.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lanchat.errors import FolderGone
from lanchat.transfer.parts_folder import PARTS
from lanchat.transfer.space import write_error


@dataclass(frozen=True, slots=True)
class RootId:
    """Which folder it is, as the system tells them apart."""

    device: int
    inode: int

    @classmethod
    def of(cls, found: os.stat_result) -> Self:
        """That of a folder that was looked at."""
        return cls(found.st_dev, found.st_ino)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """What `str` made; None for anything else."""
        device, _, inode = text.partition(":")
        if not (device + inode).isascii() or not (device.isdigit() and inode.isdigit()):
            return None
        return cls(int(device), int(inode))

    def __str__(self) -> str:
        return f"{self.device}:{self.inode}"

    def is_same(self, other: "RootId") -> bool:
        """Whether both are one folder, seen at two times.

        Many file systems get another device number at each start of the computer, and the
        place where one is mounted has an inode that none of its own top folders bears.
        """
        return self.inode == other.inode


def make(folder: Path) -> RootId:
    """The folder for something new, made where it lacks.

    Raises:
        NoSpace, DiskFailed: the disk refused.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise FolderGone("a file lies there") from error
    except OSError as error:
        raise write_error(error) from error
    except UnicodeEncodeError as error:
        raise FolderGone("no such name can be here") from error
    return look(folder)


def look(folder: Path) -> RootId:
    """Which folder lies there now.

    Raises:
        FolderGone: none does.
        DiskFailed: the disk cannot be asked.
    """
    found = _ask(folder)
    if not stat.S_ISDIR(found.st_mode):
        raise FolderGone("no folder")
    return RootId.of(found)


def find(folder: Path, part: str, known: RootId | None) -> RootId:
    """The folder in which `part` was begun, or is about to be.

    `known` is what it was then.  A part that lies there proves it; without one the folder
    has to be the same.

    Raises:
        FolderGone: it is not there, or another one is.
        DiskFailed: the disk cannot be asked.
    """
    here = look(folder)
    if known is None or known.is_same(here) or (part and _is_there(folder / PARTS / part)):
        return here
    raise FolderGone("another folder lies there")


def _is_there(part: Path) -> bool:
    try:
        return stat.S_ISDIR(_ask(part).st_mode)
    except FolderGone:
        return False


def _ask(place: Path) -> os.stat_result:
    """How it looks; what lies where a disk was may well be nothing that we may look into."""
    try:
        return place.stat()
    except OSError as error:
        raise write_error(error) from error
    except UnicodeEncodeError as error:
        raise FolderGone("no such name can be here") from error
