"""What a hostile host throws:  garbage.py ADDRESS PORT [flood].

Without `flood` every kind of nonsense once, to the TCP port and to 5353; with it,
connections that say nothing or half a word, until it is ended.
"""

import contextlib
import random
import socket
import struct
import sys
from collections.abc import Iterator
from typing import Final

PREFACE: Final = b"LANCHAT\x01"
LANE: Final = b"LANBULK\x01"
MESSAGE_1: Final = 1240  # bytes (PROTOCOL.md, 2)
MDNS: Final = ("224.0.0.251", 5353)
HELD: Final = 200  # connections of the flood open at a time


def nonsense(draw: random.Random) -> Iterator[bytes]:
    yield from (b"", b"\0", b"L", PREFACE, PREFACE[:5], b"LANCHAT\x00", b"LANCHAT\xff")
    yield b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    yield bytes.fromhex("1603010200010001fc0303") + draw.randbytes(508)  # a TLS hello
    yield b"SSH-2.0-OpenSSH_9.2p1\r\n"
    for length in (0, 1, 17, MESSAGE_1 - 1, MESSAGE_1, MESSAGE_1 + 1, 65_535):
        yield PREFACE + struct.pack(">H", length) + draw.randbytes(min(length, 4096))
    yield PREFACE + struct.pack(">H", MESSAGE_1) + bytes(MESSAGE_1)
    yield PREFACE + struct.pack(">H", MESSAGE_1) + b"\xff" * MESSAGE_1
    yield LANE + draw.randbytes(32)
    yield LANE + draw.randbytes(31)
    for size in (8, 40, 1242, 70_000):
        yield draw.randbytes(size)


def datagrams(draw: random.Random) -> Iterator[bytes]:
    header = struct.pack(">HHHHHH", 0, 0x8400, 0, 1, 0, 0)
    service = b"\x08_lanchat\x04_tcp\x05local\x00"
    pointer = b"\xc0\x0c"
    yield from (b"", b"\0" * 11, header, header + b"\xc0\xc0", header + pointer)
    for label in (b"x", b"\x1b[2J", b"\xe2\x80\xae", b"a" * 63, draw.randbytes(26)):
        name = bytes([len(label)]) + label
        target = name + service
        record = service + struct.pack(">HHIH", 12, 1, 4500, len(target)) + target
        text = target + struct.pack(">HHIH", 16, 0x8001, 4500, 40) + draw.randbytes(40)
        where = struct.pack(">HHH", 0, 0, draw.randrange(65_536)) + b"\x01h\x05local\x00"
        srv = target + struct.pack(">HHIH", 33, 0x8001, 120, len(where)) + where
        yield struct.pack(">HHHHHH", 0, 0x8400, 0, 3, 0, 0) + record + text + srv
    for size in (12, 100, 1400, 8000):
        for _ in range(20):
            yield draw.randbytes(size)


def throw(address: str, port: int) -> None:
    draw = random.Random(1)
    for data in nonsense(draw):
        with contextlib.suppress(OSError), socket.create_connection((address, port), 2) as tcp:
            tcp.settimeout(2)
            tcp.sendall(data)
            tcp.shutdown(socket.SHUT_WR)
            while tcp.recv(4096):
                pass
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("", 5353))
        for data in datagrams(draw):
            for where in (MDNS, (address, 5353)):
                with contextlib.suppress(OSError):
                    udp.sendto(data, where)


def flood(address: str, port: int) -> None:
    draw = random.Random(2)
    held: list[socket.socket] = []
    announced = False
    while True:
        tcp = socket.socket()
        tcp.settimeout(0.2)
        with contextlib.suppress(OSError):
            tcp.connect((address, port))
            tcp.sendall(draw.choice((b"", PREFACE, PREFACE + b"\x04\xd8" + bytes(600))))
        held.append(tcp)
        if len(held) > HELD:
            held.pop(0).close()
            if not announced:
                print("flooding", flush=True)  # noqa: T201  the test waits for this word
                announced = True


if __name__ == "__main__":
    if sys.argv[3:] == ["flood"]:
        flood(sys.argv[1], int(sys.argv[2]))
    throw(sys.argv[1], int(sys.argv[2]))
