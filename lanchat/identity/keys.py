"""Identities: an Ed25519 key pair of ours, or the public half of a peer.  PROTOCOL.md, 1, 2.

The key *is* the identity: a peer id is the public key itself, written in base32.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from lanchat.errors import AuthenticationError, BadKey

KEY_SIZE: Final = 32  # bytes; RFC 8032
SIGNATURE_SIZE: Final = 64  # bytes; RFC 8032
PEER_ID_LENGTH: Final = 52  # characters of base32 for 32 bytes, unpadded
SHORT_LENGTH: Final = 8  # characters; for logs, never for decisions

_P: Final = 2**255 - 19
_Y_MASK: Final = 2**255 - 1
# The y of the points of order 1, 2, 4 and 8: a "key" of small order lets anybody sign
# for it (OpenSSL accepts such forgeries), so it is no identity.
_Y8: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL_ORDER_Y: Final = frozenset({0, 1, _P - 1, _Y8, _P - _Y8})


def label(purpose: str) -> bytes:
    """The domain separator of everything that is signed or derived: LBL in PROTOCOL.md, 1."""
    return b"lanchat/1 " + purpose.encode("ascii") + b"\0"


@dataclass(frozen=True, slots=True, order=True)
class PeerId:
    """The name of a peer in code: its public key, 32 bytes.  `str()` is the base32 form."""

    key: bytes

    def __post_init__(self) -> None:
        if len(self.key) != KEY_SIZE:
            raise ValueError(f"peer id of {len(self.key)} bytes")

    def __str__(self) -> str:
        return base64.b32encode(self.key).decode("ascii").rstrip("=").lower()

    @property
    def short(self) -> str:
        """Eight characters for a log line; too short to decide anything by."""
        return str(self)[:SHORT_LENGTH]

    @classmethod
    def parse(cls, text: str) -> "PeerId":
        """Read the base32 form, in lower case only; ValueError if it is none."""
        if len(text) != PEER_ID_LENGTH or text != text.lower():
            raise ValueError("a peer id has 52 lower-case characters")
        try:
            peer_id = cls(base64.b32decode(text.upper() + "===="))
        except binascii.Error as error:
            raise ValueError("a peer id holds a-z and 2-7 only") from error
        if str(peer_id) != text:  # the last character carries spare bits
            raise ValueError("not the one way to write this peer id")
        return peer_id


def check_key(key: bytes) -> None:
    """Refuse a public key that is not canonical or is of small order.

    Raises:
        BadKey: verifying a signature under this key would prove nothing.
    """
    if len(key) != KEY_SIZE:
        raise BadKey(f"identity key of {len(key)} bytes")
    y = int.from_bytes(key, "little") & _Y_MASK
    if y >= _P or y in _SMALL_ORDER_Y:
        raise BadKey("identity key not canonical or of small order")


def verify(peer_id: PeerId, purpose: str, message: bytes, signature: bytes) -> None:
    """Check that `peer_id` signed `message` for `purpose`.

    Raises:
        BadKey: the key could not prove anything.
        AuthenticationError: the signature is not by this key over this message.
    """
    check_key(peer_id.key)
    try:
        Ed25519PublicKey.from_public_bytes(peer_id.key).verify(
            signature, label(purpose) + message
        )
    except (InvalidSignature, ValueError) as error:
        raise AuthenticationError("signature does not verify") from error


class Identity:
    """Our own key pair, made from a 32-byte seed that the caller drew or unsealed."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.peer_id: Final = PeerId(self._private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"Identity({self.peer_id.short})"

    def sign(self, purpose: str, message: bytes) -> bytes:
        """Sign `message` for `purpose`, 64 bytes; `verify` is the other half."""
        return self._private.sign(label(purpose) + message)
