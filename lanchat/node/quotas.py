"""Quotas: what one peer may take of us, in how much time.  PROTOCOL.md, 3b.

Pure: told the time and what the store holds, they answer yes or no; what a no means (a
refusing receipt, a closed session) is for those who ask.  A quota belongs to the key, not
to the session: calling again does not fill it.  Rates are bursts and refills, because TCP
may deliver in one moment what was sent in a minute.  What files may take is counted where
transfers are kept.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Final, Protocol

from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.session.bucket import Bucket

MINUTE: Final = 60.0  # seconds
HOUR: Final = 3600.0

TEXTS_A_SECOND: Final = 20.0
TEXTS_AT_ONCE: Final = 500
WELCOME: Final = 10_000  # texts beside that when a session begins: an outbox may be long ...
WELCOME_SECONDS: Final = 60.0  # ... but it is sent at once
MOST_UNREAD: Final = 256 * 2**20  # bytes
MOST_A_DAY: Final = 2**30  # bytes

REQUEST_TEXTS: Final = 20  # of a stranger, until it is answered
REQUEST_BYTES: Final = 16 * 2**10
MOST_REQUESTS: Final = 50  # strangers whose requests are kept
NEW_REQUESTS: Final = 5  # an hour and source
MOST_SOURCES: Final = 1024  # sources whose hour is remembered

SESSIONS_A_MINUTE: Final = 10
INFO_EVERY: Final = 10.0  # seconds
INFOS_AT_ONCE: Final = 3
DIALLED_BACK_EVERY: Final = 60.0  # seconds
SEEK_EVERY: Final = 60.0  # seconds
SEEKS_AT_ONCE: Final = 3
RECORDS_AT_ONCE: Final = 64  # address records: an answer to each of our questions ...
RECORDS_A_SECOND: Final = 1.0  # ... and each costs the check of a signature
OFFERS_A_SECOND: Final = 10.0
OFFERS_AT_ONCE: Final = 200
STRANGERS_OFFER: Final = 10  # a stranger's offer counts as so many
STRANGERS_RECORDS: Final = (
    1000  # records of a stranger at once: an outbox that gets refused ...
)
STRANGERS_RECORDS_A_SECOND: Final = 20.0  # ... and no stream of them
IDS_A_SECOND: Final = 10_000  # receipted ids
IDS_AT_ONCE: Final = 2 * IDS_A_SECOND  # stored and read, of everything a welcome takes

CHECKS: Final = 3  # spoken checks with one peer ...
CHECKS_IN: Final = 600.0  # ... in so many seconds, whoever asks for them
REFUSALS: Final = 16  # answers in one session to checks that we take no part in

MOST_PEERS: Final = 1024  # keys whose quotas are remembered
STRANGERS: Final = 256  # sessions of all strangers who called
STRANGERS_A_SOURCE: Final = 64  # of those that came from one address
_STRANGE: Final = frozenset({Trust.NEW, Trust.CONFLICT})


class Stored(Protocol):
    """What a peer has put into the store; sizes in bytes."""

    @property
    def texts(self) -> int:
        """How many texts of theirs there are."""

    @property
    def size(self) -> int:
        """Of all of them."""

    @property
    def unread_size(self) -> int:
        """Of those that the user has not seen."""

    @property
    def today(self) -> int:
        """Of those stored since midnight."""


class Quotas:
    """What one key may take of us."""

    def __init__(self, now: float) -> None:
        self._sessions = Bucket(SESSIONS_A_MINUTE, SESSIONS_A_MINUTE / MINUTE, now)
        self._texts = Bucket(TEXTS_AT_ONCE, TEXTS_A_SECOND, now)
        self._infos = Bucket(INFOS_AT_ONCE, 1 / INFO_EVERY, now)
        self._ids = Bucket(IDS_AT_ONCE, IDS_A_SECOND, now)
        self._offers = Bucket(OFFERS_AT_ONCE, OFFERS_A_SECOND, now)
        self._records = Bucket(STRANGERS_RECORDS, STRANGERS_RECORDS_A_SECOND, now)
        self._dials = Bucket(1, 1 / DIALLED_BACK_EVERY, now)
        self._seeks = Bucket(SEEKS_AT_ONCE, 1 / SEEK_EVERY, now)
        self._introductions = Bucket(RECORDS_AT_ONCE, RECORDS_A_SECOND, now)
        self._welcome = 0
        self._welcome_ends = now

    def may_open(self, now: float) -> bool:
        """Whether one more session may begin; if so, an outbox may follow."""
        if not self._sessions.take(now):
            return False
        self._welcome = WELCOME
        self._welcome_ends = now + WELCOME_SECONDS
        return True

    def may_speak(self, trust: Trust, now: float) -> bool:
        """Whether one more record is heard at all: a refusal costs something too."""
        return trust not in _STRANGE or self._records.take(now)

    def may_inform(self, now: float) -> bool:
        """Whether one more INFO counts."""
        return self._infos.take(now)

    def may_be_dialled(self, now: float) -> bool:
        """Whether it is tried once more if it can be reached."""
        return self._dials.take(now)

    def may_seek(self, now: float) -> bool:
        """Whether one more question for people is looked at."""
        return self._seeks.take(now)

    def may_introduce(self, now: float) -> bool:
        """Whether one more address record is looked at."""
        return self._introductions.take(now)

    def may_receipt(self, count: int, now: float) -> bool:
        """Whether a receipt of `count` ids may be looked up."""
        return self._ids.take(now, count)

    def may_offer(self, trust: Trust, now: float) -> bool:
        """Whether an offer is looked at: each costs a look at the store and a person's eye."""
        return self._offers.take(now, STRANGERS_OFFER if trust in _STRANGE else 1)

    def may_store(self, size: int, trust: Trust, stored: Stored, now: float) -> bool:
        """Whether a text of `size` bytes may be stored beside what is `stored`."""
        match trust:
            case Trust.KNOWN | Trust.VERIFIED:
                room = (
                    stored.unread_size + size <= MOST_UNREAD
                    and stored.today + size <= MOST_A_DAY
                )
            case Trust.NEW | Trust.CONFLICT:
                room = stored.texts < REQUEST_TEXTS and stored.size + size <= REQUEST_BYTES
            case _:
                room = False
        return room and self._in_time(now)

    def idle(self, now: float) -> bool:
        """Whether forgetting these quotas would change nothing."""
        own = (self._sessions, self._texts, self._infos, self._ids, self._offers, self._records)
        more = (self._dials, self._seeks, self._introductions)
        return all(bucket.full(now) for bucket in (*own, *more))

    def _in_time(self, now: float) -> bool:
        if self._welcome and now < self._welcome_ends:
            self._welcome -= 1
            return True
        return self._texts.take(now)


