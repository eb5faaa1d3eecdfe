"""What can go wrong between two people: not found, not reached, not trusted."""

from typing import ClassVar

from lanchat.errors.root import LanchatError


class PeerError(LanchatError):
    """The other person's lanchat cannot be used now."""

    reason: ClassVar[str] = "UNREACHABLE"


class PeerUnreachable(PeerError):
    """The other computer does not answer; it may be off, or a firewall may be in the way."""


class PeerNotFound(PeerError):
    """Nobody of that name or id was found on the network."""


class NotReached(PeerNotFound):
    """That person was not reached."""


class NobodyThere(PeerNotFound):
    """Nobody answered at that address."""


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
    """This person is new here: check the fingerprint and use the whole peer id.

    `namesake` is the peer id of whoever has that name already, or one that looks like it;
    `known_as` is what they are called, "" if it is the user.
    """

    def __init__(
        self,
        peer_id: str,
        name: str,
        words: tuple[str, ...],
        namesake: str = "",
        known_as: str = "",
    ) -> None:
        super().__init__("not confirmed")
        self.peer_id, self.name, self.words = peer_id, name, words
        self.namesake, self.known_as = namesake, known_as
        self.hint = f"the whole peer id is {peer_id}"


class NameTaken(PeerError):
    """That name looks like the name of somebody else you know, or yours; use an alias."""


class OwnNameTaken(PeerError):
    """That name looks like the name of somebody you know; choose another one."""


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
