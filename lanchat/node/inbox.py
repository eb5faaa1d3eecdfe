"""The inbox: what one peer may put into our store before we answer.  PROTOCOL.md, 3b."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final, Protocol

from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.people import People
from lanchat.store.history import Intake

TEXTS_A_SECOND: Final = 20.0
BURST: Final = 500
FIRST_BURST: Final = 10_000  # in the first 60 s of a session: an outbox may be long
FIRST_SECONDS: Final = 60.0
MOST_UNREAD: Final = 256 * 2**20  # bytes
MOST_A_DAY: Final = 2**30  # bytes
REQUEST_TEXTS: Final = 20  # of a stranger, until it is answered
REQUEST_BYTES: Final = 16 * 2**10
MOST_REQUESTS: Final = 50  # strangers whose requests are kept
NEW_REQUESTS: Final = 5  # an hour and source
HOUR: Final = 3600.0  # seconds
MOST_SOURCES: Final = 1024


class History(Protocol):
    """What the inbox needs of the store."""

    async def intake(self, peer: PeerId, now_ms: int) -> Intake:
        """What a peer has put into the store."""


class _Budget:
    """How many texts of one peer may still be stored now, and what lies there already."""

    def __init__(self, intake: Intake, now: float) -> None:
        self.texts, self.size = intake.texts, intake.size
        self.unread, self.today = intake.unread_size, intake.today
        self._began = now
        self._filled = now
        self._tokens = float(FIRST_BURST)

    def take(self, size: int, now: float) -> bool:
        most = FIRST_BURST if now - self._began < FIRST_SECONDS else BURST
        self._tokens = min(self._tokens + (now - self._filled) * TEXTS_A_SECOND, most)
        self._filled = now
        if (
            self._tokens < 1
            or self.unread + size > MOST_UNREAD
            or self.today + size > MOST_A_DAY
        ):
            return False
        self._tokens -= 1
        return True

    def stored(self, size: int) -> None:
        self.texts += 1
        self.size += size
        self.unread += size
        self.today += size


class Inbox:
    """Decide about each text before it is stored.  Lives on the node thread.

    `source_of` names where a peer's session comes from, for the limit on new strangers.
    """

    def __init__(
        self,
        people: People,
        history: History,
        *,
        name_of: Callable[[PeerId], str],
        source_of: Callable[[PeerId], str],
        clock: Callable[[], int],
    ) -> None:
        self._people = people
        self._history = history
        self._name_of = name_of
        self._source_of = source_of
        self._clock = clock
        self._budgets: dict[PeerId, _Budget] = {}
        self._newcomers: OrderedDict[str, deque[float]] = OrderedDict()

    async def may_store(self, peer: PeerId, size: int) -> bool:
        """Whether a text of `size` bytes may be stored; a stranger's makes a request."""
        trust = self._people.trust(peer, self._name_of(peer))
        if trust is Trust.BLOCKED:
            return False
        budget = self._budgets.get(peer)
        now = time.monotonic()
        if budget is None:
            budget = _Budget(await self._history.intake(peer, self._clock()), now)
            self._budgets[peer] = budget
        if trust in {Trust.NEW, Trust.CONFLICT} and not await self._request(
            peer, size, budget, now
        ):
            return False
        if not budget.take(size, now):
            return False
        budget.stored(size)
        return True

    def left(self, peer: PeerId) -> None:
        """The last session with a peer ended: the next one counts anew from the store."""
        self._budgets.pop(peer, None)

    async def _request(self, peer: PeerId, size: int, budget: _Budget, now: float) -> bool:
        """Whether a stranger may write one more text before it is answered."""
        if budget.texts >= REQUEST_TEXTS or budget.size + size > REQUEST_BYTES:
            return False
        if self._people.find(peer) is not None:
            return True
        kept = sum(1 for held in self._people.all() if held.trust is Trust.NEW)
        if kept >= MOST_REQUESTS or not self._newcomer(self._source_of(peer), now):
            return False
        await self._people.meet(peer, self._name_of(peer), self._clock())
        return True

    def _newcomer(self, source: str, now: float) -> bool:
        times = self._newcomers.setdefault(source, deque(maxlen=NEW_REQUESTS))
        self._newcomers.move_to_end(source)
        while len(self._newcomers) > MOST_SOURCES:
            self._newcomers.popitem(last=False)
        if len(times) == NEW_REQUESTS and now - times[0] < HOUR:
            return False
        times.append(now)
        return True
