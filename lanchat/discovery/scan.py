"""Scan: ask each address of our networks by unicast, where multicast is dead.  PROTOCOL.md, 6.

A person wants it; no program does it by itself.  It is slow enough for the tables of any
computer and switch, and asks what every mDNS browser asks.  Whoever answers is told of us
in the same way, so that both sides have found each other.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final

from lanchat.discovery import ask, sockets
from lanchat.discovery.admission import Heard
from lanchat.discovery.nearby import Interface, scannable

MOST: Final = 1024  # addresses, of all our networks together
PASSES: Final = 2  # for lost packets; only who has not answered is asked again
BATCH: Final = 32  # addresses asked at once, each time from another port
PAUSE: Final = 0.25  # seconds between two batches: 128 questions a second
WINDOW: Final = 1.0  # seconds that the last answers may take
MAX_PACKETS: Final = 4096  # answers that are read

Place = tuple[IPv4Address, IPv4Address]  # from which address of ours, and to which


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan is: questions that were sent, of how many, and who answered."""

    asked: int
    total: int
    found: int  # people


async def scan(
    interfaces: Sequence[Interface],
    hear: Callable[[list[Heard]], None],
    knows: Callable[[str], bool],
    announcement: Callable[[], bytes | None],
) -> AsyncGenerator[Progress, None]:
    """Ask everybody in reach; closing it ends it.  It takes 17 s for 1,024 addresses.

    `hear` gets what answers say, `knows` tells of which labels the signature was good, and
    `announcement` gives what those who answer are told of us.
    """
    places = scannable(interfaces, most=MOST)
    total = PASSES * len(places)
    with ExitStack() as stack:
        ears = _Ears({str(to) for _own, to in places}, hear, announcement, stack)

        def progress(done: int) -> Progress:
            return Progress(done, total, sum(map(knows, ears.labels)))

        for turn in range(PASSES):
            left = [place for place in places if str(place[1]) not in ears.answered]
            for at in range(0, len(left), BATCH):
                yield progress(turn * len(places) + at)
                ears.ask(left[at : at + BATCH])
                await asyncio.sleep(PAUSE)
        yield progress(total)
        if places:
            await asyncio.sleep(WINDOW)
            ears.tell_again()
            yield progress(total)


class _Ears:
    """The sockets of one scan, and what came in by them."""

    def __init__(
        self,
        asked: set[str],
        hear: Callable[[list[Heard]], None],
        announcement: Callable[[], bytes | None],
        stack: ExitStack,
    ) -> None:
        self.answered: set[str] = set()
        self.labels: set[str] = set()  # claimed by answers
        self._asked = asked
        self._hear = hear
        self._announcement = announcement
        self._stack = stack
        self._told: dict[str, socket.socket] = {}
        self._packets = 0

    def ask(self, places: Iterable[Place]) -> None:
        """Ask these, from a port of its own for each of our addresses."""
        by_own: dict[IPv4Address, list[IPv4Address]] = {}
        for own, to in places:
            by_own.setdefault(own, []).append(to)
        for own, targets in by_own.items():
            asking = self._open(own)
            if asking is None:  # that network has just gone
                continue
            number, question = ask.who_is_here()
            loop = asyncio.get_running_loop()
            loop.add_reader(asking, self._read, asking, number)
            self._stack.callback(loop.remove_reader, asking)
            for to in targets:
                with suppress(OSError):
                    asking.sendto(question, (str(to), sockets.PORT))

    def tell_again(self) -> None:
        """Once more for everybody who answered: a packet may have been lost."""
        for host, asking in self._told.items():
            self._tell(host, asking)

    def _open(self, own: IPv4Address) -> socket.socket | None:
        try:
            asking = self._stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            asking.setblocking(False)
            asking.bind((str(own), 0))
        except OSError:
            return None
        return asking

    def _read(self, asking: socket.socket, number: int) -> None:
        with suppress(OSError):  # empty; or an ICMP answer to what we sent
            for _ in range(min(BATCH, MAX_PACKETS - self._packets)):  # then others have a turn
                data, sender = asking.recvfrom(sockets.MAX_PACKET)
                self._packets += 1
                self._take(data, sender, number, asking)
        if self._packets >= MAX_PACKETS:
            asyncio.get_running_loop().remove_reader(asking)

    def _take(
        self, data: bytes, sender: tuple[str, int], number: int, asking: socket.socket
    ) -> None:
        host = sender[0]
        if host not in self._asked:
            return
        heard, _found = ask.read_answer(data, sender, {number})
        if not heard:
            return
        self.answered.add(host)
        self.labels.update(one.label for one in heard)
        self._hear(heard)
        if host not in self._told:
            self._told[host] = asking
            self._tell(host, asking)

    def _tell(self, host: str, asking: socket.socket) -> None:
        packet = self._announcement()
        if packet is not None:
            with suppress(OSError):
                asking.sendto(packet, (host, sockets.PORT))
