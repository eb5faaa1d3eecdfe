"""Publishing: what arrived whole gets its name, and overwrites nothing.  PROTOCOL.md, 4.

The names are chosen and written into the part before anything moves.  Whoever comes back
after a crash reads there what goes where, and sees by what still lies in the part how far
it came: nothing is ever put in its place twice.

A file is linked to its new name, and a folder renamed as a whole, with calls that refuse a
name that exists.  Where a file system knows neither, an empty placeholder of our own is
made under the name (which fails if it exists) and then replaced.
"""

import ctypes
import errno
import json
import os
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

from lanchat.errors import DiskFailed
from lanchat.transfer.manifest import Manifest
from lanchat.transfer.names import numbered, safe_component
from lanchat.transfer.staging import FILE_MODE, FOLDER_MODE, Staging
from lanchat.wire.payloads import MAX_SHOWN, TopKind

_FILES: Final = "files"
_PLACES: Final = "places"  # where everything of a part goes: a JSON list of names
_PLACES_NEW: Final = "places.new"
_PLACES_LIMIT: Final = 256 * 1024  # bytes; 64 names of 255 bytes, escaped, are less
_FEW: Final = 64  # files that are synced one by one; beyond, one call for the file system
_MOST_NAMES: Final = 10_000  # tries for a free name
_NOREPLACE: Final = 1  # renameat2, <linux/fs.h>


@dataclass(frozen=True, slots=True)
class Published:
    """A top-level file or folder that now lies in the download folder."""

    path: Path
    size: int
    kind: TopKind


@dataclass(frozen=True, slots=True)
class _Top:
    """Something to be moved as a whole: its name in the part, and the one it should get."""

    name: str
    wanted: str
    size: int
    kind: TopKind


def prepare(
    manifest: Manifest,
    staging: Staging,
    tops: Collection[str],
    part: int,
    goal: int,
    folder: str,
) -> None:
    """Sync `staging`, then choose where everything goes in `goal`, and keep that in `part`.

    `tops` are the names of the top-level entries as they lie in the part.  OSError as the
    disk says it.
    """
    files = _open(_FILES, part)
    try:
        if manifest.files <= _FEW or not _sync_all(files):
            staging.sync()
        staging.close()
        source = part if len(manifest.tops) > MAX_SHOWN else files
        places: list[str] = []
        for top in _tops(manifest, tops, folder):
            os.stat(top.name, dir_fd=source, follow_symlinks=False)  # it has to be there
            places.append(_free(goal, top.wanted, places))
        _keep(part, places)
    finally:
        os.close(files)


def place(
    manifest: Manifest,
    tops: Collection[str],
    part: int,
    goal: int,
    downloads: Path,
    folder: str,
) -> tuple[Published, ...]:
    """Move what `prepare` made ready from `part` to `goal`, both open folders.

    What was moved before an interruption is recognised, and is not moved again.  OSError as
    the disk says it; what was not moved stays.
    """
    moved = _tops(manifest, tops, folder)
    places = recall(part)
    if places is None or len(places) != len(moved):
        raise DiskFailed("no places were chosen")
    whole = len(manifest.tops) > MAX_SHOWN
    source = os.dup(part) if whole else _open(_FILES, part)
    try:
        for index, top in enumerate(moved):
            _move(part, source, goal, top, places, index)
        os.fsync(goal)
    finally:
        os.close(source)
    return tuple(
        Published(downloads / chosen, top.size, top.kind)
        for top, chosen in zip(moved, places, strict=True)
    )


def recall(part: int) -> list[str] | None:
    """The places that were chosen for a part; None if it is not so far."""
    try:
        file = os.open(_PLACES, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=part)
    except FileNotFoundError:
        return None
    with os.fdopen(file, "rb") as kept:
        said = kept.read(_PLACES_LIMIT)
    try:
        names: object = json.loads(said)
    except (ValueError, RecursionError):
        return None
    if not isinstance(names, list) or not all(_is_name(name) for name in names):
        return None
    return names


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name not in {"", ".", ".."} and not {"/", "\0"} & set(name)


