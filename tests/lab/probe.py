"""What the lab's own tests run in a host:  echo | rtt ADDRESS COUNT | rx GROUP | tx GROUP."""

import contextlib
import ipaddress
import json
import socket
import struct
import sys
import time
from typing import Final

ECHO_PORT: Final = 7007
MDNS_PORT: Final = 5353
PATIENCE: Final = 0.6  # seconds


def _family(group: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in group else socket.AF_INET


def echo() -> None:
    """Send each datagram back."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("", ECHO_PORT))
    print("ready", flush=True)  # noqa: T201
    while True:
        data, where = sock.recvfrom(2000)
        with contextlib.suppress(OSError):
            sock.sendto(data, where)


def rtt(address: str, count: int) -> None:
    """Print the round trips that came back, in milliseconds."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sent: dict[bytes, float] = {}
    times: list[float] = []
    deadline = time.monotonic() + PATIENCE + 0.01 * count
    while time.monotonic() < deadline and len(times) < count:
        if len(sent) < count:
            datagram = bytes([len(sent)]) * 972
            sent[datagram] = time.monotonic()
            with contextlib.suppress(OSError):
                sock.sendto(datagram, (address, ECHO_PORT))
        left = deadline - time.monotonic()
        sock.settimeout(0.01 if len(sent) < count else max(0.001, left))
        with contextlib.suppress(OSError):
            data = sock.recv(2000)
            times.append(round((time.monotonic() - sent[data]) * 1000, 1))
    print(json.dumps(times))  # noqa: T201


def rx(group: str) -> None:
    """Print whether a datagram for the group arrived."""
    sock = socket.socket(_family(group), socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("", MDNS_PORT))
    packed = ipaddress.ip_address(group).packed
    if ":" in group:
        index = struct.pack("@I", socket.if_nametoindex("eth0"))
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, packed + index)
    else:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, packed + bytes(4))
    sock.settimeout(PATIENCE)
    print("ready", flush=True)  # noqa: T201
    try:
        sock.recv(2000)
    except OSError:
        print("nothing")  # noqa: T201
    else:
        print("heard")  # noqa: T201


def tx(group: str) -> None:
    sock = socket.socket(_family(group), socket.SOCK_DGRAM)
    if ":" in group:
        sock.sendto(b"x", (group, MDNS_PORT, 0, socket.if_nametoindex("eth0")))
    else:
        sock.sendto(b"x", (group, MDNS_PORT))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["echo"]:
            echo()
        case ["rtt", address, count]:
            rtt(address, int(count))
        case ["rx", group]:
            rx(group)
        case ["tx", group]:
            tx(group)
