"""Proposing: offers of ours, from the first look at the disk to the OFFER on a session."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from pathlib import Path
from threading import Event
from typing import Final

from lanchat.errors import BadRequest, FileChanged
from lanchat.identity.keys import PeerId
from lanchat.node.events import By, TransferState
from lanchat.node.kept_offers import flags_of
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Outgoing
from lanchat.session.tcp import Link
from lanchat.store.transfers import StoredTransfer
from lanchat.transfer import disk
from lanchat.transfer.disk import Source
from lanchat.transfer.manifest import make_offer
from lanchat.transfer.sender import Sender, Stage
from lanchat.transfer.throttle import Throttle
from lanchat.wire.payloads import ID_SIZE

LONGEST_BUSY: Final = 60.0  # seconds; a peer that says "later" is asked again by then


class Proposing:
    """Makes offers, and makes them again.  Lives on the node thread.

    `live` are all offers of ours that are not over.
    """

    def __init__(
        self,
        book: TransferBook,
        live: MutableMapping[tuple[PeerId, bytes], Outgoing],
        *,
        current: Callable[[PeerId], Link | None],
        spawn: Callable[[Awaitable[None], str], object],
        awaits: Callable[[PeerId], None],
    ) -> None:
        self._book = book
        self._live = live
        self._current = current
        self._spawn = spawn
        self._awaits = awaits

    async def offer(
        self,
        peer: PeerId,
        paths: Sequence[Path],
        *,
        standing: bool = False,
        limit: Throttle | None = None,
        flags: int = 0,
    ) -> Outgoing:
        """Propose files and folders to a peer; the same ones again go on where they stopped.

        `flags` are those of the OFFER; with others it is another offer.  Whoever asked leaves
        it at the end, unless it is `standing`: then it goes on by itself, after a restart too.

        Raises:
            SourceMissing, UnsafeName, DiskFailed: they cannot be read or named.
        """
        source = await _inspect(paths)
        return await self._offer(
            peer, source, paths, standing=standing, limit=limit, flags=flags
        )

    async def _offer(
        self,
        peer: PeerId,
        source: Source,
        paths: Sequence[Path],
        *,
        standing: bool,
        limit: Throttle | None = None,
        flags: int,
    ) -> Outgoing:
        kept = await self._book.unfinished(peer, source, flags)
        for out in self._live.values():
            alike = out.carries(source) and out.offer.flags == flags
            if out.peer == peer and alike:
                out.limit = limit
                return await self._join(out, paths, standing=standing)
        if kept is not None and (peer, kept.id) in self._live:
            kept = None
        out = self._make(peer, source, kept, flags, standing=standing)
        out.limit = limit
        try:
            await self._book.offered(
                peer, out.offer, paths, out.sender.attempt, standing=standing
            )
        except BaseException:
            out.users -= 1
            if out.users <= 0:
                del self._live[peer, out.offer.id]
            raise
        self._approach(out)
        return out

    async def resume(self, row: StoredTransfer) -> None:
        """Go on with an offer that an earlier run, or a command, left.

        Unless our user ends or pauses it while its files are looked at.

        Raises:
            FileChanged: they are not the files that were offered.
            SourceMissing, UnsafeName, DiskFailed: they cannot be read any more.
        """
        paths = [Path(path) for path in row.sources]
        source = await _inspect(paths)
        if source.manifest.digest != row.manifest_digest:
            raise FileChanged("since it was offered")
        now = await self._book.sent(row.peer, row.id)
        if now is not None and now.state == row.state:
            await self._offer(row.peer, source, paths, standing=True, flags=flags_of(row))

    async def go_on(self, peer: PeerId, transfer: bytes) -> None:
        """Our user wants it to wait no longer, whoever paused it.

        Raises:
            BadRequest: there is no such offer, or it is over.
            FileChanged, SourceMissing, UnsafeName, DiskFailed: as in `resume`.
        """
        out = self._live.get((peer, transfer))
        if out is not None:
            await self._release(out)
            return
        row = await self._book.sent(peer, transfer)
        if row is None or row.ended or not row.sources:
            raise BadRequest("no such transfer")
        await self.resume(row)

    async def _release(self, out: Outgoing) -> None:
        if out.paused is None and out.fault is None:
            return
        out.go_on()
        state = TransferState.OFFERED
        await self._book.rests(out.peer, out.offer.id, state, outgoing=True, done=out.done)
        out.told = None
        self._approach(out)

    def opened(self, link: Link) -> None:
        """A session stands: offer again what is not over."""
        for out in tuple(self._live.values()):
            waits = out.carriage is None and out.told is not link
            if out.peer == link.peer_id and waits and out.paused is not By.ME:
                out.sender.pause()
                self._propose(out, link)

    def served(self, out: Outgoing) -> None:
        """An attempt is over, and another session may have come up meanwhile: offer it there.

        Whoever was killed knows nothing of the attempt, so no word about it reaches him.
        """
        link = self._current(out.peer)
        live = self._live.get((out.peer, out.offer.id)) is out
        waits = live and out.is_at(Stage.OFFERED) and out.paused is not By.ME
        if link is not None and waits and out.told is not link:
            self._propose(out, link)

    def put_off(self, out: Outgoing, seconds: float) -> None:
        """The receiver wants to be asked again later."""
        if not out.busy:
            out.busy = True
            self._spawn(self._ask_again(out, seconds), "offer again")

    async def _ask_again(self, out: Outgoing, seconds: float) -> None:
        await asyncio.sleep(min(max(seconds, 1.0), LONGEST_BUSY))
        out.busy = False
        link = self._current(out.peer)
        waits = self._live.get((out.peer, out.offer.id)) is out and out.is_at(Stage.OFFERED)
        if link is not None and waits and out.carriage is None and not out.paused:
            self._propose(out, link)

    async def _join(self, out: Outgoing, paths: Sequence[Path], *, standing: bool) -> Outgoing:
        """The same files are on their way already."""
        if standing and not out.standing:
            out.standing = True
            attempt = out.sender.attempt
            await self._book.offered(out.peer, out.offer, paths, attempt, standing=True)
        out.users += not standing
        await self._release(out)
        return out

    def _make(
        self,
        peer: PeerId,
        source: Source,
        kept: StoredTransfer | None,
        flags: int,
        *,
        standing: bool,
    ) -> Outgoing:
        if kept is None:
            offer = make_offer(secrets.token_bytes(ID_SIZE), source.manifest, flags)
            out = Outgoing(peer, source, Sender(offer))
        else:
            offer = make_offer(kept.id, source.manifest, flags)
            machine = Sender(offer, attempt=kept.attempt)
            out = Outgoing(peer, source, machine, at=kept.created_at, reached=kept.done)
        out.standing = standing or (kept is not None and kept.standing)
        out.users = 0 if standing else 1
        self._live[peer, out.offer.id] = out
        return out

    def _approach(self, out: Outgoing) -> None:
        """Propose it on the session that stands, or see that one comes."""
        link = self._current(out.peer)
        if link is None:
            self._awaits(out.peer)
        elif out.told is not link and out.is_at(Stage.OFFERED):
            self._propose(out, link)

    def _propose(self, out: Outgoing, link: Link) -> None:
        out.told = link
        link.post(out.sender.offered())


async def _inspect(paths: Sequence[Path]) -> Source:
    """What lies there; whoever waits for it no longer, or ends, does not leave it running."""
    stop = Event()
    try:
        return await asyncio.to_thread(lambda: disk.inspect(paths, stop=stop))
    finally:
        stop.set()
