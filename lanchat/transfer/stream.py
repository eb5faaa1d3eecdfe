"""The stream of one offer, cut into sealed chunks.  PROTOCOL.md, 4.

One stream carries a whole offer: the manifest, then the files back to back.  An attempt
begins at an offset and cuts the rest into chunks of 1 MiB, each sealed with AES-256-GCM:

    manifest | file | file | ...          offset -> |  chunk 0  |  chunk 1  | last |
    nonce of chunk i = u88 i || final u8            + 16 bytes of tag behind each

No length stands on the wire: both sides know the stream's length, so truncation, extension,
reordering and repetition all break a seal.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lanchat.identity.keys import label
from lanchat.wire.bodies import encode
from lanchat.wire.payloads import CHUNK, Accept, Offer

TAG: Final = 16  # bytes behind each chunk; AES-GCM
KEY_SIZE: Final = 32  # bytes
TOKEN_SIZE: Final = 32  # bytes
TOKEN_LOOKUP: Final = 8  # bytes of the token by which it is found; the rest is compared
TOKEN_LIFE: Final = 30.0  # seconds from START, once
PREFACE: Final = b"LANBULK\x01"

#: `Session.export`: (label, context, length) -> bytes only the two ends can compute.
Export = Callable[[str, bytes, int], bytes]


@dataclass(frozen=True, slots=True)
class Chunks:
    """How the rest of a stream of `length` bytes is cut, from `offset` on."""

    length: int
    offset: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.offset <= self.length:
            raise ValueError(f"offset {self.offset} in a stream of {self.length} bytes")

    @property
    def count(self) -> int:
        """How many chunks there are; at least one, which may be empty."""
        return max(1, -(-(self.length - self.offset) // CHUNK))

    def size(self, index: int) -> int:
        """Bytes of plaintext in chunk `index`."""
        if not 0 <= index < self.count:
            raise ValueError(f"chunk {index} of {self.count}")
        return min(CHUNK, self.length - self.offset - index * CHUNK)

    def nonce(self, index: int) -> bytes:
        """The nonce of chunk `index`, which also says whether it is the last."""
        if not 0 <= index < self.count:
            raise ValueError(f"chunk {index} of {self.count}")
        return index.to_bytes(11, "big") + bytes((index == self.count - 1,))


def stream_length(offer: Offer) -> int:
    """Bytes of the whole stream of `offer`: its manifest and its files."""
    return offer.manifest_len + offer.total


@dataclass(frozen=True, slots=True)
class LaneKeys:
    """What one attempt needs: the token that opens its lane and the key that seals it."""

    token: bytes
    key: bytes

    def __repr__(self) -> str:
        return "LaneKeys(...)"  # never in a log or a traceback


def context(
    accept: Accept, *, initiator_sends: bool, offer_body: bytes, accept_body: bytes = b""
) -> bytes:
    """Everything an attempt's keys are bound to.

    `offer_body` and `accept_body` are the bodies as they were on the wire; without the
    latter it is written anew from `accept`.
    """
    return b"".join(
        (
            accept.id,
            accept.attempt.to_bytes(4, "big"),
            b"\x01" if initiator_sends else b"\x02",
            hashlib.sha256(offer_body).digest(),
            hashlib.sha256(accept_body or encode(accept)[1]).digest(),
        )
    )


def lane_keys(export: Export, ctx: bytes) -> LaneKeys:
    """Token and key of the attempt that `ctx` describes."""
    return LaneKeys(export("bulk token", ctx, TOKEN_SIZE), export("bulk key", ctx, KEY_SIZE))


def survey_key(export: Export, transfer: bytes, attempt: int, offer_body: bytes) -> bytes:
    """The key under which files are proven to be the same in one survey."""
    ctx = transfer + attempt.to_bytes(4, "big") + hashlib.sha256(offer_body).digest()
    return export("survey key", ctx, KEY_SIZE)


class Tally:
    """The tags of one attempt's chunks, in order: what DONE compares.

    Every chunk is authenticated already, so this is no file hash and is never shown as one.
    """

    def __init__(self, transfer: bytes, attempt: int) -> None:
        self._hash = hashlib.sha256(label("lane done") + transfer + attempt.to_bytes(4, "big"))
        self.chunks = 0

    def add(self, tag: bytes | memoryview) -> None:
        """Take the tag of the next chunk."""
        self._hash.update(tag)
        self.chunks += 1

    @property
    def digest(self) -> bytes:
        """The digest of all tags so far."""
        return self._hash.digest()
