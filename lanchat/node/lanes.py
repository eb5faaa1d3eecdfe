"""Lanes: the threads that carry files, the places they take, and the tokens they show.

A lane thread owns its socket, its buffer and one open file at a time; this desk starts it,
stops it and reads its counter.  Nothing here touches a byte of a file.
"""

import asyncio
import contextlib
import hmac
import logging
import socket
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Final, TypeVar
from weakref import WeakValueDictionary

from lanchat.errors import LanchatError, LaneStalled, PeerUnreachable, TransferAbandoned
from lanchat.identity.keys import PeerId
from lanchat.node.giving_way import give_way
from lanchat.session.address import Address
from lanchat.session.tcp import Link
from lanchat.transfer import lane
from lanchat.transfer.parts import Incoming
from lanchat.transfer.pipe import Counters
from lanchat.transfer.stream import TOKEN_LIFE, TOKEN_LOOKUP
from lanchat.transfer.throttle import Throttle
from lanchat.wire.payloads import CancelCode

_log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_LANES: Final = 8  # each way (PROTOCOL.md, 3b)
MOST_PER_PEER: Final = 4


class Carriage:
    """One attempt on its way: what its thread counts, and how to stop it."""

    def __init__(self) -> None:
        self.counters: Final = Counters()
        self.stopping: Final = threading.Event()
        self._sock: socket.socket | None = None
        self._expected: Expected | None = None
        self._limit: asyncio.Timeout | None = None  # of what is awaited on the node thread

    def check(self) -> None:
        """Go on only while nobody has stopped it.

        Raises:
            TransferAbandoned: somebody has.
        """
        if self.stopping.is_set():
            raise TransferAbandoned("stopped")

    def use(self, sock: socket.socket) -> None:
        """The socket of this attempt; the thread that carries it closes it."""
        self._sock = sock
        if self.stopping.is_set():
            self.stop()

    def wait_for(self, expected: "Expected") -> None:
        """The lane is to come from the other side."""
        self._expected = expected
        if self.stopping.is_set():
            self.stop()

    @asynccontextmanager
    async def interruptible(self) -> AsyncIterator[None]:
        """What is awaited within ends at once when this is stopped.

        Raises:
            TransferAbandoned: it was.
        """
        self.check()
        try:
            async with asyncio.timeout(None) as self._limit:
                yield
        except TimeoutError as error:
            raise TransferAbandoned("stopped") from error
        finally:
            self._limit = None

    def let_go(self, ours: Container[str]) -> None:
        """The lane is lost if it hangs on none of `ours`: nothing comes to an address gone."""
        if self._sock is not None:
            with contextlib.suppress(OSError):  # it may be closed already
                local = str(self._sock.getsockname()[0]).partition("%")[0]
                if local not in ours:
                    self._sock.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Make it end soon, wherever it is."""
        self.stopping.set()
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time())
        if self._expected is not None:
            self._expected.stop()
        if self._sock is not None:
            with contextlib.suppress(OSError):  # it may have closed it already
                self._sock.shutdown(socket.SHUT_RDWR)


class Places:
    """The places that lanes of one direction take.  Lives on the node thread.

    Each way has its own: a sender that waits for a place behind receivers, which wait for
    senders of the other side, would wait for ever.
    """

    def __init__(self) -> None:
        self._all = asyncio.Semaphore(MOST_LANES)
        self._of: dict[PeerId, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(MOST_PER_PEER)
        )

    @asynccontextmanager
    async def turn(self, peer: PeerId) -> AsyncIterator["Place"]:
        """Wait until it is this peer's turn, and for a place; the place can be lent."""
        async with self._of[peer]:
            place = Place(self._all)
            try:
                await place.take()
                yield place
            finally:
                place.lend()


