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
        self.worker: asyncio.SubprocessTransport | None = None  # the last one; for tests

    async def shrink(self, file: BinaryIO, box: tuple[int, int]) -> Thumbnail:
        """Make a picture fit a box, in px.

        Raises:
            PictureUnreadable: it is none, too large, damaged, or took too long.
        """
        self._task = asyncio.current_task()
        try:
            async with asyncio.timeout(self._patience):
                said = await self._ask(file, box)
            return _believed(said, box)
        except (OSError, _Nonsense) as error:  # a time-out is an OSError
            _log.info("a picture is not shown: %s", self._reason(error))
            raise PictureUnreadable("no thumbnail") from error
        finally:
            self._task = None

    async def stop(self) -> None:
        """End the worker, if one works: nobody waits for it any more."""
        if self._task is not None:
            self._task.cancel()

    async def _ask(self, file: BinaryIO, box: tuple[int, int]) -> bytes:
        """What a worker says, up to one byte more than it may; it has ended then."""
        most = HEAD.size + box[0] * box[1] * CHANNELS
        worker, ear = await asyncio.get_running_loop().subprocess_exec(
            lambda: _Ear(most),
            sys.executable, "-P", "-m", "lanchat.gui.thumbnailing", *map(str, box),
            stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=_ALONE, env=_ENVIRONMENT, creationflags=_UNSEEN,
        )  # fmt: skip
        self.worker = worker
        try:
            await ear.enough.wait()
        finally:
            worker.close()  # which ends it, if it goes on
            await ear.gone.wait()
        return bytes(ear.heard)

    def _reason(self, error: Exception) -> str:
        if isinstance(error, TimeoutError):
            return "its worker took too long"
        if isinstance(error, _Nonsense) and self.worker is not None:
            return f"its worker ended with {self.worker.get_returncode()}"
        return type(error).__name__


class _Ear(asyncio.SubprocessProtocol):
    """Hears what a worker says, until it said more than it may, or has ended."""

    def __init__(self, most: int) -> None:
        self.heard: Final = bytearray()
        self.enough: Final = asyncio.Event()
        self.gone: Final = asyncio.Event()
        self._most = most

    def pipe_data_received(self, _fd: int, data: bytes) -> None:
        self.heard.extend(data[: self._most + 1 - len(self.heard)])
        if len(self.heard) > self._most:
            self.enough.set()

    def connection_lost(self, _error: Exception | None) -> None:
        self.enough.set()
        self.gone.set()


class _Nonsense(Exception):
    """The worker did not say what it should."""


def _believed(said: bytes, box: tuple[int, int]) -> Thumbnail:
    """A thumbnail of what a worker said, if all of it fits together."""
    if len(said) < HEAD.size:
        raise _Nonsense
    mark, *sizes = HEAD.unpack_from(said)
    head = Head(*sizes)
    if mark != MARK or not 0 < head.width * head.height <= MOST_PIXELS:
        raise _Nonsense
    size = head.made_width, head.made_height
    if size != fit(head.width, head.height, box):
        raise _Nonsense
    pixels = said[HEAD.size :]
    if len(pixels) != size[0] * size[1] * CHANNELS:
        raise _Nonsense
    return Thumbnail(head.width, head.height, size, pixels)
