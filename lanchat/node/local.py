"""The local socket itself: where it lies, and who is at its other end.  PROTOCOL.md, 7.

Unix: a socket file, 0600 in the profile's 0700 folder, and the system tells which user
connects.  Elsewhere: 127.0.0.1 and a file, 0600, that holds the port and 32 random bytes;
whoever can read the file is the same user.
"""

import asyncio
import contextlib
import hmac
import os
import secrets
import socket
import struct
import sys
from pathlib import Path
from typing import Final

from lanchat.errors import LanchatError, StoreError
from lanchat.store import files

HAS_UNIX: Final = hasattr(socket, "AF_UNIX") and sys.platform != "win32"
COOKIE_SIZE: Final = 32  # bytes (PROTOCOL.md, 7)
_COOKIE_FILE_LIMIT: Final = 128  # bytes: a port and the cookie in hex
_BACKLOG: Final = 64
_PAUSE: Final = 0.05  # seconds between two tries to get into a full queue
_LINUX_CREDENTIALS: Final = struct.Struct("3i")  # pid, uid, gid (unix(7))
_BSD_CREDENTIALS: Final = struct.Struct("IIh16I")  # struct xucred: version, uid, groups
_BSD_LOCAL_PEERCRED: Final = 1  # <sys/un.h> of macOS and FreeBSD; the level is 0


class Unreachable(LanchatError):
    """Nobody listens on the local socket."""


async def listen(path: Path, *, unix: bool = HAS_UNIX) -> socket.socket:
    """Listen at `path`; what a crash left there is removed.  The caller holds the profile.

    Raises:
        StoreError: the socket cannot be made there.
    """
    return await asyncio.to_thread(_unix_socket if unix else _loopback_socket, path)


async def remove(path: Path) -> None:
    """Take away what `listen` made, once nobody listens there any more."""
    await asyncio.to_thread(path.unlink, missing_ok=True)


def _unix_socket(path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        listening.bind(str(path))
        path.chmod(0o600)  # before listen(): nobody connects until then
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise StoreError(f"local socket: errno {error.errno}") from error
    listening.setblocking(False)
    return listening


def _loopback_socket(path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.bind(("127.0.0.1", 0))
        listening.listen(_BACKLOG)
        port = listening.getsockname()[1]
        files.write(path, f"{port} {secrets.token_hex(COOKIE_SIZE)}\n".encode())
    except OSError as error:
        listening.close()
        raise StoreError(f"local socket: errno {error.errno}") from error
    except StoreError:
        listening.close()
        raise
    listening.setblocking(False)
    return listening


async def connect(
    path: Path, *, limit: int, unix: bool = HAS_UNIX
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to whoever listens at `path`, and prove that we may.

    Raises:
        Unreachable: nobody does, or it is another user.
    """
    try:
        if unix:
            reader, writer = await asyncio.open_connection(
                sock=await _connected(path), limit=limit
            )
            if not same_user(writer):
                writer.close()
                raise Unreachable("another user listens there")
            return reader, writer
        port, cookie = (await asyncio.to_thread(files.read, path, _COOKIE_FILE_LIMIT)).split()
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port), limit=limit)
        writer.write(cookie + b"\n")
    except (OSError, ValueError, StoreError) as error:
        raise Unreachable(type(error).__name__) from error
    return reader, writer


async def _connected(path: Path) -> socket.socket:
    """A connected socket; asyncio takes a queue that is full for a connection that stands."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.setblocking(False)
    try:
        while True:
            with contextlib.suppress(BlockingIOError):
                made.connect(str(path))
                return made
            await asyncio.sleep(_PAUSE)
    except BaseException:
        made.close()
        raise


async def admitted(
    path: Path,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    *,
    unix: bool = HAS_UNIX,
) -> bool:
    """Whether the one who connected is the same user as we are."""
    if unix:
        return same_user(writer)
    shown = (await reader.readline()).strip()
    held = await asyncio.to_thread(files.read, path, _COOKIE_FILE_LIMIT)
    return hmac.compare_digest(shown, held.split()[-1])


def same_user(writer: asyncio.StreamWriter) -> bool:
    """Whether the other end of a Unix socket runs as our user, by the system's word."""
    end: socket.socket = writer.get_extra_info("socket")
    if hasattr(socket, "SO_PEERCRED"):
        data = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _LINUX_CREDENTIALS.size)
        uid = _LINUX_CREDENTIALS.unpack(data)[1]
    else:
        data = end.getsockopt(0, _BSD_LOCAL_PEERCRED, _BSD_CREDENTIALS.size)
        uid = _BSD_CREDENTIALS.unpack(data)[1]
    return bool(uid == os.geteuid())
