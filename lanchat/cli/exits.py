"""Exit statuses: what a script can tell from how lanchat ended.

0  done
1  the thing asked for failed; one line on stderr says what, why and what to do
2  wrong usage, or no passphrase
3  the peer was not found in time
4  the peer declined
5  not trusted: another key answered, or a comparison failed
130  interrupted
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from lanchat.errors import (
    AmbiguousPeer,
    BadPassphrase,
    BadRequest,
    LanchatError,
    NoPassphrase,
    OfferDeclined,
    PeerNotFound,
    UnconfirmedPeer,
    VerificationFailed,
    WrongPeer,
)


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    DECLINED = 4
    NOT_TRUSTED = 5
    INTERRUPTED = 130


#: Which error ends how.  A child of a class that stands here ends like its parent.
EXITS: Final[Mapping[type, Exit]] = MappingProxyType(
    {
        PeerNotFound: Exit.NOT_FOUND,
        OfferDeclined: Exit.DECLINED,
        WrongPeer: Exit.NOT_TRUSTED,
        UnconfirmedPeer: Exit.NOT_TRUSTED,
        VerificationFailed: Exit.NOT_TRUSTED,
        AmbiguousPeer: Exit.USAGE,
        BadRequest: Exit.USAGE,
        BadPassphrase: Exit.USAGE,
        NoPassphrase: Exit.USAGE,
    }
)


def exit_of(error: LanchatError) -> Exit:
    """The exit status of a command that ended with `error`."""
    for kind in type(error).__mro__:
        if kind in EXITS:
            return EXITS[kind]
    return Exit.FAILED
