"""Marks: a received file tells the system that it came from elsewhere.  PROTOCOL.md, 4.

    Linux     attribute user.xdg.origin.url, where the file system has attributes
    macOS     attribute com.apple.quarantine
    Windows   stream Zone.Identifier

It names no person: the mark goes with copies and backups, and whose file it was is for the
conversation to say.  What the two others do has not been run by us.
"""

import ctypes
import os
import sys
import time
from pathlib import Path
from typing import Final

ORIGIN: Final = "user.xdg.origin.url"
WHENCE: Final = b"lanchat:"
QUARANTINE: Final = b"com.apple.quarantine"
ZONE: Final = "[ZoneTransfer]\r\nZoneId=3\r\n"  # from the internet: look before you open it


def mark(file: int) -> bool:
    """Mark an open file; False where that cannot be done, so that nobody need try again."""
    if sys.platform == "linux":
        try:
            os.setxattr(file, ORIGIN, WHENCE)
        except OSError:
            return False
        return True
    if sys.platform == "darwin":
        library = ctypes.CDLL(None)
        said = b"0081;%08x;lanchat;" % int(time.time())
        done: int = library.fsetxattr(file, QUARANTINE, said, len(said), 0, 0)
        return done == 0
    return False


def mark_all(path: Path) -> None:
    """Mark a file, or all below a folder, that lies at its place: for systems that want a path.

    What cannot be marked stays as it is.
    """
    if sys.platform == "win32":
        for place in (path, *path.rglob("*")):
            try:
                if place.is_file():
                    Path(f"{place}:Zone.Identifier").write_text(ZONE, newline="")
            except OSError:
                continue
