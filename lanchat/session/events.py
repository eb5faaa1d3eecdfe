"""What a session tells its driver: facts, in the order they happened.

First `Established`, then `Opened`, then anything in between, and last `Closed`, exactly once.
"""

from dataclasses import dataclass, field

from lanchat.errors import LanchatError, PeerError, RemoteProtocolError
from lanchat.identity.keys import PeerId
from lanchat.wire.payloads import Payload, Ready


@dataclass(frozen=True, slots=True)
class Established:
    """The handshake is done: this key is who we speak with.  It has not confirmed us yet."""

    peer_id: PeerId
    initiator: bool  # we dialled


@dataclass(frozen=True, slots=True)
class Opened:
    """READY went both ways: the peer proved that it holds the same keys, and may be heard."""

    ready: Ready


@dataclass(frozen=True, slots=True)
class PayloadReceived:
    """The peer sent `payload`: whole, in order, and from nobody else.

    `body` is what stood on the wire, which may hold fields of a later version.
    """

    payload: Payload
    body: bytes = field(default=b"", compare=False)


@dataclass(frozen=True, slots=True)
class Doubtful:
    """The peer left two pings unanswered; it may be gone."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A doubtful peer was heard again."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The session is over.

    `reason` is a code for logs and events; `error` is None after an orderly end.  If the peer
    ended it, `by_peer` is true and `retry_s` is what it asked for (0: no wish).
    """

    reason: str
    error: LanchatError | None = None
    by_peer: bool = False
    retry_s: int = 0

    @classmethod
    def by(cls, error: LanchatError) -> "Closed":
        """The end that `error` brought."""
        match error:
            case RemoteProtocolError() | PeerError():
                return cls(error.reason, error)
        return cls("LOCAL", error)


Event = Established | Opened | PayloadReceived | Doubtful | Restored | Closed
