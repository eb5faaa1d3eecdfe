"""A house with an open door (Bob's), and callers: honest ones, and ones that hold the wire."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import pytest

from lanchat.identity.keys import Identity
from lanchat.session.address import Address
from lanchat.session.dial import dial
from lanchat.session.draw import draw_ephemeral
from lanchat.session.events import Closed, Event, PayloadReceived
from lanchat.session.handshake import Role, Terms
from lanchat.session.listen import Listener
from lanchat.session.machine import Session
from lanchat.session.tcp import Link
from lanchat.wire.payloads import Payload
from tests.pairs import ANN, BOB, ready

Lane = tuple[socket.socket, bytes, Address]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that nobody reports; the time of the test is the limit."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


class Ears:
    """Runs a link and keeps what it tells."""

    def __init__(self, link: Link) -> None:
        self.link: Final = link
        self.events: list[Event] = []
        self.heard: list[Payload] = []
        self.news = asyncio.Event()
        self.may_handle = asyncio.Event()
        self.may_handle.set()
        self.task: Final = asyncio.create_task(link.run(self._hear))

    async def _hear(self, event: Event) -> None:
        await self.may_handle.wait()
        self.events.append(event)
        if isinstance(event, PayloadReceived):
            self.heard.append(event.payload)
        self.news.set()

    async def hear(self, count: int) -> list[Payload]:
        """The first `count` payloads."""
        while len(self.heard) < count:
            assert not self.task.done(), self.events[-1:]
            self.news.clear()
            await self.news.wait()
        return self.heard

    async def closed(self) -> Closed:
        """How it ended; exactly once, and last."""
        await self.task
        (closed,) = [event for event in self.events if isinstance(event, Closed)]
        assert self.events[-1] is closed
        return closed


class Stranger:
    """A caller that holds its session and its socket apart, and may do as it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        terms = Terms(Role.INITIATOR, ANN, draw_ephemeral(), expected=BOB.peer_id)
        self.session: Final = Session(terms, ready("ann"), loop.time())
        self.reader: Final = reader
        self.writer: Final = writer
        self.events: list[Event] = []

    async def read(self) -> bool:
        """Hear something; False at the end."""
        data = await self.reader.read(65_536)
        self.events += self.session.receive(data, asyncio.get_running_loop().time())
        return data != b""

    def write(self, data: bytes | None = None) -> None:
        """Send these bytes, or what the session wants to say."""
        self.writer.write(self.session.outgoing() if data is None else data)

    async def open(self) -> None:
        """The whole handshake, honestly."""
        self.write()
        while self.session.ready is None:
            assert await self.read()
            self.write()

    def sealed(self, payload: Payload) -> bytes:
        """The frame in which this is said."""
        self.session.send(payload, 0.0)
        return self.session.outgoing()


class House:
    """Bob's listener, and everything that came in."""

    def __init__(self) -> None:
        self.links: asyncio.Queue[Link] = asyncio.Queue()
        self.lanes: asyncio.Queue[Lane] = asyncio.Queue()
        self.tokens: set[bytes] = set()
        self.listener = Listener(
            BOB,
            ready("bob"),
            self.links.put_nowait,
            lambda sock, token, address: self.lanes.put_nowait((sock, token, address)),
            known_tokens=lambda head: head in self.tokens,
        )
        self.port = 0
        self._stack = contextlib.AsyncExitStack()

    @property
    def address(self) -> Address:
        return Address("127.0.0.1", self.port)

    async def dialled(self, identity: Identity = ANN) -> tuple[Ears, Ears]:
        """Both ends of a new session: the caller's, and Bob's."""
        link = await dial([self.address], identity, ready("ann"), expected=BOB.peer_id)
        return self.ears(link), self.ears(await self.links.get())

    def ears(self, link: Link) -> Ears:
        """Run `link` until the end of the test, at the latest."""
        ears = Ears(link)

        async def leave() -> None:
            link.abort("TEST OVER")
            ears.may_handle.set()
            await asyncio.gather(ears.task, return_exceptions=True)

        self._stack.push_async_callback(leave)
        return ears

    async def called(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A bare connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)

        async def leave() -> None:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

        self._stack.push_async_callback(leave)
        return reader, writer

    async def stranger(self) -> Stranger:
        """A caller that has opened a session and holds the wire."""
        stranger = Stranger(*await self.called())
        await stranger.open()
        return stranger

    async def close(self) -> None:
        await self._stack.aclose()
        while not self.links.empty():
            self.links.get_nowait().abort("TEST OVER")
        while not self.lanes.empty():
            self.lanes.get_nowait()[0].close()
        await self.listener.stop()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Bob's house, on a port of its own."""
    house = House()
    house.port = await house.listener.start(0, ["127.0.0.1"])
    yield house
    await house.close()


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def answering() -> AsyncIterator[Callable[[Answer], Awaitable[Address]]]:
    """`await answering(handler)`: the address of a server that is no lanchat."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(answer: Answer) -> Address:
            async def handle(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter
            ) -> None:
                with contextlib.suppress(OSError):
                    await answer(reader, writer)
                writer.close()

            server = await asyncio.start_server(handle, "127.0.0.1", 0)

            async def stop() -> None:
                server.close()
                await server.wait_closed()

            stack.push_async_callback(stop)
            return Address.of(server.sockets[0].getsockname())

        yield start
