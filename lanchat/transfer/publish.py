"""Publishing: what arrived whole gets its name, and overwrites nothing.  PROTOCOL.md, 4.

A file is linked to its new name, and a folder renamed as a whole, with calls that refuse a
name that exists.  Where a file system knows neither, an empty placeholder of our own is
made under the name (which fails if it exists) and then replaced.
"""

import ctypes
import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

from lanchat.errors import DiskFailed
from lanchat.transfer.manifest import Manifest
from lanchat.transfer.names import numbered, safe_component
from lanchat.transfer.staging import FILE_MODE, FOLDER_MODE, Staging
from lanchat.wire.payloads import MAX_SHOWN, TopKind

_FILES: Final = "files"
_FEW: Final = 64  # files that are synced one by one; beyond, one call for the file system
_MOST_NAMES: Final = 10_000  # tries for a free name
_NOREPLACE: Final = 1  # renameat2, <linux/fs.h>


@dataclass(frozen=True, slots=True)
class Published:
    """A top-level file or folder that now lies in the download folder."""

    path: Path
    size: int
    kind: TopKind


def publish(
    manifest: Manifest, staging: Staging, part: int, goal: int, downloads: Path, folder: str
) -> tuple[Published, ...]:
    """Sync `staging`, then move what it holds from `part` to `goal`, both open folders.

    OSError as the disk says it; what was not moved stays.
    """
    files = os.open(_FILES, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=part)
    try:
        if manifest.files <= _FEW or not _sync_all(files):
            staging.sync()
        staging.close()
        if len(manifest.tops) > MAX_SHOWN:
            name = _move(move_folder, part, _FILES, goal, safe_component(folder, top=True))
            found = [Published(downloads / name, manifest.total, TopKind.FOLDER)]
        else:
            found = list(_tops(manifest, staging, files, goal, downloads))
        os.fsync(goal)
    finally:
        os.close(files)
    return tuple(found)


def _tops(
    manifest: Manifest, staging: Staging, files: int, goal: int, downloads: Path
) -> Iterator[Published]:
    for top, name in zip(manifest.tops, staging.tops, strict=True):
        move = move_file if top.kind == TopKind.FILE else move_folder
        chosen = _move(move, files, name, goal, name)
        yield Published(downloads / chosen, top.size, top.kind)


Move = Callable[[int, str, int, str], None]


def _move(move: Move, source: int, name: str, goal: int, wanted: str) -> str:
    """Move `name` to the first free name of `wanted`, `wanted (2)` …; returns that name."""
    for number in count(1):
        chosen = numbered(wanted, number)
        try:
            move(source, name, goal, chosen)
        except FileExistsError:
            if number >= _MOST_NAMES:
                raise DiskFailed("no free name") from None
        else:
            break
    return chosen


def move_file(source: int, name: str, goal: int, chosen: str) -> None:
    """Move a file between two open folders; FileExistsError if the new name is taken."""
    try:
        os.link(name, chosen, src_dir_fd=source, dst_dir_fd=goal, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # no hard links here; FAT and many network disks have none
        if not _rename(source, name, goal, chosen):
            replace_placeholder(source, name, goal, chosen, folder=False)
    else:
        os.unlink(name, dir_fd=source)


def move_folder(source: int, name: str, goal: int, chosen: str) -> None:
    """Move a folder between two open folders; FileExistsError if the new name is taken."""
    if not _rename(source, name, goal, chosen):
        replace_placeholder(source, name, goal, chosen, folder=True)


def replace_placeholder(
    source: int, name: str, goal: int, chosen: str, *, folder: bool
) -> None:
    """Take the new name with something empty of ours, then put the real thing over it."""
    if folder:
        os.mkdir(chosen, FOLDER_MODE, dir_fd=goal)
    else:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        os.close(os.open(chosen, flags, FILE_MODE, dir_fd=goal))
    os.rename(name, chosen, src_dir_fd=source, dst_dir_fd=goal)


def _rename(source: int, name: str, goal: int, chosen: str) -> bool:
    """Rename without replacing; False where the system or the disk does not know how."""
    call = _function("renameat2")
    if call is None:
        return False
    if call(source, os.fsencode(name), goal, os.fsencode(chosen), _NOREPLACE) == 0:
        return True
    number = ctypes.get_errno()
    if number == errno.EEXIST:
        raise FileExistsError(number, os.strerror(number))
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number))


def _sync_all(folder: int) -> bool:
    """Sync the whole file system of `folder`: one pass for many files.  False: cannot."""
    call = _function("syncfs")
    return call is not None and call(folder) == 0


@cache
def _function(name: str) -> Callable[..., int] | None:
    """A function of the C library that Python does not wrap, None if it lacks."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        function: Callable[..., int] = getattr(library, name)
    except (OSError, AttributeError, TypeError):
        return None
    return function
