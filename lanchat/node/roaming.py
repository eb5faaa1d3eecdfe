"""Roaming: what becomes of our sessions and our list when the networks change, or we slept.

Discovery has told and asked everybody by then (docs/PROTOCOL.md, 6, *Following*).
"""

from collections.abc import Awaitable, Callable

from lanchat.node import networks
from lanchat.node.dialler import Dialler
from lanchat.node.doors import Doors
from lanchat.node.events import NetworksChanged, NodeEvent
from lanchat.node.neighbours import Neighbours
from lanchat.node.sessions import Sessions


class Roaming:
    """Follows the networks.  Lives on the node thread."""

    def __init__(
        self,
        doors: Doors,
        sessions: Sessions,
        neighbours: Neighbours,
        dialler: Dialler,
        publish: Callable[[NodeEvent], None],
        spawn: Callable[[Awaitable[None], str], object],
    ) -> None:
        self._doors = doors
        self._sessions = sessions
        self._neighbours = neighbours
        self._dialler = dialler
        self._publish = publish
        self._spawn = spawn
        self._told: tuple[str, ...] = ()

    def begin(self) -> tuple[str, ...]:
        """Where others reach us at the start; what differs from it later is told."""
        self._told = self._doors.addresses()
        return self._told

    def changed(self) -> None:
        """The networks are others, or we slept: who is still there?"""
        addresses = self._doors.addresses()
        if self._doors.port and addresses != self._told:
            self._told = addresses
            self._publish(NetworksChanged(addresses))
        ours = networks.own_addresses()
        for link in self._sessions.links():
            if not ours or link.local in ours:
                link.probe()
            else:  # no answer comes to an address that is gone
                peer = link.peer_id
                also = self._neighbours.addresses(peer)
                self._spawn(self._sessions.renew(peer, also=also), f"move {peer.short}")
        self._neighbours.networks_changed()
        self._dialler.want_all()
