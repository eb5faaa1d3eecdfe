"""Skips: a set of entries, such as those of an offer that need not travel.  PROTOCOL.md, 4.

    entry   0 1 2 3 4 5 6 7   8 9 ...
    byte    0                 1            bit n, from the lowest, is entry 8 * byte + n

A set ends with its last byte that is not zero, so that there is one way to write it.
"""

from collections.abc import Iterable
from typing import Final

from lanchat.errors import MalformedPayload
from lanchat.transfer.manifest import Manifest
from lanchat.wire.payloads import TopKind

_BITS: Final = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))


def pack(entries: Iterable[int]) -> bytes:
    """The bytes of a set of entries, given in any order."""
    said = bytearray()
    for entry in entries:
        byte = entry >> 3
        if byte >= len(said):
            said += bytes(byte + 1 - len(said))
        said[byte] |= 1 << (entry & 7)
    return bytes(said)


def unpack(said: bytes) -> list[int]:
    """The entries of a set, rising."""
    return [8 * at + bit for at, byte in enumerate(said) if byte for bit in _BITS[byte]]


def files_of(said: bytes, manifest: Manifest, first: int = 0) -> list[int]:
    """The files of `manifest` that a peer means by a set which begins at entry `first`.

    Raises:
        MalformedPayload: there is no such entry, or it is a folder.
    """
    entries, meant = manifest.entries, [first + entry for entry in unpack(said)]
    if meant and meant[-1] >= len(entries):
        raise MalformedPayload(f"entry {meant[-1]} of {len(entries)}")
    if any(entries[entry].kind is not TopKind.FILE for entry in meant):
        raise MalformedPayload("a folder in a set of files")
    return meant
