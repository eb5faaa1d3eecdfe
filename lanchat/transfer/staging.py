"""Staging: the files of one offer as they grow, inside a folder of our own.

Everything is made relative to the descriptor of a folder that was opened without following
a symlink, and is made anew (O_EXCL): nothing that lies there already is ever written to,
but what an earlier attempt of ours left.
"""

import hashlib
import os
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from lanchat.transfer.known import Known
from lanchat.transfer.manifest import EXECUTABLE, Entry
from lanchat.transfer.marks import mark
from lanchat.wire.payloads import CHUNK, TopKind

FILE_MODE: Final = 0o600
PROGRAM_MODE: Final = 0o700
FOLDER_MODE: Final = 0o700
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_WRITE: Final = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_CREATE: Final = _WRITE | os.O_CREAT | os.O_EXCL
_FOLDER_KIND: Final = TopKind.FOLDER  # an attribute of an enum costs more than a global
_LAST_TIME: Final = 4_102_444_800_000  # ms; the year 2100: beyond it a time is not restored


def open_folder(name: str, dir_fd: int | None = None) -> int:
    """A descriptor of the folder `name`, which must not be a symlink."""
    return os.open(name, _FOLDER, dir_fd=dir_fd)


class Branch:
    """The chain of open folders from a root down to where we work.

    Entries come sorted by path, so the next one is nearly always in the same folder; each
    step down is opened by itself, so no symlink in the middle is followed either.
    """

    def __init__(self, root: int) -> None:
        self._root = root
        self._names: list[str] = []
        self._open: list[int] = []
        self._path = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def enter(self, folder: str) -> int:
        """The descriptor of `folder`, a path from the root; "" for the root."""
        if folder != self._path:
            self._path = ""
            try:
                self._go(folder.split("/") if folder else [])
            except BaseException:
                self._go([])
                raise
            self._path = folder
        return self._open[-1] if self._open else self._root

    def close(self) -> None:
        """Close every folder but the root."""
        self._go([])
        self._path = ""

    def _go(self, names: list[str]) -> None:
        same = 0
        for mine, wanted in zip(self._names, names, strict=False):
            if mine != wanted:
                break
            same += 1
        while len(self._open) > same:
            os.close(self._open.pop())
            self._names.pop()
        for name in names[same:]:
            self._open.append(open_folder(name, self._open[-1] if self._open else self._root))
            self._names.append(name)


