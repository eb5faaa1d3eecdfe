"""Pictures: what a file begins with, and the file opened for whoever decodes it.

Nothing is decoded here.  The name of a file says nothing of what is in it, and what is in it
nothing of what a decoder will find: the first bytes only say whether one is worth asking.
"""

import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

MOST: Final = 64 * 2**20  # bytes of a file that is shown as a picture
_LOOK: Final = 32  # bytes
# O_NONBLOCK: a pipe that took the place of a file must not hang us.
_OPEN: Final = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
)
_BITMAPS: Final = frozenset(  # how large a head of its own each kind of BMP has
    size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124)
)


def opened(path: Path) -> BinaryIO | None:
    """A plain file of at most `MOST` bytes that begins like a picture; None for any other.

    No symlink is followed.  Blocks, like any look at a disk.
    """
    try:
        file = os.open(path, _OPEN)
    except (OSError, ValueError):
        return None
    try:
        if _good(file):
            return os.fdopen(file, "rb", buffering=0)
    except OSError:  # the disk does not answer
        pass
    os.close(file)
    return None


def looks_like_one(start: bytes) -> bool:
    """Whether a PNG, JPEG, GIF, WebP or BMP begins like this."""
    if start.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")):
        return True
    if start.startswith(b"RIFF"):
        return start[8:12] == b"WEBP"
    return start.startswith(b"BM") and start[14:18] in _BITMAPS


def _good(file: int) -> bool:
    facts = os.fstat(file)
    if not stat.S_ISREG(facts.st_mode) or not 0 < facts.st_size <= MOST:
        return False
    start = os.read(file, _LOOK)
    os.lseek(file, 0, os.SEEK_SET)
    return looks_like_one(start)
