"""Sessions: live links by peer.  Prove, decide, admit; dial; one session per pair.

The session authenticates, this desk authorises.  Two sessions of one pair are settled by
`rivals.loser` alone, on both sides alike (PROTOCOL.md, 2, *One session per pair*).
"""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from lanchat.errors import LanchatError, PeerBlocked, PeerUnreachable
from lanchat.identity.keys import Identity, PeerId
from lanchat.node.events import NodeEvent, SessionClosed, SessionOpened
from lanchat.node.people import People
from lanchat.session.address import Address
from lanchat.session.dial import dial
from lanchat.session.events import Closed, Doubtful, Event, PayloadReceived, Restored
from lanchat.session.rivals import Rank, loser
from lanchat.session.tcp import Link
from lanchat.wire.payloads import (
    MAX_MANIFEST,
    MAX_TEXT,
    MAX_TOTAL,
    REPLACE,
    CloseCode,
    Payload,
    Ready,
)

_log = logging.getLogger(__name__)

DRAIN: Final = 2.0  # seconds in which the loser of two sessions is still read
RENEW_AFTER: Final = 3600.0  # seconds (PROTOCOL.md, 3)
DIAL_TIMEOUT: Final = 5.0  # seconds
MOST_SESSIONS: Final = 64  # of a full mesh (docs/PROTOCOL.md, 6)

