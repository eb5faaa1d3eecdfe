"""Standing: what is true of a peer at this moment, by its session, its advert and our book."""

from collections.abc import Callable
from typing import Final

from lanchat.identity.keys import PeerId
from lanchat.node.neighbours import Neighbours, Proven
from lanchat.node.people import People
from lanchat.node.presence import Said
from lanchat.node.sessions import Sessions
from lanchat.session.tcp import Link

MOST_SESSIONS: Final = 64  # of a full mesh (docs/PROTOCOL.md, 6)


class Standing:
    """Answers questions of one desk with what the others know.  Lives on the node thread."""

    def __init__(
        self,
        people: People,
        sessions: Sessions,
        neighbours: Neighbours,
        *,
        listening: bool,
        hidden: Callable[[], bool],
        said: Callable[[Link], Said | None],
        rumoured: Callable[[PeerId], object],
    ) -> None:
        self._people = people
        self._sessions = sessions
        self._neighbours = neighbours
        self._listening = listening
        self._hidden = hidden
        self._said = said
        self._rumoured = rumoured

    def proven(self, peer: PeerId) -> Proven | None:
        """What a session says of where the peer is."""
        link = self._sessions.current(peer)
        if link is None:
            return None
        return Proven(link.ready.name, link.address, link.ready.port, self._said(link))

    def claimed_name(self, peer: PeerId) -> str:
        """What the peer calls itself."""
        link = self._sessions.current(peer)
        if link is not None:
            return link.ready.name
        view = self._neighbours.view(peer)
        return view.name if view else ""

    def source(self, peer: PeerId) -> str:
        """The host that its session comes from."""
        link = self._sessions.current(peer)
        return link.address.host if link else ""

    def may_dial(self, peer: PeerId) -> bool:
        """Whether a session is wanted, if there is a reason for one."""
        return self._sessions.current(peer) is None and not self._people.blocked(peer)

    def invited(self, peer: PeerId) -> bool:
        """Whether it is somebody we know, who is here: reason enough to dial, if we show us."""
        roster = self._neighbours.roster
        room = len(self._sessions.online()) < MOST_SESSIONS
        heard = roster.find(peer) is not None and not roster.clock_suspect(peer)
        here = heard or bool(self._rumoured(peer))
        shown = self._listening and not self._hidden()
        return shown and room and here and self._people.trusted(peer)

    def reachable(self, peer: PeerId) -> bool:
        """Whether there is an address to try."""
        return bool(self._neighbours.addresses(peer))

    def probe(self, peer: PeerId) -> None:
        """Ask on its session whether it is still there."""
        link = self._sessions.current(peer)
        if link is not None:
            link.probe()
