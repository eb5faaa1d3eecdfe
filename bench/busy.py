"""Messages between two nodes while a file goes the same way as fast as it can."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bench.copier import noise, scratch
from bench.figures import Figure, Goal, Spread, percentile
from bench.talking import Speaker, pair
from lanchat.node import requests
from lanchat.node.rows import JSON

SIZE: Final = 2**30  # bytes; longer under way than the messages of a round
PATIENCE: Final = 60.0  # seconds


class _Transfer:
    """A `send` by the node that speaks; every round another one."""

    def __init__(self, speaker: Speaker, source: Path) -> None:
        self._speaker = speaker
        self._source = source
        self._moves = asyncio.Event()
        self.ended = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._carry())
        async with asyncio.timeout(PATIENCE):
            await self._moves.wait()
            yield
            await task

    async def _carry(self) -> None:
        params: dict[str, JSON] = {
            "peer": str(self._speaker.peer),
            "paths": [str(self._source)],
        }
        async for row in requests.run(self._speaker.node, "send", params):
            if row.get("state") or row.get("bytes"):
                self._moves.set()
        self.ended = True


async def _rounds(rounds: int) -> list[list[float]]:
    taken = []
    with scratch() as folder:
        source = folder / "source"
        noise(source, SIZE)
        async with pair(folder) as speaker:
            await speaker.single()  # warm-up
            for _ in range(rounds):
                transfer = _Transfer(speaker, source)
                async with transfer.running():
                    taken.append(await speaker.single())
                    if transfer.ended:
                        print("  the transfer ended before the messages")
                _clear(folder)
    return taken


def _clear(folder: Path) -> None:
    """What came of the file: it never takes the name of the file itself."""
    for copy in folder.glob("source (*"):
        copy.unlink()


def figures(rounds: int) -> Iterator[Figure]:
    taken = asyncio.run(_rounds(rounds))
    for share, goal in ((0.50, None), (0.95, Goal(at_most=6.0))):
        spread = Spread.of([percentile(times, share) for times in taken])
        yield Figure(f"a message beside a transfer, p{share * 100:.0f}", spread, " ms", goal)
