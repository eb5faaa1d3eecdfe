"""Outcomes: how transfers end that do not arrive, in words for people.

What the other side says is a code (PROTOCOL.md, 3a); what our user reads is a sentence.
"""

from collections.abc import Mapping
from typing import Final

from lanchat.errors import (
    DiskDefect,
    DiskFailed,
    DiskReadOnly,
    FileChanged,
    FolderGone,
    LanchatError,
    NoSpace,
    QuotaUsedUp,
    Sentence,
    StoreFull,
    WriteForbidden,
)
from lanchat.node.events import Fault
from lanchat.wire import payloads as wire
from lanchat.wire.payloads import Cancel, CancelCode, Decline, DeclineCode

NO_TRUST: Final = Sentence("you do not trust them any more")
THEY_STOPPED: Final = Sentence("the other side stopped the transfer")
I_CANCELLED: Final = Sentence("you cancelled it")
I_DECLINED: Final = Sentence("you declined")
LACKING: Final = "the other computer has not enough free space: {missing} bytes are missing"

_DECLINED: Final = {
    DeclineCode.DECLINED: Sentence("the other person declined"),
    DeclineCode.NOT_ALLOWED: Sentence("the other person does not take files from you now"),
    DeclineCode.LIMITS: Sentence(
        "the files are more than the other person takes without being asked"
    ),
    DeclineCode.BAD_NAMES: Sentence("a file name is not safe on the other computer"),
    DeclineCode.UNKNOWN: Sentence("the other computer does not know this transfer any more"),
    DeclineCode.BUSY: Sentence("the other computer is busy"),
}
#: Why we declined without asking our user.
_REFUSED: Final = {
    DeclineCode.NO_SPACE: Sentence("there is not enough free space here"),
    DeclineCode.LIMITS: Sentence("it is not taken here without being asked about"),
    DeclineCode.NOT_ALLOWED: Sentence("no files are taken from this person now"),
}
#: What it means when the other side ends a transfer, where that is more than a wish.
_CANCELLED: Final = {
    CancelCode.WRITE_ERROR: Sentence("the other computer could not write the files"),
    CancelCode.LANE_FAILED: Sentence("the connection for the files failed; send them again"),
}
#: How the other side is told that we cannot go on.
_OUR_FAULT: Final[Mapping[type[LanchatError], CancelCode]] = {
    FileChanged: CancelCode.FILE_CHANGED,
    DiskFailed: CancelCode.READ_ERROR,
}
#: What the disk says that a transfer waits out.
_FAULTS: Final[Mapping[type[LanchatError], Fault]] = {
    NoSpace: Fault.FULL,
    StoreFull: Fault.FULL,
    QuotaUsedUp: Fault.QUOTA,
    DiskReadOnly: Fault.READ_ONLY,
    WriteForbidden: Fault.FORBIDDEN,
    FolderGone: Fault.GONE,
    DiskDefect: Fault.DEFECT,
}
#: What our user reads of it, and what to do; of the folder and the bytes that are missing.
_HELD_HERE: Final[Mapping[Fault, str]] = {
    Fault.FULL: "the disk is full: {missing} bytes more are needed",
    Fault.QUOTA: "your share of the disk is used up: {missing} bytes more are needed",
    Fault.READ_ONLY: "the disk can only be read now; make it writable again",
    Fault.FORBIDDEN: "nothing may be written into {folder} now; change who may write there",
    Fault.GONE: "{folder} is not there, or another folder is; plug its disk in again",
    Fault.DEFECT: "the disk answers with errors; look at it and its cable",
}
_HELD_THERE: Final[Mapping[Fault, str]] = {
    Fault.FULL: "the other computer's disk is full: {missing} bytes more are needed there",
    Fault.QUOTA: "the other person's share of the disk is used up: {missing} bytes more are"
    " needed there",
    Fault.READ_ONLY: "the other computer's disk can only be read now",
    Fault.FORBIDDEN: "the other computer may not write into its folder now",
    Fault.GONE: "the folder for the files is not there on the other computer",
    Fault.DEFECT: "the other computer's disk answers with errors",
}


def fault_of(error: LanchatError) -> Fault | None:
    """What holds a transfer that ran into `error`; None if it is nothing of the disk's."""
    kinds = type(error).__mro__
    return next((_FAULTS[kind] for kind in kinds if kind in _FAULTS), None)


def missing(error: LanchatError) -> int:
    """Bytes of room that lack; 0 where it is not about that."""
    return error.missing if isinstance(error, NoSpace) else 0


def held_here(fault: Fault, lacking: int, folder: str) -> str:
    """What our own disk lacks."""
    return Sentence(_shape(_HELD_HERE[fault], lacking), missing=lacking, folder=folder)


def held_there(fault: Fault, lacking: int) -> str:
    """What the receiver's disk lacks."""
    return Sentence(_shape(_HELD_THERE[fault], lacking), missing=lacking)


def _shape(shape: str, lacking: int) -> str:
    """Without the bytes where nobody knows how many."""
    return shape if lacking else shape.partition(": {missing}")[0]


def hold_of(said: Cancel) -> Fault | None:
    """What holds it at the receiver; None if it waits for no disk."""
    waits = said.code is CancelCode.WRITE_ERROR and said.fault is not wire.Fault.UNSAID
    return Fault[said.fault.name] if waits else None


def told(fault: Fault | None) -> wire.Fault:
    """How the sender is told what holds it here."""
    return wire.Fault[fault.name] if fault else wire.Fault.UNSAID


def declined(said: Decline) -> str:
    """What a decline of theirs means to the person who sent the files."""
    if said.code is DeclineCode.NO_SPACE:
        return Sentence(LACKING, missing=said.detail)
    return _DECLINED[said.code]


def refused(code: DeclineCode) -> str:
    """Why our user was not even asked about an offer."""
    return _REFUSED.get(code, I_DECLINED)


def cancelled(code: CancelCode) -> str:
    """What a cancel of theirs means to the person who sent the files."""
    return _CANCELLED.get(code, THEY_STOPPED)


def fault(error: LanchatError) -> CancelCode:
    """What the receiver is told of a fault of ours."""
    return _OUR_FAULT.get(type(error), CancelCode.LANE_FAILED)
