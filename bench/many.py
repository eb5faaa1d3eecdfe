"""Many peers played by one process in a host of the lab, each with a key and an address.

    python -m bench.many COUNT

The host has 10.78.0.0/16, with the addresses from 10.78.0.1 on.  Every peer announces a
genuine advert and answers as python-zeroconf does: a question from a port of its own by
unicast at once, any by multicast 20 to 120 ms later, none twice a second.  One open port
stands for all of theirs.  Orders on standard input, each answered with a line:

    rest M              the first M are here, and have been for long
    storm M             the first M start within a second, and announce themselves
    forge COUNT RATE    so many adverts with a bad signature, at that rate a second
"""

import heapq
import random
import selectors
import socket
import struct
import sys
import threading
import time
from ipaddress import IPv4Address
from typing import Final

from lanchat.discovery.advert import label_of, sign
from lanchat.identity.keys import Identity
from tests.discovery.packets import GROUP, announcement, unsigned

FROM: Final = int(IPv4Address("10.78.0.1"))  # the first of their addresses
PORT: Final = 30_000
SPREAD: Final = (0.02, 0.12)  # seconds; RFC 6762, 6: an answer of many to a question
ONCE: Final = 1.0  # seconds in which a record is not multicast twice
AGAIN: Final = (0.225, 0.45, 1.5, 10.0)  # seconds after the first announcement
FORGED_FROM: Final = 1_000_000
BATCH: Final = 0.005  # seconds
_PKTINFO: Final = 8  # <linux/in.h>, IP_PKTINFO
_HEADER: Final = 12
_LANCHAT: Final = b"\x08_lanchat\x04_tcp\x05local\x00"


def address(number: int) -> str:
    return str(IPv4Address(FROM + number))


def _genuine(number: int) -> bytes:
    identity = Identity((2_000_000 + number).to_bytes(32, "big"))
    signed = sign(identity, f"guest {number}", PORT, time.time_ns() // 1_000_000)
    return announcement(label_of(identity.peer_id), signed.txt, PORT, address(number))


def _forged(number: int) -> bytes:
    identity = Identity((FORGED_FROM + number).to_bytes(32, "big"))
    signed = sign(identity, f"forged {number}", PORT, time.time_ns() // 1_000_000)
    place = f"10.78.253.{1 + number % 250}"
    return announcement(label_of(identity.peer_id), unsigned(signed.txt), PORT, place)


class Many:
    """All of them, on one thread."""

    def __init__(self, count: int) -> None:
        self._packets = [_genuine(number) for number in range(count)]
        self._here = 0
        self._since = [0.0] * count
        self._sent = [0.0] * count
        self._due: list[tuple[float, int]] = []
        self._socket = self._mdns()
        self._open_port()

    def run(self) -> None:
        selector = selectors.DefaultSelector()
        selector.register(self._socket, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        say("ready")
        while True:
            wait = max(0.0, self._due[0][0] - time.monotonic()) if self._due else None
            for key, _events in selector.select(wait):
                if key.fileobj is self._socket:
                    self._read()
                elif not (line := sys.stdin.readline()):
                    return
                else:
                    self._obey(*line.split())
            self._speak()

    def _obey(self, order: str, *words: str) -> None:
        now = time.monotonic()
        if order == "rest":
            self._here, self._due = int(words[0]), []
            self._since = [now] * len(self._packets)
        elif order == "storm":
            self._here, self._due = int(words[0]), []
            for number in range(self._here):
                first = self._since[number] = now + random.random()
                for later in (0.0, *AGAIN):
                    heapq.heappush(self._due, (first + later, number))
        elif order == "forge":
            self._forge(int(words[0]), float(words[1]))
        say("done")

    def _read(self) -> None:
        while True:
            try:
                data, sender = self._socket.recvfrom(9000, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            if len(data) >= _HEADER and not data[2] & 0x80 and _LANCHAT in data:
                self._answer(data, sender)

    def _answer(self, data: bytes, sender: tuple[str, int]) -> None:
        now = time.monotonic()
        for number in range(self._here):
            if self._since[number] > now:
                continue
            if sender[1] != GROUP[1]:
                self._send(number, sender, data[:2])
            if now - self._sent[number] > ONCE:
                self._sent[number] = now + random.uniform(*SPREAD)
                heapq.heappush(self._due, (self._sent[number], number))

    def _speak(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic():
            _at, number = heapq.heappop(self._due)
            self._sent[number] = time.monotonic()
            self._send(number, GROUP, b"\0\0")

    def _send(self, number: int, to: tuple[str, int], question: bytes) -> None:
        source = struct.pack(">i4s4s", 0, IPv4Address(FROM + number).packed, bytes(4))
        packet = question + self._packets[number][2:]
        self._socket.sendmsg([packet], [(socket.IPPROTO_IP, _PKTINFO, source)], 0, to)

    def _forge(self, count: int, rate: float) -> None:
        packets = [_forged(number) for number in range(count)]
        say("begins")
        began = time.monotonic()
        for number, packet in enumerate(packets):
            if (early := began + number / rate - time.monotonic()) > BATCH:
                time.sleep(early)
            self._socket.sendto(packet, GROUP)

    def _mdns(self) -> socket.socket:
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**20)
        one.bind(("", GROUP[1]))
        member = socket.inet_aton(GROUP[0]) + struct.pack(
            "@4si", bytes(4), socket.if_nametoindex("eth0")
        )
        one.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        return one

    def _open_port(self) -> None:
        server = socket.create_server(("", PORT), backlog=512)

        def welcome() -> None:
            while True:
                server.accept()[0].close()

        threading.Thread(target=welcome, daemon=True).start()


def say(what: str) -> None:
    sys.stdout.write(what + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    Many(int(sys.argv[1])).run()
