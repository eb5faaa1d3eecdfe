"""Messages between two running nodes: from the ask to the event at the peer, all stored."""

import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from bench.figures import Figure, Goal, Spread, percentile
from lanchat.conversation.message import Message
from lanchat.identity.keys import PeerId
from lanchat.node import profiles, requests
from lanchat.node.events import MessageAdded, MessageChanged, NodeEvent
from lanchat.node.node import Node
from lanchat.node.settings import Accepting, Settings
from lanchat.store.keyfile import Params

PASSPHRASE: Final = "only for the bench"
QUICK: Final = Params(memory_kib=19 * 1024, passes=1, lanes=1)
SINGLE: Final = 60  # messages a round, each after the receipt of the one before
BURST: Final = 9_900  # 10,000 may come in the first minute of a session
NO_LIMIT: Final = 2**50  # bytes
PATIENCE: Final = 60.0  # seconds
SAID: Final = (
    "a message of about one hundred bytes, as people write them when they have time to"
)


@asynccontextmanager
async def _node(folder: Path, name: str) -> AsyncIterator[Node]:
    profile = str(folder / name)
    await profiles.register(profile, name, PASSPHRASE, QUICK)
    opened = await profiles.unlock(profiles.hold(profile), PASSPHRASE)
    settings = Settings(
        downloads=folder,
        interfaces=("lo",),
        accept=Accepting.ALL,
        offer_limit=NO_LIMIT,
        day_limit=NO_LIMIT,
    )
    node = Node(opened, settings)
    try:
        await node.start()
        yield node
    finally:
        await node.stop()
        await opened.close()


async def _greet(node: Node, peer: PeerId) -> None:
    """An act of the user: from now on the peer is a contact."""
    async for _row in requests.run(node, "say", {"peer": str(peer), "text": "hello"}):
        pass


def hear(parent: Connection, folder: Path) -> None:
    """The process that is spoken to: it tells when each message was shown."""
    asyncio.run(_hear(parent, folder))


async def _hear(parent: Connection, folder: Path) -> None:
    heard: list[tuple[bytes, float]] = []

    def note(event: NodeEvent) -> None:
        match event:
            case MessageAdded(message=Message(mine=False, file="", id=which)):
                heard.append((which, time.monotonic()))

    async with _node(folder, "Hears") as node:
        parent.send(node.me.key)
        node.subscribe(note)
        speaker = PeerId(await asyncio.to_thread(parent.recv))
        await _greet(node, speaker)  # else it is a stranger with few words
        heard.clear()
        parent.send("greeted")
        while await asyncio.to_thread(parent.recv):
            parent.send(list(heard))
            heard.clear()


class Speaker:
    """The node that asks, and what comes back to it."""

    def __init__(self, node: Node, child: Connection) -> None:
        self.node = node
        self._child = child
        self._receipts: set[bytes] = set()
        self._more = asyncio.Event()
        node.subscribe(self._note)

    def _note(self, event: NodeEvent) -> None:
        match event:
            case MessageChanged(message=message):
                self._receipts.add(message.id)
                self._more.set()

    async def meet(self) -> None:
        self.peer = PeerId(await asyncio.to_thread(self._child.recv))
        await _greet(self.node, self.peer)
        self._child.send(self.node.me.key)
        await asyncio.to_thread(self._child.recv)

    async def single(self) -> list[float]:
        """Milliseconds from each ask to the event at the peer."""
        asked = {}
        for _ in range(SINGLE):
            began = time.monotonic()
            message = await self._compose()
            asked[message.id] = began
            await self._until_receipts([message])
        return [(at - asked[which]) * 1000 for which, at in await self._heard()]

    async def burst(self) -> float:
        """Messages a second at the peer, all of them acknowledged."""
        began = time.monotonic()
        messages = await asyncio.gather(*(self._compose() for _ in range(BURST)))
        await self._until_receipts(messages)
        heard = await self._heard()
        ordered = [message.id for message in sorted(messages, key=lambda one: one.seq)]
        if [which for which, _ in heard] != ordered:
            print("  the burst did not arrive whole and in order")
        return BURST / (heard[-1][1] - began)

    async def _compose(self) -> Message:
        return await self.node.conversations.compose(self.peer, SAID)

    async def _heard(self) -> list[tuple[bytes, float]]:
        self._child.send("what did you hear?")
        heard: list[tuple[bytes, float]] = await asyncio.to_thread(self._child.recv)
        return heard

    async def _until_receipts(self, messages: list[Message]) -> None:
        wanted = {message.id for message in messages}
        await self._until(lambda: wanted <= self._receipts)

    async def _until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not true():
                self._more.clear()
                await self._more.wait()


@contextmanager
def _hearer(folder: Path) -> Iterator[Connection]:
    ours, theirs = multiprocessing.Pipe()
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=hear, args=(theirs, folder), daemon=True)
    process.start()
    try:
        yield ours
        ours.send("")
        process.join(10)
    finally:
        process.kill()


@asynccontextmanager
async def pair(folder: Path) -> AsyncIterator[Speaker]:
    """Two nodes with their profiles below `folder`, in two processes; they have met."""
    with _hearer(folder) as child:
        async with _node(folder, "Speaks") as node:
            speaker = Speaker(node, child)
            await speaker.meet()
            yield speaker


async def _singles(rounds: int) -> list[list[float]]:
    with tempfile.TemporaryDirectory() as name:
        async with pair(Path(name)) as speaker:
            await speaker.single()  # warm-up
            return [await speaker.single() for _ in range(rounds)]


async def _burst() -> float:
    with tempfile.TemporaryDirectory() as name:
        async with pair(Path(name)) as speaker:
            return await speaker.burst()


def figures(rounds: int) -> Iterator[Figure]:
    taken = asyncio.run(_singles(rounds))
    for share, most in ((0.50, 1.0), (0.95, 3.0)):
        spread = Spread.of([percentile(times, share) for times in taken])
        what = f"asked of the node to the event at the peer, p{share * 100:.0f}"
        yield Figure(what, spread, " ms", Goal(at_most=most))
    rates = Spread.of([asyncio.run(_burst()) for _ in range(rounds)])
    what = f"a burst of {BURST}, in order, acknowledged"
    yield Figure(what, rates, "/s", Goal(at_least=5000), digits=0)
