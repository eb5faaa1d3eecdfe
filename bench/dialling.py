"""From a dial to READY both ways, and what a session carries between two processes."""

import asyncio
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Final

from bench import machines
from bench.figures import Figure, Goal, Spread
from lanchat.identity.keys import Identity, PeerId
from lanchat.session.address import Address
from lanchat.session.dial import dial
from lanchat.session.events import Event, PayloadReceived
from lanchat.session.listen import Listener
from lanchat.session.tcp import Link
from lanchat.wire.payloads import NO_ID, Text

DIALS: Final = 8  # a round; a source may have ten at once
RECORDS: Final = 30_000  # a round
ROUND_TRIPS: Final = 300  # a round
BATCH: Final = 500  # posts between two looks at what is unsent
ECHO: Final = b"e" * 16  # the id of a text that is to come back
LAST: Final = b"z" * 16  # and of the last of many
SAID: Final = "x" * 60  # about 100 bytes of record


def _text(marked: bytes = NO_ID) -> Text:
    return Text(marked, 1, 1, 0, NO_ID, SAID)


def answer(parent: Connection) -> None:
    """The process that is dialled, until its parent has read everything."""
    asyncio.run(_answer(parent))


async def _answer(parent: Connection) -> None:
    running: set[asyncio.Task[None]] = set()

    def opened(link: Link) -> None:
        async def handle(event: Event) -> None:
            match event:
                case PayloadReceived(payload=Text(id=marked)) if marked in {ECHO, LAST}:
                    link.post(_text(marked))

        running.add(asyncio.create_task(link.run(handle)))

    identity = Identity(os.urandom(32))
    while await asyncio.to_thread(parent.recv):  # a new listener: its limits start afresh
        listener = Listener(identity, machines.ready, opened)
        port = await listener.start(0, ["127.0.0.1"])
        parent.send((identity.peer_id.key, port))
        await asyncio.to_thread(parent.recv)
        await listener.stop()
    for task in running:
        task.cancel()


@contextmanager
def apart(other: int) -> Iterator[None]:
    """Give this process and the process `other` a core each, as two computers have.

    Left alone, the system wakes the one that is written to on the core of the one that
    writes, and they take turns there.  Where there is one core, nothing changes.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) < 2:
        yield
        return
    os.sched_setaffinity(0, cores[:1])
    os.sched_setaffinity(other, cores[1:2])
    try:
        yield
    finally:
        for process in (0, other):
            os.sched_setaffinity(process, cores)


class _Caller:
    """The process that dials `process`, of which `child` is our end of a pipe."""

    def __init__(self, child: Connection, process: int) -> None:
        self._child = child
        self._process = process
        self._identity = Identity(os.urandom(32))
        self._came = asyncio.Event()

    async def round(self) -> tuple[list[float], list[float], float]:
        """Milliseconds of each dial, of each round trip, and records a second."""
        self._child.send(True)
        key, port = await asyncio.to_thread(self._child.recv)
        dials = [await self._dial(PeerId(key), port) for _ in range(DIALS)]
        link = dials[-1][1]
        reading = asyncio.create_task(link.run(self._handle))
        trips = [await self._trip(link) for _ in range(ROUND_TRIPS)]
        with apart(self._process):
            rate = await self._many(link)
        for _, done in dials:
            done.close()
        await reading
        self._child.send("done")
        return [ms for ms, _ in dials], trips, rate

    async def _dial(self, peer: PeerId, port: int) -> tuple[float, Link]:
        began = time.perf_counter()
        here = [Address("127.0.0.1", port)]
        link = await dial(here, self._identity, machines.ready, expected=peer)
        return (time.perf_counter() - began) * 1000, link

    async def _handle(self, event: Event) -> None:
        if isinstance(event, PayloadReceived):
            self._came.set()

    async def _trip(self, link: Link) -> float:
        self._came.clear()
        began = time.perf_counter()
        link.post(_text(ECHO))
        await self._came.wait()
        return (time.perf_counter() - began) * 1000

    async def _many(self, link: Link) -> float:
        self._came.clear()
        began = time.perf_counter()
        for number in range(RECORDS):
            link.post(_text(LAST if number == RECORDS - 1 else NO_ID))
            if number % BATCH == 0:
                await asyncio.sleep(0)
                await link.writable()
        await self._came.wait()
        return RECORDS / (time.perf_counter() - began)


async def _rounds(
    child: Connection, process: int, rounds: int
) -> list[tuple[list[float], list[float], float]]:
    caller = _Caller(child, process)
    await caller.round()  # warm-up
    return [await caller.round() for _ in range(rounds)]


def figures(rounds: int) -> Iterator[Figure]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=answer, args=(theirs,))
    process.start()
    taken = asyncio.run(_rounds(ours, process.pid or 0, rounds))
    ours.send(False)
    process.join()
    dials = [Spread.of(one).median for one, _, _ in taken]
    trips = [Spread.of(one).median for _, one, _ in taken]
    without = machines.handshakes(rounds)
    yield Figure("alone: both sides of a handshake, no socket", without, " CPU ms")
    yield Figure("dial to READY, medians of rounds", Spread.of(dials), " ms", Goal(at_most=3.0))
    yield Figure("round trip of a record", Spread.of(trips), " ms", Goal(at_most=0.25))
    rates = Spread.of([rate for _, _, rate in taken])
    without = machines.records(rounds)
    yield Figure("alone: records at the slower side, no socket", without, "/s", digits=0)
    yield Figure("records of 100 bytes", rates, "/s", Goal(at_least=100_000), digits=0)
