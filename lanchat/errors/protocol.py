"""What another computer did that breaks the protocol, or we did ourselves."""

from typing import ClassVar

from lanchat.errors.root import LanchatError


class ProtocolError(LanchatError):
    """The conversation broke the rules of the protocol."""


class LocalProtocolError(ProtocolError):
    """A session was asked for something it may not do now."""


class RemoteProtocolError(ProtocolError):
    """The other computer sent something lanchat does not understand."""

    reason: ClassVar[str] = "BAD_MESSAGE"  # for the log and `session-closed`


class BadPreface(RemoteProtocolError):
    """What answered does not speak lanchat."""

    reason = "BAD_PREFACE"


class OtherVersion(BadPreface):
    """The other computer speaks another version of lanchat; update the older of the two."""

    def __init__(self, version: int) -> None:
        super().__init__(f"preface of version {version}")
        self.version = version


class BadLength(RemoteProtocolError):
    """The other computer sent a piece of the wrong length."""

    reason = "BAD_LENGTH"


class OversizedFrame(BadLength):
    """The other computer sent a frame larger than lanchat accepts."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"frame of {size} bytes, limit {limit}")
        self.size, self.limit = size, limit


class MalformedPayload(RemoteProtocolError):
    """The other computer sent a message that makes no sense."""


class BadRecord(RemoteProtocolError):
    """The other computer sent a record that is not put together as it must be."""

    reason = "BAD_RECORD"


class SealBroken(RemoteProtocolError):
    """Something between the two computers changed what was sent, so the session was ended."""

    reason = "AUTH_FAILED"


class OutOfTurn(RemoteProtocolError):
    """The other computer sent something that does not belong here."""

    reason = "UNEXPECTED"


class PeerTooGreedy(RemoteProtocolError):
    """The other computer took more than its share, so the session was ended."""

    reason = "LIMIT"


class AuthenticationError(RemoteProtocolError):
    """The other computer could not prove who it is."""

    reason = "AUTH_FAILED"


class BadKey(AuthenticationError):
    """The other computer offered a key that proves nothing."""

    reason = "BAD_KEY"


class WrongPeer(AuthenticationError):
    """Somebody else answered: not the key that was expected. Nothing was sent to it."""

    reason = "WRONG_PEER"


class ReachedOurselves(AuthenticationError):
    """That address leads back to this profile."""

    reason = "SELF"


class Downgrade(AuthenticationError):
    """The two computers would have used an older protocol than both know; nothing was sent."""

    reason = "DOWNGRADE"
