"""Greeting: what we say of ourselves to a proven key, and how its session ranks."""

import itertools
from collections.abc import Callable
from typing import Final

from lanchat.errors import PeerBlocked
from lanchat.identity.keys import PeerId
from lanchat.node.people import People
from lanchat.session.rivals import Rank
from lanchat.session.tcp import Link
from lanchat.wire.payloads import (
    DIAL_BACK,
    INTRODUCE,
    LOOKS,
    MAX_MANIFEST,
    MAX_TEXT,
    MAX_TOTAL,
    REPLACE,
    SURVEY,
    Ready,
)

_DIALS: Final = 2**32  # READY has four bytes for their number


class Greeter:
    """Makes our READY.  Lives on the node thread.

    `port` says where we listen, 0 for nowhere.
    """

    def __init__(self, people: People, epoch: int, port: Callable[[], int]) -> None:
        self.closed = False
        self._people = people
        self._epoch = epoch
        self._port = port
        self._dials = itertools.count(1)

    def greeting(
        self, *, replace: bool = False, looks: bool = False
    ) -> Callable[[PeerId, bool], Ready]:
        """What makes our READY once a peer has proven its key; `looks`: we bring nothing.

        Raises (from the function returned):
            PeerBlocked: the user does not want this peer, or we are about to end.
        """

        def greet(peer: PeerId, initiator: bool) -> Ready:
            if self.closed or self._people.blocked(peer):
                raise PeerBlocked(peer.short)
            reach, beacon = self._people.secrets_for(peer)
            return Ready(
                flags=REPLACE * replace | LOOKS * looks,
                epoch=self._epoch,
                dial=next(self._dials) % _DIALS if initiator else 0,
                port=self._port(),
                caps=SURVEY | DIAL_BACK | INTRODUCE,
                max_text=MAX_TEXT,
                max_stream=MAX_TOTAL + MAX_MANIFEST,
                reach=reach,
                beacon_key=beacon,
                name=self._people.name_for(peer),
            )

        return greet


def rank(link: Link) -> Rank:
    """What counts of a session when there are two with one peer."""
    ours, theirs = link.sent_ready, link.ready
    first = ours if link.initiator else theirs
    return Rank(
        epoch=theirs.epoch,
        dial=first.dial,
        replace=bool(first.flags & REPLACE),
        initiator_mine=link.initiator,
        own_epoch=ours.epoch,
        opened_at=link.opened_at,
        binding=link.binding,
    )
