"""Rivals: which of two sessions of one pair stays.  PROTOCOL.md, 2, *One session per pair*.

Both sides decide alone and must decide alike, so the rule looks at what both know: epochs, dial
numbers, REPLACE, and who dialled.  Which of two sessions is the older is *not* always seen
alike: two that crossed on the wire open in any order.  So between crossing sessions REPLACE
counts whatever the order, and once a session is `SETTLED` it has replaced what there was to
replace, and its REPLACE is spent.
"""

from dataclasses import dataclass
from typing import Final

from lanchat.identity.keys import PeerId

#: Seconds between two openings after which they cannot have crossed: twice the time that a
#: handshake may take.
SETTLED: Final = 10.0


@dataclass(frozen=True, slots=True)
class Rank:
    """What counts of one session, seen from our side."""

    epoch: int  # the peer's, from its READY
    dial: int  # the initiator's
    replace: bool  # the initiator's flag
    initiator_mine: bool
    own_epoch: int = 0  # as our READY said it
    opened_at: float = 0.0  # monotonic seconds
    binding: bytes = b""  # the session's name, for what nothing else decides


def loser(older: Rank, newer: Rank, mine: PeerId, theirs: PeerId) -> Rank:
    """The one of two sessions that must end; `older` opened first at our side."""
    by_epoch = _older_process(older, newer, mine_first=mine < theirs)
    if by_epoch is not None:
        return by_epoch
    if older.initiator_mine == newer.initiator_mine:
        if older.dial != newer.dial:
            return min(older, newer, key=lambda rank: rank.dial)
        return max(older, newer, key=lambda rank: rank.binding)
    settled = newer.opened_at - older.opened_at > SETTLED
    older_replaces = older.replace and not settled
    if older_replaces != newer.replace:
        return older if newer.replace else newer
    smaller_mine = mine < theirs
    return newer if older.initiator_mine == smaller_mine else older


def _older_process(one: Rank, other: Rank, *, mine_first: bool) -> Rank | None:
    """The session with a process that has been restarted since; None if there is none."""
    keys = [_theirs, _mine] if not mine_first else [_mine, _theirs]
    for key in keys:
        if key(one) != key(other):
            return min(one, other, key=key)
    return None


def _mine(rank: Rank) -> int:
    return rank.own_epoch


def _theirs(rank: Rank) -> int:
    return rank.epoch