def _keep(part: int, places: list[str]) -> None:
    """Write down what goes where, whole or not at all, before it goes there."""
    with suppress(FileNotFoundError):
        os.unlink(_PLACES_NEW, dir_fd=part)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(_PLACES_NEW, flags, FILE_MODE, dir_fd=part), "wb") as kept:
        kept.write(json.dumps(places).encode())
        kept.flush()
        os.fsync(kept.fileno())
    os.replace(_PLACES_NEW, _PLACES, src_dir_fd=part, dst_dir_fd=part)
    os.fsync(part)


def _tops(manifest: Manifest, tops: Collection[str], folder: str) -> list[_Top]:
    if len(manifest.tops) > MAX_SHOWN:
        wanted = safe_component(folder, top=True)
        return [_Top(_FILES, wanted, manifest.total, TopKind.FOLDER)]
    return [
        _Top(name, name, top.size, top.kind)
        for top, name in zip(manifest.tops, tops, strict=True)
    ]


Move = Callable[[int, str, int, str], None]


def _move(part: int, source: int, goal: int, top: _Top, places: list[str], index: int) -> None:
    """Bring one thing to its place; to the next free one if somebody took that meanwhile."""
    move = move_file if top.kind == TopKind.FILE else move_folder
    while True:
        mine = _look(source, top.name)
        if mine is None:
            return  # it was moved before
        theirs = _look(goal, places[index])
        if theirs is not None and os.path.samestat(mine, theirs):
            os.unlink(top.name, dir_fd=source)  # linked before, and not yet unlinked
            return
        try:
            move(source, top.name, goal, places[index])
        except FileExistsError:
            places[index] = _free(goal, top.wanted, places)
            _keep(part, places)
        else:
            return


def _free(goal: int, wanted: str, taken: Collection[str]) -> str:
    """The first name of `wanted`, `wanted (2)` and so on that is free."""
    for number in count(1):
        chosen = numbered(wanted, number)
        if chosen not in taken and _look(goal, chosen) is None:
            break
        if number >= _MOST_NAMES:
            raise DiskFailed("no free name")
    return chosen


def _look(folder: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _open(name: str, dir_fd: int) -> int:
    return os.open(
        name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=dir_fd
    )


def move_file(source: int, name: str, goal: int, chosen: str) -> None:
    """Move a file between two open folders; FileExistsError if the new name is taken."""
    try:
        os.link(name, chosen, src_dir_fd=source, dst_dir_fd=goal, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # no hard links here; FAT and many network disks have none
        if not _rename(source, name, goal, chosen):
            replace_placeholder(source, name, goal, chosen, folder=False)
    else:
        os.unlink(name, dir_fd=source)


def move_folder(source: int, name: str, goal: int, chosen: str) -> None:
    """Move a folder between two open folders; FileExistsError if the new name is taken."""
    if not _rename(source, name, goal, chosen):
        replace_placeholder(source, name, goal, chosen, folder=True)


def replace_placeholder(
    source: int, name: str, goal: int, chosen: str, *, folder: bool
) -> None:
    """Take the new name with something empty of ours, then put the real thing over it."""
    if folder:
        os.mkdir(chosen, FOLDER_MODE, dir_fd=goal)
    else:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        os.close(os.open(chosen, flags, FILE_MODE, dir_fd=goal))
    os.rename(name, chosen, src_dir_fd=source, dst_dir_fd=goal)


def _rename(source: int, name: str, goal: int, chosen: str) -> bool:
    """Rename without replacing; False where the system or the disk does not know how."""
    call = _function("renameat2")
    if call is None:
        return False
    if call(source, os.fsencode(name), goal, os.fsencode(chosen), _NOREPLACE) == 0:
        return True
    number = ctypes.get_errno()
    if number == errno.EEXIST:
        raise FileExistsError(number, os.strerror(number))
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number))


def _sync_all(folder: int) -> bool:
    """Sync the whole file system of `folder`: one pass for many files.  False: cannot."""
    call = _function("syncfs")
    return call is not None and call(folder) == 0


@cache
def _function(name: str) -> Callable[..., int] | None:
    """A function of the C library that Python does not wrap, None if it lacks."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        function: Callable[..., int] = getattr(library, name)
    except (OSError, AttributeError, TypeError):
        return None
    return function
