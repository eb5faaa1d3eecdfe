"""Links: the one place where a session meets a socket.

`dial` and `listen` make links; whoever owns one posts payloads and runs it for its events.
The read loop never waits for writes, so two peers that both send much cannot block each other.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, cast

from lanchat.errors import LanchatError, PeerTooGreedy
from lanchat.identity.keys import PeerId
from lanchat.session.address import Address
from lanchat.session.events import Closed, Established, Event, Opened, PayloadReceived
from lanchat.session.machine import Session
from lanchat.session.stages import Stage
from lanchat.session.waiting import Waiting
from lanchat.wire.payloads import CloseCode, Payload, Ready

READ_SIZE: Final = 65_536  # bytes
EAGER: Final = 65_536  # bytes; more does not wait for the end of the loop's turn
WRITE_LOW: Final = 65_536  # bytes unsent at which `writable` lets go
WRITE_HIGH: Final = 262_144  # bytes unsent at which it holds
MOST_UNSENT: Final = 4 * 2**20  # bytes; a peer that lets more pile up is not reading
FAREWELL: Final = 1.0  # seconds the last bytes have to leave

_log = logging.getLogger(__name__)
_thread = threading.local()


class Link(asyncio.BufferedProtocol):
    """One session on one live connection.  Lives on the node thread.

    `settled` is called once: with None when READY went both ways, else with how it failed.
    Everything a link tells its owner afterwards comes through `run`.
    """

    peer_id: PeerId
    ready: Ready  # theirs
    sent_ready: Ready  # ours
    local = ""  # the address of ours that the connection hangs on

    def __init__(
        self,
        session: Session,
        address: Address,
        settled: Callable[["Link", Closed | None], None],
        *,
        early: bytes = b"",
    ) -> None:
        self.address: Final = address
        self._session = session
        self._settled: Callable[[Link, Closed | None], None] | None = settled
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._farewell: asyncio.TimerHandle | None = None
        self._inbox: deque[bytes] = deque([early] if early else [])
        self._incoming: Iterator[Event] | None = None
        self._events = Waiting()
        self._waiter: asyncio.Future[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._flush_due = False
        self._paused = False
        self._over = False

    def __repr__(self) -> str:
        return f"Link({self.address}, {self._session.stage.value})"

    # --- for the owner ------------------------------------------------------------------

    @property
    def initiator(self) -> bool:
        """Whether we dialled."""
        return self._session.initiator

    @property
    def binding(self) -> bytes:
        """The name of this session, the same at both sides."""
        return self._session.binding

    @property
    def opened_at(self) -> float:
        """When READY had gone both ways, in monotonic seconds."""
        return self._session.opened_at

    @property
    def last_heard(self) -> float:
        """When the peer last sent a whole record, in monotonic seconds."""
        return self._session.last_heard

    @property
    def open(self) -> bool:
        """Whether `post` reaches the peer."""
        return not self._over and self._session.stage is Stage.OPEN

    def post(self, payload: Payload) -> bool:
        """Seal and send `payload` without waiting; False if the session has ended meanwhile.

        More than `MOST_UNSENT` bytes that the peer does not take end the session.

        Raises:
            LocalProtocolError: `payload` may not be sent to this peer.
        """
        if not self.open or self._transport is None:
            return False
        self._session.send(payload, self._loop.time())
        if not self._flush_due:  # the first leaves at once, the rest of this turn together
            self._flush()
            self._flush_due = True
            self._loop.call_soon(self._turned)
        elif self._session.unsent >= EAGER:
            self._flush()
        return True

    async def writable(self) -> None:
        """Wait until little is unsent.  For whoever posts much."""
        await self._writable.wait()

    async def run(self, handle: Callable[[Event], Awaitable[None]]) -> None:
        """Hand over events until `Closed`, which always comes, once and last.

        Waits for `handle`: while many events wait nothing is read, so a slow disk slows the
        peer down through TCP.
        """
        try:
            while True:
                while self._events:
                    event = self._events.take()
                    await handle(event)
                    if type(event) is Closed:
                        return
                    if self._paused and self._events.low:
                        self._pull()
                self._waiter = self._loop.create_future()
                await self._waiter
        finally:
            if not self._over:
                self.abort("ABANDONED")

    def close(self, code: CloseCode = CloseCode.GOODBYE, *, retry_s: int = 0) -> None:
        """End the session in order; `run` ends a moment later."""
        if self._over:
            return
        if self._session.stage in (Stage.OPEN, Stage.DRAINING):
            self._session.begin_close(code, self._loop.time(), retry_s)
            self._flush()
            self._arm()
        elif self._session.stage is not Stage.CLOSING:
            self.abort(code.name)

    def abort(self, reason: str, error: LanchatError | None = None) -> None:
        """Cut the connection now; nothing more is said or heard."""
        self._finish(Closed(reason, error))
        if self._transport is not None:
            self._transport.abort()

    def probe(self) -> None:
        """Ask at once whether the peer is still there."""
        if not self._over:
            self._session.probe(self._loop.time())
            self._flush()
            self._arm()

    def export(self, name: str, context: bytes, length: int) -> bytes:
        """A secret that both sides of this session can make; LocalProtocolError at its end."""
        return self._session.export(name, context, length)

    # --- for asyncio --------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is ours now."""
        self._transport = cast("asyncio.Transport", transport)
        self.local = str((transport.get_extra_info("sockname") or ("",))[0]).partition("%")[0]
        if self._over:
            self._transport.abort()
            return
        self._transport.set_write_buffer_limits(high=WRITE_HIGH, low=WRITE_LOW)
        self._pull()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where to read into: one buffer for all links of a thread."""
        try:
            return cast("memoryview", _thread.buffer)
        except AttributeError:
            _thread.buffer = memoryview(bytearray(READ_SIZE))
            return cast("memoryview", _thread.buffer)

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes came."""
        self._inbox.append(bytes(_thread.buffer[:nbytes]))
        self._pull()

    def eof_received(self) -> bool:
        """The peer sends nothing more; the session judges it."""
        self._inbox.append(b"")
        self._pull()
        return True  # we close, not asyncio

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._transport = None
        if self._farewell is not None:
            self._farewell.cancel()
        self._writable.set()
        if exc is not None:
            _log.debug("%s: %s", self.address, exc)
        self._inbox.append(b"")
        self._pull()

    def pause_writing(self) -> None:
        """Much is unsent."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Little is unsent."""
        self._writable.set()

    # --- inside -------------------------------------------------------------------------

    def _pull(self) -> None:
        """Turn bytes into events, as far as there is room for them."""
        try:
            while self._more():
                self._take()
        except LanchatError as error:
            self._finish(Closed.by(error))
        self._wake()
        self._flush()
        self._arm()
        self._throttle()

    def _more(self) -> bool:
        """Whether there are bytes to take, and room for what they mean."""
        if self._over or self._events.full:
            return False
        if self._incoming is None:
            if not self._inbox:
                return False
            data = self._inbox.popleft()
            self._incoming = self._session.receive(data, self._loop.time())
        return True

    def _take(self) -> None:
        """Take events until the bytes, or the room for them, end."""
        for event in self._incoming or ():
            if type(event) is PayloadReceived:
                self._events.append(event)
                if self._events.full:
                    return
            else:
                self._note(event)
                if self._over:
                    return
        self._incoming = None

    def _note(self, event: Event) -> None:
        match event:
            case Established(peer_id):
                self.peer_id = peer_id
            case Opened(ready):
                self.ready = ready
                if self._session.sent_ready is not None:  # always, by now
                    self.sent_ready = self._session.sent_ready
                self._settle(None)
            case Closed():
                self._finish(event)
            case _:
                self._events.append(event)

    def _throttle(self) -> None:
        """Read no faster than `run` takes events."""
        if self._transport is None or self._over:
            return
        if self._events.full:
            if not self._paused:
                self._paused = True
                self._transport.pause_reading()
        elif self._paused and not self._inbox and self._incoming is None:
            self._paused = False
            self._session.excuse(self._loop.time())
            self._transport.resume_reading()

    def _turned(self) -> None:
        self._flush_due = False
        self._flush()

    def _flush(self) -> None:
        if self._transport is None:
            return
        data = self._session.outgoing()
        if data and not self._transport.is_closing():
            self._transport.write(data)
            if self._transport.get_write_buffer_size() > MOST_UNSENT and not self._over:
                self.abort("LIMIT", PeerTooGreedy("it does not read what we send"))

    def _arm(self) -> None:
        """Have `_silence` called at the session's deadline, or before."""
        deadline = self._session.deadline()
        if self._over or deadline is None:
            return
        if self._timer is not None:
            if self._timer.when() <= deadline:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(deadline, self._silence)

    def _silence(self) -> None:
        self._timer = None
        now = self._loop.time()
        if self._paused and self._session.stage is Stage.OPEN:
            self._session.excuse(now)
        for event in self._session.expire(now):
            self._note(event)
        self._wake()
        self._flush()
        self._arm()

    def _settle(self, closed: Closed | None) -> None:
        if self._settled is not None:
            settled, self._settled = self._settled, None
            settled(self, closed)

    def _finish(self, closed: Closed) -> None:
        """Note the end, once, and let the last bytes leave."""
        if self._over:
            return
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
        self._flush()
        self._session.abandon()
        self._inbox.clear()
        self._incoming = None
        self._events.append(closed)
        self._writable.set()
        self._wake()
        if self._transport is not None:
            self._transport.close()
            self._farewell = self._loop.call_later(FAREWELL, self._transport.abort)
        self._settle(closed)

    def _wake(self) -> None:
        """Let `run` know if there is something for it."""
        if self._events and self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
