"""Hiding: being there and not shown.  PROTOCOL.md, 6, *Availability*.

Who is invisible takes the advert back, ends every session, and has nobody called but those
for whom something waits.  The port is closed until all who heard of it have looked in vain;
then it opens again on the same number, for whoever remembers it and has something to bring.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from lanchat.errors import PortTaken
from lanchat.identity.keys import PeerId
from lanchat.node.dialler import Dialler
from lanchat.node.doors import Doors
from lanchat.node.events import MessageAdded, NodeEvent, ShowingChanged, TransferMoved
from lanchat.node.neighbours import Neighbours
from lanchat.node.sessions import Sessions
from lanchat.wire.payloads import LOOKS, CloseCode, Ready

_log = logging.getLogger(__name__)

LOOK: Final = 5.0  # seconds between two looks
CLOSED_FOR: Final = 90.0  # seconds; others look after us every 72 at the latest
SILENCE: Final = 60.0  # seconds after which a session that nobody needs ends


class Hiding:
    """Keeps who is invisible out of sight.  Lives on the node thread.

    `needed`: something is under way with this peer, so its session stays.
    """

    def __init__(
        self,
        doors: Doors,
        sessions: Sessions,
        neighbours: Neighbours,
        dialler: Dialler,
        *,
        hidden: Callable[[], bool],
        needed: Callable[[PeerId], bool],
        spawn: Callable[[Awaitable[None], str], object],
    ) -> None:
        self._doors = doors
        self._sessions = sessions
        self._neighbours = neighbours
        self._dialler = dialler
        self._hidden = hidden
        self._needed = needed
        self._spawn = spawn
        self._turn = asyncio.Lock()
        self._opens_at: float | None = None  # when the port opens again
        self._spoke: dict[PeerId, float] = {}
        self._was = False

    async def begin(self, epoch: int) -> None:
        """Open the doors, or leave them closed if we are to be invisible.

        Raises:
            PortTaken: the port that was asked for is not to be had.
        """
        self._was = self._hidden()
        self._doors.admit(self.admits if self._was else None)
        if self._was:
            self._opens_at = _now() + CLOSED_FOR
        await self._doors.open(epoch, hidden=self._was)

    def heard(self, event: NodeEvent) -> None:
        """We are to be seen or not any more; or something was said, and a session needed."""
        match event:
            case ShowingChanged(showing) if showing.hidden != self._was:
                self._was = showing.hidden
                self._doors.admit(self.admits if self._was else None)
                self._spawn(self._change(), "hide")
            case MessageAdded(message):
                self._spoke[message.peer] = _now()
            case TransferMoved(view):
                self._spoke[view.peer_id] = _now()

    def admits(self, peer: PeerId, ready: Ready) -> bool:
        """Whether somebody who calls is answered: while we are hidden nobody who only looks."""
        looks = bool(ready.flags & LOOKS) and peer not in self._dialler.waiting
        return not (looks and self._hidden())

    async def run(self) -> None:
        """End what shows us, and open the port when it is time; never ends."""
        while True:
            await asyncio.sleep(LOOK)
            if self._opens_at is not None and _now() >= self._opens_at:
                async with self._turn:
                    await self._open_port()
            if not self._hidden():
                continue
            for link in self._sessions.links():
                since = max(link.opened_at, self._spoke.get(link.peer_id, 0.0))
                if _now() - since > SILENCE and not self._needed(link.peer_id):
                    self._sessions.drop(link.peer_id, CloseCode.IDLE)
            self._spoke = {one: at for one, at in self._spoke.items() if _now() - at < SILENCE}

    async def _change(self) -> None:
        """What was chosen last counts, however often it was changed meanwhile."""
        async with self._turn:
            if self._hidden():
                self._opens_at = _now() + CLOSED_FOR
                await self._doors.hide()  # first: whoever looks after us now finds it closed
                self._sessions.give_up_dials()  # what waits is dialled anew
                for peer in self._sessions.online():
                    self._sessions.drop(peer, CloseCode.GOODBYE)
            else:
                await self._open_port()
                for view in self._neighbours.views():
                    self._dialler.want(view.peer_id)

    async def _open_port(self) -> None:
        try:
            await self._doors.reopen(hidden=self._hidden())
        except PortTaken as error:
            _log.warning("the port does not open again: %s", error)
            self._opens_at = _now() + LOOK
        else:
            self._opens_at = None
            await self._doors.announce()


def _now() -> float:
    return asyncio.get_running_loop().time()
