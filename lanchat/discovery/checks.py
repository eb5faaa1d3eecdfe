"""Checks: what the doctor looks at.  What it means is in `diagnosis.py`.

It asks what any mDNS browser asks, a few times, and knocks where it is told to; no address
is tried that was not typed, met before or seen here.
"""

import asyncio
import errno
import socket
import struct
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from lanchat.discovery import hearing
from lanchat.discovery.findings import Adapter, Local, Reply
from lanchat.discovery.hearing import listen as listen
from lanchat.discovery.interfaces import (
    carries_multicast,
    check_port,
    every,
    is_inner,
    is_running,
    is_used,
)
from lanchat.discovery.nearby import Interface
from lanchat.discovery.remedies import System
from lanchat.discovery.sockets import PORT
from lanchat.errors import NoMulticast

DIRECT: Final = (0.0, 0.4, 0.8)  # seconds; when one address is asked
DIRECT_WINDOW: Final = 1.6  # seconds
_ROUTE_UP: Final = 0x1  # <linux/route.h>, RTF_UP


def local(chosen: Sequence[str] = ()) -> Local:
    """What this machine says of itself; `chosen` are the interfaces to use, if any.  Blocks."""
    try:
        found = every()
    except NoMulticast:
        found = []
    try:
        check_port(PORT)
    except NoMulticast:
        taken = True
    else:
        taken = False
    routes, gateways = _routes()
    return Local(
        system(),
        tuple(_adapter(one, chosen) for one in found if _matters(one, chosen)),
        taken,
        routes,
        gateways,
    )


def _matters(one: Interface, chosen: Sequence[str]) -> bool:
    return is_used(one, chosen) or not is_inner(one.name)


def _adapter(one: Interface, chosen: Sequence[str]) -> Adapter:
    name = one.name
    return Adapter(one, is_running(name), carries_multicast(name), is_used(one, chosen))


def system() -> System:
    """The system, and on Linux the firewall that seems to be in charge."""
    if sys.platform == "win32":
        return System.WINDOWS
    if sys.platform == "darwin":
        return System.MACOS
    if sys.platform != "linux":
        return System.OTHER
    with suppress(OSError, UnicodeDecodeError):
        if "ENABLED=yes" in Path("/etc/ufw/ufw.conf").read_text().split():
            return System.UFW
    if any(Path(one).exists() for one in ("/run/firewalld.pid", "/var/run/firewalld.pid")):
        return System.FIREWALLD
    if any(Path(one, "nft").exists() for one in ("/usr/sbin", "/sbin", "/usr/bin")):
        return System.NFTABLES
    return System.LINUX


async def ask(address: str) -> Reply:
    """Ask one address, as numbers, at the port of mDNS."""
    with ExitStack() as stack:
        try:
            loop = asyncio.get_running_loop()
            infos = await loop.getaddrinfo(address, PORT, type=socket.SOCK_DGRAM)
            family, kind, _proto, _name, to = infos[0]
            asking = stack.enter_context(socket.socket(family, kind))
            asking.setblocking(False)
            asking.connect(to)
        except OSError:
            return Reply.SILENT
        return await _Direct(asking).ask()


class _Direct:
    """Questions to one address."""

    def __init__(self, asking: socket.socket) -> None:
        self._asking = asking
        self._loop = asyncio.get_running_loop()
        self._came: asyncio.Future[Reply] = self._loop.create_future()
        self._numbers: set[int] = set()

    async def ask(self) -> Reply:
        """Ask a few times; the first that comes of it."""
        self._loop.add_reader(self._asking, self._read)
        again = [self._loop.call_later(at, self._send) for at in DIRECT]
        try:
            async with asyncio.timeout(DIRECT_WINDOW):
                return await self._came
        except TimeoutError:
            return Reply.SILENT
        finally:
            for one in again:
                one.cancel()
            self._loop.remove_reader(self._asking)

    def _send(self) -> None:
        number, question = hearing.question()  # some take equal packets for copies
        self._numbers.add(number)
        with suppress(OSError):  # told of by the next read, or by silence
            self._asking.send(question)

    def _read(self) -> None:
        try:
            data = self._asking.recv(hearing.MAX_PACKET)
        except OSError as error:
            if error.errno in (errno.ECONNREFUSED, errno.ECONNRESET):
                self._end(Reply.CLOSED)
        else:
            if hearing.answers(data, self._numbers):
                self._end(Reply.ANSWERED)

    def _end(self, reply: Reply) -> None:
        if not self._came.done():
            self._came.set_result(reply)


def buffer_errors() -> int | None:
    """UDP packets lost in full buffers since the system's start; None if unknown.  Blocks."""
    total = None
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/net/snmp").read_text().splitlines()
        names, values = (line.split() for line in lines if line.startswith("Udp:"))
        total = int(values[names.index("RcvbufErrors")])
        for line in Path("/proc/net/snmp6").read_text().splitlines():
            if line.startswith("Udp6RcvbufErrors"):
                total += int(line.split()[1])
    return total


def _routes() -> tuple[frozenset[str] | None, frozenset[str]]:
    """The interfaces of default routes, and the gateways, by IPv4; None if nobody says."""
    try:
        lines = Path("/proc/net/route").read_text().splitlines()[1:]
    except OSError:
        return None, frozenset()
    rows = [line.split() for line in lines]
    ways = [
        (row[0], ip_address(struct.pack("=I", int(row[2], 16))))
        for row in rows
        if len(row) > 7 and row[1] == row[7] == "00000000" and int(row[3], 16) & _ROUTE_UP
    ]
    found = frozenset(str(gateway) for _name, gateway in ways if int(gateway))
    return frozenset(name for name, _gateway in ways), found
