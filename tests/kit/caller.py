"""A caller: a peer by hand that talks with a program, for a test that has no loop."""

import asyncio
import os
import time
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Final, Self, TypeVar

from lanchat.identity.keys import Identity, PeerId
from lanchat.session.address import Address
from lanchat.session.bucket import Bucket
from lanchat.session.doorkeeper import BURST, RATE
from lanchat.wire.payloads import Payload
from tests.kit.street import Street
from tests.node.byhand import READY, ByHand
from tests.node.house import until

P = TypeVar("P")
AT_ONCE: Final = BURST - 2  # fewer than a program takes of one address: its clock is not ours


@dataclass(frozen=True)
class Line:
    """Where a program listens, and who is to answer there.

    All who call there share one address: together they keep to what its doorkeeper allows.
    """

    address: Address
    me: PeerId
    _ration: Bucket = field(default_factory=lambda: Bucket(AT_ONCE, RATE, time.monotonic()))

    async def turn(self) -> None:
        """Wait until one more may call."""
        await until(lambda: self._ration.take(time.monotonic()))


class Caller:
    """Use it in `with`: it dials, under a name of any kind, and hangs up at the end."""

    def __init__(
        self, street: Street, line: Line, name: str, identity: Identity | None = None
    ) -> None:
        self._street = street
        self._line = line
        identity = identity or Identity(os.urandom(32))
        self.hand: Final = ByHand(line, identity, replace(READY, name=name))

    def __enter__(self) -> Self:
        self._street.do(self._line.turn())
        self._street.do(self.hand.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._street.do(self.hand.__aexit__(kind, error, trace))

    @property
    def me(self) -> PeerId:
        return self.hand.me

    def posts(self, *payloads: Payload) -> None:
        """Say something."""

        async def say() -> None:
            self.hand.posts(*payloads)
            await self.hand.link.writable()

        self._street.do(say())

    def hears(self, kind: type[P], count: int = 1) -> P:
        """The `count`th payload of a kind."""
        return self._street.do(self.hand.hears(kind, count))

    def got(self, kind: type[P]) -> list[P]:
        """What was heard of one kind so far."""
        return self.hand.got(kind)

    def ends(self) -> str:
        """The reason for which the program ended the session."""
        return self._street.do(self.hand.ends())

    def cuts(self) -> None:
        """Be gone without a word."""

        async def cut() -> None:
            self.hand.link.abort("CUT")
            await asyncio.sleep(0)

        self._street.do(cut())
