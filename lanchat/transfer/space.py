"""What a disk says: how much room it has, and what its errors mean.  PROTOCOL.md, 3b."""

import errno
import os
from pathlib import Path
from typing import Final

from lanchat.errors import DiskFailed, NoSpace, TransferError

RESERVE: Final = 2**30  # bytes always left free, or
RESERVE_SHARE: Final = 20  # one part in twenty of the disk, whichever is more
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def disk_error(error: OSError, *, missing: int = 0) -> TransferError:
    """What `error` means to a transfer that has `missing` bytes still to write."""
    if error.errno in _FULL:
        return NoSpace(missing)
    failed = DiskFailed(errno.errorcode.get(error.errno or 0, "unknown"))
    failed.hint = os.strerror(error.errno) if error.errno else ""
    return failed


def check_space(folder: Path, size: int) -> None:
    """See that `size` more bytes leave `max(1 GiB, 5 %)` of the disk below `folder` free.

    Raises:
        NoSpace: they do not; it says how many bytes are missing.
        DiskFailed: the disk cannot be asked.
    """
    try:
        room = os.statvfs(_nearest(folder))
    except OSError as error:
        raise disk_error(error) from error
    reserve = max(RESERVE, room.f_blocks * room.f_frsize // RESERVE_SHARE)
    missing = size + reserve - room.f_bavail * room.f_frsize
    if missing > 0:
        raise NoSpace(missing)


def _nearest(folder: Path) -> Path:
    folder = folder.absolute()
    return next((place for place in (folder, *folder.parents) if place.exists()), folder)
