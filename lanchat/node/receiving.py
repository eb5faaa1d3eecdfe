"""Receiving: offers of theirs, from the first question to the files in their place.

The machine (`transfer.receiver`) says what may happen; this desk does it: it answers by the
settings, has each attempt carried (`reception.py`), publishes and reports.  The receiver
asks for what is missing (ACCEPT), again and again; the sender only offers.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from lanchat.errors import (
    BadManifest,
    DigestMismatch,
    DiskFailed,
    LanchatError,
    LaneLost,
    NoSpace,
    OutOfTurn,
    PeerError,
    SealBroken,
    StoreError,
    TransferAbandoned,
    UnsafeName,
)
from lanchat.identity.keys import PeerId
from lanchat.node.acceptance import Acceptance
from lanchat.node.events import (
    FileReceived,
    NodeEvent,
    TransferEnded,
    TransferState,
    Warned,
)
from lanchat.node.lanes import Carriage, Lanes, lane_code
from lanchat.node.leftovers import Leftovers
from lanchat.node.people import People
from lanchat.node.reception import Reception
from lanchat.node.settings import Settings
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Arriving, Record, called, told
from lanchat.session.tcp import Link
from lanchat.store.transfers import StoredTransfer
from lanchat.transfer.parts import Incoming
from lanchat.transfer.receiver import FINAL, Receiver, Stage
from lanchat.wire.payloads import (
    NO_KEY,
    Cancel,
    CancelCode,
    DeclineCode,
    Done,
    DoneStage,
    Offer,
    Payload,
    Start,
)

_log = logging.getLogger(__name__)

RETRY_PAUSE: Final = 1.0  # seconds between two attempts on one session
MOST_RETRIES: Final = 5  # attempts in a row that bring nothing


class Receiving:
    """Every offer of theirs.  Lives on the node thread."""

    def __init__(
        self,
        book: TransferBook,
        lanes: Lanes,
        people: People,
        settings: Settings,
        *,
        current: Callable[[PeerId], Link | None],
        publish: Callable[[NodeEvent], None],
        record: Record,
        spawn: Callable[[Awaitable[None], str], object],
    ) -> None:
        self._book = book
        self._lanes = lanes
        self._people = people
        self._settings = settings
        self._current = current
        self._publish = publish
        self._record = record
        self._spawn = spawn
        self._acceptance = Acceptance(book, settings, in_thread=lanes.in_thread, warn=publish)
        self._reception = Reception(book, lanes)
        self._live: dict[tuple[PeerId, bytes], Arriving] = {}
        self._clearing: dict[tuple[PeerId, bytes], asyncio.Event] = {}
        self._doors: WeakValueDictionary[PeerId | None, asyncio.Lock] = WeakValueDictionary()
        self.leftovers: Final = Leftovers(book, lanes, turn=self._turn, live=self._live)
        self._turns: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    def running(self) -> list[Arriving]:
        """Everything a lane carries now."""
        return [arriving for arriving in self._live.values() if arriving.carriage is not None]

    def lost(self, peer: PeerId) -> None:
        """No session is left: what runs stops, and waits to be offered again."""
        for arriving in self._of(peer):
            self._rest(arriving)

    def withdraw(self, peer: PeerId) -> None:
        """The peer is not trusted any more."""
        for arriving in self._of(peer):
            cancel = arriving.receiver.cancel(CancelCode.TRUST_WITHDRAWN)
            if cancel is not None:
                self._post(arriving, cancel)
                self._end(arriving, TransferState.CANCELLED, "you do not trust them any more")

    async def forget(self, peer: PeerId) -> None:
        """Nothing stays of what a peer offered, neither a part nor our yes."""
        for key, cleared in tuple(self._clearing.items()):
            if key[0] == peer:
                await cleared.wait()
        await self.leftovers.forget(peer)

    def stop_all(self) -> None:
        """Every lane stops, every part stays."""
        for arriving in tuple(self._live.values()):
            self._halt(arriving)

    async def settled(self) -> None:
        """Wait until what is whole lies in its place."""
        for arriving in tuple(self._live.values()):
            if arriving.at(Stage.STORING):
                async with arriving.turn:
                    pass

    # --- what a sender says -------------------------------------------------------------

    async def receive(self, link: Link, payload: Payload, body: bytes) -> None:
        """Take what a sender says.

        Raises:
            OutOfTurn: it does not belong here; the session is to be closed.
        """
        if isinstance(payload, Offer):
            known = self._people.trusted(link.peer_id)
            async with self._door(link.peer_id if known else None):
                await self._offered(link, payload, body)
        elif isinstance(payload, Start | Cancel | Done):
            arriving = self._live.get((link.peer_id, payload.id))
            if arriving is not None:  # else of a transfer that is over
                self._told(arriving, payload)

    def _told(self, arriving: Arriving, payload: Start | Cancel | Done) -> None:
        waited = arriving.at(Stage.OFFERED)
        try:
            arriving.receiver.receive(payload)
        except DigestMismatch as error:
            self._damaged(arriving, error)
            return
        arriving.moved.set()
        if arriving.at(Stage.ABANDONED):
            self._end(arriving, TransferState.CANCELLED, "the other side stopped the transfer")
        elif arriving.at(Stage.OFFERED) and not waited and isinstance(payload, Cancel):
            if payload.code is CancelCode.USER:
                self._rest(arriving)  # a person paused it, and will offer it again
            else:
                self._pause(arriving)

    async def _offered(self, link: Link, offer: Offer, body: bytes) -> None:
        peer = link.peer_id
        arriving = self._live.get((peer, offer.id))
        if arriving is not None:
            arriving.receiver.offered_again(offer)
            if arriving.link is not link or arriving.carriage is None:
                self._begin(arriving, link)
            return
        if cleared := self._clearing.get((peer, offer.id)):
            await cleared.wait()
        kept = await self._book.find(peer, offer.id)
        if kept is not None and kept.manifest_digest != offer.manifest_sha256:
            raise OutOfTurn("another manifest under the same id")
        if kept is not None and kept.state == TransferState.DONE:
            link.post(Done(offer.id, max(kept.attempt, 1), DoneStage.STORED, 0, NO_KEY))
            return
        trust = self._people.trust(peer, link.ready.name)
        refusal = await self._acceptance.judge(peer, trust, offer, kept, self._live.values())
        if refusal is None:
            self._publish(told(link, offer, self._people, accepted=True))
            await self._accept(link, offer, body, kept)
            return
        link.post(refusal)
        if refusal.code is not DeclineCode.BUSY:
            self._publish(told(link, offer, self._people, accepted=False))
            reason = refusal.code.name.lower()
            self._publish(TransferEnded(peer, offer.id, False, TransferState.DECLINED, reason))

    async def _accept(
        self, link: Link, offer: Offer, body: bytes, kept: StoredTransfer | None
    ) -> None:
        downloads = Path(kept.root) if kept and kept.root else self._settings.downloads
        incoming = Incoming(downloads, offer, part=kept.part if kept else "")
        receiver = Receiver(offer, attempt=kept.attempt if kept else 0, body=body)
        arriving = Arriving(link, receiver, incoming, self._turn(link.peer_id, offer.id))
        await self._book.accepted(
            link.peer_id, offer, downloads, part=incoming.part, unasked=True
        )
        self._live[link.peer_id, offer.id] = arriving
        self._begin(arriving, link)

    # --- one attempt --------------------------------------------------------------------

    def _begin(self, arriving: Arriving, link: Link) -> None:
        """Ask for what is missing; an attempt under way makes room."""
        if not self._halt(arriving):
            return
        carriage = arriving.carriage = Carriage()
        arriving.link, arriving.counters = link, carriage.counters
        self._spawn(self._attempt(arriving, link, carriage), f"receive {arriving.peer.short}")

    async def _attempt(self, arriving: Arriving, link: Link, carriage: Carriage) -> None:
        """Accept, wait for START, carry, compare and publish."""
        try:
            async with arriving.turn:
                await self._reception.receive(arriving, link, carriage)
                if arriving.at(Stage.STORING):
                    await self._publish_files(arriving)
        except DigestMismatch as error:
            self._damaged(arriving, error)
        except LanchatError as error:
            if arriving.carriage is carriage:
                self._failed(arriving, error)
        finally:
            if arriving.carriage is carriage:
                arriving.carriage = None

    async def _publish_files(self, arriving: Arriving) -> None:
        published = await self._lanes.in_thread(arriving.incoming.publish)
        await self._book.stored(arriving.peer, arriving.offer, [one.path for one in published])
        await self._record(arriving.peer, arriving.offer.id, called(arriving.offer), mine=False)
        self._post(arriving, arriving.receiver.stored())
        for one in published:
            self._publish(
                FileReceived(arriving.peer, arriving.offer.id, str(one.path), one.size)
            )
        self._forget(arriving, TransferState.DONE, "")

    async def _again(self, arriving: Arriving) -> None:
        await asyncio.sleep(RETRY_PAUSE)
        link = self._current(arriving.peer)
        alive = self._live.get((arriving.peer, arriving.offer.id)) is arriving
        if link and alive and not arriving.carriage and arriving.at(Stage.OFFERED):
            self._begin(arriving, link)

    # --- ends ---------------------------------------------------------------------------

    def _failed(self, arriving: Arriving, error: LanchatError) -> None:
        _log.info("lane from %s: %s", arriving.peer.short, error)
        receiver = arriving.receiver
        if receiver.stage in FINAL:
            return
        match error:
            case BadManifest() | UnsafeName():
                self._post(arriving, receiver.decline(DeclineCode.BAD_NAMES))
                self._end(arriving, TransferState.FAILED, error.sentence)
            case NoSpace() | DiskFailed() | StoreError():
                self._post(arriving, receiver.suspend(CancelCode.WRITE_ERROR))
                code = "disk-full" if isinstance(error, NoSpace) else "downloads"
                self._publish(Warned(code, error.sentence, arriving.peer))
                self._forget(arriving, TransferState.FAILED, error.sentence)
            case LaneLost() | PeerError() | SealBroken() | TransferAbandoned():
                if not arriving.at(Stage.OFFERED):
                    self._post(arriving, receiver.suspend(lane_code(error)))
                self._pause(arriving)
            case _:
                cancel = receiver.cancel(CancelCode.LANE_FAILED)
                if cancel is not None:
                    self._post(arriving, cancel)
                self._end(arriving, TransferState.FAILED, error.sentence)

    def _pause(self, arriving: Arriving) -> None:
        """An attempt is over and the transfer is not: ask for the rest, or give up."""
        arriving.fruitless = 0 if arriving.advanced else arriving.fruitless + 1
        self._halt(arriving)
        if arriving.fruitless < MOST_RETRIES:
            self._spawn(self._again(arriving), "receive again")
            return
        self._post(arriving, Cancel(arriving.offer.id, 0, CancelCode.LANE_FAILED))
        self._forget(arriving, TransferState.FAILED, LaneLost().sentence)

    def _damaged(self, arriving: Arriving, error: DigestMismatch) -> None:
        self._post(arriving, Cancel(arriving.offer.id, 0, CancelCode.LANE_FAILED))
        self._end(arriving, TransferState.FAILED, error.sentence)

    def _end(self, arriving: Arriving, state: TransferState, reason: str) -> None:
        """It is over: the part goes."""
        key = arriving.peer, arriving.offer.id
        if self._live.pop(key, None) is not None:
            self._halt(arriving)
            self._clearing[key] = asyncio.Event()
            self._spawn(self._clear(arriving, state, reason), "transfer over")

    async def _clear(self, arriving: Arriving, state: TransferState, reason: str) -> None:
        peer, offer = arriving.peer, arriving.offer
        try:
            async with arriving.turn:  # the lane has let go of the part
                await self._lanes.in_thread(arriving.incoming.discard)
                await self._book.ended(peer, offer, state, outgoing=False)
        except LanchatError as error:
            _log.warning("a part stays behind: %s", error)
        finally:
            self._clearing.pop((peer, offer.id)).set()
        self._publish(TransferEnded(peer, offer.id, False, state, reason))

    def _forget(self, arriving: Arriving, state: TransferState, reason: str) -> None:
        """It is over for now: whatever part there is stays, and the same offer goes on."""
        self._rest(arriving)
        self._publish(TransferEnded(arriving.peer, arriving.offer.id, False, state, reason))

    def _rest(self, arriving: Arriving) -> None:
        """It waits to be offered again."""
        if self._halt(arriving):
            self._live.pop((arriving.peer, arriving.offer.id), None)
            self._spawn(self.leftovers.limit(arriving.peer), "limit parts")

    def _halt(self, arriving: Arriving) -> bool:
        """Stop the attempt under way; False if all is here and on its way to its place."""
        if arriving.at(Stage.STORING):
            return False
        if arriving.carriage is not None:
            arriving.carriage.stop()
            arriving.carriage = None
        if arriving.receiver.stage not in FINAL:
            arriving.receiver.pause()
        arriving.moved.set()
        return True

    def _door(self, peer: PeerId | None) -> asyncio.Lock:
        """Offers of one peer come in one after the other; None: of all strangers, who share."""
        return self._doors.setdefault(peer, asyncio.Lock())

    def _turn(self, peer: PeerId, transfer: bytes) -> asyncio.Lock:
        """One works with the part of a transfer at a time."""
        return self._turns.setdefault(peer.key + transfer, asyncio.Lock())

    def _of(self, peer: PeerId) -> list[Arriving]:
        return [arriving for key, arriving in self._live.items() if key[0] == peer]

    def _post(self, arriving: Arriving, payload: Payload) -> None:
        link = self._current(arriving.peer)
        if link is not None:
            link.post(payload)
