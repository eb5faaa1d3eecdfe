"""Noise: the engine that turns a pattern of tokens into two sealed directions.

The objects and rules are those of the Noise specification, revision 34 (its section 5), and of
the HFS draft, revision 1 (`e1`, `ekem1`).  A `Suite` is a value: the name, the messages and
the primitives; `LANCHAT` is the only one the program uses.  PROTOCOL.md, 2.

Two things differ from a plain Noise library: a payload is made from the handshake hash in the
middle of its message, so `write` takes a function; and the third output of the last HKDF is
kept as the exporter.
"""

import hashlib
import hmac
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lanchat.errors import (
    AuthenticationError,
    BadLength,
    LocalProtocolError,
    PeerTooGreedy,
    SealBroken,
)
from lanchat.session.keypairs import (
    KEM_CIPHERTEXT,
    KEM_PUBLIC,
    Encapsulate,
    KeyPair,
    encapsulate,
)

TAG: Final = 16  # bytes; of AES-GCM and ChaCha20-Poly1305
KEY: Final = 32  # bytes; cipher keys, hashes and X25519 keys alike
MAX_NONCE: Final = 2**64 - 1  # reserved for REKEY (Noise, 5.1)


class Aead(Protocol):
    """A cipher under one key."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Ciphertext and tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Plaintext, or InvalidTag."""


class Token(Protocol):
    """One step of a message: what the writer appends and the reader takes."""

    def write(self, state: "HandshakeState") -> bytes:
        """The bytes to append, maybe none."""

    def read(self, state: "HandshakeState", message: bytes) -> bytes:
        """Take this token's bytes off `message`, return the rest."""


@dataclass(frozen=True, slots=True)
class Suite:
    """One Noise protocol by its full name: messages of tokens, and primitives."""

    name: bytes
    messages: tuple[tuple[Token, ...], ...]
    cipher: Callable[[bytes], Aead] = AESGCM
    nonce: Callable[[int], bytes] = struct.Struct(">4xQ").pack  # AESGCM's (Noise, 12.4)
    hash: str = "sha256"


class CipherState:
    """One direction under one key: seals and opens in order, each nonce once."""

    def __init__(self, suite: Suite, key: bytes, n: int = 0) -> None:
        self._suite = suite
        self._nonce = suite.nonce
        self._aead = suite.cipher(key)
        self._n = n

    def seal(self, plaintext: bytes, ad: bytes | None = None) -> bytes:
        """Encrypt under the next nonce."""
        n = self._n
        if n >= MAX_NONCE:
            raise LocalProtocolError("out of nonces")
        self._n = n + 1  # before the use: an exception must never make a nonce serve twice
        return self._aead.encrypt(self._nonce(n), plaintext, ad)

    def open(self, sealed: bytes, ad: bytes | None = None) -> bytes:
        """Decrypt under the next nonce.

        Raises:
            SealBroken: altered, out of order, or of another key; the direction is dead.
            PeerTooGreedy: every nonce was used.
        """
        if self._n >= MAX_NONCE:
            raise PeerTooGreedy("out of nonces")
        try:
            plaintext = self._aead.decrypt(self._nonce(self._n), sealed, ad)
        except InvalidTag as error:
            raise SealBroken("seal does not open") from error
        self._n += 1
        return plaintext

    def rekey(self) -> None:
        """Go on under a key made from this one; the count goes on (Noise, 11.3)."""
        key = self._aead.encrypt(self._nonce(MAX_NONCE), bytes(KEY), None)[:KEY]
        self._aead = self._suite.cipher(key)


class SymmetricState:
    """The running key and the running hash of a handshake (Noise, 5.2)."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        size = hashlib.new(suite.hash).digest_size
        self.h = suite.name.ljust(size, b"\0") if len(suite.name) <= size else b""
        self.h = self.h or hashlib.new(suite.hash, suite.name).digest()
        self._ck = self.h
        self._cipher: CipherState | None = None

    def mix_hash(self, data: bytes) -> None:
        """Bind `data` to the transcript."""
        self.h = hashlib.new(self._suite.hash, self.h + data).digest()

    def mix_key(self, secret: bytes) -> None:
        """Make the next key out of the last one and `secret`."""
        self._ck, key = self._hkdf(secret, 2)
        self._cipher = CipherState(self._suite, key[:KEY])

    def encrypt_and_hash(self, plaintext: bytes) -> bytes:
        """Seal `plaintext` (in clear while there is no key) and bind it."""
        sealed = self._cipher.seal(plaintext, self.h) if self._cipher else plaintext
        self.mix_hash(sealed)
        return sealed

    def decrypt_and_hash(self, sealed: bytes) -> bytes:
        """Open what `encrypt_and_hash` sealed, and bind it."""
        plaintext = self._cipher.open(sealed, self.h) if self._cipher else sealed
        self.mix_hash(sealed)
        return plaintext

    @property
    def overhead(self) -> int:
        """Bytes a seal adds now."""
        return TAG if self._cipher else 0

    def split(self) -> tuple[CipherState, CipherState, bytes]:
        """Initiator's direction, responder's direction, exporter secret; ends the handshake."""
        first, second, exporter = self._hkdf(b"", 3)
        self._ck, self._cipher = b"", None
        suite = self._suite
        return CipherState(suite, first[:KEY]), CipherState(suite, second[:KEY]), exporter

    def _hkdf(self, secret: bytes, count: int) -> list[bytes]:
        temporary = hmac.digest(self._ck, secret, self._suite.hash)
        outputs = [b""]
        for i in range(1, count + 1):
            outputs.append(hmac.digest(temporary, outputs[-1] + bytes((i,)), self._suite.hash))
        return outputs[1:]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a finished handshake leaves: two directions, the exporter, the channel binding."""

    sending: CipherState
    receiving: CipherState
    exporter: bytes
    binding: bytes


