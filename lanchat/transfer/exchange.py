"""Exchange: a new file in the place of an older one, which is lost in no case.  PROTOCOL.md, 4.

The new file is whole and synced before.  It changes places with the older one in one step of
the file system; where that cannot be done, the older one is moved aside first.  Either way
the older file then lies in the part, until all is at its place and written down, and goes
back if something fails.

    aside/<mark>.new     a second name of the new file: tells after a crash which is which
    aside/<mark>.old     the older file, where the two could not change places
"""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from lanchat.transfer.births import top_id
from lanchat.transfer.clash import TopId
from lanchat.transfer.moving import exchange, free_name, look, move_file

Opened = Callable[[str], int]  # the descriptor of a folder, by its path


@dataclass(frozen=True, slots=True)
class Swap:
    """One file that takes the place of another: where each lies, and its mark."""

    source: str  # folder of the new file in the part
    name: str
    goal: str  # folder of the older one
    chosen: str
    mark: str
    older: TopId | None = None  # what has to lie there; None: any file

    @property
    def _new(self) -> str:
        return f"{self.mark}.new"

    @property
    def _old(self) -> str:
        return f"{self.mark}.old"

    def make(self, source: int, goal: int, aside: int) -> bool:
        """Put the new file there; again after a crash it goes on where it was.

        False: what lies there is no file, or not the older one, or was not when it was taken;
        nothing is changed.
        FileNotFoundError: nothing lies there any more.
        """
        mine, mark = look(source, self.name), look(aside, self._new)
        if mine is None or (mark is not None and not os.path.samestat(mine, mark)):
            return True  # it was made before
        taken = look(aside, self._old) is not None
        if self.older is not None and not taken and not self._is_older(goal, self.chosen):
            self._unmark(aside)
            return False
        if taken or not self._marked(source, aside, mark):
            return self._by_turns(source, goal, aside)
        try:
            if not exchange(source, self.name, goal, self.chosen):
                self._unmark(aside)
                return self._by_turns(source, goal, aside)
        except FileNotFoundError:
            self._unmark(aside)
            raise
        if self._is_older(source, self.name):
            return True
        exchange(source, self.name, goal, self.chosen)  # something else came in between
        self._unmark(aside)
        return False

    def undo(self, source: int, goal: int, aside: int) -> None:
        """Give the older file its place back, if the new one still has it."""
        mine, theirs = look(source, self.name), look(goal, self.chosen)
        mark = look(aside, self._new)
        if mark is not None:
            if theirs and mine and os.path.samestat(theirs, mark):
                exchange(source, self.name, goal, self.chosen)
                self._unmark(aside)
        elif mine is None and theirs is not None and look(aside, self._old) is not None:
            move_file(goal, self.chosen, source, self.name)
            move_file(aside, self._old, goal, self.chosen)

    def give_back(
        self, source: int, goal: int, aside: int, untouched: Callable[[os.stat_result], bool]
    ) -> None:
        """The older file gets its place back, for a part that goes.

        It lies beside what has its name now, unless that is the new file, and `untouched`.
        """
        theirs = look(goal, self.chosen)
        if look(aside, self._new) is not None and theirs is not None and untouched(theirs):
            self.undo(source, goal, aside)
        self.bring(source, goal, aside)

    def bring(self, source: int, goal: int, aside: int) -> None:
        """The older file, if it gave way, gets a free name of a folder."""
        mine, mark = look(source, self.name), look(aside, self._new)
        if mark is not None and mine is not None and not os.path.samestat(mine, mark):
            name = free_name(goal, self.chosen, ())
            os.rename(self.name, name, src_dir_fd=source, dst_dir_fd=goal)
        elif look(aside, self._old) is not None:
            self._back(goal, aside)

    def _is_older(self, folder: int, name: str) -> bool:
        if not _is_file(look(folder, name)):
            return False
        return self.older is None or top_id(folder, name).is_same(self.older)

    def _marked(self, source: int, aside: int, mark: os.stat_result | None) -> bool:
        """Give the new file its second name; False where a file can have only one."""
        if mark is not None:
            return True
        try:
            os.link(
                self.name,
                self._new,
                src_dir_fd=source,
                dst_dir_fd=aside,
                follow_symlinks=False,
            )
        except OSError:
            return False
        return True

    def _unmark(self, aside: int) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self._new, dir_fd=aside)

    def _by_turns(self, source: int, goal: int, aside: int) -> bool:
        """Move the older file aside, then the new one to its name."""
        if look(aside, self._old) is None:
            os.rename(self.chosen, self._old, src_dir_fd=goal, dst_dir_fd=aside)
        if not self._is_older(aside, self._old):
            self._back(goal, aside)
            return False
        try:
            move_file(source, self.name, goal, self.chosen)
        except FileExistsError:  # somebody took the name in between
            self._back(goal, aside)
            return False
        except OSError:
            self._back(goal, aside)
            raise
        return True

    def _back(self, goal: int, aside: int) -> None:
        """The older thing goes back; beside its name if somebody took that."""
        name = free_name(goal, self.chosen, ())
        os.rename(self._old, name, src_dir_fd=aside, dst_dir_fd=goal)


def _is_file(found: os.stat_result | None) -> bool:
    return found is not None and stat.S_ISREG(found.st_mode)
