"""Payloads: everything that one record may hold.  PROTOCOL.md, 3a.

Each payload is a frozen value; `bodies.py` says, field by field, how it becomes the body
of a record.
"""

from dataclasses import dataclass
from typing import Final

from lanchat.wire.codes import Availability as Availability
from lanchat.wire.codes import CancelCode as CancelCode
from lanchat.wire.codes import CloseCode as CloseCode
from lanchat.wire.codes import DeclineCode as DeclineCode
from lanchat.wire.codes import DoneStage as DoneStage
from lanchat.wire.codes import Fault as Fault
from lanchat.wire.codes import Reached as Reached
from lanchat.wire.codes import ReceiptState as ReceiptState
from lanchat.wire.codes import SasCode as SasCode
from lanchat.wire.codes import TopKind as TopKind

ID_SIZE: Final = 16  # bytes of a message or transfer id
MAX_TEXT: Final = 60_000  # bytes of one text
MAX_NAME: Final = 63  # bytes of a nickname
MAX_STATUS: Final = 140  # bytes of a status line
MAX_TOTAL: Final = 2**40  # bytes of one offer
MAX_MANIFEST: Final = 2**25  # bytes
MAX_ENTRIES: Final = 200_000  # files and folders of one offer
MAX_SHOWN: Final = 64  # top-level entries an offer names
CHUNK: Final = 2**20  # bytes; offsets are multiples of it (PROTOCOL.md, 4)
MOST_LISTED: Final = 60_000  # bytes of the manifest in one LISTING
MOST_ASKED: Final = 1024  # entries that one PROVE reaches
MOST_SOUGHT: Final = 64  # people in one SEEK
TAG_SIZE: Final = 16  # bytes that stand for somebody in SEEK
MOST_RECORD: Final = 512  # bytes of an address record; one of today has 252 at most
MOST_SKIPPED: Final = MAX_ENTRIES // 8  # bytes of the set in ACCEPT
PROOF_SIZE: Final = 32  # bytes
REPLACE: Final = 1  # flag of READY: this session ends all older ones
LOOKS: Final = 2  # flag of READY: who calls brings nothing, and may go unanswered
SURVEY: Final = 1  # bit of READY.caps: LOOK and PROVE are answered, ACCEPT may skip entries
DIAL_BACK: Final = 2  # bit of READY.caps: DIAL_BACK is answered
INTRODUCE: Final = 4  # bit of READY.caps: address records are passed on
SKIP: Final = 1  # flag of OFFER: the sender asks that what is there already is not sent
RESUMABLE: Final = 1  # flag of CANCEL: the receiver may keep its part
NO_ID: Final = bytes(ID_SIZE)
NO_KEY: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class Ready:
    """The first record each way: key confirmation, and what the writer says of itself."""

    flags: int
    epoch: int
    dial: int
    port: int
    caps: int
    max_text: int
    max_stream: int
    reach: bytes
    beacon_key: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Close:
    """The writer sends nothing more; `retry_s` is when to come back, 0 for any time."""

    code: CloseCode
    retry_s: int = 0


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you there?"""

    token: bytes


@dataclass(frozen=True, slots=True)
class Pong:
    """Yes: the token of the ping."""

    token: bytes


@dataclass(frozen=True, slots=True)
class KeyUpdate:
    """The last record under the writer's key."""


@dataclass(frozen=True, slots=True)
class Info:
    """New values for what READY said, and what somebody says of being there."""

    flags: int
    reach: bytes
    beacon_key: bytes
    name: str
    availability: Availability = Availability.AVAILABLE
    status: str = ""


@dataclass(frozen=True, slots=True)
class DialBack:
    """Can you connect to where I listen?"""

    token: bytes


@dataclass(frozen=True, slots=True)
class Dialled:
    """What came of it; `heard`: whether our advert is on the writer's list."""

    token: bytes
    reached: Reached
    heard: int


@dataclass(frozen=True, slots=True)
class Seek:
    """Whom the writer looks for, by tags that only their friends can make out."""

    tags: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Addresses:
    """A signed address record: the writer's own, or one that the reader looked for."""

    record: bytes


