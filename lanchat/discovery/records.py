"""Records: what the DNS records of one packet say of the peers they name.  RFC 6763.

A peer is a PTR that lists its instance, an SRV with its port, a TXT with its advert, and A
and AAAA with its addresses, under the host name `<label>.local`.  The records are zeroconf's
own; only the few fields named here are read.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Final, Protocol, cast

from lanchat.discovery.admission import Heard
from lanchat.discovery.advert import LABEL_LENGTH, MAX_ADDRESSES, MAX_TXT, SERVICE, is_label

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
    unheeded: int = 0  # services that nobody wanted to hear of


def instance_of(label: str) -> str:
    """The name of a peer's service instance."""
    return label + _INSTANCE


def host_of(label: str) -> str:
    """The host name of a peer."""
    return label + _HOST


def digest(
    updates: Iterable[tuple[Record, bool]],
    now: float,
    heeds: Callable[[str], bool] = lambda _label: True,
) -> Packet:
    """Read the records of a packet; each with whether it was not known before.

    All of a flood passes here, so each record is looked at once, and no further where
    `heeds` says that its label is of no interest now.
    """
    packet, said = Packet(), _Said()
    touched: set[str] = set()
    for record, new in updates:
        if record.type == PTR:
            _list(packet, cast("_Pointer", record), new=new, now=now)
            continue
        if not (label := _subject(record)):
            continue
        if not heeds(label):
            packet.unheeded += record.type == SRV
            continue
        expired = record.is_expired(now)
        if record.type == SRV and not (record.ttl and expired):
            (packet.alive if record.ttl else packet.gone).add(label)
        if not expired:
            said.take(label, record)
            if new:
                touched.add(label)
    packet.heard = said.of_each(None, None)
    packet.partial = touched - {heard.label for heard in packet.heard}
    return packet


def gather(
    records: Iterable[Record], *, source: str | None = None, interface: str | None = None
) -> list[Heard]:
    """What the records say of each label of which they say all."""
    return _gathered(records, _Said()).of_each(source, interface)


def _gathered(records: Iterable[Record], said: "_Said") -> "_Said":
    for record in records:
        if record.ttl and (label := _subject(record)):
            said.take(label, record)
    return said


class _Said:
    """What records say of labels, until it is put together."""

    __slots__ = ("_addresses", "_most", "_ports", "_texts")

    def __init__(self, most: int = MAX_ADDRESSES + 1) -> None:
        self._most = most  # addresses of one label; one too many is enough to refuse them all
        self._ports: dict[str, int] = {}
        self._texts: dict[str, bytes] = {}
        self._addresses: dict[str, list[str]] = {}

    def take(self, label: str, record: Record) -> None:
        """Take in one record that is about `label`."""
        if record.type == SRV:
            self._ports[label] = cast("_Service", record).port
        elif record.type == TXT:
            self._texts[label] = cast("_Text", record).text[: MAX_TXT + 1]
        elif len(held := self._addresses.setdefault(label, [])) < self._most:
            held.append(_address(cast("_Address", record)))

    def of_each(self, source: str | None, interface: str | None) -> list[Heard]:
        """Each label of which all was said: a service and its text."""
        texts, addresses = self._texts, self._addresses
        return [
            Heard(label, texts[label], port, tuple(addresses.get(label, ())), source, interface)
            for label, port in self._ports.items()
            if label in texts
        ]


def newest(records: Sequence[Record], now: float) -> list[Heard]:
    """What remembered records of one label say: the newest of each kind."""
    live = [record for record in records if not record.is_expired(now)]
    live.sort(key=lambda record: record.created)
    heard = _gathered(live, _Said(len(live))).of_each(None, None)
    return [replace(one, addresses=one.addresses[::-1][:MAX_ADDRESSES]) for one in heard]


def answers(records: Iterable[Record], label: str) -> bool:
    """Whether the records hold the service of this label, and no goodbye."""
    return any(r.type == SRV and r.ttl and _subject(r) == label for r in records)


def _list(packet: Packet, record: _Pointer, *, new: bool, now: float) -> None:
    """An instance is listed, or taken off."""
    if record.name.lower() == SERVICE:
        packet.names += new
        if record.is_expired(now) and (label := _label(record.alias, _INSTANCE)):
            packet.gone.add(label)


def _subject(record: Record) -> str:
    """The label a record is about; empty if it is none of ours."""
    if record.type in (SRV, TXT):
        return _label(record.name, _INSTANCE)
    return _label(record.name, _HOST) if record.type in (A, AAAA) else ""


def _label(name: str, ending: str) -> str:
    return _read(name, ending) if len(name) == LABEL_LENGTH + len(ending) else ""


@lru_cache(maxsize=4096)  # the records of a packet share names, and peers say theirs again
def _read(name: str, ending: str) -> str:
    label, rest = name[:LABEL_LENGTH].lower(), name[LABEL_LENGTH:].lower()
    return label if rest == ending and is_label(label) else ""


def _address(record: _Address) -> str:
    """The address as text, with its zone if it has one."""
    packed = record.address
    text = ".".join(map(str, packed)) if len(packed) == 4 else str(IPv6Address(packed))
    return f"{text}%{record.scope_id}" if record.scope_id else text
