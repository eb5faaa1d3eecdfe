r"""Session: one sealed conversation with one peer, from the first byte to the last.

    handshaking --> greeting --> open --> closed
                                  |  \         ^
                                  |   closing -+   our CLOSE is out
                                  +-> draining     a rival won: listen 2 s, then CLOSE

No socket, no clock, no randomness: the driver hands in bytes, `now` and the ephemeral keys.
PROTOCOL.md, 2 and 3.
"""

from collections.abc import Iterator
from typing import Final

from lanchat.errors import (
    BadLength,
    LanchatError,
    LocalProtocolError,
    OutOfTurn,
    PeerError,
    PeerRefused,
    PeerSilent,
    PeerTooGreedy,
    PeerUnreachable,
    SealBroken,
)
from lanchat.identity.keys import PeerId
from lanchat.session.channel import LEAST_SEALED, MOST_SEALED, Receiving, Sending, export
from lanchat.session.events import (
    Closed,
    Doubtful,
    Established,
    Event,
    Opened,
    PayloadReceived,
    Restored,
)
from lanchat.session.greeting import Admits, Greeting
from lanchat.session.handshake import Role, Terms
from lanchat.session.introduction import Introduction
from lanchat.session.keepalive import Keepalive, Verdict
from lanchat.session.noise import Secrets
from lanchat.session.smalltalk import SmallTalk
from lanchat.session.stages import ITS_OWN, STEPS, Stage
from lanchat.wire.bodies import decode, encode
from lanchat.wire.frames import FrameReader
from lanchat.wire.payloads import (
    NO_ID,
    Close,
    CloseCode,
    Payload,
    Ping,
    Pong,
    Ready,
    Text,
)

DRAIN: Final = 2.0  # seconds a losing session still listens
LINGER: Final = 1.0  # seconds the peer has to take our CLOSE
MOST_GREETING: Final = 4096 + 16  # bytes of the first record: a stranger gets no more room

#: The ends that wait: what the peer has already sent is still delivered.
_PATIENT: Final = frozenset({CloseCode.DUPLICATE, CloseCode.REPLACED})
_TEXT_HEAD: Final = len(encode(Text(NO_ID, 0, 0, 0, NO_ID, "x"))[1]) - 1  # bytes before a text


