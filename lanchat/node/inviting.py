"""Inviting: our own invite, and where somebody else's leads.  PROTOCOL.md, 5, *Invite*.

Its addresses are a stranger's claim.  They are dialled because the user gave us the invite,
and whoever answers there is the key in it, or is hung up on before we say who we are.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from lanchat.discovery import nearby
from lanchat.discovery.nearby import Interface
from lanchat.identity.fingerprint import Invite, invite
from lanchat.identity.keys import PeerId
from lanchat.session.address import Address

MOST: Final = 4  # addresses in our own: a code with more is hard to scan


def ours(peer_id: PeerId, hosts: Iterable[str], port: int) -> tuple[str, tuple[str, ...]]:
    """Our invite, and the addresses in it; none where `port` is 0, as nobody listens.

    Link-local IPv6 addresses mean nothing without a zone, and so nothing elsewhere.
    """
    usable = [host for host in hosts if port and not nearby.needs_zone(host)]
    addresses = tuple(str(Address(host, port)) for host in usable[:MOST])
    return invite(peer_id, addresses), addresses


def leads_to(given: Invite, interfaces: Sequence[Interface]) -> tuple[Address, ...]:
    """Where to dial somebody whose invite we were given."""
    typed = map(Address.parse, given.addresses)
    return tuple(one for one in typed if nearby.typeable(one.host, interfaces))
