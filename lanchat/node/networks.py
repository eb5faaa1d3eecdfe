"""Networks: what this computer is connected to, for a front end that lets its user choose."""

from dataclasses import dataclass
from pathlib import Path

from lanchat.discovery import interfaces, tsig
from lanchat.errors import ExposedDnsKey, NoMulticast


@dataclass(frozen=True, slots=True)
class Network:
    """One network interface that lanchat can use."""

    name: str  # as `Settings.interfaces` wants it
    addresses: tuple[str, ...]
    loopback: bool  # leads to this computer only


def own_addresses() -> frozenset[str]:
    """Every address of this computer, without zones; none if the system does not tell."""
    return interfaces.own_addresses()


def check_dns_key(path: Path) -> ExposedDnsKey | None:
    """See whether a file holds the key by which a DNS server lets us register.

    What is given is no failure, but to be told: others on this computer can read it, too.

    Raises:
        BadDnsKey: it cannot be read, or holds something else.
    """
    tsig.read(path.expanduser())
    return tsig.exposed(path.expanduser())


def usable() -> tuple[Network, ...]:
    """The networks that are used unless somebody says otherwise; none if there is none."""
    try:
        found = interfaces.usable()
    except NoMulticast:
        return ()
    return tuple(
        Network(one.name, tuple(str(own.ip) for own in one.addresses), one.is_loopback)
        for one in found
    )
