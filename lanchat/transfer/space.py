"""What a disk says: how much room it has, and what its errors mean.  PROTOCOL.md, 3b."""

import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from lanchat.errors import (
    DiskDefect,
    DiskFailed,
    DiskReadOnly,
    FileTooLarge,
    FolderGone,
    NoSpace,
    QuotaUsedUp,
    TransferError,
    UnsafeName,
    WriteForbidden,
)
from lanchat.wire.payloads import CHUNK

RESERVE: Final = 2**30  # bytes always left free, or
RESERVE_SHARE: Final = 20  # one part in twenty of the disk, whichever is more
#: What an error of writing means, where it is more than a refusal.  Not every system has each.
_MEANS: Final[Mapping[type[DiskFailed], tuple[str, ...]]] = {
    DiskReadOnly: ("EROFS",),
    WriteForbidden: ("EACCES", "EPERM"),
    FolderGone: ("ENOENT", "ENOTDIR", "ENODEV", "ENXIO", "ESTALE", "ENOTCONN", "ENOMEDIUM"),
    DiskDefect: ("EIO", "EREMOTEIO", "EUCLEAN", "ETIMEDOUT", "EHOSTDOWN", "ESHUTDOWN"),
    FileTooLarge: ("EFBIG",),
}
_FAILURES: Final[Mapping[int, type[DiskFailed]]] = {
    getattr(errno, name): kind
    for kind, names in _MEANS.items()
    for name in names
    if hasattr(errno, name)
}


#: How the system says no; the second: a name that this computer cannot write as it is set up.
REFUSED: Final = (OSError, UnicodeEncodeError)


def disk_error(error: OSError | UnicodeEncodeError) -> TransferError:
    """What `error` means to somebody who reads."""
    if isinstance(error, UnicodeEncodeError):
        return UnsafeName(f"no {error.encoding}")
    return _told(DiskFailed, error)


def write_error(error: OSError | UnicodeEncodeError, *, missing: int = 0) -> TransferError:
    """What `error` means to a transfer that has `missing` bytes still to write."""
    if isinstance(error, UnicodeEncodeError):
        return disk_error(error)
    match error.errno:
        case errno.ENOSPC:
            return NoSpace(missing)
        case errno.EDQUOT:
            return QuotaUsedUp(missing)
        case number:
            return _told(_FAILURES.get(number or 0, DiskFailed), error)


def check_space(folder: Path, size: int) -> None:
    """See that `size` more bytes leave `max(1 GiB, 5 %)` of the disk below `folder` free.

    Raises:
        NoSpace: they do not; it says how many bytes are missing.
        DiskFailed: the disk cannot be asked, or can only be read.
    """
    missing = size - spare(folder)
    if missing > 0:
        raise NoSpace(missing)


def spare(folder: Path) -> int:
    """How many bytes `folder` can take before too little is left free; may be below nothing.

    Raises:
        DiskFailed: the disk cannot be asked, or can only be read.
    """
    try:
        room = os.statvfs(_nearest(folder))
    except OSError as error:
        raise write_error(error) from error
    if room.f_flag & os.ST_RDONLY:
        raise DiskReadOnly("mounted so")
    reserve = max(RESERVE, room.f_blocks * room.f_frsize // RESERVE_SHARE)
    return room.f_bavail * room.f_frsize - reserve


def try_writing(folder: Path) -> None:
    """Write a chunk into `folder` and remove it: a quota, a right or a defect shows only then.

    Raises:
        NoSpace, DiskFailed: the disk refused.
    """
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as probe:
            left = memoryview(bytes(CHUNK))
            while left:
                left = left[probe.write(left) :]
            os.fsync(probe.fileno())
    except OSError as error:
        raise write_error(error, missing=CHUNK) from error


def _told(kind: type[DiskFailed], error: OSError) -> DiskFailed:
    failed = kind(errno.errorcode.get(error.errno or 0, "unknown"))
    failed.hint = os.strerror(error.errno) if error.errno else ""
    return failed


def _nearest(folder: Path) -> Path:
    folder = folder.absolute()
    return next((place for place in (folder, *folder.parents) if place.exists()), folder)
