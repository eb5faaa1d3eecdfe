"""The scanner: has the code in a picture read by a worker, and believes nothing it answers.

What it says is taken only if it is an invite, whole and with its check sum.
"""

import asyncio
import logging
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, Final

from lanchat.errors import BadInvite, NoInvite
from lanchat.gui.worker import Worker
from lanchat.identity.fingerprint import LONGEST_TYPED, invite, parse_invite
from lanchat.node import pictures

_log = logging.getLogger(__name__)

PATIENCE: Final = 10.0  # seconds from its start to its last byte
_MOST: Final = 4 * LONGEST_TYPED  # bytes of an answer


def possible() -> bool:
    """Whether what reads codes is installed; it is never loaded into this process."""
    return find_spec("zxingcpp") is not None


async def in_file(path: Path) -> str:
    """The invite in the code of a picture file.

    Raises:
        NoInvite: it is no picture, or there is none in it.
    """
    file = await asyncio.to_thread(pictures.opened, path)
    if file is None:
        raise NoInvite("no picture")
    with file:
        return await _read(file)


async def in_bytes(picture: bytes) -> str:
    """The invite in the code of a picture that lies in no file.

    Raises:
        NoInvite: it is no picture, or there is none in it.
    """
    if len(picture) > pictures.MOST or not pictures.looks_like_one(picture[:32]):
        raise NoInvite("no picture")
    try:
        with tempfile.TemporaryFile(buffering=0) as file:
            await asyncio.to_thread(file.write, picture)
            file.seek(0)
            return await _read(file)
    except OSError as error:
        raise NoInvite(type(error).__name__) from error


async def _read(file: BinaryIO) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            said = await Worker("lanchat.gui.scanning").ask(file, most=_MOST)
        text = said.decode() if len(said) <= _MOST else ""
        given = parse_invite(text)
    except (OSError, UnicodeDecodeError, BadInvite) as error:  # a time-out is an OSError
        _log.info("no invite in a picture: %s", type(error).__name__)
        raise NoInvite("no invite in a picture") from error
    return invite(given.peer_id, given.addresses)
