"""The registry: our own records in a site's zone, by signed updates.  RFC 2136, 8945.

Each update is whole: all of a registration is there, or nothing of it.
"""

from typing import Final

import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TXT
import dns.tsig
import dns.update

from lanchat.discovery import domain
from lanchat.discovery.domain import Registered
from lanchat.discovery.server import Server
from lanchat.discovery.tsig import TsigKey
from lanchat.errors import DnsNonsense, RegistrationRefused, Sentence

TTL: Final = 60  # seconds that a resolver between may keep what it heard
_REFUSALS: Final = (dns.rcode.REFUSED, dns.rcode.NOTAUTH, dns.rcode.NOTZONE, dns.rcode.NOTIMP)
_OTHERS: Final = (dns.rcode.NXRRSET, dns.rcode.YXRRSET, dns.rcode.NXDOMAIN)


class Registry:
    """Writes into a zone.  Lives on the node thread."""

    def __init__(self, server: Server, key: TsigKey) -> None:
        self._server = server
        self._key = dns.tsig.Key(key.name, key.secret, key.algorithm)

    async def register(self, one: Registered) -> None:
        """Say all this of its label, and nothing else of it.

        Raises:
            RegistrationRefused: the key does not allow it.
            DnsError: no answer, or it failed.
        """
        update = self._update()
        self._clear(update, one.label)
        host = self._name(one.label)
        instance = self._name(domain.instance(one.label))
        update.add(self._name(domain.service()), TTL, "PTR", instance.to_text())
        update.add(instance, TTL, "SRV", f"0 0 {one.port} {host.to_text()}")
        update.add(instance, TTL, _text(one))
        for address in one.addresses:
            update.add(host, TTL, "AAAA" if ":" in address else "A", address)
        await self._send(update)

    async def deregister(self, label: str) -> None:
        """Take all of it back.

        Raises:
            DnsError: no answer, or it failed.
        """
        update = self._update()
        self._clear(update, label)
        await self._send(update)

    async def sweep(self, one: Registered) -> bool:
        """Remove what ran out, if it still stands as it was; whether it was there and went.

        Raises:
            RegistrationRefused: our key is for our own records only.
            DnsError: no answer, or it failed.
        """
        update = self._update()
        update.present(self._name(domain.instance(one.label)), _text(one))
        self._clear(update, one.label)
        return await self._send(update)

    def _update(self) -> dns.update.UpdateMessage:
        return dns.update.UpdateMessage(self._server.zone + ".", keyring=self._key)

    def _clear(self, update: dns.update.UpdateMessage, label: str) -> None:
        instance = self._name(domain.instance(label))
        update.delete(self._name(domain.service()), "PTR", instance.to_text())
        for owner, kinds in ((instance, ("SRV", "TXT")), (self._name(label), ("A", "AAAA"))):
            for kind in kinds:
                update.delete(owner, kind)

    async def _send(self, update: dns.update.UpdateMessage) -> bool:
        code = (await self._server.ask(update)).rcode()
        if code in _REFUSALS:
            raise RegistrationRefused(dns.rcode.to_text(code))
        if code in _OTHERS:
            return False
        if code != dns.rcode.NOERROR:
            error = DnsNonsense(dns.rcode.to_text(code))
            error.hint = Sentence(
                "if it is BIND, its log says why; often max-records-per-type is too small"
            )
            raise error
        return True

    def _name(self, owner: str) -> dns.name.Name:
        return dns.name.from_text(f"{owner}.{self._server.domain}.")


def _text(one: Registered) -> dns.rdtypes.ANY.TXT.TXT:
    strings = domain.strings(one.record)
    return dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings)
