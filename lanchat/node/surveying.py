"""Surveying: before an offer is accepted, what of it is here already.  PROTOCOL.md, 4.

Only after our user, or a setting of theirs, said yes, and only in what an earlier transfer of
the same person left.  Ours are hashed while the sender hashes theirs.
"""

import asyncio
from collections.abc import Callable, Collection
from typing import Final

from lanchat.errors import PeerUnreachable, TransferAbandoned
from lanchat.node.acceptance import coming, see_to_room
from lanchat.node.lanes import Carriage, Lanes
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Arriving, moved
from lanchat.session.tcp import Link
from lanchat.transfer.clash import Merging
from lanchat.transfer.ground import Ground, Proofs
from lanchat.transfer.receiver import Stage
from lanchat.transfer.survey import Asking
from lanchat.wire.payloads import SURVEY, Look, Prove

MOST_AT_ONCE: Final = 2  # that hash; a disk is no faster for more


def can_survey(link: Link) -> bool:
    """Whether both sides of a session know what a survey is."""
    return bool(link.ready.caps & link.sent_ready.caps & SURVEY)


class Surveying:
    """Makes surveys of offers of theirs.  Lives on the node thread.

    `live` are all that arrive, whosesoever: what comes has to fit beside them.
    """

    def __init__(
        self, book: TransferBook, lanes: Lanes, live: Callable[[], Collection[Arriving]]
    ) -> None:
        self._book = book
        self._live = live
        self._lanes = lanes
        self._hashing = asyncio.Semaphore(MOST_AT_ONCE)

    async def survey(self, arriving: Arriving, link: Link, carriage: Carriage) -> None:
        """Find what need not be sent, unless that is fixed, not wished or not possible.

        Raises:
            PeerUnreachable, TransferAbandoned: it is not over; another attempt goes on.
            TransferError: the offer is refused, or the disk refuses.
        """
        incoming, merging = arriving.incoming, arriving.merging
        if merging is None or await self._lanes.in_thread(incoming.begun):
            return
        if can_survey(link):
            await self._find(arriving, merging, link, carriage)
        size = coming(arriving, self._live())  # the offer was judged as if nothing came
        await self._lanes.in_thread(lambda: see_to_room(incoming.downloads, size))
        carriage.check()

    async def _find(
        self, arriving: Arriving, merging: Merging, link: Link, carriage: Carriage
    ) -> None:
        incoming = arriving.incoming
        carriage.check()
        if not link.open:
            raise PeerUnreachable("the session has ended")
        ground = arriving.ground
        if ground is None:
            ground = arriving.ground = Ground(incoming.downloads, arriving.offer, merging)
        attempt, key = arriving.receiver.look(link.export)
        asking = arriving.asking = Asking(arriving.offer, attempt)
        try:
            await self._book.attempted(arriving.peer, arriving.offer, attempt, outgoing=False)
            run = _Run(self._lanes, self._hashing, arriving, link, carriage, asking)
            await run.look(ground)
            await run.compare(ground, key)
        finally:
            arriving.asking = None
            arriving.hashed = 0
        await self._lanes.in_thread(lambda: incoming.hold(ground))
        arriving.ground = None
        carriage.check()


class _Run:
    """One survey on one session."""

    def __init__(
        self,
        lanes: Lanes,
        hashing: asyncio.Semaphore,
        arriving: Arriving,
        link: Link,
        carriage: Carriage,
        asking: Asking,
    ) -> None:
        self._lanes = lanes
        self._hashing = hashing
        self._arriving = arriving
        self._link = link
        self._carriage = carriage
        self._asking = asking

    async def look(self, ground: Ground) -> None:
        """Have the manifest, and find what may be the same."""
        if ground.known is not None:
            return
        while (look := self._asking.look()) is not None:
            await self._ask(look)
        data = bytes(self._asking.head)
        await self._lanes.in_thread(lambda: ground.listed(data))

    async def compare(self, ground: Ground, key: bytes) -> None:
        """Have both sides prove what may be the same, at the same time."""
        for asked in tuple(ground.questions()):
            hashing = asyncio.ensure_future(self._ours(ground, asked, key))
            try:
                await self._ask(self._asking.prove(asked))
                ours = await hashing
            except BaseException:
                self._carriage.stopping.set()  # of this attempt, which is over
                await asyncio.gather(hashing, return_exceptions=True)
                raise
            ground.compare(asked, ours, self._asking.proofs)
            self._arriving.hashed = 0  # `ground.checked` counts them from here on

    async def _ours(self, ground: Ground, asked: list[int], key: bytes) -> Proofs:
        def go_on(size: int) -> None:
            self._arriving.hashed += size
            self._carriage.check()

        async with self._hashing:
            return await self._lanes.in_thread(lambda: ground.proofs(asked, key, go_on))

    async def _ask(self, question: Look | Prove) -> None:
        self._carriage.check()
        if not self._link.post(question):
            raise PeerUnreachable("the session has ended")
        while not self._asking.answered:
            self._carriage.check()
            if not self._arriving.is_at(Stage.LOOKING):
                raise TransferAbandoned("stopped by the other side")
            await moved(self._arriving)