Route = Callable[[Link, PayloadReceived], Awaitable[None]]
Spawn = Callable[[Awaitable[None], str], object]


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the node does when sessions come, go and speak."""

    route: Route
    opened: Callable[[Link], Awaitable[None]]
    ended: Callable[[Link], None]  # no more can be sent on it
    closed: Callable[[PeerId], None]  # no session with this peer is left
    doubtful: Callable[[PeerId, bool], None]
    publish: Callable[[NodeEvent], None]
    spawn: Spawn
    port: Callable[[], int]


class Sessions:
    """Every live link.  Lives on the node thread."""

    def __init__(
        self, identity: Identity, my_name: str, people: People, epoch: int, hooks: Hooks
    ) -> None:
        self._identity = identity
        self._my_name = my_name
        self._people = people
        self._epoch = epoch
        self._hooks = hooks
        self._dials = itertools.count(1)
        self._current: dict[PeerId, Link] = {}
        self._alive: dict[PeerId, set[Link]] = {}
        self._opening: dict[PeerId, asyncio.Task[Link]] = {}
        self._changed = asyncio.Event()
        self._stopping = False

    # --- questions ----------------------------------------------------------------------

    def current(self, peer: PeerId) -> Link | None:
        """The session that speaks for this peer now."""
        return self._current.get(peer)

    def online(self) -> tuple[PeerId, ...]:
        """Everybody a session stands with."""
        return tuple(self._current)

    def post(self, peer: PeerId, payload: Payload) -> bool:
        """Send to a peer; False if no session stands."""
        link = self._current.get(peer)
        if link is None:
            return False
        link.post(payload)
        return True

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

    # --- greeting and admitting ---------------------------------------------------------

    def greeting(self, *, replace: bool = False) -> Callable[[PeerId, bool], Ready]:
        """What makes our READY once a peer has proven its key.

        Raises (from the function returned):
            PeerBlocked: the user does not want this peer.
        """

        def greet(peer: PeerId, initiator: bool) -> Ready:
            if self._people.blocked(peer) or self._stopping:
                raise PeerBlocked(peer.short)
            reach, beacon = self._people.secrets_for(peer)
            return Ready(
                flags=REPLACE if replace else 0,
                epoch=self._epoch,
                dial=next(self._dials) % 2**32 if initiator else 0,
                port=self._hooks.port(),
                caps=0,
                max_text=MAX_TEXT,
                max_stream=MAX_TOTAL + MAX_MANIFEST,
                reach=reach,
                beacon_key=beacon,
                name=self._my_name,
            )

        return greet

    def admit(self, link: Link) -> None:
        """Take a link whose READY went both ways; one session per pair stays."""
        if self._stopping:
            link.close(CloseCode.GOODBYE)
        self._alive.setdefault(link.peer_id, set()).add(link)
        older = self._current.get(link.peer_id)
        if older is None:
            self._stand(link)
        elif self._outranks(link, older):
            self._hooks.ended(older)
            self._retire(older)
            self._stand(link)
        else:
            self._retire(link)
        self._hooks.spawn(self._run(link), f"link {link.peer_id.short}")

    # --- dialling -----------------------------------------------------------------------

    async def connect(
        self, peer: PeerId, addresses: Sequence[Address], *, timeout: float = DIAL_TIMEOUT
    ) -> Link:
        """The session with this peer: the one that stands, or a new one.

        Raises:
            PeerUnreachable, WrongPeer and the other children of `LanchatError`.
        """
        link = self._current.get(peer)
        if link is not None:
            return link
        task = self._opening.get(peer)
        if task is None:
            task = asyncio.ensure_future(self._open(peer, addresses, timeout))
            self._opening[peer] = task
            task.add_done_callback(lambda done: self._opened(peer, done))
        return await asyncio.shield(task)

    async def connect_unknown(self, address: Address, *, timeout: float) -> Link:
        """A session with whoever answers at a typed address; its key proves nothing yet."""
        link = await dial(
            [address],
            self._identity,
            self.greeting(),
            expected=None,
            timeout=timeout,
            floor=self._people.floor,
        )
        self.admit(link)
        return self._current.get(link.peer_id, link)

    async def renew(self, peer: PeerId, *, timeout: float = DIAL_TIMEOUT) -> None:
        """Put a new session in the place of the one that stands, with new keys."""
        old = self._current.get(peer)
        if old is None:
            return
        ports = {old.address.port, old.ready.port} - {0} if old.initiator else {old.ready.port}
        addresses = [Address(old.address.host, port) for port in sorted(ports) if port]
        await self._dial(peer, addresses, timeout, replace=True)

    def due_for_renewal(self, now: float) -> list[PeerId]:
        """Peers whose session we dialled more than an hour ago."""
        return [
            peer
            for peer, link in self._current.items()
            if link.initiator and now - link.opened_at > RENEW_AFTER
        ]

    # --- ending -------------------------------------------------------------------------

    def probe_all(self) -> None:
        """Ask every peer at once whether it is still there."""
        for link in self._current.values():
            link.probe()

    def drop(self, peer: PeerId, code: CloseCode) -> None:
        """End every session with a peer."""
        for link in tuple(self._alive.get(peer, ())):
            link.close(code)

    def give_up(self, peer: PeerId) -> None:
        """The peer is gone: end its sessions without waiting for an answer."""
        for link in tuple(self._alive.get(peer, ())):
            link.abort("TIMEOUT")

    async def stop(self, grace: float) -> None:
        """Say goodbye on every session and wait, at most `grace` seconds, until all ended."""
        self._stopping = True
        for task in tuple(self._opening.values()):
            task.cancel()
        for peer in tuple(self._alive):
            self.drop(peer, CloseCode.GOODBYE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                while self._alive:
                    await self._change()
        for peer in tuple(self._alive):
            self.give_up(peer)

    # --- within -------------------------------------------------------------------------

    async def _open(self, peer: PeerId, addresses: Sequence[Address], timeout: float) -> Link:
        await self._dial(peer, addresses, timeout, replace=False)
        link = self._current.get(peer)
        if link is None:
            raise PeerUnreachable("session ended as it opened")
        return link

    async def _dial(
        self, peer: PeerId, addresses: Sequence[Address], timeout: float, *, replace: bool
    ) -> None:
        if self._people.blocked(peer):
            raise PeerBlocked(peer.short)
        if not addresses:
            raise PeerUnreachable("no address")
        held = self._people.find(peer)
        link = await dial(
            addresses,
            self._identity,
            self.greeting(replace=replace),
            expected=peer,
            reach=held.reach if held else b"",
            timeout=timeout,
            floor=self._people.floor,
        )
        self.admit(link)

    def _opened(self, peer: PeerId, task: "asyncio.Task[Link]") -> None:
        self._opening.pop(peer, None)
        if not task.cancelled():
            task.exception()  # whoever asked has it; nobody asking is no fault

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
        first, second = _rank(older), _rank(newer)
        return loser(first, second, mine, theirs) is first

    def _retire(self, link: Link) -> None:
        loop = asyncio.get_running_loop()
        code = CloseCode.REPLACED if link.sent_ready.flags & REPLACE else CloseCode.DUPLICATE
        loop.call_later(DRAIN, link.close, code)

    async def _run(self, link: Link) -> None:
        async def handle(event: Event) -> None:
            match event:
                case PayloadReceived():
                    await self._hooks.route(link, event)
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

        try:
            await link.run(handle)
        except LanchatError as error:
            _log.warning("link %s: %s", link.peer_id.short, error)
            link.abort("LOCAL")
        finally:
            self._closed(link, "LOCAL")

    def _closed(self, link: Link, reason: str) -> None:
        alive = self._alive.get(link.peer_id, set())
        if link not in alive:
            return
        alive.discard(link)
        if not alive:
            self._alive.pop(link.peer_id, None)
        if self._current.get(link.peer_id) is link:
            del self._current[link.peer_id]
            self._hooks.ended(link)
            trust = self._people.trust(link.peer_id, link.ready.name)
            name = self._people.name(link.peer_id, link.ready.name)
            self._hooks.publish(SessionClosed(link.peer_id, name, trust, reason))
            self._hooks.closed(link.peer_id)
        self._changed.set()


def _rank(link: Link) -> Rank:
    ours, theirs = link.sent_ready, link.ready
    first = ours if link.initiator else theirs
    return Rank(
        epoch=theirs.epoch,
        dial=first.dial,
        replace=bool(first.flags & REPLACE),
        initiator_mine=link.initiator,
        own_epoch=ours.epoch,
        opened_at=link.opened_at,
        binding=link.binding,
    )
