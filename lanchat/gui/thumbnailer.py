"""The thumbnailer: has a picture made small by a worker, and believes nothing it answers.

Each picture is a process of its own (`worker.py`, `thumbnailing.py`), that is ended when it
takes too long, says too much, or when nobody waits for it any more.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from lanchat.errors import PictureUnreadable
from lanchat.gui.thumbnailing import CHANNELS, HEAD, MARK, MOST_PIXELS, Head, fit
from lanchat.gui.worker import Worker

_log = logging.getLogger(__name__)

PATIENCE: Final = 5.0  # seconds from its start to its last byte


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
        self._worker: Final = Worker("lanchat.gui.thumbnailing")

    @property
    def worker(self) -> asyncio.SubprocessTransport | None:
        """The last worker."""
        return self._worker.process

    async def shrink(self, file: BinaryIO, box: tuple[int, int]) -> Thumbnail:
        """Make a picture fit a box, in px.

        Raises:
            PictureUnreadable: it is none, too large, damaged, or took too long.
        """
        self._task = asyncio.current_task()
        try:
            async with asyncio.timeout(self._patience):
                most = HEAD.size + box[0] * box[1] * CHANNELS
                said = await self._worker.ask(file, *map(str, box), most=most)
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

    def _reason(self, error: Exception) -> str:
        if isinstance(error, TimeoutError):
            return "its worker took too long"
        if isinstance(error, _Nonsense) and self.worker is not None:
            return f"its worker ended with {self.worker.get_returncode()}"
        return type(error).__name__


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
