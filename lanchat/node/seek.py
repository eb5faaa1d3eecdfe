"""Seeking: from what a person typed to a peer, and from a peer to a session with it.

A stranger is addressed by its whole peer id, or by whatever is shorter after the person has
seen its fingerprint and confirmed it (docs/COMMANDS.md, *Every command*).  An invite holds
the whole key, and says where to look for it.
"""

import asyncio
from typing import Final

from lanchat.errors import (
    Downgrade,
    LanchatError,
    NobodyThere,
    NotReached,
    OtherVersion,
    PeerBlocked,
    PeerError,
    PeerNotFound,
    PeerUnreachable,
    ReachedOurselves,
    RemoteProtocolError,
    Sentence,
    UnconfirmedPeer,
    WrongPeer,
)
from lanchat.identity.fingerprint import fingerprint
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import inviting, lookup, unreached
from lanchat.node.inviting import Leads
from lanchat.node.lookup import Found
from lanchat.node.node import Node
from lanchat.node.presence import Version
from lanchat.session.address import Address
from lanchat.session.tcp import Link

DEFAULT_WAIT: Final = 5.0  # seconds a command looks for a peer (docs/COMMANDS.md)
QUEUE_TRY: Final = 1.0  # seconds that what may wait in the outbox is tried
SETTLE: Final = 0.5  # seconds after the start in which a second bearer of a name may turn up
RETRY: Final = 0.25  # seconds between two dials of somebody who is there
STRANGE: Final = frozenset({Trust.NEW, Trust.CONFLICT})

#: Whoever is there is not whom we look for: no second try, and a person must know.
_TELLING: Final = (PeerBlocked, WrongPeer, ReachedOurselves)
#: They are there, and one of the two computers needs an update.
_HOPELESS: Final = (OtherVersion, Downgrade)


