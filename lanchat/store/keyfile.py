"""The key file: the identity's seed and the master key, sealed with the passphrase.

    +----------+------+-------+---+---+--------+---------+---------------+-----------+
    | LCKEY NUL | 0x01 | m KiB | t | p |  salt  |  nonce  | sealed MK||ID | commit    |
    | 6 bytes  | u8   | u32   |u8 |u8 | 16     | 12      | 32+32+16      | 32        |
    +----------+------+-------+---+---+--------+---------+---------------+-----------+

Argon2id turns the passphrase into the key of the seal and into `commit`.  Comparing
`commit` first tells a wrong passphrase from a damaged file, and ties the file to one key,
which AES-GCM alone does not.  PROTOCOL.md, 7.
"""

import hmac
import os
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from lanchat.errors import (
    BadPassphrase,
    NoProfile,
    NotEnoughMemory,
    ProfileExists,
    StoreDamaged,
    StoreTooNew,
    WrongPassphrase,
)
from lanchat.identity.keys import label
from lanchat.store import files

MAGIC: Final = b"LCKEY\0"
VERSION: Final = 1
KEY_SIZE: Final = 32  # bytes; the seed, the master key and every key made from them
SALT_SIZE: Final = 16  # bytes
NONCE_SIZE: Final = 12  # bytes
HEADER_SIZE: Final = len(MAGIC) + 1 + 4 + 1 + 1 + SALT_SIZE + NONCE_SIZE
SIZE: Final = HEADER_SIZE + 2 * KEY_SIZE + 16 + KEY_SIZE
MAX_FILE: Final = 4096  # bytes; more is not read
MIN_PASSPHRASE: Final = 8  # bytes of UTF-8 after NFKC
MAX_PASSPHRASE: Final = 1024  # bytes of UTF-8 after NFKC
MAX_TYPED: Final = 4096  # characters; before NFKC, which may shorten

MIN_MEMORY: Final = 19 * 1024  # KiB; the floor of OWASP
MAX_MEMORY: Final = 1024 * 1024  # KiB; a hostile file must not take the machine
MAX_PASSES: Final = 10
MAX_LANES: Final = 16


@dataclass(frozen=True, slots=True)
class Params:
    """What Argon2id costs: memory in KiB, passes over it, lanes."""

    memory_kib: int
    passes: int
    lanes: int

    @property
    def allowed(self) -> bool:
        """Whether a file with these may be opened at all."""
        return (
            MIN_MEMORY <= self.memory_kib <= MAX_MEMORY
            and 1 <= self.passes <= MAX_PASSES
            and 1 <= self.lanes <= MAX_LANES
        )


