"""Transfers: files on their way, in both directions.

Two desks do the work, `sending` and `receiving`; this one gives them threads and a book,
tells each record and each wish of our user to the one it is for.  `list` says how far
everything has come.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Container, Sequence
from pathlib import Path
from typing import Final

from lanchat.errors import BadRequest, LanchatError, NoProgram
from lanchat.identity.keys import PeerId
from lanchat.node import listing
from lanchat.node.events import (
    By,
    NodeEvent,
    TransferEnded,
    TransferState,
    TransferView,
)
from lanchat.node.kept_offers import flags_of
from lanchat.node.lanes import Lanes
from lanchat.node.pasted import Pasted
from lanchat.node.people import People
from lanchat.node.receiving import Receiving
from lanchat.node.sending import Sending
from lanchat.node.settings import Settings
from lanchat.node.transfer_book import TransferBook
from lanchat.node.transfer_list import TransferList
from lanchat.node.underway import Outgoing, Record
from lanchat.session.address import Address
from lanchat.session.tcp import Link
from lanchat.store.transfers import StoredTransfer
from lanchat.store.transfers import Transfers as Table
from lanchat.transfer import programs as programs_of
from lanchat.transfer.clash import Clash
from lanchat.transfer.throttle import Throttle
from lanchat.wire.payloads import SKIP, Transfer

ALONE: Final = 5.0  # seconds a lane goes on without any session (PROTOCOL.md, 4)


class Transfers:
    """The desk of transfers.  Lives on the node thread."""

    def __init__(
        self,
        table: Table,
        people: People,
        settings: Callable[[], Settings],
        parts_key: bytes,
        pasted: Path,
        *,
        current: Callable[[PeerId], Link | None],
        publish: Callable[[NodeEvent], None],
        record: Record,
        spawn: Callable[[Awaitable[None], str], object],
        keep: Callable[[Awaitable[None], str], object],
        awaits: Callable[[PeerId], None],
        rests: Callable[[PeerId], None],
    ) -> None:
        book = self._book = TransferBook(table)
        lanes = self._lanes = Lanes(lambda: settings().limit_rate)
        self.pasted: Final = Pasted(pasted, book)
        self._sending = Sending(
            book,
            lanes,
            current=current,
            publish=self._sent,
            record=record,
            spawn=spawn,
            awaits=awaits,
        )
        self._receiving = Receiving(
            book,
            lanes,
            people,
            settings,
            parts_key,
            current=current,
            publish=publish,
            record=record,
            spawn=spawn,
            # nobody dials a stranger for what a setting took
            awaits=lambda peer: awaits(peer) if people.trusted(peer) else None,
        )
        self._settings = settings
        self._current = current
        self._publish = publish
        self._spawn = spawn
        self._keep = keep
        self._rests = rests
        self.list: Final = TransferList(book, self._sending, self._receiving, publish)

    # --- for the node -------------------------------------------------------------------

    def begin(self) -> None:
        """Take up what the last run left; once.  What fails of it holds up nothing else."""
        self._spawn(self._receiving.start(), "files of the last run")
        self._spawn(self._offer_again(), "offers of the last run")
        self._spawn(self.pasted.sweep(), "pasted pictures")
        self._keep(self._receiving.holds.watch(), "what waits for the disk")

    async def run(self) -> None:
        """Say how far everything comes; never ends."""
        await self.list.report()

    async def _offer_again(self) -> None:
        if not self._settings().listening:
            return  # a command does what it was asked, and no more
        for row in await self._book.standing():
            try:
                await self._sending.proposing.resume(row)
            except LanchatError as error:
                await self._lapse(row, error)

    async def tidy(self) -> None:
        """Forget what is long over, and remove what still lies there of it."""
        await self._receiving.leftovers.tidy()
        await self.pasted.sweep()

    async def receive(self, link: Link, payload: Transfer, body: bytes) -> None:
        """Take a record about a transfer."""
        if not await self._sending.receive(link, payload, body):
            await self._receiving.receive(link, payload, body)

    def offers(self, peer: PeerId, transfer: bytes) -> bool:
        """Whether an offer has this id, ours or theirs, that is not over."""
        return bool(self._sending.find(peer, transfer)) or self._receiving.knows(peer, transfer)

    async def opened(self, link: Link) -> None:
        """A session stands."""
        self._sending.proposing.opened(link)

    def lost(self, peer: PeerId) -> None:
        """No session with this peer is left: lanes go on for a moment."""
        self._spawn(self._stop_if_alone(peer), f"alone {peer.short}")

    def wants(self, peer: PeerId) -> bool:
        """Whether a session is wanted for something on its way."""
        return self._sending.wants(peer)

    def withdraw(self, peer: PeerId, *, forgotten: bool = False) -> None:
        """The user blocked or forgot this peer: it is told, while a session stands."""
        if forgotten:
            self._receiving.answers.let_go(peer)
        self._sending.withdraw(peer)
        self._receiving.withdraw(peer)

    async def forget(self, peer: PeerId) -> None:
        """The user forgot this peer: what was agreed about its files is forgotten too."""
        self._sending.withdraw(peer)
        await self._receiving.forget(peer)
        await self.pasted.sweep()

    async def anonymise(self, peer: PeerId | None = None, before_ms: int | None = None) -> None:
        """Our user deleted what was said, with `peer` or with everybody: names of files too.

        Or what came before `before_ms` is too old, and stands in no conversation any more.
        What is not over goes on.
        """
        await self._book.anonymise(peer, before_ms)
        await self.pasted.sweep()

    def moved(self, peer: PeerId, ours: Container[str]) -> None:
        """Our addresses are `ours`: lanes with a peer that hang on another are made anew."""
        for one in (*self._sending.running(), *self._receiving.running()):
            if one.peer == peer and one.carriage is not None:
                one.carriage.let_go(ours)

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

    def limit(self, name: str, rate: int) -> Throttle | None:
        """A limit for offers that share it by `name`, in bytes a second; 0 for none."""
        return self._lanes.limit(name, rate) if rate else None

    async def offer(
        self,
        peer: PeerId,
        paths: Sequence[Path],
        *,
        standing: bool = False,
        limit: Throttle | None = None,
        skip: bool = False,
    ) -> Outgoing:
        """Propose files and folders; the same ones again go on where they stopped.

        A `standing` offer goes on until it is over; another one until it is left, and no
        faster than its `limit`.  `skip` asks the receiver to take only what it lacks.

        Raises:
            SourceMissing, UnsafeName, DiskFailed: they cannot be read or named.
        """
        flags = SKIP if skip else 0
        out = await self._sending.proposing.offer(
            peer, paths, standing=standing, limit=limit, flags=flags
        )
        await self.list.tell_moves()
        return out

    def leave(self, sending: Outgoing) -> None:
        """A request waits no longer; an offer that nobody waits for pauses where it is."""
        self._sending.leave(sending)
        self._rests(sending.peer)

    async def accept(
        self, view: TransferView, folder: Path | None = None, clash: Clash | None = None
    ) -> None:
        """Our user takes what is offered, into `folder` unless it is the usual one.

        `clash` says what becomes of what an earlier transfer of theirs left there.

        Raises:
            BadRequest: nobody asks that any more.
            NoSpace, DiskFailed: it does not fit there; the question stays.
        """
        await self._receiving.answers.accept(view.peer_id, view.transfer, folder, clash)
        await self.list.tell_moves()

    async def decline(self, view: TransferView) -> None:
        """Our user does not want it.

        Raises:
            BadRequest: nobody asks that any more.
        """
        await self._receiving.answers.decline(view.peer_id, view.transfer)
        await self.list.tell_moves()

    async def pause(self, view: TransferView) -> None:
        """Stop the lane and keep what is there, until somebody says `resume`; twice is once.

        Raises:
            BadRequest: there is nothing to pause.
        """
        if view.over or view.state is TransferState.ASKED:
            raise BadRequest("nothing to pause")
        if view.state is not TransferState.PAUSED or view.by is not By.ME:
            if view.outgoing:
                await self._sending.pause(view.peer_id, view.transfer)
                self._rests(view.peer_id)
            else:
                await self._receiving.answers.pause(view.peer_id, view.transfer)
        await self.list.tell_moves()

    async def resume(self, view: TransferView) -> None:
        """Go on where it was, now or when a session stands.

        Raises:
            BadRequest: there is nothing to go on with.
            SourceMissing, FileChanged, NoSpace, DiskFailed: it cannot go on.
        """
        if view.outgoing:
            await self._sending.proposing.go_on(view.peer_id, view.transfer)
        else:
            await self._receiving.answers.resume(view.peer_id, view.transfer)
        await self.list.tell_moves()

    async def cancel(self, view: TransferView) -> None:
        """End it on both sides; the receiver's part goes.

        Raises:
            BadRequest: it is over, or all of it is there.
        """
        if view.over:
            raise BadRequest("it is over")
        if view.outgoing:
            await self._sending.cancel(view.peer_id, view.transfer)
            self._rests(view.peer_id)
        else:
            await self._receiving.answers.cancel(view.peer_id, view.transfer)
        await self.list.tell_moves()

    async def retry(self, view: TransferView) -> TransferView:
        """Try again what failed, was cancelled or declined; ours may get a new id.

        Raises:
            BadRequest: only the other side can do that.
            SourceMissing, UnsafeName, NoSpace, DiskFailed: it cannot be tried.
        """
        if not view.outgoing:
            await self.resume(view)
            return await self.list.find(view.transfer, view.peer_id)
        row = await self._book.sent(view.peer_id, view.transfer)
        if row is None or not row.sources or view.state is TransferState.DONE:
            raise BadRequest("nothing to try again")
        paths = [Path(path) for path in row.sources]
        skip = bool(flags_of(row) & SKIP)
        return listing.outgoing(await self.offer(view.peer_id, paths, standing=True, skip=skip))

    async def make_executable(self, view: TransferView) -> None:
        """Let our user run what were programs at the sender.

        Raises:
            NoProgram: there is none, or none any more.
            DiskFailed: the disk refused.
        """
        row = await self._book.find_any(view.peer_id, view.transfer, outgoing=False)
        if row is None or not row.programs:
            raise NoProgram("no programs")
        programs, root = row.programs, Path(row.root)
        if not await self._lanes.in_thread(lambda: programs_of.allow(root, programs)):
            raise NoProgram("the programs are gone")
        await self._book.allowed(row)

    # --- within -------------------------------------------------------------------------

    def _sent(self, event: NodeEvent) -> None:
        """Something happened to an offer of ours."""
        self._publish(event)
        if isinstance(event, TransferEnded):
            self._spawn(self.pasted.sweep(), "pasted pictures")

    async def _lapse(self, row: StoredTransfer, error: LanchatError) -> None:
        """An offer of ours cannot be taken up again."""
        failed, reason = TransferState.FAILED, error.sentence
        await self._book.rests(row.peer, row.id, failed, outgoing=True, by=By.ME, reason=reason)
        self._sent(TransferEnded(row.peer, row.id, True, failed, reason))

    async def _stop_if_alone(self, peer: PeerId) -> None:
        await asyncio.sleep(ALONE)
        if self._current(peer) is None:
            self._sending.lost(peer)
            self._receiving.lost(peer)
