"""Nearby: which of the addresses in an advert we may dial.  PROTOCOL.md, 6.

Addresses are not signed, so an advert could send us anywhere.  We dial only what lies on
a network the advert can have come from, or where its packet did come from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final, Protocol

Network = IPv4Network | IPv6Network

_PRIVATE: Final = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
)
_BROADCAST: Final = IPv4Address("255.255.255.255")


@dataclass(frozen=True, slots=True)
class Interface:
    """One network interface and our addresses on it, with their prefixes."""

    name: str
    index: int
    addresses: tuple[IPv4Interface | IPv6Interface, ...]

    @property
    def is_loopback(self) -> bool:
        """Whether it leads back to this machine."""
        return any(one.ip.is_loopback for one in self.addresses)

    def holds(self, address: IPv4Address | IPv6Address) -> bool:
        """Whether the address lies on a network this interface is on."""
        return any(
            one.version == address.version and address in one.network for one in self.addresses
        )


class Dialable(Protocol):
    """Which addresses of an advert may be dialled, by where it came from."""

    def __call__(
        self,
        address: str,
        interfaces: Iterable[Interface],
        *,
        came_in_on: str | None = None,
        source: str | None = None,
        own_port: int | None = None,
    ) -> str | None:
        """The address as it is to be dialled, or None."""


def dialable(
    address: str,
    interfaces: Iterable[Interface],
    *,
    came_in_on: str | None = None,
    source: str | None = None,
    own_port: int | None = None,
) -> str | None:
    """`address` as it is to be dialled, with its zone if it needs one; None if it must not be.

    `came_in_on` names the interface of the packet; where it is unknown, all count.
    `own_port` is given where the advert's port equals ours: then our own addresses lead
    back to ourselves.
    """
    parsed = _parse(address)
    if parsed is None:
        return None
    ip, zone = parsed
    near = [one for one in interfaces if came_in_on in (None, one.name)]
    if own_port is not None and any(own.ip == ip for one in near for own in one.addresses):
        return None
    if ip.is_loopback:
        return str(ip) if near and all(one.is_loopback for one in near) else None
    if isinstance(ip, IPv6Address) and ip.is_link_local:
        return _zoned(ip, zone, near)
    if address == source:
        return str(ip)
    return str(ip) if any(one.holds(ip) and not _ends(ip, one) for one in near) else None


def reachable(
    address: str,
    interfaces: Iterable[Interface],
    *,
    came_in_on: str | None = None,
    source: str | None = None,
    own_port: int | None = None,
) -> str | None:
    """The same for what a site's DNS names: private, or on a network of ours.

    Nothing that means something on one link or computer only, whatever the packet's source.
    """
    del came_in_on, source
    near = tuple(interfaces)
    ip = _beyond(address, near, own_port)
    if ip is None:
        return None
    if any(one.holds(ip) for one in near):
        return None if any(_ends(ip, one) for one in near) else str(ip)
    return str(ip) if any(ip in one for one in _PRIVATE) else None


def within(
    address: str,
    networks: Sequence[Network],
    interfaces: Iterable[Interface],
    *,
    own_port: int | None = None,
) -> str | None:
    """`address` if it lies in one of the networks that the user named; None if not.

    Nothing that means something on one link or computer only.
    """
    ip = _beyond(address, interfaces, own_port) if networks else None
    return str(ip) if ip is not None and any(ip in one for one in networks) else None


def _beyond(
    address: str, interfaces: Iterable[Interface], own_port: int | None
) -> IPv4Address | IPv6Address | None:
    """An address that means something beyond one link or computer, and does not lead to us."""
    parsed = _parse(address)
    if parsed is None or parsed[0].is_loopback or parsed[0].is_link_local:
        return None
    ours = (own.ip for one in interfaces for own in one.addresses)
    return None if own_port is not None and parsed[0] in ours else parsed[0]


def is_local(address: str, interfaces: Iterable[Interface]) -> bool:
    """Whether a remembered address may be asked: private, or on a network of ours."""
    parsed = _parse(address)
    if parsed is None:
        return False
    ip, _zone = parsed
    return ip.is_private or ip.is_link_local or any(one.holds(ip) for one in interfaces)


def scannable(
    interfaces: Sequence[Interface], *, most: int
) -> tuple[tuple[IPv4Address, IPv4Address], ...]:
    """The IPv4 addresses on our networks but our own, each behind the one of ours to ask from.

    Of a network with more than its share of `most` only the part around our own address.
    """
    mine = [
        (one, own)
        for one in interfaces
        if not one.is_loopback
        for own in one.addresses
        if isinstance(own, IPv4Interface) and own.network.prefixlen < 32
    ]
    ours = {own.ip for _one, own in mine}
    share = (max(most // len(mine), 1)).bit_length() - 1 if mine else 0  # as a power of two
    found: dict[IPv4Address, IPv4Address] = {}
    for one, own in mine:
        prefix = max(own.network.prefixlen, 32 - share)
        for ip in IPv4Network((own.ip, prefix), strict=False):
            if ip not in ours and not _ends(ip, one):
                found.setdefault(ip, own.ip)
    return tuple((own, ip) for ip, own in found.items())


def typeable(host: str, interfaces: Iterable[Interface]) -> bool:
    """Whether an address that a person was given may be dialled: any that can be somebody's.

    Not groups and the like, and this machine itself only where we use nothing else.
    """
    parsed = _parse(host)
    if parsed is None:
        return False
    return not parsed[0].is_loopback or all(one.is_loopback for one in interfaces)


def needs_zone(address: str) -> bool:
    """Whether it is an address that says nothing without the name of an interface."""
    parsed = _parse(address)
    return parsed is not None and parsed[0].version == 6 and parsed[0].is_link_local


def ordered(interfaces: Sequence[Interface], *, most: int) -> tuple[str, ...]:
    """Our own addresses to announce: IPv4, link-local, then the rest; loopback if alone."""
    public = [one for one in interfaces if not one.is_loopback] or interfaces
    addresses = [own.ip for one in public for own in one.addresses]
    ranked = sorted(addresses, key=lambda ip: (ip.version, not ip.is_link_local))
    return tuple(dict.fromkeys(_bare(ip) for ip in ranked))[:most]


@lru_cache(maxsize=4096)
def _parse(address: str) -> tuple[IPv4Address | IPv6Address, str] | None:
    """The address and its zone; None if nobody may ever dial it."""
    bare, _, zone = address.partition("%")
    try:
        ip = ip_address(bare)
    except ValueError:
        return None
    if ip.is_unspecified or ip.is_multicast or ip == _BROADCAST:
        return None
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        return None
    return ip, zone


def _zoned(ip: IPv6Address, zone: str, near: Sequence[Interface]) -> str | None:
    """A link-local address with the one interface on which it means something."""
    fitting = [one for one in near if one.holds(ip)]
    if zone:
        fitting = [one for one in fitting if zone in (one.name, str(one.index))]
    elif len(fitting) > 1:  # it came by IPv4, and nothing says which network is meant
        return None
    return f"{ip}%{fitting[0].name}" if fitting else None


def _ends(ip: IPv4Address | IPv6Address, interface: Interface) -> bool:
    """Whether it is the network's own address or its broadcast address."""
    return any(
        isinstance(own, IPv4Interface)
        and own.network.prefixlen < 31
        and ip in (own.network.network_address, own.network.broadcast_address)
        for own in interface.addresses
    )


def _bare(ip: IPv4Address | IPv6Address) -> str:
    return str(ip).partition("%")[0]
