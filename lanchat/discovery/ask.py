"""Asking: one-shot questions from a port of our own, and questions to last-known addresses.

A question from an ephemeral port is answered to that port (RFC 6762, 6.7), so no other mDNS
program on this machine can take the answer, and a plain loop in a thread of its own reads a
thousand of them where the event loop loses all above 250.  A question by unicast passes
firewalls that swallow multicast.  PROTOCOL.md, 6.
"""

import asyncio
import contextlib
import logging
import secrets
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

# The package hands these on without exporting them; they are its documented wire classes.
from zeroconf._dns import DNSQuestion
from zeroconf._protocol.incoming import DNSIncoming
from zeroconf._protocol.outgoing import DNSOutgoing
from zeroconf.const import _CLASS_IN, _FLAGS_QR_QUERY

from lanchat.discovery.admission import Heard
from lanchat.discovery.advert import SERVICE
from lanchat.discovery.nearby import Interface, is_local
from lanchat.discovery.records import PTR, SRV, answers, gather, instance_of

PORT: Final = 5353  # mDNS
GROUP4: Final = "224.0.0.251"
GROUP6: Final = "ff02::fb"
REPEATS: Final = (0.0, 0.25, 1.0, 3.0)  # seconds; the first two always, for lost packets
PATIENT: Final = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0, 10.0)  # a network just come may not carry yet
WINDOW: Final = 1.0  # seconds that answers to the last question may take
TRIES: Final = (0.0, 0.4, 0.8)  # seconds; when one peer is asked for
TRY_WINDOW: Final = 0.4
MAX_KNOWN: Final = 64  # addresses asked by unicast
MAX_PACKETS: Final = 4096  # answers read in one round
MAX_BATCH: Final = 1024  # packets taken before they are parsed
PAUSE: Final = 0.002  # seconds without an answer after which there is time to parse
MAX_UNREAD: Final = 0.05  # seconds until what was taken is parsed in any case
MAX_PACKET: Final = 8966  # bytes; what zeroconf takes
RECEIVE_BUFFER: Final = 4 * 2**20  # bytes asked for; the system gives what it gives

_log = logging.getLogger(__name__)
_HOP_LIMIT: Final = 255  # RFC 6762, 11
_SocketAddress = tuple[str, int] | tuple[str, int, int, int]
_Packet = tuple[bytes, _SocketAddress, Interface | None]  # from where, and on which of ours


