"""Sessions: live links by peer.  Prove, decide, admit; one session per pair.

The session authenticates, this desk authorises.  Two sessions of one pair are settled by
`rivals.loser` alone, on both sides alike (PROTOCOL.md, 2, *One session per pair*).
"""

import asyncio
import contextlib
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from lanchat.discovery.advert import LOWEST_PORT
from lanchat.errors import (
    LanchatError,
    PeerTooGreedy,
    PeerUnreachable,
    RemoteProtocolError,
)
from lanchat.identity.keys import Identity, PeerId
from lanchat.node.barriers import Barriers
from lanchat.node.calls import DIAL_TIMEOUT, Calls
from lanchat.node.events import NodeEvent, SessionClosed, SessionOpened
from lanchat.node.greeting import Greeter, rank
from lanchat.node.people import People
from lanchat.session.address import Address
from lanchat.session.events import Closed, Doubtful, Event, PayloadReceived, Restored
from lanchat.session.rivals import loser
from lanchat.session.tcp import Link
from lanchat.wire.payloads import REPLACE, CloseCode

_log = logging.getLogger(__name__)

RENEW_AFTER: Final = 3600.0  # seconds (PROTOCOL.md, 3)
TOO_OFTEN: Final = 60  # seconds until a peer that called too often may call again