class HandshakeState:
    """One side of one handshake.  `keys` are ours by token name, drawn for it by the caller."""

    def __init__(
        self,
        suite: Suite,
        *,
        initiator: bool,
        prologue: bytes,
        keys: Mapping[str, KeyPair],
        encapsulate: Encapsulate = encapsulate,
    ) -> None:
        self.initiator: Final = initiator
        self.symmetric: Final = SymmetricState(suite)
        self.symmetric.mix_hash(prologue)
        self.keys = dict(keys)
        self.remote: dict[str, bytes] = {}
        self.encapsulate: Final = encapsulate
        self.payload_hash = b""  # the hash just before the payload of the last message
        self._messages = list(suite.messages)

    @property
    def finished(self) -> bool:
        """Whether every message went by, so that `split` may be called."""
        return not self._messages

    def write(self, payload: Callable[[bytes], bytes]) -> bytes:
        """The next message; `payload(h)` makes its payload from the hash just before it."""
        parts = [token.write(self) for token in self._messages.pop(0)]
        self.payload_hash = self.symmetric.h
        parts.append(self.symmetric.encrypt_and_hash(payload(self.payload_hash)))
        return b"".join(parts)

    def read(self, message: bytes) -> bytes:
        """Take the next message and return its payload; `payload_hash` is what it answers to.

        Raises:
            BadKey: a key in it proves nothing.
            AuthenticationError: a seal in it does not open.
            BadLength: it is too short for its tokens.
        """
        try:
            for token in self._messages.pop(0):
                message = token.read(self, message)
            self.payload_hash = self.symmetric.h
            return self.symmetric.decrypt_and_hash(message)
        except SealBroken as error:
            raise AuthenticationError("handshake does not open") from error

    def split(self) -> Secrets:
        """End the handshake and drop its keys (Python cannot promise to erase them)."""
        binding = self.symmetric.h
        first, second, exporter = self.symmetric.split()
        self.keys.clear()
        self.remote.clear()
        mine, theirs = (first, second) if self.initiator else (second, first)
        return Secrets(mine, theirs, exporter, binding)


def cut(message: bytes, size: int) -> tuple[bytes, bytes]:
    """The first `size` bytes and the rest.

    Raises:
        BadLength: there are fewer.
    """
    if len(message) < size:
        raise BadLength(f"handshake message ends {size - len(message)} bytes early")
    return message[:size], message[size:]


@dataclass(frozen=True, slots=True)
class Public:
    """Send a public key: sealed as far as there is a key, or only bound (`e`)."""

    name: str
    size: int = KEY
    bound: bool = False

    def write(self, state: HandshakeState) -> bytes:
        """Append our key."""
        public = state.keys[self.name].public
        if not self.bound:
            return state.symmetric.encrypt_and_hash(public)
        state.symmetric.mix_hash(public)
        return public

    def read(self, state: HandshakeState, message: bytes) -> bytes:
        """Take theirs."""
        if self.bound:
            public, rest = cut(message, self.size)
            state.symmetric.mix_hash(public)
        else:
            sealed, rest = cut(message, self.size + state.symmetric.overhead)
            public = state.symmetric.decrypt_and_hash(sealed)
        state.remote[self.name] = public
        return rest


@dataclass(frozen=True, slots=True)
class Agree:
    """Mix in what the initiator's and the responder's key of these names share."""

    initiators: str
    responders: str

    def write(self, state: HandshakeState) -> bytes:
        """Nothing is sent."""
        mine, theirs = self.initiators, self.responders
        if not state.initiator:
            mine, theirs = theirs, mine
        state.symmetric.mix_key(state.keys[mine].shared(state.remote[theirs]))
        return b""

    def read(self, state: HandshakeState, message: bytes) -> bytes:
        """Both sides do the same."""
        return message + self.write(state)


@dataclass(frozen=True, slots=True)
class Encapsulated:
    """Answer the KEM key of this name: send a ciphertext, then mix in its secret."""

    name: str
    size: int = KEM_CIPHERTEXT

    def write(self, state: HandshakeState) -> bytes:
        """Encapsulate to theirs."""
        ciphertext, secret = state.encapsulate(state.remote[self.name])
        sealed = state.symmetric.encrypt_and_hash(ciphertext)
        state.symmetric.mix_key(secret)
        return sealed

    def read(self, state: HandshakeState, message: bytes) -> bytes:
        """Decapsulate with ours."""
        sealed, rest = cut(message, self.size + state.symmetric.overhead)
        ciphertext = state.symmetric.decrypt_and_hash(sealed)
        state.symmetric.mix_key(state.keys[self.name].shared(ciphertext))
        return rest


E: Final = Public("e", bound=True)
S: Final = Public("s")
E1: Final = Public("e1", KEM_PUBLIC)
EE: Final = Agree("e", "e")
ES: Final = Agree("e", "s")
SE: Final = Agree("s", "e")
EKEM1: Final = Encapsulated("e1")

XX: Final = ((E,), (E, EE, S, ES), (S, SE))
XXHFS: Final = ((E, E1), (E, EE, EKEM1, S, ES), (S, SE))

LANCHAT: Final = Suite(b"Noise_XXhfs_25519+MLKEM768_AESGCM_SHA256", XXHFS)
