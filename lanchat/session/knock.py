"""Knocking: does anything listen at these addresses?  One TCP connection, no word said.

It tells a closed port (the lanchat there has ended) from silence (the computer or the
network has gone).  Who is behind an open port only a handshake can tell.
"""

import asyncio
import socket
from collections.abc import Sequence
from enum import Enum, auto
from typing import Final

from lanchat.session.address import Address
from lanchat.session.dial import connect

HOLD: Final = 0.2  # seconds


class Knock(Enum):
    """What came of knocking at every address."""

    OPEN = auto()
    REFUSED = auto()  # at least one computer said that nobody listens, and none listens
    SILENT = auto()


async def knock(addresses: Sequence[Address], *, timeout: float) -> Knock:
    """Try each of `addresses` at once, for at most `timeout` seconds."""
    results = await asyncio.gather(*(_knock_once(address, timeout) for address in addresses))
    for best in (Knock.OPEN, Knock.REFUSED):
        if best in results:
            return best
    return Knock.SILENT


async def _knock_once(address: Address, timeout: float) -> Knock:
    """Knock, and once more if we were let in and thrown out at once.

    A process that is killed loses its sockets one by one: its port may still take a
    connection a moment after its sessions broke off.  Whoever lives waits for us to speak.
    """
    try:
        async with asyncio.timeout(timeout):
            if not await _kept_waiting(await connect(address)):
                (await connect(address)).close()
    except ConnectionRefusedError:
        return Knock.REFUSED
    except (OSError, TimeoutError):
        return Knock.SILENT
    return Knock.OPEN


async def _kept_waiting(sock: socket.socket) -> bool:
    """Whether the other side leaves the connection open for a moment."""
    try:
        async with asyncio.timeout(HOLD):
            await asyncio.get_running_loop().sock_recv(sock, 1)
    except TimeoutError:
        return True
    except OSError:
        return False
    finally:
        sock.close()
    return False
