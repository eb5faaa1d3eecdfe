"""Serving: one attempt to send an offer, from ACCEPT to "all sent".  PROTOCOL.md, 4."""

import asyncio
import hmac
from collections.abc import Callable
from typing import Final

from lanchat.errors import PeerUnreachable
from lanchat.identity.keys import PeerId
from lanchat.node.lanes import Carriage, Lanes, Places
from lanchat.node.underway import Outgoing
from lanchat.session.tcp import Link
from lanchat.transfer import lane
from lanchat.transfer.disk import Source
from lanchat.transfer.lane import Attempt
from lanchat.transfer.stream import LaneKeys
from lanchat.transfer.throttle import Both
from lanchat.wire.payloads import Accept, Payload, Start

PREFIX_PAUSE: Final = 10.0  # seconds between two prefix checks of one peer (PROTOCOL.md, 3b)


class Serving:
    """Carries attempts.  Lives on the node thread."""

    def __init__(self, lanes: Lanes, post: Callable[[Outgoing, Payload], bool]) -> None:
        self._lanes = lanes
        self._post = post
        self._places = Places()
        self._checked: dict[PeerId, float] = {}

    async def serve(
        self, out: Outgoing, link: Link, accept: Accept, carriage: Carriage
    ) -> None:
        """Check the prefix, start, carry, and say that all is sent.

        Raises:
            PeerError, LaneLost, TransferAbandoned: another attempt may go on.
            FileChanged, DiskFailed: the source.
        """
        source = out.cut  # without what the receiver has already
        fits = await self._prefix_fits(out, source, accept, carriage)
        async with self._places.turn(out.peer):
            carriage.check()
            start, keys = out.sender.start(prefix_fits=fits)
            out.resumed_from = max(start.offset - len(source.plan.head), 0)
            carried = await self._carry(out, link, source, start, keys, carriage)
        carriage.check()
        self._post(out, out.sender.sent(carried.chunks, carried.digest))

    async def _carry(
        self,
        out: Outgoing,
        link: Link,
        source: Source,
        start: Start,
        keys: LaneKeys,
        carriage: Carriage,
    ) -> lane.Carried:
        with self._lanes.expecting(keys.token, dialling=link.initiator) as expected:
            if not self._post(out, start):
                raise PeerUnreachable("the session has ended")
            sock = await self._lanes.open(link, keys.token, carriage, expected)
            attempt = Attempt(out.offer.id, start.attempt, keys.key, start.offset)
            uplink = self._lanes.uplink
            brake = uplink if out.limit is None else Both(out.limit, uplink)
            return await self._lanes.carry(
                sock,
                lambda: lane.send(
                    sock, attempt, source, carriage.counters, carriage.stopping, brake
                ),
            )

    async def _prefix_fits(
        self, out: Outgoing, source: Source, accept: Accept, carriage: Carriage
    ) -> bool:
        """Whether what the receiver holds is the beginning of what we send."""
        if accept.offset == 0:
            return True
        loop = asyncio.get_running_loop()
        while (due := self._checked.get(out.peer, -PREFIX_PAUSE) + PREFIX_PAUSE) > loop.time():
            await asyncio.sleep(due - loop.time())
            carriage.check()  # what was asked anew meanwhile takes no turn
        self._checked[out.peer] = loop.time()
        digest = await self._lanes.in_thread(
            lambda: source.prefix_digest(accept.offset, carriage.stopping)
        )
        return hmac.compare_digest(digest, accept.prefix_sha256)
