"""Programs: received files that were programs at the sender become ones here, if wished.

The bit travels as data and is never set by itself (PROTOCOL.md, 4).  Each file is opened
through no symlink, and only its owner may run it; another one that has its name by now is
left alone.
"""

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lanchat.transfer.births import id_of
from lanchat.transfer.clash import Program
from lanchat.transfer.parts_folder import opened
from lanchat.transfer.space import REFUSED, write_error
from lanchat.transfer.staging import Branch

MOST: Final = 1000  # of one offer that are remembered
_LOOK: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def allow(downloads: Path, programs: Sequence[Program]) -> int:
    """Let their owner run these files; how many were there.

    What is gone, a link, another user's, or not proven to be that very file is left alone.
    Blocks.

    Raises:
        DiskFailed: the disk refused.
    """
    try:
        with opened(str(downloads)) as goal, Branch(goal) as branch:
            return sum(_allowed(branch, one) for one in programs)
    except REFUSED as error:
        raise write_error(error) from error


def _allowed(branch: Branch, program: Program) -> bool:
    folder, _, name = program.path.rpartition("/")
    try:
        file = os.open(name, _LOOK, dir_fd=branch.enter(folder))
    except OSError:
        return False
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            return False
        if not id_of(file).is_same(program.id):
            return False
        os.fchmod(file, stat.S_IMODE(found.st_mode) | stat.S_IXUSR)
    finally:
        os.close(file)
    return True
