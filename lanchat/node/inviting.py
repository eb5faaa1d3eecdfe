"""Inviting: our own invite, and where somebody else's leads.  PROTOCOL.md, 5, *Invite*.

Its addresses are a stranger's claim.  They are dialled because the user gave us the invite,
and whoever answers there is the key in it, or is hung up on before we say who we are.
"""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

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


def is_inner(addresses: Iterable[str]) -> bool:
    """Whether they lead only back to the computer that an invite with them is of."""
    return all(Address.parse(one).is_inner for one in addresses)


class Leads(NamedTuple):
    """Where an invite leads, and what in it nobody is dialled at."""

    to: tuple[Address, ...] = ()  # as numbers
    not_to: tuple[Address, ...] = ()  # this computer, groups, ports of the system


async def leads(given: Invite, interfaces: Sequence[Interface]) -> Leads:
    """Where to dial somebody whose invite we were given.

    A name is looked up once, and judged by where it leads: "127.1" and whatever a stranger's
    DNS server says of a name may be this machine as well as "localhost".
    """
    typed = [Address.parse(one) for one in given.addresses]
    found = await asyncio.gather(*map(_numbers, typed))
    to: dict[Address, None] = {}
    not_to: list[Address] = []
    for said, number in zip(typed, found, strict=True):
        if number is None:
            continue
        # none of ours listens below that port
        if said.port >= LOWEST_PORT and nearby.typeable(number.host, interfaces):
            to[number] = None
        else:
            not_to.append(said)
    return Leads(tuple(to), tuple(not_to))


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
