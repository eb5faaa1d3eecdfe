"""The sender's disk: what is offered, and reading it as one stream.  PROTOCOL.md, 4.

Each file is opened once, without following a symlink, and looked at when its last byte is
read, a large one before its first byte too: what is not as it was when it was offered ends
the attempt, before the chunk in hand leaves.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Final, NamedTuple, Self

from lanchat.errors import FileChanged, OfferTooLarge, SourceMissing, TransferAbandoned
from lanchat.transfer.manifest import EXECUTABLE, MAX_PATH, Entry, Manifest
from lanchat.transfer.names import MAX_DEPTH, numbered, offerable
from lanchat.transfer.parts_folder import PARTS
from lanchat.transfer.space import disk_error
from lanchat.wire.payloads import CHUNK, MAX_ENTRIES, MAX_MANIFEST, MAX_TOTAL, TopKind

# O_NONBLOCK: a pipe that took the place of a file must not hang us.
_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

# An ordinary file that its owner may read; if we are the owner, the system need not be asked.
_PLAIN: Final = 0o170000 | stat.S_IRUSR
_PLAIN_FILE: Final = stat.S_IFREG | stat.S_IRUSR
_FILE: Final = TopKind.FILE  # an attribute of an enum costs more than a global
_FOLDER: Final = TopKind.FOLDER

_GONE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is not sent, and why, for the user."""

    path: str
    why: str


class Facts(NamedTuple):
    """How a file looked: if one of these differs, it is another file or was changed."""

    device: int
    inode: int
    size: int
    mtime_ns: int


class _Found(NamedTuple):
    entry: Entry
    place: str
    facts: Facts


class Source:
    """What is offered, where it lies, and how it looked when it was inspected.

    Made by `inspect`.  It never changes, so several threads may read it, each with its own
    `Reading`.  `roots` are the absolute paths as given: enough to `inspect` them again.
    """

    def __init__(
        self, roots: tuple[str, ...], found: Sequence[_Found], skipped: tuple[Skipped, ...]
    ) -> None:
        self.roots: Final = roots
        self.manifest: Final = Manifest(tuple(one.entry for one in found))
        self.skipped: Final = skipped
        self._places = tuple((one.place, one.facts) for one in found)

    @property
    def length(self) -> int:
        """Bytes of the whole stream: the manifest and the files."""
        return self.manifest.length

    def read(self, offset: int = 0) -> "Reading":
        """Start reading the stream at `offset`; use it in `with`."""
        return Reading(self.manifest, self._places, offset)

    def prefix_digest(self, length: int, stop: Event) -> bytes:
        """SHA-256 of the first `length` bytes of the stream.  Blocks.

        Raises:
            FileChanged: a file is not as it was inspected.
            DiskFailed: the disk refused.
            TransferAbandoned: `stop` was set.
        """
        digest = hashlib.sha256()
        view = memoryview(bytearray(min(CHUNK, length)))
        with self.read() as reading:
            for at in range(0, length, CHUNK):
                if stop.is_set():
                    raise TransferAbandoned("stopped while comparing a prefix")
                piece = view[: min(CHUNK, length - at)]
                reading.readinto(piece)
                digest.update(piece)
        return digest.digest()


class Reading:
    """A position in the stream.  Belongs to one thread; holds at most one file open."""

    def __init__(
        self, manifest: Manifest, places: tuple[tuple[str, Facts], ...], offset: int
    ) -> None:
        self._entries = manifest.entries
        self._places = places
        self._head = memoryview(manifest.encoded)[offset:]  # what is left of the manifest
        self._next = manifest.entry_at(offset)  # the entry to open
        self._skip = max(0, offset - manifest.starts[self._next])
        self._file = -1  # the open file, its facts, and how much of it is read
        self._facts = Facts(0, 0, 0, 0)
        self._at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def readinto(self, view: memoryview) -> None:
        """Fill all of `view` with the next bytes of the stream.

        Raises:
            FileChanged: a file is not as it was inspected, before or after reading it.
            DiskFailed: the disk refused.
        """
        at = min(len(view), len(self._head))
        view[:at] = self._head[:at]
        self._head = self._head[at:]
        try:
            while at < len(view):
                if self._file < 0:
                    at = self._read_whole(view, at)
                    if at < len(view):
                        self._open()
                else:
                    at += self._fill(view[at:])
        except OSError as error:
            if error.errno in _GONE:
                raise FileChanged("a file is gone") from error
            raise disk_error(error) from error

    def _read_whole(self, view: memoryview, at: int) -> int:
        """Read files as long as they fit into `view` whole; returns where they end.

        Ten thousand small files pass here, so this loop calls nothing it need not call.
        """
        room = len(view)
        while at < room and not self._skip:
            place, facts = self._places[self._next]
            size = self._entries[self._next].size
            if size > room - at:
                break
            if size:
                self._file = file = os.open(place, _OPEN)
                start, at = at, at + size
                while start < at:  # some file systems give a little at a time
                    try:
                        got = os.preadv(file, [view[start:at]], size - (at - start))
                    except OSError:
                        _compare(file, facts)  # it may be no file at all by now
                        raise
                    if not got:
                        raise FileChanged("a file became shorter")
                    start += got
                _compare(file, facts)  # once, behind: nothing of it has left yet
                os.close(file)
                self._file = -1
            self._next += 1
        return at

    def _open(self) -> None:
        place, self._facts = self._places[self._next]
        self._next += 1
        self._at, self._skip = self._skip, 0
        self._file = os.open(place, _OPEN)
        _compare(self._file, self._facts)

    def _fill(self, view: memoryview) -> int:
        left = self._facts.size - self._at
        size = os.preadv(self._file, [view[:left]], self._at)
        if not size:
            raise FileChanged("a file became shorter")
        self._at += size
        if self._at == self._facts.size:
            _compare(self._file, self._facts)
            self._close()
        return size

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _compare(file: int, facts: Facts) -> None:
    found = os.fstat(file)
    if (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns) != facts:
        raise FileChanged("a file changed since it was offered")


