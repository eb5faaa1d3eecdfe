"""Acquaintance: what sessions teach us of the people we know, and what we tell them.

Where a contact was last reached, what it calls itself now, and the secrets by which each can
reach the other when both hide (PROTOCOL.md, 2, *Reach secrets*).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from lanchat.conversation.text import shown_name
from lanchat.discovery.advert import label_of
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, hear_name
from lanchat.node.people import People
from lanchat.session.address import Address
from lanchat.session.tcp import Link
from lanchat.wire.payloads import NO_KEY, Info, Ready

KEPT_ADDRESSES: Final = 4  # last-known addresses of a contact
MOST_ASKED: Final = 64  # hosts asked by unicast (docs/PROTOCOL.md, 6)


class Acquaintance:
    """Keeps the trust book true to what sessions say.  Lives on the node thread."""

    def __init__(
        self,
        people: People,
        *,
        my_name: str,
        clock: Callable[[], int],
        refresh: Callable[[PeerId], None],
    ) -> None:
        self._people = people
        self._my_name = my_name
        self._clock = clock
        self._refresh = refresh
        self._labels: dict[PeerId, str] = {}

    async def pin(self, link: Link) -> None:
        """The user acted towards this peer, and its key is proven: from now on it is known."""
        if await self._people.pin(link.peer_id, link.ready.name, self._clock()):
            await self.met(link)
            reach, beacon = self._people.secrets_for(link.peer_id)
            link.post(Info(0, reach, beacon, self._my_name))
            self._refresh(link.peer_id)

    async def met(self, link: Link) -> None:
        """A session stands: keep what it says of somebody we hold something of."""
        held = self._people.find(link.peer_id)
        if held is None:
            return
        port = link.address.port if link.initiator else link.ready.port
        reached = (str(Address(link.address.host, port)),) if port else ()
        kept = tuple(dict.fromkeys((*reached, *held.addresses)))[:KEPT_ADDRESSES]
        await self._people.save(
            replace(_told(held, link.ready), last_seen=self._clock(), addresses=kept)
        )

    async def told(self, peer: PeerId, info: Info) -> None:
        """INFO came: new values for what READY said."""
        held = self._people.find(peer)
        if held is not None:
            await self._people.save(_told(held, info))
            self._refresh(peer)

    def is_label(self, label: str) -> bool:
        """Whether an advert under `label` can be a contact's."""
        contacts = self._people.all()
        if len(self._labels) != len(contacts):
            self._labels = {one.peer_id: label_of(one.peer_id) for one in contacts}
        return label in self._labels.values()

    def last_known(self) -> tuple[str, ...]:
        """Hosts where contacts were last reached, for questions by unicast."""
        hosts: dict[str, None] = {}
        for contact in self._people.all():
            for text in contact.addresses:
                try:
                    hosts[Address.parse(text).host] = None
                except ValueError:
                    continue
        return tuple(hosts)[:MOST_ASKED]


def _told(held: Contact, said: Ready | Info) -> Contact:
    return replace(
        hear_name(held, shown_name(said.name)),
        reach=b"" if said.reach == NO_KEY else said.reach,
        beacon_key=b"" if said.beacon_key == NO_KEY else said.beacon_key,
    )
