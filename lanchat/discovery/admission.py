"""Admission: whose signature is checked next, when more adverts come than can be afforded.

A signature costs a third of a millisecond and a forged advert costs its sender nothing, so
checks are rationed: people we know have a ration of their own, each source has its share,
and what does not fit into the queue is dropped, the newest first.  PROTOCOL.md, 6.
"""

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass
from typing import Final

from lanchat.discovery.advert import Claim

MAX_QUEUE: Final = 512
MAX_CONTACT_QUEUE: Final = 512
MAX_OF_LABEL: Final = 4  # queued: forged ones of a friend keep nobody else out
CONTACT_RATE: Final = 50.0  # checks a second, for labels of contacts
SOURCE_RATE: Final = 20.0  # a second, from one source
SOURCE_BURST: Final = 32.0  # as many peers as one source may have in the roster
REST_RATE: Final = 130.0  # a second, for all others: 4 % of a core
REST_BURST: Final = 1000.0  # a large network found at the start: 0.3 s of one core, once
MAX_SOURCES: Final = 1024  # sources whose rate is remembered


class Bucket:
    """A token bucket: `rate` a second, at most `burst` at once."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = now

    def take(self, now: float) -> bool:
        """One token, if there is one."""
        if self.wait(now) > 0:
            return False
        self._tokens -= 1
        return True

    def reserve(self, now: float) -> float:
        """One token in any case; the seconds until it is there."""
        wait = self.wait(now)
        self._tokens -= 1
        return wait

    def wait(self, now: float) -> float:
        """Seconds until there is a token."""
        passed = max(0.0, now - self._at)
        self._tokens = min(self._burst, self._tokens + passed * self._rate)
        self._at = now
        return max(0.0, (1 - self._tokens) / self._rate)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a packet said of one label, unread; `source` and `interface` where known."""

    label: str
    txt: bytes
    port: int
    addresses: tuple[str, ...] = ()
    source: str | None = None
    interface: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claim in the queue, and what it was read from."""

    claim: Claim
    heard: Heard


class Admission:
    """Ration signature checks.  Pure: the caller brings the time and does the checking."""

    def __init__(self, now: float) -> None:
        self.counts: Counter[str] = Counter()
        self._contacts: deque[Waiting] = deque()
        self._others: deque[Waiting] = deque()
        self._queued: set[tuple[str, bytes]] = set()
        self._of_label: Counter[str] = Counter()
        self._contact_ration = Bucket(CONTACT_RATE, CONTACT_RATE, now)
        self._rest_ration = Bucket(REST_RATE, REST_BURST, now)
        self._sources: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._contacts) + len(self._others)

    @property
    def full(self) -> bool:
        """Whether a stranger's advert need not even be read."""
        return len(self._others) >= MAX_QUEUE

    def offer(self, waiting: Waiting, now: float, *, contact: bool) -> bool:
        """Queue a claim for its check; False if it was dropped."""
        key = _key(waiting)
        if key in self._queued:
            return True
        if reason := self._refusal(waiting, now, contact=contact):
            self.counts[reason] += 1
            return False
        (self._contacts if contact else self._others).append(waiting)
        self._queued.add(key)
        self._of_label[waiting.heard.label] += 1
        return True

    def take(self, now: float) -> Waiting | None:
        """The next claim to check now; None if there is none or the ration is used up."""
        if self._contacts and self._contact_ration.take(now):
            return self._leave(self._contacts)
        if self._others and self._rest_ration.take(now):
            return self._leave(self._others)
        return None

    def wait(self, now: float) -> float | None:
        """Seconds until `take` has something again; None while nothing is queued."""
        waits = []
        if self._contacts:
            waits.append(self._contact_ration.wait(now))
        if self._others:
            waits.append(self._rest_ration.wait(now))
        return min(waits, default=None)

    def _refusal(self, waiting: Waiting, now: float, *, contact: bool) -> str:
        if self._of_label[waiting.heard.label] >= MAX_OF_LABEL:
            return "queue full"
        if contact:
            return "queue full" if len(self._contacts) >= MAX_CONTACT_QUEUE else ""
        if self.full:
            return "queue full"
        return "" if self._ration(waiting, now).take(now) else "source too fast"

    def _ration(self, waiting: Waiting, now: float) -> Bucket:
        """The ration of the packet's source, or of the first address it speaks of."""
        source = waiting.heard.source or next(iter(waiting.heard.addresses), "")
        bucket = self._sources.get(source)
        if bucket is None:
            bucket = self._sources[source] = Bucket(SOURCE_RATE, SOURCE_BURST, now)
            if len(self._sources) > MAX_SOURCES:
                self._sources.popitem(last=False)
        self._sources.move_to_end(source)
        return bucket

    def _leave(self, queue: deque[Waiting]) -> Waiting:
        waiting = queue.popleft()
        self._queued.discard(_key(waiting))
        label = waiting.heard.label
        self._of_label[label] -= 1
        if not self._of_label[label]:
            del self._of_label[label]
        return waiting


def _key(waiting: Waiting) -> tuple[str, bytes]:
    """What a check is about; the same claim is queued once."""
    return waiting.heard.label, waiting.heard.port.to_bytes(2, "big") + waiting.heard.txt
