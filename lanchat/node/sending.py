"""Sending: offers of ours, from the first look at the disk to "stored".

The machine (`transfer.sender`) says what may happen; this desk does it: it reads, posts,
opens the lane and reports.  An offer lives until it is stored, declined or cancelled; a lost
link or lane only makes it wait.
"""

import asyncio
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from lanchat.errors import (
    DiskFailed,
    FileChanged,
    LanchatError,
    LaneLost,
    PeerError,
    TransferAbandoned,
)
from lanchat.identity.keys import PeerId
from lanchat.node.events import NodeEvent, TransferEnded, TransferState
from lanchat.node.lanes import Carriage, Lanes, lane_code
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Outgoing, Record, called
from lanchat.session.tcp import Link
from lanchat.transfer import disk, lane
from lanchat.transfer.lane import Attempt
from lanchat.transfer.manifest import make_offer
from lanchat.transfer.sender import FINAL, Sender, Stage
from lanchat.transfer.stream import LaneKeys
from lanchat.wire.payloads import (
    ID_SIZE,
    Accept,
    Cancel,
    CancelCode,
    Decline,
    DeclineCode,
    Done,
    Payload,
    Start,
)

_log = logging.getLogger(__name__)

PREFIX_PAUSE: Final = 10.0  # seconds between two prefix checks of one peer (PROTOCOL.md, 3b)
LONGEST_BUSY: Final = 60.0  # seconds; a peer that says "later" is asked again by then

#: What a decline means to the person who sent the files.
_DECLINED: Final = {
    DeclineCode.DECLINED: "the other person declined",
    DeclineCode.NOT_ALLOWED: "the other person does not take files from you now",
    DeclineCode.NO_SPACE: "the other computer has not enough free space",
    DeclineCode.LIMITS: "the files are more than the other person takes without being asked",
    DeclineCode.BAD_NAMES: "a file name is not safe on the other computer",
    DeclineCode.UNKNOWN: "the other computer does not know this transfer any more",
    DeclineCode.BUSY: "the other computer is busy",
}


