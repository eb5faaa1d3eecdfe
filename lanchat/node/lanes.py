"""Lanes: the threads that carry files, the places they take, and the tokens they show.

A lane thread owns its socket, its buffer and one open file at a time; this desk starts it,
stops it and reads its counter.  Nothing here touches a byte of a file.
"""

import asyncio
import contextlib
import hmac
import socket
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from lanchat.errors import LanchatError, LaneStalled, PeerUnreachable
from lanchat.identity.keys import PeerId
from lanchat.session.address import Address
from lanchat.session.tcp import Link
from lanchat.transfer import lane
from lanchat.transfer.pipe import Counters
from lanchat.transfer.stream import TOKEN_LIFE, TOKEN_LOOKUP
from lanchat.wire.payloads import CancelCode

T = TypeVar("T")

MOST_LANES: Final = 8  # in all (PROTOCOL.md, 3b)
MOST_PER_PEER: Final = 4


class Carriage:
    """One attempt on its way: what its thread counts, and how to stop it."""

    def __init__(self) -> None:
        self.counters: Final = Counters()
        self.stopping: Final = threading.Event()
        self._sock: socket.socket | None = None

    def use(self, sock: socket.socket) -> None:
        """The socket of this attempt; the thread that carries it closes it."""
        self._sock = sock
        if self.stopping.is_set():
            self.stop()

    def stop(self) -> None:
        """Make the thread end soon, wherever it is."""
        self.stopping.set()
        if self._sock is not None:
            with contextlib.suppress(OSError):  # it may have closed it already
                self._sock.shutdown(socket.SHUT_RDWR)


class Lanes:
    """Places, tokens and threads.  Lives on the node thread."""

    def __init__(self) -> None:
        self._expected: dict[bytes, tuple[bytes, asyncio.Future[socket.socket]]] = {}
        self._places = asyncio.Semaphore(MOST_LANES)
        self._places_of: dict[PeerId, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(MOST_PER_PEER)
        )
        self._threads = ThreadPoolExecutor(
            max_workers=2 * MOST_LANES, thread_name_prefix="lane"
        )

    @asynccontextmanager
    async def place(self, peer: PeerId) -> AsyncIterator[None]:
        """Wait for one of the places that lanes may take at once."""
        async with self._places_of[peer], self._places:
            yield

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run blocking `work` in a lane thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def expect(self, token: bytes) -> "asyncio.Future[socket.socket]":
        """A future of the socket that will show `token`; cancelling it withdraws the token."""
        future: asyncio.Future[socket.socket] = asyncio.get_running_loop().create_future()
        key = token[:TOKEN_LOOKUP]
        self._expected[key] = (token, future)
        future.add_done_callback(lambda _done: self._expected.pop(key, None))
        return future

    def expects(self, start: bytes) -> bool:
        """Whether a token that begins with these 8 bytes is awaited."""
        return start in self._expected

    def arrived(self, sock: socket.socket, token: bytes, _address: Address) -> None:
        """Somebody dialled a lane: it is taken if its token is awaited, else closed."""
        known, future = self._expected.get(token[:TOKEN_LOOKUP], (b"", None))
        if future is None or future.done() or not hmac.compare_digest(known, token):
            sock.close()
            return
        future.set_result(sock)

    async def open(
        self,
        link: Link,
        token: bytes,
        carriage: Carriage,
        awaited: "asyncio.Future[socket.socket] | None",
    ) -> socket.socket:
        """The socket of an attempt: whoever dialled the session dials the lane too.

        Raises:
            PeerUnreachable: it does not come about within 30 s.
        """
        if awaited is None:
            host, port = link.address.host, link.address.port
            sock = await self.in_thread(lambda: lane.connect(host, port, token))
        else:
            try:
                async with asyncio.timeout(TOKEN_LIFE):
                    sock = await awaited
            except TimeoutError as error:
                raise PeerUnreachable("nobody dialled the lane") from error
            sock.setblocking(True)
        carriage.use(sock)
        return sock

    def close(self) -> None:
        """End the threads; every carriage has been stopped before."""
        for _token, future in tuple(self._expected.values()):
            future.cancel()
        self._threads.shutdown(wait=True)


def lane_code(error: LanchatError) -> CancelCode:
    """What the other side is told of an attempt that broke off."""
    return CancelCode.LIMIT if isinstance(error, LaneStalled) else CancelCode.LANE_FAILED
