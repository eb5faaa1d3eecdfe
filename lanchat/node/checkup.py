"""Checkup: whether others can connect to us, asked of somebody we have a session with.

Whether a firewall of ours keeps others out only another computer can try.  It dials the
address our session comes from and the port that our READY named, nothing else, so nobody can
have a third one looked at.  PROTOCOL.md, 6, *Dial-back*.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from lanchat.identity.keys import PeerId
from lanchat.node.people import People
from lanchat.node.quotas import Crowd
from lanchat.session.address import Address
from lanchat.session.knock import Knock, knock
from lanchat.session.tcp import Link
from lanchat.wire.payloads import DIAL_BACK, Checkup, DialBack, Dialled
from lanchat.wire.payloads import Reached as Reached

KNOCK_TIMEOUT: Final = 3.2  # seconds; who is called is called again after one, and after three
PATIENCE: Final = 5.0  # seconds for an answer
AGAIN: Final = 60.0  # seconds between two questions to one peer
AT_ONCE: Final = 8  # dialled back at the same time
LOWEST_PORT: Final = 1024  # of an advert (PROTOCOL.md, 6)
TOKEN: Final = 8  # bytes
_RESULTS: Final = {
    Knock.OPEN: Reached.ANSWERED,
    Knock.REFUSED: Reached.CLOSED,
    Knock.SILENT: Reached.SILENT,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody found: whether our port answers, and whether they hear us."""

    reached: Reached
    heard: bool


class Checkups:
    """Asks, and answers who asks.  Lives on the node thread.

    `heard`: whether an advert of this peer is on our list.
    """

    def __init__(
        self,
        people: People,
        crowd: Crowd,
        heard: Callable[[PeerId], bool],
        spawn: Callable[[Awaitable[None], str], object],
    ) -> None:
        self._people = people
        self._crowd = crowd
        self._heard = heard
        self._spawn = spawn
        self._dialling = 0
        self._asked: dict[tuple[PeerId, bytes], asyncio.Future[Answer]] = {}
        self._known: dict[PeerId, tuple[float, Answer | None]] = {}  # of the last minute

    def receive(self, link: Link, payload: Checkup) -> None:
        """Somebody asks, or answers what we asked; another answer counts for nothing."""
        match payload:
            case DialBack(token):
                self._answer(link, token)
            case Dialled(token, reached, heard):
                waiting = self._asked.get((link.peer_id, token))
                if waiting is not None and not waiting.done():
                    waiting.set_result(Answer(reached, bool(heard & 1)))

    def can(self, link: Link) -> bool:
        """Whether somebody we know can be asked on this session."""
        return bool(link.ready.caps & DIAL_BACK) and self._people.trusted(link.peer_id)

    async def ask(self, link: Link) -> Answer | None:
        """What this peer finds; None if it says nothing.  Once a minute it is asked anew."""
        peer, now = link.peer_id, time.monotonic()
        self._known = {one: held for one, held in self._known.items() if now < held[0] + AGAIN}
        if peer in self._known:
            return self._known[peer][1]
        self._known[peer] = (now, None)  # whoever asks meanwhile asks nobody twice
        token = os.urandom(TOKEN)
        waiting = self._asked[peer, token] = asyncio.get_running_loop().create_future()
        try:
            if not link.post(DialBack(token)):
                return None
            async with asyncio.timeout(PATIENCE):
                answer: Answer = await waiting
        except TimeoutError:
            return None
        finally:
            del self._asked[peer, token]
        self._known[peer] = (now, answer)
        return answer

    # --- asked --------------------------------------------------------------------------

    def _answer(self, link: Link, token: bytes) -> None:
        peer = link.peer_id
        may = (
            self._people.trusted(peer)
            and link.ready.port >= LOWEST_PORT
            and self._dialling < AT_ONCE
            and self._crowd.of(peer, time.monotonic()).may_be_dialled(time.monotonic())
        )
        if may:
            self._dialling += 1
            self._spawn(self._dial(link, token), f"dial back {peer.short}")
        else:
            link.post(Dialled(token, Reached.UNTRIED, 0))

    async def _dial(self, link: Link, token: bytes) -> None:
        try:
            where = Address(link.address.host, link.ready.port)
            result = _RESULTS[await knock([where], timeout=KNOCK_TIMEOUT)]
        finally:
            self._dialling -= 1
        link.post(Dialled(token, result, int(self._heard(link.peer_id))))
