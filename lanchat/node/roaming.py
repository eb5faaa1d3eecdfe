"""Roaming: what becomes of sessions, lanes and our list when networks change, or we slept.

Discovery has told and asked everybody by then (docs/PROTOCOL.md, 6, *Following*).
"""

from collections.abc import Awaitable, Callable, Container

from lanchat.identity.keys import PeerId
from lanchat.node import networks
from lanchat.node.dialler import Dialler
from lanchat.node.doors import Doors
from lanchat.node.events import NetworksChanged, NodeEvent
from lanchat.node.neighbours import Neighbours
from lanchat.node.sessions import Sessions


class Roaming:
    """Follows the networks.  Lives on the node thread.

    `moved` is told with whom no session hangs on another address than ours any more.
    """

    def __init__(
        self,
        doors: Doors,
        sessions: Sessions,
        neighbours: Neighbours,
        dialler: Dialler,
        moved: Callable[[PeerId, Container[str]], None],
        publish: Callable[[NodeEvent], None],
        spawn: Callable[[Awaitable[None], str], object],
    ) -> None:
        self._doors = doors
        self._sessions = sessions
        self._neighbours = neighbours
        self._dialler = dialler
        self._moved = moved
        self._publish = publish
        self._spawn = spawn
        self._told: tuple[str, ...] = ()

    def begin(self) -> tuple[str, ...]:
        """Where others reach us at the start; what differs from it later is told."""
        self._told = self._doors.addresses()
        return self._told

    def changed(self) -> None:
        """The networks are others, or we slept: who is still there?"""
        self._doors.moved()
        addresses = self._doors.addresses()
        if self._doors.port and addresses != self._told:
            self._told = addresses
            self._publish(NetworksChanged(addresses))
        ours = networks.own_addresses()
        for link in self._sessions.links():
            peer = link.peer_id
            if not ours or link.local in ours:
                link.probe()
                if ours:
                    self._moved(peer, ours)
            else:  # no answer comes to an address that is gone
                self._spawn(self._move(peer, ours), f"move {peer.short}")
        self._neighbours.networks_changed()
        self._dialler.want_all()

    async def _move(self, peer: PeerId, ours: Container[str]) -> None:
        """A new session, on which it can be said that lanes are to be made anew, then those."""
        await self._sessions.renew(peer, also=self._neighbours.addresses(peer))
        self._moved(peer, ours)
