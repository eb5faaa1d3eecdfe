"""What a front end may see happen.  Facts, in the order they happened.  Pure.

`rows.py` says how each becomes a line of JSON (docs/COMMANDS.md, *Events*).
"""

from dataclasses import dataclass
from enum import StrEnum

from lanchat.conversation.message import Message
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust


class Presence(StrEnum):
    """How sure we are that a peer is there."""

    SEEN = "seen"  # an advert lives: a rumour
    ONLINE = "online"  # a session proves it
    DOUBTFUL = "doubtful"  # the session has stopped answering
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class PeerView:
    """What the list shows of one peer; `addresses` without the port, newest first."""

    peer_id: PeerId
    name: str
    trust: Trust
    presence: Presence
    addresses: tuple[str, ...] = ()
    port: int = 0


@dataclass(frozen=True, slots=True)
class NodeReady:
    """The node listens and is announced."""

    peer_id: PeerId
    name: str
    port: int
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeerAppeared:
    """A peer came onto the list."""

    peer: PeerView


@dataclass(frozen=True, slots=True)
class PeerChanged:
    """Something the list shows of a peer changed."""

    peer: PeerView


@dataclass(frozen=True, slots=True)
class PeerLeft:
    """A peer is gone from the list."""

    peer: PeerView


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """What is held of a peer changed, or nothing is held of it any more."""

    peer_id: PeerId
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """A session with a proven peer stands."""

    peer_id: PeerId
    name: str
    trust: Trust


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """No session with this peer is left; `reason` is a reason code of PROTOCOL.md."""

    peer_id: PeerId
    name: str
    trust: Trust
    reason: str


@dataclass(frozen=True, slots=True)
class MessageAdded:
    """A message is in the history: one of theirs arrived, or one of ours was written."""

    message: Message
    name: str
    trust: Trust


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """A message of ours was delivered or read."""

    message: Message


@dataclass(frozen=True, slots=True)
class OfferReceived:
    """A peer offers files; `shown` are the first top-level entries as (name, size)."""

    peer_id: PeerId
    name: str
    trust: Trust
    transfer: bytes
    shown: tuple[tuple[str, int], ...]
    count: int  # files and folders in all
    total: int  # bytes
    accepted: bool
    at: int = 0  # ms since 1970


class TransferState(StrEnum):
    """How far a transfer is.  The last four are final."""

    OFFERED = "offered"
    WAITING = "waiting"  # accepted or resumable, no lane now
    RUNNING = "running"
    DONE = "done"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TransferChanged:
    """A transfer moved on; `done` and `total` in bytes, `rate` in bytes a second."""

    peer_id: PeerId
    transfer: bytes
    done: int
    total: int
    rate: int


@dataclass(frozen=True, slots=True)
class FileReceived:
    """A top-level file or folder of an offer lies in the download folder."""

    peer_id: PeerId
    transfer: bytes
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class TransferEnded:
    """A transfer reached a final state; `reason` says why it is not done."""

    peer_id: PeerId
    transfer: bytes
    outgoing: bool
    state: TransferState
    reason: str = ""


class CheckState(StrEnum):
    """How far a spoken check is, as its user sees it.  The last three are final."""

    ASKED = "asked"  # they want to compare words; our user has not agreed yet
    WAITING = "waiting"  # for them to take part
    WORDS = "words"  # to be read aloud; our user has to answer
    ANSWERED = "answered"  # our user said that they match; theirs has not answered yet
    MATCHED = "matched"  # our user said so; `reason` is empty if theirs did too
    FAILED = "failed"
    INTERRUPTED = "interrupted"  # nothing is changed by it


@dataclass(frozen=True, slots=True)
class CheckChanged:
    """A spoken check moved on; `until` is when its time is up, in ms since 1970.

    `reason` of an end: different, they-differ, wrong-reveal (failed); cancelled,
    they-cancelled, nobody, busy, timeout, lost (interrupted, or matched by our user alone).
    """

    peer_id: PeerId
    name: str
    trust: Trust
    state: CheckState
    run: int
    words: tuple[str, ...] = ()
    reason: str = ""
    until: int = 0


@dataclass(frozen=True, slots=True)
class Warned:
    """Something a person should know; `detail` is a sentence."""

    code: str
    detail: str
    peer_id: PeerId | None = None


NodeEvent = (
    NodeReady
    | PeerAppeared
    | PeerChanged
    | PeerLeft
    | ContactChanged
    | SessionOpened
    | SessionClosed
    | MessageAdded
    | MessageChanged
    | OfferReceived
    | TransferChanged
    | FileReceived
    | TransferEnded
    | CheckChanged
    | Warned
)
