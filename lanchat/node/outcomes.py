"""Outcomes: how transfers end that do not arrive, in words for people.

What the other side says is a code (PROTOCOL.md, 3a); what our user reads is a sentence.
"""

from collections.abc import Mapping
from typing import Final

from lanchat.errors import DiskFailed, FileChanged, LanchatError
from lanchat.wire.payloads import CancelCode, Decline, DeclineCode

NO_TRUST: Final = "you do not trust them any more"
THEY_STOPPED: Final = "the other side stopped the transfer"
I_CANCELLED: Final = "you cancelled it"
I_DECLINED: Final = "you declined"

_DECLINED: Final = {
    DeclineCode.DECLINED: "the other person declined",
    DeclineCode.NOT_ALLOWED: "the other person does not take files from you now",
    DeclineCode.NO_SPACE: "the other computer has not enough free space",
    DeclineCode.LIMITS: "the files are more than the other person takes without being asked",
    DeclineCode.BAD_NAMES: "a file name is not safe on the other computer",
    DeclineCode.UNKNOWN: "the other computer does not know this transfer any more",
    DeclineCode.BUSY: "the other computer is busy",
}
#: What it means when the other side ends a transfer, where that is more than a wish.
_CANCELLED: Final = {
    CancelCode.WRITE_ERROR: "the other computer could not write the files",
    CancelCode.LANE_FAILED: "the connection for the files failed; send them again",
}
#: How the other side is told that we cannot go on.
_OUR_FAULT: Final[Mapping[type[LanchatError], CancelCode]] = {
    FileChanged: CancelCode.FILE_CHANGED,
    DiskFailed: CancelCode.READ_ERROR,
}


def declined(said: Decline) -> str:
    """What a decline of theirs means to the person who sent the files."""
    reason = _DECLINED[said.code]
    if said.code is DeclineCode.NO_SPACE:
        reason += f": {said.detail} bytes are missing"
    return reason


def cancelled(code: CancelCode) -> str:
    """What a cancel of theirs means to the person who sent the files."""
    return _CANCELLED.get(code, THEY_STOPPED)


def fault(error: LanchatError) -> CancelCode:
    """What the receiver is told of a fault of ours."""
    return _OUR_FAULT.get(type(error), CancelCode.LANE_FAILED)