@dataclass(frozen=True, slots=True)
class _Where:
    """Where questions go: our interfaces, and addresses known from earlier."""

    interfaces: tuple[Interface, ...]
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The one peer that is asked for, and what to call when it answers."""

    label: str
    found: Callable[[], None]


class Asker:
    """Ask who is there.  Lives on the node thread; each round reads in a thread of its own."""

    def __init__(self, hear: Callable[[list[Heard]], None]) -> None:
        self._hear = hear
        self._rounds: list[_Round] = []
        self._current: _Round | None = None

    def ask(
        self,
        interfaces: Sequence[Interface],
        known: Sequence[str] = (),
        *,
        patient: bool = False,
    ) -> None:
        """Ask everybody now; a round that is still running gives way to this one."""
        if self._current is not None:
            self._current.stop()
        near = [address for address in known if is_local(address, interfaces)]
        where = _Where(tuple(interfaces), tuple(near[:MAX_KNOWN]))
        times = PATIENT if patient else REPEATS
        self._current = self._begin(_Round(where, _question(SERVICE, PTR), times, self._hear))

    def find(
        self,
        label: str,
        interfaces: Sequence[Interface],
        known: Sequence[str],
        found: Callable[[], None],
    ) -> Callable[[], None]:
        """Ask for one peer; `found` is called when it answers.  Returns how to stop asking."""
        where = _Where(tuple(interfaces), tuple(known[:MAX_KNOWN]))
        question = _question(instance_of(label), SRV)
        wanted = _Wanted(label, found)
        return self._begin(_Round(where, question, TRIES, self._hear, wanted)).stop

    async def stop(self) -> None:
        """End all rounds; their threads have ended and their sockets are closed on return."""
        rounds, self._rounds, self._current = self._rounds, [], None
        for one in rounds:
            one.stop()
        for one in rounds:
            await asyncio.to_thread(one.join)

    def _begin(self, one: "_Round") -> "_Round":
        self._rounds = [each for each in self._rounds if each.is_alive()]
        self._rounds.append(one)
        one.start()
        return one


class _Round(threading.Thread):
    """One question, asked several times, and the reading of its answers.

    Each repetition opens sockets of its own: where two programs share port 5353 the sender's
    port decides which of them gets a unicast question.
    """

    def __init__(
        self,
        where: _Where,
        question: tuple[int, bytes],
        times: Sequence[float],
        hear: Callable[[list[Heard]], None],
        wanted: _Wanted | None = None,
    ) -> None:
        super().__init__(name="ask", daemon=True)
        self._where = where
        self._id, self._question = question
        self._times = times
        self._hear = hear
        self._wanted = wanted
        self._loop = asyncio.get_running_loop()
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._stopped = False
        self._labels: set[str] = set()
        self._packets = 0

    def stop(self) -> None:
        """Make the thread end soon; safe to repeat."""
        self._stopped = True
        with contextlib.suppress(OSError):  # full, or closed by the thread at its own end
            self._wake.send(b"x")

    def run(self) -> None:
        with contextlib.ExitStack() as stack:
            stack.callback(self._wake.close)
            stack.enter_context(self._woken)
            selector = stack.enter_context(selectors.DefaultSelector())
            selector.register(self._woken, selectors.EVENT_READ)
            self._ask_and_read(selector, stack)

    def _ask_and_read(
        self, selector: selectors.BaseSelector, stack: contextlib.ExitStack
    ) -> None:
        start = time.monotonic()
        last = TRY_WINDOW if self._wanted else WINDOW
        for number, at in enumerate(self._times):
            known = len(self._labels)
            for asking, interface in self._open_and_send(stack):
                selector.register(asking, selectors.EVENT_READ, interface)
            later = self._times[number + 1 :]
            until = start + (later[0] if later else at + last)
            if not self._read(selector, until):
                return
            brought = len(self._labels) > known
            if self._times is REPEATS and number > 0 and not brought:
                return

    def _open_and_send(
        self, stack: contextlib.ExitStack
    ) -> Iterable[tuple[socket.socket, Interface | None]]:
        for interface in self._where.interfaces:
            for asking, group in _multicast_sockets(interface):
                stack.enter_context(asking)
                _send(asking, self._question, group)
                yield asking, interface
        yield from self._send_to_known(stack)

    def _send_to_known(
        self, stack: contextlib.ExitStack
    ) -> Iterable[tuple[socket.socket, None]]:
        for family in (socket.AF_INET, socket.AF_INET6):
            targets = [t for t in map(_target, self._where.known) if t and t[0] == family]
            asking = _new_socket(family) if targets else None
            if asking is None:
                continue
            stack.enter_context(asking)
            for _family, target in targets:
                _send(asking, self._question, target)
            yield asking, None

    def _read(self, selector: selectors.BaseSelector, until: float) -> bool:
        """Read answers until then; False if that was the end of the round."""
        while (left := until - time.monotonic()) > 0 and not self._stopped:
            if batch := self._burst(selector, left):
                self._take(batch)
            if self._packets >= MAX_PACKETS:
                return False
        return not self._stopped

    def _burst(self, selector: selectors.BaseSelector, left: float) -> list[_Packet]:
        """Wait for answers and take all that come together, unparsed.

        A thousand come within 30 ms and the system keeps some four hundred: parsing some
        while others come would lose those.
        """
        batch: list[_Packet] = []
        begun = float("inf")
        while (ready := selector.select(PAUSE if batch else left)) and not self._stopped:
            for key, _events in ready:
                if isinstance(key.fileobj, socket.socket) and key.fileobj is not self._woken:
                    _drain(key.fileobj, key.data, batch)
            begun = min(begun, time.monotonic())
            if len(batch) >= MAX_BATCH or time.monotonic() > begun + MAX_UNREAD or not batch:
                break
        return batch

    def _take(self, batch: list[_Packet]) -> None:
        self._packets += len(batch)
        heard = [one for packet in batch for one in self._parse(*packet)]
        if heard:
            self._labels.update(one.label for one in heard)
            self._tell(self._hear, heard)

    def _parse(
        self,
        data: bytes,
        sender: _SocketAddress,
        interface: Interface | None,
    ) -> list[Heard]:
        wanted = self._wanted.label if self._wanted else ""
        heard, found = read_answer(data, sender, self._id, interface, wanted)
        if found and self._wanted:
            self._tell(self._wanted.found)
        return heard

    def _tell(self, what: Callable[..., None], *values: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has been closed
            self._loop.call_soon_threadsafe(what, *values)


def _drain(asking: socket.socket, interface: Interface | None, batch: list[_Packet]) -> None:
    """Empty a socket, or the system drops what comes meanwhile."""
    with contextlib.suppress(OSError):  # empty; or an ICMP answer to what we sent
        while len(batch) < MAX_BATCH:
            data, sender = asking.recvfrom(MAX_PACKET)
            batch.append((data, sender, interface))


def read_answer(
    data: bytes,
    sender: _SocketAddress,
    number: int,
    interface: Interface | None = None,
    wanted: str = "",
) -> tuple[list[Heard], bool]:
    """What an answer to the question of that number says; and whether it is of `wanted`."""
    if sender[1] != PORT:
        return [], False
    scope = sender[3] if len(sender) == 4 else interface.index if interface else None
    try:
        message = DNSIncoming(data, (sender[0], sender[1]), scope or None)
        if not message.valid or not message.is_response() or message.id != number:
            return [], False
        records = message.answers()
        name = interface.name if interface else None
        heard = gather(records, source=sender[0], interface=name)
        return heard, bool(wanted) and answers(records, wanted)
    except Exception as error:  # a parser's bug must not end what reads answers
        _log.error("reading an answer failed: %s", type(error).__name__)
        return [], False


def who_is_here() -> tuple[int, bytes]:
    """The question for every lanchat, and its number."""
    return _question(SERVICE, PTR)


def _question(name: str, kind: int) -> tuple[int, bytes]:
    """A question and its number, which an answer must repeat (RFC 6762, 6.7)."""
    number = secrets.randbelow(2**16 - 1) + 1
    out = DNSOutgoing(_FLAGS_QR_QUERY, multicast=False, id_=number)
    out.add_question(DNSQuestion(name, kind, _CLASS_IN))
    return number, out.packets()[0]


def _multicast_sockets(
    interface: Interface,
) -> Iterable[tuple[socket.socket, _SocketAddress]]:
    """A socket for each IP version the interface speaks, and the group to ask there."""
    by_version = {own.version: own.ip for own in reversed(interface.addresses)}
    if 4 in by_version and (asking := _new_socket(socket.AF_INET)):
        mine = socket.inet_aton(str(by_version[4]))
        _set(asking, socket.IPPROTO_IP, socket.IP_MULTICAST_IF, mine)
        _set(asking, socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _HOP_LIMIT)
        yield asking, (GROUP4, PORT)
    if 6 in by_version and (asking := _new_socket(socket.AF_INET6)):
        index = struct.pack("@I", interface.index)
        _set(asking, socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        _set(asking, socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, _HOP_LIMIT)
        yield asking, (GROUP6, PORT, 0, interface.index)


def _new_socket(family: socket.AddressFamily) -> socket.socket | None:
    """An unconnected socket on a port of its own; None if the system has no such family."""
    try:
        asking = socket.socket(family, socket.SOCK_DGRAM)
    except OSError:
        return None
    asking.setblocking(False)
    _set(asking, socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    return asking


def _set(asking: socket.socket, level: int, option: int, value: int | bytes) -> None:
    """Set an option; where the system refuses, for an interface just gone, nothing is sent."""
    with contextlib.suppress(OSError):
        asking.setsockopt(level, option, value)


def _send(asking: socket.socket, packet: bytes, to: _SocketAddress) -> None:
    """Send, or let it be: an interface may just be going, a network unreachable."""
    with contextlib.suppress(OSError):
        asking.sendto(packet, to)


def _target(
    address: str,
) -> tuple[socket.AddressFamily, _SocketAddress] | None:
    """Where a question to one address goes; None if that is no address."""
    host, _, zone = address.partition("%")
    if ":" not in host:
        return socket.AF_INET, (host, PORT)
    try:
        index = int(zone) if zone.isdecimal() else socket.if_nametoindex(zone) if zone else 0
    except OSError:
        return None
    return socket.AF_INET6, (host, PORT, 0, index)
