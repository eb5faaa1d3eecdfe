"""Receiving: offers of theirs, and what our rules and our user say to them.

An offer is taken by a setting, or declined, or it waits here for our user.  What is
accepted is carried by `attempts.py`; a person may pause it, on either side.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from weakref import WeakValueDictionary

from lanchat.errors import LanchatError, OutOfTurn, TransferAbandoned
from lanchat.identity.keys import PeerId
from lanchat.node import outcomes
from lanchat.node.acceptance import Acceptance, Taken, check_same
from lanchat.node.answers import Answers
from lanchat.node.attempts import Attempts
from lanchat.node.clashing import Clashing
from lanchat.node.events import By, NodeEvent, TransferEnded, TransferState, Warned
from lanchat.node.holds import Holds, held, hold_of
from lanchat.node.lanes import Lanes
from lanchat.node.leftovers import Leftovers
from lanchat.node.pending import Pending
from lanchat.node.people import People
from lanchat.node.placing import Placing
from lanchat.node.settings import Settings
from lanchat.node.taking import Taking
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Arriving, Record, Waiting, told
from lanchat.session.tcp import Link
from lanchat.store.transfers import StoredTransfer
from lanchat.transfer.receiver import Stage
from lanchat.wire.payloads import (
    Cancel,
    CancelCode,
    Decline,
    DeclineCode,
    Done,
    Listing,
    Offer,
    Payload,
    Proof,
    Start,
)


class Receiving:
    """Every offer of theirs.  Lives on the node thread.  `parts_key` marks our own parts."""

    def __init__(
        self,
        book: TransferBook,
        lanes: Lanes,
        people: People,
        settings: Callable[[], Settings],
        parts_key: bytes,
        *,
        current: Callable[[PeerId], Link | None],
        publish: Callable[[NodeEvent], None],
        record: Record,
        spawn: Callable[[Awaitable[None], str], object],
        awaits: Callable[[PeerId], None],
    ) -> None:
        self._book = book
        self._lanes = lanes
        self._people = people
        self._settings = settings
        self._parts_key = parts_key
        self._current = current
        self._publish = publish
        self._spawn = spawn
        self._awaits = awaits
        self.holds: Final = Holds(
            book,
            again=lambda peer, transfer: self.answers.resume(peer, transfer),
            publish=publish,
            watching=settings().listening,
        )
        self._acceptance = Acceptance(book, settings, in_thread=lanes.in_thread, warn=publish)
        self._clashing = Clashing(book, lanes, people, settings)
        self._placing = Placing(book, lanes, record=record, publish=publish)
        self._attempts = Attempts(
            book,
            lanes,
            self._placing,
            current=current,
            publish=publish,
            spawn=spawn,
            rested=self._rested,
            holds=self.holds,
        )
        self._live = self._attempts.live
        self._clearing = self._attempts.clearing
        self._waiting = Pending()
        self._taking = Taking(
            book, lanes, people, self._attempts, self.holds, self._waiting, parts_key,
            settings, current=current, awaits=awaits,
        )  # fmt: skip
        self.answers: Final = Answers(
            book,
            lanes,
            settings,
            self._acceptance,
            self._attempts,
            self._waiting,
            self.holds,
            recall=self._recall,
            take=self._taking.take,
            merge=self._clashing.merge,
            door=self._door,
            current=current,
            publish=publish,
            awaits=awaits,
        )
        self._doors: WeakValueDictionary[PeerId | None, asyncio.Lock] = WeakValueDictionary()
        self.leftovers: Final = Leftovers(
            book,
            lanes,
            lambda: settings().downloads,
            parts_key,
            turn=self._attempts.turn,
            live=lambda key: key in self._live or key in self.holds,
        )

    # --- questions ----------------------------------------------------------------------

    def running(self) -> list[Arriving]:
        """Everything a lane carries now."""
        return [arriving for arriving in self._live.values() if arriving.carriage is not None]

    def live(self) -> list[Arriving]:
        """Everything that is carried, or will be at any moment."""
        return list(self._live.values())

    def asked(self) -> list[Waiting]:
        """What our user has to say yes or no to."""
        return self._waiting.asked()

    def knows(self, *key: *tuple[PeerId, bytes]) -> bool:
        """Whether an offer is not over."""
        return key in self._live or key in self._waiting or key in self.holds

    # --- for the desk of transfers ------------------------------------------------------

    async def start(self) -> None:
        """Put in its place what was whole when the program ended, and tidy up after it."""
        for row in await self._book.parted():
            try:
                await self._recall(row.peer, row.id)
            except LanchatError as error:
                await self._unplaced(row, error)
        for row in await self._book.held():
            self.holds.recall(row)
        await self.leftovers.sweep()

    def lost(self, peer: PeerId) -> None:
        """No session is left: what runs stops, and waits to be offered again."""
        for arriving in self._attempts.of(peer):
            self._attempts.rest(arriving)

    def withdraw(self, peer: PeerId) -> None:
        """The peer is not trusted any more."""
        self._waiting.withdraw(peer)
        for arriving in self._attempts.of(peer):
            cancel = arriving.receiver.cancel(CancelCode.TRUST_WITHDRAWN)
            if cancel is not None:
                self.answers.post(peer, cancel)
                state = TransferState.CANCELLED
                self._attempts.end(arriving, state, outcomes.NO_TRUST, By.ME)
        for hold in self.holds.of(peer):
            self.holds.drop(*hold.key)
            self.answers.post(peer, Cancel(hold.offer.id, 0, CancelCode.TRUST_WITHDRAWN))
            self._spawn(self.answers.end(*hold.key, outcomes.NO_TRUST), "no trust")

    async def forget(self, peer: PeerId) -> None:
        """Nothing stays of what a peer offered, neither a part nor our yes.

        What is being answered now ends first, and no other is, by a yes that goes; so does
        what is being written down of an end, which would stay.
        """
        await self._attempts.cleared(peer)
        before, now = (self._doors.setdefault(one, asyncio.Lock()) for one in (peer, None))
        async with before, now:
            self.answers.let_go(peer)
            self.withdraw(peer)
            rows = await self._book.forget(peer)
        await self._attempts.cleared(peer)
        await self.leftovers.discard(rows)

    def stop_all(self) -> None:
        """Every lane stops, every part stays."""
        for arriving in self.live():
            self._attempts.halt(arriving)

    async def settled(self) -> None:
        """Wait until what is whole lies in its place."""
        for arriving in self.live():
            if arriving.is_at(Stage.STORING):
                async with arriving.turn:
                    pass

    # --- what a sender says -------------------------------------------------------------

    async def receive(self, link: Link, payload: Payload, body: bytes) -> None:
        """Take what a sender says.

        Raises:
            OutOfTurn: it does not belong here; the session is to be closed.
        """
        if isinstance(payload, Offer):
            async with self._door(link.peer_id):
                await self._offered(link, payload, body)
        elif isinstance(payload, Listing | Proof):
            arriving = self._live.get((link.peer_id, payload.id))
            if arriving is not None:
                self._attempts.answered(arriving, payload)
        elif isinstance(payload, Start | Cancel | Done):
            arriving = self._live.get((link.peer_id, payload.id))
            if arriving is not None:
                self._attempts.told(arriving, payload)
            elif isinstance(payload, Cancel) and not payload.attempt:
                await self.answers.withdrawn(link.peer_id, payload.id)

    async def _offered(self, link: Link, offer: Offer, body: bytes) -> None:
        peer = link.peer_id
        if await self._book.find_any(peer, offer.id, outgoing=True) is not None:
            raise OutOfTurn("the id of an offer of ours")
        arriving = self._live.get((peer, offer.id))
        if arriving is not None:
            arriving.receiver.offered_again(offer)
            if arriving.link is not link or arriving.carriage is None:
                self._attempts.begin(arriving, link)
            return
        if cleared := self._clearing.get((peer, offer.id)):
            await cleared.wait()
        before = self._waiting.get((peer, offer.id))
        if before is not None and before.offer != offer:
            raise OutOfTurn("another offer under the same id")
        if before is not None and before.asked:
            before.link = link
            return
        await self._look_up(Waiting(link, offer, body, asked=False))

    async def _look_up(self, waiting: Waiting) -> None:
        """It is not on its way: what is known of it, and what to say."""
        peer, transfer = waiting.link.peer_id, waiting.offer.id
        try:
            kept = await self._recall(peer, transfer)
        except TransferAbandoned:  # we are about to end
            return
        except LanchatError as error:  # it is whole, and cannot be put in its place now
            row = await self._book.find(peer, transfer)
            if row is not None:
                check_same(row, waiting.offer)
                await self._unplaced(row, error, waiting)
            return
        if kept is None or not self._told_before(waiting, kept):
            await self._answer(waiting, kept)

    async def _unplaced(
        self, row: StoredTransfer, error: LanchatError, waiting: Waiting | None = None
    ) -> None:
        if outcomes.fault_of(error):
            await self._hold(row, error, waiting)
            return
        self._publish(Warned("downloads", error.sentence, row.peer))
        if waiting is not None:
            waiting.link.post(Decline(row.id, DeclineCode.LIMITS))

    async def _hold(
        self, row: StoredTransfer, error: LanchatError, waiting: Waiting | None
    ) -> None:
        """It was accepted, and our disk does not take it now."""
        base = hold_of(row, self.answers.root(row))
        if base is None:
            return
        hold = held(base, error)
        if waiting is not None:
            self._waiting.keep(waiting)
            self.answers.say_held(row, hold)
        await self.holds.keep(hold)

    def _told_before(self, waiting: Waiting, kept: StoredTransfer) -> bool:
        """Whether what is kept of an offer is the answer to it."""
        check_same(kept, waiting.offer)
        if kept.state == TransferState.DONE:
            self.answers.say_done(kept)
            return True
        if kept.state == TransferState.PAUSED and kept.said_by == By.ME:
            self._waiting.keep(waiting)
            self.answers.say_paused(kept)
            return True
        return False

    async def _answer(self, waiting: Waiting, kept: StoredTransfer | None) -> None:
        """Take it, ask our user, or decline."""
        link, offer, peer = waiting.link, waiting.offer, waiting.link.peer_id
        trust, before = self._people.trust(peer, link.ready.name), self._people.trusted(peer)
        asked = sum(one.link.peer_id == peer for one in self._waiting.asked())
        held_too = sum(one.offer.id != offer.id for one in self.holds.of(peer))
        root = self.answers.root(kept)
        merging = await self._clashing.find(link, offer, root, trust, kept)
        try:
            answer = await self._acceptance.judge(
                peer, trust, offer, kept, self._live.values(), merging, asked + held_too
            )
        except LanchatError as error:
            if kept is not None and not self._people.withdrew(peer, before):
                await self._hold(kept, error, waiting)
            return
        if self._people.withdrew(peer, before):
            return
        taken, declined = isinstance(answer, Taken), isinstance(answer, Decline)
        if isinstance(answer, Decline):
            link.post(answer)
            if answer.code is DeclineCode.BUSY:
                return
        heard = told(link, offer, self._people, merging, accepted=taken, declined=declined)
        self._publish(heard)
        if isinstance(answer, Decline):
            reason, state = outcomes.refused(answer.code), TransferState.DECLINED
            self._publish(TransferEnded(peer, offer.id, False, state, reason))
        elif isinstance(answer, Taken):
            unasked = kept is None or not kept.accepted_at or kept.unasked
            await self._taking.take(waiting, kept, root, answer.here, merging, unasked=unasked)
        else:
            waiting.asked, waiting.earlier = True, bool(merging.earlier)
            self._waiting[peer, offer.id] = waiting

    async def _recall(self, peer: PeerId, transfer: bytes) -> StoredTransfer | None:
        """What is kept of an offer; what was whole is put in its place first."""
        async with self._attempts.turn(peer, transfer):
            kept = await self._book.find(peer, transfer)
            if kept is not None and await self._placing.finish(kept):
                kept = await self._book.find(peer, transfer)
            return kept

    def _rested(self, arriving: Arriving, state: TransferState | None) -> None:
        """It stopped: our user may want it to go on, on the same session."""
        if state is not None:
            link, offer, body = arriving.link, arriving.offer, arriving.body
            self._waiting.keep(Waiting(link, offer, body, False, arriving.at))
        self._spawn(self.leftovers.limit(arriving.peer), "limit parts")

    def _door(self, peer: PeerId) -> asyncio.Lock:
        """Offers of one peer come in one after the other; so do those of all strangers."""
        return self._doors.setdefault(
            peer if self._people.trusted(peer) else None, asyncio.Lock()
        )
