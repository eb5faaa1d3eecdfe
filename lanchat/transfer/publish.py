"""Publishing: what arrived whole gets its name, and overwrites nothing.  PROTOCOL.md, 4.

The names are chosen and written into the part before anything moves.  Whoever comes back
after a crash reads there what goes where, and sees by what still lies in the part how far
it came: nothing is ever put in its place twice.

What goes into a folder that is there already is brought by `merge.py`; how a name is taken
without overwriting says `moving.py`.
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final, NamedTuple

from lanchat.errors import DiskFailed
from lanchat.transfer.births import top_id
from lanchat.transfer.clash import NOBODY, Clash, Program, TopId
from lanchat.transfer.held import Held
from lanchat.transfer.known import Known
from lanchat.transfer.merge import Brought, Merge
from lanchat.transfer.moving import free_name, look, move_file, move_folder, sync_all
from lanchat.transfer.names import safe_component
from lanchat.transfer.parts_folder import ASIDE, opened
from lanchat.transfer.programs import MOST
from lanchat.transfer.staging import FILE_MODE, FOLDER_MODE, Branch, Staging
from lanchat.wire.payloads import MAX_SHOWN, TopKind

_FILES: Final = "files"
_PLACES: Final = "places"  # where everything of a part goes: a JSON list, a row for each
_PLACES_NEW: Final = "places.new"
_PLACES_LIMIT: Final = 256 * 1024  # bytes; 64 names of 255 bytes, escaped, are less
_FEW: Final = 64  # files that are synced one by one; beyond, one call for the file system


@dataclass(frozen=True, slots=True)
class Published:
    """A top-level file or folder that now lies in the download folder."""

    path: Path
    size: int
    kind: TopKind
    wanted: str = ""  # the name that it would get if none were taken
    id: TopId = NOBODY  # of that very file or folder; NOBODY where it cannot be proven
    programs: tuple[Program, ...] = ()  # what was a program at the sender


class _Place(NamedTuple):
    """Where something is to lie, and which it is: another one may have the name one day."""

    name: str
    id: TopId


@dataclass(frozen=True, slots=True)
class _Top:
    """Something to be moved as a whole: its name in the part, and the one it should get.

    `base` is the name of the earlier one that it goes into, or takes the place of.
    """

    name: str
    wanted: str
    size: int
    kind: TopKind
    base: str = ""


def prepare(known: Known, staging: Staging, part: int, goal: int, folder: str) -> None:
    """Sync `staging`, then choose where everything goes in `goal`, and keep that in `part`.

    `folder` is the name of what holds everything, where that is more than 64 things.  OSError
    as the disk says it.
    """
    files = _open(_FILES, part)
    try:
        if known.manifest.files <= _FEW or not sync_all(files):
            staging.sync()
        known.sync(part)  # without it nobody can tell what was to go where
        staging.close()
        source = part if _whole(known) else files
        places: list[_Place] = []
        for top in _tops(known, folder):
            if not top.base:
                os.stat(top.name, dir_fd=source, follow_symlinks=False)  # it has to be there
            name = top.base or free_name(goal, top.wanted, {one.name for one in places})
            places.append(_Place(name, top_id(source, top.name)))
        _keep(part, places)
    finally:
        os.close(files)


def place(
    known: Known, part: int, goal: int, downloads: Path, folder: str
) -> tuple[Published, ...]:
    """Move what `prepare` made ready from `part` to `goal`, both open folders.

    What was moved before an interruption is recognised, and is not moved again.  OSError as
    the disk says it; what was not moved stays.
    """
    tops = _tops(known, folder)
    places = recall(part)
    if places is None or len(places) != len(tops):
        raise DiskFailed("no places were chosen")
    source = os.dup(part) if _whole(known) else _open(_FILES, part)
    brought = Brought()
    try:
        for index, top in enumerate(tops):
            if not top.base:
                _move(part, source, goal, top, places, index)
        if known.held is not None and not _whole(known):
            brought = _merge(known, known.held, source, part, goal)
        os.fsync(goal)
    finally:
        os.close(source)
    published: list[Published] = []
    held = known.held.ids if known.held is not None else {}
    for top, planned in zip(tops, places, strict=True):
        chosen = brought.tops.get(top.name, planned.name)
        here, earlier = top_id(goal, chosen), held.get(top.name, NOBODY)
        programs = brought.programs if top.base else _programs(known, top, chosen)
        mine = [one for one in programs if one.partition("/")[0] == chosen]
        left = MOST - sum(len(one.programs) for one in published)
        published.append(
            Published(
                downloads / chosen,
                top.size,
                top.kind,
                top.wanted,
                here if here.is_same(planned.id) or here.is_same(earlier) else NOBODY,
                _identified(goal, mine[:left]),
            )
        )
    return tuple(published)


def _programs(known: Known, top: _Top, chosen: str) -> list[str]:
    """What was a program at the sender, in something that was moved as a whole."""
    if _whole(known):
        return [f"{chosen}/{known.paths[entry]}" for entry in known.programs]
    below = (known.paths[entry].partition("/") for entry in known.programs)
    return [chosen + way + rest for name, way, rest in below if name == top.name]


def _identified(goal: int, paths: Sequence[str]) -> tuple[Program, ...]:
    """Programs that came, and which files they are: others may get their names one day.

    Of what cannot be told from others nothing is remembered, as it could never be allowed.
    """
    found = []
    with Branch(goal) as branch:
        for path in paths:
            folder, _, name = path.rpartition("/")
            try:
                which = top_id(branch.enter(folder), name)
            except OSError:  # somebody moved it already
                continue
            if which != NOBODY:
                found.append(Program(path, which))
    return tuple(found)


def give_back(known: Known, part: int, goal: int) -> None:
    """Return the older files that gave way, for a part that is given up.

    OSError as the disk says it.

    Raises:
        DiskFailed: it cannot be told where they belong.
    """
    if known.held is None:
        raise DiskFailed("the part is damaged")
    try:
        with opened(ASIDE, part) as aside, opened(_FILES, part) as files:
            Merge(known, known.held, files, aside, goal).give_back()
    except FileNotFoundError as error:
        raise DiskFailed("an older file is not where it was") from error


def _whole(known: Known) -> bool:
    """Whether everything goes into one new folder."""
    return len(known.manifest.tops) > MAX_SHOWN


def _tops(known: Known, folder: str) -> list[_Top]:
    """What is moved, or goes into what is there."""
    manifest = known.manifest
    if _whole(known):
        wanted = safe_component(folder, top=True)
        return [_Top(_FILES, wanted, manifest.total, TopKind.FOLDER)]
    replaces = known.held is not None and known.held.clash is Clash.OVERWRITE
    tops = iter(manifest.tops)
    found = []
    for size, path in zip(known.plan.sizes, known.paths, strict=True):
        if "/" in path:
            continue
        top, base = next(tops), known.bases.get(path, "")
        if top.kind is TopKind.FILE and size >= 0 and not replaces:
            base = ""  # a changed file lies beside the older one
        found.append(_Top(path, path, top.size, top.kind, base))
    return found


def _merge(known: Known, held: Held, files: int, part: int, goal: int) -> Brought:
    with suppress(FileExistsError):
        os.mkdir(ASIDE, FOLDER_MODE, dir_fd=part)
    aside = _open(ASIDE, part)
    try:
        return Merge(known, held, files, aside, goal).run()
    finally:
        os.close(aside)


def recall(part: int) -> list[_Place] | None:
    """The places that were chosen for a part; None if it is not so far."""
    try:
        file = os.open(_PLACES, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=part)
    except FileNotFoundError:
        return None
    with os.fdopen(file, "rb") as kept:
        said = kept.read(_PLACES_LIMIT)
    try:
        rows: object = json.loads(said)
    except (ValueError, RecursionError):
        return None
    places = [_place(row) for row in rows] if isinstance(rows, list) else [None]
    found = [one for one in places if one is not None and _is_name(one.name)]
    return found if len(found) == len(places) else None


def _place(row: object) -> _Place | None:
    match row:
        case [str(name), int(inode), int(birth_ns)]:
            return _Place(name, TopId(inode, birth_ns))
        case str():  # of an earlier lanchat
            return _Place(row, NOBODY)
    return None


def _is_name(name: str) -> bool:
    return name not in {"", ".", ".."} and not {"/", "\0"} & set(name)


def _keep(part: int, places: Sequence[_Place]) -> None:
    """Write down what goes where, whole or not at all, before it goes there."""
    with suppress(FileNotFoundError):
        os.unlink(_PLACES_NEW, dir_fd=part)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(_PLACES_NEW, flags, FILE_MODE, dir_fd=part), "wb") as kept:
        rows = [(name, *astuple(which)) for name, which in places]
        kept.write(json.dumps(rows).encode())
        kept.flush()
        os.fsync(kept.fileno())
    os.replace(_PLACES_NEW, _PLACES, src_dir_fd=part, dst_dir_fd=part)
    os.fsync(part)


def _move(
    part: int, source: int, goal: int, top: _Top, places: list[_Place], index: int
) -> None:
    """Bring one thing to its place; to the next free one if somebody took that meanwhile."""
    move = move_file if top.kind == TopKind.FILE else move_folder
    while True:
        mine = look(source, top.name)
        if mine is None:
            return  # it was moved before
        chosen, which = places[index]
        theirs = look(goal, chosen)
        if theirs is not None and os.path.samestat(mine, theirs):
            os.unlink(top.name, dir_fd=source)  # linked before, and not yet unlinked
            return
        try:
            move(source, top.name, goal, chosen)
        except FileExistsError:
            free = free_name(goal, top.wanted, {one.name for one in places})
            places[index] = _Place(free, which)
            _keep(part, places)
        else:
            return


def _open(name: str, dir_fd: int) -> int:
    return os.open(
        name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=dir_fd
    )
