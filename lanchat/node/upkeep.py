"""Upkeep: what has to be done now and then, and at once after the clock jumped."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from lanchat.identity.keys import PeerId
from lanchat.node.sessions import Sessions

_log = logging.getLogger(__name__)

EVERY: Final = 5.0  # seconds
NEW_EPOCH: Final = 3600.0  # seconds between two epochs of an unchanged advert
TIDY_EVERY: Final = 86_400.0  # seconds
TRY_AGAIN: Final = 60.0  # seconds until a renewal that failed is tried again
CLOCK_JUMP: Final = 60.0  # seconds of wall against monotonic clock (PROTOCOL.md, 2)


class Upkeep:
    """Renews sessions and the advert in time.  Lives on the node thread.

    `jumped` is called when the clock jumped: the machine slept, or a snapshot was restored,
    which must not use a nonce again.  `busy`: words of this peer's session are being
    compared, so it is renewed later.
    """

    def __init__(
        self,
        sessions: Sessions,
        *,
        spawn: Callable[[Awaitable[None], str], object],
        announce: Callable[[], Awaitable[None]],
        tidy: Callable[[], Awaitable[None]],
        jumped: Callable[[], None],
        busy: Callable[[PeerId], bool],
    ) -> None:
        self._sessions = sessions
        self._spawn = spawn
        self._announce = announce
        self._tidy = tidy
        self._jumped = jumped
        self._busy = busy
        self._renewed: dict[PeerId, float] = {}

    async def run(self) -> None:
        """Look after everything; never ends."""
        loop = asyncio.get_running_loop()
        offset = time.time() - loop.time()
        announced = loop.time()
        tidied = -TIDY_EVERY
        while True:
            await asyncio.sleep(EVERY)
            now, was, offset = loop.time(), offset, time.time() - loop.time()
            if abs(offset - was) > CLOCK_JUMP:
                _log.warning("the clock jumped; every session is made anew")
                self._jumped()
                self._renew(self._sessions.online(), now, cut=True)
            else:
                self._renew(self._due(now), now)
            if now - announced > NEW_EPOCH:
                announced = now
                self._spawn(self._announce(), "announce")
            if now - tidied > TIDY_EVERY:
                tidied = now
                self._spawn(self._tidy(), "tidy")

    def _due(self, now: float) -> list[PeerId]:
        """Whose session is old; one that could not be renewed waits a minute."""
        self._renewed = {
            peer: tried for peer, tried in self._renewed.items() if now - tried < TRY_AGAIN
        }
        due = self._sessions.due_for_renewal(now)
        return [one for one in due if one not in self._renewed and not self._busy(one)]

    def _renew(self, peers: Iterable[PeerId], now: float, *, cut: bool = False) -> None:
        for peer in peers:
            self._renewed[peer] = now
            self._spawn(self._sessions.renew(peer, cut=cut), f"renew {peer.short}")
