"""Acquaintance: what sessions teach us of the people we know, and what we tell them.

Where a contact was last reached, what it calls itself now, and the secrets by which each can
reach the other when both hide (PROTOCOL.md, 2, *Reach secrets*).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Final

from lanchat.conversation.text import shown_name, shown_status
from lanchat.errors import StoreError
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, hear_name
from lanchat.node.epochs import Drawer, new_secret
from lanchat.node.people import People
from lanchat.node.presence import Availability, Said
from lanchat.session.address import Address
from lanchat.session.tcp import Link
from lanchat.wire import payloads as wire
from lanchat.wire.payloads import NO_KEY, Info, Ready

_log = logging.getLogger(__name__)

INFO_EVERY: Final = 10.0  # seconds between two to one peer in the long run (PROTOCOL.md, 3a);
# two at once are well within the three that count, and leave one for a session that opens
TRY_AGAIN: Final = 5.0  # seconds until a secret that could not be kept is drawn again
KEPT_ADDRESSES: Final = 4  # last-known addresses of a contact
MOST_ASKED: Final = 64  # hosts asked by unicast (docs/PROTOCOL.md, 6)


class Acquaintance:
    """Keeps the trust book true to what sessions say.  Lives on the node thread."""

    def __init__(
        self,
        people: People,
        *,
        drawer: Drawer,
        online: Callable[[], Iterable[Link]],
        showing: Callable[[], Said],
        clock: Callable[[], int],
        spawn: Callable[[Awaitable[None], str], object],
        refresh: Callable[[PeerId], None],
    ) -> None:
        self._people = people
        self._drawer = drawer
        self._online = online
        self._showing = showing
        self._said: dict[PeerId, tuple[int, Said]] = {}  # and the epoch of who said it
        self._shown: dict[PeerId, Said] = {}  # what each was told last
        self._clock = clock
        self._refresh = refresh
        self._spawn = spawn
        self._informed: dict[
            PeerId, float
        ] = {}  # monotonic seconds when all to each are paid for
        self._due: set[PeerId] = set()  # who gets one in a while

    async def pin(self, link: Link) -> None:
        """The user acted towards this peer, and its key is proven: from now on it is known."""
        if await self._people.pin(link.peer_id, link.ready.name, self._clock()):
            await self.met(link)
            self.share(link.peer_id)
            self._refresh(link.peer_id)

    async def met(self, link: Link) -> None:
        """A session stands: keep what it says of somebody we hold something of."""
        port = link.address.port if link.initiator else link.ready.port
        reached = (str(Address(link.address.host, port)),) if port else ()

        def learn(held: Contact | None) -> Contact | None:
            if held is None:
                return None
            kept = tuple(dict.fromkeys((*reached, *held.addresses)))[:KEPT_ADDRESSES]
            told = self._people.named(_told(held, link.ready))
            return replace(told, last_seen=self._clock(), addresses=kept)

        await self._people.change(link.peer_id, learn)

    async def told(self, link: Link, info: Info) -> None:
        """INFO came: new values for what READY said, of a stranger too."""
        peer = link.peer_id
        link.ready = replace(
            link.ready, reach=info.reach, beacon_key=info.beacon_key, name=info.name
        )
        said = Said(Availability[info.availability.name], shown_status(info.status))
        self._said[peer] = (link.ready.epoch, said)
        await self._people.change(peer, lambda held: _told(held, info) if held else None)
        self._refresh(peer)

    def said(self, link: Link) -> Said | None:
        """What somebody we know says of being there, in this process of theirs."""
        if not self._people.trusted(link.peer_id):
            return None
        epoch, said = self._said.get(link.peer_id, (link.ready.epoch, Said()))
        return said if epoch == link.ready.epoch else Said()

    def parted(self, peer: PeerId) -> None:
        """No session with this peer is left: what it said counts no more."""
        self._said.pop(peer, None)

    def greet(self, link: Link) -> None:
        """A session stands: say of being there what the peer cannot know."""
        peer = link.peer_id
        if self._people.trusted(peer) and (peer in self._shown or self._showing() != Said()):
            now = asyncio.get_running_loop().time()
            paid = self._informed.get(peer, now)
            self._informed[peer] = min(paid, now + INFO_EVERY)  # one may go now
            self._inform(peer)

    def attending(self) -> None:
        """Tell the people we know what we say of being there now."""
        for link in self._online():
            peer = link.peer_id
            if self._people.trusted(peer) and self._shown.get(peer, Said()) != self._showing():
                self._inform(peer)

    def share(self, peer: PeerId) -> None:
        """Tell a friend by what secrets it reaches us, if a session stands."""
        if self._people.trusted(peer):
            self._inform(peer)

    def renamed(self) -> None:
        """Tell everybody a session stands with what we are called now."""
        for link in self._online():
            self._inform(link.peer_id)

    async def estranged(self) -> None:
        """Somebody is no friend any more: the others get a secret that one never had.

        While it cannot be kept, that is tried again.
        """
        try:
            self._people.hide(await new_secret(self._drawer, "beacon"))
        except StoreError as error:
            _log.warning("no new secret yet: %s", error)
            self._spawn(self._estranged_later(), "new secret")
            return
        for link in self._online():
            self.share(link.peer_id)

    async def _estranged_later(self) -> None:
        await asyncio.sleep(TRY_AGAIN)
        await self.estranged()

    def _inform(self, peer: PeerId) -> None:
        """Say INFO, now or when it may be said again; what is true then counts."""
        now = asyncio.get_running_loop().time()
        paid = max(self._informed.get(peer, now), now)
        wait = paid - INFO_EVERY - now
        if wait > 0:
            if peer not in self._due:
                self._due.add(peer)
                self._spawn(self._inform_later(peer, wait), f"inform {peer.short}")
            return
        for link in self._online():
            if link.peer_id == peer:
                reach, beacon = self._people.secrets_for(peer)
                said = self._showing() if self._people.trusted(peer) else Said()
                if peer in self._shown or said != Said():
                    self._shown[peer] = said
                word = wire.Availability[said.availability.name]
                name = self._people.name_for(peer)
                link.post(Info(0, reach, beacon, name, word, said.status))
                lately = {one: at for one, at in self._informed.items() if now < at}
                self._informed = {**lately, peer: paid + INFO_EVERY}

    async def _inform_later(self, peer: PeerId, wait: float) -> None:
        await asyncio.sleep(wait)
        self._due.discard(peer)
        self._inform(peer)

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