class Staging:
    """Write the stream behind the manifest into files.  Belongs to one thread.

    `root` is the descriptor of the folder to fill; it is not closed here.  With `programs`
    what was a program at the sender is one here; our user wished that.
    """

    def __init__(self, root: int, known: Known, *, programs: bool = False) -> None:
        plan, paths = known.plan, known.paths
        self._plan = plan
        self._programs = programs
        self._marks = True  # until the file system lets us mark nothing
        self._entries = plan.manifest.entries
        self._sizes = plan.sizes
        self._paths = paths
        self._branch = Branch(root)
        self._next = 0  # the entry to make
        self._file = -1  # the open file, and how many bytes it lacks
        self._left = 0
        self._resumed = False

    def begin(self, offset: int, *, again: bool = False) -> None:
        """Go to `offset` of the stream; what an earlier attempt left behind it is replaced.

        `again`: there may have been one even where that is the beginning.
        """
        self.close()
        self._resumed = again or offset > 0
        self._next = self._plan.entry_at(offset)
        if self._next < len(self._paths):
            self._cut(offset - self._plan.starts[self._next])

    def write(self, data: memoryview) -> None:
        """Take the next bytes of the stream; OSError as the disk says it."""
        at = 0
        while at < len(data):
            if self._file < 0:
                at = self._write_whole(data, at)
                if at < len(data):
                    self._open_next()
            else:
                size = os.write(self._file, data[at : at + self._left])
                at += size
                self._left -= size
                if not self._left:
                    self._finish()
        self._write_whole(data, at)  # what is empty takes no bytes

    def close(self) -> None:
        """Close what is open; what was written stays."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._branch.close()

    def held(self) -> int:
        """Up to which byte of the stream everything lies here."""
        starts = self._plan.starts
        for index, size in enumerate(self._sizes):
            if size < 0:
                continue
            found = self._stat(index)
            if found is None:
                return starts[index]
            if self._entries[index].kind == TopKind.FILE and found.st_size < size:
                return starts[index] + found.st_size
        return starts[-1]

    def prefix_digest(self, length: int, go_on: Callable[[], None]) -> bytes:
        """SHA-256 of the first `length` bytes of the stream; `go_on` may raise to stop it."""
        head = self._plan.head
        digest = hashlib.sha256(memoryview(head)[:length])
        left = length - len(head)
        view = memoryview(bytearray(CHUNK))
        for index, size in enumerate(self._sizes):
            if left <= 0:
                break
            if size > 0:
                self._hash_file(index, min(left, size), view, digest.update, go_on)
                left -= size
        return digest.digest()

    def sync(self) -> None:
        """Bring every file to the disk, one by one."""
        for index, entry in enumerate(self._entries):
            if entry.kind == TopKind.FILE and self._sizes[index] >= 0:
                file = os.open(self._name(index), _READ, dir_fd=self._folder(index))
                try:
                    os.fsync(file)
                finally:
                    os.close(file)

    def restore_folder_times(self) -> None:
        """Give folders their own times back, the deepest first: filling them changed them."""
        entries = self._entries
        for index in range(len(entries) - 1, -1, -1):
            times = _times(entries[index].mtime_ms)
            if entries[index].kind == TopKind.FOLDER and times:
                folder = self._branch.enter(self._paths[index])
                os.utime(folder, ns=times)

    def _folder(self, index: int) -> int:
        return self._branch.enter(self._paths[index].rpartition("/")[0])

    def _name(self, index: int) -> str:
        return self._paths[index].rpartition("/")[2]

    def _stat(self, index: int) -> os.stat_result | None:
        try:
            return os.stat(self._name(index), dir_fd=self._folder(index), follow_symlinks=False)
        except FileNotFoundError:
            return None

    def _hash_file(
        self,
        index: int,
        size: int,
        view: memoryview,
        update: Callable[[memoryview], object],
        go_on: Callable[[], None],
    ) -> None:
        file = os.open(self._name(index), _READ, dir_fd=self._folder(index))
        try:
            while size:
                go_on()
                got = os.readv(file, [view[:size]])
                if not got:
                    raise FileNotFoundError("a part became shorter")
                update(view[:got])
                size -= got
        finally:
            os.close(file)

    def _cut(self, size: int) -> None:
        """Open the file that the offset falls into, cut to the `size` bytes before it."""
        if size <= 0:
            return
        self._file = os.open(self._name(self._next), _WRITE, dir_fd=self._folder(self._next))
        os.ftruncate(self._file, size)
        os.lseek(self._file, size, os.SEEK_SET)
        self._left = self._sizes[self._next] - size

    def _write_whole(self, data: memoryview, at: int) -> int:
        """Make entries as long as they are whole in `data`; returns where they end.

        Ten thousand small files pass here, so this loop calls nothing it need not call.
        """
        entries, sizes, paths, room = self._entries, self._sizes, self._paths, len(data)
        for index in range(self._next, len(paths)):
            size = sizes[index]
            if size > room - at:
                break
            if size < 0:  # no part of the stream
                self._next = index + 1
                continue
            kind = entries[index].kind
            parent, _, name = paths[index].rpartition("/")
            folder = self._branch.enter(parent)
            if kind is _FOLDER_KIND:
                self._make_folder(name, folder)
            else:
                self._file = file = self._make_file(name, folder)
                start, at = at, at + size
                while start < at:
                    start += os.write(file, data[start:at])
                self._done(file, entries[index])
                self._file = -1
            self._next = index + 1
        return at

    def _open_next(self) -> None:
        """Open the next file, whose bytes will come in several pieces."""
        self._left = self._sizes[self._next]
        self._file = self._make_file(self._name(self._next), self._folder(self._next))

    def _make_folder(self, name: str, folder: int) -> None:
        try:
            os.mkdir(name, FOLDER_MODE, dir_fd=folder)
        except FileExistsError:
            if not self._resumed:
                raise

    def _make_file(self, name: str, folder: int) -> int:
        try:
            return os.open(name, _CREATE, FILE_MODE, dir_fd=folder)
        except FileExistsError:
            if not self._resumed:
                raise
            os.unlink(name, dir_fd=folder)
            return os.open(name, _CREATE, FILE_MODE, dir_fd=folder)

    def _finish(self) -> None:
        self._done(self._file, self._entries[self._next])
        self._file = -1
        self._next += 1

    def _done(self, file: int, entry: Entry) -> None:
        """Close a file that is whole, with its time and its mark."""
        _, flags, _, mtime_ms, _ = entry
        if self._marks:
            self._marks = mark(file)
        if flags & EXECUTABLE and self._programs:
            os.fchmod(file, PROGRAM_MODE)
        times = _times(mtime_ms)
        if times:
            os.utime(file, ns=times)
        os.close(file)


def as_it_came(found: os.stat_result, entry: Entry) -> bool:
    """Whether a file has the size and the time that it got here; not if it got none.

    Some disks keep no more of a time than the second.
    """
    times = _times(entry.mtime_ms)
    if times is None or found.st_size != entry.size:
        return False
    return found.st_mtime_ns in (times[1], times[1] // 10**9 * 10**9)


def _times(mtime_ms: int) -> tuple[int, int] | None:
    """Access and change time to set, in ns; None for a time no disk need bear."""
    if not 0 <= mtime_ms <= _LAST_TIME:
        return None
    return mtime_ms * 10**6, mtime_ms * 10**6
