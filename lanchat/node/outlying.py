"""Outlying: how people whom a site's DNS server names come to our list.

The source knows nothing of sessions or of the list; what it asks of them is put together here.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lanchat.discovery import interfaces, tsig
from lanchat.discovery.addresses import means_something
from lanchat.discovery.advert import MAX_ADDRESSES
from lanchat.discovery.nearby import Interface
from lanchat.errors import DnsError, ExposedDnsKey
from lanchat.node.alarms import Alarms
from lanchat.node.neighbours import Neighbours
from lanchat.node.settings import Settings
from lanchat.session.address import Address
from lanchat.session.knock import Knock, knock

if TYPE_CHECKING:  # it takes long to load, and few have a domain
    from lanchat.discovery.beyond import Beyond

KNOCK_TIMEOUT: Final = 1.2  # seconds


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the site's DNS server has to say now."""

    named: int  # registered there, ourselves among them
    registered: bool  # others find us there
    answered: bool  # it told once whom it names
    trouble: DnsError | None
    exposed: ExposedDnsKey | None = None  # others on this computer can read our key


async def outlook(beyond: "Beyond | None") -> Outlook | None:
    """How looking beyond our link goes; None if no domain is set."""
    if beyond is None:
        return None
    key = beyond.key
    exposed = await asyncio.to_thread(tsig.exposed, key) if key else None
    named, registers = beyond.registered, beyond.registers
    return Outlook(named, registers, beyond.answered, beyond.trouble, exposed)


def source(
    settings: Settings,
    neighbours: Neighbours,
    is_contact: Callable[[str], bool],
    alarms: Alarms,
) -> "Beyond | None":
    """The source that the settings ask for; None if they name no domain."""
    if settings.site is None:
        return None
    from lanchat.discovery.beyond import Beyond, Hooks

    chosen = settings.interfaces
    return Beyond(
        settings.site,
        Hooks(
            on_advert=neighbours.heard,
            on_removed=neighbours.withdrawn,
            on_trouble=alarms.dns,
            is_contact=is_contact,
            is_listed=neighbours.roster.lists,
            answers=_answers,
            interfaces=lambda: interfaces.routed(chosen),
            networks=settings.networks,
            addresses=lambda: addresses(interfaces.routed(chosen)),
        ),
    )


def addresses(found: Sequence[Interface]) -> tuple[str, ...]:
    """Those of ours that mean something on other networks, IPv4 first."""
    own = [one.ip for interface in found for one in interface.addresses]
    ranked = sorted(filter(means_something, own), key=lambda ip: ip.version)
    return tuple(dict.fromkeys(str(ip).partition("%")[0] for ip in ranked))[:MAX_ADDRESSES]


async def _answers(hosts: Sequence[str], port: int) -> bool:
    found = await knock([Address(host, port) for host in hosts], timeout=KNOCK_TIMEOUT)
    return found is Knock.OPEN
