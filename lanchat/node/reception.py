"""Reception: one attempt to receive an offer, from ACCEPT to "all sent".  PROTOCOL.md, 4."""

import asyncio
import secrets
from collections.abc import Callable, Collection
from typing import Final

from lanchat.errors import LaneLost, PeerUnreachable, TransferAbandoned
from lanchat.node.lanes import Carriage, Lanes, Place, Places
from lanchat.node.surveying import Surveying
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Arriving, moved
from lanchat.session.tcp import Link
from lanchat.transfer import lane
from lanchat.transfer.lane import Attempt
from lanchat.transfer.receiver import DONE_PATIENCE, FINAL, Stage

#: Seconds a place is kept for a sender that has not started; it may compare a prefix for
#: much longer, and others need not wait for that.
START_PATIENCE: Final = 10.0
_SALT_SIZE: Final = 32  # bytes


class Reception:
    """Carries attempts.  Lives on the node thread."""

    def __init__(
        self, book: TransferBook, lanes: Lanes, live: Callable[[], Collection[Arriving]]
    ) -> None:
        self._book = book
        self._lanes = lanes
        self._places = Places()
        self._surveying = Surveying(book, lanes, live)

    async def receive(self, arriving: Arriving, link: Link, carriage: Carriage) -> None:
        """Receive what lacks; after that the machine is STORING, or was stopped.

        Raises:
            PeerError, LaneLost, SealBroken, TransferAbandoned: another attempt may go on.
            DigestMismatch: "all sent" is not what arrived.
            TransferError: the offer is refused, or the disk refuses.
        """
        await self._surveying.survey(arriving, link, carriage)
        async with self._places.turn(arriving.peer) as place:
            carriage.check()
            await self._carry(arriving, link, carriage, place)
        await self._all_sent(arriving)

    async def _carry(
        self, arriving: Arriving, link: Link, carriage: Carriage, place: Place
    ) -> None:
        receiver, incoming = arriving.receiver, arriving.incoming
        point = await self._lanes.in_thread(lambda: incoming.resume_point(carriage.stopping))
        carriage.check()
        if not link.open:
            raise PeerUnreachable("the session has ended")
        accept, keys = receiver.accept(
            secrets.token_bytes(_SALT_SIZE),
            point,
            link.export,
            initiator=link.initiator,
            skip=incoming.known.plan.skip if incoming.known else b"",
        )
        with self._lanes.expecting(keys.token, dialling=link.initiator) as expected:
            await self._book.attempted(
                arriving.peer, arriving.offer, accept.attempt, outgoing=False
            )
            if not link.post(accept):
                raise PeerUnreachable("the session has ended")
            await self._started(arriving, carriage, place)
            sock = await self._lanes.open(link, keys.token, carriage, expected)
            attempt = Attempt(arriving.offer.id, accept.attempt, keys.key, receiver.offset)
            carried = await self._lanes.carry(
                sock,
                lambda: lane.receive(
                    sock,
                    attempt,
                    incoming,
                    carriage.counters,
                    carriage.stopping,
                    self._lanes.downlink,
                ),
            )
        carriage.check()
        receiver.received(carried.chunks, carried.digest, asyncio.get_running_loop().time())

    async def _started(self, arriving: Arriving, carriage: Carriage, place: Place) -> None:
        """Wait for START, however long the sender takes."""
        try:
            async with asyncio.timeout(START_PATIENCE):
                await self._reach(arriving, carriage)
        except TimeoutError:
            place.lend()
            await self._reach(arriving, carriage)
            await place.take()
            carriage.check()

    async def _reach(self, arriving: Arriving, carriage: Carriage) -> None:
        while not arriving.is_at(Stage.RECEIVING):
            carriage.check()
            if arriving.is_at(*FINAL, Stage.OFFERED):
                raise TransferAbandoned("stopped by the other side")
            await moved(arriving)

    async def _all_sent(self, arriving: Arriving) -> None:
        try:
            async with asyncio.timeout(DONE_PATIENCE):
                while arriving.is_at(Stage.RECEIVED):
                    await moved(arriving)
        except TimeoutError as error:
            raise LaneLost("all sent was never said") from error
