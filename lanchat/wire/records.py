"""Records: a type, a body, and zeros up to the next bucket.  PROTOCOL.md, 3.

    +------+--------+--------------+-------+
    | type | length |     body     | zeros |
    |  u8  | u16 BE | length bytes |  ...  |
    +------+--------+--------------+-------+

The zeros hide how long a text is: only a few total lengths ever appear on the wire.
"""

import struct
from bisect import bisect_left
from typing import Final

from lanchat.errors import BadRecord

HEADER: Final = 3  # bytes
#: Every length a record may have before it is sealed, in bytes.
BUCKETS: Final = (128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_519)
MAX_BODY: Final = BUCKETS[-1] - HEADER  # bytes
_ALLOWED: Final = frozenset(BUCKETS)
_HEAD: Final = struct.Struct(">BH").pack
_ZEROS: Final = bytes(BUCKETS[-1])


def pad(kind: int, body: bytes) -> bytes:
    """The plaintext of one record; `body` is at most `MAX_BODY` bytes."""
    size = len(body)
    if size > MAX_BODY:
        raise ValueError(f"body of {size} bytes, at most {MAX_BODY}")
    bucket = BUCKETS[bisect_left(BUCKETS, HEADER + size)]
    return (_HEAD(kind, size) + body).ljust(bucket, b"\0")


def unpad(plaintext: bytes) -> tuple[int, bytes]:
    """The type and body of one opened record.

    Raises:
        BadRecord: a length that is no bucket, a body longer than the record, or padding
            that is not zero.
    """
    size = len(plaintext)
    if size not in _ALLOWED:
        raise BadRecord(f"record of {size} bytes is no bucket")
    end = HEADER + (plaintext[1] << 8 | plaintext[2])
    if end > size:
        raise BadRecord("body longer than its record")
    if not _ZEROS.startswith(plaintext[end:]):
        raise BadRecord("padding is not zero")
    return plaintext[0], plaintext[HEADER:end]
