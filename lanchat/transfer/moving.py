"""Moving: taking a name in an open folder without ever overwriting.  PROTOCOL.md, 4.

A file is linked to its new name, and a folder renamed as a whole, with calls that refuse a
name that exists.  Where a file system knows neither, an empty placeholder of our own is
made under the name (which fails if it exists) and then replaced.
"""

import ctypes
import errno
import os
from collections.abc import Callable, Collection
from functools import cache
from itertools import count
from typing import Final

from lanchat.errors import DiskFailed
from lanchat.transfer.names import numbered
from lanchat.transfer.staging import FILE_MODE, FOLDER_MODE

_MOST_NAMES: Final = 10_000  # tries for a free name
_NOREPLACE: Final = 1  # renameat2, <linux/fs.h>
_EXCHANGE: Final = 2


def free_name(goal: int, wanted: str, taken: Collection[str]) -> str:
    """The first name of `wanted`, `wanted (2)` and so on that is free."""
    for number in count(1):
        chosen = numbered(wanted, number)
        if chosen not in taken and look(goal, chosen) is None:
            break
        if number >= _MOST_NAMES:
            raise DiskFailed("no free name")
    return chosen


def look(folder: int, name: str) -> os.stat_result | None:
    """What lies under a name, no link followed; None: nothing."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def move_file(source: int, name: str, goal: int, chosen: str) -> None:
    """Move a file between two open folders; FileExistsError if the new name is taken."""
    try:
        os.link(name, chosen, src_dir_fd=source, dst_dir_fd=goal, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # no hard links here; FAT and many network disks have none
        if not rename(source, name, goal, chosen):
            replace_placeholder(source, name, goal, chosen, folder=False)
    else:
        os.unlink(name, dir_fd=source)


def move_folder(source: int, name: str, goal: int, chosen: str) -> None:
    """Move a folder between two open folders; FileExistsError if the new name is taken."""
    if not rename(source, name, goal, chosen):
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


def exchange(source: int, name: str, goal: int, chosen: str) -> bool:
    """Let two things change places, at once; False where the system or disk cannot."""
    return _renamed(source, name, goal, chosen, _EXCHANGE)


def rename(source: int, name: str, goal: int, chosen: str) -> bool:
    """Rename without replacing; False where the system or the disk does not know how."""
    return _renamed(source, name, goal, chosen, _NOREPLACE)


def _renamed(source: int, name: str, goal: int, chosen: str, how: int) -> bool:
    call = _function("renameat2")
    if call is None:
        return False
    if call(source, os.fsencode(name), goal, os.fsencode(chosen), how) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number))


def sync_all(folder: int) -> bool:
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