class Place:
    """One of the places."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._held = False

    async def take(self) -> None:
        """Wait for it, unless it is ours."""
        if not self._held:
            await self._places.acquire()
            self._held = True

    def lend(self) -> None:
        """Let others have it for now."""
        if self._held:
            self._held = False
            self._places.release()


class Expected:
    """A lane that the other side is to dial, from the token to the socket."""

    def __init__(self, token: bytes) -> None:
        self.token: Final = token
        self._arrival: Final[asyncio.Future[socket.socket]] = (
            asyncio.get_running_loop().create_future()
        )
        self._taken = False

    def arrived(self, sock: socket.socket) -> bool:
        """Somebody showed the token; False if it is spent."""
        if self._arrival.done():
            return False
        self._arrival.set_result(sock)
        return True

    async def take(self) -> socket.socket:
        """The socket, once it is here; whoever took it closes it.

        Raises:
            PeerUnreachable: it does not come within 30 s.
            TransferAbandoned: nobody waits for it any more.
        """
        try:
            async with asyncio.timeout(TOKEN_LIFE):
                sock = await self._arrival
        except TimeoutError as error:
            raise PeerUnreachable("nobody dialled the lane") from error
        self._taken = True
        return sock

    def stop(self) -> None:
        """Wait no longer."""
        if not self._arrival.done():
            self._arrival.set_exception(TransferAbandoned("stopped"))

    def end(self) -> None:
        """The token is worth nothing from now on."""
        self.stop()
        came = not self._arrival.cancelled() and self._arrival.exception() is None
        if came and not self._taken:
            self._arrival.result().close()


class Lanes:
    """Tokens and threads.  Lives on the node thread.

    `rate` says how many bytes a second all lanes of one direction may carry together, 0 for
    no limit; lanes ask for it in their threads, each time.
    """

    def __init__(self, rate: Callable[[], int] = lambda: 0) -> None:
        self.uplink: Final = Throttle(rate)
        self.downlink: Final = Throttle(rate)
        self._limits: WeakValueDictionary[str, Throttle] = WeakValueDictionary()
        self._expected: dict[bytes, Expected] = {}
        self._closed = False
        self._threads = ThreadPoolExecutor(
            max_workers=3 * MOST_LANES, thread_name_prefix="lane", initializer=give_way
        )

    def limit(self, name: str, rate: int) -> Throttle:
        """A limit of some transfers alone, which share it by its name."""
        throttle = self._limits.get(name)
        if throttle is None:
            throttle = self._limits[name] = Throttle(lambda: rate)
        return throttle

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run blocking `work` in a lane thread.

        Raises:
            TransferAbandoned: the node is about to end.
        """
        if self._closed:
            raise TransferAbandoned("the node is about to end")
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def rid_of(self, part: Incoming, *, placed: bool = False) -> bool:
        """Remove a part, of something given up or `placed`; False: the disk refused."""
        try:
            await self.in_thread(lambda: part.discard(placed=placed))
        except LanchatError as error:
            _log.warning("a part stays behind: %s", error)
            return False
        return True

    async def carry(self, sock: socket.socket, work: Callable[[], T]) -> T:
        """Run the `work` of a lane, which closes its socket."""
        if self._closed:
            sock.close()
        return await self.in_thread(work)

    @contextmanager
    def expecting(self, token: bytes, *, dialling: bool) -> Iterator[Expected | None]:
        """Await a lane that shows `token`, until this ends; None where we are to dial.

        Whoever dialled the session dials the lane too.
        """
        if dialling:
            yield None
            return
        expected = self._expected[token[:TOKEN_LOOKUP]] = Expected(token)
        try:
            yield expected
        finally:
            if self._expected.get(token[:TOKEN_LOOKUP]) is expected:  # else one that begins so
                del self._expected[token[:TOKEN_LOOKUP]]
            expected.end()

    def expects(self, start: bytes) -> bool:
        """Whether a token that begins with these 8 bytes is awaited."""
        return start in self._expected

    def arrived(self, sock: socket.socket, token: bytes, _address: Address) -> None:
        """Somebody dialled a lane: it is taken if its token is awaited, else closed."""
        expected = self._expected.get(token[:TOKEN_LOOKUP])
        known = expected is not None and hmac.compare_digest(expected.token, token)
        if expected is None or not known or not expected.arrived(sock):
            sock.close()

    async def open(
        self, link: Link, token: bytes, carriage: Carriage, expected: Expected | None
    ) -> socket.socket:
        """The socket of an attempt.

        Raises:
            PeerUnreachable: it does not come about within 30 s.
            TransferAbandoned: the attempt was stopped.
        """
        if expected is None:
            host, port = link.address.host, link.address.port
            async with carriage.interruptible():
                sock = await lane.connect(host, port, token)
        else:
            carriage.wait_for(expected)
            sock = await expected.take()
        carriage.use(sock)
        return sock

    def close(self) -> None:
        """End the threads; every carriage has been stopped before.  Blocks."""
        self._threads.shutdown(wait=True)

    def shut(self) -> None:
        """Take no more work."""
        self._closed = True


def lane_code(error: LanchatError) -> CancelCode:
    """What the other side is told of an attempt that broke off."""
    return CancelCode.LIMIT if isinstance(error, LaneStalled) else CancelCode.LANE_FAILED
