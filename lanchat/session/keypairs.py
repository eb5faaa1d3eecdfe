"""Key pairs of one handshake, made from bytes the caller drew.  PROTOCOL.md, 2.

The library's errors end here: whatever is wrong with a key is `BadKey`.
"""

from collections.abc import Callable
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from lanchat.errors import BadKey

X25519_SIZE: Final = 32  # bytes, private and public
KEM_SEED: Final = 64  # bytes; FIPS 203, ML-KEM-768
KEM_PUBLIC: Final = 1184  # bytes
KEM_CIPHERTEXT: Final = 1088  # bytes


class KeyPair(Protocol):
    """A private key whose public half travels in a handshake."""

    @property
    def public(self) -> bytes:
        """What is sent."""

    def shared(self, other: bytes) -> bytes:
        """The secret shared through `other`: a public key, or a ciphertext made for ours."""


class X25519Pair:
    """A Diffie-Hellman key pair from 32 private bytes."""

    def __init__(self, private: bytes) -> None:
        self._private = X25519PrivateKey.from_private_bytes(private)
        self.public: Final = self._private.public_key().public_bytes_raw()

    def shared(self, other: bytes) -> bytes:
        """The X25519 output.

        Raises:
            BadKey: `other` is of low order, so everybody would know the output.
        """
        try:
            return self._private.exchange(X25519PublicKey.from_public_bytes(other))
        except ValueError as error:
            raise BadKey("X25519 key of low order") from error


class MlKemPair:
    """An ML-KEM-768 key pair from its 64-byte seed."""

    def __init__(self, seed: bytes) -> None:
        self._private = MLKEM768PrivateKey.from_seed_bytes(seed)
        self.public: Final = self._private.public_key().public_bytes_raw()

    def shared(self, other: bytes) -> bytes:
        """Decapsulate; a bad ciphertext gives another secret, and the next seal breaks."""
        try:
            return self._private.decapsulate(other)
        except ValueError as error:
            raise BadKey("ML-KEM ciphertext refused") from error


#: Makes (ciphertext, shared secret) for a public key.
Encapsulate = Callable[[bytes], tuple[bytes, bytes]]


def encapsulate(public: bytes) -> tuple[bytes, bytes]:
    """The (ciphertext, shared secret) of ML-KEM-768; the library draws its own randomness.

    Raises:
        BadKey: a coefficient of `public` is not below the modulus.
    """
    try:
        shared, ciphertext = MLKEM768PublicKey.from_public_bytes(public).encapsulate()
    except ValueError as error:
        raise BadKey("ML-KEM key refused") from error
    return ciphertext, shared
