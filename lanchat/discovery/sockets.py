"""The sockets of questions: a port of their own, a group for each IP version.  PROTOCOL.md, 6.

What the system refuses, for an interface that is just going, is not sent, and no error.
"""

import contextlib
import socket
import struct
from collections.abc import Iterable
from typing import Final

from lanchat.discovery.nearby import Interface

PORT: Final = 5353  # mDNS
GROUP4: Final = "224.0.0.251"
GROUP6: Final = "ff02::fb"
MAX_BATCH: Final = 1024  # packets taken before they are parsed
MAX_PACKET: Final = 8966  # bytes; what zeroconf takes
RECEIVE_BUFFER: Final = 4 * 2**20  # bytes asked for; the system gives what it gives
_HOP_LIMIT: Final = 255  # RFC 6762, 11

SocketAddress = tuple[str, int] | tuple[str, int, int, int]
Packet = tuple[bytes, SocketAddress, Interface | None]  # from where, and on which of ours


def drain(asking: socket.socket, interface: Interface | None, batch: list[Packet]) -> None:
    """Empty a socket, or the system drops what comes meanwhile."""
    with contextlib.suppress(OSError):  # empty; or an ICMP answer to what we sent
        while len(batch) < MAX_BATCH:
            data, sender = asking.recvfrom(MAX_PACKET)
            batch.append((data, sender, interface))


def multicast_sockets(
    interface: Interface,
) -> Iterable[tuple[socket.socket, SocketAddress]]:
    """A socket for each IP version the interface speaks, and the group to ask there."""
    by_version = {own.version: own.ip for own in reversed(interface.addresses)}
    if 4 in by_version and (asking := new_socket(socket.AF_INET)):
        mine = socket.inet_aton(str(by_version[4]))
        _set(asking, socket.IPPROTO_IP, socket.IP_MULTICAST_IF, mine)
        _set(asking, socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _HOP_LIMIT)
        yield asking, (GROUP4, PORT)
    if 6 in by_version and (asking := new_socket(socket.AF_INET6)):
        index = struct.pack("@I", interface.index)
        _set(asking, socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        _set(asking, socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, _HOP_LIMIT)
        yield asking, (GROUP6, PORT, 0, interface.index)


def new_socket(family: socket.AddressFamily) -> socket.socket | None:
    """An unconnected socket on a port of its own; None if the system has no such family."""
    try:
        asking = socket.socket(family, socket.SOCK_DGRAM)
    except OSError:
        return None
    asking.setblocking(False)
    _set(asking, socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    return asking


def _set(asking: socket.socket, level: int, option: int, value: int | bytes) -> None:
    """Set an option; where the system refuses, for an interface just gone, nothing is sent."""
    with contextlib.suppress(OSError):
        asking.setsockopt(level, option, value)


def send(asking: socket.socket, packet: bytes, to: SocketAddress) -> None:
    """Send, or let it be: an interface may just be going, a network unreachable."""
    with contextlib.suppress(OSError):
        asking.sendto(packet, to)


def target(
    address: str,
) -> tuple[socket.AddressFamily, SocketAddress] | None:
    """Where a question to one address goes; None if that is no address."""
    host, _, zone = address.partition("%")
    if ":" not in host:
        return socket.AF_INET, (host, PORT)
    try:
        index = int(zone) if zone.isdecimal() else socket.if_nametoindex(zone) if zone else 0
    except OSError:
        return None
    return socket.AF_INET6, (host, PORT, 0, index)