class Sending:
    """Every offer of ours.  Lives on the node thread."""

    def __init__(
        self,
        book: TransferBook,
        lanes: Lanes,
        *,
        current: Callable[[PeerId], Link | None],
        publish: Callable[[NodeEvent], None],
        record: Record,
        spawn: Callable[[Awaitable[None], str], object],
        awaits: Callable[[PeerId], None],
    ) -> None:
        self._book = book
        self._lanes = lanes
        self._current = current
        self._publish = publish
        self._record = record
        self._spawn = spawn
        self._awaits = awaits
        self._live: dict[tuple[PeerId, bytes], Outgoing] = {}
        self._checked: dict[PeerId, float] = {}

    # --- questions ----------------------------------------------------------------------

    def find(self, transfer: bytes) -> Outgoing | None:
        """An offer of ours that is not over."""
        return next((out for key, out in self._live.items() if key[1] == transfer), None)

    def wants(self, peer: PeerId) -> bool:
        """Whether something of ours is on its way to a peer."""
        return any(key[0] == peer for key in self._live)

    def running(self) -> list[Outgoing]:
        """Everything a lane carries now."""
        return [out for out in self._live.values() if out.carriage is not None]

    # --- ours ---------------------------------------------------------------------------

    async def offer(self, peer: PeerId, paths: Sequence[Path]) -> Outgoing:
        """Propose files and folders to a peer; the same ones again go on where they stopped.

        Raises:
            SourceMissing, UnsafeName, DiskFailed: they cannot be read or named.
        """
        source = await asyncio.to_thread(disk.inspect, paths)
        kept = await self._book.unfinished(peer, source)
        transfer = kept.id if kept else secrets.token_bytes(ID_SIZE)
        running = self._live.get((peer, transfer))
        if running is not None:
            return running
        offer = make_offer(transfer, source.manifest)
        out = Outgoing(peer, source, Sender(offer, attempt=kept.attempt if kept else 0))
        self._live[peer, transfer] = out
        await self._book.offered(peer, offer, paths, out.sender.attempt)
        link = self._current(peer)
        if link is None:
            self._awaits(peer)
        else:
            self._propose(out, link)
        return out

    async def opened(self, link: Link) -> None:
        """A session stands: offer again what is not over."""
        for (peer, _), out in tuple(self._live.items()):
            if peer == link.peer_id and out.carriage is None and out.told is not link:
                out.sender.pause()
                self._propose(out, link)

    def lost(self, peer: PeerId) -> None:
        """No session is left: what runs stops, and waits."""
        for out in tuple(self._live.values()):
            if out.peer == peer:
                self._halt(out)

    def pause(self, transfer: bytes) -> None:
        """The person interrupted: stop, and let the receiver keep what it has."""
        out = self.find(transfer)
        if out is None or out.sender.stage in FINAL:
            return
        if out.sender.attempt and not out.at(Stage.OFFERED):
            self._post(out, out.sender.suspend(CancelCode.USER))
        self._halt(out)
        del self._live[out.peer, transfer]

    def withdraw(self, peer: PeerId) -> None:
        """The peer is not trusted any more."""
        for out in tuple(self._live.values()):
            if out.peer == peer:
                self._post(out, out.sender.cancel(CancelCode.TRUST_WITHDRAWN))
                self._end(out, TransferState.CANCELLED, "you blocked this person")

    def stop_all(self) -> None:
        """The node ends: every lane stops."""
        for out in tuple(self._live.values()):
            self._halt(out)

    # --- theirs -------------------------------------------------------------------------

    async def receive(self, link: Link, payload: Payload, body: bytes) -> bool:
        """Take what a receiver says; False if it is about no offer of ours."""
        if not isinstance(payload, Accept | Decline | Cancel | Done):
            return False
        out = self._live.get((link.peer_id, payload.id))
        if out is None:
            if isinstance(payload, Accept):
                link.post(Cancel(payload.id, payload.attempt, CancelCode.USER))
                return True
            return False
        if isinstance(payload, Accept):
            await self._accepted(out, link, payload, body)
        elif isinstance(payload, Decline) and payload.code is DeclineCode.BUSY:
            self._spawn(self._ask_again(out, float(payload.detail)), "offer again")
        else:
            out.sender.receive(payload)
            self._follow(out)
        return True

    async def _accepted(self, out: Outgoing, link: Link, accept: Accept, body: bytes) -> None:
        refusal = out.sender.accepted(accept, link.export, initiator=link.initiator, body=body)
        if refusal is not None:
            link.post(refusal)
            return
        self._halt(out, pause=False)
        await self._book.attempted(out.peer, out.offer, accept.attempt, outgoing=True)
        carriage = out.carriage = Carriage()
        out.counters = carriage.counters
        self._spawn(self._serve(out, link, accept, carriage), f"send {out.peer.short}")

    async def _serve(
        self, out: Outgoing, link: Link, accept: Accept, carriage: Carriage
    ) -> None:
        """One attempt: check the prefix, start, carry, and say that all is sent."""
        try:
            fits = await self._prefix_fits(out, accept, carriage)
            async with self._lanes.place(out.peer):
                if out.carriage is not carriage or not out.at(Stage.CHECKING):
                    return
                start, keys = out.sender.start(prefix_fits=fits)
                out.resumed_from = max(start.offset - out.offer.manifest_len, 0)
                carried = await self._carry(out, link, start, keys, carriage)
        except LanchatError as error:
            if out.carriage is carriage:
                self._failed(out, error)
        else:
            if out.carriage is carriage and out.at(Stage.STREAMING):
                self._post(out, out.sender.sent(carried.chunks, carried.digest))
        finally:
            if out.carriage is carriage:
                out.carriage = None

    async def _carry(
        self, out: Outgoing, link: Link, start: Start, keys: LaneKeys, carriage: Carriage
    ) -> lane.Carried:
        awaited = None if link.initiator else self._lanes.expect(keys.token)
        try:
            self._post(out, start)
            sock = await self._lanes.open(link, keys.token, carriage, awaited)
        finally:
            if awaited is not None:
                awaited.cancel()
        attempt = Attempt(out.offer.id, start.attempt, keys.key, start.offset)
        return await self._lanes.in_thread(
            lambda: lane.send(sock, attempt, out.source, carriage.counters, carriage.stopping)
        )

    async def _prefix_fits(self, out: Outgoing, accept: Accept, carriage: Carriage) -> bool:
        """Whether what the receiver holds is the beginning of what we send."""
        if accept.offset == 0:
            return True
        loop = asyncio.get_running_loop()
        pause = self._checked.get(out.peer, -PREFIX_PAUSE) + PREFIX_PAUSE - loop.time()
        self._checked[out.peer] = loop.time() + max(pause, 0.0)
        await asyncio.sleep(max(pause, 0.0))
        digest = await asyncio.to_thread(
            out.source.prefix_digest, accept.offset, carriage.stopping
        )
        return hmac.compare_digest(digest, accept.prefix_sha256)

    async def _ask_again(self, out: Outgoing, seconds: float) -> None:
        await asyncio.sleep(min(max(seconds, 1.0), LONGEST_BUSY))
        link = self._current(out.peer)
        if link is not None and out.carriage is None and out.at(Stage.OFFERED):
            self._propose(out, link)

    def _propose(self, out: Outgoing, link: Link) -> None:
        out.told = link
        link.post(out.sender.offered())

    # --- ends ---------------------------------------------------------------------------

    def _failed(self, out: Outgoing, error: LanchatError) -> None:
        _log.info("lane to %s: %s", out.peer.short, error)
        if out.sender.stage in FINAL:
            return
        match error:
            case FileChanged():
                self._post(out, out.sender.cancel(CancelCode.FILE_CHANGED))
                self._end(out, TransferState.FAILED, error.sentence)
            case DiskFailed():
                self._post(out, out.sender.cancel(CancelCode.READ_ERROR))
                self._end(out, TransferState.FAILED, error.sentence)
            case TransferAbandoned() | LaneLost() | PeerError():
                self._post(out, out.sender.suspend(lane_code(error)))
            case _:
                self._post(out, out.sender.cancel(CancelCode.LANE_FAILED))
                self._end(out, TransferState.FAILED, error.sentence)

    def _follow(self, out: Outgoing) -> None:
        """Report what the machine has come to."""
        match out.sender.stage:
            case Stage.FINISHED:
                self._end(out, TransferState.DONE, "")
            case Stage.DECLINED:
                declined = out.sender.declined
                reason = _DECLINED[declined.code] if declined else ""
                if declined and declined.code is DeclineCode.NO_SPACE:
                    reason += f": {declined.detail} bytes are missing"
                self._end(out, TransferState.DECLINED, reason)
            case Stage.ABANDONED:
                self._end(out, TransferState.CANCELLED, "the other side stopped the transfer")
            case Stage.OFFERED:
                self._halt(out, pause=False)
            case _:
                pass

    def _end(self, out: Outgoing, state: TransferState, reason: str) -> None:
        if self._live.pop((out.peer, out.offer.id), None) is None:
            return
        self._halt(out, pause=False)
        self._spawn(self._settle(out, state, reason), "transfer over")

    async def _settle(self, out: Outgoing, state: TransferState, reason: str) -> None:
        await self._book.ended(out.peer, out.offer, state, outgoing=True)
        if state is TransferState.DONE:
            await self._record(out.peer, out.offer.id, called(out.offer), mine=True)
        self._publish(TransferEnded(out.peer, out.offer.id, True, state, reason))

    def _halt(self, out: Outgoing, *, pause: bool = True) -> None:
        if out.carriage is not None:
            out.carriage.stop()
            out.carriage = None
        if pause and out.sender.stage not in FINAL:
            out.sender.pause()

    def _post(self, out: Outgoing, payload: Payload) -> None:
        link = self._current(out.peer)
        if link is not None:
            link.post(payload)