Route = Callable[[Link, PayloadReceived], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the node does when sessions come, go and speak."""

    welcome: Callable[[Link], bool]  # may it stand
    route: Route
    opened: Callable[[Link], Awaitable[None]]
    ended: Callable[[Link], None]  # no more can be sent on it
    closed: Callable[[PeerId], None]  # no session with this peer is left
    doubtful: Callable[[PeerId, bool], None]
    spare: Callable[[PeerId, float], None]  # do not dial it for so many seconds
    met: Callable[[str, LanchatError | OSError], None]  # something of ours failed
    publish: Callable[[NodeEvent], None]
    spawn: Callable[[Awaitable[None], str], object]


class Sessions:
    """Every live link.  Lives on the node thread."""

    def __init__(
        self, identity: Identity, greeter: Greeter, people: People, hooks: Hooks
    ) -> None:
        self._identity = identity
        self._greeter = greeter
        self._people = people
        self._hooks = hooks
        self._current: dict[PeerId, Link] = {}
        self._alive: dict[PeerId, set[Link]] = {}
        self._unheard: set[Link] = set()  # what they still say is not listened to
        self._unheeded = Barriers()  # whose words wait
        self._calls = Calls(
            identity, greeter, people, current=self._current.get, admit=self.admit
        )
        self._changed = asyncio.Event()

    # --- questions ----------------------------------------------------------------------

    @property
    def stopping(self) -> bool:
        """Whether we are about to end."""
        return self._greeter.closed

    def current(self, peer: PeerId) -> Link | None:
        """The session that speaks for this peer now."""
        return self._current.get(peer)

    def online(self) -> tuple[PeerId, ...]:
        """Everybody a session stands with."""
        return tuple(self._current)

    def links(self) -> tuple[Link, ...]:
        """Every session that stands."""
        return tuple(self._current.values())

    async def ended(self, peer: PeerId) -> None:
        """Wait until no session with this peer stands."""
        while peer in self._current:
            await self._change()

    async def stands(self, peer: PeerId) -> None:
        """Wait until a session with this peer stands."""
        while peer not in self._current:
            await self._change()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    # --- admitting ----------------------------------------------------------------------

    def admit(self, link: Link) -> None:
        """Take a link whose READY went both ways; one session per pair stays."""
        if self.stopping or self._people.blocked(link.peer_id):
            link.abort("REFUSED")
            return
        self._alive.setdefault(link.peer_id, set()).add(link)
        older = self._current.get(link.peer_id)
        if older is not None and not older.open:  # it broke off, and we are yet to hear of it
            self._step_down(older, "LOST")
            older = None
        if not self._hooks.welcome(link):
            self._unheard.add(link)
            link.close(CloseCode.LIMIT, retry_s=TOO_OFTEN)
        elif older is None:
            self._stand(link)
        elif self._outranks(link, older):
            self._hooks.ended(older)
            _retire(older, link)
            self._stand(link)
        else:
            _retire(link, older)
        self._hooks.spawn(self._run(link), f"link {link.peer_id.short}")

    # --- dialling -----------------------------------------------------------------------

    async def connect(
        self,
        peer: PeerId,
        addresses: Sequence[Address],
        *,
        timeout: float = DIAL_TIMEOUT,
        looks: bool = False,
    ) -> Link:
        """The session with this peer: the one that stands, or a new one.

        `looks`: there is nothing to bring, so nobody answers who is invisible.

        Raises:
            PeerUnreachable, WrongPeer and the other children of `LanchatError`.
        """
        return await self._calls.connect(peer, addresses, timeout, looks=looks)

    async def connect_unknown(self, address: Address, *, timeout: float) -> Link:
        """A session with whoever answers at a typed address; its key proves nothing yet."""
        return await self._calls.connect_unknown(address, timeout)

    async def renew(
        self,
        peer: PeerId,
        *,
        cut: bool = False,
        also: Sequence[Address] = (),
        timeout: float = DIAL_TIMEOUT,
    ) -> None:
        """Put a new session in the place of the one that stands, with new keys.

        `cut`: not another byte under the old ones.  `also`: where the peer may be, too.

        Raises:
            PeerUnreachable and the other children of `LanchatError`: no new one stands.
        """
        old = self._current.get(peer)
        if old is None:
            return
        ports = {old.ready.port, old.address.port if old.initiator else 0}
        usable = sorted(port for port in ports if port >= LOWEST_PORT)
        addresses = [Address(old.address.host, port) for port in usable]
        if cut:
            self.give_up(peer)
            if not (old.initiator or self._people.trusted(peer)):
                raise PeerUnreachable("a stranger who called calls again")
        known = list(dict.fromkeys((*addresses, *also)))
        await self._calls.dial(peer, known, timeout, replace=True)

    def give_up_dials(self, peer: PeerId | None = None) -> None:
        """Nobody, or not this peer, is to be called any more who does not answer yet."""
        self._calls.stop(peer)

    def due_for_renewal(self, now: float) -> list[PeerId]:
        """Peers whose session we dialled more than an hour ago."""
        return [
            peer
            for peer, link in self._current.items()
            if link.initiator and now - link.opened_at > RENEW_AFTER
        ]

    # --- ending -------------------------------------------------------------------------

    def drop(self, peer: PeerId, code: CloseCode) -> None:
        """End every session with a peer; from now on nothing is said or heard."""
        for link in tuple(self._alive.get(peer, ())):
            self._unheard.add(link)
            link.close(code)
            self._step_down(link, code.name)

    def unheeded(self, peer: PeerId) -> contextlib.AbstractContextManager[None]:
        """For the length of a block what a peer says waits; lost if its session is dropped."""
        return self._unheeded.up(peer)

    def give_up(self, peer: PeerId) -> None:
        """The peer is gone: end its sessions without waiting for an answer."""
        for link in tuple(self._alive.get(peer, ())):
            self._unheard.add(link)
            link.abort("TIMEOUT")
            self._step_down(link, "TIMEOUT")

    async def stop(self, grace: float) -> None:
        """Say goodbye on every session and wait, at most `grace` seconds, until all ended."""
        self._greeter.closed = True
        self._calls.stop()
        for peer in tuple(self._alive):
            self.drop(peer, CloseCode.GOODBYE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                while self._alive:
                    await self._change()
        for peer in tuple(self._alive):
            self.give_up(peer)

    # --- within -------------------------------------------------------------------------

    def _stand(self, link: Link) -> None:
        fresh = link.peer_id not in self._current
        self._current[link.peer_id] = link
        if fresh:
            trust = self._people.trust(link.peer_id, link.ready.name)
            name = self._people.name(link.peer_id, link.ready.name)
            self._hooks.publish(SessionOpened(link.peer_id, name, trust))
        self._changed.set()
        self._hooks.spawn(self._hooks.opened(link), f"greet {link.peer_id.short}")

    def _outranks(self, newer: Link, older: Link) -> bool:
        mine, theirs = self._identity.peer_id, newer.peer_id
        first = rank(older)
        return loser(first, rank(newer), mine, theirs) is first

    async def _run(self, link: Link) -> None:
        try:
            await link.run(lambda event: self._handle(link, event))
        finally:
            self._closed(link, "LOCAL")

    async def _handle(self, link: Link, event: Event) -> None:
        match event:
            case PayloadReceived() if link not in self._unheard:
                await self._listen(link, event)
            case Doubtful():
                self._hooks.doubtful(link.peer_id, True)
            case Restored():
                self._hooks.doubtful(link.peer_id, False)
            case Closed(reason, error):
                _log.info("session with %s closed: %s", link.peer_id.short, reason)
                if error is not None:
                    _log.debug("because: %s", error)
                self._closed(link, reason)
            case _:
                pass  # Established and Opened were handled by dial and listen

    async def _listen(self, link: Link, received: PayloadReceived) -> None:
        """Hand on what a peer says; whoever breaks the rules has said enough.

        Nor does anybody's record end more than its session where the fault is ours: what
        one peer can bring about must not part us from all others.
        """
        if link.peer_id in self._unheeded:
            await self._unheeded.passed(link.peer_id)
            if link in self._unheard:
                return
        try:
            await self._hooks.route(link, received)
        except RemoteProtocolError as error:
            _log.warning("%s broke the rules: %s", link.peer_id.short, error)
            greedy = isinstance(error, PeerTooGreedy)
            self._unheard.add(link)
            link.close(CloseCode.LIMIT if greedy else CloseCode.PROTOCOL)
            self._step_down(link, error.reason)
        except (LanchatError, OSError) as error:
            self._hooks.met(f"link {link.peer_id.short}", error)
        except Exception as error:  # a bug
            where = "".join(traceback.format_tb(error.__traceback__))
            kind = type(error).__name__  # and no more: its text may be the peer's
            _log.error("%s met a bug of ours: %s\n%s", link.peer_id.short, kind, where)
            self._unheard.add(link)
            self._hooks.spare(link.peer_id, TOO_OFTEN)  # it would only happen again
            link.close(CloseCode.INTERNAL, retry_s=TOO_OFTEN)
            self._step_down(link, CloseCode.INTERNAL.name)

    def _closed(self, link: Link, reason: str) -> None:
        """A link is over."""
        alive = self._alive.get(link.peer_id, set())
        alive.discard(link)
        self._unheard.discard(link)
        if not alive:
            self._alive.pop(link.peer_id, None)
        self._step_down(link, reason)
        self._changed.set()

    def _step_down(self, link: Link, reason: str) -> None:
        """A link speaks for its peer no more, if it did; it may still be saying goodbye."""
        if self._current.get(link.peer_id) is not link:
            return
        del self._current[link.peer_id]
        self._hooks.ended(link)
        trust = self._people.trust(link.peer_id, link.ready.name)
        name = self._people.name(link.peer_id, link.ready.name)
        self._hooks.publish(SessionClosed(link.peer_id, name, trust, reason))
        self._hooks.closed(link.peer_id)
        self._changed.set()


def _retire(link: Link, winner: Link) -> None:
    """What the peer has already sent is still heard, then the loser of two ends."""
    first = winner.sent_ready if winner.initiator else winner.ready
    link.close(CloseCode.REPLACED if first.flags & REPLACE else CloseCode.DUPLICATE)
