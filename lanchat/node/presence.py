"""Presence: how sure we are that a peer is there, and what somebody says of being there.  Pure.

The first is ours to know, by advert and session; the second is anybody's word, told to the
people one knows by INFO (PROTOCOL.md, 6, *Availability*).
"""

from dataclasses import dataclass
from enum import StrEnum

from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust


class Presence(StrEnum):
    """How sure we are that a peer is there."""

    SEEN = "seen"  # an advert lives: a rumour
    ONLINE = "online"  # a session proves it
    DOUBTFUL = "doubtful"  # the session has stopped answering
    OFFLINE = "offline"


class Availability(StrEnum):
    """What somebody says of being there."""

    AVAILABLE = "available"
    AWAY = "away"
    BUSY = "busy"
    INVISIBLE = "invisible"  # ours only: nobody says that of themselves


class Version(StrEnum):
    """Which lanchat somebody's advert is of: nobody vouches for one that is not like ours."""

    SAME = "same"
    NEWER = "newer"  # our side needs an update
    OLDER = "older"


@dataclass(frozen=True, slots=True)
class Showing:
    """What we say of being there, as our user chose it, and whether nobody touches anything."""

    chosen: Availability = Availability.AVAILABLE
    status: str = ""  # the line beside our name
    idle: bool = False

    @property
    def shown(self) -> Availability:
        """What counts now: who is available and touches nothing is away."""
        if self.idle and self.chosen is Availability.AVAILABLE:
            return Availability.AWAY
        return self.chosen

    @property
    def hidden(self) -> bool:
        """Whether nobody is to see that we are there."""
        return self.chosen is Availability.INVISIBLE


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody told of being there; the line is safe to show, as a name is."""

    availability: Availability = Availability.AVAILABLE
    status: str = ""


@dataclass(frozen=True, slots=True)
class PeerView:
    """What the list shows of one peer; `addresses` without the port, newest first."""

    peer_id: PeerId
    name: str
    trust: Trust
    presence: Presence
    addresses: tuple[str, ...] = ()
    port: int = 0
    said: Said | None = None  # None where nobody says anything: no session, or a stranger's
    version: Version = Version.SAME