class Seeker:
    """Find a peer within `wait` seconds from now on."""

    def __init__(self, node: Node, wait: float) -> None:
        self._node = node
        self._loop = asyncio.get_running_loop()
        self._until = self._loop.time() + wait
        self._leads: Leads | None = None  # of the invite by which we look

    async def find(self, query: str) -> PeerId:
        """Whom `query` means, trusted or not; to look something up.

        Raises:
            PeerNotFound: nobody fits in time.
            AmbiguousPeer: several do.
            BadInvite: it is a damaged invite.
            ReachedOurselves: it is our own.
        """
        return (await self._found(query)).peer_id

    async def chosen(self, query: str, confirmed: PeerId | None) -> PeerId:
        """Whom `query` means, to act towards them; a stranger must have been confirmed.

        Raises:
            UnconfirmedPeer, PeerNotFound, AmbiguousPeer, BadInvite, ReachedOurselves.
        """
        found = await self._found(query)
        self._check(found, confirmed)
        return found.peer_id

    async def session(self, query: str, confirmed: PeerId | None) -> Link:
        """A session with whom `query` means; HOST:PORT is dialled as it stands.

        Raises:
            PeerNotFound: not found in time; as `NotReached` or `NobodyThere` it says where we
                tried.
            WrongPeer: another key answered.
            UnconfirmedPeer, AmbiguousPeer, PeerBlocked, BadInvite, ReachedOurselves.
        """
        address = lookup.address(query)
        if address is not None and self._look(query) is None:
            return await self._dialled(address, confirmed)
        return await self.reach(await self.chosen(query, confirmed))

    async def reach(self, peer: PeerId) -> Link:
        """A session with `peer`, tried again until the time is up."""
        if self._node.people.blocked(peer):
            raise PeerBlocked(peer.short)
        while True:
            try:
                return await self._node.connect(peer)
            except _TELLING:
                raise
            except (PeerError, RemoteProtocolError) as error:
                await self._pause(peer, error)

    def so_far(self, peer: PeerId) -> str | None:
        """Where somebody was not reached for whom something waits; None if a session stands."""
        node = self._node
        if node.sessions.current(peer) is not None:
            return None
        error = node.dialler.failed(peer) or PeerUnreachable("no answer yet")
        if isinstance(error, (*_TELLING, *_HOPELESS)):
            return error.sentence
        return self._hint(peer, error)

    # --- within -------------------------------------------------------------------------

    async def _found(self, query: str) -> Found:
        await self._heed(query)
        while True:
            found = self._look(query)
            if found is not None and self._settled(found):
                return found
            left = self._until - self._loop.time()
            if found is None and left <= 0:
                raise PeerNotFound(f"query of {len(query)} characters")
            await self._change(min(left, SETTLE) if found is None else SETTLE / 5)

    async def _heed(self, query: str) -> None:
        """If it is an invite, keep in mind where it leads."""
        node, given = self._node, lookup.invite(query)
        if given is None:
            return
        if given.peer_id == node.me:
            raise ReachedOurselves("our own invite")
        self._leads = await inviting.leads(given, node.doors.mdns.interfaces)
        node.neighbours.invited(given.peer_id, self._leads.to)

    def _look(self, query: str) -> Found | None:
        node = self._node
        return lookup.find(query, node.people.all(), node.neighbours.views())

    def _settled(self, found: Found) -> bool:
        if found.exact or self._trust(found.peer_id) not in STRANGE:
            return True
        return self._loop.time() - self._node.started_at >= SETTLE

    def _check(self, found: Found, confirmed: PeerId | None) -> None:
        if found.exact or found.peer_id == confirmed:
            return
        if self._trust(found.peer_id) in STRANGE:
            view = self._node.neighbours.view(found.peer_id)
            name = view.name if view else self._node.people.name(found.peer_id)
            raise unconfirmed(self._node, found.peer_id, name)

    def _trust(self, peer: PeerId) -> Trust:
        view = self._node.neighbours.view(peer)
        return self._node.people.trust(peer, view.name if view else "")

    async def _dialled(self, address: Address, confirmed: PeerId | None) -> Link:
        """Somebody at a typed address: whoever it is stays a stranger until confirmed."""
        sessions = self._node.sessions
        left = max(self._until - self._loop.time(), 0.1)
        try:
            if confirmed is not None:
                return await sessions.connect(confirmed, [address], timeout=left)
            link = await sessions.connect_unknown(address, timeout=left)
        except (*_TELLING, *_HOPELESS):
            raise
        except (PeerError, RemoteProtocolError) as error:
            failed = NobodyThere(str(error))
            failed.hint = unreached.at([address], error)
            if unreached.is_offline([address]):
                failed.hint = unreached.OFFLINE
            raise failed from error
        if self._node.people.trust(link.peer_id, link.ready.name) in STRANGE:
            name = self._node.people.name(link.peer_id, link.ready.name)
            raise unconfirmed(self._node, link.peer_id, name)
        return link

    async def _pause(self, peer: PeerId, error: LanchatError) -> None:
        left = self._until - self._loop.time()
        if left <= 0:
            if isinstance(error, _HOPELESS):
                raise error
            raise self._not_reached(peer, error) from error
        await self._change(min(left, RETRY))

    def _not_reached(self, peer: PeerId, error: LanchatError) -> PeerNotFound:
        """What to say of somebody whom we could name, and who was nowhere."""
        node, leads = self._node, self._leads
        tried = node.neighbours.addresses(peer)
        if leads is None and not tried and node.people.find(peer) is None:
            return PeerNotFound(f"not reached: {error}")
        failed = NotReached(f"at {len(tried)} addresses: {error}")
        failed.hint = self._hint(peer, error)
        return failed

    def _hint(self, peer: PeerId, error: LanchatError) -> Sentence:
        """Where it was tried in vain, and what to look at."""
        tried, leads = self._node.neighbours.addresses(peer), self._leads
        view = self._node.neighbours.view(peer)
        if view is not None and view.version is not Version.SAME and not tried:
            return unreached.another(view.version)
        if unreached.is_offline(tried):
            return unreached.OFFLINE
        if leads is None:
            return unreached.at(tried, error)
        return unreached.by_invite(tried, leads.not_to, error)

    async def _change(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._node.neighbours.moved()
        except TimeoutError:
            return


async def gone_for(node: Node, peer: PeerId, seconds: float) -> None:
    """Wait until no session has stood with a peer, whom the user turned to, for so long."""
    while True:
        await node.sessions.ended(peer)
        if node.people.trusted(peer):  # else the user forgot or blocked it
            node.dialler.wait_for(peer)
        try:
            async with asyncio.timeout(seconds):
                await node.sessions.stands(peer)
        except TimeoutError:
            return


def unconfirmed(node: Node, peer: PeerId, name: str) -> UnconfirmedPeer:
    """The error that says who would get it."""
    words, like = fingerprint(peer).words, node.people.namesake(peer, name)
    if like is None:
        return UnconfirmedPeer(str(peer), name, words)
    known_as = "" if like == node.me else node.people.name(like)
    return UnconfirmedPeer(str(peer), name, words, str(like), known_as)
