"""Inviting: our own invite, and where somebody else's leads.  PROTOCOL.md, 5, *Invite*.

Its addresses are a stranger's claim.  They are dialled because the user gave us the invite,
and whoever answers there is the key in it, or is hung up on before we say who we are.
"""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from typing import Final

from lanchat.discovery import nearby
from lanchat.discovery.advert import LOWEST_PORT
from lanchat.discovery.nearby import Interface
from lanchat.identity.fingerprint import Invite, invite
from lanchat.identity.keys import PeerId
from lanchat.session.address import Address

MOST: Final = 4  # addresses in our own: a code with more is hard to scan
PATIENCE: Final = 2.0  # seconds to look up a name


def ours(peer_id: PeerId, hosts: Iterable[str], port: int) -> tuple[str, tuple[str, ...]]:
    """Our invite, and the addresses in it; none where `port` is 0, as nobody listens.

    Link-local IPv6 addresses mean nothing without a zone, and so nothing elsewhere.
    """
    usable = [host for host in hosts if port and not nearby.needs_zone(host)]
    addresses = tuple(str(Address(host, port)) for host in usable[:MOST])
    return invite(peer_id, addresses), addresses


async def leads_to(given: Invite, interfaces: Sequence[Interface]) -> tuple[Address, ...]:
    """Where to dial somebody whose invite we were given, as numbers.

    A name is looked up once, and judged by where it leads: "127.1" and whatever a stranger's
    DNS server says of a name may be this machine as well as "localhost".
    """
    typed = map(Address.parse, given.addresses)
    wanted = (one for one in typed if one.port >= LOWEST_PORT)  # none of ours listens below
    found = await asyncio.gather(*map(_numbers, wanted))
    numbers = dict.fromkeys(one for one in found if one is not None)
    return tuple(one for one in numbers if nearby.typeable(one.host, interfaces))


async def _numbers(address: Address) -> Address | None:
    """Where the host of an address is; None if nobody knows."""
    try:
        async with asyncio.timeout(PATIENCE):
            infos = await asyncio.get_running_loop().getaddrinfo(
                address.host, address.port, type=socket.SOCK_STREAM
            )
    except (OSError, UnicodeError):  # a time-out is an OSError
        return None
    return Address(str(infos[0][4][0]), address.port)
