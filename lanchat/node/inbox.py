"""The inbox: which texts may be stored, before they are.  PROTOCOL.md, 3b."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.people import People
from lanchat.node.quotas import Crowd
from lanchat.store.history import Intake

_STRANGE: Final = frozenset({Trust.NEW, Trust.CONFLICT})


class History(Protocol):
    """What the inbox needs of the store."""

    async def intake(self, peer: PeerId, now_ms: int) -> Intake:
        """What a peer has put into the store."""


@dataclass(slots=True)
class _Stored:
    """What a peer has put into the store, kept up to date while its session lasts."""

    texts: int
    size: int
    unread_size: int
    today: int

    def add(self, size: int) -> None:
        self.texts += 1
        self.size += size
        self.unread_size += size
        self.today += size


class Inbox:
    """Decide about each text.  Lives on the node thread.

    `name_of` is what a peer calls itself, `source_of` where its session comes from, empty
    once none is left.
    """

    def __init__(
        self,
        people: People,
        history: History,
        crowd: Crowd,
        *,
        name_of: Callable[[PeerId], str],
        source_of: Callable[[PeerId], str],
        clock: Callable[[], int],
    ) -> None:
        self._people = people
        self._history = history
        self._crowd = crowd
        self._name_of = name_of
        self._source_of = source_of
        self._clock = clock
        self._stored: dict[PeerId, _Stored] = {}

    async def may_store(self, texts: Sequence[tuple[PeerId, int]]) -> list[bool]:
        """Which texts may be stored together, by whose they are and their sizes in bytes.

        One counts beside those before it, and the store is asked once for each peer, also
        of who hung up meanwhile.
        """
        looked: dict[PeerId, _Stored] = {}
        return [await self._may_store(peer, size, looked) for peer, size in texts]

    async def _may_store(self, peer: PeerId, size: int, looked: dict[PeerId, _Stored]) -> bool:
        """The same of one; a stranger's first is a request.

        A stranger who hung up meanwhile is refused: its request would count for no source.
        """
        trust, source = self._people.trust(peer, self._name_of(peer)), self._source_of(peer)
        if trust in _STRANGE and not source:
            return False
        stored = looked.get(peer) or self._stored.get(peer) or await self._look(peer)
        looked[peer] = stored
        now = time.monotonic()
        if not self._crowd.of(peer, now).may_store(size, trust, stored, now):
            return False
        if trust in _STRANGE and self._people.find(peer) is None:
            requests = sum(held.trust is Trust.NEW for held in self._people.all())
            if not self._crowd.may_request(source, requests, now):
                return False
            await self._people.meet(peer, self._name_of(peer), self._clock())
        stored.add(size)
        return True

    def left(self, peer: PeerId) -> None:
        """A session ended, or the user looked: from now on it is counted anew."""
        self._stored.pop(peer, None)

    async def _look(self, peer: PeerId) -> _Stored:
        intake = await self._history.intake(peer, self._clock())
        stored = _Stored(intake.texts, intake.size, intake.unread_size, intake.today)
        if self._source_of(peer):  # else nobody would tell us that it has left
            self._stored[peer] = stored
        return stored
