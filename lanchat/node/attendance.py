"""Attendance: what we say of being there, kept over restarts.  PROTOCOL.md, 6, *Availability*.

Told are the people we know, by INFO.  Who is invisible tells nobody anything: `hiding.py`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from lanchat.conversation.text import MAX_STATUS, clean_status
from lanchat.errors import BadRequest, Sentence
from lanchat.node.epochs import Drawer
from lanchat.node.events import NodeEvent, ShowingChanged
from lanchat.node.presence import Availability, Said, Showing

_CHOSEN: Final = "availability"  # in the database
_STATUS: Final = "status"


class Attendance:
    """What our user says of being there.  Lives on the node thread.

    `told` is called whenever others are to hear of it.
    """

    def __init__(
        self, drawer: Drawer, *, publish: Callable[[NodeEvent], None], told: Callable[[], None]
    ) -> None:
        self.showing = Showing()
        self._drawer = drawer
        self._publish = publish
        self._told = told

    async def load(self) -> None:
        """Read what was chosen before; once, before anything else."""
        self.showing = await kept(self._drawer)

    def said(self) -> Said:
        """What people we know are told; of who is invisible nothing is said."""
        if self.showing.hidden:
            return Said()
        return Said(self.showing.shown, self.showing.status)

    def hidden(self) -> bool:
        """Whether nobody is to see that we are there."""
        return self.showing.hidden

    async def attend(self, chosen: Availability | None, status: str | None) -> None:
        """Be available, away, busy or invisible from now on, with this line beside our name.

        None: as before.  What changes together is told at once, as one.

        Raises:
            BadRequest: the line is too long.
            StoreError: it could not be kept; nobody is told.
        """
        line = self.showing.status if status is None else status_line(status)
        if status is not None:
            await self._drawer.put(_STATUS, line.encode())
        if chosen is not None:
            await self._drawer.put(_CHOSEN, chosen.value.encode())
        self._become(replace(self.showing, chosen=chosen or self.showing.chosen, status=line))

    def rest(self, *, idle: bool) -> None:
        """Nobody touches this computer, or somebody does again."""
        self._become(replace(self.showing, idle=idle))

    def _become(self, showing: Showing) -> None:
        if showing != self.showing:
            self.showing = showing
            self._publish(ShowingChanged(showing))
            self._told()


async def kept(drawer: Drawer) -> Showing:
    """What was chosen, as it is kept; what makes no sense counts as not chosen."""
    chosen = (await drawer.get(_CHOSEN) or b"").decode(errors="replace")
    status = (await drawer.get(_STATUS) or b"").decode(errors="replace")
    known = Availability.AVAILABLE if chosen not in set(Availability) else Availability(chosen)
    return Showing(known, status)


def status_line(text: str) -> str:
    """Our own line as others will see it.

    Raises:
        BadRequest: it is too long; the hint says what fits.
    """
    try:
        return clean_status(text)
    except BadRequest as error:
        error.hint = Sentence("a status line has at most {bytes} bytes", bytes=MAX_STATUS)
        raise


def availability(text: str) -> Availability:
    """What somebody chose by its word.

    Raises:
        BadRequest: there is no such word.
    """
    if text not in set(Availability):
        raise BadRequest("unknown availability")
    return Availability(text)
