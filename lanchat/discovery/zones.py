"""Zones: what a server says of the peers in a domain, kept up to date.

Once by transfer, if the server allows it and the domain is a zone of its own, and then only
what changed (RFC 5936, 1995); otherwise by many questions on one connection.  Either way one
packet tells whether anything changed.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import dns.message
import dns.name
import dns.rdata
import dns.rdatatype
import dns.rdtypes.ANY.PTR
import dns.rdtypes.ANY.TXT
import dns.rdtypes.IN.A
import dns.rdtypes.IN.AAAA
import dns.rdtypes.IN.SRV
import dns.serial
import dns.xfr
import dns.zone

from lanchat.discovery import domain
from lanchat.discovery.domain import MAX_FACTS, Fact, Registered
from lanchat.discovery.server import Server, check, translated
from lanchat.errors import DnsNonsense, DnsRefused

RESOLVE_EVERY: Final = 60.0  # seconds between two times that everybody is asked for
MAX_TEXT: Final = 512  # bytes of a TXT record that is looked at

_KINDS: Final = (dns.rdatatype.SRV, dns.rdatatype.TXT)


class Zone:
    """What a server says of a domain.  Lives on the node thread."""

    def __init__(self, server: Server, is_contact: Callable[[str], bool]) -> None:
        self._server = server
        self._is_contact = is_contact
        self._copy = _empty(server)
        self._transfers = server.zone == server.domain
        self._serial: int | None = None
        self._known: dict[str, Registered] = {}
        self._resolved_at = float("-inf")
        self._partial = False  # somebody we did not ask for again may say something new

    def is_of(self, server: Server) -> bool:
        """Whether this is what that server says."""
        ours = self._server
        return (ours.domain, ours.zone, ours.host, ours.port) == (
            server.domain,
            server.zone,
            server.host,
            server.port,
        )

    async def look(self, own: str = "") -> dict[str, Registered]:
        """Who is registered now; `own` is our label, of which the latest matters.

        Raises:
            DnsError: the server does not say; what it said before still stands.
        """
        if self._serial is None and self._transfers:
            await self._transfer(own)
            return self._known
        serial = await self._server.serial()
        if self._serial is not None and dns.serial.Serial(serial) < self._serial:
            self._copy = _empty(self._server)  # the zone was made anew: nothing to add to
        if serial != self._serial or self._partial:
            await self._read(serial, own)
        return self._known

    async def _read(self, serial: int, own: str) -> None:
        if self._transfers:
            await self._transfer(own)
        else:
            await self._resolve(own)
            self._serial = serial

    async def _transfer(self, own: str) -> None:
        """Take what is new since the last time, or all."""
        try:
            copy, serial = await self._received()
        except DnsRefused:
            self._transfers = False
            self._copy = _empty(self._server)
            await self._read(await self._server.serial(), own)
            return
        except BaseException:
            self._copy, self._serial = _empty(self._server), None  # begin anew
            raise
        facts = await asyncio.to_thread(lambda: list(_facts_of(copy, self._server.domain)))
        self._copy, self._serial = copy, serial
        self._known = domain.collect(facts, domain.pointed_at(facts, self._is_contact))

    async def _received(self) -> tuple[dns.zone.Zone, int]:
        copy = self._copy
        async with self._server.connect() as stream:
            query, serial = dns.xfr.make_query(copy, use_edns=False)
            kind = query.question[0].rdtype
            await stream.send(query.to_wire())
            with dns.xfr.Inbound(copy, kind, serial) as inbound:
                while not await asyncio.to_thread(
                    _take, inbound, await stream.receive(), query.id, kind
                ):
                    if len(copy.nodes) > MAX_FACTS:
                        raise DnsNonsense("too many names")
            with copy.reader() as reader:
                soa = reader.get(copy.origin or dns.name.root, dns.rdatatype.SOA)
            if soa is None:
                raise DnsNonsense("no SOA")
            return copy, int(soa[0].serial)

    async def _resolve(self, own: str) -> None:
        """Ask who is listed, and then for each of them: the new ones, or now and then all."""
        apex = self._server.domain
        now = time.monotonic()
        listed = await self._server.ask_all(
            [(_name(domain.service(), apex), dns.rdatatype.PTR)]
        )
        labels = domain.pointed_at(self._facts(listed), self._is_contact)
        everybody = now >= self._resolved_at + RESOLVE_EVERY
        wanted = [one for one in labels if everybody or one not in self._known or one == own]
        questions = [
            (_name(domain.instance(label), apex), kind) for label in wanted for kind in _KINDS
        ]
        found = list(self._facts(await self._server.ask_all(questions)))
        told = domain.collect(found, wanted)
        bare = [one for one in wanted if one not in told]  # perhaps no address came along
        if bare:
            kinds = (dns.rdatatype.A, dns.rdatatype.AAAA)
            more = [(_name(label, apex), kind) for label in bare for kind in kinds]
            found += self._facts(await self._server.ask_all(more))
            told = domain.collect(found, wanted)
        if everybody:
            self._resolved_at = now
        self._partial = not everybody
        kept = {one: self._known[one] for one in labels if one in self._known and one != own}
        self._known = told if everybody else {**kept, **told}

    def _facts(self, rrsets: Iterable[dns.rrset.RRset]) -> Iterator[Fact]:
        with translated():
            for rrset in rrsets:
                yield from _facts(rrset.name, rrset, self._server.domain)


def _empty(server: Server) -> dns.zone.Zone:
    return dns.zone.Zone(server.zone, relativize=False)


def _take(
    inbound: dns.xfr.Inbound, wire: bytes, number: int, kind: dns.rdatatype.RdataType
) -> bool:
    """Take in one message of a transfer; whether it was the last."""
    single = kind == dns.rdatatype.IXFR  # what is taken away and what is added have an order
    message = dns.message.from_wire(wire, xfr=True, one_rr_per_rrset=single)
    if message.id != number:
        raise DnsNonsense("an answer to nothing")
    check(message)
    try:
        return inbound.process_message(message)
    except dns.xfr.TransferError as error:
        raise DnsNonsense("transfer") from error


def _facts_of(copy: dns.zone.Zone, apex: dns.name.Name) -> Iterator[Fact]:
    for name, node in copy.nodes.items():
        for rdataset in node.rdatasets:
            yield from _facts(name, rdataset, apex)


def _facts(
    name: dns.name.Name, rdatas: Iterable[dns.rdata.Rdata], apex: dns.name.Name
) -> Iterator[Fact]:
    if not name.is_subdomain(apex):
        return
    owner = _owner(name, apex)
    for rdata in rdatas:
        kind = int(rdata.rdtype)
        match rdata:
            case dns.rdtypes.ANY.PTR.PTR():
                yield Fact(owner, kind, _owner(rdata.target, apex))
            case dns.rdtypes.IN.SRV.SRV():
                yield Fact(owner, kind, (rdata.port, _owner(rdata.target, apex)))
            case dns.rdtypes.ANY.TXT.TXT() if (
                sum(len(one) + 1 for one in rdata.strings) <= MAX_TEXT
            ):
                text = b"".join(bytes((len(one),)) + one for one in rdata.strings)
                yield Fact(owner, kind, text)
            case dns.rdtypes.IN.A.A() | dns.rdtypes.IN.AAAA.AAAA():
                yield Fact(owner, kind, rdata.address)


def _owner(name: dns.name.Name, apex: dns.name.Name) -> str:
    """The labels before the domain, in lower case; the whole name if it is not in it."""
    if name.is_subdomain(apex):
        name = name.relativize(apex)
    return b".".join(name.labels).decode("ascii", "replace").lower()


def _name(owner: str, apex: dns.name.Name) -> dns.name.Name:
    return dns.name.from_text(owner, apex)
