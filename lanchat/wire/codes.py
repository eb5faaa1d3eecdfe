"""Codes: the bytes of payloads that stand for a word.  PROTOCOL.md, 3a."""

from enum import IntEnum


class CloseCode(IntEnum):
    """Why a session ends, as the peer is told."""

    GOODBYE = 1
    DUPLICATE = 2
    REPLACED = 3
    LIMIT = 4
    PROTOCOL = 5
    IDLE = 6
    LOCKED = 7
    REFUSED = 8
    INTERNAL = 9


class Availability(IntEnum):
    """What a person says of being there."""

    AVAILABLE = 0  # or it comes from an older lanchat
    AWAY = 1
    BUSY = 2


class Reached(IntEnum):
    """What came of dialling somebody back."""

    UNTRIED = 0  # too often, or nowhere to dial
    ANSWERED = 1
    CLOSED = 2  # the computer is there, and nobody listens
    SILENT = 3


class ReceiptState(IntEnum):
    """What became of a message at the peer."""

    STORED = 1
    READ = 2
    REFUSED = 3


class DeclineCode(IntEnum):
    """Why an offer is not taken."""

    DECLINED = 1
    NOT_ALLOWED = 2
    NO_SPACE = 3
    LIMITS = 4
    BAD_NAMES = 5
    UNKNOWN = 6
    BUSY = 7


class CancelCode(IntEnum):
    """Why an offer or an attempt ends early."""

    USER = 1
    FILE_CHANGED = 2
    READ_ERROR = 3
    WRITE_ERROR = 4
    LANE_FAILED = 5
    LIMIT = 6
    TRUST_WITHDRAWN = 7


class Fault(IntEnum):
    """Why the receiver's disk does not take what comes; the transfer waits for it."""

    UNSAID = 0  # nothing waits for the disk, or it comes from an older lanchat
    FULL = 1
    QUOTA = 2
    READ_ONLY = 3
    FORBIDDEN = 4
    GONE = 5
    DEFECT = 6


class DoneStage(IntEnum):
    """How far a transfer is: all sent, or stored at the receiver."""

    SENT = 1
    STORED = 2


class TopKind(IntEnum):
    """What a top-level entry of an offer is."""

    FILE = 1
    FOLDER = 2


class SasCode(IntEnum):
    """What the other person answered in a spoken check."""

    DIFFER = 0
    MATCH = 1
    CANCELLED = 2
    NOBODY = 3
    BUSY = 4
