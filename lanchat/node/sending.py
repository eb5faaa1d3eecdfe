"""Sending: offers of ours, from the receiver's yes to "stored".

The machine (`transfer.sender`) says what may happen; this desk does it: it has offers
proposed (`proposing.py`) and each attempt served (`serving.py`), and reports.  An offer
lives until it is stored, declined or cancelled; a lost link or lane only makes it wait, and
a person may pause it.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Final
from weakref import WeakKeyDictionary

from lanchat.errors import (
    LanchatError,
    LaneLost,
    LocalProtocolError,
    PeerError,
    TransferAbandoned,
)
from lanchat.identity.keys import PeerId
from lanchat.node import outcomes
from lanchat.node.events import By, Fault, NodeEvent, TransferEnded, TransferState
from lanchat.node.kept_offers import offer_of
from lanchat.node.lanes import Carriage, Lanes, lane_code
from lanchat.node.proposing import Proposing
from lanchat.node.serving import Serving
from lanchat.node.showing import Showing
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Outgoing, Record, called
from lanchat.session.tcp import Link
from lanchat.transfer.sender import FINAL, Stage
from lanchat.wire.payloads import (
    RESUMABLE,
    Accept,
    Cancel,
    CancelCode,
    Decline,
    DeclineCode,
    Done,
    Look,
    Offer,
    Payload,
    Prove,
)

_log = logging.getLogger(__name__)


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
        self._live: dict[tuple[PeerId, bytes], Outgoing] = {}
        # The last attempt at each transfer that was served on a session: as long as that
        # lives, no other is keyed by the same numbers (PROTOCOL.md, 4).
        self._served: WeakKeyDictionary[Link, dict[bytes, int]] = WeakKeyDictionary()
        self.proposing: Final = Proposing(
            book, self._live, current=current, spawn=spawn, awaits=awaits
        )
        self._current = current
        self._publish = publish
        self._record = record
        self._spawn = spawn
        self._serving = Serving(lanes, self._post)
        self._showing = Showing(
            book,
            lanes,
            spawn=spawn,
            halt=lambda out: self._halt(out, pause=False),
            failed=self._failed,
        )

    # --- questions ----------------------------------------------------------------------

    def wants(self, peer: PeerId) -> bool:
        """Whether something of ours is on its way to a peer."""
        return any(out.peer == peer and not out.paused for out in self._live.values())

    def running(self) -> list[Outgoing]:
        """Everything a lane carries now, or that is being compared."""
        return [out for out in self._live.values() if out.carriage or out.shown]

    def live(self) -> list[Outgoing]:
        """Everything that is not over, and not left to a later run."""
        return list(self._live.values())

    def find(self, peer: PeerId, transfer: bytes) -> Outgoing | None:
        """One of those."""
        return self._live.get((peer, transfer))

    # --- ours ---------------------------------------------------------------------------

    async def pause(self, peer: PeerId, transfer: bytes) -> None:
        """Stop it; the receiver keeps its part, and it goes on when our user wants."""
        out = self.find(peer, transfer)
        state = TransferState.PAUSED
        if out is None:
            await self._book.rests(peer, transfer, state, outgoing=True, by=By.ME)
            return
        self._suspend(out)
        out.go_on()
        out.paused = By.ME
        await self._note_pause(out)

    async def cancel(self, peer: PeerId, transfer: bytes) -> None:
        """Our user wants it to end."""
        out = self.find(peer, transfer)
        if out is not None:
            self._post(out, out.sender.cancel(CancelCode.USER))
            if self._drop(out):
                state, reason = TransferState.CANCELLED, outcomes.I_CANCELLED
                await self._settle(peer, out.offer, state, reason, By.ME)
            return
        row = await self._book.sent(peer, transfer)
        offer = offer_of(row) if row is not None else None
        if offer is not None:
            link = self._current(peer)
            if link is not None:
                link.post(Cancel(transfer, 0, CancelCode.USER))
            await self._settle(
                peer, offer, TransferState.CANCELLED, outcomes.I_CANCELLED, By.ME
            )

    def leave(self, out: Outgoing) -> None:
        """A request waits for it no longer; with the last one it pauses where it is."""
        out.users -= 1
        if out.users > 0 or out.standing or self.find(out.peer, out.offer.id) is not out:
            return
        self._suspend(out)
        del self._live[out.peer, out.offer.id]
        self._spawn(self._note_pause(out), "note a pause")

    def lost(self, peer: PeerId) -> None:
        """No session is left: what runs stops, and waits."""
        for out in self._of(peer):
            self._halt(out)

    def withdraw(self, peer: PeerId) -> None:
        """The peer is not trusted any more."""
        for out in self._of(peer):
            self._post(out, out.sender.cancel(CancelCode.TRUST_WITHDRAWN))
            self._end(out, TransferState.CANCELLED, outcomes.NO_TRUST, By.ME)

    def stop_all(self) -> None:
        """The node ends: every lane stops."""
        for out in self.live():
            self._halt(out)

    # --- theirs -------------------------------------------------------------------------

    async def receive(self, link: Link, payload: Payload, body: bytes) -> bool:
        """Take what a receiver says; False if it is about no offer of ours.

        Raises:
            RemoteProtocolError: it does not belong here; the session is to be closed.
        """
        if not isinstance(payload, Accept | Decline | Cancel | Done | Look | Prove):
            return False
        out = self.find(link.peer_id, payload.id)
        if isinstance(payload, Accept | Look | Prove):
            if out is None or out.paused is By.ME:  # it crossed our pause
                link.post(await self._not_now(link.peer_id, payload))
            elif isinstance(payload, Accept):
                await self._accepted(out, link, payload, body)
            else:
                served = self._served.setdefault(link, {})
                await self._showing.take(out, link, payload, served)
            return True
        if out is None:
            return False
        if isinstance(payload, Decline) and payload.code is DeclineCode.BUSY:
            self.proposing.put_off(out, float(payload.detail))
        else:
            out.sender.receive(payload)
            self._follow(out, payload)
        return True

    async def _not_now(self, peer: PeerId, accept: Accept | Look | Prove) -> Cancel:
        """The answer to an ACCEPT, or what comes before, of something we do not send now."""
        row = await self._book.sent(peer, accept.id)
        if row is not None and row.state == TransferState.CANCELLED and row.said_by == By.ME:
            return Cancel(accept.id, 0, CancelCode.USER)
        return Cancel(accept.id, accept.attempt, CancelCode.USER, RESUMABLE)

    async def _accepted(self, out: Outgoing, link: Link, accept: Accept, body: bytes) -> None:
        out.count_accept()
        served = self._served.setdefault(link, {})
        cut = out.source.without(accept.skip) if accept.skip else out.source
        try:
            refusal = out.sender.accepted(
                accept,
                link.export,
                initiator=link.initiator,
                body=body,
                served=served.get(accept.id, 0),
                length=cut.length,
            )
        except LocalProtocolError:  # the session ended as this came; the next one brings more
            out.sender.pause()
            return
        if refusal is not None:
            link.post(refusal)
            return
        served[accept.id] = accept.attempt
        self._halt(out, pause=False)
        carriage = out.begin()
        out.cut = cut
        out.go_on()
        await self._book.attempted(out.peer, out.offer, accept.attempt, outgoing=True)
        await self._book.skipping(out.peer, out.offer.id, out.skipped)
        self._spawn(self._serve(out, link, accept, carriage), f"send {out.peer.short}")

    async def _serve(
        self, out: Outgoing, link: Link, accept: Accept, carriage: Carriage
    ) -> None:
        try:
            await self._serving.serve(out, link, accept, carriage)
        except LanchatError as error:
            if out.carriage is carriage:
                self._failed(out, error)
        finally:
            if out.carriage is carriage:
                out.carriage = None
                self.proposing.served(out)

    # --- ends ---------------------------------------------------------------------------

    def _failed(self, out: Outgoing, error: LanchatError) -> None:
        _log.info("lane to %s: %s", out.peer.short, error)
        if out.sender.stage in FINAL:
            return
        match error:
            case TransferAbandoned() | LaneLost() | PeerError():
                self._post(out, out.sender.suspend(lane_code(error)))
            case _:
                self._post(out, out.sender.cancel(outcomes.fault(error)))
                self._end(out, TransferState.FAILED, error.sentence, By.ME)

    def _follow(self, out: Outgoing, said: Decline | Cancel | Done) -> None:
        """Report what the machine has come to."""
        match out.sender.stage, said:
            case Stage.FINISHED, _:
                self._end(out, TransferState.DONE, "")
            case Stage.DECLINED, Decline():
                self._end(out, TransferState.DECLINED, outcomes.declined(said), By.THEM)
            case Stage.ABANDONED, Cancel(code=code):
                reason = outcomes.cancelled(code)
                self._end(out, TransferState.CANCELLED, reason, By.THEM)
            case Stage.OFFERED, Cancel():
                self._broken_off(out, said)
            case _:
                pass

    def _broken_off(self, out: Outgoing, said: Cancel) -> None:
        """The receiver broke an attempt off, and keeps its part."""
        fault, failed = outcomes.hold_of(said), said.code is CancelCode.WRITE_ERROR
        if fault is not None:
            self._hold(out, fault, said.missing)
        elif failed and out.users:
            self._end(out, TransferState.FAILED, outcomes.cancelled(said.code), By.THEM)
        else:
            self._halt(out, pause=False)
            if out.paused is None and (failed or said.code is CancelCode.USER):
                out.go_on()
                out.paused = By.THEM
                out.reason = outcomes.cancelled(said.code) if failed else ""

    def _hold(self, out: Outgoing, fault: Fault, missing: int) -> None:
        """The receiver waits for its disk, and goes on by itself."""
        self._halt(out, pause=False)
        if out.paused is None:
            out.fault, out.missing = fault, missing
            out.reason = outcomes.held_there(fault, missing)
            self._spawn(self._note(out, TransferState.HELD, None), "note a hold")

    def _end(
        self, out: Outgoing, state: TransferState, reason: str, by: By | None = None
    ) -> None:
        if self._drop(out):
            settle = self._settle(out.peer, out.offer, state, reason, by)
            self._spawn(settle, "transfer over")

    def _drop(self, out: Outgoing) -> bool:
        """It is not followed any more; False if it was not."""
        if self._live.pop((out.peer, out.offer.id), None) is None:
            return False
        self._halt(out, pause=False)
        return True

    async def _settle(
        self, peer: PeerId, offer: Offer, state: TransferState, reason: str, by: By | None
    ) -> None:
        try:
            if (
                state is TransferState.DONE
            ):  # first: who dies in between asks again, and is told
                await self._record(peer, offer.id, called(offer), mine=True)
            await self._book.ended(peer, offer, state, outgoing=True, by=by, reason=reason)
        finally:
            self._publish(TransferEnded(peer, offer.id, True, state, reason))

    async def _note_pause(self, out: Outgoing) -> None:
        await self._note(out, TransferState.PAUSED, By.ME)

    async def _note(self, out: Outgoing, state: TransferState, by: By | None) -> None:
        await self._book.rests(
            out.peer,
            out.offer.id,
            state,
            outgoing=True,
            by=by,
            reason=out.reason,
            done=out.done,
        )

    def _suspend(self, out: Outgoing) -> None:
        """Stop it, and say so to a receiver that is at it."""
        if out.sender.attempt and not out.is_at(Stage.OFFERED, *FINAL):
            self._post(out, out.sender.suspend(CancelCode.USER))
        self._halt(out)

    def _halt(self, out: Outgoing, *, pause: bool = True) -> None:
        if out.shown is not None:
            out.shown.stop()
            out.shown = None
        if out.carriage is not None:
            out.carriage.stop()
            out.carriage = None
        if pause and out.sender.stage not in FINAL:
            out.sender.pause()

    def _of(self, peer: PeerId) -> list[Outgoing]:
        return [out for out in self._live.values() if out.peer == peer]

    def _post(self, out: Outgoing, payload: Payload) -> bool:
        link = self._current(out.peer)
        return link is not None and link.post(payload)
