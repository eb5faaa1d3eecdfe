"""The doorkeeper: how many strangers may stand in the door, and how much work each may ask for.

PROTOCOL.md, 2, *Limits*.  A caller is pending from accept until READY.  Whoever shows that it
holds a reach secret of ours, or the token of a lane we wait for, stands in slots of its own, so
that a crowd of strangers cannot keep out a friend.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable
from enum import Enum
from typing import Final

from lanchat.session.bucket import Bucket

PER_SOURCE: Final = 8  # pending callers of one address
STRANGERS: Final = 64  # pending callers in all
FRIENDS: Final = 16  # further ones with a valid mac1
LANES: Final = 8  # further ones with a known token
BURST: Final = 10  # handshakes of one source at once
RATE: Final = 2  # handshakes a second of one source, after that
SOURCES: Final = 1024  # sources whose rate is remembered


class Slot(Enum):
    """Where a caller stands."""

    STRANGER = STRANGERS
    FRIEND = FRIENDS
    LANE = LANES


class Caller:
    """One pending connection; `drop` closes it when it has to make room."""

    __slots__ = ("drop", "friend", "slot", "source", "spoke")

    def __init__(self, source: str, drop: Callable[[], None]) -> None:
        self.source = source
        self.drop = drop
        self.slot = Slot.STRANGER
        self.spoke = False  # a whole message 1 came
        self.friend = False  # with a valid mac1


class Doorkeeper:
    """Count callers and their work.  `pick(n)` draws a number below n."""

    def __init__(self, pick: Callable[[int], int]) -> None:
        self._pick = pick
        self._callers: dict[Caller, None] = {}  # oldest first
        self._pending: Counter[str] = Counter()
        self._buckets: OrderedDict[tuple[str, bool], Bucket] = OrderedDict()
        self.refused = 0  # for the doctor
        self.evicted = 0

    @property
    def pending(self) -> int:
        """How many callers there are."""
        return len(self._callers)

    def knock(self, source: str, drop: Callable[[], None]) -> Caller | None:
        """A place for a new connection of `source`; None if there is none.

        When the strangers' places are full the newcomer takes that of the oldest who has
        not yet said a whole message 1, else that of any without a valid mac1.
        """
        if self._pending[source] >= PER_SOURCE or not self._make_room():
            self.refused += 1
            return None
        caller = Caller(source, drop)
        self._callers[caller] = None
        self._pending[source] += 1
        return caller

    def spoke(self, caller: Caller, now: float, *, friend: bool = False) -> bool:
        """Whether the work for a whole message 1 may be done; `friend`: its mac1 is valid."""
        if not self._bucket(caller.source, now, friend=friend).take(now):
            self.refused += 1
            return False
        caller.spoke = True
        caller.friend = friend
        if friend:
            self._move(caller, Slot.FRIEND)
        return True

    def lane(self, caller: Caller) -> bool:
        """Whether a caller with a known token may go on."""
        return self._move(caller, Slot.LANE)

    def leave(self, caller: Caller) -> None:
        """The caller is no longer pending; may be said twice."""
        if caller not in self._callers:
            return
        del self._callers[caller]
        if caller.slot is Slot.STRANGER:
            self._forget(caller.source)

    def _move(self, caller: Caller, slot: Slot) -> bool:
        if sum(other.slot is slot for other in self._callers) >= slot.value:
            return False
        if caller.slot is Slot.STRANGER and caller in self._callers:
            self._forget(caller.source)
        caller.slot = slot
        return True

    def _forget(self, source: str) -> None:
        self._pending[source] -= 1
        if not self._pending[source]:
            del self._pending[source]

    def _make_room(self) -> bool:
        strangers = [caller for caller in self._callers if caller.slot is Slot.STRANGER]
        if len(strangers) < STRANGERS:
            return True
        victims = [caller for caller in strangers if not caller.spoke][:1]
        victims = victims or [caller for caller in strangers if not caller.friend]
        if not victims:
            return False
        victim = victims[self._pick(len(victims))]
        self.evicted += 1
        self.leave(victim)
        victim.drop()
        return True

    def _bucket(self, source: str, now: float, *, friend: bool) -> Bucket:
        """The rate of a source; the ones used longest ago are forgotten first."""
        key = source, friend
        bucket = self._buckets.pop(key, None) or Bucket(BURST, RATE, now)
        self._buckets[key] = bucket
        if len(self._buckets) > SOURCES:
            self._buckets.popitem(last=False)
        return bucket
