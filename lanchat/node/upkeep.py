"""Upkeep: what has to be done now and then, and at once after the clock jumped."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from lanchat.errors import LanchatError
from lanchat.identity.keys import PeerId
from lanchat.node.sessions import Sessions

_log = logging.getLogger(__name__)

EVERY: Final = 5.0  # seconds
NEW_EPOCH: Final = 3600.0  # seconds between two epochs of an unchanged advert
CLOCK_JUMP: Final = 60.0  # seconds of wall against monotonic clock (PROTOCOL.md, 2)


class Upkeep:
    """Renews sessions and the advert in time.  Lives on the node thread.

    `jumped` is called when the clock jumped: the machine slept, or a snapshot was restored,
    which must not use a nonce again.
    """

    def __init__(
        self,
        sessions: Sessions,
        *,
        spawn: Callable[[Awaitable[None], str], object],
        announce: Callable[[], Awaitable[None]],
        jumped: Callable[[], None],
    ) -> None:
        self._sessions = sessions
        self._spawn = spawn
        self._announce = announce
        self._jumped = jumped

    async def run(self) -> None:
        """Look after everything; never ends."""
        loop = asyncio.get_running_loop()
        offset = time.time() - loop.time()
        announced = loop.time()
        while True:
            await asyncio.sleep(EVERY)
            now, was, offset = loop.time(), offset, time.time() - loop.time()
            due = self._sessions.due_for_renewal(now)
            if abs(offset - was) > CLOCK_JUMP:
                _log.warning("the clock jumped; every session is made anew")
                due = list(self._sessions.online())
                self._jumped()
            for peer in due:
                self._spawn(self._renew(peer), f"renew {peer.short}")
            if now - announced > NEW_EPOCH:
                announced = now
                await self._announce()

    async def _renew(self, peer: PeerId) -> None:
        try:
            await self._sessions.renew(peer)
        except LanchatError as error:
            _log.info("session with %s not renewed: %s", peer.short, error)
