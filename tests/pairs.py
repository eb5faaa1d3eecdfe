"""Pair: two sessions and the wire between them, with hands on it.

No socket and no clock: `pair.now` is the time, and what one side says lies on the wire until
`exchange` or a test carries it over.
"""

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any, Final

from lanchat.errors import LanchatError
from lanchat.identity.keys import Identity, PeerId
from lanchat.session.channel import LEAST_SEALED
from lanchat.session.events import Closed, Established, Event, Opened, PayloadReceived
from lanchat.session.greeting import Greeting
from lanchat.session.handshake import RANDOM, Ephemeral, Role, Terms
from lanchat.session.machine import Session
from lanchat.wire.frames import FrameReader, encode_frame
from lanchat.wire.payloads import MAX_TEXT, NO_ID, NO_KEY, Payload, Ready, Text

ANN: Final = Identity(b"a" * 32)
BOB: Final = Identity(b"b" * 32)


def ephemeral(word: str) -> Ephemeral:
    """The same private bytes for the same word.  Only a test may draw like that."""
    return Ephemeral.cut(hashlib.shake_256(word.encode()).digest(RANDOM))


def ready(name: str, **changes: Any) -> Greeting:
    """A greeting that says `name` to everybody."""
    said = Ready(0, 1, 0, 0, 0, MAX_TEXT, 2**40, NO_KEY, NO_KEY, name)

    def greet(peer_id: PeerId, initiator: bool) -> Ready:
        return replace(said, dial=int(initiator), **changes)

    return greet


def text(words: str = "hi", number: int = 1) -> Text:
    """A message; `number` makes its id."""
    return Text(number.to_bytes(16, "big"), number, 1000 + number, 0, NO_ID, words)


@dataclass
class Side:
    """One session, what it told, and how it failed."""

    session: Session
    events: list[Event] = field(default_factory=list)
    error: LanchatError | None = None

    def take(self, data: bytes, now: float) -> None:
        """Hear `data`, and what it means."""
        try:
            for event in self.session.receive(data, now):
                self.events.append(event)
        except LanchatError as error:
            self.error = error

    def wait(self, now: float) -> None:
        """Let time pass, without a word from the other side."""
        self.events += self.session.expire(now)

    @property
    def heard(self) -> list[Payload]:
        """The payloads that came."""
        return [e.payload for e in self.events if isinstance(e, PayloadReceived)]

    @property
    def opened(self) -> bool:
        """Whether READY came."""
        return any(isinstance(event, Opened) for event in self.events)

    @property
    def established(self) -> Established:
        """Who was proven."""
        return next(e for e in self.events if isinstance(e, Established))

    @property
    def closed(self) -> Closed:
        """The one `Closed`."""
        (closed,) = [e for e in self.events if isinstance(e, Closed)]
        return closed


class Pair:
    """Ann dials Bob.  Keywords for one of them change its `Terms`."""

    def __init__(
        self,
        *,
        ann: dict[str, Any] | None = None,
        bob: dict[str, Any] | None = None,
        greet_ann: Greeting | None = None,
        greet_bob: Greeting | None = None,
        word: str = "",
    ) -> None:
        self.now = 0.0
        ours = Terms(Role.INITIATOR, ANN, ephemeral(f"ann {word}"), expected=BOB.peer_id)
        theirs = Terms(Role.RESPONDER, BOB, ephemeral(f"bob {word}"))
        ours, theirs = replace(ours, **(ann or {})), replace(theirs, **(bob or {}))
        self.ann = Side(Session(ours, greet_ann or ready("ann"), self.now))
        self.bob = Side(Session(theirs, greet_bob or ready("bob"), self.now))

    def exchange(self) -> None:
        """Carry everything to and fro until both are quiet."""
        while True:
            to_bob, to_ann = self.ann.session.outgoing(), self.bob.session.outgoing()
            if not to_bob and not to_ann:
                return
            self.to_bob(to_bob)
            self.to_ann(to_ann)

    def to_ann(self, data: bytes) -> None:
        """Ann hears `data`."""
        if data:
            self.ann.take(data, self.now)

    def to_bob(self, data: bytes) -> None:
        """Bob hears `data`."""
        if data:
            self.bob.take(data, self.now)

    def say(self, payload: Payload) -> bytes:
        """The frame in which Ann says `payload`, taken off the wire."""
        self.ann.session.send(payload, self.now)
        return self.ann.session.outgoing()

    def slip(self, kind: int, body: bytes) -> bytes:
        """The frame of a record that no honest Ann would write, sealed with her key."""
        sending = self.ann.session._sending
        assert sending is not None
        sending.write(kind, body, self.now)
        return self.ann.session.outgoing()

    def slip_raw(self, plaintext: bytes) -> bytes:
        """The same, without padding: `plaintext` is sealed as it stands."""
        sending = self.ann.session._sending
        assert sending is not None
        return encode_frame(sending._cipher.seal(plaintext))


def met(**changes: Any) -> Pair:
    """A pair that has met: READY went both ways, and the wire is empty."""
    pair = Pair(**changes)
    pair.exchange()
    assert pair.ann.opened
    assert pair.bob.opened
    return pair


def frames(data: bytes) -> list[bytes]:
    """The frames in `data`, each with its length in front."""
    return [encode_frame(body) for body in FrameReader(least=LEAST_SEALED).receive(data)]
