"""Merge: what arrived comes into a folder that an earlier transfer left.  PROTOCOL.md, 4.

    what lies under the name        what is done
    nothing                         the file or folder gets the name, a folder as a whole
    a folder, and a folder comes    its content goes in, one by one
    a file, and a file comes        it lies beside as " (2)"; or changes places, if so wished
    anything else                   it lies beside as " (2)"

At the top all that is only so of what an earlier transfer left: another file or folder that
has its name now is not touched.  An earlier lanchat kept no more of that than the name; what
it had prepared already is brought to its end by that.

Everything is looked at when its turn comes, in folders that are opened one step at a time
and through no symlink.  What lies in the part is what is still to be done, so after a crash
it is simply done again.
"""

import errno
import os
import stat
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from lanchat.errors import DiskFailed
from lanchat.transfer.births import top_id
from lanchat.transfer.clash import NOBODY, Clash
from lanchat.transfer.exchange import Swap
from lanchat.transfer.ground import below
from lanchat.transfer.held import Held
from lanchat.transfer.known import Known
from lanchat.transfer.moving import look, move_file, move_folder, sync_all
from lanchat.transfer.names import numbered
from lanchat.transfer.staging import Branch, as_it_came
from lanchat.wire.payloads import TopKind

_FEW: Final = 64  # folders that are synced one by one; beyond, one call for the file system
_MOST_NAMES: Final = 10_000  # tries for a free name
_NO_FOLDER: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})  # or a link now


@dataclass
class Brought:
    """What a merge tells: tops that could not go where their bases are, and new programs.

    Both by where they lie now, from the download folder.
    """

    tops: dict[str, str] = field(default_factory=dict)
    programs: list[str] = field(default_factory=list)


