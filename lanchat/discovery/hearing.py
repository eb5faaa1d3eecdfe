"""Hearing: ask everybody by multicast, and hear whether that comes back and who answers.

The doctor's ears.  They stand beside those of a running node and of other programs, and take
nothing away from them.
"""

import asyncio
import os
import secrets
import socket
import struct
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Final

from lanchat.discovery.advert import SERVICE
from lanchat.discovery.findings import Hearing, Local
from lanchat.discovery.nearby import Interface
from lanchat.discovery.sockets import GROUP4, GROUP6, PORT

LISTEN: Final = 3.0  # seconds that others have to be heard
ASK_AT: Final = (0.0, 0.3, 1.2, 2.0)  # seconds; an answer may be held back for one
MAX_HEARD: Final = 4096  # packets on one interface
MAX_SOURCES: Final = 256  # different senders that are counted on one interface
MAX_PACKET: Final = 8966  # bytes
_PTR: Final = 12
_IN: Final = 1
_HEADER: Final = 12  # bytes
_RESPONSE: Final = 0x80
_HOP_LIMIT: Final = 255  # RFC 6762, 11
_MULTICAST_ALL: Final = 49  # <linux/in.h>, IP_MULTICAST_ALL
_SocketAddress = tuple[str, int] | tuple[str, int, int, int]


async def listen(
    found: Local, *, wanted: Collection[str] = (), seconds: float = LISTEN
) -> tuple[Hearing, ...]:
    """Ask everybody on each interface in use, and hear who says something.

    It ends when our own questions came back on all of them and somebody was heard, if
    `wanted` holds addresses all of those; at the latest after `seconds`.
    """
    if found.port_taken:
        return ()
    used = [one.interface for one in found.adapters if one.used and one.running]
    real = [one for one in used if not one.is_loopback] or used
    own = frozenset(str(ip.ip) for one in found.adapters for ip in one.interface.addresses)
    with ExitStack() as stack:
        ears = [_Ear(one, own, stack) for one in real]
        done = asyncio.Event()

        def judge() -> None:
            others = frozenset().union(*(ear.others for ear in ears))
            if others.issuperset(wanted) and others and all(ear.itself for ear in ears):
                done.set()

        def ask() -> None:
            for ear in ears:
                ear.ask()

        for ear in ears:
            ear.begin(judge)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await _repeat(ASK_AT, ask, done)
        return tuple(ear.hearing() for ear in ears)


def question() -> tuple[int, bytes]:
    """A question and its number: which kinds of service are here, and who is a lanchat?"""
    number = secrets.randbelow(2**16 - 1) + 1
    asked = ("_services._dns-sd._udp.local.", SERVICE)
    body = b"".join(_name(one) + struct.pack(">HH", _PTR, _IN) for one in asked)
    return number, struct.pack(">6H", number, 0, len(asked), 0, 0, 0) + body


def _name(name: str) -> bytes:
    parts = name.rstrip(".").split(".")
    return b"".join(bytes([len(one)]) + one.encode() for one in parts) + b"\0"


def answers(data: bytes, numbers: Collection[int]) -> bool:
    """Whether a packet is an answer to one of these questions."""
    return _is_response(data) and int.from_bytes(data[:2]) in numbers


def _is_response(data: bytes) -> bool:
    return len(data) >= _HEADER and bool(data[2] & _RESPONSE)


@dataclass(slots=True)
class _Voice:
    """One socket: to whom it sends, and why it could not."""

    socket: socket.socket
    to: _SocketAddress
    blocked: str = ""

    def send(self, packet: bytes) -> None:
        try:
            self.socket.sendto(packet, self.to)
        except OSError as error:
            self.blocked = os.strerror(error.errno) if error.errno else type(error).__name__


