"""mDNS: announce ourselves and watch others, with zeroconf.  PROTOCOL.md, 6.

What others announce is read packet by packet, not out of zeroconf's cache, so that a forged
packet cannot mix its records with those of an honest one.  A goodbye is a reason to verify,
never the end of a peer; one in our own name is answered with a new announcement.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Final

from lanchat.discovery.advert import Signed
from lanchat.discovery.ask import Asker
from lanchat.discovery.following import Following
from lanchat.discovery.funnel import Funnel
from lanchat.discovery.intake import Intake, OnAdvert
from lanchat.discovery.interfaces import usable
from lanchat.discovery.liveness import Liveness
from lanchat.discovery.nearby import Interface, Network
from lanchat.discovery.records import Packet
from lanchat.discovery.repeats import Repeats
from lanchat.discovery.scan import Progress, scan
from lanchat.discovery.station import Station
from lanchat.errors import NoMulticast

RETRY: Final = 5.0  # seconds until the next try where multicast is not to be had
RENEW_EVERY: Final = 60.0  # seconds between two clearings of both
TEND_EVERY: Final = 1.0  # seconds between two looks at all that

_log = logging.getLogger(__name__)


class Mdns:
    """Announce ourselves and tell of others.  Lives on the node thread.

    `on_advert` gets each checked advert and where its packet came from, where that is known;
    `on_removed` the label of a peer to verify, because somebody said goodbye in its name;
    `on_trouble` the reason why there is no multicast, and None once there is.
    `on_networks` is called when our networks or addresses changed, or the machine slept.
    `is_contact` says whose label is known here; `last_known` whom to ask by unicast.
    """

    def __init__(
        self,
        on_advert: OnAdvert,
        on_removed: Callable[[str], None],
        *,
        interfaces: Sequence[str] = (),
        networks: Sequence[Network] = (),
        on_trouble: Callable[[NoMulticast | None], None] = lambda _trouble: None,
        on_networks: Callable[[], None] = lambda: None,
        is_contact: Callable[[str], bool] = lambda _label: False,
        last_known: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._on_removed = on_removed
        self._on_trouble = on_trouble
        self._on_networks = on_networks
        self._last_known = last_known
        self._chosen = tuple(interfaces)
        self._intake = Intake(on_advert, is_contact, networks=networks)
        self._funnel = Funnel(self._intake)
        self._asker = Asker(self._funnel.hear)
        self._liveness = Liveness(self._asker, self._intake)
        self._repeats = Repeats(self._announce_again, lambda: self._intake.heard)
        self._changing = asyncio.Lock()  # the station, by one at a time
        self._scanning = asyncio.Lock()
        self._counts: Counter[str] = Counter()
        self._station: Station | None = None
        self._trouble: str | None = None
        self._hidden = False  # our advert was taken back
        self._retry_at = self._renewed_at = 0.0
        self._tasks: asyncio.Task[None] | None = None

    @property
    def counts(self) -> Counter[str]:
        """What was dropped or seen amiss since the start, for the doctor."""
        return self._counts + self._intake.counts

    @property
    def interfaces(self) -> tuple[Interface, ...]:
        """The interfaces in use."""
        return self._intake.interfaces

    @property
    def _advert(self) -> Signed | None:
        """What we announce now."""
        return None if self._hidden else self._intake.own

    async def start(self, signed: Signed | None = None) -> None:
        """Announce (None: only watch), watch and ask; where that fails, go on trying."""
        if signed is not None:
            self._intake.own = signed
        following = Following(self._follow)
        await self._open()
        self._tasks = asyncio.create_task(self._run(following))
        self._tasks.add_done_callback(_tell_of_failure)

    async def update(self, signed: Signed) -> None:
        """Announce this from now on: another name or port, or a new epoch."""
        self._intake.own = signed
        self._hidden = False
        if self._station is not None:
            await self._announce(self._station, signed)

    async def withdraw(self) -> None:
        """Take our advert back, which takes a quarter of a second, and only watch."""
        self._hidden = True
        self._repeats.cancel()
        if self._station is not None:
            await self._station.withdraw()

    async def ask_now(self) -> None:
        """Ask everybody, as at the start; once that is past, for longer."""
        later = self._tasks is not None
        self._asker.ask(self.interfaces, self._last_known(), patient=later)

    async def scan(self) -> AsyncGenerator[Progress, None]:
        """Ask each address of our networks, because a person wants it; one scan at a time."""
        async with self._scanning:
            asked = scan(
                self.interfaces, self._intake.hear, self._intake.knows, self._announcement
            )
            async with aclosing(asked) as steps:
                async for step in steps:
                    yield step

    def _announcement(self) -> bytes | None:
        if self._hidden or self._station is None:
            return None
        return self._station.announcement()

    async def verify(self, label: str) -> bool:
        """Whether this peer answers now: one a peer per 10 s, 1.2 s if it does not."""
        there = await self._liveness.verify(label)
        if not there:
            self._repeats.missed()
        return there

    async def stop(self) -> None:
        """Say goodbye, which takes a quarter of a second, and end everything."""
        if self._tasks is not None:
            self._tasks.cancel()  # before all else: it would open again what is closed here
            await asyncio.wait([self._tasks])
        self._repeats.cancel()
        await self._liveness.stop()
        await self._asker.stop()
        self._funnel.cancel()
        station, self._station = self._station, None
        if station is not None:
            await station.close(goodbye=True)
        if self._tasks is not None and not self._tasks.cancelled():
            self._tasks.result()

    async def _run(self, following: Following) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._intake.run())
            tasks.create_task(self._tend())
            tasks.create_task(following.run())

    async def _tend(self) -> None:
        """Try again where multicast failed; clear zeroconf where it was flooded."""
        while True:
            await asyncio.sleep(TEND_EVERY)
            async with self._changing:
                await self._look_after(time.monotonic())

    async def _look_after(self, now: float) -> None:
        if self._station is None:
            if now >= self._retry_at:
                await self._open()
        elif now < self._renewed_at + RENEW_EVERY:
            return
        elif self._station.crowded:
            self._renewed_at = now
            _log.warning("too many names on the network, mDNS is started anew")
            self._counts["renewed"] += 1
            await self._renew(self._station, browse=False)  # again when it has ebbed
        elif not self._station.browsing:
            self._station.browse()

    async def _follow(self, changed: bool) -> None:
        """Our networks changed, or may have: use what there is now, say so and ask anew."""
        async with self._changing:
            before = self.interfaces
            await self._take_up(changed)
            if changed and self.interfaces == before:  # else it was done there
                await self.ask_now()
        if changed or self.interfaces != before:
            self._on_networks()

    async def _take_up(self, changed: bool) -> None:
        station = self._station
        if station is None:
            if changed:
                await self._open()
            return
        try:
            await self._look_around()
        except NoMulticast as trouble:
            await self._lose(station, trouble)
            return
        if not station.fits(self.interfaces):
            await self._renew(station)
            return
        station.follow(self.interfaces, announce=changed)
        if changed and self._advert is not None:
            self._repeats.begin()

    async def _open(self, *, browse: bool = True) -> None:
        try:
            await self._look_around()
            station = await Station.open(self.interfaces, self._on_packet, self._heeds)
        except NoMulticast as trouble:
            self._despair(trouble)
        else:
            self._report(None)
            self._station = station
            if browse:
                station.browse()
            if self._advert is not None:
                await self._announce(station, self._advert)

    async def _look_around(self) -> None:
        """Find the interfaces; where they are new, ask: that works though the port is taken."""
        before, self._intake.interfaces = self.interfaces, ()
        self._intake.interfaces = usable(self._chosen)
        if self.interfaces != before:
            await self.ask_now()

    async def _renew(self, station: Station, *, browse: bool = True) -> None:
        """Begin anew: zeroconf holds what a flood left, or sockets that lead nowhere."""
        await self._end(station)
        await self._open(browse=browse)

    async def _lose(self, station: Station, trouble: NoMulticast) -> None:
        """There is no network any more."""
        await self._end(station)
        self._despair(trouble)

    async def _end(self, station: Station) -> None:
        self._station = None
        self._repeats.cancel()
        await station.close(goodbye=False)

    def _despair(self, trouble: NoMulticast) -> None:
        """Try again in a while, or when a network comes."""
        self._retry_at = time.monotonic() + RETRY
        self._report(trouble)

    def _report(self, trouble: NoMulticast | None) -> None:
        """Tell the node of each change once."""
        detail = None if trouble is None else str(trouble)
        if detail != self._trouble:
            self._trouble = detail
            self._on_trouble(trouble)

    async def _announce(self, station: Station, signed: Signed) -> None:
        await station.announce(signed)
        self._repeats.begin()

    def _announce_again(self) -> None:
        if self._station is not None:
            self._station.announce_again()

    def _heeds(self, label: str) -> bool:
        return self._intake.heeds(label) or self._liveness.waits_for(label)

    def _on_packet(self, packet: Packet) -> None:
        """What zeroconf read: never lets an exception back into it."""
        try:
            self._intake.dropped(packet.unheeded)
            self._intake.hear(packet.heard)
            for label in packet.alive:
                self._liveness.answered(label)
            for label in packet.gone:
                self._on_gone(label)
        except Exception as error:
            self._counts["failed"] += 1
            _log.error("taking in a packet failed: %s", type(error).__name__)

    def _on_gone(self, label: str) -> None:
        own = self._intake.own
        if own is None or label != own.label:
            if self._intake.knows(label):
                self._on_removed(label)
            return
        if self._hidden:
            return  # it is our own, or as good as that
        self._counts["goodbyes in our name"] += 1
        self._repeats.contradict()


def _tell_of_failure(tasks: "asyncio.Task[None]") -> None:
    """A bug that ends discovery is told at once, not when the program stops."""
    if not tasks.cancelled() and (error := tasks.exception()) is not None:
        context = {"message": "discovery ended", "exception": error, "task": tasks}
        tasks.get_loop().call_exception_handler(context)
