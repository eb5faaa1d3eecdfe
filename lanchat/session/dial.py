"""Dialling: race the TCP connects to one peer, then a handshake on the first that stands.

Addresses grow old: where somebody else answers that one is left, and the others are tried.
"""

import asyncio
import errno
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from lanchat.errors import PeerRefused, PeerSilent, PeerUnreachable, WrongPeer
from lanchat.identity.keys import Identity, PeerId
from lanchat.session.address import Address
from lanchat.session.draw import draw_ephemeral
from lanchat.session.events import Closed
from lanchat.session.greeting import Greeting
from lanchat.session.handshake import Role, Terms, Versions, any_version
from lanchat.session.introduction import UNTIL_READY
from lanchat.session.machine import Session
from lanchat.session.sockets import tune
from lanchat.session.tcp import Link

STAGGER: Final = 0.15  # seconds before the next address is tried beside the last
CONNECT: Final = 5.0  # seconds for the race

#: family and address, as getaddrinfo gives them (the last form: Python built without IPv6)
_Target = tuple[int, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]


async def dial(
    addresses: Sequence[Address],
    identity: Identity,
    greeting: Greeting,
    *,
    expected: PeerId | None,
    reach: bytes = b"",
    timeout: float = CONNECT + UNTIL_READY,
    versions: Versions = Versions(),  # noqa: B008 - frozen
    floor: Callable[[PeerId], int] = any_version,
) -> Link:
    """Reach `expected` at one of `addresses`; READY has gone both ways when this returns.

    `reach` is the secret that the peer gave us, if it did; `timeout` is for all of it, in
    seconds; `floor` is the lowest version to speak with a proven peer.

    Raises:
        PeerUnreachable: no address takes a connection.
        PeerSilent: one does, and then says nothing.
        PeerRefused: the other side closed before READY.
        RemoteProtocolError: it broke the rules; `WrongPeer`, `OtherVersion`, `Downgrade` and
            `ReachedOurselves` among them.
        LanchatError: `greeting` refused the peer, or there is no randomness.
    """
    connected = False
    left = list(dict.fromkeys(addresses))
    wrong: WrongPeer | None = None  # who answered first, and was somebody else
    try:
        async with asyncio.timeout(timeout):
            while left or wrong is None:
                connected = False
                ephemeral = draw_ephemeral()
                sock, address = await _race(left)
                connected = True
                terms = Terms(
                    Role.INITIATOR,
                    identity,
                    ephemeral,
                    versions=versions,
                    expected=expected,
                    reach=reach,
                    minutes=int(time.time()) // 60,
                    floor=floor,
                )
                try:
                    return await _open(sock, address, terms, greeting)
                except WrongPeer as error:
                    wrong = wrong or error
                    left.remove(address)
    except TimeoutError as error:
        if wrong is None and connected:
            raise PeerSilent(f"not READY within {timeout} s") from error
        if wrong is None:
            raise PeerUnreachable(f"no connection within {timeout} s") from error
    except PeerUnreachable:
        if wrong is None:
            raise
    raise wrong or PeerUnreachable("no address")


async def _open(
    sock: socket.socket, address: Address, terms: Terms, greeting: Greeting
) -> Link:
    loop = asyncio.get_running_loop()
    opened: asyncio.Future[Link] = loop.create_future()

    def settled(link: Link, closed: Closed | None) -> None:
        if opened.done():
            return
        if closed is None:
            opened.set_result(link)
        else:
            opened.set_exception(closed.error or PeerRefused(closed.reason))

    link = Link(Session(terms, greeting, loop.time()), address, settled)
    try:
        await loop.create_connection(lambda: link, sock=sock)
        return await opened
    except OSError as error:
        raise PeerUnreachable(f"errno {error.errno}") from error
    except BaseException:
        opened.cancel()  # nobody waits for it any more
        link.abort("ABANDONED")
        raise


async def _race(addresses: Sequence[Address]) -> tuple[socket.socket, Address]:
    """The first connection that stands; the others are closed."""
    waiting = deque(addresses)
    running: dict[asyncio.Task[socket.socket], Address] = {}
    failure: OSError | None = None
    try:
        while waiting or running:
            if waiting:
                address = waiting.popleft()
                running[asyncio.create_task(connect(address))] = address
            done, _ = await asyncio.wait(
                running,
                timeout=STAGGER if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done:
                address = running.pop(task)
                error = task.exception()
                if error is None:
                    return task.result(), address
                if not isinstance(error, OSError):
                    raise error
                failure = error
    finally:
        await _end(running)
    detail = "no address" if failure is None else f"errno {failure.errno}"
    raise PeerUnreachable(detail) from failure


async def connect(address: Address) -> socket.socket:
    """A connected, non-blocking socket; OSError if there is none to be had."""
    loop = asyncio.get_running_loop()
    family, sockaddr = await _resolve(address)
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await loop.sock_connect(sock, sockaddr)
        tune(sock)
    except BaseException:
        sock.close()
        raise
    return sock


async def _resolve(address: Address) -> _Target:
    """A number at once, a name through the system's resolver (in a thread)."""
    try:
        found = socket.getaddrinfo(
            address.host,
            address.port,
            type=socket.SOCK_STREAM,
            flags=socket.AI_NUMERICHOST,
        )
    except UnicodeError as error:
        raise OSError(errno.EINVAL, "no host can have this name") from error
    except socket.gaierror:
        found = await asyncio.get_running_loop().getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )
    family, _, _, _, sockaddr = found[0]
    return family, sockaddr


async def _end(running: dict[asyncio.Task[socket.socket], Address]) -> None:
    """Cancel the connects that lost, and close those that stood a moment too late."""
    for task in running:
        task.cancel()
    for result in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(result, socket.socket):
            result.close()