class _Ear:
    """One interface while it is listened to, in each IP version it speaks."""

    def __init__(self, interface: Interface, own: frozenset[str], stack: ExitStack) -> None:
        self.itself = False
        self.others: set[str] = set()
        self._answered: set[str] = set()
        self._interface = interface
        self._own = own
        self._numbers: set[int] = set()
        self._voices: list[_Voice] = []
        self._heard = 0
        self._stack = stack
        for ear, alone, group in _sockets(interface):
            for one in (ear, alone):
                stack.enter_context(one)
                self._voices.append(_Voice(one, group))

    def begin(self, judge: Callable[[], None]) -> None:
        """Read what comes in until the stack closes."""
        loop = asyncio.get_running_loop()
        for at, voice in enumerate(self._voices):
            loop.add_reader(voice.socket, self._read, voice.socket, at % 2 == 0, judge)
            self._stack.callback(loop.remove_reader, voice.socket)

    def ask(self) -> None:
        """Ask once more, by another number: some take equal packets for copies."""
        number, packet = question()
        self._numbers.add(number)
        for voice in self._voices:
            voice.send(packet)

    def hearing(self) -> Hearing:
        """What came in so far."""
        blocked = [one.blocked for one in self._voices if one.blocked]
        return Hearing(
            self._interface.name,
            self.itself,
            frozenset(self.others),
            frozenset(self._answered),
            blocked[0] if len(blocked) == len(self._voices) and blocked else "",
        )

    def _read(self, ear: socket.socket, by_multicast: bool, judge: Callable[[], None]) -> None:
        with suppress(OSError):
            while self._heard < MAX_HEARD:
                data, sender = ear.recvfrom(MAX_PACKET)
                self._heard += 1
                self._take(data, sender, by_multicast)
        judge()

    def _take(self, data: bytes, sender: _SocketAddress, by_multicast: bool) -> None:
        source = str(sender[0]).partition("%")[0]
        if source in self._own:
            ours = int.from_bytes(data[:2]) in self._numbers
            self.itself = self.itself or (by_multicast and ours and not _is_response(data))
        elif by_multicast and len(data) >= _HEADER and len(self.others) < MAX_SOURCES:
            self.others.add(source)
        elif answers(data, self._numbers) and len(self._answered) < MAX_SOURCES:
            self._answered.add(source)


def _sockets(
    interface: Interface,
) -> Iterator[tuple[socket.socket, socket.socket, _SocketAddress]]:
    """For each IP version: one that hears the group, one with a port of its own, the group."""
    by_version = {own.version: own.ip for own in reversed(interface.addresses)}
    for version, own in sorted(by_version.items()):
        group: _SocketAddress = (GROUP4, PORT)
        if version == 6:
            if interface.is_loopback:
                continue  # it has no multicast there
            group = (GROUP6, PORT, 0, interface.index)
        family = socket.AF_INET if version == 4 else socket.AF_INET6
        with ExitStack() as stack:
            try:
                ear, alone = (
                    stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
                    for _ in range(2)
                )
                for one in (ear, alone):
                    _prepare(one, version, str(own), interface.index)
                _join(ear, group, str(own), interface.index)
            except OSError:
                continue
            stack.pop_all()
        yield ear, alone, group


def _prepare(one: socket.socket, version: int, own: str, index: int) -> None:
    one.setblocking(False)
    if version == 4:
        one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own))
        one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _HOP_LIMIT)
        one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
        if sys.platform == "linux":
            one.setsockopt(socket.IPPROTO_IP, _MULTICAST_ALL, 0)
    else:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, struct.pack("@I", index))
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, _HOP_LIMIT)
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 1)
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)


def _join(ear: socket.socket, group: _SocketAddress, own: str, index: int) -> None:
    """Hear the group; bound to it where that can be, so that no answer to others is taken."""
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT"):
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    ear.bind(group if sys.platform != "win32" else ("", PORT))
    if ear.family == socket.AF_INET:
        member = socket.inet_aton(GROUP4) + socket.inet_aton(own)
        ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    else:
        member = socket.inet_pton(socket.AF_INET6, GROUP6) + struct.pack("@I", index)
        ear.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, member)


async def _repeat(times: Sequence[float], do: Callable[[], object], end: asyncio.Event) -> None:
    """Do it at each of these moments, and wait for the end."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    for at in times:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(start + at):
                await end.wait()
                return
        do()
    await end.wait()
