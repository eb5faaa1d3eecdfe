"""Zones: what a server says of the peers in a domain, kept up to date.

Once by transfer, if the server allows it and the domain is a zone of its own, and then only
what changed (RFC 5936, 1995); otherwise by many questions on one connection.  Either way one
packet tells whether anything changed.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Final

from lanchat.discovery import domain, packets
from lanchat.discovery.domain import Registered
from lanchat.discovery.packets import AXFR, IXFR, Row, Transfer
from lanchat.discovery.records import AAAA, PTR, SRV, TXT, A
from lanchat.discovery.server import Questions, Server
from lanchat.errors import DnsNonsense, DnsRefused

RESOLVE_EVERY: Final = 60.0  # seconds between two times that everybody is asked for
HALF: Final = 2**31  # a serial this far ahead is one that lies behind (RFC 1982)


class Zone:
    """What a server says of a domain.  Lives on the node thread."""

    def __init__(self, server: Server, is_contact: Callable[[str], bool]) -> None:
        self._server = server
        self._is_contact = is_contact
        self._transfers = server.zone == server.domain
        self._rows: frozenset[Row] = frozenset()
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
        if self._serial is not None and (serial - self._serial) % 2**32 > HALF:
            self._begin_anew()  # the zone was made anew: nothing to add to
        if serial != self._serial or self._partial:
            await self._read(serial, own)
        return self._known

    async def _read(self, serial: int, own: str) -> None:
        if self._transfers:
            await self._transfer(own)
        else:
            await self._resolve(own)
            self._serial = serial

    def _begin_anew(self) -> None:
        self._rows, self._serial = frozenset(), None

    async def _transfer(self, own: str) -> None:
        """Take what is new since the last time, or all."""
        try:
            done = await self._received()
        except DnsRefused:
            self._transfers = False
            self._begin_anew()
            await self._read(await self._server.serial(), own)
            return
        except BaseException:
            self._begin_anew()
            raise
        self._rows, self._serial = frozenset(done.rows), done.reached
        facts = list(packets.relative(self._rows, self._server.domain))
        self._known = domain.collect(facts, domain.pointed_at(facts, self._is_contact))

    async def _received(self) -> Transfer:
        transfer = Transfer(self._server.zone, self._rows, self._serial)
        number = secrets.randbelow(2**16)
        kind = AXFR if self._serial is None else IXFR
        async with self._server.connect() as stream:
            await stream.send(
                packets.query(number, self._server.zone, kind, serial=self._serial)
            )
            while True:
                reply = await asyncio.to_thread(packets.read, await stream.receive())
                if reply.number != number:
                    raise DnsNonsense("an answer to nothing")
                if transfer.take(reply.rows):
                    return transfer

    async def _resolve(self, own: str) -> None:
        """Ask who is listed, and then for each of them: the new ones, or now and then all."""
        now = time.monotonic()
        everybody = now >= self._resolved_at + RESOLVE_EVERY
        async with self._server.questions() as questions:
            listed = await self._ask(questions, [(domain.service(), PTR)])
            labels = domain.pointed_at(listed, self._is_contact)
            wanted = [
                one for one in labels if everybody or one not in self._known or one == own
            ]
            found = await self._ask(
                questions,
                [(domain.instance(label), kind) for label in wanted for kind in (SRV, TXT)],
            )
            told = domain.collect(found, wanted)
            bare = [one for one in wanted if one not in told]  # perhaps no address came along
            found += await self._ask(
                questions, [(label, kind) for label in bare for kind in (A, AAAA)]
            )
        told = domain.collect(found, wanted)
        if everybody:
            self._resolved_at = now
        self._partial = not everybody
        kept = {one: self._known[one] for one in labels if one in self._known and one != own}
        self._known = told if everybody else {**kept, **told}

    async def _ask(
        self, questions: Questions, wanted: list[tuple[str, int]]
    ) -> list[domain.Fact]:
        apex = self._server.domain
        asked = [(f"{owner}.{apex}", kind) for owner, kind in wanted]
        return list(packets.relative(await questions.ask(asked), apex))
