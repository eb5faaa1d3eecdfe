"""The thumbnailer: has a picture made small by a worker, and believes nothing it answers.

Each picture is a process of its own (`thumbnailing.py`), that is ended when it takes too
long, says too much, or when nobody waits for it any more.  It knows of us what stands in its
file and how large the picture may become: no profile, no environment, no descriptor more.
"""

import asyncio
import logging
import os
import subprocess
import sys
from asyncio.subprocess import Process
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from lanchat.errors import PictureUnreadable
from lanchat.gui.thumbnailing import CHANNELS, HEAD, MARK, MOST_PIXELS, Head, fit

_log = logging.getLogger(__name__)

PATIENCE: Final = 5.0  # seconds from its start to its last byte
_KEPT: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT")
#: What it needs to find Python and Pillow where we found them, and no more.
_ENVIRONMENT: Final = {
    **{name: os.environ[name] for name in _KEPT if name in os.environ},
    "PYTHONPATH": os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path),
}
_UNSEEN: Final = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # of Windows
_ALONE: Final = "/" if os.name == "posix" else None  # where it lives: in no folder of ours


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture made small.  Sizes in px; `pixels` are red, green and blue, a byte each."""

    width: int  # of the picture itself, upright
    height: int
    size: tuple[int, int]
    pixels: bytes = field(repr=False)


class Thumbnailer:
    """Asks one worker at a time.  Lives on the node thread."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._task: asyncio.Task[object] | None = None
        self.worker: Process | None = None  # the last one; for tests

    async def shrink(self, file: BinaryIO, box: tuple[int, int]) -> Thumbnail:
        """Make a picture fit a box, in px.

        Raises:
            PictureUnreadable: it is none, too large, damaged, or took too long.
        """
        self._task = asyncio.current_task()
        try:
            async with asyncio.timeout(self._patience):
                return await self._ask(file, box)
        except (OSError, EOFError, _Nonsense, TimeoutError) as error:
            _log.info("a picture is not shown: %s", _reason(error, self.worker))
            raise PictureUnreadable("no thumbnail") from error
        finally:
            self._task = None

    async def stop(self) -> None:
        """End the worker, if one works: nobody waits for it any more."""
        if self._task is not None:
            self._task.cancel()

    async def _ask(self, file: BinaryIO, box: tuple[int, int]) -> Thumbnail:
        self.worker = worker = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "lanchat.gui.thumbnailing", *map(str, box),
            stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=_ALONE, env=_ENVIRONMENT, creationflags=_UNSEEN,
        )  # fmt: skip
        try:
            made = await _answer(worker, box)
            await worker.wait()
        except EOFError:  # it said less than it should: it is ending
            await worker.wait()
            raise
        finally:
            if worker.returncode is None:
                with suppress(ProcessLookupError):  # it has just ended
                    worker.kill()
                await worker.wait()
        return made


class _Nonsense(Exception):
    """The worker says what it cannot say."""


async def _answer(worker: Process, box: tuple[int, int]) -> Thumbnail:
    """What it says, checked before anything is allocated for it."""
    out = worker.stdout
    if out is None:
        raise _Nonsense
    mark, *sizes = HEAD.unpack(await out.readexactly(HEAD.size))
    head = Head(*sizes)
    if mark != MARK or not 0 < head.width * head.height <= MOST_PIXELS:
        raise _Nonsense
    size = head.made_width, head.made_height
    if size != fit(head.width, head.height, box):
        raise _Nonsense
    pixels = await out.readexactly(size[0] * size[1] * CHANNELS)
    if await out.read(1):
        raise _Nonsense
    return Thumbnail(head.width, head.height, size, pixels)


def _reason(error: Exception, worker: Process | None) -> str:
    if isinstance(error, TimeoutError):
        return "its worker took too long"
    if isinstance(error, EOFError) and worker is not None:
        return f"its worker ended with {worker.returncode}"
    return type(error).__name__.strip("_").lower()
