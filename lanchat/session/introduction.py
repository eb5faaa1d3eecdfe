"""Introduction: the bytes before the first record, from either side.  PROTOCOL.md, 2.

The preface and the three messages of the handshake, each of one exact length, and the time a
stranger has for them.
"""

from collections.abc import Callable
from typing import Final

from lanchat.errors import BadLength, BadPreface
from lanchat.identity.keys import PeerId
from lanchat.session.handshake import (
    MAGIC,
    MESSAGE_1,
    MESSAGE_2,
    MESSAGE_3,
    PREFACE,
    Handshake,
    Role,
    Terms,
    check_preface,
)
from lanchat.session.noise import Secrets
from lanchat.wire.frames import FrameReader, encode_frame

FIRST_MESSAGE: Final = 1.0  # seconds a stranger has for a whole message 1
UNTIL_READY: Final = 5.0  # seconds for everything until READY
MOST_HELD: Final = 4096  # bytes; an honest peer has sent a third of it before READY is due


class Introduction:
    """One side of it; sets the bounds of `frames` as it goes."""

    def __init__(
        self,
        terms: Terms,
        admit: Callable[[PeerId], None],
        frames: FrameReader,
        now: float,
    ) -> None:
        self._initiator = terms.role is Role.INITIATOR
        self._handshake = Handshake(terms, admit)
        self._frames = frames
        self._early = b""  # the first bytes, until it is sure what they are
        self._prefaced = False
        self._ready_by = now + UNTIL_READY
        self._first_by = self._ready_by if self._initiator else now + FIRST_MESSAGE
        self._expect(MESSAGE_2 if self._initiator else MESSAGE_1)

    @property
    def peer_id(self) -> PeerId:
        """The proven identity of the other side, once there is one."""
        return self._handshake.peer_id

    @property
    def deadline(self) -> float:
        """When the other side has taken too long."""
        return min(self._first_by, self._ready_by)

    def opening(self) -> bytes:
        """What the initiator sends before it hears anything."""
        return PREFACE + encode_frame(self._handshake.first())

    def strip(self, data: bytes) -> bytes:
        """Take the preface off the stream: the initiator's, or a responder's refusal.

        Raises:
            OtherVersion: the other side speaks another version.
            BadPreface: it does not speak lanchat.
            BadLength: it sends more than anybody needs before READY.
        """
        if len(data) + len(self._early) + self._frames.held > MOST_HELD:
            raise BadLength("too many bytes before READY")
        if self._prefaced:
            return data
        early = self._early = self._early + data
        if not self._initiator:
            if len(early) < len(PREFACE) and PREFACE.startswith(early):
                return b""
            check_preface(early[: len(PREFACE)])
            early = early[len(PREFACE) :]
        elif MAGIC.startswith(early[: len(MAGIC)]):  # no message 2 begins like that
            if len(early) < len(PREFACE):
                return b""
            check_preface(early[: len(PREFACE)])
            raise BadPreface("our own preface came back")
        self._prefaced, self._early = True, b""
        return early

    def take(self, message: bytes) -> bytes:
        """Take one message of the handshake and return the framed answer, maybe none."""
        if self._initiator:
            return encode_frame(self._handshake.third(message))
        if self._frames.most == MESSAGE_3:
            self._handshake.finish(message)
            return b""
        self._first_by = self._ready_by
        answer = encode_frame(self._handshake.second(message))
        self._expect(MESSAGE_3)
        return answer

    def secrets(self) -> Secrets | None:
        """The keys of the session once all three messages went by; only once."""
        return self._handshake.split() if self._handshake.finished else None

    def _expect(self, size: int) -> None:
        self._frames.least = self._frames.most = size
