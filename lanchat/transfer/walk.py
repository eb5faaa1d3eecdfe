"""Walk: what lies below the paths that a user names, and what of it can be offered.

Below a named path no symlink is followed.  PROTOCOL.md, 4.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final, NamedTuple

from lanchat.errors import OfferTooLarge, SourceMissing, TransferAbandoned
from lanchat.transfer.manifest import EXECUTABLE, MAX_PATH, Entry
from lanchat.transfer.names import MAX_DEPTH, free_number, offerable
from lanchat.transfer.parts_folder import PARTS
from lanchat.wire.payloads import MAX_ENTRIES, MAX_MANIFEST, TopKind

# An ordinary file that its owner may read; if we are the owner, the system need not be asked.
_PLAIN: Final = 0o170000 | stat.S_IRUSR
_PLAIN_FILE: Final = stat.S_IFREG | stat.S_IRUSR
_FILE: Final = TopKind.FILE  # an attribute of an enum costs more than a global
_FOLDER: Final = TopKind.FOLDER


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is not sent, and why, for the user."""

    path: str
    why: str


#: How a file looked, its device, inode, size and mtime in ns: if one of these differs, it is
#: another file or was changed.
Facts = tuple[int, int, int, int]


class Found(NamedTuple):
    """One entry of an offer, where it lies and how it looked.

    There may be 200,000 of them, so a path is told once in all, and a folder once for
    everything in it.
    """

    entry: Entry
    folder: str  # in which it lies
    name: str  # there; "" if it is the one in the offer
    device: int
    inode: int
    mtime_ns: int

    @property
    def place(self) -> str:
        """Where it lies."""
        path = self.entry.path
        return f"{self.folder}/{self.name or path[path.rfind('/') + 1 :]}"

    @property
    def facts(self) -> Facts:
        """How it looked, if it is a file."""
        return self.device, self.inode, self.entry.size, self.mtime_ns


class Walk:
    """Collect entries below the roots, and what is left out."""

    def __init__(self, stop: Event) -> None:
        self.found: list[Found] = []
        self.skipped: list[Skipped] = []
        self._stop = stop
        self._size = 4
        self._device = -1  # of what was found last: all facts of a device share one number
        self._me = os.geteuid() if hasattr(os, "geteuid") else -1

    def root(self, name: str, root: str) -> None:
        """Look at what the user named `root`, and offer it as `name`.

        Raises:
            SourceMissing: it is not there, or cannot be read.
            OfferTooLarge: there is too much of it.
            TransferAbandoned: it was stopped.
        """
        try:
            place = os.path.realpath(root)
            found = Path(place).lstat()
            if not os.access(place, os.R_OK):
                raise SourceMissing("not readable")
        except OSError as error:
            raise SourceMissing(f"errno {error.errno}") from error
        except UnicodeEncodeError as error:
            raise SourceMissing("no such name can be here") from error
        folder, own = os.path.split(place)
        waiting = [(name, place)] if self._take(name, folder, own, found) else []
        while waiting:
            waiting.extend(self._folder(*waiting.pop()))

    def _folder(self, path: str, place: str) -> Iterator[tuple[str, str]]:
        if self._stop.is_set():
            raise TransferAbandoned("stopped while looking at files")
        try:
            with os.scandir(place) as listing:
                inside = list(listing)
        except OSError as error:
            self._skip(place, os.strerror(error.errno or 0))
            return
        for name, item in zip(wire_names([one.name for one in inside]), inside, strict=True):
            try:
                found = item.stat(follow_symlinks=False)
            except OSError as error:
                self._skip(item.path, os.strerror(error.errno or 0))
                continue
            if self._take(f"{path}/{name}", place, item.name, found):
                yield f"{path}/{name}", item.path

    def _take(self, path: str, place: str, own: str, found: os.stat_result) -> bool:
        """List one entry, which is `own` in the folder `place`, or skip it.

        True for a folder to look into.
        """
        mode, size = found.st_mode, found.st_size
        length = len(path.encode("utf-8"))
        fit = mode & _PLAIN == _PLAIN_FILE and found.st_uid == self._me
        if not fit or length > MAX_PATH or path.count("/") >= MAX_DEPTH:
            whole = os.path.join(place, own)  # noqa: PTH118 - no Path for each of many
            why = _unfit(path, whole, mode)
            if why:
                self._skip(whole, why)
                return False
        folder = stat.S_ISDIR(mode)
        self._size += 20 + length
        if len(self.found) >= MAX_ENTRIES or self._size > MAX_MANIFEST:
            raise OfferTooLarge(f"over {len(self.found)} entries")
        if folder:
            kind, flags = _FOLDER, 0
        else:
            kind, flags = _FILE, EXECUTABLE if mode & stat.S_IXUSR else 0
        mtime_ns, device = found.st_mtime_ns, found.st_dev
        if device != self._device:
            self._device = device
        entry = Entry(kind, flags, 0 if folder else size, mtime_ns // 10**6, path)
        name = "" if path[path.rfind("/") + 1 :] == own else own
        self.found.append(Found(entry, place, name, self._device, found.st_ino, mtime_ns))
        return folder

    def _skip(self, place: str, why: str) -> None:
        self.skipped.append(Skipped(place, why))


def _unfit(path: str, place: str, mode: int) -> str:
    """Why something found is not sent; empty if it is."""
    folder = stat.S_ISDIR(mode)
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    if not folder and not stat.S_ISREG(mode):
        return "not a file or folder"
    if folder and Path(place).name == PARTS:
        return "unfinished transfers"
    if len(path.encode("utf-8")) > MAX_PATH or path.count("/") >= MAX_DEPTH:
        return "its path is too long"
    return "" if folder or os.access(place, os.R_OK) else "not readable"


def wire_names(names: list[str]) -> list[str]:
    """How the entries of one folder are named in an offer, each differently."""
    taken: set[str] = set()
    following: dict[str, int] = {}
    chosen = []
    for name in names:
        wire = offerable(name)
        if wire in taken:
            wire = free_number(wire, taken, following, str)
        taken.add(wire)
        chosen.append(wire)
    return chosen
