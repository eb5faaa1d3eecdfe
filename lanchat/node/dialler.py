"""Dialling by ourselves: people we know when they are seen, and whoever waits for something.

People we know whom nothing is heard of are looked for where they were last reached, now and
then: multicast may be dead.  Never a stranger: a dial says who we are.  A dial of the program
changes no trust.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from lanchat.errors import LanchatError, WrongPeer
from lanchat.identity.keys import PeerId
from lanchat.node.turns import Turns

_log = logging.getLogger(__name__)

FIRST_PAUSE: Final = 1.0  # seconds; doubles
LONGEST_PAUSE: Final = 60.0  # seconds (PROTOCOL.md, 2)
COURTESY: Final = 0.3  # seconds the larger key leaves the smaller one to dial first
SILENCE: Final = 4.0  # seconds in which multicast and its repeats find who is there
LOOK_AGAIN: Final = 60.0  # seconds until people are looked for once more; doubles
LONGEST_LOOK: Final = 900.0  # seconds
MOST_LOOKED_FOR: Final = 64  # people in a round (PROTOCOL.md, 6)
AT_ONCE: Final = 8  # dials of a round

#: A person, and how to dial them where they were last reached.
Remembered = tuple[PeerId, Callable[[], Awaitable[object]]]


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the dialler asks of the node."""

    may: Callable[[PeerId], bool]  # no session stands, and the peer is not blocked
    invited: Callable[[PeerId], bool]  # it is here, and we know it
    reachable: Callable[[PeerId], bool]  # there is an address to try
    connect: Callable[[PeerId, bool], Awaitable[object]]  # True: there is nothing to bring
    spawn: Callable[[Awaitable[None], str], object]
    wrong: Callable[[PeerId], None]  # somebody else answered where this peer should be
    remembered: Callable[[], Iterable[Remembered]]  # whom we know and hear nothing of


class Dialler:
    """One pursuit for each peer that we want a session with.  Lives on the node thread.

    `waiting` are those for whom something of ours waits.
    """

    def __init__(self, me: PeerId, waiting: Iterable[PeerId], hooks: Hooks) -> None:
        self.waiting: Final = set(waiting)
        self._me = me
        self._hooks = hooks
        self._pursued: dict[PeerId, asyncio.Event] = {}
        self._failed: dict[PeerId, LanchatError] = {}  # of those who are pursued
        self._spared: set[PeerId] = set()  # for a while
        self._changed = asyncio.Event()  # the network did
        self._turns = Turns()

    async def run(self) -> None:
        """Go after everybody for whom something waits, and look for the silent; never ends."""
        self.start()
        pause = SILENCE
        while True:
            self._changed.clear()
            if await _paused(self._changed, pause):
                pause = SILENCE
                continue
            await self._look()
            pause = LOOK_AGAIN if pause == SILENCE else min(2 * pause, LONGEST_LOOK)

    def start(self) -> None:
        """Go after everybody for whom something waits."""
        for peer in tuple(self.waiting):
            self.want(peer)

    def wait_for(self, peer: PeerId) -> None:
        """Something of our user's waits for this peer: dial it whenever that may succeed."""
        self._spared.discard(peer)
        self.waiting.add(peer)
        self.want(peer)

    def want(self, peer: PeerId) -> None:
        """Dial a peer, now if we were pausing; nothing happens if no session is wanted."""
        nudge = self._pursued.get(peer)
        self._failed.pop(peer, None)
        if nudge is not None:
            nudge.set()
        elif self._wanted(peer):
            self._pursued[peer] = asyncio.Event()
            self._hooks.spawn(self._pursue(peer), f"dial {peer.short}")

    def spare(self, peer: PeerId, seconds: float) -> None:
        """Dial a peer for so long only if somebody asks for a session, and not by ourselves."""
        if peer not in self._spared:
            self._spared.add(peer)
            self._hooks.spawn(self._rest(peer, seconds), f"spare {peer.short}")

    async def _rest(self, peer: PeerId, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._spared.discard(peer)
        self.want(peer)

    def failed(self, peer: PeerId) -> LanchatError | None:
        """What the last dial of somebody wanted came to; None if none has ended since."""
        return self._failed.get(peer)

    def want_all(self) -> None:
        """The network changed: try everybody at once."""
        self._changed.set()
        for nudge in self._pursued.values():
            nudge.set()

    async def _look(self) -> None:
        """Dial people where they were last reached, the last seen first."""
        room = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            for peer, dial in islice(self._hooks.remembered(), MOST_LOOKED_FOR):
                if peer not in self._pursued and peer not in self._spared:
                    tasks.create_task(self._try(peer, dial, room))

    async def _try(
        self, peer: PeerId, dial: Callable[[], Awaitable[object]], room: asyncio.Semaphore
    ) -> None:
        """One dial; whoever else answers there now is nothing to be told of."""
        async with room:
            if self._hooks.may(peer):
                try:
                    await dial()
                except LanchatError as error:
                    _log.debug("looking for %s: %s", peer.short, error)

    def _wanted(self, peer: PeerId) -> bool:
        if peer in self._spared or not self._hooks.may(peer):
            return False
        if peer in self.waiting:
            return self._hooks.reachable(peer)
        return self._hooks.invited(peer)

    async def _pursue(self, peer: PeerId) -> None:
        nudge = self._pursued[peer]
        pause, first = FIRST_PAUSE, True
        try:
            if self._me > peer and peer not in self.waiting:
                await asyncio.sleep(COURTESY)
            while self._wanted(peer):
                nudge.clear()
                try:
                    async with self._turns.of(ahead=first and self._hooks.invited(peer)):
                        first = False  # who was not reached waits behind who may be
                        if self._wanted(peer):
                            await self._hooks.connect(peer, peer not in self.waiting)
                except WrongPeer as error:
                    self._fail(peer, error)
                    self._hooks.wrong(peer)
                except LanchatError as error:
                    self._fail(peer, error)
                    _log.debug("dialling %s: %s", peer.short, error)
                else:
                    return
                if await _paused(nudge, pause * random.uniform(0.8, 1.2)):  # noqa: S311 - jitter
                    pause = FIRST_PAUSE
                else:
                    pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            del self._pursued[peer]
            self._failed.pop(peer, None)

    def _fail(self, peer: PeerId, error: LanchatError) -> None:
        """Keep what happened, and nothing of the dial, whose keys are in its frames."""
        error.__cause__ = error.__context__ = None
        self._failed[peer] = error.with_traceback(None)


async def _paused(nudge: asyncio.Event, seconds: float) -> bool:
    """Wait; True if somebody nudged before the time was up."""
    try:
        async with asyncio.timeout(seconds):
            await nudge.wait()
    except TimeoutError:
        return False
    return True
