"""Records: what the DNS records of one packet say of the peers they name.  RFC 6763.

A peer is a PTR that lists its instance, an SRV with its port, a TXT with its advert, and A
and AAAA with its addresses, under the host name `<label>.local`.  The records are zeroconf's
own; only the few fields named here are read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Final, Protocol, cast

from lanchat.discovery.admission import Heard
from lanchat.discovery.advert import LABEL_LENGTH, MAX_ADDRESSES, SERVICE, is_label

A: Final = 1  # the numbers of RFC 1035 and its successors
PTR: Final = 12
TXT: Final = 16
AAAA: Final = 28
SRV: Final = 33

_INSTANCE: Final = "." + SERVICE
_HOST: Final = ".local."


class Record(Protocol):
    """What every record has; `ttl` 0 is a goodbye."""

    name: str
    type: int
    ttl: int
    created: float

    def is_expired(self, now: float, /) -> bool:
        """Whether it was only good until before `now`."""


class _Pointer(Record, Protocol):
    alias: str


class _Service(Record, Protocol):
    port: int


class _Text(Record, Protocol):
    text: bytes


class _Address(Record, Protocol):
    address: bytes
    scope_id: int | None


@dataclass(slots=True)
class Packet:
    """What one packet brought: adverts, signs of life, goodbyes.

    `partial` are labels of which something new was said, but not all of it.
    """

    heard: list[Heard] = field(default_factory=list)
    partial: set[str] = field(default_factory=set)
    alive: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    names: int = 0  # instances that were listed for the first time


def instance_of(label: str) -> str:
    """The name of a peer's service instance."""
    return label + _INSTANCE


def host_of(label: str) -> str:
    """The host name of a peer."""
    return label + _HOST


def digest(updates: Iterable[tuple[Record, bool]], now: float) -> Packet:
    """Read the records of a packet; each with whether it was not known before."""
    packet = Packet()
    live: list[Record] = []
    touched: set[str] = set()
    for record, new in updates:
        _note(packet, record, new=new, expired=record.is_expired(now))
        if not record.is_expired(now):
            live.append(record)
            if new and record.type != PTR:
                touched.add(_subject(record))
    packet.heard = gather(live)
    packet.partial = touched - {heard.label for heard in packet.heard} - {""}
    return packet


def gather(
    records: Iterable[Record], *, source: str | None = None, interface: str | None = None
) -> list[Heard]:
    """What the records say of each label of which they say all."""
    ports: dict[str, int] = {}
    texts: dict[str, bytes] = {}
    addresses: dict[str, list[str]] = {}
    for record in records:
        label = _subject(record) if record.ttl else ""
        if not label:
            continue
        if record.type == SRV:
            ports[label] = cast("_Service", record).port
        elif record.type == TXT:
            texts[label] = cast("_Text", record).text
        else:
            addresses.setdefault(label, []).append(_address(cast("_Address", record)))
    return [
        Heard(label, texts[label], port, tuple(addresses.get(label, ())), source, interface)
        for label, port in ports.items()
        if label in texts
    ]


def newest(records: Sequence[Record], now: float) -> list[Heard]:
    """What remembered records of one label say: the newest of each kind."""
    live = [record for record in records if not record.is_expired(now)]
    heard = gather(sorted(live, key=lambda record: record.created))
    return [replace(one, addresses=one.addresses[::-1][:MAX_ADDRESSES]) for one in heard]


def answers(records: Iterable[Record], label: str) -> bool:
    """Whether the records hold the service of this label, and no goodbye."""
    return any(r.type == SRV and r.ttl and _subject(r) == label for r in records)


def _note(packet: Packet, record: Record, *, new: bool, expired: bool) -> None:
    """Signs of life and of departure."""
    if record.type == PTR and record.name.lower() == SERVICE:
        packet.names += new
        if expired and (label := _label(cast("_Pointer", record).alias, _INSTANCE)):
            packet.gone.add(label)
    elif record.type == SRV and (label := _subject(record)):
        if not record.ttl:
            packet.gone.add(label)
        elif not expired:
            packet.alive.add(label)


def _subject(record: Record) -> str:
    """The label a record is about; empty if it is none of ours."""
    if record.type in (SRV, TXT):
        return _label(record.name, _INSTANCE)
    return _label(record.name, _HOST) if record.type in (A, AAAA) else ""


def _label(name: str, ending: str) -> str:
    if len(name) != LABEL_LENGTH + len(ending):
        return ""
    label, rest = name[:LABEL_LENGTH].lower(), name[LABEL_LENGTH:].lower()
    return label if rest == ending and is_label(label) else ""


def _address(record: _Address) -> str:
    """The address as text, with its zone if it has one."""
    text = str(ip_address(record.address))
    return f"{text}%{record.scope_id}" if record.scope_id else text
