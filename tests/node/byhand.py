"""A peer by hand: a real session with a node, in which a test says every record itself."""

import asyncio
import os
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from lanchat.identity.keys import Identity, PeerId
from lanchat.session.address import Address
from lanchat.session.dial import dial
from lanchat.session.events import Closed, Event, PayloadReceived
from lanchat.session.tcp import Link
from lanchat.wire.payloads import (
    ID_SIZE,
    MAX_TEXT,
    NO_ID,
    NO_KEY,
    Payload,
    Ready,
    Receipt,
    ReceiptState,
    Text,
)
from tests.node.house import Resident, until

P = TypeVar("P")
READY = Ready(0, 1, 0, 0, 0, MAX_TEXT, 2**40, NO_KEY, NO_KEY, "hand")


class Called(Protocol):
    """Whom a peer by hand dials."""

    @property
    def address(self) -> Address: ...

    @property
    def me(self) -> PeerId: ...


@dataclass
class ByHand:
    """Use it in `async with`: it dials somebody, and hangs up at the end."""

    resident: Called
    identity: Identity = field(default_factory=lambda: Identity(os.urandom(32)))
    ready: Ready = READY
    heard: list[Payload] = field(default_factory=list)
    closed: Closed | None = None

    def __post_init__(self) -> None:
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.link: Link = await dial(
            [self.resident.address],
            self.identity,
            lambda _peer, initiator: replace(self.ready, dial=int(initiator)),
            expected=self.resident.me,
        )
        self._running = asyncio.create_task(self.link.run(self._take))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.link.abort("DONE")
        if self._running is not None:
            await self._running
        match self.resident:
            case Resident(node=node):
                await until(lambda: self.me not in node.sessions.online())

    async def _take(self, event: Event) -> None:
        match event:
            case PayloadReceived(payload):
                self.heard.append(payload)
            case Closed():
                self.closed = event

    @property
    def me(self) -> PeerId:
        return self.identity.peer_id

    def posts(self, *payloads: Payload) -> None:
        """Say something."""
        for payload in payloads:
            assert self.link.post(payload)

    def says(self, kind: int, body: bytes) -> None:
        """Say what no honest peer would write."""
        session = self.link._session
        assert session._sending is not None
        session._sending.write(kind, body, asyncio.get_running_loop().time())
        self.link._flush()

    def got(self, kind: type[P]) -> list[P]:
        """What was heard of one kind."""
        return [payload for payload in self.heard if isinstance(payload, kind)]

    async def hears(self, kind: type[P], count: int = 1) -> P:
        """The `count`th payload of a kind."""
        await until(lambda: len(self.got(kind)) >= count)
        return self.got(kind)[count - 1]

    async def ends(self) -> str:
        """The reason for which the node ended the session."""
        await until(lambda: self.closed)
        assert self.closed is not None
        return self.closed.reason

    async def receipt(self, message: bytes) -> ReceiptState:
        """The first thing said of a message."""

        def said() -> list[ReceiptState]:
            return [one.state for one in self.got(Receipt) if message in one.ids]

        await until(said)
        return said()[0]


def a_text(words: str, **changes: Any) -> Text:
    """A message that says `words`."""
    return replace(Text(os.urandom(ID_SIZE), 1, 1_000, 0, NO_ID, words), **changes)
