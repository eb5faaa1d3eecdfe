"""Doors: the port on which we listen, and the advert that tells of it.

They open and close together: a port that nobody is told of is no use, and an advert for a
closed port is a lie.  A node that does not listen only looks around.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from lanchat.discovery.advert import Signed, label_of, sign
from lanchat.discovery.mdns import Mdns
from lanchat.discovery.nearby import ordered
from lanchat.errors import PortTaken
from lanchat.identity.keys import Identity
from lanchat.node.epochs import Drawer, next_epoch
from lanchat.node.settings import Settings
from lanchat.session.greeting import Admits
from lanchat.session.listen import Listener

if TYPE_CHECKING:  # it takes long to load, and few have a domain
    from lanchat.discovery.beyond import Beyond


class Doors:
    """How others come to us.  Lives on the node thread.

    `port` is 0 while nobody can.
    """

    def __init__(
        self,
        identity: Identity,
        name: Callable[[], str],
        drawer: Drawer,
        settings: Settings,
        *,
        listener: Listener,
        mdns: Mdns,
        beyond: "Beyond | None" = None,
    ) -> None:
        self.port = 0
        self.mdns = mdns
        self.beyond = beyond
        self._identity = identity
        self._name = name
        self._drawer = drawer
        self._settings = settings
        self._listener = listener
        self._told = False
        self._hidden = False
        self._over = False
        self._before = 0  # the port that was closed to hide

    def addresses(self) -> tuple[str, ...]:
        """Our own addresses, as they are announced."""
        return ordered(self.mdns.interfaces, most=8)

    def admit(self, admits: Admits | None) -> None:
        """Answer only callers for whom this says yes; None: all, and at once."""
        self._listener.admits = admits

    @property
    def _shown(self) -> bool:
        return bool(self.port) and not self._hidden

    @property
    def counts(self) -> Counter[str]:
        """What discovery dropped or saw amiss, wherever it came from."""
        return self.mdns.counts + (self.beyond.counts if self.beyond else Counter())

    async def open(self, epoch: int, *, hidden: bool = False) -> None:
        """Listen if we are to, announce it, and look around; `hidden`: only the last.

        Raises:
            PortTaken: the port that was asked for is not to be had.
        """
        self._hidden = hidden
        signed = None
        if self._settings.listening and not hidden:
            self.port = await self._listener.start(self._settings.port)
            signed = self._sign(epoch)
        await self.mdns.start(signed)
        if self.beyond is not None:
            self.beyond.start(signed, hidden=label_of(self._identity.peer_id) if hidden else "")
        self._told = True

    async def announce(self) -> None:
        """Announce ourselves anew, with a higher epoch; nothing happens while we are hidden."""
        if not self._shown:
            return
        epoch = await next_epoch(self._drawer)
        if not self._shown:
            return  # since a moment ago
        signed = self._sign(epoch)
        if self.beyond is not None:
            self.beyond.update(signed)
        await self.mdns.update(signed)

    def moved(self) -> None:
        """Our networks are others; multicast knows already."""
        if self.beyond is not None:
            self.beyond.moved()

    async def hide(self) -> None:
        """Close the port, then take the advert back; we go on looking around."""
        self._hidden = True
        self._before = self.port or self._before
        await self.shut()
        away = [self.mdns.withdraw(), *([self.beyond.withdraw()] if self.beyond else [])]
        await asyncio.gather(*away)

    async def reopen(self, *, hidden: bool) -> None:
        """Listen again, on the port of before if that can be had.

        Raises:
            PortTaken: the port that was asked for is not to be had.
        """
        self._hidden = hidden
        if self.port or self._over or not self._settings.listening:
            return
        try:
            self.port = await self._listener.start(self._before or self._settings.port)
        except PortTaken:
            if self._settings.port:
                raise
            self.port = await self._listener.start(0)
        if self._over:  # meanwhile
            await self.shut()

    async def close(self) -> None:
        """Close the port for good."""
        self._over = True
        await self.shut()

    async def shut(self) -> None:
        """Close the port: whoever checks is refused from now on."""
        if self.port:
            self.port = 0
            await self._listener.stop()

    async def goodbye(self) -> None:
        """Take the advert back, which needs a quarter of a second; a second for a server."""
        if self._told:
            beyond = [self.beyond.stop()] if self.beyond else []
            await asyncio.gather(self.mdns.stop(), *beyond)

    def _sign(self, epoch: int) -> Signed:
        return sign(self._identity, self._name(), self.port, epoch)
