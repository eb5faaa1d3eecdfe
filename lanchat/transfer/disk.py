"""The sender's disk: what is offered, and reading it as one stream.  PROTOCOL.md, 4.

Each file is opened once, without following a symlink, and looked at when its last byte is
read, a large one before its first byte too: what is not as it was when it was offered ends
the attempt, before the chunk in hand leaves.  One that was empty is looked at, not opened.
"""

import errno
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Final, Self

from lanchat.errors import (
    FileChanged,
    OfferTooLarge,
    SourceMissing,
    TransferAbandoned,
    TransferError,
)
from lanchat.transfer.manifest import Manifest
from lanchat.transfer.plan import Plan
from lanchat.transfer.space import disk_error
from lanchat.transfer.walk import Facts, Found, Skipped, Walk, wire_names
from lanchat.wire.payloads import CHUNK, MAX_TOTAL, TopKind

# O_NONBLOCK: a pipe that took the place of a file must not hang us.
_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

_FILE: Final = TopKind.FILE
_SIZE: Final = 2  # its place among the facts
_GONE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})


class Source:
    """What is offered, where it lies, and how it looked when it was inspected.

    Made by `inspect`.  It never changes, so several threads may read it, each with its own
    `Reading`.  `roots` are the absolute paths as given: enough to `inspect` them again.
    """

    def __init__(
        self,
        roots: tuple[str, ...],
        plan: Plan,
        found: tuple[Found, ...],
        skipped: tuple[Skipped, ...],
    ) -> None:
        self.roots: Final = roots
        self.plan: Final = plan
        self.skipped: Final = skipped
        self._found = found

    @property
    def manifest(self) -> Manifest:
        """All that is offered."""
        return self.plan.manifest

    @property
    def length(self) -> int:
        """Bytes of the whole stream."""
        return self.plan.length

    def without(self, skip: bytes) -> "Source":
        """The same offer, read without the files that its receiver has (`skips.py`).

        Raises:
            MalformedPayload: the set names what is no file of it.
        """
        plan = Plan(self.manifest, skip)
        return Source(self.roots, plan, self._found, self.skipped)

    def read(self, offset: int = 0) -> "Reading":
        """Start reading the stream at `offset`; use it in `with`."""
        return Reading(self.plan, self._found, offset)

    def open(self, entry: int) -> int:
        """A descriptor of one file of the offer, which is as it was when it was inspected.

        Raises:
            FileChanged: it is not.
            DiskFailed: the disk refused.
        """
        found = self._found[entry]
        try:
            return _opened(found.place, found.facts)
        except OSError as error:
            raise _gone_or_failed(error) from error

    def check(self, entry: int, file: int) -> None:
        """See that an open file of the offer is still as it was; FileChanged if it is not."""
        _compare(file, self._found[entry].facts)

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

    def __init__(self, plan: Plan, found: tuple[Found, ...], offset: int) -> None:
        self._sizes = plan.sizes
        self._found = found
        self._head = memoryview(plan.head)[offset:]  # what is left of the manifest
        self._next = plan.entry_at(offset)  # the entry to open
        self._skip = max(0, offset - plan.starts[self._next])
        self._file = -1  # the open file, its facts, and how much of it is read
        self._facts: Facts = (0, 0, 0, 0)
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
            while self._file < 0 or at < len(view):
                if self._file >= 0:
                    at += self._fill(view[at:])
                    continue
                at = self._read_whole(view, at)
                if at == len(view):
                    break
                self._open()
        except OSError as error:
            raise _gone_or_failed(error) from error

    def _read_whole(self, view: memoryview, at: int) -> int:
        """Read files as long as they fit into `view` whole; returns where they end.

        Those that are empty have no bytes to come with, so they go with what is before them.
        Ten thousand small files pass here, so this loop calls nothing it need not call.
        """
        room, count = len(view), len(self._sizes)
        while self._next < count and not self._skip:
            size = self._sizes[self._next]
            if size > room - at:
                break
            if size > 0:  # else it is empty, or no part of the stream
                found = self._found[self._next]
                facts = found.facts
                self._file = file = os.open(found.place, _OPEN)
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
            elif size == 0 and (found := self._found[self._next]).entry.kind is _FILE:
                _same(os.lstat(found.place), found.facts)
            self._next += 1
        return at

    def _open(self) -> None:
        found = self._found[self._next]
        self._facts = found.facts
        self._next += 1
        self._at, self._skip = self._skip, 0
        self._file = _opened(found.place, self._facts)

    def _fill(self, view: memoryview) -> int:
        left = self._facts[_SIZE] - self._at
        size = os.preadv(self._file, [view[:left]], self._at)
        if not size:
            raise FileChanged("a file became shorter")
        self._at += size
        if self._at == self._facts[_SIZE]:
            _compare(self._file, self._facts)
            self._close()
        return size

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _opened(place: str, facts: Facts) -> int:
    file = os.open(place, _OPEN)
    try:
        _compare(file, facts)
    except BaseException:
        os.close(file)
        raise
    return file


def _gone_or_failed(error: OSError) -> TransferError:
    return FileChanged("a file is gone") if error.errno in _GONE else disk_error(error)


def _compare(file: int, facts: Facts) -> None:
    _same(os.fstat(file), facts)


def _same(found: os.stat_result, facts: Facts) -> None:
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
    walk = Walk(stop or Event())
    roots = tuple(os.path.abspath(path) for path in paths)  # noqa: PTH100 - keeps a symlink
    named = zip(wire_names([Path(root).name for root in roots]), roots, strict=True)
    for name, root in named:
        walk.root(name, root)
    if not walk.found:
        raise SourceMissing("nothing to send")
    walk.found.sort(key=lambda one: one.entry.path)  # the same order as that of their UTF-8
    manifest = Manifest(tuple(one.entry for one in walk.found))
    source = Source(roots, Plan(manifest), tuple(walk.found), tuple(walk.skipped))
    if source.manifest.total > MAX_TOTAL:
        raise OfferTooLarge(f"{source.manifest.total} bytes")
    return source
