"""Receiving: offers of theirs, from the question whether we want them to "stored".

Nobody sits at a node without a window, so a setting answers: an offer is taken at once or
declined at once.  The machine (`transfer.receiver`) says what may happen; this desk does it.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

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
    TransferAbandoned,
    UnsafeName,
)
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.acceptance import Acceptance
from lanchat.node.events import (
    FileReceived,
    NodeEvent,
    OfferReceived,
    TransferEnded,
    TransferState,
    Warned,
)
from lanchat.node.lanes import Carriage, Lanes, lane_code
from lanchat.node.people import People
from lanchat.node.settings import Settings
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Arriving, Record, called
from lanchat.session.tcp import Link
from lanchat.store.transfers import StoredTransfer
from lanchat.transfer import lane
from lanchat.transfer.lane import Attempt
from lanchat.transfer.parts import Incoming
from lanchat.transfer.receiver import DONE_PATIENCE, FINAL, Receiver, Stage
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

MOST_WAITING: Final = 8  # offers of one peer at once (PROTOCOL.md, 3b)
BUSY_PAUSE: Final = 2  # seconds after which a peer may offer again
RETRY_PAUSE: Final = 1.0  # seconds between two attempts on one session
MOST_RETRIES: Final = 5  # attempts in a row that bring nothing
_TRUSTED: Final = frozenset({Trust.KNOWN, Trust.VERIFIED})


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
        self._live: dict[tuple[PeerId, bytes], Arriving] = {}

    def running(self) -> list[Arriving]:
        """Everything a lane carries now."""
        return [arriving for arriving in self._live.values() if arriving.carriage is not None]

    def lost(self, peer: PeerId) -> None:
        """No session is left: what runs stops, and waits to be offered again."""
        for arriving in self._of(peer):
            self._halt(arriving)
            del self._live[peer, arriving.offer.id]

    def withdraw(self, peer: PeerId) -> None:
        """The peer is not trusted any more."""
        for arriving in self._of(peer):
            cancel = arriving.receiver.cancel(CancelCode.TRUST_WITHDRAWN)
            if cancel is not None:
                self._post(arriving, cancel)
                self._end(arriving, TransferState.CANCELLED, "you blocked this person")

    def stop_all(self) -> None:
        """The node ends: every lane stops, every part stays."""
        for arriving in tuple(self._live.values()):
            self._halt(arriving)

    # --- what a sender says -------------------------------------------------------------

    async def receive(self, link: Link, payload: Payload, body: bytes) -> None:
        """Take what a sender says.

        Raises:
            OutOfTurn: it does not belong here; the session is to be closed.
        """
        if isinstance(payload, Offer):
            await self._offered(link, payload, body)
            return
        if not isinstance(payload, Start | Cancel | Done):
            return
        arriving = self._live.get((link.peer_id, payload.id))
        if arriving is None:
            return  # of a transfer that is over
        try:
            arriving.receiver.receive(payload)
        except DigestMismatch as error:
            self._damaged(arriving, error)
            return
        arriving.moved.set()
        if arriving.at(Stage.ABANDONED):
            self._end(arriving, TransferState.CANCELLED, "the other side stopped the transfer")
        elif arriving.at(Stage.OFFERED) and isinstance(payload, Cancel):
            self._paused(arriving)

    async def _offered(self, link: Link, offer: Offer, body: bytes) -> None:
        peer = link.peer_id
        arriving = self._live.get((peer, offer.id))
        if arriving is not None:
            arriving.receiver.offered_again(offer)
            if arriving.carriage is None and arriving.at(Stage.OFFERED):
                self._begin(arriving, link)
            return
        kept = await self._book.find(peer, offer.id)
        if kept is not None and kept.manifest_digest != offer.manifest_sha256:
            raise OutOfTurn("another manifest under the same id")
        if kept is not None and kept.state == TransferState.DONE:
            link.post(Done(offer.id, max(kept.attempt, 1), DoneStage.STORED, 0, NO_KEY))
            return
        trust = self._people.trust(peer, link.ready.name)
        waiting = len(self._of(peer))
        refusal = await self._acceptance.judge(peer, trust, offer, kept, waiting=waiting)
        self._tell(link, offer, accepted=refusal is None)
        if refusal is not None:
            link.post(refusal)
            if refusal.code is not DeclineCode.BUSY:
                self._ended(peer, offer, TransferState.DECLINED, refusal.code.name.lower())
            return
        await self._accept(link, offer, body, kept)

    async def _accept(
        self, link: Link, offer: Offer, body: bytes, kept: StoredTransfer | None
    ) -> None:
        downloads = Path(kept.root) if kept and kept.root else self._settings.downloads
        incoming = Incoming(downloads, offer, part=kept.part if kept else "")
        receiver = Receiver(offer, attempt=kept.attempt if kept else 0, body=body)
        arriving = Arriving(link.peer_id, receiver, incoming)
        self._live[link.peer_id, offer.id] = arriving
        await self._book.accepted(
            link.peer_id, offer, downloads, part=incoming.part, unasked=True
        )
        self._begin(arriving, link)

    # --- one attempt --------------------------------------------------------------------

    def _begin(self, arriving: Arriving, link: Link) -> None:
        carriage = arriving.carriage = Carriage()
        arriving.counters = carriage.counters
        self._spawn(self._attempt(arriving, link, carriage), f"receive {arriving.peer.short}")

    async def _attempt(self, arriving: Arriving, link: Link, carriage: Carriage) -> None:
        """Accept, wait for START, carry, compare and publish."""
        try:
            async with self._lanes.place(arriving.peer):
                await self._carry(arriving, link, carriage)
            if arriving.at(Stage.RECEIVED):
                await self._all_sent(arriving)
            if arriving.at(Stage.STORING):
                await self._publish_files(arriving)
        except DigestMismatch as error:
            self._damaged(arriving, error)
        except LanchatError as error:
            if arriving.carriage is carriage:
                arriving.carriage = None
                self._failed(arriving, error, moved=carriage.counters.done)
        finally:
            if arriving.carriage is carriage:
                arriving.carriage = None

    async def _carry(self, arriving: Arriving, link: Link, carriage: Carriage) -> None:
        receiver, incoming = arriving.receiver, arriving.incoming
        point = await self._lanes.in_thread(lambda: incoming.resume_point(carriage.stopping))
        if carriage.stopping.is_set() or not arriving.at(Stage.OFFERED):
            raise TransferAbandoned("stopped before it began")
        salt = secrets.token_bytes(32)
        accept, keys = receiver.accept(salt, point, link.export, initiator=link.initiator)
        await self._book.attempted(
            arriving.peer, arriving.offer, accept.attempt, outgoing=False
        )
        awaited = None if link.initiator else self._lanes.expect(keys.token)
        try:
            link.post(accept)
            await self._reach(arriving, carriage, Stage.RECEIVING)
            sock = await self._lanes.open(link, keys.token, carriage, awaited)
        finally:
            if awaited is not None:
                awaited.cancel()
        attempt = Attempt(arriving.offer.id, accept.attempt, keys.key, receiver.offset)
        carried = await self._lanes.in_thread(
            lambda: lane.receive(sock, attempt, incoming, carriage.counters, carriage.stopping)
        )
        if arriving.at(Stage.RECEIVING):
            now = asyncio.get_running_loop().time()
            receiver.received(carried.chunks, carried.digest, now)

    async def _reach(self, arriving: Arriving, carriage: Carriage, stage: Stage) -> None:
        """Wait until the machine comes to `stage`, however long the sender takes."""
        while not arriving.at(stage):
            arriving.moved.clear()
            await arriving.moved.wait()
            if carriage.stopping.is_set() or arriving.at(*FINAL, Stage.OFFERED):
                raise TransferAbandoned("stopped by the other side")

    async def _all_sent(self, arriving: Arriving) -> None:
        try:
            async with asyncio.timeout(DONE_PATIENCE):
                while arriving.at(Stage.RECEIVED):
                    arriving.moved.clear()
                    await arriving.moved.wait()
        except TimeoutError as error:
            raise LaneLost("all sent was never said") from error

    async def _publish_files(self, arriving: Arriving) -> None:
        published = await self._lanes.in_thread(arriving.incoming.publish)
        await self._book.stored(arriving.peer, arriving.offer, [one.path for one in published])
        await self._record(arriving.peer, arriving.offer.id, called(arriving.offer), mine=False)
        self._post(arriving, arriving.receiver.stored())
        for one in published:
            self._publish(
                FileReceived(arriving.peer, arriving.offer.id, str(one.path), one.size)
            )
        self._live.pop((arriving.peer, arriving.offer.id), None)
        self._publish(
            TransferEnded(arriving.peer, arriving.offer.id, False, TransferState.DONE)
        )

    # --- ends ---------------------------------------------------------------------------

    def _failed(self, arriving: Arriving, error: LanchatError, *, moved: int) -> None:
        _log.info("lane from %s: %s", arriving.peer.short, error)
        receiver = arriving.receiver
        if receiver.stage in FINAL or (arriving.peer, arriving.offer.id) not in self._live:
            return
        match error:
            case BadManifest() | UnsafeName():
                self._post(arriving, receiver.decline(DeclineCode.BAD_NAMES))
                self._end(arriving, TransferState.FAILED, error.sentence)
            case NoSpace() | DiskFailed():
                self._post(arriving, receiver.suspend(CancelCode.WRITE_ERROR))
                self._publish(Warned("disk-full", error.sentence, arriving.peer))
                self._forget(arriving, TransferState.FAILED, error.sentence)
            case LaneLost() | PeerError() | SealBroken() | TransferAbandoned():
                if not arriving.at(Stage.OFFERED):
                    self._post(arriving, receiver.suspend(lane_code(error)))
                arriving.fruitless = 0 if moved else arriving.fruitless + 1
                self._paused(arriving)
            case _:
                cancel = receiver.cancel(CancelCode.LANE_FAILED)
                if cancel is not None:
                    self._post(arriving, cancel)
                self._end(arriving, TransferState.FAILED, error.sentence)

    def _paused(self, arriving: Arriving) -> None:
        """An attempt is over and the transfer is not: ask for the rest, or wait."""
        self._halt(arriving)
        cancelled = arriving.receiver.stage in FINAL
        if cancelled or arriving.fruitless >= MOST_RETRIES:
            return
        self._spawn(self._again(arriving), "receive again")

    async def _again(self, arriving: Arriving) -> None:
        await asyncio.sleep(RETRY_PAUSE)
        link = self._current(arriving.peer)
        alive = self._live.get((arriving.peer, arriving.offer.id)) is arriving
        if link and alive and not arriving.carriage and arriving.at(Stage.OFFERED):
            self._begin(arriving, link)

    def _damaged(self, arriving: Arriving, error: DigestMismatch) -> None:
        self._post(arriving, Cancel(arriving.offer.id, 0, CancelCode.LANE_FAILED))
        self._end(arriving, TransferState.FAILED, error.sentence)

    def _end(self, arriving: Arriving, state: TransferState, reason: str) -> None:
        """It is over: the part goes."""
        if self._live.pop((arriving.peer, arriving.offer.id), None) is None:
            return
        self._halt(arriving)
        self._spawn(self._lanes.in_thread(arriving.incoming.discard), "discard a part")
        self._ended(arriving.peer, arriving.offer, state, reason)

    def _forget(self, arriving: Arriving, state: TransferState, reason: str) -> None:
        """It is over for now: the part stays, and the same offer goes on."""
        self._live.pop((arriving.peer, arriving.offer.id), None)
        self._halt(arriving)
        self._publish(TransferEnded(arriving.peer, arriving.offer.id, False, state, reason))

    def _ended(self, peer: PeerId, offer: Offer, state: TransferState, reason: str) -> None:
        self._spawn(self._book.ended(peer, offer, state, outgoing=False), "transfer over")
        self._publish(TransferEnded(peer, offer.id, False, state, reason))

    def _halt(self, arriving: Arriving) -> None:
        if arriving.carriage is not None:
            arriving.carriage.stop()
            arriving.carriage = None
        if arriving.receiver.stage not in FINAL:
            arriving.receiver.pause()
        arriving.moved.set()

    def _of(self, peer: PeerId) -> list[Arriving]:
        return [arriving for key, arriving in self._live.items() if key[0] == peer]

    def _tell(self, link: Link, offer: Offer, *, accepted: bool) -> None:
        peer, shown = link.peer_id, tuple((top.name, top.size) for top in offer.shown)
        name = self._people.name(peer, link.ready.name)
        count = offer.files + offer.folders
        self._publish(OfferReceived(peer, name, offer.id, shown, count, offer.total, accepted))

    def _post(self, arriving: Arriving, payload: Payload) -> None:
        link = self._current(arriving.peer)
        if link is not None:
            link.post(payload)
