"""Listening: accept bare sockets, read who is meant, hand them to a session or a lane.

One port, two prefaces.  Until eight bytes have come a caller costs us one socket and a timer;
until READY it stands in one of the doorkeeper's slots.  PROTOCOL.md, 2 and 4.
"""

import asyncio
import errno
import logging
import secrets
import socket
from collections.abc import Callable, Sequence
from typing import Final

from lanchat.errors import LanchatError, PeerTooGreedy, PortTaken
from lanchat.identity.keys import Identity, PeerId
from lanchat.session.address import Address
from lanchat.session.doorkeeper import Caller, Doorkeeper
from lanchat.session.draw import draw_ephemeral
from lanchat.session.events import Closed
from lanchat.session.greeting import Admits, Greeting
from lanchat.session.guest import Guest
from lanchat.session.handshake import (
    PREFACE,
    Opening,
    Role,
    Terms,
    Versions,
    any_version,
    anyone,
)
from lanchat.session.machine import Session
from lanchat.session.sockets import bind, tune
from lanchat.session.tcp import Link

ACCEPTS: Final = 64  # connections taken in one turn of the loop
ACCEPT_PAUSE: Final = 0.2  # seconds without accepting when the system is out of descriptors
PORT_TRIES: Final = 8  # for a port that is free for IPv4 and IPv6

_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_log = logging.getLogger(__name__)


def no_lane(sock: socket.socket, token: bytes, address: Address) -> None:
    """What to do with a lane when none is waited for."""
    sock.close()


def no_token(head: bytes) -> bool:
    """No lane is waited for."""
    return False


class Listener:
    """Takes calls on one port.  Lives on the node thread.

    `on_link` gets every session whose READY went both ways; `on_lane` gets the non-blocking
    socket of a lane with its 32-byte token, whose first eight bytes `known_tokens` knew.
    `gate` is for the hidden modes: it sees a message 1 first, and raises or names who it must
    be from; with `visible` off nothing that fails is answered.  With `admits` READY of a proven
    caller is read before ours is sent: who is turned away gets no word.
    """

    def __init__(
        self,
        identity: Identity,
        greeting: Greeting,
        on_link: Callable[[Link], None],
        on_lane: Callable[[socket.socket, bytes, Address], None] = no_lane,
        *,
        known_tokens: Callable[[bytes], bool] = no_token,
        versions: Versions = Versions(),  # noqa: B008 - frozen
        floor: Callable[[PeerId], int] = any_version,
    ) -> None:
        self.visible = True
        self.admits: Admits | None = None
        self.gate: Callable[[Opening], PeerId | None] = anyone
        self.doorkeeper: Final = Doorkeeper(secrets.randbelow)
        self._identity = identity
        self._greeting = greeting
        self._on_link = on_link
        self._on_lane = on_lane
        self._known_tokens = known_tokens
        self._versions = versions
        self._floor = floor
        self._sockets: list[socket.socket] = []
        self._guests: set[Guest] = set()
        self._links: dict[Link, Caller] = {}  # not yet READY
        self._tasks: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None

    async def start(self, port: int, hosts: Sequence[str] | None = None) -> int:
        """Listen on `port` (0: any free one) and return it; no `hosts` means everywhere.

        Raises:
            PortTaken: the port cannot be had.
        """
        self._loop = asyncio.get_running_loop()
        tries = 1 if port else PORT_TRIES
        while True:
            tries -= 1
            try:
                self._sockets = bind(port, hosts)
                break
            except OSError as error:
                if not tries:
                    raise PortTaken(f"port {port}: errno {error.errno}") from error
        self._accepting()
        return int(self._sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close the port first, then everybody who is not READY.  Open links stay."""
        if self._pause is not None:
            self._pause.cancel()
        for sock in self._sockets:
            self._loop.remove_reader(sock)
            sock.close()
        self._sockets = []
        for guest in list(self._guests):
            guest.leave()
        for link in list(self._links):
            link.abort("STOPPED")
        await asyncio.gather(*self._tasks)

    # --- the door -----------------------------------------------------------------------

    def _accepting(self) -> None:
        self._pause = None
        for sock in self._sockets:
            self._loop.add_reader(sock, self._accept, sock)

    def _accept(self, listening: socket.socket) -> None:
        """Take what waits, but not for ever: the loop has other work."""
        for _ in range(ACCEPTS):
            try:
                sock, sockaddr = listening.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._rest(error)
                    return
                continue  # this caller is gone already
            sock.setblocking(False)
            self._receive(sock, Address.of(sockaddr))

    def _rest(self, error: OSError) -> None:
        """Out of descriptors: callers wait in the kernel until some are free again."""
        _log.warning("cannot accept: errno %s", error.errno)
        for sock in self._sockets:
            self._loop.remove_reader(sock)
        if self._pause is None:
            self._pause = self._loop.call_later(ACCEPT_PAUSE, self._accepting)

    def _receive(self, sock: socket.socket, address: Address) -> None:
        caller = self.doorkeeper.knock(address.host, drop=sock.close)
        if caller is None:
            sock.close()
            return
        guest = Guest(sock, address, caller, self._loop)
        guest.on_session = self._answer
        guest.on_lane = self._lane
        guest.on_gone = self._gone
        guest.admit_lane = self._admit_lane
        guest.visible = self.visible
        self._guests.add(guest)
        guest.listen()

    def _gone(self, guest: Guest) -> None:
        self._guests.discard(guest)
        self.doorkeeper.leave(guest.caller)

    # --- lanes --------------------------------------------------------------------------

    def _admit_lane(self, guest: Guest, head: bytes) -> bool:
        return self._known_tokens(head) and self.doorkeeper.lane(guest.caller)

    def _lane(self, guest: Guest, token: bytes) -> None:
        self._gone(guest)
        self._on_lane(guest.sock, token, guest.address)

    # --- sessions -----------------------------------------------------------------------

    def _answer(self, guest: Guest) -> None:
        """A caller who wants a session: its slot goes on until READY."""
        self._guests.discard(guest)
        try:
            link = self._link(guest)
            tune(guest.sock)
        except (LanchatError, OSError) as error:
            _log.warning("cannot answer a call: %s", error)
            self.doorkeeper.leave(guest.caller)
            guest.sock.close()
            return
        self._links[link] = guest.caller
        guest.caller.drop = lambda: link.abort("EVICTED")
        task = self._loop.create_task(self._carry(link, guest.sock))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _link(self, guest: Guest) -> Link:
        terms = Terms(
            Role.RESPONDER,
            self._identity,
            draw_ephemeral(),
            versions=self._versions,
            gate=lambda opening: self._gate(guest.caller, opening),
            floor=self._floor,
        )
        session = Session(terms, self._greeting, guest.came_at)
        session.admits = self.admits
        return Link(session, guest.address, self._settled, early=PREFACE)

    async def _carry(self, link: Link, sock: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: link, sock)
        except OSError as error:
            _log.debug("%s: %s", link.address, error)
            sock.close()
            link.abort("LOST")

    def _gate(self, caller: Caller, opening: Opening) -> PeerId | None:
        """Whether a whole message 1 is worth our answer."""
        expected = self.gate(opening)
        if not self.doorkeeper.spoke(caller, self._loop.time(), friend=expected is not None):
            raise PeerTooGreedy("too many handshakes from one source")
        return expected

    def _settled(self, link: Link, closed: Closed | None) -> None:
        caller = self._links.pop(link, None)
        if caller is not None:
            self.doorkeeper.leave(caller)
        if closed is None:
            self._on_link(link)
        else:
            _log.info("a call ended before READY: %s", closed.reason)
