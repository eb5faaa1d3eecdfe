"""Every error lanchat raises on purpose.

One tree, so that a front end can catch `LanchatError` and be sure the rest are bugs.
The first line of each docstring is the sentence the user reads: what happened, and what
to do where something can be done.  `str(error)` is the detail for the log and holds no
key, passphrase, name or text of anybody; numbers are attributes.
"""

from typing import ClassVar


class LanchatError(Exception):
    """Something went wrong."""

    hint: str = ""  # what to try, for people; may hold names, so it is never logged

    @property
    def sentence(self) -> str:
        """The sentence shown to the user: the first line of the class docstring."""
        return (type(self).__doc__ or "").partition("\n")[0]


class Unforeseen(LanchatError):
    """Something went wrong that should not be possible; the log has more."""


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


class PeerError(LanchatError):
    """The other person's lanchat cannot be used now."""

    reason: ClassVar[str] = "UNREACHABLE"


class PeerUnreachable(PeerError):
    """The other computer does not answer; it may be off, or a firewall may be in the way."""


class PeerNotFound(PeerError):
    """Nobody of that name or id was found on the network."""


class PeerSilent(PeerError):
    """The other computer stopped answering."""

    reason = "TIMEOUT"


class PeerBlocked(PeerError):
    """You blocked this person; unblock them first."""

    reason = "BLOCKED"


class PeerRefused(PeerError):
    """The other computer does not take this now."""

    reason = "LIMIT"


class AmbiguousPeer(PeerError):
    """More than one person fits that name; use the peer id."""


class UnconfirmedPeer(PeerError):
    """This person is new here: check the fingerprint and use the whole peer id."""

    def __init__(self, peer_id: str, name: str, words: tuple[str, ...]) -> None:
        super().__init__("not confirmed")
        self.peer_id, self.name, self.words = peer_id, name, words
        self.hint = f"the whole peer id is {peer_id}"


class NameTaken(PeerError):
    """That name looks like the name of somebody else you know, or yours; use an alias."""


class VerificationFailed(PeerError):
    """The comparison failed: this may not be the person you think it is."""


class CheckInterrupted(PeerError):
    """The words were not compared to the end; nothing is changed by that."""


class CheckOver(PeerError):
    """There are no words to answer any more; start the comparison again."""


class CheckUnderWay(PeerError):
    """You are comparing words with somebody else; finish that first."""


class TooManyChecks(PeerError):
    """You compared words with this person three times of late; wait ten minutes."""

    reason = "LIMIT"


class TransferError(LanchatError):
    """The files could not be passed on."""

    reason: ClassVar[str] = "TRANSFER"


class OfferDeclined(TransferError):
    """The other person declined the files."""

    reason = "DECLINED"


class TransferAbandoned(TransferError):
    """The transfer was stopped before its end."""


class DigestMismatch(TransferError):
    """What arrived is not what was sent; send the files again."""


class UnsafeName(TransferError):
    """The offer holds a file name that is not safe to write."""

    reason = "REJECTED_NAME"


class BadManifest(TransferError):
    """The list of offered files contradicts itself."""


class NoSpace(TransferError):
    """There is not enough free space for the files."""

    reason = "DISK"

    def __init__(self, missing: int) -> None:
        super().__init__(f"{missing} bytes missing")
        self.missing = missing


class DiskFailed(TransferError):
    """The disk refused to read or write."""

    reason = "DISK"


class FileChanged(TransferError):
    """A file changed while it was being sent; send it again."""

    reason = "CHANGED"


class SourceMissing(TransferError):
    """A file or folder to send is not there or cannot be read."""


class OfferTooLarge(TransferError):
    """These are more files or bytes than one offer can carry; send them in parts."""


class LaneLost(TransferError):
    """The connection broke during the transfer; it can go on from where it stopped."""

    reason = "LANE"


class LaneStalled(LaneLost):
    """The transfer stood still for too long."""

    reason = "LIMIT"


class StoreError(LanchatError):
    """What lanchat remembers cannot be used."""


class NoProfile(StoreError):
    """There is no such profile; run: lanchat register NAME."""


class ProfileExists(StoreError):
    """There is a profile already; nothing was changed."""


class WrongPassphrase(StoreError):
    """The passphrase is wrong."""


class BadPassphrase(StoreError):
    """A passphrase has 8 to 1,024 bytes; choose a longer or shorter one."""


class NoPassphrase(StoreError):
    """A passphrase is needed; give --passphrase-file FILE or run this at a terminal."""


class StoreDamaged(StoreError):
    """The profile is damaged; restore it from a backup."""


class StoreFull(StoreError):
    """There is no space left to remember this; free some on the disk and try again."""


class NotPrivate(StoreError):
    """The profile's folder belongs to another user of this computer; choose another folder."""


class NotEnoughMemory(StoreError):
    """There is not enough free memory to open the profile; close something and try again."""


class StoreTooNew(StoreError):
    """A newer lanchat wrote this profile; update this one."""


class AlreadyRunning(StoreError):
    """Another lanchat holds this profile."""

    raised: bool = False  # it has a window, which was brought to the front

    def __init__(self, pid: int | None = None) -> None:
        super().__init__(f"held by process {pid}" if pid else "held")
        self.pid = pid


class ProfileLocked(StoreError):
    """The window holds this profile and is locked; unlock it first."""


class NoDisplay(LanchatError):
    """There is no screen to open the window on."""


class NoToolkit(LanchatError):
    """The window needs tkinter and Pillow, and one of them is not installed."""


class DiscoveryError(LanchatError):
    """Other computers cannot be looked for."""


class BadAdvert(DiscoveryError):
    """An announcement on the network was not put together as it must be."""


class NoMulticast(DiscoveryError):
    """Multicast is not available; people can still be reached by their address."""


class BadRequest(LanchatError):
    """That request does not make sense."""


class BadWords(BadRequest):
    """These are not the words of a fingerprint."""

    def __init__(self, place: int, hint: str) -> None:
        super().__init__(f"word {place}")
        self.place = place  # of the first fault, counted from 1
        self.hint = hint


class BadInvite(BadRequest):
    """That is not an invite, or it was damaged on the way."""


class PortTaken(LanchatError):
    """That port is in use; choose another with --port."""


class BadInput(LanchatError):
    """A file that was named cannot be read or written."""


class OutputLost(LanchatError):
    """The output could not be written."""


class ControlLost(LanchatError):
    """The lanchat that holds this profile went away before it was done."""


class NoRandomness(LanchatError):
    """This computer gives no good random numbers, so nothing can be kept secret now."""


class DemoFailed(LanchatError):
    """A step of the demo did not do what it should."""