@dataclass(frozen=True, slots=True)
class Text:
    """One chat message; `sent_at` is the author's claim, in ms since 1970."""

    id: bytes
    seq: int
    sent_at: int
    flags: int
    reply_to: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of messages, by id."""

    state: ReceiptState
    ids: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Top:
    """A top-level entry of an offer: `size` in bytes, of a folder the sum of its files."""

    kind: TopKind
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Files and folders proposed; the manifest itself travels in the lane."""

    id: bytes
    flags: int
    files: int
    folders: int
    total: int
    manifest_len: int
    manifest_sha256: bytes
    tops: int
    shown: tuple[Top, ...]

    def __post_init__(self) -> None:
        entries = self.files + self.folders
        if not 1 <= entries <= MAX_ENTRIES or not 1 <= self.tops <= entries:
            raise ValueError("offer of too few or too many entries")
        if len(self.shown) != min(self.tops, MAX_SHOWN):
            raise ValueError("offer does not name its first entries")


@dataclass(frozen=True, slots=True)
class Accept:
    """Yes to an offer, from `offset` on; `prefix_sha256` is of what is already here.

    `skip` is the set of entries that are not to be sent (`transfer.skips`).
    """

    id: bytes
    attempt: int
    salt: bytes
    offset: int
    prefix_sha256: bytes
    skip: bytes = b""

    def __post_init__(self) -> None:
        _check_set(self.skip)
        if self.offset % CHUNK:
            raise ValueError("offset is no multiple of a chunk")
        if (self.offset == 0) != (self.prefix_sha256 == NO_KEY):
            raise ValueError("prefix digest without a prefix, or the other way round")


@dataclass(frozen=True, slots=True)
class Decline:
    """No to an offer; `detail` is bytes missing or seconds to wait, by `code`."""

    id: bytes
    code: DeclineCode
    detail: int = 0


@dataclass(frozen=True, slots=True)
class Cancel:
    """An attempt ends early; attempt 0 means the whole offer.

    `fault` and `missing` bytes say what it waits for, where that is the receiver's disk.
    """

    id: bytes
    attempt: int
    code: CancelCode
    flags: int = 0
    missing: int = 0
    fault: Fault = Fault.UNSAID


@dataclass(frozen=True, slots=True)
class Done:
    """All sent, or stored; `digest` covers the tags of this attempt's chunks in order."""

    id: bytes
    attempt: int
    stage: DoneStage
    chunks: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Start:
    """The lane may be dialled; `offset` is that of the accept, or 0."""

    id: bytes
    attempt: int
    offset: int


@dataclass(frozen=True, slots=True)
class Look:
    """Before ACCEPT: the receiver wants the manifest from `offset` on."""

    id: bytes
    attempt: int
    offset: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A piece of the manifest, from `offset` on."""

    id: bytes
    attempt: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Prove:
    """The receiver wants proofs of the files in `asked`, a set that begins at entry `first`."""

    id: bytes
    attempt: int
    first: int
    asked: bytes

    def __post_init__(self) -> None:
        _check_set(self.asked)


@dataclass(frozen=True, slots=True)
class Proof:
    """The proofs of the files that the PROVE with this `first` asked for, in order."""

    id: bytes
    attempt: int
    first: int
    proofs: bytes

    def __post_init__(self) -> None:
        if len(self.proofs) % PROOF_SIZE:
            raise ValueError("a proof cut short")


@dataclass(frozen=True, slots=True)
class SasCommit:
    """Spoken check, first: a commitment to a nonce."""

    run: int
    commitment: bytes


@dataclass(frozen=True, slots=True)
class SasNonce:
    """Spoken check, second: the answering nonce."""

    run: int
    nonce: bytes


@dataclass(frozen=True, slots=True)
class SasReveal:
    """Spoken check, third: the nonce that was committed to."""

    run: int
    nonce: bytes


@dataclass(frozen=True, slots=True)
class SasResult:
    """Spoken check, last: what the other person answered."""

    run: int
    code: SasCode


Survey = Look | Listing | Prove | Proof
Transfer = Offer | Accept | Decline | Cancel | Done | Start | Survey
Sas = SasCommit | SasNonce | SasReveal | SasResult
Checkup = DialBack | Dialled
Introduction = Seek | Addresses
Sign = Ready | Close | Ping | Pong | KeyUpdate | Info
Payload = Sign | Checkup | Introduction | Text | Receipt | Transfer | Sas


def _check_set(said: bytes) -> None:
    if said.endswith(b"\0"):
        raise ValueError("a set with a zero byte at its end")