class Session:
    """One side of a session.  Has one owner and one thread; every call gets `now`."""

    def __init__(self, terms: Terms, greeting: Greeting, now: float) -> None:
        self.stage = Stage.HANDSHAKING
        self.initiator: Final = terms.role is Role.INITIATOR
        self.peer_id: PeerId | None = None
        self.ready: Ready | None = None  # theirs
        self.sent_ready: Ready | None = None
        self.opened_at = now
        self.binding = b""  # names this session; the same at both sides
        self.admits: Admits | None = None  # asked before a caller is answered, if there is one
        self._greeting = greeting
        self._exporter = b""
        self._out: list[bytes] = []
        self._unsent = 0
        self._most_text = 0  # bytes, as their READY says
        self._frames = FrameReader()
        self._introduction = Introduction(terms, self._admit, self._frames, now)
        self._sending: Sending | None = None
        self._receiving: Receiving | None = None
        self._keepalive = Keepalive(now)
        self._smalltalk = SmallTalk(now)
        self._close = Close(CloseCode.GOODBYE)
        self._close_by = now
        if self.initiator:
            self._put(self._introduction.opening())

    @property
    def closed(self) -> bool:
        """Whether it is over."""
        return self.stage is Stage.CLOSED

    @property
    def unsent(self) -> int:
        """How many bytes `outgoing` would give."""
        return self._unsent

    @property
    def last_heard(self) -> float:
        """When the peer last sent something whole."""
        return self._keepalive.heard_at

    # --- bytes in -----------------------------------------------------------------------

    def receive(self, data: bytes, now: float) -> Iterator[Event]:
        """Take `data` off the wire and yield what it means; b"" is the end of the stream.

        Run the iterator to its end before the next call, or drop it with the session.

        Raises:
            RemoteProtocolError: the peer broke the rules; the session is closed.
            LanchatError: `greeting` refused the peer; the session is closed.
        """
        if not data or self.closed:
            yield from self._ended()
            return
        try:
            if self.stage is Stage.HANDSHAKING:
                data = self._introduction.strip(data)
            for frame in self._frames.receive(data):
                if self.closed:
                    return
                event = self._take(frame, now)
                if self._keepalive.heard(now):
                    yield Restored()
                if event is not None:
                    yield event
        except LanchatError as error:
            self._fail(error, now)
            raise

    def _take(self, frame: bytes, now: float) -> Event | None:
        if self.stage is not Stage.HANDSHAKING:
            return self._record(frame, now)
        self._put(self._introduction.take(frame))
        secrets = self._introduction.secrets()
        return None if secrets is None else self._establish(secrets, now)

    def _admit(self, peer_id: PeerId) -> None:
        self.sent_ready = self._greeting(peer_id, self.initiator)

    def _establish(self, secrets: Secrets, now: float) -> Event:
        self.peer_id = self._introduction.peer_id
        self.binding = secrets.binding
        self._exporter = secrets.exporter
        self._sending = Sending(secrets.sending, self._out, now)
        self._receiving = Receiving(secrets.receiving, now)
        self._frames.least, self._frames.most = LEAST_SEALED, MOST_GREETING
        self.stage = Stage.GREETING
        if self.initiator or self.admits is None:
            self._greet(now)
        return Established(self.peer_id, self.initiator)

    def _greet(self, now: float) -> None:
        if self.sent_ready is not None:  # always: the handshake asked _admit
            self._say(self.sent_ready, now)

    def _record(self, sealed: bytes, now: float) -> Event | None:
        if self._receiving is None:
            raise LocalProtocolError(f"nothing can be opened while {self.stage.value}")
        kind, body = self._receiving.read(sealed, now)
        payload = decode(kind, body)
        if self.stage is Stage.OPEN and type(payload) is Text:  # they come by the thousand
            return PayloadReceived(payload)
        self._step(type(payload))
        if payload is None:
            self._smalltalk.idle(now)
            return None
        if type(payload) in ITS_OWN:
            return self._obey(payload, now)
        return None if self.stage is Stage.CLOSING else PayloadReceived(payload, body)

    def _step(self, kind: type) -> None:
        try:
            self.stage = STEPS[self.stage, kind]
        except KeyError:
            raise OutOfTurn(f"{kind.__name__} while {self.stage.value}") from None

    def _obey(self, payload: Payload, now: float) -> Event | None:
        match payload:
            case Ready():
                if self.admits is not None and not self.initiator:
                    if not self.admits(self._introduction.peer_id, payload):
                        raise PeerRefused("nobody is here for who only looks")
                    self._greet(now)
                self.ready = payload
                self._most_text = payload.max_text
                self.opened_at = now
                self._frames.most = MOST_SEALED
                return Opened(payload)
            case Close(code, retry_s):
                self.abandon()
                return Closed(code.name, by_peer=True, retry_s=retry_s)
            case Ping() if self.stage is Stage.OPEN:
                self._say(self._smalltalk.answer(payload, now), now)
            case Pong():
                self._smalltalk.heard(payload, now)
        return None

    def _ended(self) -> Iterator[Event]:
        stage = self.stage
        self.abandon()
        if stage is Stage.CLOSING:
            yield Closed(self._close.code.name)
        elif stage in (Stage.OPEN, Stage.DRAINING):
            yield Closed("LOST", PeerUnreachable("the connection ended without a goodbye"))
        elif stage is not Stage.CLOSED:
            yield Closed("REFUSED", PeerRefused("the connection ended before READY"))

    # --- bytes out ----------------------------------------------------------------------

    def send(self, payload: Payload, now: float) -> None:
        """Seal `payload`; the bytes come out of `outgoing`.

        Raises:
            LocalProtocolError: not open, not ours to send, or longer than the peer takes.
        """
        kind = type(payload)
        if self.stage is not Stage.OPEN or kind in ITS_OWN:
            raise LocalProtocolError(f"{kind.__name__} while {self.stage.value}")
        self._say(payload, now)

    def outgoing(self) -> bytes:
        """The bytes to write now; empties the buffer."""
        data = b"".join(self._out)
        self._out.clear()
        self._unsent = 0
        return data

    def probe(self, now: float) -> None:
        """Ask at once whether the peer is there."""
        if self.stage is not Stage.OPEN or not self._smalltalk.may_probe(now):
            return
        if self._keepalive.ask(now):
            self._ping(now)

    def begin_close(self, code: CloseCode, now: float, retry_s: int = 0) -> None:
        """Say CLOSE; a session that lost to a rival first listens for `DRAIN` seconds.

        Raises:
            LocalProtocolError: it is not open, or CLOSE is said already.
        """
        if self.stage not in (Stage.OPEN, Stage.DRAINING):
            raise LocalProtocolError(f"close while {self.stage.value}")
        self._close = Close(code, retry_s)
        if code not in _PATIENT:
            self._say_close(now)
        elif self.stage is Stage.OPEN:
            self.stage, self._close_by = Stage.DRAINING, now + DRAIN

    def export(self, name: str, context: bytes, length: int) -> bytes:
        """A secret that both sides can make and nobody else: Export in PROTOCOL.md, 2.

        Raises:
            LocalProtocolError: the session has no keys.
        """
        if not self._exporter:
            raise LocalProtocolError(f"export while {self.stage.value}")
        return export(self._exporter, name, self.binding + context, length)

    def _put(self, data: bytes) -> None:
        self._out.append(data)
        self._unsent += len(data)

    def _say(self, payload: Payload, now: float) -> None:
        if self._sending is None:
            raise LocalProtocolError(f"nothing can be sealed while {self.stage.value}")
        try:
            kind, body = encode(payload)
        except ValueError as error:
            raise LocalProtocolError(f"{type(payload).__name__} out of range") from error
        if type(payload) is Text and len(body) - _TEXT_HEAD > self._most_text:
            raise LocalProtocolError(f"text above the peer's {self._most_text} bytes")
        self._unsent += self._sending.write(kind, body, now)

    def _ping(self, now: float) -> None:
        self._say(self._smalltalk.ping(), now)

    def _say_close(self, now: float) -> None:
        self._say(self._close, now)
        self.stage, self._close_by = Stage.CLOSING, now + LINGER

    # --- time ---------------------------------------------------------------------------

    def deadline(self) -> float | None:
        """When silence becomes an event, in monotonic seconds."""
        match self.stage:
            case Stage.HANDSHAKING | Stage.GREETING:
                return self._introduction.deadline
            case Stage.OPEN:
                return self._keepalive.deadline()
            case Stage.DRAINING | Stage.CLOSING:
                return self._close_by
        return None

    def excuse(self, now: float) -> None:
        """Do not take the silence until now for the peer's: we did not listen."""
        self._keepalive.excuse(now)

    def expire(self, now: float) -> tuple[Event, ...]:
        """What the silence until `now` means."""
        deadline = self.deadline()
        if deadline is None or now < deadline:
            return ()
        match self.stage:
            case Stage.OPEN:
                return self._doubt(now)
            case Stage.DRAINING:
                self._say_close(now)
                return ()
            case Stage.CLOSING:
                self.abandon()
                return (Closed(self._close.code.name),)
        self.abandon()
        return (Closed("TIMEOUT", PeerSilent("not READY in time")),)

    def _doubt(self, now: float) -> tuple[Event, ...]:
        verdict = self._keepalive.expire(now)
        if verdict is Verdict.DEAD:
            self.abandon()
            return (Closed("TIMEOUT", PeerSilent("pings unanswered")),)
        self._ping(now)
        return (Doubtful(),) if verdict is Verdict.DOUBT else ()

    # --- the end ------------------------------------------------------------------------

    def abandon(self) -> None:
        """Forget the keys: the connection is cut, nothing more is said or heard."""
        self.stage = Stage.CLOSED
        self._sending = None
        self._receiving = None
        self._exporter = b""

    def _fail(self, error: LanchatError, now: float) -> None:
        """End it; a proven peer is told the kind of its fault, a broken seal tells nothing."""
        silent = isinstance(error, SealBroken | BadLength | PeerError)
        if self.stage in (Stage.OPEN, Stage.DRAINING) and not silent:
            greedy = isinstance(error, PeerTooGreedy)
            self._say(Close(CloseCode.LIMIT if greedy else CloseCode.PROTOCOL), now)
        self.abandon()
