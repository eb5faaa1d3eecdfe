"""Interfaces: which networks this machine is on, and which of them we use."""

import socket
import struct
import sys
from collections.abc import Sequence
from ipaddress import IPv4Interface, IPv6Interface, ip_interface
from typing import Final

import ifaddr

from lanchat.discovery.nearby import Interface
from lanchat.errors import NetworkAway, NoMulticast, NotOnNetwork, PortHeld

# Bridges and pairs of containers: nobody we could talk to is behind them.
_NOT_OURS: Final = ("docker", "veth", "br-", "virbr", "lxc", "lxd", "podman", "cni", "flannel")

#: What is true of the networks: name, index, and an address or "carrier".  To compare.
Facts = frozenset[tuple[str, int, str]]

Handle = str | int | tuple[tuple[str, int, int], int]  # zeroconf's, in its generality

_SIOCGIFFLAGS: Final = 0x8913  # <linux/sockios.h>, as the flags are of <net/if.h>
_UP: Final = 0x1
_LOOPBACK: Final = 0x8
_RUNNING: Final = 0x40
_MULTICAST: Final = 0x1000


def usable(chosen: Sequence[str] = ()) -> tuple[Interface, ...]:
    """The interfaces to use: those chosen by name or address, else every fitting one.

    Raises:
        NetworkAway, NotOnNetwork: there is none.
    """
    found = tuple(one for one in every() if is_used(one, chosen))
    if not found:
        if chosen:
            raise NetworkAway("no such interface")
        raise NotOnNetwork("no interface with an address")
    return found


def routed(chosen: Sequence[str] = ()) -> tuple[Interface, ...]:
    """The interfaces by which other networks are reached: tunnels too, loopback not."""
    try:
        found = [one for one in every() if not one.is_loopback and is_running(one.name)]
    except NoMulticast:
        return ()
    if chosen:
        return tuple(one for one in found if is_used(one, chosen))
    return tuple(one for one in found if not is_inner(one.name))


def facts() -> Facts:
    """All that may change about our networks, tunnels among them; nothing if it is not told."""
    try:
        found = [one for one in every() if not is_inner(one.name)]
    except NoMulticast:
        return frozenset()
    carriers = ((one.name, one.index, "carrier") for one in found if is_running(one.name))
    addresses = ((one.name, one.index, str(own)) for one in found for own in one.addresses)
    return frozenset((*carriers, *addresses))


def own_addresses() -> frozenset[str]:
    """All our addresses, without zones, also those of interfaces that we do not use."""
    try:
        return frozenset(_bare(own) for one in every() for own in one.addresses)
    except NoMulticast:
        return frozenset()


def check_port(port: int) -> None:
    """Find out whether a UDP port can be shared with the other programs that use it.

    Raises:
        PortHeld: one of them holds it alone.
        NoMulticast: the system has no socket left.
    """
    try:
        probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    except OSError as error:
        raise NoMulticast("no socket is to be had") from error
    with probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            probe.bind(("", port))
        except OSError as error:
            raise PortHeld(f"another program holds UDP port {port} alone") from error


def speaks_ipv6() -> bool:
    """Whether the system has IPv6 at all."""
    try:
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).close()
    except OSError:
        return False
    return True


def handles(interfaces: Sequence[Interface]) -> list[Handle]:
    """What zeroconf calls them: one address for IPv4, the index for IPv6.

    Loopback is left out of IPv6: it has no multicast there.
    """
    found: list[Handle] = []
    for one in interfaces:
        versions = {own.version: str(own.ip) for own in reversed(one.addresses)}
        if 4 in versions:
            found.append(versions[4])
        if 6 in versions and (not one.is_loopback or 4 not in versions):
            found.append(one.index)
    return found


def every() -> list[Interface]:
    """Every interface with an address, used or not.

    Raises:
        NoMulticast: the system does not say.
    """
    try:
        adapters = list(ifaddr.get_adapters())
    except OSError as error:
        raise NoMulticast("interfaces cannot be listed") from error
    return [
        Interface(adapter.nice_name, _index(adapter), _addresses(adapter))
        for adapter in adapters
        if adapter.ips
    ]


def is_used(interface: Interface, chosen: Sequence[str] = ()) -> bool:
    """Whether we use it: it was chosen by name or address, or nothing was and it fits."""
    wanted = {name.partition("%")[0] for name in chosen}
    if wanted:
        addresses = {str(one.ip) for one in interface.addresses}
        return interface.name in wanted or bool(addresses & wanted)
    return carries_multicast(interface.name) and not is_inner(interface.name)


def is_inner(name: str) -> bool:
    """Whether it is a bridge or a pair that leads to containers of this machine."""
    return name.startswith(_NOT_OURS)


def carries_multicast(name: str) -> bool:
    """Whether the interface is up and no tunnel; loopback counts, flag or not."""
    flags = _flags(name)
    return bool(flags & _UP) and bool(flags & (_LOOPBACK | _MULTICAST))


def is_running(name: str) -> bool:
    """Whether the interface is up, and the cable is in or the Wi-Fi connected."""
    return _flags(name) & (_UP | _RUNNING) == _UP | _RUNNING


def _flags(name: str) -> int:
    """The flags of an interface; where the system does not tell, it has all that we want."""
    if sys.platform != "linux":
        return _UP | _MULTICAST | _RUNNING
    import fcntl  # of Unix only

    request = struct.pack("256s", name.encode()[:15])
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            reply = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request)
    except OSError:  # gone while we looked; or no socket is to be had
        return 0
    flags: int = struct.unpack_from("H", reply, 16)[0]
    return flags


def _index(adapter: ifaddr.Adapter) -> int:
    if adapter.index is not None:
        return adapter.index
    try:
        return socket.if_nametoindex(adapter.nice_name)
    except OSError:  # gone while we looked
        return 0


def _addresses(adapter: ifaddr.Adapter) -> tuple[IPv4Interface | IPv6Interface, ...]:
    """Our addresses on the adapter, each once."""
    texts = [one.ip[0] if isinstance(one.ip, tuple) else one.ip for one in adapter.ips]
    prefixed = (
        f"{ip}/{one.network_prefix}" for ip, one in zip(texts, adapter.ips, strict=True)
    )
    return tuple(dict.fromkeys(ip_interface(one) for one in prefixed))


def _bare(own: IPv4Interface | IPv6Interface) -> str:
    return str(own.ip).partition("%")[0]
