"""Pending: offers of theirs that our user has the word on: yes or no, or that they go on."""

from typing import Final

from lanchat.identity.keys import PeerId
from lanchat.node.underway import Waiting

MOST_WAITING: Final = 8  # offers of one peer at once (PROTOCOL.md, 3b)


class Pending(dict[tuple[PeerId, bytes], Waiting]):
    """Those offers, by whose they are and their ids.  Lives on the node thread."""

    def asked(self) -> list[Waiting]:
        """What our user has to say yes or no to."""
        return [waiting for waiting in self.values() if waiting.asked]

    def keep(self, waiting: Waiting) -> None:
        """Remember an offer that rests; of one peer only the last few."""
        peer = waiting.link.peer_id
        self[peer, waiting.offer.id] = waiting
        rest = [key for key, one in self.items() if key[0] == peer and not one.asked]
        for key in rest[:-MOST_WAITING]:
            del self[key]

    def withdraw(self, peer: PeerId) -> None:
        """The peer is not trusted any more."""
        for key in [key for key in self if key[0] == peer]:
            del self[key]
