"""Small talk: pings, pongs and the types of later versions, of which nobody above is told.

None of it becomes an event, so what counts those never sees it: it is counted here, whoever
the peer is.  PROTOCOL.md, 3 and 3b.
"""

from typing import Final

from lanchat.errors import PeerTooGreedy
from lanchat.session.bucket import Bucket
from lanchat.wire.payloads import Ping, Pong

PONGS_A_SECOND: Final = 5
PROBES: Final = 3  # at once, then one a second: forged goodbyes make us ask
IDLE_AT_ONCE: Final = 1000  # records that mean nothing to us ...
IDLE_A_SECOND: Final = 20  # ... and pongs that nobody asked for


class SmallTalk:
    """What one peer may say to no effect, and our own pings."""

    def __init__(self, now: float) -> None:
        self.pings = 0  # of ours
        self._answered = 0  # the last of them that was
        self._probes = Bucket(PROBES, 1, now)
        self._pongs = Bucket(PONGS_A_SECOND, PONGS_A_SECOND, now)
        self._idle = Bucket(IDLE_AT_ONCE, IDLE_A_SECOND, now)

    def ping(self) -> Ping:
        """The next one."""
        self.pings += 1
        return Ping(self.pings.to_bytes(8, "big"))

    def may_probe(self, now: float) -> bool:
        """Whether we may ask before it is time: the peer answers five a second, all told."""
        return self._probes.take(now)

    def answer(self, ping: Ping, now: float) -> Pong:
        """What to say to a ping; PeerTooGreedy if there are too many."""
        if not self._pongs.take(now):
            raise PeerTooGreedy(f"more than {PONGS_A_SECOND} pings a second")
        return Pong(ping.token)

    def heard(self, pong: Pong, now: float) -> None:
        """A pong came.  Those to our pings come in their order, each once."""
        number = int.from_bytes(pong.token, "big")
        if self._answered < number <= self.pings:
            self._answered = number
        else:
            self.idle(now)

    def idle(self, now: float) -> None:
        """Something came that means nothing; PeerTooGreedy if there is too much of it."""
        if not self._idle.take(now):
            raise PeerTooGreedy(f"more than {IDLE_A_SECOND} records a second without a meaning")
