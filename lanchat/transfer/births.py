"""Births: which very file or folder lies under a name.  PROTOCOL.md, 4.

A file system gives the inode of what was deleted to the next thing that is made, often at
once.  Together with the time of birth, which the file system sets itself, it tells them apart.
Where the system or the file system knows no birth, nothing is proven to be what it was.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Callable
from functools import cache
from typing import Final

from lanchat.transfer.clash import NOBODY, TopId

_NOFOLLOW: Final = 0x100  # AT_SYMLINK_NOFOLLOW, <linux/fcntl.h>
_ITSELF: Final = 0x1000  # AT_EMPTY_PATH
_INO: Final = 0x100  # STATX_INO, <linux/stat.h>
_BTIME: Final = 0x800
_STATX: Final = 256  # bytes of struct statx, alike on all processors
_FIELDS: Final = struct.Struct("=I28xQ40xqI")  # mask, inode, seconds and ns of the birth
_LAST: Final = 2**63  # ns, in the year 2262: what a database holds


def top_id(folder: int, name: str) -> TopId:
    """What lies under a name in an open folder, no link followed; NOBODY if none can tell."""
    if (call := _statx()) is not None:
        return _asked(call, folder, name, _NOFOLLOW)
    try:
        return told(os.stat(name, dir_fd=folder, follow_symlinks=False))
    except OSError:
        return NOBODY


def id_of(file: int) -> TopId:
    """Which one was opened, whatever its name is now; NOBODY if none can tell."""
    if (call := _statx()) is not None:
        return _asked(call, file, "", _ITSELF)
    return told(os.fstat(file))


def told(found: os.stat_result) -> TopId:
    """What Python's own `stat` says of it: enough on all systems but Linux."""
    born = getattr(found, "st_birthtime_ns", None)
    if born is None and (seconds := getattr(found, "st_birthtime", None)) is not None:
        born = round(seconds * 10**9)  # macOS and BSD
    if born is None and sys.platform == "win32":  # before Python 3.12
        born = found.st_ctime_ns
    return _id(found.st_ino, born or 0)


def _asked(call: Callable[..., int], folder: int, name: str, how: int) -> TopId:
    answer = ctypes.create_string_buffer(_STATX)
    if call(folder, os.fsencode(name), how, _INO | _BTIME, answer) != 0:
        return NOBODY
    mask, inode, seconds, ns = _FIELDS.unpack_from(answer)
    return _id(inode, seconds * 10**9 + ns if mask & _BTIME else 0)


def _id(inode: int, birth_ns: int) -> TopId:
    """Without a birth, or with one that no clock said, it is nobody."""
    return TopId(inode, birth_ns) if 0 < birth_ns < _LAST else NOBODY


@cache
def _statx() -> Callable[..., int] | None:
    """The call of Linux; None elsewhere, and with a C library that lacks it."""
    if sys.platform != "linux":
        return None
    try:
        call: Callable[..., int] = ctypes.CDLL(None, use_errno=True).statx
    except (OSError, AttributeError):
        return None
    return call
