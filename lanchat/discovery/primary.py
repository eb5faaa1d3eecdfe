"""Primary: which domain is ours, and which server answers for it.

The domain is the one that was set, or the one that the network's own DNS names for browsing
(`b._dns-sd._udp`, RFC 6763, 11); the server the one that was set, or the zone's primary, which
is the one that takes updates.
"""

import asyncio
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import Final

import dns.asyncresolver
import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.resolver
import dns.rrset

from lanchat.discovery.packets import read
from lanchat.discovery.server import PAYLOAD, Server, cancellable, translated
from lanchat.discovery.site import Site, host_and_port, is_domain
from lanchat.errors import DnsError, DnsNonsense, NoDnsDomain

LIFETIME: Final = 5.0  # seconds for one question to the system's resolver
MAX_SEARCHED: Final = 4  # domains of the search list that are asked
MAX_SERVERS: Final = 4  # addresses of a primary that are tried

Resolver = dns.asyncresolver.Resolver


async def find(site: Site, resolver: Resolver | None = None) -> Server:
    """The server to ask.

    Raises:
        NoDnsDomain: none was set, and the network names none.
        DnsError: nothing could be found out.
    """
    host, port = host_and_port(site.server) if site.server else ("", 0)
    if site.domain and _is_address(host):
        return await _at(site.domain, host, port)  # the system need not even have a resolver
    resolver = resolver or await _system()
    name = site.domain or await _browsed(resolver)
    if not host:
        return await _at_primary(name, resolver)
    if not _is_address(host):
        host = (await _addresses(resolver, host))[0]
    return await _at(name, host, port)


async def _system() -> Resolver:
    """The system's own resolver; no network has none.

    What it is configured with comes from the network, too, and may make no sense.
    """
    with translated():
        try:
            return await asyncio.to_thread(Resolver)
        except dns.resolver.NoResolverConfiguration as error:
            raise NoDnsDomain("the system has no resolver") from error


async def _browsed(resolver: Resolver) -> str:
    """The domain that the network's DNS names for browsing."""
    searched = [one for one in (*resolver.search, resolver.domain) if one != dns.name.root]
    for suffix in list(dict.fromkeys(searched))[:MAX_SEARCHED]:
        try:
            name = dns.name.from_text("b._dns-sd._udp", None).concatenate(suffix)
        except dns.name.NameTooLong:  # the network said it, too; the next may be a good one
            continue
        try:
            answer = await _resolved(resolver, name, dns.rdatatype.PTR)
        except NoDnsDomain:
            continue
        for rrset in _of(answer.answer, dns.rdatatype.PTR):
            found = rrset[0].target.to_text(omit_final_dot=True).lower()
            if rrset.name == name and is_domain(found):
                return str(found)
    raise NoDnsDomain("no domain is named for browsing")


async def _at(name: str, host: str, port: int) -> Server:
    """A server that was set; the zone is what it calls so."""
    server = Server(name, name, host, port)
    with translated():
        wanted = dns.name.from_text(name)
        query = dns.message.make_query(wanted, "SOA", use_edns=True, payload=PAYLOAD)
    answer = await server.ask(query)
    read(answer.wire or b"")  # it may be a refusal
    zone, _primary = _soa(answer, wanted)
    return Server(name, zone.to_text(), host, port)


async def _at_primary(name: str, resolver: Resolver) -> Server:
    """The server that takes updates of a domain."""
    with translated():
        wanted = dns.name.from_text(name)
    answer = await _resolved(resolver, wanted, dns.rdatatype.SOA)
    _zone, primary = _soa(answer, wanted)
    failed: DnsError = DnsNonsense("the primary has no address")
    for host in await _addresses(resolver, primary.to_text()):
        try:
            return await _at(name, host, 53)
        except DnsError as error:
            failed = error
    raise failed


def _soa(
    answer: dns.message.Message, wanted: dns.name.Name
) -> tuple[dns.name.Name, dns.name.Name]:
    """The zone a domain is in, and the name of its primary."""
    for rrset in _of((*answer.answer, *answer.authority), dns.rdatatype.SOA):
        if wanted.is_subdomain(rrset.name):
            return rrset.name, rrset[0].mname
    raise NoDnsDomain("no zone of that name")


async def _addresses(resolver: Resolver, host: str) -> list[str]:
    with translated():
        name = dns.name.from_text(host)
    found = []
    for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
        try:
            answer = await _resolved(resolver, name, kind)
        except NoDnsDomain:
            continue
        found += [one.address for rrset in _of(answer.answer, kind) for one in rrset]
    if not found:
        raise NoDnsDomain("the server has no address")
    return found[:MAX_SERVERS]


def _of(
    rrsets: Iterable[dns.rrset.RRset], kind: dns.rdatatype.RdataType
) -> Iterator[dns.rrset.RRset]:
    """Those of a kind, and of the internet: of another class it would be read as a lump."""
    wanted = kind, dns.rdataclass.IN
    return (one for one in rrsets if one and (one.rdtype, one.rdclass) == wanted)


async def _resolved(
    resolver: Resolver, name: dns.name.Name, kind: dns.rdatatype.RdataType
) -> dns.message.Message:
    """The answer of the system's resolver.

    Raises:
        NoDnsDomain: there is no such name.
        DnsError: no answer.
    """
    with translated():
        try:
            with cancellable():
                answer = await resolver.resolve(
                    name, kind, lifetime=LIFETIME, raise_on_no_answer=False, search=False
                )
        except (dns.resolver.NXDOMAIN, dns.resolver.NoNameservers) as error:
            raise NoDnsDomain(type(error).__name__) from error
    return answer.response


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
