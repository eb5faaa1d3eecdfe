"""Behind: what the window has on the node thread, made when it is first asked for.

The node, all it stands on and the main page take half a second to load, so they are loaded
while somebody types a passphrase.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from lanchat.errors import LanchatError
from lanchat.gui.bridge import Bridge
from lanchat.node.claims import Claim

if TYPE_CHECKING:
    from lanchat.gui.backend import Backend
    from lanchat.node.events import NodeEvent

T = TypeVar("T")


class Behind:
    """Hands work to the backend.  Lives on the Tk thread, and so do those who are told.

    `told` hears every event of the node, `raised` that somebody started lanchat again
    and the invite they opened, `failed` that the node ended by itself.
    """

    def __init__(
        self,
        bridge: Bridge,
        *,
        told: "Callable[[NodeEvent], None]",
        raised: Callable[[str], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._bridge = bridge
        self._told = told
        self._raised = raised
        self._failed = failed
        self._backend: Backend | None = None  # made and used on the node thread
        self._claim: Claim | None = None  # the same

    def ask(
        self,
        call: "Callable[[Backend], Coroutine[Any, Any, T]]",
        then: Callable[[T], None],
        failed: Callable[[LanchatError], None],
    ) -> None:
        """Run `call` with the backend, on its thread; one of the two hears on this one."""

        async def work() -> T:
            return await call(await self._there())

        self._bridge.run(work, then, failed)

    def load(self) -> None:
        """Load what is behind, and the main page: soon somebody has typed a passphrase."""
        self._bridge.run(lambda: asyncio.to_thread(_load), _nothing, _nothing)

    def answer_for(self, claim: Claim, failed: Callable[[LanchatError], None]) -> None:
        """Come forward for whoever asks after a profile that is not open yet."""

        async def work() -> None:
            self._claim = claim
            await claim.answer(self._come)

        self._bridge.run(work, _nothing, failed)

    def _come(self, invite: str) -> None:
        """On the node thread: somebody started lanchat again."""
        self._bridge.post(lambda: self._raised(invite))

    def unclaim(self) -> None:
        """A profile is held: from now on the backend is there for others."""
        self._bridge.run(self._unclaim, _nothing, _nothing)

    async def _unclaim(self) -> None:
        claim, self._claim = self._claim, None
        if claim is not None:
            await claim.release()

    async def close(self) -> None:
        """Say goodbye to everybody; to be called on the node thread."""
        await self._unclaim()
        if self._backend is not None:
            await self._backend.close()

    async def _there(self) -> "Backend":
        if self._backend is None:
            made = await asyncio.to_thread(_load)
            post = self._bridge.post
            self._backend = self._backend or made(
                told=lambda event: post(lambda: self._told(event)),
                raised=self._come,
                failed=lambda error: post(lambda: self._failed(error)),
            )
        return self._backend


def _nothing(_heard: object) -> None:
    """Nobody waits for the end of it."""


def _load() -> "type[Backend]":
    from lanchat.gui import main_page, state  # noqa: F401 - the Tk thread needs them next
    from lanchat.gui.backend import Backend

    return Backend
