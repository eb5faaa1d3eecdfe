"""Meeting: what is done when a session with somebody opens, and when the last one ended.

While our user forgets somebody nothing is done for a session with them: what waited for them
is on its way out, and taken to them it would make them known again.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from lanchat.errors import LanchatError
from lanchat.identity.keys import PeerId
from lanchat.node.acquaintance import Acquaintance
from lanchat.node.barriers import Barriers
from lanchat.node.conversations import Conversations
from lanchat.node.dialler import Dialler
from lanchat.node.inbox import Inbox
from lanchat.node.introducing import Introductions
from lanchat.node.neighbours import Neighbours
from lanchat.node.sessions import Sessions
from lanchat.node.tasks import Met
from lanchat.node.transfers import Transfers
from lanchat.session.tcp import Link
from lanchat.store.history import History


class Meeting:
    """Takes what waits to whoever is there.  Lives on the node thread.

    `met` is told of what fails of a greeting.
    """

    def __init__(
        self,
        sessions: Sessions,
        neighbours: Neighbours,
        acquaintance: Acquaintance,
        dialler: Dialler,
        *,
        talk: Conversations,
        transfers: Transfers,
        history: History,
        inbox: Inbox,
        introductions: Introductions,
        spawn: Callable[[Awaitable[None], str], object],
        met: Met,
    ) -> None:
        self._sessions = sessions
        self._neighbours = neighbours
        self._acquaintance = acquaintance
        self._dialler = dialler
        self._talk = talk
        self._transfers = transfers
        self._history = history
        self._inbox = inbox
        self._introductions = introductions
        self._spawn = spawn
        self._met = met
        self._leaving = Barriers()  # who is being forgotten

    def leaving(self, peer: PeerId) -> AbstractContextManager[None]:
        """While our user forgets a peer: it is not dialled, and no session gets anything."""
        return self._leaving.up(peer)

    def may(self, peer: PeerId) -> bool:
        """Whether a peer may be dialled: nobody who is being forgotten."""
        return peer not in self._leaving

    async def opened(self, link: Link) -> None:
        """A session stands: it is told who we are, and gets what waits for it.

        A disk that is full for a moment keeps nobody from that: it is not tried again.
        """
        peer = link.peer_id
        if peer in self._leaving:
            await self._leaving.passed(peer)
            if self._sessions.current(peer) is not link:
                return  # it was ended with all the rest
        self._neighbours.session_changed(peer, ended=False)
        with self._by_itself(peer):
            await self._acquaintance.met(link)
        with self._by_itself(peer):
            acted = peer in self._dialler.waiting and await self._acted(peer)
            if acted and self.may(peer):
                await self._acquaintance.pin(link)
        with self._by_itself(peer):
            self._acquaintance.greet(link)
            self._introductions.opened(link)
        if self._sessions.current(peer) is not link:
            return  # another one stands by now, or none
        await self._talk.flush(peer, link)
        if self._sessions.current(peer) is not link:
            return  # that took a while, on a full disk
        await self._transfers.opened(link)
        if self._sessions.current(peer) is link:
            self._dialler.waiting.discard(peer)

    @contextmanager
    def _by_itself(self, peer: PeerId) -> Iterator[None]:
        try:
            yield
        except (LanchatError, OSError) as error:
            self._met(f"greet {peer.short}", error)

    def closed(self, peer: PeerId) -> None:
        """No session with this peer is left."""
        self._inbox.left(peer)
        self._acquaintance.parted(peer)
        self._introductions.closed(peer)
        if not self._sessions.stopping:
            self._neighbours.session_changed(peer, ended=True)
            self._transfers.lost(peer)
            self.reconsider(peer)

    def reconsider(self, peer: PeerId) -> None:
        """Something ended: what has not arrived goes on the next session."""
        self._spawn(self._look_after(peer), f"after {peer.short}")

    async def _look_after(self, peer: PeerId) -> None:
        acted = await self._acted(peer)
        if acted and self.may(peer):
            self._dialler.waiting.add(peer)
        else:
            self._dialler.waiting.discard(peer)
        self._dialler.want(peer)

    async def _acted(self, peer: PeerId) -> bool:
        """Whether something waits that the user meant for this peer."""
        return self._transfers.wants(peer) or peer in await self._history.waiting()