class Merge:
    """Empties the staged folders of one part into their bases.  Belongs to one thread.

    `files`, `aside` and `goal` are open folders: of the part, and the download folder.
    `paths` are where the entries lie in the part.
    """

    def __init__(self, known: Known, held: Held, files: int, aside: int, goal: int) -> None:
        self._plan = known.plan
        self._held = held
        self._paths = known.paths
        self._known = known
        self._came: dict[str, str] = {}  # what was moved by this run, as a whole, and to where
        self._files = files
        self._staged = Branch(files)
        self._placed = Branch(goal)
        self._aside = aside
        self._goal = goal
        self._device = os.fstat(goal).st_dev
        self._where: dict[str, str] = {}  # folders whose content goes into one that is there
        self._swaps: list[Swap] = []  # made by this run
        self._touched: set[str] = set()
        self._brought = Brought()

    def run(self) -> Brought:
        """Bring everything to its place and sync the folders; OSError as the disk says it.

        If it fails no older file has lost its place; what was new stays where it came.
        """
        try:
            self._walk()
            self._sync()
            self._find_programs()
        except (OSError, DiskFailed):
            self._undo()
            raise
        finally:
            self._staged.close()
            self._placed.close()
        return self._brought

    def give_back(self) -> None:
        """Return all older files, whether they changed places or lie aside.

        Raises:
            DiskFailed: it cannot be told where one belongs.
        """
        try:
            for name in os.listdir(self._aside):  # noqa: PTH208 - of a descriptor
                mark = name.partition(".")[0]
                if mark.isdecimal():
                    self._return(int(mark))
        finally:
            self._staged.close()
            self._placed.close()

    def _return(self, index: int) -> None:
        """One goes back; into the download folder if the folder that it was in is gone."""
        path = self._paths[index] if index < len(self._paths) else ""
        where = below(self._held.bases, path)
        if where is None:
            raise DiskFailed("what lies aside is of no known file")
        parent, _, name = path.rpartition("/")
        swap = Swap(parent, name, *where, str(index))
        source = self._staged.enter(parent)
        try:
            goal = self._placed.enter(where[0])
        except OSError as error:
            if error.errno not in _NO_FOLDER:
                raise
            swap.bring(source, self._goal, self._aside)
        else:
            entry = self._plan.manifest.entries[index]
            swap.give_back(source, goal, self._aside, lambda found: as_it_came(found, entry))

    def _walk(self) -> None:
        entries, sizes = self._plan.manifest.entries, self._plan.sizes
        for index, path in enumerate(self._paths):
            parent, _, name = path.rpartition("/")
            folder = entries[index].kind is TopKind.FOLDER
            if not parent:
                self._top(index, path, folder=folder)
            elif (into := self._where.get(parent)) is not None and sizes[index] >= 0:
                self._bring(index, parent, name, into, folder=folder)

    def _top(self, index: int, path: str, *, folder: bool) -> None:
        base, older = self._held.bases.get(path), self._held.ids.get(path, NOBODY)
        if base is None:
            return
        if folder:
            theirs = look(self._goal, base)
            same = not self._held.ids or top_id(self._goal, base).is_same(older)
            if same and theirs is not None and self._may_enter(theirs):
                self._where[path] = base
            elif look(self._files, path) is not None:  # it is gone: what came comes by itself
                chosen = _beside(self._files, path, self._goal, path, folder=True)
                self._brought.tops[path] = chosen
                self._note(index, "", chosen)
        elif self._held.clash is Clash.OVERWRITE and self._plan.sizes[index] >= 0:
            self._bring(index, "", path, "", folder=False, chosen=base)

    def _bring(
        self, index: int, parent: str, name: str, into: str, *, folder: bool, chosen: str = ""
    ) -> None:
        source, goal = self._staged.enter(parent), self._placed.enter(into)
        mine = look(source, name)
        if mine is None:
            return  # it was brought before
        chosen = chosen or name
        theirs = look(goal, chosen)
        if folder and theirs is not None and self._may_enter(theirs):
            self._where[f"{parent}/{name}"] = f"{into}/{chosen}"
            return
        self._touched.add(into)
        replaces = self._held.clash is Clash.OVERWRITE and not folder
        if theirs is not None and replaces and _may_go(theirs):
            if os.path.samestat(mine, theirs):
                os.unlink(name, dir_fd=source)  # linked before, and not yet unlinked
                return
            inner = bool(parent) or not self._held.ids
            older = None if inner else self._held.ids.get(name, NOBODY)
            swap = Swap(parent, name, into, chosen, str(index), older)
            if self._swap(swap, source, goal):
                self._note(index, into, chosen)
                return
        came = _beside(source, name, goal, chosen, folder=folder)
        self._note(index, into, came)
        if not parent:
            self._brought.tops[name] = came

    def _note(self, index: int, into: str, name: str) -> None:
        """Where an entry came; of a folder, all that is in it came with it."""
        self._came[self._paths[index]] = f"{into}/{name}" if into else name

    def _find_programs(self) -> None:
        for entry in self._known.programs:
            top = path = self._paths[entry]
            while top and top not in self._came:
                top = top.rpartition("/")[0]
            if top:
                self._brought.programs.append(self._came[top] + path[len(top) :])

    def _swap(self, swap: Swap, source: int, goal: int) -> bool:
        try:
            made = swap.make(source, goal, self._aside)
        except FileNotFoundError:  # the older one was taken away in between
            return False
        if made:
            self._swaps.append(swap)
        return made

    def _may_enter(self, theirs: os.stat_result) -> bool:
        return stat.S_ISDIR(theirs.st_mode) and theirs.st_dev == self._device

    def _sync(self) -> None:
        if len(self._touched) > _FEW and sync_all(self._goal):
            return
        for into in self._touched:
            os.fsync(self._placed.enter(into))

    def _undo(self) -> None:
        """The older files get their places back, as far as the disk lets us."""
        while self._swaps:
            swap = self._swaps.pop()
            try:
                source, goal = self._staged.enter(swap.source), self._placed.enter(swap.goal)
                swap.undo(source, goal, self._aside)
            except OSError:
                continue  # it lies in the part, and is kept with that


def _may_go(theirs: os.stat_result) -> bool:
    """Whether it is a file, and one that its owner has not locked against change."""
    return stat.S_ISREG(theirs.st_mode) and bool(theirs.st_mode & stat.S_IWUSR)


def _beside(source: int, name: str, goal: int, wanted: str, *, folder: bool) -> str:
    """Take the first free name of `wanted`, `wanted (2)` and so on; gives it."""
    move = move_folder if folder else move_file
    mine = os.stat(name, dir_fd=source, follow_symlinks=False)
    for number in count(1):
        chosen = numbered(wanted, number)
        theirs = look(goal, chosen)
        if theirs is not None and os.path.samestat(mine, theirs):
            os.unlink(name, dir_fd=source)  # linked before, and not yet unlinked
            return chosen
        if theirs is None:
            try:
                move(source, name, goal, chosen)
            except FileExistsError:
                continue
            return chosen
        if number >= _MOST_NAMES:
            break
    raise DiskFailed("no free name")