def may_stand(source: str, standing: Sequence[str]) -> bool:
    """Whether one more stranger from `source` may have a session.

    `standing` is where the strangers come from who have one: each holds a socket, and the
    system has only so many for everybody.
    """
    return len(standing) < STRANGERS and standing.count(source) < STRANGERS_A_SOURCE


class Ration:
    """The spoken checks with one key: each is a guess for somebody in between."""

    def __init__(self) -> None:
        self._begun: deque[float] = deque()

    def take(self, now: float) -> bool:
        """Count one more if there may be one."""
        if self.spent(now) >= CHECKS:
            return False
        self._begun.append(now)
        return True

    def give_back(self) -> None:
        """Nobody took part in the last one, so nobody could guess."""
        if self._begun:
            self._begun.pop()

    def spent(self, now: float) -> int:
        """How many of late."""
        while self._begun and now - self._begun[0] >= CHECKS_IN:
            self._begun.popleft()
        return len(self._begun)


class Crowd:
    """The quotas of everybody, and what strangers may take together."""

    def __init__(self) -> None:
        self._quotas: OrderedDict[PeerId, Quotas] = OrderedDict()  # longest unused first
        self._begun: OrderedDict[str, deque[float]] = OrderedDict()

    @property
    def remembered(self) -> tuple[int, int]:
        """How many keys and how many sources."""
        return len(self._quotas), len(self._begun)

    def of(self, peer: PeerId, now: float) -> Quotas:
        """The quotas of one key.

        At most `MOST_PEERS` are remembered.  Keys cost nothing, so an attacker who makes
        many to be forgotten gains nothing over using those.
        """
        quotas = self._quotas.pop(peer, None) or Quotas(now)
        self._quotas[peer] = quotas
        if len(self._quotas) > MOST_PEERS:
            self._quotas.popitem(last=False)
        return quotas

    def may_request(self, source: str, kept: int, now: float) -> bool:
        """Whether a stranger from `source` may begin a request beside the `kept` ones."""
        if kept >= MOST_REQUESTS:
            return False
        begun = self._begun.pop(source, None) or deque(maxlen=NEW_REQUESTS)
        self._begun[source] = begun
        if len(self._begun) > MOST_SOURCES:
            self._begun.popitem(last=False)
        if len(begun) == NEW_REQUESTS and now - begun[0] < HOUR:
            return False
        begun.append(now)
        return True

    def sweep(self, now: float) -> None:
        """Forget those for whom it changes nothing."""
        for peer in [peer for peer, quotas in self._quotas.items() if quotas.idle(now)]:
            del self._quotas[peer]
        for source in [key for key, begun in self._begun.items() if now - begun[-1] >= HOUR]:
            del self._begun[source]
