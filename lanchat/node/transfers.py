"""Transfers: files on their way, in both directions.

Two desks do the work, `sending` and `receiving`; this one gives them places, threads and a
book, tells each record to the one it is for, and reports how far everything has come.
"""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from lanchat.identity.keys import PeerId
from lanchat.node.events import NodeEvent, TransferChanged
from lanchat.node.lanes import Lanes
from lanchat.node.people import People
from lanchat.node.receiving import Receiving
from lanchat.node.sending import Sending
from lanchat.node.settings import Settings
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Arriving, Outgoing, Record
from lanchat.session.address import Address
from lanchat.session.tcp import Link
from lanchat.store.transfers import Transfers as Table
from lanchat.wire.payloads import Transfer

_log = logging.getLogger(__name__)

REPORT_EVERY: Final = 0.25  # seconds: at most four a second (docs/COMMANDS.md)
ALONE: Final = 5.0  # seconds a lane goes on without any session (PROTOCOL.md, 4)
SMOOTH: Final = 0.3  # weight of the newest rate


class Transfers:
    """The desk of transfers.  Lives on the node thread."""

    def __init__(
        self,
        table: Table,
        people: People,
        settings: Settings,
        *,
        current: Callable[[PeerId], Link | None],
        publish: Callable[[NodeEvent], None],
        record: Record,
        spawn: Callable[[Awaitable[None], str], object],
        awaits: Callable[[PeerId], None],
        rests: Callable[[PeerId], None],
    ) -> None:
        book = TransferBook(table)
        lanes = self._lanes = Lanes()
        self._sending = Sending(
            book,
            lanes,
            current=current,
            publish=publish,
            record=record,
            spawn=spawn,
            awaits=awaits,
        )
        self._receiving = Receiving(
            book,
            lanes,
            people,
            settings,
            current=current,
            publish=publish,
            record=record,
            spawn=spawn,
        )
        self._current = current
        self._publish = publish
        self._spawn = spawn
        self._rests = rests
        self._seen: dict[tuple[PeerId, bytes], tuple[float, int, float]] = {}

    # --- for the node -------------------------------------------------------------------

    async def tidy(self) -> None:
        """Forget what is long over, and remove what still lies there of it."""
        await self._receiving.leftovers.tidy()

    async def receive(self, link: Link, payload: Transfer, body: bytes) -> None:
        """Take a record about a transfer."""
        if not await self._sending.receive(link, payload, body):
            await self._receiving.receive(link, payload, body)

    async def opened(self, link: Link) -> None:
        """A session stands."""
        await self._sending.opened(link)

    def lost(self, peer: PeerId) -> None:
        """No session with this peer is left: lanes go on for a moment."""
        self._spawn(self._stop_if_alone(peer), f"alone {peer.short}")

    def wants(self, peer: PeerId) -> bool:
        """Whether a session is wanted for something on its way."""
        return self._sending.wants(peer)

    def withdraw(self, peer: PeerId) -> None:
        """The user blocked or forgot this peer."""
        self._sending.withdraw(peer)
        self._receiving.withdraw(peer)

    async def forget(self, peer: PeerId) -> None:
        """The user forgot this peer: what was agreed about its files is forgotten too."""
        self.withdraw(peer)
        await self._receiving.forget(peer)

    def interrupt(self) -> None:
        """Make every lane anew."""
        self._sending.stop_all()
        self._receiving.stop_all()

    async def stop(self) -> None:
        """End every lane; what is not whole waits for the next start."""
        self._lanes.shut()
        self.interrupt()
        await asyncio.get_running_loop().run_in_executor(None, self._lanes.close)
        await self._receiving.settled()

    def lane_arrived(self, sock: socket.socket, token: bytes, address: Address) -> None:
        """Somebody dialled a lane."""
        self._lanes.arrived(sock, token, address)

    def expects(self, start: bytes) -> bool:
        """Whether a lane whose token begins so is awaited."""
        return self._lanes.expects(start)

    # --- for requests -------------------------------------------------------------------

    async def offer(self, peer: PeerId, paths: Sequence[Path]) -> Outgoing:
        """Propose files and folders; the same ones again go on where they stopped.

        Raises:
            SourceMissing, UnsafeName, DiskFailed: they cannot be read or named.
        """
        return await self._sending.offer(peer, paths)

    def leave(self, sending: Outgoing) -> None:
        """A request waits no longer; an offer that nobody waits for pauses where it is."""
        self._sending.leave(sending)
        self._rests(sending.peer)

    # --- within -------------------------------------------------------------------------

    async def _stop_if_alone(self, peer: PeerId) -> None:
        await asyncio.sleep(ALONE)
        if self._current(peer) is None:
            self._sending.lost(peer)
            self._receiving.lost(peer)

    async def report(self) -> None:
        """Say how far everything has come, four times a second; never ends."""
        while True:
            await asyncio.sleep(REPORT_EVERY)
            running: list[Outgoing | Arriving] = [
                *self._sending.running(),
                *self._receiving.running(),
            ]
            keys = {(one.peer, one.offer.id) for one in running}
            self._seen = {key: seen for key, seen in self._seen.items() if key in keys}
            for one in running:
                self._report_one(one)

    def _report_one(self, one: Outgoing | Arriving) -> None:
        now, done = asyncio.get_running_loop().time(), one.done
        key = (one.peer, one.offer.id)
        if key not in self._seen:
            self._seen[key] = (now, done, 0.0)
            return
        then, before, rate = self._seen[key]
        if done == before:
            return
        newest = max(done - before, 0) / max(now - then, 1e-3)
        rate = newest if rate == 0 else SMOOTH * newest + (1 - SMOOTH) * rate
        self._seen[key] = (now, done, rate)
        self._publish(TransferChanged(one.peer, one.offer.id, done, one.offer.total, int(rate)))
