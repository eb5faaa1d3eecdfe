"""Channels: the two sealed directions of a session, with their key updates and limits.

A record is padded, numbered, sealed and appended in one call on one thread, so no nonce can
serve twice.  KEYUPDATE is the last record under a key; the writer decides when, the reader only
refuses to go on too long without one.  PROTOCOL.md, 3.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from lanchat.errors import BadRecord, PeerTooGreedy
from lanchat.identity.keys import label
from lanchat.session.bucket import Bucket
from lanchat.session.noise import TAG, CipherState
from lanchat.wire.bodies import LAYOUTS
from lanchat.wire.frames import encode_frame
from lanchat.wire.payloads import KeyUpdate
from lanchat.wire.records import BUCKETS, pad, unpad

LEAST_SEALED: Final = TAG + 1  # bytes of a frame that can hold a record
MOST_SEALED: Final = BUCKETS[-1] + TAG
UPDATES_A_SECOND: Final = 10  # KEYUPDATEs we follow

_KEY_UPDATE: Final = LAYOUTS[KeyUpdate].number


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one key may serve."""

    records: int
    size: int  # bytes
    age: float  # seconds, from the first record after the last update


SENDING: Final = Limits(2**16, 2**30, 120.0)
RECEIVING: Final = Limits(2**20, 2**34, float("inf"))


class Sending:
    """Our direction: payload bodies in, frames out, onto the end of `out`."""

    def __init__(
        self, cipher: CipherState, out: list[bytes], now: float, limits: Limits = SENDING
    ) -> None:
        self._cipher = cipher
        self._out = out
        self._limits = limits
        self._fresh(now)

    def write(self, kind: int, body: bytes, now: float) -> int:
        """Seal one record, and update the key when it is due; return the bytes appended."""
        size = 0
        if self._records and now - self._since >= self._limits.age:
            size += self._update(now)
        size += self._seal(kind, body)
        if self._records >= self._limits.records or self._size >= self._limits.size:
            size += self._update(now)
        return size

    def _seal(self, kind: int, body: bytes) -> int:
        frame = encode_frame(self._cipher.seal(pad(kind, body)))
        self._out.append(frame)
        self._records += 1
        self._size += len(frame)
        return len(frame)

    def _update(self, now: float) -> int:
        size = self._seal(_KEY_UPDATE, b"")
        self._cipher.rekey()
        self._fresh(now)
        return size

    def _fresh(self, now: float) -> None:
        self._records = 0
        self._size = 0
        self._since = now


class Receiving:
    """Their direction: sealed frames in, record types and bodies out."""

    def __init__(self, cipher: CipherState, now: float, limits: Limits = RECEIVING) -> None:
        self._cipher = cipher
        self._limits = limits
        self._updates = Bucket(UPDATES_A_SECOND, UPDATES_A_SECOND, now)
        self._records = 0
        self._size = 0

    def read(self, sealed: bytes, now: float) -> tuple[int, bytes]:
        """Open one record; after a KEYUPDATE the next key is in place.

        Raises:
            SealBroken: it is not the next record of this peer.
            BadRecord: it is put together wrongly.
            PeerTooGreedy: too many key updates, or too much under one key.
        """
        kind, body = unpad(self._cipher.open(sealed))
        self._records += 1
        self._size += len(sealed)
        if kind == _KEY_UPDATE:
            self._follow(body, now)
        elif self._records > self._limits.records or self._size > self._limits.size:
            raise PeerTooGreedy("too much under one key")
        return kind, body

    def _follow(self, body: bytes, now: float) -> None:
        if body:
            raise BadRecord("key update with a body")
        if not self._updates.take(now):
            raise PeerTooGreedy(f"more than {UPDATES_A_SECOND} key updates a second")
        self._cipher.rekey()
        self._records = 0
        self._size = 0


def export(secret: bytes, name: str, context: bytes, length: int) -> bytes:
    """A key for another use, out of the exporter secret of a session."""
    return HKDFExpand(SHA256(), length, label(f"export {name}") + context).derive(secret)
