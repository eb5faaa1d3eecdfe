"""DNS messages, as far as a zone of peers needs them.  RFC 1035, 1995, 5936.

A list of 500 people is 2,000 records, and each poll may bring some: they are read into plain
facts in one pass, ten times as fast as into a library's objects.  All that a server sends is
read here, so nothing is taken from it unchecked: names go backwards only, and end.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from lanchat.discovery.domain import MAX_FACTS, Fact
from lanchat.discovery.records import AAAA, PTR, SRV, TXT, A
from lanchat.errors import DnsNonsense, DnsRefused

SOA: Final = 6
AXFR: Final = 252
IXFR: Final = 251
MAX_TEXT: Final = 512  # bytes of a TXT record that is looked at
NO_SUCH_NAME: Final = 3

_IN: Final = 1
_HEADER: Final = 12  # bytes
_LONGEST_NAME: Final = 255  # bytes
_MOST_POINTERS: Final = 32  # in one name; who writes names needs one for each label that recurs
_REFUSALS: Final = frozenset({4, 5, 9, 10})  # NOTIMP, REFUSED, NOTAUTH, NOTZONE

Value = str | bytes | int | tuple[int, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A record of one of the kinds named here; a SOA's value is its serial."""

    name: str  # in lower case, without the last dot
    kind: int
    value: Value


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer and what comes along with it."""

    number: int
    rows: tuple[Row, ...]


def query(number: int, name: str, kind: int, *, serial: int | None = None) -> bytes:
    """A question; one for what changed since `serial` says so."""
    authorities = 0 if serial is None else 1
    head = b"".join(part.to_bytes(2, "big") for part in (number, 0, 1, 0, authorities, 0))
    labels = (label.encode("ascii") for label in name.split("."))
    owner = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    wire = head + owner + kind.to_bytes(2, "big") + _IN.to_bytes(2, "big")
    if serial is not None:
        numbers = b"".join(part.to_bytes(4, "big") for part in (serial, 0, 0, 0, 0))
        data = b"\0\0" + numbers
        wire += b"\xc0\x0c" + SOA.to_bytes(2, "big") + _IN.to_bytes(2, "big") + b"\0" * 4
        wire += len(data).to_bytes(2, "big") + data
    return wire


def read(wire: bytes) -> Reply:
    """Read an answer.

    Raises:
        DnsRefused: the server does not want to.
        DnsNonsense: it could not, or what came is no answer.
    """
    try:
        return _Reader(wire).reply()
    except IndexError as error:
        raise DnsNonsense("cut short") from error


def relative(rows: Iterable[Row], apex: str) -> Iterator[Fact]:
    """The records of a domain, with their owners and targets before it."""
    for row in rows:
        if not row.name.endswith(apex):
            continue
        value = row.value
        if isinstance(value, int):
            continue
        if row.kind == PTR:
            value = _before(str(value), apex)
        elif isinstance(value, tuple):
            value = value[0], _before(value[1], apex)
        yield Fact(_before(row.name, apex), row.kind, value)


class Transfer:
    """A zone on its way to us: all of it, or what changed since `serial`.

    `take` wants one message after the other; once it says so, `rows` and `serial` are those
    of the new zone.
    """

    def __init__(self, zone: str, rows: frozenset[Row], serial: int | None) -> None:
        self.rows: set[Row] = set(rows)
        self.serial: Final = serial
        self.reached: int | None = None  # the serial it leads to
        self._zone = zone
        self._full: bool | None = None  # not known yet
        self._adds = False
        self._at = serial
        self._done = False

    def take(self, rows: Iterable[Row]) -> bool:
        """Take in what a message holds; whether it was the last one.

        Raises:
            DnsNonsense: that is not how a zone is sent.
        """
        for row in rows:
            if self._done:
                raise DnsNonsense("more after the end")
            if row.kind == SOA and row.name == self._zone and isinstance(row.value, int):
                self._mark(row.value)
            else:
                self._change(row)
        if self.reached is None:
            raise DnsNonsense("no SOA at the beginning")
        return self._done or (self._full is None and self.reached == self.serial)

    def _mark(self, serial: int) -> None:
        """A SOA: each of them begins or ends something."""
        if self.reached is None:
            self.reached = serial
        elif self._full is None and serial == self.serial and serial != self.reached:
            self._full = False
        elif self._full is not False:
            self._begin_anew()
            self._end(serial)
        elif not self._adds:
            self._adds, self._at = True, serial
        elif self._at == self.reached:
            self._end(serial)
        elif serial == self._at:
            self._adds = False
        else:
            raise DnsNonsense("changes that do not follow each other")

    def _end(self, serial: int) -> None:
        if serial != self.reached:
            raise DnsNonsense("another end than beginning")
        self._done = True

    def _begin_anew(self) -> None:
        if self._full is None:
            self._full = True
            self.rows.clear()

    def _change(self, row: Row) -> None:
        if self.reached is None:
            raise DnsNonsense("no SOA at the beginning")
        self._begin_anew()
        if self._full or self._adds:
            self.rows.add(row)
            if len(self.rows) > MAX_FACTS:
                raise DnsNonsense(f"more than {MAX_FACTS} records")
        else:
            self.rows.discard(row)


class _Reader:
    """One message, read from its beginning to its end."""

    def __init__(self, wire: bytes) -> None:
        self._wire = wire
        self._at = 0
        self._names: dict[int, str] = {}  # by where they begin

    def reply(self) -> Reply:
        number, flags, questions, answers, authorities, more = (self._u16() for _ in range(6))
        if not flags & 0x8000 or flags & 0x7800 or flags & 0x0200:
            raise DnsNonsense("no whole answer")
        code = flags & 0x000F
        if code in _REFUSALS:
            raise DnsRefused(f"code {code}")
        if code not in (0, NO_SUCH_NAME):
            raise DnsNonsense(f"code {code}")
        for _ in range(questions):
            self._name()
            self._skip(4)
        rows = [row for _ in range(answers) if (row := self._row()) is not None]
        for _ in range(authorities):
            self._row()
        rows += [row for _ in range(more) if (row := self._row()) is not None]
        return Reply(number, tuple(rows))

    def _row(self) -> Row | None:
        """The next record; None if it is of no kind that we read."""
        name, kind, category = self._name(), self._u16(), self._u16()
        self._skip(4)  # how long it may be kept is of no concern
        size = self._u16()
        end = self._at + size
        if end > len(self._wire):
            raise DnsNonsense("cut short")
        value = self._value(kind, size) if category == _IN else None
        if self._at > end:
            raise DnsNonsense("a record longer than it says")
        self._at = end
        return None if value is None else Row(name, kind, value)

    def _value(self, kind: int, size: int) -> Value | None:
        wire, at = self._wire, self._at
        if kind == A and size == 4:
            return str(IPv4Address(wire[at : at + 4]))
        if kind == AAAA and size == 16:
            return str(IPv6Address(wire[at : at + 16]))
        if kind == TXT and size <= MAX_TEXT:
            return wire[at : at + size]
        if kind == PTR:
            return self._name()
        if kind == SRV and size > 6:
            self._skip(4)  # priority and weight
            return self._u16(), self._name()
        if kind == SOA:
            self._name()
            self._name()
            return self._u16() << 16 | self._u16()
        return None

    def _name(self) -> str:
        """The name that begins here; pointers lead backwards only, so it ends."""
        wire, at, begin = self._wire, self._at, self._at
        labels: list[str] = []
        parts = [(at, 0)]  # where names begin that end as this one does, and at which label
        length, after, pointers = 0, 0, 0
        while size := wire[at]:
            if size >= 0xC0:
                target = (size & 0x3F) << 8 | wire[at + 1]
                after = after or at + 2
                pointers += 1
                if target >= begin or pointers > _MOST_POINTERS:
                    raise DnsNonsense("a name that leads forwards, or by far too many steps")
                if (known := self._names.get(target)) is not None:
                    labels += [known] if known else []
                    length += len(known)
                    break
                at = begin = target
                parts.append((at, len(labels)))
                continue
            if size >= 0x40:
                raise DnsNonsense("a label of another kind")
            label = wire[at + 1 : at + 1 + size]
            labels.append(label.decode("latin-1").replace(".", "\\.").lower())
            length += size + 1
            at += size + 1
            if length > _LONGEST_NAME:
                raise DnsNonsense("a name without end")
        if length > 2 * _LONGEST_NAME:
            raise DnsNonsense("a name without end")
        name = self._remembered(labels, parts)
        self._at = after or at + 1
        return name

    def _remembered(self, labels: list[str], parts: list[tuple[int, int]]) -> str:
        """The whole name; each part of it that others may lead to is not walked again."""
        for place, first in parts[::-1]:
            self._names[place] = name = ".".join(labels[first:])
        return name

    def _u16(self) -> int:
        at = self._at
        self._at = at + 2
        return self._wire[at] << 8 | self._wire[at + 1]

    def _skip(self, size: int) -> None:
        self._at += size


def _before(name: str, apex: str) -> str:
    """What stands before the domain; the whole name if it is not in it."""
    return name[: -len(apex) - 1] if name.endswith("." + apex) else name
