"""A station: one Zeroconf, from its sockets to its goodbye.  PROTOCOL.md, 6.

It answers for our advert, browses, follows the interfaces, and hands on every packet that
zeroconf reads.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
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
from lanchat.discovery.interfaces import Handle, check_port, handles, speaks_ipv6
from lanchat.discovery.nearby import Interface, ordered
from lanchat.discovery.records import Packet, digest, host_of, instance_of, newest
from lanchat.discovery.sockets import PORT
from lanchat.errors import NoMulticast

MAX_NAMES: Final = 5000  # names heard of: zeroconf plans a refresh of each, without bound
HELD_BACK: Final = 1.5  # seconds after which no answer that zeroconf planned is still to come
MAX_RECORDS: Final = 8000  # in zeroconf's cache, which starts to evict at 10,000

_log = logging.getLogger(__name__)
# It reports each send on a network just gone, and holds strangers' bytes in its lines.
logging.getLogger("zeroconf").setLevel(logging.CRITICAL)


class Station:
    """One Zeroconf, from its sockets to its goodbye."""

    def __init__(
        self, zeroconf: AsyncZeroconf, interfaces: Sequence[Interface], ears: "_Ears"
    ) -> None:
        self._zeroconf = zeroconf
        self._interfaces = tuple(interfaces)
        self._ears = ears
        self._browser: AsyncServiceBrowser | None = None
        self._info: AsyncServiceInfo | None = None
        self._running: set[asyncio.Future[None]] = set()
        self._telling: asyncio.Future[None] | None = None  # our announcements

    @classmethod
    async def open(
        cls,
        interfaces: Sequence[Interface],
        on_packet: Callable[[Packet], None],
        heeds: Callable[[str], bool] = lambda _label: True,
    ) -> "Station":
        """Open the sockets and listen; of labels that `heeds` refuses nothing is read.

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
        ears = _Ears(on_packet, heeds)
        zeroconf.zeroconf.async_add_listener(ears, None)
        return cls(zeroconf, interfaces, ears)

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
            addresses=_packed(self._interfaces),
        )
        if first:  # the name is ours by construction, so nobody needs to be asked for it
            sent = await self._zeroconf.async_register_service(
                self._info, cooperating_responders=True, strict=False
            )
        else:
            sent = await self._zeroconf.async_update_service(self._info)
        self._telling = self._let_run(sent)

    async def withdraw(self) -> None:
        """Say goodbye, three times in a quarter of a second, and answer for nothing more."""
        info, self._info = self._info, None
        if self._telling is not None:
            self._telling.cancel()  # what is still to be said would bring us back
        if info is None:
            return
        try:
            await (await self._zeroconf.async_unregister_service(info))
        except (OSError, RuntimeError, Error) as error:
            _log.info("saying goodbye failed: %s", type(error).__name__)
        self._let_run(self._once_more(info))

    async def _once_more(self, info: AsyncServiceInfo) -> None:
        """Goodbye again: zeroconf holds back some answers for a second, and then says them."""
        await asyncio.sleep(HELD_BACK)
        if self._info is None:
            zeroconf = self._zeroconf.zeroconf
            zeroconf.async_send(zeroconf.generate_service_broadcast(info, 0))

    def announce_again(self) -> None:
        """One more announcement of the same."""
        if self._info is not None:
            zeroconf = self._zeroconf.zeroconf
            zeroconf.async_send(zeroconf.generate_service_broadcast(self._info, None))

    def announcement(self) -> bytes | None:
        """What an announcement says, for those whom it does not reach; None if we say none."""
        if self._info is None:
            return None
        packets = self._zeroconf.zeroconf.generate_service_broadcast(self._info, None).packets()
        return bytes(packets[0])

    def fits(self, interfaces: Sequence[Interface]) -> bool:
        """Whether `follow` can do it; False if one came back as another, whatever its address.

        What was joined there is lost with the old one, and zeroconf compares addresses only.
        """
        now, before = _places(interfaces), _places(self._interfaces)
        return all(before.get(address, index) == index for address, index in now.items())

    def follow(self, interfaces: Sequence[Interface], *, announce: bool) -> None:
        """Use these from now on; our advert names our addresses there."""
        self._interfaces = tuple(interfaces)
        if self._info is not None:  # first this: what zeroconf says next must be true
            self._info.addresses = _packed(interfaces)
            self._zeroconf.zeroconf.registry.async_update(self._info)
        self._let_run(self._take_up(handles(interfaces), announce=announce))

    async def _take_up(self, wanted: list[Handle], *, announce: bool) -> None:
        """Open and close sockets; whatever is opened makes zeroconf announce."""
        before = self._senders()
        try:
            await self._zeroconf.async_update_interfaces(wanted)
            if announce and self._info is not None and self._senders() <= before:
                await (await self._zeroconf.async_update_service(self._info))
        except (OSError, RuntimeError, Error) as error:  # gone again meanwhile: we are told
            _log.info("following the interfaces failed: %s", type(error).__name__)

    def _senders(self) -> set[tuple[str, int]]:
        return {one.interface_key for one in self._zeroconf.zeroconf.engine.senders}

    def _let_run(self, work: Awaitable[None]) -> "asyncio.Future[None]":
        running = asyncio.ensure_future(work)
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return running

    async def close(self, *, goodbye: bool) -> None:
        """Close the sockets; a goodbye before that takes a quarter of a second."""
        zeroconf = self._zeroconf.zeroconf
        zeroconf.async_remove_listener(self._ears)
        for running in tuple(self._running):
            running.cancel()
        if self._browser is not None:
            await self._browser.async_cancel()
        if self._info is not None and not goodbye:
            zeroconf.registry.async_remove(self._info)
        await self._zeroconf.async_close()


class _Ears(RecordUpdateListener):
    """Hear every packet that zeroconf reads.  Its cache is complete only after all heard it."""

    def __init__(
        self, on_packet: Callable[[Packet], None], heeds: Callable[[str], bool]
    ) -> None:
        self.names = 0
        self._on_packet = on_packet
        self._heeds = heeds
        self._packet: Packet | None = None

    def async_update_records(
        self, zc: Zeroconf, now: float, records: list[RecordUpdate]
    ) -> None:
        self._cache, self._now = zc.cache, now
        updates = ((update.new, update.old is None) for update in records)
        self._packet = digest(updates, now, self._heeds)
        self.names += self._packet.names

    def async_update_records_complete(self) -> None:
        packet, self._packet = self._packet, None
        if packet is None:
            return
        for label in packet.partial:
            names = (instance_of(label), host_of(label))
            kept = [r for name in names for r in self._cache.async_entries_with_name(name)]
            packet.heard += newest(kept, self._now)
        self._on_packet(packet)


def _packed(interfaces: Sequence[Interface]) -> list[bytes]:
    """Our addresses, as the advert names them."""
    return [ip_address(one).packed for one in ordered(interfaces, most=MAX_ADDRESSES)]


def _places(interfaces: Sequence[Interface]) -> dict[str, int]:
    """On which interface each of our IPv4 addresses is."""
    return {
        str(own.ip): one.index
        for one in interfaces
        for own in one.addresses
        if own.version == 4
    }
