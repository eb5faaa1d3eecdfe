"""Attempts: what we accepted, asked for again and again until it is whole.

The receiver asks for what is missing (ACCEPT), the sender only offers.  Each attempt is
carried by `reception.py`; what is whole is put in its place by `placing.py`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final
from weakref import WeakValueDictionary

from lanchat.errors import (
    BadManifest,
    DigestMismatch,
    DiskFailed,
    HeldChanged,
    LanchatError,
    LaneLost,
    NoSpace,
    OutOfTurn,
    PeerError,
    SealBroken,
    StoreError,
    StoreFull,
    TransferAbandoned,
    UnsafeName,
)
from lanchat.identity.keys import PeerId
from lanchat.node import outcomes
from lanchat.node.acceptance import FAULT_PAUSE
from lanchat.node.events import By, Fault, NodeEvent, TransferEnded, TransferState, Warned
from lanchat.node.holds import Hold, Holds
from lanchat.node.lanes import Carriage, Lanes, lane_code
from lanchat.node.placing import Placing
from lanchat.node.reception import Reception
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Arriving
from lanchat.session.tcp import Link
from lanchat.transfer.receiver import FINAL, Stage
from lanchat.wire.payloads import (
    Cancel,
    CancelCode,
    Decline,
    DeclineCode,
    Done,
    Listing,
    Payload,
    Proof,
    Start,
)

_log = logging.getLogger(__name__)

RETRY_PAUSE: Final = 1.0  # seconds between two attempts on one session
MOST_RETRIES: Final = 5  # attempts in a row that bring nothing


class Attempts:
    """Everything that arrives, or may at any moment.  Lives on the node thread.

    `rested` is told of what stops and may go on later, and in which state if it is not
    simply to be offered again.
    """

    def __init__(
        self,
        book: TransferBook,
        lanes: Lanes,
        placing: Placing,
        *,
        current: Callable[[PeerId], Link | None],
        publish: Callable[[NodeEvent], None],
        spawn: Callable[[Awaitable[None], str], object],
        rested: Callable[[Arriving, TransferState | None], None],
        holds: Holds,
    ) -> None:
        self._book = book
        self._lanes = lanes
        self._placing = placing
        self._current = current
        self._publish = publish
        self._spawn = spawn
        self._rested = rested
        self._holds = holds
        self._reception = Reception(book, lanes, lambda: self.live.values())
        self.live: Final[dict[tuple[PeerId, bytes], Arriving]] = {}
        self.clearing: Final[dict[tuple[PeerId, bytes], asyncio.Event]] = {}
        self._turns: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    def turn(self, peer: PeerId, transfer: bytes) -> asyncio.Lock:
        """One works with the part of a transfer at a time."""
        return self._turns.setdefault(peer.key + transfer, asyncio.Lock())

    def of(self, peer: PeerId) -> list[Arriving]:
        """What arrives from a peer."""
        return [arriving for key, arriving in self.live.items() if key[0] == peer]

    async def cleared(self, peer: PeerId) -> None:
        """Wait until nothing of a peer's is being cleared away."""
        for key, gone in tuple(self.clearing.items()):
            if key[0] == peer:
                await gone.wait()

    def begin(self, arriving: Arriving, link: Link) -> None:
        """Ask for what is missing; an attempt under way makes room."""
        if not self.halt(arriving):
            return
        carriage = arriving.begin()
        arriving.link = link
        self._spawn(self._attempt(arriving, link, carriage), f"receive {arriving.peer.short}")

    def told(self, arriving: Arriving, payload: Start | Cancel | Done) -> None:
        """Take what the sender says of it."""
        waited = arriving.is_at(Stage.OFFERED)
        try:
            arriving.receiver.receive(payload)
        except DigestMismatch as error:
            self._damaged(arriving, error)
            return
        arriving.moved.set()
        if arriving.is_at(Stage.ABANDONED):
            self.end(arriving, TransferState.CANCELLED, outcomes.THEY_STOPPED, By.THEM)
        elif arriving.is_at(Stage.OFFERED) and not waited and isinstance(payload, Cancel):
            if payload.code is CancelCode.USER:  # a person paused it, and will offer it again
                self.rest(arriving, TransferState.PAUSED, By.THEM)
            else:
                self._pause(arriving)

    def answered(self, arriving: Arriving, payload: Listing | Proof) -> None:
        """Take an answer of the sender to what a survey asked.

        Raises:
            RemoteProtocolError: nobody asked that; the session is to be closed.
        """
        asking = arriving.asking
        if payload.attempt > arriving.receiver.attempt:
            raise OutOfTurn(f"an answer to attempt {payload.attempt}")
        if not arriving.is_at(Stage.LOOKING) or asking is None:
            return  # it is late
        if asking.attempt == payload.attempt:
            asking.take(payload)
            arriving.moved.set()

    async def _attempt(self, arriving: Arriving, link: Link, carriage: Carriage) -> None:
        """Accept, wait for START, carry, compare and publish."""
        try:
            async with arriving.turn:
                await self._reception.receive(arriving, link, carriage)
                if arriving.is_at(Stage.STORING):
                    peer, offer, incoming = arriving.peer, arriving.offer, arriving.incoming
                    programs = await self._placing.place(peer, offer, incoming)
                    self._post(arriving, arriving.receiver.stored())
                    self._done(arriving, programs)
        except DigestMismatch as error:
            self._damaged(arriving, error)
        except LanchatError as error:
            lacking = await self._lacking(arriving, error)
            if arriving.carriage is carriage:
                await self._failed(arriving, error, lacking)
        finally:
            if arriving.carriage is carriage:
                arriving.carriage = None

    async def _again(self, arriving: Arriving) -> None:
        await asyncio.sleep(RETRY_PAUSE)
        link = self._current(arriving.peer)
        alive = self.live.get((arriving.peer, arriving.offer.id)) is arriving
        if link and alive and not arriving.carriage and arriving.is_at(Stage.OFFERED):
            self.begin(arriving, link)

    # --- ends ---------------------------------------------------------------------------

    async def _failed(self, arriving: Arriving, error: LanchatError, lacking: int) -> None:
        _log.info("lane from %s: %s", arriving.peer.short, error)
        receiver = arriving.receiver
        if receiver.stage in FINAL:
            return
        match error:
            case BadManifest() | UnsafeName():
                self._post(arriving, receiver.decline(DeclineCode.BAD_NAMES))
                self.end(arriving, TransferState.FAILED, error.sentence)
            case NoSpace() | DiskFailed() | StoreError() if fault := outcomes.fault_of(error):
                await self._hold(arriving, fault, lacking)
            case DiskFailed() | StoreError():
                self._post(arriving, receiver.suspend(CancelCode.WRITE_ERROR))
                self._publish(Warned("downloads", error.sentence, arriving.peer))
                self._give_up(arriving, error)
            case LaneLost() | PeerError() | SealBroken() | TransferAbandoned() | HeldChanged():
                if not arriving.is_at(Stage.OFFERED):
                    self._post(arriving, receiver.suspend(lane_code(error)))
                self._pause(arriving)
            case _:
                cancel = receiver.cancel(CancelCode.LANE_FAILED)
                if cancel is not None:
                    self._post(arriving, cancel)
                self.end(arriving, TransferState.FAILED, error.sentence)

    async def _lacking(self, arriving: Arriving, error: LanchatError) -> int:
        """Bytes of room that lack, as the disk says it now."""
        if not isinstance(error, NoSpace | StoreFull):
            return 0
        try:
            await self._lanes.in_thread(arriving.incoming.check_space)
        except NoSpace as full:
            return full.missing
        except LanchatError as other:
            _log.info("nobody can say what lacks: %s", other)
        return outcomes.missing(error)

    async def _hold(self, arriving: Arriving, fault: Fault, lacking: int) -> None:
        """Our disk does not take it: it waits for that, and the sender is told."""
        receiver, offer, incoming = arriving.receiver, arriving.offer, arriving.incoming
        if receiver.attempt:
            code, why = CancelCode.WRITE_ERROR, outcomes.told(fault)
            self._post(arriving, receiver.suspend(code, missing=lacking, fault=why))
        else:
            self._post(arriving, Decline(offer.id, DeclineCode.BUSY, FAULT_PAUSE))
        advanced = arriving.advanced
        if self._leave(arriving, TransferState.HELD):
            root = incoming.downloads
            reason = outcomes.held_here(fault, lacking, str(root))
            hold = Hold(
                arriving.peer, offer, root, arriving.at, arriving.done, reason, fault, lacking
            )
            await self._holds.keep(hold, advanced=advanced)

    def _pause(self, arriving: Arriving) -> None:
        """An attempt is over and the transfer is not: ask for the rest, or give up."""
        arriving.fruitless = 0 if arriving.advanced else arriving.fruitless + 1
        self.halt(arriving)
        if arriving.fruitless < MOST_RETRIES:
            self._spawn(self._again(arriving), "receive again")
            return
        self._post(arriving, Cancel(arriving.offer.id, 0, CancelCode.LANE_FAILED))
        self._give_up(arriving, LaneLost())

    def _damaged(self, arriving: Arriving, error: DigestMismatch) -> None:
        self._post(arriving, Cancel(arriving.offer.id, 0, CancelCode.LANE_FAILED))
        self.end(arriving, TransferState.FAILED, error.sentence)

    def end(
        self, arriving: Arriving, state: TransferState, reason: str, by: By | None = None
    ) -> None:
        """It is over: the part goes."""
        key = arriving.peer, arriving.offer.id
        if self.live.pop(key, None) is not None:
            self._holds.drop(*key)
            self.halt(arriving)
            self.clearing[key] = asyncio.Event()
            self._spawn(self._clear(arriving, state, reason, by), "transfer over")

    async def _clear(
        self, arriving: Arriving, state: TransferState, reason: str, by: By | None
    ) -> None:
        peer, offer = arriving.peer, arriving.offer
        try:
            async with arriving.turn:  # the lane has let go of the part
                kept = await self._book.find(peer, offer.id)
                gone = await self._lanes.rid_of(arriving.incoming)
                await self._book.ended(peer, offer, state, outgoing=False, by=by, reason=reason)
                if kept is not None and not gone:
                    await self._book.left_part(kept)
        except LanchatError as error:
            _log.warning("the end of a transfer was not written down: %s", error)
        finally:
            self.clearing.pop((peer, offer.id)).set()
        self._publish(TransferEnded(peer, offer.id, False, state, reason))

    def _give_up(self, arriving: Arriving, error: LanchatError) -> None:
        """It failed, and the same offer can go on: whatever part there is stays."""
        state, reason = TransferState.FAILED, error.sentence
        self.rest(arriving, state, reason=reason)
        self._publish(TransferEnded(arriving.peer, arriving.offer.id, False, state, reason))

    def _done(self, arriving: Arriving, programs: int) -> None:
        self._holds.drop(arriving.peer, arriving.offer.id)
        self.rest(arriving)
        done = TransferState.DONE
        clash, skipped = arriving.clash, arriving.skipped
        self._publish(
            TransferEnded(
                arriving.peer, arriving.offer.id, False, done, "", clash, skipped, programs
            )
        )

    def rest(
        self,
        arriving: Arriving,
        state: TransferState | None = None,
        by: By | None = None,
        reason: str = "",
    ) -> None:
        """It waits to be offered again, or for what `state` says."""
        if self._leave(arriving, state) and state is not None:
            self._spawn(self._note(arriving, state, by, reason), "note a rest")

    async def pause(self, arriving: Arriving) -> None:
        """Our user wants it to wait."""
        state = TransferState.PAUSED
        if self._leave(arriving, state):
            await self._note(arriving, state, By.ME, "")

    def _leave(self, arriving: Arriving, state: TransferState | None) -> bool:
        if not self.halt(arriving):
            return False
        if self.live.pop((arriving.peer, arriving.offer.id), None) is None:
            return False
        self._rested(arriving, state)
        return True

    async def _note(
        self, arriving: Arriving, state: TransferState, by: By | None, reason: str
    ) -> None:
        await self._book.rests(
            arriving.peer,
            arriving.offer.id,
            state,
            outgoing=False,
            by=by,
            reason=reason,
            done=arriving.done,
        )

    def halt(self, arriving: Arriving) -> bool:
        """Stop the attempt under way; False if all is here and on its way to its place."""
        if arriving.is_at(Stage.STORING):
            return False
        if arriving.carriage is not None:
            arriving.carriage.stop()
            arriving.carriage = None
        if arriving.receiver.stage not in FINAL:
            arriving.receiver.pause()
        arriving.moved.set()
        return True

    def _post(self, arriving: Arriving, payload: Payload) -> None:
        link = self._current(arriving.peer)
        if link is not None:
            link.post(payload)
