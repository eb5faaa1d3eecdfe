"""Sending: offers of ours, from the first look at the disk to "stored".

The machine (`transfer.sender`) says what may happen; this desk does it: it reads, posts,
opens the lane and reports.  An offer lives until it is stored, declined or cancelled; a lost
link or lane only makes it wait.
"""

import asyncio
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from lanchat.errors import (
    DiskFailed,
    FileChanged,
    LanchatError,
    LaneLost,
    LocalProtocolError,
    PeerError,
    PeerUnreachable,
    TransferAbandoned,
)
from lanchat.identity.keys import PeerId
from lanchat.node.events import NodeEvent, TransferEnded, TransferState
from lanchat.node.lanes import Carriage, Lanes, Places, lane_code
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
    RESUMABLE,
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

_STOPPED: Final = "the other side stopped the transfer"
#: What it means when the other side ends a transfer, where that is more than a wish.
_CANCELLED: Final = {
    CancelCode.WRITE_ERROR: "the other computer could not write the files",
    CancelCode.LANE_FAILED: "the connection for the files failed; send them again",
}
#: How the other side is told that we cannot go on.
_OUR_FAULT: Final[Mapping[type[LanchatError], CancelCode]] = {
    FileChanged: CancelCode.FILE_CHANGED,
    DiskFailed: CancelCode.READ_ERROR,
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
        self._places = Places()
        self._live: dict[tuple[PeerId, bytes], Outgoing] = {}
        self._checked: dict[PeerId, float] = {}

    # --- questions ----------------------------------------------------------------------

    def wants(self, peer: PeerId) -> bool:
        """Whether something of ours is on its way to a peer."""
        return any(key[0] == peer for key in self._live)

    def running(self) -> list[Outgoing]:
        """Everything a lane carries now."""
        return [out for out in self._live.values() if out.carriage is not None]

    # --- ours ---------------------------------------------------------------------------

    async def offer(self, peer: PeerId, paths: Sequence[Path]) -> Outgoing:
        """Propose files and folders to a peer; the same ones again go on where they stopped.

        Whoever asked calls `leave` at the end.

        Raises:
            SourceMissing, UnsafeName, DiskFailed: they cannot be read or named.
        """
        source = await asyncio.to_thread(disk.inspect, paths)
        kept = await self._book.unfinished(peer, source)
        for out in self._live.values():
            if out.peer == peer and out.carries(source):
                out.users += 1
                return out
        if kept is None or (peer, kept.id) in self._live:
            machine = Sender(make_offer(secrets.token_bytes(ID_SIZE), source.manifest))
        else:
            machine = Sender(make_offer(kept.id, source.manifest), attempt=kept.attempt)
        out = self._live[peer, machine.offer.id] = Outgoing(peer, source, machine)
        out.users = 1
        try:
            await self._book.offered(peer, out.offer, paths, machine.attempt)
        except BaseException:
            self.leave(out)
            raise
        link = self._current(peer)
        if link is None:
            self._awaits(peer)
        elif out.told is not link and out.at(Stage.OFFERED):
            self._propose(out, link)
        return out

    def leave(self, out: Outgoing) -> None:
        """A request waits for it no longer; with the last one it pauses where it is."""
        out.users -= 1
        if out.users or self._live.get((out.peer, out.offer.id)) is not out:
            return
        if out.sender.attempt and not out.at(Stage.OFFERED):
            self._post(out, out.sender.suspend(CancelCode.USER))
        self._halt(out)
        del self._live[out.peer, out.offer.id]

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

    def withdraw(self, peer: PeerId) -> None:
        """The peer is not trusted any more."""
        for out in tuple(self._live.values()):
            if out.peer == peer:
                self._post(out, out.sender.cancel(CancelCode.TRUST_WITHDRAWN))
                self._end(out, TransferState.CANCELLED, "you do not trust them any more")

    def stop_all(self) -> None:
        """The node ends: every lane stops."""
        for out in tuple(self._live.values()):
            self._halt(out)

    # --- theirs -------------------------------------------------------------------------

    async def receive(self, link: Link, payload: Payload, body: bytes) -> bool:
        """Take what a receiver says; False if it is about no offer of ours.

        Raises:
            RemoteProtocolError: it does not belong here; the session is to be closed.
        """
        if not isinstance(payload, Accept | Decline | Cancel | Done):
            return False
        out = self._live.get((link.peer_id, payload.id))
        if out is None:
            if isinstance(payload, Accept):  # it crossed our pause
                link.post(Cancel(payload.id, payload.attempt, CancelCode.USER, RESUMABLE))
            return isinstance(payload, Accept)
        if isinstance(payload, Accept):
            await self._accepted(out, link, payload, body)
        elif isinstance(payload, Decline) and payload.code is DeclineCode.BUSY:
            self._put_off(out, float(payload.detail))
        else:
            out.sender.receive(payload)
            self._follow(out, payload)
        return True

    async def _accepted(self, out: Outgoing, link: Link, accept: Accept, body: bytes) -> None:
        out.count_accept()
        try:
            refusal = out.sender.accepted(
                accept, link.export, initiator=link.initiator, body=body
            )
        except LocalProtocolError:  # the session ended as this came; the next one brings more
            out.sender.pause()
            return
        if refusal is not None:
            link.post(refusal)
            return
        self._halt(out, pause=False)
        carriage = out.carriage = Carriage()
        out.counters = carriage.counters
        await self._book.attempted(out.peer, out.offer, accept.attempt, outgoing=True)
        self._spawn(self._serve(out, link, accept, carriage), f"send {out.peer.short}")

    async def _serve(
        self, out: Outgoing, link: Link, accept: Accept, carriage: Carriage
    ) -> None:
        """One attempt: check the prefix, start, carry, and say that all is sent."""
        try:
            fits = await self._prefix_fits(out, accept, carriage)
            async with self._places.turn(out.peer):
                carriage.check()
                start, keys = out.sender.start(prefix_fits=fits)
                out.resumed_from = max(start.offset - out.offer.manifest_len, 0)
                carried = await self._carry(out, link, start, keys, carriage)
            carriage.check()
            self._post(out, out.sender.sent(carried.chunks, carried.digest))
        except LanchatError as error:
            if out.carriage is carriage:
                self._failed(out, error)
        finally:
            if out.carriage is carriage:
                out.carriage = None

    async def _carry(
        self, out: Outgoing, link: Link, start: Start, keys: LaneKeys, carriage: Carriage
    ) -> lane.Carried:
        with self._lanes.expecting(keys.token, dialling=link.initiator) as expected:
            if not self._post(out, start):
                raise PeerUnreachable("the session has ended")
            sock = await self._lanes.open(link, keys.token, carriage, expected)
            attempt = Attempt(out.offer.id, start.attempt, keys.key, start.offset)
            return await self._lanes.carry(
                sock,
                lambda: lane.send(
                    sock, attempt, out.source, carriage.counters, carriage.stopping
                ),
            )

    async def _prefix_fits(self, out: Outgoing, accept: Accept, carriage: Carriage) -> bool:
        """Whether what the receiver holds is the beginning of what we send."""
        if accept.offset == 0:
            return True
        loop = asyncio.get_running_loop()
        while (due := self._checked.get(out.peer, -PREFIX_PAUSE) + PREFIX_PAUSE) > loop.time():
            await asyncio.sleep(due - loop.time())
            carriage.check()  # what was asked anew meanwhile takes no turn
        self._checked[out.peer] = loop.time()
        digest = await self._lanes.in_thread(
            lambda: out.source.prefix_digest(accept.offset, carriage.stopping)
        )
        return hmac.compare_digest(digest, accept.prefix_sha256)

    def _put_off(self, out: Outgoing, seconds: float) -> None:
        if not out.busy:
            out.busy = True
            self._spawn(self._ask_again(out, seconds), "offer again")

    async def _ask_again(self, out: Outgoing, seconds: float) -> None:
        await asyncio.sleep(min(max(seconds, 1.0), LONGEST_BUSY))
        out.busy = False
        link = self._current(out.peer)
        waits = self._live.get((out.peer, out.offer.id)) is out and out.at(Stage.OFFERED)
        if link is not None and waits and out.carriage is None:
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
            case TransferAbandoned() | LaneLost() | PeerError():
                self._post(out, out.sender.suspend(lane_code(error)))
            case _:
                code = _OUR_FAULT.get(type(error), CancelCode.LANE_FAILED)
                self._post(out, out.sender.cancel(code))
                self._end(out, TransferState.FAILED, error.sentence)

    def _follow(self, out: Outgoing, said: Decline | Cancel | Done) -> None:
        """Report what the machine has come to."""
        match out.sender.stage, said:
            case Stage.FINISHED, _:
                self._end(out, TransferState.DONE, "")
            case Stage.DECLINED, Decline(code=code, detail=detail):
                reason = _DECLINED[code]
                if code is DeclineCode.NO_SPACE:
                    reason += f": {detail} bytes are missing"
                self._end(out, TransferState.DECLINED, reason)
            case Stage.ABANDONED, Cancel(code=code):
                reason = _CANCELLED.get(code, _STOPPED)
                self._end(out, TransferState.CANCELLED, reason)
            case Stage.OFFERED, Cancel(code=CancelCode.WRITE_ERROR as code):
                self._end(out, TransferState.FAILED, _CANCELLED[code])
            case Stage.OFFERED, _:
                self._halt(out, pause=False)
            case _:
                pass

    def _end(self, out: Outgoing, state: TransferState, reason: str) -> None:
        if self._live.pop((out.peer, out.offer.id), None) is None:
            return
        self._halt(out, pause=False)
        self._spawn(self._settle(out, state, reason), "transfer over")

    async def _settle(self, out: Outgoing, state: TransferState, reason: str) -> None:
        try:
            await self._book.ended(out.peer, out.offer, state, outgoing=True)
            if state is TransferState.DONE:
                await self._record(out.peer, out.offer.id, called(out.offer), mine=True)
        finally:
            self._publish(TransferEnded(out.peer, out.offer.id, True, state, reason))

    def _halt(self, out: Outgoing, *, pause: bool = True) -> None:
        if out.carriage is not None:
            out.carriage.stop()
            out.carriage = None
        if pause and out.sender.stage not in FINAL:
            out.sender.pause()

    def _post(self, out: Outgoing, payload: Payload) -> bool:
        link = self._current(out.peer)
        return link is not None and link.post(payload)
