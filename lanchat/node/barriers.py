"""Barriers: something is not done for a peer as long as another thing is being done to it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lanchat.identity.keys import PeerId


@dataclass(slots=True)
class _Barrier:
    holders: int = 0
    down: asyncio.Event = field(default_factory=asyncio.Event)


class Barriers:
    """One a peer, that stands until everybody who put it up is through.

    Lives on the node thread.
    """

    def __init__(self) -> None:
        self._standing: dict[PeerId, _Barrier] = {}

    def __contains__(self, peer: PeerId) -> bool:
        return peer in self._standing

    @contextmanager
    def up(self, peer: PeerId) -> Iterator[None]:
        """For the length of a block it stands; several may hold it at the same time."""
        barrier = self._standing.setdefault(peer, _Barrier())
        barrier.holders += 1
        try:
            yield
        finally:
            barrier.holders -= 1
            if not barrier.holders:
                del self._standing[peer]
                barrier.down.set()

    async def passed(self, peer: PeerId) -> None:
        """Wait until none stands for this peer."""
        while (barrier := self._standing.get(peer)) is not None:
            await barrier.down.wait()
