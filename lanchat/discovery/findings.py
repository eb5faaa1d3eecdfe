"""Findings: what the doctor looks at, as values; what they mean is in `diagnosis.py`.  Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from lanchat.discovery.nearby import Interface
from lanchat.discovery.remedies import System
from lanchat.errors import DnsError


@dataclass(frozen=True, slots=True)
class Adapter:
    """One interface of this machine, used or not."""

    interface: Interface
    running: bool  # it is up, and a cable or a radio network is there
    multicast: bool
    used: bool


@dataclass(frozen=True, slots=True)
class Local:
    """What this machine says of itself, without asking anybody."""

    system: System
    adapters: tuple[Adapter, ...]
    port_taken: bool  # another program holds UDP 5353 alone
    routes: frozenset[str] | None = None  # interfaces of default routes; None: unknown
    gateways: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hearing:
    """What came in on one interface after we asked there by multicast."""

    interface: str
    itself: bool = False  # our own question came back to us
    others: frozenset[str] = frozenset()  # who was heard by multicast
    answered: frozenset[str] = frozenset()  # who answered us directly
    blocked: str = ""  # why nothing could be sent, as the system calls it


class Reply(Enum):
    """What came of asking one address."""

    ANSWERED = auto()
    CLOSED = auto()  # the computer is there and nobody listens
    SILENT = auto()


@dataclass(frozen=True, slots=True)
class Asked:
    """One address that was asked directly."""

    address: str
    mdns: Reply
    tcp: Reply | None = None  # of its port, where that is known
    port: int = 0
    linked: bool | None = None  # its network card answered just now; None: unknown


@dataclass(frozen=True, slots=True)
class Running:
    """What a running node knows; peers are given as they may be shown."""

    unheard: tuple[str, ...] = ()  # connected from our networks, never heard of
    clocks_off: tuple[str, ...] = ()
    present: int = 0  # peers on the list
    counts: Mapping[str, int] = field(default_factory=dict)
    hidden: bool = False  # our user is invisible
    port: int = 0  # our TCP port; 0: nobody can come
    reached: tuple[str, ...] = ()  # peers who could connect to that port
    unreached: tuple[str, ...] = ()  # and who could not
    refused: bool = False  # their computers were told that nobody listens
    deaf: tuple[str, ...] = ()  # peers on our networks who do not hear us
    closed: tuple[str, ...] = ()  # own addresses at which that port does not answer
    named: int | None = None  # whom the site's DNS server names; None: no domain is set
    named_there: bool = False  # we are one of them
    dns_answered: bool = True  # it told once whom it names
    dns_trouble: DnsError | None = None  # why it does not, or why it does not name us
