"""mDNS: announce ourselves and watch others, with zeroconf.  PROTOCOL.md, 6.

What others announce is read packet by packet, not out of zeroconf's cache, so that a forged
packet cannot mix its records with those of an honest one.  A goodbye is a reason to verify,
never the end of a peer; one in our own name is answered with a new announcement.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Final

from zeroconf import (
    DNSQuestionType,
    Error,
    IPVersion,
    RecordUpdate,
    RecordUpdateListener,
    Zeroconf,
)
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from lanchat.discovery.advert import MAX_ADDRESSES, SERVICE, Signed
from lanchat.discovery.ask import PORT, Asker
from lanchat.discovery.intake import Intake, OnAdvert
from lanchat.discovery.interfaces import check_port, handles, speaks_ipv6, usable
from lanchat.discovery.liveness import Liveness
from lanchat.discovery.nearby import Interface, ordered
from lanchat.discovery.records import Packet, digest, host_of, instance_of, newest
from lanchat.discovery.repeats import Repeats
from lanchat.errors import NoMulticast

RETRY: Final = 5.0  # seconds until the next try where multicast is not to be had
MAX_NAMES: Final = 5000  # names heard of: zeroconf plans a refresh of each, without bound
MAX_RECORDS: Final = 8000  # in zeroconf's cache, which starts to evict at 10,000
RENEW_EVERY: Final = 60.0  # seconds between two clearings of both
TEND_EVERY: Final = 1.0  # seconds between two looks at all that

_log = logging.getLogger(__name__)
# It reports each send on a network just gone, and holds strangers' bytes in its lines.
logging.getLogger("zeroconf").setLevel(logging.CRITICAL)


class Mdns:
    """Announce ourselves and tell of others.  Lives on the node thread.

    `on_advert` gets each checked advert and where its packet came from, where that is known;
    `on_removed` the label of a peer to verify, because somebody said goodbye in its name;
    `on_trouble` the reason why there is no multicast, and None once there is.
    `is_contact` says whose label is known here; `last_known` whom to ask by unicast.
    """

    def __init__(
        self,
        on_advert: OnAdvert,
        on_removed: Callable[[str], None],
        *,
        interfaces: Sequence[str] = (),
        on_trouble: Callable[[NoMulticast | None], None] = lambda _trouble: None,
        is_contact: Callable[[str], bool] = lambda _label: False,
        last_known: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._on_removed = on_removed
        self._on_trouble = on_trouble
        self._last_known = last_known
        self._chosen = tuple(interfaces)
        self._intake = Intake(on_advert, is_contact)
        self._asker = Asker(self._intake.hear)
        self._liveness = Liveness(self._asker, self._intake)
        self._repeats = Repeats(self._announce_again)
        self._counts: Counter[str] = Counter()
        self._station: _Station | None = None
        self._trouble: str | None = None
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

    async def start(self, signed: Signed | None = None) -> None:
        """Announce (None: only watch), watch and ask; where that fails, go on trying."""
        if signed is not None:
            self._intake.own = signed
        await self._open()
        self._tasks = asyncio.create_task(self._run())
        self._tasks.add_done_callback(_tell_of_failure)

    async def update(self, signed: Signed) -> None:
        """Announce this from now on: another name or port, or a new epoch."""
        self._intake.own = signed
        if self._station is not None:
            await self._announce(self._station, signed)

    async def ask_now(self) -> None:
        """Ask everybody, as at the start."""
        self._asker.ask(self.interfaces, self._last_known())

    async def verify(self, label: str) -> bool:
        """Whether this peer answers now: one a peer per 10 s, 1.2 s if it does not."""
        return await self._liveness.verify(label)

    async def stop(self) -> None:
        """Say goodbye, which takes a quarter of a second, and end everything."""
        if self._tasks is not None:
            self._tasks.cancel()  # before all else: it would open again what is closed here
            await asyncio.wait([self._tasks])
        self._repeats.cancel()
        await self._liveness.stop()
        await self._asker.stop()
        station, self._station = self._station, None
        if station is not None:
            await station.close(goodbye=True)
        if self._tasks is not None and not self._tasks.cancelled():
            self._tasks.result()

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._intake.run())
            tasks.create_task(self._tend())

    async def _tend(self) -> None:
        """Try again where multicast failed; clear zeroconf where it was flooded."""
        while True:
            await asyncio.sleep(TEND_EVERY)
            now = time.monotonic()
            if self._station is None:
                if now >= self._retry_at:
                    await self._open()
            elif now < self._renewed_at + RENEW_EVERY:
                continue
            elif self._station.crowded:
                self._renewed_at = now
                await self._renew(self._station)
            elif not self._station.browsing:
                self._station.browse()

    async def _open(self, *, browse: bool = True) -> None:
        try:
            await self._look_around()
            station = await _Station.open(self.interfaces, self._on_packet)
        except NoMulticast as trouble:
            self._retry_at = time.monotonic() + RETRY
            self._report(trouble)
        else:
            self._report(None)
            self._station = station
            if browse:
                station.browse()
            if self._intake.own is not None:
                await self._announce(station, self._intake.own)

    async def _look_around(self) -> None:
        """Find the interfaces; where they are new, ask: that works though the port is taken."""
        before, self._intake.interfaces = self.interfaces, ()
        self._intake.interfaces = usable(self._chosen)
        if self.interfaces != before:
            await self.ask_now()

    async def _renew(self, station: "_Station") -> None:
        """Clear what a flood left in zeroconf; browsing starts again when it has ebbed."""
        _log.warning("too many names on the network, mDNS is started anew")
        self._counts["renewed"] += 1
        self._station = None
        self._repeats.cancel()
        await station.close(goodbye=False)
        await self._open(browse=False)

    def _report(self, trouble: NoMulticast | None) -> None:
        """Tell the node of each change once."""
        detail = None if trouble is None else str(trouble)
        if detail != self._trouble:
            self._trouble = detail
            self._on_trouble(trouble)

    async def _announce(self, station: "_Station", signed: Signed) -> None:
        await station.announce(signed)
        self._repeats.begin()

    def _announce_again(self) -> None:
        if self._station is not None:
            self._station.announce_again()

    def _on_packet(self, packet: Packet) -> None:
        """What zeroconf read: never lets an exception back into it."""
        try:
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
        self._counts["goodbyes in our name"] += 1
        self._repeats.contradict()


class _Station:
    """One Zeroconf, from its sockets to its goodbye."""

    def __init__(
        self, zeroconf: AsyncZeroconf, addresses: tuple[str, ...], ears: "_Ears"
    ) -> None:
        self._zeroconf = zeroconf
        self._addresses = addresses
        self._ears = ears
        self._browser: AsyncServiceBrowser | None = None
        self._info: AsyncServiceInfo | None = None
        self._sending: set[asyncio.Future[None]] = set()

    @classmethod
    async def open(
        cls, interfaces: Sequence[Interface], on_packet: Callable[[Packet], None]
    ) -> "_Station":
        """Open the sockets and listen.

        Raises:
            NoMulticast: another program holds the port alone, or no interface takes part.
        """
        check_port(PORT)
        try:
            zeroconf = AsyncZeroconf(
                handles(interfaces),
                ip_version=IPVersion.All if speaks_ipv6() else IPVersion.V4Only,
            )
        except (OSError, RuntimeError) as error:
            raise NoMulticast(f"mDNS does not start: {type(error).__name__}") from error
        try:
            await zeroconf.zeroconf.async_wait_for_start()
        except BaseException as error:
            await zeroconf.async_close()
            if isinstance(error, Error):
                raise NoMulticast("mDNS does not start") from error
            raise
        if not zeroconf.zeroconf.engine.senders:
            await zeroconf.async_close()
            raise NoMulticast("no interface takes part in multicast")
        ears = _Ears(on_packet)
        zeroconf.zeroconf.async_add_listener(ears, None)
        return cls(zeroconf, ordered(interfaces, most=MAX_ADDRESSES), ears)

    @property
    def browsing(self) -> bool:
        """Whether zeroconf asks and refreshes by itself."""
        return self._browser is not None

    @property
    def crowded(self) -> bool:
        """Whether so much was heard that zeroconf's tables must be cleared."""
        cache = self._zeroconf.zeroconf.cache.cache
        records = sum(len(bucket) for bucket in cache.values())
        return self._ears.names > MAX_NAMES or records > MAX_RECORDS

    def browse(self) -> None:
        """Ask at the start and again before a name expires; the ears hear the answers."""
        self._browser = AsyncServiceBrowser(
            self._zeroconf.zeroconf,
            SERVICE,
            handlers=[lambda **_change: None],
            question_type=DNSQuestionType.QM,
        )

    async def announce(self, signed: Signed) -> None:
        """Answer for this advert from now on; begins with three announcements."""
        first = self._info is None
        self._info = AsyncServiceInfo(
            SERVICE,
            instance_of(signed.label),
            port=signed.port,
            properties=signed.txt,
            server=host_of(signed.label),
            addresses=[ip_address(one).packed for one in self._addresses],
        )
        if first:  # the name is ours by construction, so nobody needs to be asked for it
            sent = await self._zeroconf.async_register_service(
                self._info, cooperating_responders=True, strict=False
            )
        else:
            sent = await self._zeroconf.async_update_service(self._info)
        sending = asyncio.ensure_future(sent)
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)

    def announce_again(self) -> None:
        """One more announcement of the same."""
        if self._info is not None:
            zeroconf = self._zeroconf.zeroconf
            zeroconf.async_send(zeroconf.generate_service_broadcast(self._info, None))

    async def close(self, *, goodbye: bool) -> None:
        """Close the sockets; a goodbye before that takes a quarter of a second."""
        zeroconf = self._zeroconf.zeroconf
        zeroconf.async_remove_listener(self._ears)
        for sending in tuple(self._sending):
            sending.cancel()
        if self._browser is not None:
            await self._browser.async_cancel()
        if self._info is not None and not goodbye:
            zeroconf.registry.async_remove(self._info)
        await self._zeroconf.async_close()


class _Ears(RecordUpdateListener):
    """Hear every packet that zeroconf reads.  Its cache is complete only after all heard it."""

    def __init__(self, on_packet: Callable[[Packet], None]) -> None:
        self.names = 0
        self._on_packet = on_packet
        self._packet = Packet()

    def async_update_records(
        self, zc: Zeroconf, now: float, records: list[RecordUpdate]
    ) -> None:
        self._cache, self._now = zc.cache, now
        self._packet = digest(((update.new, update.old is None) for update in records), now)
        self.names += self._packet.names

    def async_update_records_complete(self) -> None:
        packet, self._packet = self._packet, Packet()
        for label in packet.partial:
            names = (instance_of(label), host_of(label))
            kept = [r for name in names for r in self._cache.async_entries_with_name(name)]
            packet.heard += newest(kept, self._now)
        self._on_packet(packet)


def _tell_of_failure(tasks: "asyncio.Task[None]") -> None:
    """A bug that ends discovery is told at once, not when the program stops."""
    if not tasks.cancelled() and (error := tasks.exception()) is not None:
        context = {"message": "discovery ended", "exception": error, "task": tasks}
        tasks.get_loop().call_exception_handler(context)
