"""The neighbour table of Linux: whose network card answered this computer, and how long ago.

Who is gone stays in the table, for days where it is small.  So an entry alone says nothing;
what counts is when it was confirmed last.
"""

import os
import socket
import struct
from collections.abc import Iterator
from typing import Final

FRESH: Final = 5.0  # seconds since the last confirmation, within which somebody is there
MAX_ENTRIES: Final = 4096
_TIMEOUT: Final = 1.0  # seconds
_PACKET: Final = 65_536  # bytes
_DUMP_NEIGHBOURS: Final = struct.pack("=IHHII12x", 28, 30, 0x301, 1, 0)  # RTM_GETNEIGH, all
_HEAD: Final = struct.Struct("=IHHII")  # <linux/netlink.h>, nlmsghdr
_NEIGHBOUR: Final = struct.Struct("=BxxxiHBB")  # <linux/neighbour.h>, ndmsg
_ATTRIBUTE: Final = struct.Struct("=HH")
_NEW_NEIGHBOUR: Final = 28  # anything else is the end, or an error
_RESOLVED: Final = 0x02 | 0x04 | 0x08 | 0x10  # reachable, stale, delay, probe
_ADDRESS: Final = 1  # NDA_DST
_CACHE: Final = 3  # NDA_CACHEINFO


def table() -> dict[str, float] | None:
    """Seconds since each IPv4 neighbour was confirmed; None if the system does not say.

    Blocks, for a second at most.
    """
    family = getattr(socket, "AF_NETLINK", None)
    if family is None:
        return None
    found: dict[str, float] = {}
    try:
        with socket.socket(family, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0) as asking:
            asking.settimeout(_TIMEOUT)
            asking.send(_DUMP_NEIGHBOURS)
            while _take(asking.recv(_PACKET), found) and len(found) < MAX_ENTRIES:
                pass
    except (OSError, struct.error):
        return None
    return found


def _take(packet: bytes, found: dict[str, float]) -> bool:
    """Take in one packet of the kernel; whether more come."""
    while len(packet) >= _HEAD.size:
        length, kind, *_rest = _HEAD.unpack_from(packet)
        if kind != _NEW_NEIGHBOUR or length < _HEAD.size:
            return False
        found.update(_neighbour(packet[_HEAD.size : length]))
        packet = packet[(length + 3) & ~3 :]
    return True


def _neighbour(body: bytes) -> Iterator[tuple[str, float]]:
    family, _interface, state, _flags, _type = _NEIGHBOUR.unpack_from(body)
    rest, held = body[_NEIGHBOUR.size :], dict[int, bytes]()
    while len(rest) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(rest)
        if length < _ATTRIBUTE.size:
            return
        held[kind] = rest[_ATTRIBUTE.size : length]
        rest = rest[(length + 3) & ~3 :]
    address, cache = held.get(_ADDRESS, b""), held.get(_CACHE, b"")
    if family == socket.AF_INET and state & _RESOLVED and len(address) == 4 and len(cache) >= 4:
        ticks = struct.unpack_from("=I", cache)[0]
        yield socket.inet_ntoa(address), ticks / os.sysconf("SC_CLK_TCK")
