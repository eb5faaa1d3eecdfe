"""What a front end may see happen.  Facts, in the order they happened.  Pure.

`rows.py` says how each becomes a line of JSON (docs/COMMANDS.md, *Events*).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lanchat.conversation.message import Message
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node.presence import Availability as Availability
from lanchat.node.presence import PeerView as PeerView
from lanchat.node.presence import Presence as Presence
from lanchat.node.presence import Showing as Showing
from lanchat.node.presence import Version as Version
from lanchat.transfer.clash import Clash


@dataclass(frozen=True, slots=True)
class NodeReady:
    """The node listens and is announced."""

    peer_id: PeerId
    name: str
    port: int
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NetworksChanged:
    """Others reach us at these addresses from now on."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Renamed:
    """We are called something else from now on."""

    peer_id: PeerId  # ours
    name: str


@dataclass(frozen=True, slots=True)
class ShowingChanged:
    """We say something else of being there from now on."""

    showing: Showing


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
class HistoryExpired:
    """Messages of a conversation were deleted here, as they were too old."""

    peer_id: PeerId
    ids: frozenset[bytes]


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
    earlier: bool = False  # what came of them before, under such a name, can be compared
    wishes: bool = False  # they ask that what is here already is skipped
    declined: bool = False  # nobody is asked, and nothing is taken


class TransferState(StrEnum):
    """How far a transfer is.  The last four are final."""

    ASKED = "asked"  # theirs; waits for our user's answer
    OFFERED = "offered"  # ours; waits for their answer
    WAITING = "waiting"  # accepted or resumable, no lane now
    CHECKING = "checking"  # what is there already is being compared
    RUNNING = "running"
    PAUSED = "paused"  # by a person; it goes on when that one wants
    HELD = "held"  # the receiver's disk does not take it; it goes on by itself once it does
    DONE = "done"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    FAILED = "failed"


ENDS: Final = frozenset(
    {
        TransferState.DONE,
        TransferState.DECLINED,
        TransferState.CANCELLED,
        TransferState.FAILED,
    }
)


class Fault(StrEnum):
    """Why the receiver's disk does not take what comes."""

    FULL = "full"
    QUOTA = "quota"  # our user's share of it is used up
    READ_ONLY = "read-only"
    FORBIDDEN = "forbidden"  # our user may not write there
    GONE = "gone"  # the folder is not there, or another one is
    DEFECT = "defect"


class By(StrEnum):
    """Who paused or ended a transfer."""

    ME = "me"
    THEM = "them"


@dataclass(frozen=True, slots=True)
class TransferView:
    """What a list shows of one transfer.  Sizes in bytes, `rate` in bytes a second."""

    peer_id: PeerId
    transfer: bytes
    outgoing: bool
    state: TransferState
    shown: tuple[tuple[str, int], ...]  # the first top-level entries as (name, size)
    count: int  # files and folders in all
    total: int
    done: int = 0
    rate: int = 0  # 0 while it is not known
    by: By | None = None  # who paused it, or said that it ends
    reason: str = ""  # a sentence: why it is not done
    paths: tuple[str, ...] = ()  # where the received ones lie
    at: int = 0  # ms since 1970 of the offer
    fault: Fault | None = None  # what holds it
    missing: int = 0  # bytes of room that lack, where that is it
    earlier: bool = False  # asked: what came of them before can be compared
    clash: Clash | None = None  # what becomes of names that are taken; None: not decided
    skipped: int = 0  # files that were not sent, as they were there
    programs: tuple[str, ...] = ()  # received ones that were programs, and are none here

    @property
    def place(self) -> tuple[PeerId, bytes, bool]:
        """What tells it from all others: whose, its id, and whether it is ours."""
        return self.peer_id, self.transfer, self.outgoing

    @property
    def over(self) -> bool:
        """Whether it is in a final state."""
        return self.state in ENDS

    @property
    def held(self) -> bool:
        """Whether it waits for the receiver's disk."""
        return self.state is TransferState.HELD

    @property
    def seconds_left(self) -> int | None:
        """How long it takes at this rate; None while nobody can say."""
        if self.state is not TransferState.RUNNING:
            return None
        return seconds_left(self.done, self.total, self.rate)


def seconds_left(done: int, total: int, rate: int) -> int | None:
    """Seconds until the rest is there at `rate` bytes a second, rounded up."""
    return -(-max(total - done, 0) // rate) if rate > 0 else None


@dataclass(frozen=True, slots=True)
class TransferMoved:
    """A transfer is new, or came to another state."""

    view: TransferView


@dataclass(frozen=True, slots=True)
class TransferChanged:
    """A transfer moved on, in bytes; `checking`: so much of what may be here was compared."""

    peer_id: PeerId
    transfer: bytes
    done: int
    total: int
    rate: int
    checking: bool = False


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
    clash: Clash | None = None  # theirs: what became of names that were taken
    skipped: int = 0  # files that did not come, as they were here
    programs: int = 0  # files that were programs at the sender, and are none here


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
    | NetworksChanged
    | Renamed
    | ShowingChanged
    | PeerAppeared
    | PeerChanged
    | PeerLeft
    | ContactChanged
    | SessionOpened
    | SessionClosed
    | MessageAdded
    | MessageChanged
    | HistoryExpired
    | OfferReceived
    | TransferMoved
    | TransferChanged
    | FileReceived
    | TransferEnded
    | CheckChanged
    | Warned
)
