"""Calls: sessions that we open, one dial a peer at a time however many ask for it."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Final

from lanchat.errors import PeerBlocked, PeerError, PeerUnreachable, WrongPeer
from lanchat.identity.keys import Identity, PeerId
from lanchat.node.greeting import Greeter
from lanchat.node.people import People
from lanchat.session.address import Address
from lanchat.session.dial import dial
from lanchat.session.tcp import Link

DIAL_TIMEOUT: Final = 5.0  # seconds


class Calls:
    """Dials, and has what answers admitted.  Lives on the node thread."""

    def __init__(
        self,
        identity: Identity,
        greeter: Greeter,
        people: People,
        *,
        current: Callable[[PeerId], Link | None],
        admit: Callable[[Link], None],
    ) -> None:
        self._identity = identity
        self._greeter = greeter
        self._people = people
        self._current = current
        self._admit = admit
        self._opening: dict[PeerId, asyncio.Task[Link]] = {}

    async def connect(
        self, peer: PeerId, addresses: Sequence[Address], timeout: float, *, looks: bool
    ) -> Link:
        """The session with a peer: the one that stands, or a new one.

        `looks`: there is nothing to bring, so nobody answers who is invisible.

        Raises:
            PeerUnreachable, WrongPeer and the other children of `LanchatError`.
        """
        while (link := self._current(peer)) is None or not link.open:
            task = self._opening.get(peer)
            if task is None or task.done():  # not noted yet: it would be asked for ever
                task = asyncio.ensure_future(self._open(peer, addresses, timeout, looks))
                self._opening[peer] = task
                task.add_done_callback(lambda done: self._opened(peer, done))
                return await _outcome(task)
            with contextlib.suppress(PeerError, WrongPeer):  # it may dial other addresses
                return await _outcome(task)
            if task.cancelled():  # nobody is to be called any more who does not answer yet
                raise PeerUnreachable("given up")
        return link

    async def connect_unknown(self, address: Address, timeout: float) -> Link:
        """A session with whoever answers at a typed address; its key proves nothing yet."""
        self._check_going()
        link = await dial(
            [address],
            self._identity,
            self._greeter.greeting(),
            expected=None,
            timeout=timeout,
            floor=self._people.floor,
        )
        self._admit(link)
        return self._current(link.peer_id) or link

    async def dial(
        self,
        peer: PeerId,
        addresses: Sequence[Address],
        timeout: float,
        *,
        replace: bool,
        looks: bool = False,
    ) -> None:
        """Open another session; with `replace` it takes the place of the one that stands.

        Raises:
            PeerUnreachable and the other children of `LanchatError`.
        """
        self._check_going()
        if self._people.blocked(peer):
            raise PeerBlocked(peer.short)
        if not addresses:
            raise PeerUnreachable("no address")
        held = self._people.find(peer)
        link = await dial(
            addresses,
            self._identity,
            self._greeter.greeting(replace=replace, looks=looks),
            expected=peer,
            reach=held.reach if held else b"",
            timeout=timeout,
            floor=self._people.floor,
        )
        self._admit(link)

    def stop(self, peer: PeerId | None = None) -> None:
        """Give up every dial that others wait for, or the one of this peer."""
        for one, task in tuple(self._opening.items()):
            if peer in (None, one):
                task.cancel()

    async def _open(
        self, peer: PeerId, addresses: Sequence[Address], timeout: float, looks: bool
    ) -> Link:
        await self.dial(peer, addresses, timeout, replace=False, looks=looks)
        link = self._current(peer)
        if link is None:
            raise PeerUnreachable("session ended as it opened")
        return link

    def _opened(self, peer: PeerId, task: "asyncio.Task[Link]") -> None:
        if self._opening.get(peer) is task:
            del self._opening[peer]
        if not task.cancelled():
            task.exception()  # whoever asked has it; nobody asking is no fault

    def _check_going(self) -> None:
        if self._greeter.closed:
            raise PeerUnreachable("we are about to end")


async def _outcome(task: "asyncio.Task[Link]") -> Link:
    """What comes of a dial that others may wait for too."""
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        asking = asyncio.current_task()
        if task.cancelled() and not (asking and asking.cancelling()):
            raise PeerUnreachable("we are about to end") from None
        raise
