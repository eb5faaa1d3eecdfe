"""Answers: what our user says to offers of theirs: yes, no, not now, go on, no more."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from lanchat.errors import BadRequest
from lanchat.identity.keys import PeerId
from lanchat.node import outcomes
from lanchat.node.acceptance import FAULT_PAUSE, Acceptance
from lanchat.node.attempts import Attempts
from lanchat.node.events import By, NodeEvent, TransferEnded, TransferState
from lanchat.node.holds import Hold, Holds
from lanchat.node.kept_offers import offer_of
from lanchat.node.lanes import Lanes
from lanchat.node.pending import Pending
from lanchat.node.placing import part_of
from lanchat.node.settings import Settings
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Waiting
from lanchat.session.tcp import Link
from lanchat.store.transfers import StoredTransfer
from lanchat.transfer.clash import NOTHING, Clash, Merging
from lanchat.transfer.receiver import FINAL, Stage
from lanchat.transfer.roots import RootId
from lanchat.wire.payloads import (
    NO_KEY,
    RESUMABLE,
    Cancel,
    CancelCode,
    Decline,
    DeclineCode,
    Done,
    DoneStage,
    Offer,
    Payload,
)

_GOES_ON: Final = frozenset(
    {TransferState.OFFERED, TransferState.WAITING, TransferState.RUNNING, TransferState.HELD}
)
_MAY_GO_ON: Final = _GOES_ON | {TransferState.PAUSED, TransferState.FAILED}


Recall = Callable[[PeerId, bytes], Awaitable[StoredTransfer | None]]


class Take(Protocol):
    """What carries out a yes."""

    def __call__(
        self,
        waiting: Waiting,
        kept: StoredTransfer | None,
        root: Path,
        here: RootId,
        merging: Merging,
        *,
        unasked: bool,
    ) -> Awaitable[None]:
        """Ask for what is missing of an offer, into `root`, which is `here`."""


class Merge(Protocol):
    """What finds earlier transfers of the same name, and what becomes of them."""

    def __call__(
        self,
        waiting: Waiting,
        root: Path,
        kept: StoredTransfer | None,
        chosen: Clash | None,
    ) -> Awaitable[Merging]:
        """What to do with an offer that goes into `root`."""


class Answers:
    """Our user's word on each offer.  Lives on the node thread.

    `waiting` are the offers that the word is wanted on; `recall` puts in its place what is
    whole; `door` gives the lock under which offers of one peer are answered.
    """

    def __init__(
        self,
        book: TransferBook,
        lanes: Lanes,
        settings: Callable[[], Settings],
        acceptance: Acceptance,
        attempts: Attempts,
        waiting: Pending,
        holds: Holds,
        *,
        recall: Recall,
        take: Take,
        merge: Merge,
        door: Callable[[PeerId], asyncio.Lock],
        current: Callable[[PeerId], Link | None],
        publish: Callable[[NodeEvent], None],
        awaits: Callable[[PeerId], None],
    ) -> None:
        self._book = book
        self._lanes = lanes
        self._settings = settings
        self._acceptance = acceptance
        self._attempts = attempts
        self._waiting = waiting
        self._holds = holds
        self._recall = recall
        self._take = take
        self._merge = merge
        self._door = door
        self._current = current
        self._publish = publish
        self._awaits = awaits

    async def accept(
        self, peer: PeerId, transfer: bytes, folder: Path | None, clash: Clash | None = None
    ) -> None:
        """Yes, and into `folder` unless it is the usual one.

        `clash` says what becomes of what an earlier transfer of theirs left there.

        Raises:
            BadRequest: nobody asks that any more.
            NoSpace, DiskFailed: it does not fit there; the question stays.
        """
        async with self._door(peer):
            waiting = self._waiting.get((peer, transfer))
            if waiting is None or not waiting.asked:
                raise BadRequest("no such offer")
            kept = await self._book.find(peer, transfer)
            root = folder or self._settings().downloads
            if kept is not None and kept.root != str(root):
                kept = replace(kept, part="", root_id="")
            merging = await self._merge(waiting, root, kept, clash)
            arriving = self._attempts.live.values()
            here = await self._acceptance.check_room(
                waiting.offer, kept, root, arriving, merging
            )
            if self._waiting.get((peer, transfer)) is not waiting:  # they took it back
                raise BadRequest("no such offer")
            await self._take(waiting, kept, root, here, merging, unasked=False)

    async def decline(self, peer: PeerId, transfer: bytes) -> None:
        """No.

        Raises:
            BadRequest: nobody asks that any more.
        """
        waiting = self._waiting.get((peer, transfer))
        if waiting is None or not waiting.asked:
            raise BadRequest("no such offer")
        del self._waiting[peer, transfer]
        self.post(peer, Decline(transfer, DeclineCode.DECLINED))
        state = TransferState.DECLINED
        await self._refused(peer, waiting.offer, state, outcomes.I_DECLINED, By.ME)

    async def pause(self, peer: PeerId, transfer: bytes) -> None:
        """Stop it, and keep the part.

        Raises:
            BadRequest: there is nothing to pause.
        """
        if (peer, transfer) not in self._attempts.live:
            async with self._door(peer):  # it may be about to go on
                if (peer, transfer) not in self._attempts.live:
                    await self._rest(await self._kept(peer, transfer, _GOES_ON))
                    return
        arriving = self._attempts.live[peer, transfer]
        if arriving.is_at(Stage.STORING):
            raise BadRequest("all of it is here")
        if not arriving.is_at(Stage.OFFERED, *FINAL):
            self.post(peer, arriving.receiver.suspend(CancelCode.USER))
        await self._attempts.pause(arriving)

    async def _rest(self, kept: StoredTransfer) -> None:
        """Pause what nothing runs of."""
        self._holds.drop(kept.peer, kept.id)
        await self._book.rests(
            kept.peer, kept.id, TransferState.PAUSED, outgoing=False, by=By.ME
        )
        self.say_paused(kept)

    async def resume(self, peer: PeerId, transfer: bytes) -> None:
        """Go on where it was, now or as soon as it is offered again.

        Raises:
            BadRequest: there is nothing to go on with.
            NoSpace, DiskFailed: the disk does not take it.
        """
        async with self._door(peer):
            if (peer, transfer) in self._attempts.live:
                return
            kept = await self._kept(peer, transfer, _MAY_GO_ON)
            placed = await self._recall(peer, transfer)
            if placed is not None and placed.state == TransferState.DONE:
                self._holds.drop(peer, transfer)
                self.say_done(placed)
                return
            waiting = self._waiting.get((peer, transfer))
            merging = NOTHING
            if waiting is not None:
                merging = await self._merge(waiting, self.root(kept), kept, None)
            here = await self._fits(kept, merging)
            if waiting is None or waiting.link is not self._current(peer):
                self._holds.release(peer, transfer)
                await self._book.rests(peer, transfer, TransferState.WAITING, outgoing=False)
                self._awaits(peer)
                return
            await self._take(
                waiting, kept, self.root(kept), here, merging, unasked=kept.unasked
            )

    async def _fits(self, kept: StoredTransfer, merging: Merging) -> RootId:
        """See that the disk takes what lacks of an offer."""
        offer = offer_of(kept)
        if offer is None:
            raise BadRequest("no such transfer")
        held = kept.state == TransferState.HELD
        arriving = self._attempts.live.values()
        return await self._acceptance.check_room(
            offer, kept, self.root(kept), arriving, merging, trial=held
        )

    async def cancel(self, peer: PeerId, transfer: bytes) -> None:
        """End it; the part goes.

        Raises:
            BadRequest: it is too late, or there is no such transfer.
        """
        waiting = self._waiting.get((peer, transfer))
        if waiting is not None and waiting.asked:
            await self.decline(peer, transfer)
            return
        if (peer, transfer) not in self._attempts.live:
            async with self._door(peer):  # it may be about to go on, or to be held again
                if (peer, transfer) not in self._attempts.live:
                    kept = await self._kept(peer, transfer, _MAY_GO_ON)
                    self.post(peer, Cancel(transfer, 0, CancelCode.USER))
                    await self._drop(kept, outcomes.I_CANCELLED, By.ME)
                    return
        arriving = self._attempts.live[peer, transfer]
        cancel = arriving.receiver.cancel(CancelCode.USER)
        if cancel is None:
            raise BadRequest("all of it is here")
        self.post(peer, cancel)
        self._attempts.end(arriving, TransferState.CANCELLED, outcomes.I_CANCELLED, By.ME)
        await self._attempts.cleared(peer)

    async def end(self, peer: PeerId, transfer: bytes, reason: str) -> None:
        """End what waits for our disk: the peer is not trusted any more."""
        async with self._door(peer):
            kept = await self._kept(peer, transfer, _MAY_GO_ON)
            await self._drop(kept, reason, By.ME)

    def let_go(self, peer: PeerId) -> None:
        """End all of a peer's that waits for our disk: what is kept of it is about to go."""
        for hold in self._holds.of(peer):
            self._holds.drop(*hold.key)
            self.post(peer, Cancel(hold.offer.id, 0, CancelCode.TRUST_WITHDRAWN))
            state, reason = TransferState.CANCELLED, outcomes.NO_TRUST
            self._publish(TransferEnded(peer, hold.offer.id, False, state, reason))

    # --- what the sender has a part in --------------------------------------------------

    async def withdrawn(self, peer: PeerId, transfer: bytes) -> None:
        """The sender takes back an offer that is not on its way."""
        waiting = self._waiting.pop((peer, transfer), None)
        if waiting is not None and waiting.asked:
            state = TransferState.CANCELLED
            await self._refused(peer, waiting.offer, state, outcomes.THEY_STOPPED, By.THEM)
            return
        kept = await self._book.find(peer, transfer)
        if kept is not None and kept.state in _MAY_GO_ON:
            await self._drop(kept, outcomes.THEY_STOPPED, By.THEM)

    def say_paused(self, kept: StoredTransfer) -> None:
        """Tell the sender that our user paused it; it knows the last attempt by its number."""
        if kept.attempt:
            self.post(kept.peer, Cancel(kept.id, kept.attempt, CancelCode.USER, RESUMABLE))

    def say_done(self, kept: StoredTransfer) -> None:
        """Tell the sender that all of it lies in its place."""
        attempt = max(kept.attempt, 1)
        self.post(kept.peer, Done(kept.id, attempt, DoneStage.STORED, 0, NO_KEY))

    def say_held(self, kept: StoredTransfer, hold: Hold) -> None:
        """Tell the sender that it waits for our disk."""
        if kept.attempt:
            code, fault = CancelCode.WRITE_ERROR, outcomes.told(hold.fault)
            self.post(
                kept.peer,
                Cancel(kept.id, kept.attempt, code, RESUMABLE, hold.missing, fault),
            )
        else:
            self.post(kept.peer, Decline(kept.id, DeclineCode.BUSY, FAULT_PAUSE))

    def root(self, kept: StoredTransfer | None) -> Path:
        """The folder that an offer goes to."""
        return Path(kept.root) if kept is not None and kept.root else self._settings().downloads

    def post(self, peer: PeerId, payload: Payload) -> None:
        """Say it, if a session stands."""
        link = self._current(peer)
        if link is not None:
            link.post(payload)

    async def _kept(
        self, peer: PeerId, transfer: bytes, states: Collection[str]
    ) -> StoredTransfer:
        kept = await self._book.find(peer, transfer)
        if kept is None or kept.state not in states:
            raise BadRequest("no such transfer")
        return kept

    async def _drop(self, kept: StoredTransfer, reason: str, by: By) -> None:
        """End what nothing runs of; its part goes."""
        offer = offer_of(kept)
        if offer is None:
            return
        self._waiting.pop((kept.peer, kept.id), None)
        self._holds.drop(kept.peer, kept.id)
        gone = True
        async with self._attempts.turn(kept.peer, kept.id):
            if kept.part:
                gone = await self._lanes.rid_of(part_of(kept, offer))
        await self._over(kept.peer, offer, TransferState.CANCELLED, reason, by)
        if not gone:
            await self._book.left_part(kept)

    async def _over(
        self, peer: PeerId, offer: Offer, state: TransferState, reason: str, by: By
    ) -> None:
        await self._book.ended(peer, offer, state, outgoing=False, by=by, reason=reason)
        self._publish(TransferEnded(peer, offer.id, False, state, reason))

    async def _refused(
        self, peer: PeerId, offer: Offer, state: TransferState, reason: str, by: By
    ) -> None:
        """It is over before any yes, and the sender knows: so it is told here in any case."""
        try:
            await self._book.refused(peer, offer, state, by=by, reason=reason)
        finally:
            self._publish(TransferEnded(peer, offer.id, False, state, reason))
