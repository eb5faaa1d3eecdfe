"""Standing: what is true of a peer at this moment, by its session, its advert and our book."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from lanchat.discovery.nearby import Interface, dialable, reachable, within
from lanchat.identity.keys import PeerId
from lanchat.node.dialler import Remembered
from lanchat.node.neighbours import Neighbours, Proven
from lanchat.node.people import People
from lanchat.node.presence import Said
from lanchat.node.sessions import Sessions
from lanchat.node.settings import Settings
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
        settings: Settings,
        hidden: Callable[[], bool],
        said: Callable[[Link], Said | None],
        rumoured: Callable[[PeerId], object],
    ) -> None:
        self._people = people
        self._sessions = sessions
        self._neighbours = neighbours
        self._listening, self._named = settings.listening, settings.networks
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

    def remembered(self, interfaces: Sequence[Interface]) -> Iterator[Remembered]:
        """Whom we know and hear nothing of, the last seen first, and how to dial them.

        Only where somebody of ours can be: in private networks, our own, and those that the
        user named.  Nobody while we are invisible: a dial shows us.
        """
        if not self._listening or self._hidden() or not interfaces:
            return
        known = [one for one in self._people.all() if self._people.trusted(one.peer_id)]
        for held in sorted(known, key=lambda one: one.last_seen, reverse=True):
            peer = held.peer_id
            if self._sessions.current(peer) or self._neighbours.roster.find(peer):
                continue
            places = [
                place
                for place in self._neighbours.remembered(peer)
                if dialable(place.host, interfaces)
                or reachable(place.host, interfaces)
                or within(place.host, self._named, interfaces)
            ]
            if places and len(self._sessions.online()) < MOST_SESSIONS:
                yield peer, partial(self._sessions.connect, peer, places, looks=True)

    def reachable(self, peer: PeerId) -> bool:
        """Whether there is an address to try."""
        return bool(self._neighbours.addresses(peer))

    def probe(self, peer: PeerId) -> None:
        """Ask on its session whether it is still there."""
        link = self._sessions.current(peer)
        if link is not None:
            link.probe()