def inspect(paths: Sequence[Path], *, stop: Event | None = None) -> Source:
    """Look at files and folders and list all that would be sent.  Blocks; for a thread.

    A path that the user names may be a symlink; below it none is followed.

    Raises:
        SourceMissing: a path is not there, cannot be read, or holds nothing to send.
        OfferTooLarge: too many entries or bytes for one offer.
        TransferAbandoned: `stop` was set.
    """
    walk = _Walk(stop or Event())
    roots = tuple(os.path.abspath(path) for path in paths)  # noqa: PTH100 - keeps a symlink
    named = zip(_wire_names([Path(root).name for root in roots]), roots, strict=True)
    for name, root in named:
        walk.root(name, root)
    if not walk.found:
        raise SourceMissing("nothing to send")
    walk.found.sort(key=lambda one: one.entry.path)  # the same order as that of their UTF-8
    source = Source(roots, walk.found, tuple(walk.skipped))
    if source.manifest.total > MAX_TOTAL:
        raise OfferTooLarge(f"{source.manifest.total} bytes")
    return source


class _Walk:
    """Collect entries below the roots, and what is left out."""

    def __init__(self, stop: Event) -> None:
        self.found: list[_Found] = []
        self.skipped: list[Skipped] = []
        self._stop = stop
        self._size = 4
        self._me = os.geteuid() if hasattr(os, "geteuid") else -1

    def root(self, name: str, root: str) -> None:
        place = os.path.realpath(root)
        try:
            found = Path(place).lstat()
            if not os.access(place, os.R_OK):
                raise SourceMissing("not readable")
        except OSError as error:
            raise SourceMissing(f"errno {error.errno}") from error
        waiting = [(name, place)] if self._take(name, place, found) else []
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
        for name, item in zip(_wire_names([one.name for one in inside]), inside, strict=True):
            try:
                found = item.stat(follow_symlinks=False)
            except OSError as error:
                self._skip(item.path, os.strerror(error.errno or 0))
                continue
            if self._take(f"{path}/{name}", item.path, found):
                yield f"{path}/{name}", item.path

    def _take(self, path: str, place: str, found: os.stat_result) -> bool:
        """List one entry, or skip it; True for a folder to look into."""
        mode, size = found.st_mode, found.st_size
        length = len(path.encode("utf-8"))
        fit = mode & _PLAIN == _PLAIN_FILE and found.st_uid == self._me
        if not fit or length > MAX_PATH or path.count("/") >= MAX_DEPTH:
            why = _unfit(path, place, mode)
            if why:
                self._skip(place, why)
                return False
        folder = stat.S_ISDIR(mode)
        self._size += 20 + length
        if len(self.found) >= MAX_ENTRIES or self._size > MAX_MANIFEST:
            raise OfferTooLarge(f"over {len(self.found)} entries")
        if folder:
            kind, flags, size = _FOLDER, 0, 0
        else:
            kind, flags = _FILE, EXECUTABLE if mode & stat.S_IXUSR else 0
        mtime_ns = found.st_mtime_ns
        entry = Entry(kind, flags, size, mtime_ns // 10**6, path)
        facts = Facts(found.st_dev, found.st_ino, found.st_size, mtime_ns)
        self.found.append(_Found(entry, place, facts))
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


def _wire_names(names: list[str]) -> list[str]:
    """How the entries of one folder are named in an offer, each differently."""
    taken: set[str] = set()
    chosen = []
    for name in names:
        wanted, number = offerable(name), 1
        wire = wanted
        while wire in taken:
            number += 1
            wire = numbered(wanted, number)
        taken.add(wire)
        chosen.append(wire)
    return chosen
