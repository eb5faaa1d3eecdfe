"""Address records: where somebody can be reached, signed, to be passed on.  PROTOCOL.md, 6.

Where multicast does not go, people who know both ends pass these on.  Whoever brings one can
change nothing in it; it is a rumour all the same until the handshake proves who is there.

    0x01  key 32  epoch u64  until u64  port u16  count u8  count x (family u8, 4 or 16)  sig 64
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from lanchat.discovery.advert import LOWEST_PORT, MAX_ADDRESSES
from lanchat.errors import BadAdvert, RemoteProtocolError
from lanchat.identity.keys import KEY_SIZE, SIGNATURE_SIZE, Identity, PeerId, verify

LIFETIME: Final = 3 * 3600 * 1000  # ms that a record counts
MOST_AHEAD: Final = 2 * LIFETIME  # ms from our clock to the end of one: clocks differ
LARGEST: Final = 1 + KEY_SIZE + 8 + 8 + 2 + 1 + MAX_ADDRESSES * 17 + SIGNATURE_SIZE  # bytes

_PURPOSE: Final = "addresses"
_FORMAT: Final = 1
_HEAD: Final = 1 + KEY_SIZE + 8 + 8 + 2 + 1
_SIZES: Final = {4: 4, 6: 16}  # bytes of an address of each family


@dataclass(frozen=True, slots=True)
class Record:
    """Where somebody says they can be reached until `until`, ms since 1970."""

    peer_id: PeerId
    epoch: int
    until: int
    port: int
    addresses: tuple[str, ...]

    def counts(self, now_ms: int) -> bool:
        """Whether its time is not over, and not further off than a record lasts."""
        return now_ms < self.until <= now_ms + MOST_AHEAD


def sign(
    identity: Identity, epoch: int, until: int, port: int, addresses: Sequence[str]
) -> bytes:
    """Our own record.

    Raises:
        BadAdvert: nobody would believe it, for its port or an address.
    """
    packed = [ip_address(one) for one in addresses[:MAX_ADDRESSES]]
    message = b"".join((
        bytes((_FORMAT,)),
        identity.peer_id.key,
        epoch.to_bytes(8, "big"),
        until.to_bytes(8, "big"),
        port.to_bytes(2, "big"),
        bytes((len(packed),)),
        *(bytes((one.version,)) + one.packed for one in packed),
    ))  # fmt: skip
    record = message + identity.sign(_PURPOSE, message)
    read(record)
    return record


def read(data: bytes) -> Record:
    """The record that `data` is; its signature is checked last.

    Raises:
        BadAdvert: it is malformed, or not signed by its key.
    """
    if not _HEAD + SIGNATURE_SIZE < len(data) <= LARGEST or data[0] != _FORMAT:
        raise BadAdvert(f"an address record of {len(data)} bytes, or of another format")
    message, signature = data[:-SIGNATURE_SIZE], data[-SIGNATURE_SIZE:]
    epoch, until = (int.from_bytes(message[at : at + 8], "big") for at in (33, 41))
    port, count = int.from_bytes(message[49:51], "big"), message[51]
    if port < LOWEST_PORT or not 1 <= count <= MAX_ADDRESSES:
        raise BadAdvert(f"port {port}, {count} addresses")
    addresses = _addresses(message[_HEAD:], count)
    try:
        peer_id = PeerId(message[1 : 1 + KEY_SIZE])
        verify(peer_id, _PURPOSE, message, signature)
    except RemoteProtocolError as error:
        raise BadAdvert("not signed by its key") from error
    return Record(peer_id, epoch, until, port, addresses)


def _addresses(data: bytes, count: int) -> tuple[str, ...]:
    """Exactly so many addresses, each of one computer, that mean something elsewhere."""
    found: list[str] = []
    at = 0
    for _ in range(count):
        size = _SIZES.get(data[at] if at < len(data) else 0, 0)
        packed = data[at + 1 : at + 1 + size]
        if not size or len(packed) != size:
            raise BadAdvert("an address cut short, or of another family")
        ip = ip_address(packed)
        if not means_something(ip):
            raise BadAdvert("an address that means nothing elsewhere")
        found.append(str(ip))
        at += 1 + size
    if at != len(data):
        raise BadAdvert("bytes behind the last address")
    return tuple(dict.fromkeys(found))


def means_something(ip: IPv4Address | IPv6Address) -> bool:
    """Whether it is the address of one computer, also to others than on its own link."""
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped or ip.is_site_local):
        return False
    if ip == IPv4Address("255.255.255.255"):
        return False
    return not (ip.is_unspecified or ip.is_multicast or ip.is_loopback or ip.is_link_local)
