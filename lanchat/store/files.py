"""Files for the owner's eyes only: folders 0700, files 0600, whole or not at all.

The modes are set on each file, never through the process-wide umask, which belongs to
whoever started us and to every other thread.  PROTOCOL.md, 7.
"""

import logging
import os
import secrets
import stat
import sys
from pathlib import Path
from typing import Final

from lanchat.errors import NotPrivate, StoreDamaged, StoreError, StoreFull

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
MOST_DESTROYED: Final = 64 * 1024  # bytes; no file of secrets is larger

_FULL: Final = frozenset({28, 122})  # ENOSPC and EDQUOT
_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0)
_OTHERS: Final = 0o077

_log = logging.getLogger(__name__)


def translated(error: OSError) -> StoreError:
    """The error of ours that says what the system said; never a path."""
    if error.errno in _FULL:
        return StoreFull(f"errno {error.errno}")
    return StoreError(f"{type(error).__name__}, errno {error.errno}")


def make_folder(folder: Path) -> None:
    """Make `folder` and the ones above it; `folder` itself is 0700 afterwards.

    Raises:
        NotPrivate: it belongs to another user, who could read or replace what is in it.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    except OSError as error:
        raise translated(error) from error
    tighten(folder, FOLDER_MODE)


def tighten(path: Path, mode: int = FILE_MODE) -> None:
    """Take away what others may do with `path`, and say so in the log; missing: nothing.

    Raises:
        NotPrivate: it belongs to another user.
    """
    if sys.platform == "win32":  # the user's folder is private by its inherited rights
        return
    try:
        found = path.stat()
        if found.st_uid != os.geteuid() and os.geteuid() != 0:
            raise NotPrivate("owned by another user")
        if stat.S_IMODE(found.st_mode) == mode:
            return
        if found.st_mode & _OTHERS:
            _log.warning("others could reach a part of the profile; its mode is set right")
        path.chmod(mode)
        if path.stat().st_mode & _OTHERS:
            _log.warning("this file system does not keep the profile from other users")
    except FileNotFoundError:
        return
    except OSError as error:
        raise translated(error) from error


def create(path: Path) -> None:
    """Make an empty file, 0600; FileExistsError if anything has that name."""
    descriptor = os.open(path, _NEW, FILE_MODE)
    try:
        _own(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path, limit: int) -> bytes:
    """The bytes of a plain file of at most `limit` bytes.

    Raises:
        FileNotFoundError: there is none.
        StoreDamaged: it is too large, or no plain file.
        StoreError: the system does not let us.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)  # a FIFO must not hold us up
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise StoreDamaged("not a plain file")
            data = file.read(limit + 1)
    except FileNotFoundError:
        raise
    except IsADirectoryError as error:
        raise StoreDamaged("a folder where a file should be") from error
    except OSError as error:
        raise translated(error) from error
    if len(data) > limit:
        raise StoreDamaged(f"file of more than {limit} bytes")
    return data


def write(path: Path, data: bytes) -> None:
    """Put `data` in the place of whatever `path` holds: the old or the new, never a mixture.

    Raises:
        StoreFull: no space; the old content stays.
        StoreError: the system does not let us; the old content stays.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, _NEW, FILE_MODE), "wb") as file:
            _own(file.fileno())
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise translated(error) from error


def destroy(path: Path) -> None:
    """Overwrite a small file and remove it; missing: nothing.

    That no old block of the disk holds it any more cannot be promised.

    Raises:
        StoreError: the system does not let us; it may be overwritten by then.
    """
    try:
        with path.open("r+b") as file:
            size = os.fstat(file.fileno()).st_size
            file.write(secrets.token_bytes(min(size, MOST_DESTROYED)))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        sync_folder(path.parent)
    except FileNotFoundError:
        return
    except OSError as error:
        raise translated(error) from error


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` last through a power cut, where the system can."""
    if sys.platform == "win32":  # folders cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _own(descriptor: int) -> None:
    if sys.platform != "win32":  # a strange umask may have taken our own bits
        os.fchmod(descriptor, FILE_MODE)
