"""Packets to throw at peers: honest ones, forged ones, and noise.  Runs in a lab host too.

    python tests/discovery/packets.py goodbye LABEL
    python tests/discovery/packets.py forge COUNT PER_SECOND [genuine|NUMBER]
    python tests/discovery/packets.py noise COUNT SEED ADDRESS
    python tests/discovery/packets.py lie

`goodbye` says goodbye in somebody's name.  `forge` announces that many peers: with their own
keys (genuine), with a bad signature, or all with one contact's key.  `noise` sends random
packets, pointer loops and pieces of honest ones, by multicast and to one address.  `lie`
answers whoever asks it by unicast with all that must not be believed, and prints a line for
each question, until it is ended.
"""

import random
import socket
import struct
import sys
import time
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from zeroconf._dns import DNSAddress, DNSPointer, DNSService, DNSText
from zeroconf._protocol.outgoing import DNSOutgoing

from lanchat.discovery.advert import SERVICE, label_of, sign
from lanchat.identity.keys import Identity

GROUP: Final = ("224.0.0.251", 5353)
IN_AND_UNIQUE: Final = 0x8001
RESPONSE: Final = 0x8400
FORGED_FROM: Final = 1_000_000  # numbers of keys nobody else uses


def announcement(label: str, txt: bytes, port: int, address: str, *, ttl: int = 120) -> bytes:
    """The packet by which a peer announces itself; with `ttl` 0, by which it leaves."""
    name, host = f"{label}.{SERVICE}", f"{label}.local."
    out = DNSOutgoing(RESPONSE)
    for record in (
        DNSPointer(SERVICE, 12, 1, ttl, name),
        DNSService(name, 33, IN_AND_UNIQUE, ttl, 0, 0, port, host),
        DNSText(name, 16, IN_AND_UNIQUE, ttl, txt),
        DNSAddress(host, 1, IN_AND_UNIQUE, ttl, ip_address(address).packed),
    ):
        out.add_answer_at_time(record, 0)
    return out.packets()[0]


def goodbye(label: str) -> bytes:
    out = DNSOutgoing(RESPONSE)
    out.add_answer_at_time(DNSPointer(SERVICE, 12, 1, 0, f"{label}.{SERVICE}"), 0)
    return out.packets()[0]


def unsigned(txt: bytes) -> bytes:
    """The same with another letter amid its signature."""
    at = len(txt) - 20
    return txt[:at] + (b"B" if txt[at : at + 1] == b"A" else b"A") + txt[at + 1 :]


def forged(count: int, how: str) -> Iterator[bytes]:
    epoch = time.time_ns() // 1_000_000
    for number in range(count):
        claimed = FORGED_FROM + number if how in ("", "genuine") else int(how)
        identity = Identity(claimed.to_bytes(32, "big"))
        signed = sign(identity, f"forged {number}", 30_000, epoch)
        txt = signed.txt
        if how != "genuine":
            txt = unsigned(txt)
        address = f"10.77.0.{100 + number % 150}"
        yield announcement(label_of(identity.peer_id), txt, 30_000, address)


def noise(count: int, seed: int) -> Iterator[bytes]:
    chance = random.Random(seed)
    honest = next(forged(1, "genuine"))
    loop = struct.pack(">6H", 0, RESPONSE, 0, 1, 0, 0) + b"\xc0\x0c" + b"\x00\x0c\x00\x01" * 3
    for number in range(count):
        kind = number % 5
        if kind == 0:
            yield chance.randbytes(chance.randrange(0, 1400))
        elif kind == 1:
            yield honest[: chance.randrange(len(honest))]
        elif kind == 2:
            bent = bytearray(honest)
            for _ in range(chance.randrange(1, 9)):
                bent[chance.randrange(len(bent))] = chance.randrange(256)
            yield bytes(bent)
        elif kind == 3:
            yield loop[: chance.randrange(12, len(loop) + 1)] + chance.randbytes(8)
        else:
            head = struct.pack(">6H", 0, RESPONSE, *(chance.randrange(9) for _ in range(4)))
            yield head + chance.randbytes(chance.randrange(0, 600))


def multicasting(address: str = "") -> socket.socket:
    """A socket on the mDNS port, as honest senders have."""
    sending = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sending.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sending.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if address:
        mine = socket.inet_aton(address)
        sending.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, mine)
    sending.bind((address, 5353))
    return sending


def lies(number: int) -> list[bytes]:
    """Answers to a question of that number that lead to nobody."""
    head = struct.pack(">H", number)
    junk = [one for at, one in enumerate(noise(60, number)) if at % 5 not in (1, 2)]
    bad = next(forged(1, ""))  # a signature that does not fit
    return [
        head + bad[2:],
        struct.pack(">H", number ^ 1) + next(forged(1, "genuine"))[2:],
        head + goodbye("a" * 26)[2:],
        *(head + one[2:] for one in junk),  # no pieces of honest ones: they may hold
    ]


def lie(answering: socket.socket) -> None:
    """Answer who asks by unicast; never ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        while True:
            data, asker = answering.recvfrom(9000)
            if len(data) < 12 or data[2] & 0x80 or asker[1] == 5353:
                continue
            sys.stdout.write("asked\n")
            sys.stdout.flush()
            (number,) = struct.unpack_from(">H", data)
            for packet in lies(number):
                answering.sendto(packet, asker)
            right = struct.pack(">H", number) + next(forged(1, "genuine"))[2:]
            elsewhere.sendto(right, asker)  # all of it true, but from another port


def main(verb: str, *words: str) -> None:
    with multicasting() as sending:
        if verb == "goodbye":
            sending.sendto(goodbye(words[0]), GROUP)
        elif verb == "lie":
            lie(sending)
        elif verb == "noise":
            for packet in noise(int(words[0]), int(words[1])):
                sending.sendto(packet, GROUP)
                sending.sendto(packet, (words[2], 5353))
                time.sleep(0.0005)
        else:
            packets = list(forged(int(words[0]), words[2] if len(words) > 2 else ""))
            for packet in packets:
                sending.sendto(packet, GROUP)
                time.sleep(1 / float(words[1]))
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
