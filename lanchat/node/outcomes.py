"""Outcomes: how transfers end that do not arrive, in words for people.

What the other side says is a code (PROTOCOL.md, 3a); what our user reads is a sentence.
"""

from collections.abc import Mapping
from typing import Final

from lanchat.errors import DiskFailed, FileChanged, LanchatError, Sentence
from lanchat.wire.payloads import CancelCode, Decline, DeclineCode

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
