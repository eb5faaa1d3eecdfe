"""The folder of parts: whose each one is, and which nobody knows any more.  PROTOCOL.md, 4.

Several profiles may share a download folder.  The name of a part tells its own profile, and
nobody else, that it is its own: 8 random bytes, and 8 of a keyed digest of them.
"""

import hashlib
import hmac
import os
import re
import secrets
import shutil
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from lanchat.errors import DiskFailed, FolderGone
from lanchat.transfer.space import write_error
from lanchat.transfer.staging import FOLDER_MODE, open_folder

PARTS: Final = ".lanchat-parts"
ASIDE: Final = "aside"  # in a part: what tells of older files that gave way to new ones
_TRIES: Final = 8  # the parts folder may be removed, being empty, while we open it
_HALF: Final = 8  # bytes, of chance and of the digest
_NAME: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_LABEL: Final = b"lanchat/1 part\0"


def part_name(key: bytes) -> str:
    """A new name for a part of the profile that holds `key`."""
    chance = secrets.token_bytes(_HALF)
    return (chance + _mark(key, chance)).hex()


def is_own(key: bytes, name: str) -> bool:
    """Whether a part of this name is of the profile that holds `key`."""
    if not _NAME.fullmatch(name):
        return False
    raw = bytes.fromhex(name)
    return hmac.compare_digest(raw[_HALF:], _mark(key, raw[:_HALF]))


def leftover_parts(downloads: Path) -> tuple[str, ...]:
    """The names of all parts below `downloads`, whosesoever."""
    try:
        with opened(str(downloads)) as goal, opened(PARTS, goal) as parts:
            return tuple(sorted(os.listdir(parts)))  # noqa: PTH208 - of a descriptor
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise write_error(error) from error


def sweep(downloads: Path, key: bytes, known: Container[str], before: float) -> int:
    """Remove the parts of one profile that it does not know; returns how many.

    Only what was last touched before `before` (seconds since 1970) goes, and only folders
    of our user; no link is followed, neither to a part nor in one.  What holds older files
    that gave way stays: nobody knows any more whether they are to go.

    Raises:
        DiskFailed: the disk refused.
    """
    removed = 0
    try:
        with opened(str(downloads)) as goal, suppress(FileNotFoundError):
            with opened(PARTS, goal) as parts:
                for name in os.listdir(parts):  # noqa: PTH208 - of a descriptor
                    if is_own(key, name) and name not in known:
                        removed += _remove(parts, name, before)
            with suppress(OSError):  # others are under way
                os.rmdir(PARTS, dir_fd=goal)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise write_error(error) from error
    return removed


@contextmanager
def opened(name: str, dir_fd: int | None = None) -> Iterator[int]:
    """A descriptor of a folder, which is no symlink unless it is the user's own one."""
    if dir_fd is None:  # the user's own download folder: it may well be a symlink
        try:
            folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except UnicodeEncodeError as error:
            raise FolderGone("no such name can be here") from error
    else:
        folder = open_folder(name, dir_fd)
    try:
        yield folder
    finally:
        os.close(folder)


@contextmanager
def opened_part(goal: int, part: str) -> Iterator[int]:
    """A descriptor of one part."""
    with opened(PARTS, goal) as parts, opened(part, parts) as folder:
        yield folder


def holds_older(goal: int, part: str) -> bool:
    """Whether older files lie in a part that gave way to new ones."""
    try:
        with opened_part(goal, part) as folder:
            return _gave_way(folder)
    except FileNotFoundError:
        return False


def remove_part(goal: int, part: str) -> None:
    """Remove one part, and the parts folder if it is empty then."""
    with opened(PARTS, goal) as parts, suppress(FileNotFoundError):
        shutil.rmtree(part, dir_fd=parts)
    with suppress(OSError):  # others are under way, or it is gone
        os.rmdir(PARTS, dir_fd=goal)


@contextmanager
def new_part(goal: int, part: str) -> Iterator[int]:
    """Make the parts folder where it lacks, and a new part in it."""
    for _ in range(_TRIES):
        with suppress(FileExistsError):
            os.mkdir(PARTS, FOLDER_MODE, dir_fd=goal)
        try:
            with opened(PARTS, goal) as parts:
                _check_ours(parts)
                os.mkdir(part, FOLDER_MODE, dir_fd=parts)
                folder = open_folder(part, parts)
        except FileNotFoundError:
            continue
        try:
            yield folder
        finally:
            os.close(folder)
        return
    raise DiskFailed("no folder for parts")


def _check_ours(parts: int) -> None:
    """Nobody else may write where our parts lie."""
    found = os.fstat(parts)
    if found.st_uid != os.geteuid():
        raise DiskFailed("the folder for parts belongs to somebody else")
    if found.st_mode & 0o077:
        os.fchmod(parts, FOLDER_MODE)


def _remove(parts: int, name: str, before: float) -> bool:
    """Remove one part that was left long ago."""
    try:
        with opened(name, parts) as part:
            found, gave_way = os.fstat(part), _gave_way(part)
    except OSError:  # gone meanwhile, a link, or no folder: nothing that we made
        return False
    if found.st_uid != os.geteuid() or found.st_mtime >= before or gave_way:
        return False
    shutil.rmtree(name, dir_fd=parts)
    return True


def _gave_way(part: int) -> bool:
    try:
        with opened(ASIDE, part) as aside:
            return bool(os.listdir(aside))  # noqa: PTH208 - of a descriptor
    except FileNotFoundError:
        return False


def _mark(key: bytes, chance: bytes) -> bytes:
    return hmac.digest(key, _LABEL + chance, hashlib.sha256)[:_HALF]
