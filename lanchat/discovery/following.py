"""Following: when the networks of this machine changed, or it slept.  PROTOCOL.md, 6.

The system rings (`netlink`) or is looked at every two seconds; what counts is what is seen
then.  What is new is told at once, what is gone after a moment, as it may come back: a new
address often is an old one that is taken away first.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from lanchat.discovery.admission import Bucket
from lanchat.discovery.interfaces import Facts, facts
from lanchat.discovery.netlink import Bell

EVERY: Final = 2.0  # seconds between two looks at the clock, and at a system that does not ring
TOGETHER: Final = 0.02  # seconds in which the lines of one change come
MAY_RETURN: Final = 0.2  # seconds of quiet before something counts as gone
AT_MOST: Final = 1.0  # seconds until a system that never is quiet is believed
RATE: Final = 1.0  # changes told a second, in the long run
BURST: Final = 3.0
JUMP: Final = 5.0  # seconds of wall against monotonic clock, or of a late look: we slept

#: Called when it is time to look again; True if something is new or gone, or we slept.
Tell = Callable[[bool], Awaitable[None]]


class Following:
    """Tell of each change since it was made.  Lives on the node thread."""

    def __init__(self, tell: Tell) -> None:
        self._known = facts()
        self._tell = tell
        self._clock = _Clock()
        self._ration = Bucket(RATE, BURST, time.monotonic())
        self._restless = float("-inf")  # monotonic seconds; when something changed last

    async def run(self) -> None:
        """Follow; never ends."""
        bell = Bell()
        try:
            before, self._known = self._known, facts()  # from now on we listen
            await self._tell(self._known != before)
            while True:
                self._known = await self._step(bell, self._known)
        finally:
            bell.close()

    async def _step(self, bell: Bell, known: Facts) -> Facts:
        rung = await bell.rung(EVERY)
        slept = self._clock.jumped()
        if not rung and not slept and not bell.deaf:
            return known
        seen, changed = await _settled(bell, known) if rung else (facts(), False)
        changed = changed or slept or seen != known
        now = time.monotonic()
        if changed:
            self._restless = now
        elif not rung and now > self._restless + JUMP:
            return seen
        # Also when nothing is seen: an address may be there that could not be used at first.
        await asyncio.sleep(self._ration.reserve(time.monotonic()))
        await self._tell(changed)
        return seen


async def _settled(bell: Bell, known: Facts) -> tuple[Facts, bool]:
    """What is true when it is quiet, and whether it was otherwise for a moment."""
    end = time.monotonic() + AT_MOST
    changed = False
    while True:
        await asyncio.sleep(TOGETHER)
        seen = facts()
        changed = changed or seen != known
        if seen - known or time.monotonic() > end or not await bell.rung(MAY_RETURN):
            return seen, changed


class _Clock:
    """Whether we slept: a clock that stands while the machine does, one that does not."""

    def __init__(self) -> None:
        self._at = time.monotonic()
        self._offset = time.time() - self._at

    def jumped(self) -> bool:
        """Whether time passed, since the last question, in which we did not run."""
        before, offset = self._at, self._offset
        self._at = time.monotonic()
        self._offset = time.time() - self._at
        late = self._at - before - EVERY - AT_MOST - 1 / RATE
        return max(abs(self._offset - offset), late) > JUMP