DEFAULT: Final = Params(memory_kib=256 * 1024, passes=3, lanes=4)
FALLBACK: Final = Params(memory_kib=64 * 1024, passes=3, lanes=4)  # no room for the default


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the key file protects; neither is ever shown."""

    seed: bytes = field(repr=False)  # of the identity, 32 bytes
    master_key: bytes = field(repr=False)  # of everything else at rest, 32 bytes


def draw() -> Secrets:
    """New secrets for a new profile."""
    return Secrets(seed=os.urandom(KEY_SIZE), master_key=os.urandom(KEY_SIZE))


def db_key(master_key: bytes) -> bytes:
    """The raw key of the database."""
    return HKDFExpand(SHA256(), KEY_SIZE, label("db")).derive(master_key)


def seal(seed: bytes, master_key: bytes, passphrase: str, params: Params = DEFAULT) -> bytes:
    """The bytes of a key file; with less than the wanted memory, a cheaper one.

    Raises:
        BadPassphrase: shorter or longer than a passphrase may be.
        NotEnoughMemory: not even the cheaper one fits.
    """
    if not params.allowed or len(seed) != KEY_SIZE or len(master_key) != KEY_SIZE:
        raise ValueError("parameters or keys out of range")
    phrase = _passphrase(passphrase)
    try:
        return _seal(Secrets(seed, master_key), phrase, params)
    except MemoryError:
        pass  # the smaller cost is written into the file, so it opens everywhere
    try:
        return _seal(Secrets(seed, master_key), phrase, FALLBACK)
    except MemoryError as error:
        raise NotEnoughMemory(f"{FALLBACK.memory_kib} KiB for Argon2id") from error


def open_key(data: bytes, passphrase: str) -> Secrets:
    """The secrets in the bytes of a key file.

    Raises:
        WrongPassphrase: the file is for another passphrase.
        StoreDamaged: it was changed, cut, or asks for a cost out of range.
        StoreTooNew: a later lanchat wrote it.
        NotEnoughMemory: it cannot be opened on this machine now.
    """
    params = _params(data)
    header, sealed = data[:HEADER_SIZE], data[HEADER_SIZE:-KEY_SIZE]
    salt, nonce = header[-SALT_SIZE - NONCE_SIZE : -NONCE_SIZE], header[-NONCE_SIZE:]
    try:
        phrase = _passphrase(passphrase)
    except BadPassphrase as error:  # it cannot be the one: say just that
        raise WrongPassphrase("not a possible passphrase") from error
    try:
        kek, commit = _derive(phrase, salt, params)
    except MemoryError as error:
        raise NotEnoughMemory(f"{params.memory_kib} KiB for Argon2id") from error
    if not hmac.compare_digest(commit, data[-KEY_SIZE:]):
        raise WrongPassphrase("commitment differs")
    try:
        opened = AESGCM(kek).decrypt(nonce, sealed, header)
    except InvalidTag as error:
        raise StoreDamaged("key file does not open") from error
    return Secrets(seed=opened[KEY_SIZE:], master_key=opened[:KEY_SIZE])


def read(path: Path) -> bytes:
    """The bytes of the key file at `path`.

    Raises:
        NoProfile: there is none.
        StoreDamaged: no plain file, or too large to be one.
    """
    try:
        return files.read(path, MAX_FILE)
    except FileNotFoundError as error:
        raise NoProfile("no key file") from error


def write(path: Path, data: bytes, *, fresh: bool = False) -> None:
    """Put the bytes of a key file at `path`, 0600, at once and for good.

    `fresh` refuses to replace one; the caller holds the profile's lock.

    Raises:
        ProfileExists: `fresh`, and there is one.
    """
    if fresh and (path.exists() or path.is_symlink()):
        raise ProfileExists("key file exists")
    files.write(path, data)


def change_passphrase(path: Path, old: str, new: str, params: Params = DEFAULT) -> None:
    """Seal the same secrets with another passphrase.

    Raises:
        BadPassphrase: the new one is too short or too long; nothing was changed.
        WrongPassphrase: the old one is not right; nothing was changed.
    """
    _passphrase(new)
    opened = open_key(read(path), old)
    write(path, seal(opened.seed, opened.master_key, new, params))


def _seal(opened: Secrets, phrase: bytes, params: Params) -> bytes:
    salt, nonce = os.urandom(SALT_SIZE), os.urandom(NONCE_SIZE)
    kek, commit = _derive(phrase, salt, params)
    header = b"".join(
        (
            MAGIC,
            bytes((VERSION,)),
            params.memory_kib.to_bytes(4, "big"),
            bytes((params.passes, params.lanes)),
            salt,
            nonce,
        )
    )
    sealed = AESGCM(kek).encrypt(nonce, opened.master_key + opened.seed, header)
    return header + sealed + commit


def _params(data: bytes) -> Params:
    """The cost a key file asks for, after everything but the seal itself was checked."""
    at = len(MAGIC)
    if not data.startswith(MAGIC) or len(data) <= at:
        raise StoreDamaged("not a key file")
    if data[at] > VERSION:
        raise StoreTooNew(f"key file of version {data[at]}")
    if data[at] != VERSION or len(data) != SIZE:
        raise StoreDamaged(f"key file of {len(data)} bytes, version {data[at]}")
    params = Params(int.from_bytes(data[at + 1 : at + 5], "big"), data[at + 5], data[at + 6])
    if not params.allowed:
        raise StoreDamaged("key file asks for a cost out of range")
    return params


def _passphrase(text: str) -> bytes:
    """The bytes Argon2id gets, so that the same letters typed elsewhere are the same."""
    if len(text) > MAX_TYPED:
        raise BadPassphrase("too long")
    # "replace" and no exception: that of the codec would carry the passphrase with it.
    data = unicodedata.normalize("NFKC", text).encode("utf-8", "replace")
    if not MIN_PASSPHRASE <= len(data) <= MAX_PASSPHRASE:
        raise BadPassphrase(f"of {len(data)} bytes")
    return data


def _derive(phrase: bytes, salt: bytes, params: Params) -> tuple[bytes, bytes]:
    out = Argon2id(
        salt=salt,
        length=2 * KEY_SIZE,
        iterations=params.passes,
        lanes=params.lanes,
        memory_cost=params.memory_kib,
    ).derive(phrase)
    return out[:KEY_SIZE], out[KEY_SIZE:]
