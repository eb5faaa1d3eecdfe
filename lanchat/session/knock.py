"""Knocking: does anything listen at these addresses?  One TCP connection, no word said.

It tells a closed port (the lanchat there has ended) from silence (the computer or the
network has gone).  Who is behind an open port only a handshake can tell.
"""

import asyncio
from collections.abc import Sequence
from enum import Enum, auto

from lanchat.session.address import Address
from lanchat.session.dial import connect


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
    try:
        async with asyncio.timeout(timeout):
            sock = await connect(address)
    except ConnectionRefusedError:
        return Knock.REFUSED
    except (OSError, TimeoutError):
        return Knock.SILENT
    sock.close()
    return Knock.OPEN
