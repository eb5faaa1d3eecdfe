"""Adverts: a claim of presence, as the TXT record of an mDNS service.  PROTOCOL.md, 6.

The instance name is a hash of the key, so nobody can claim another's place; the signature
covers name, port and epoch, so nobody can change them.  Neither proves presence: an advert
can be replayed, and its addresses are not signed.  The handshake decides.

Reading is in two steps because they differ in price: `read` (microseconds) sorts out all
that is malformed or does not belong to its label, `check` (the signature) is rationed.

    v=1  pk=<43 base64url>  n=<name>  e=<epoch>  [c=<letters>]  s=<86 base64url>
"""

import base64
import binascii
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lanchat.errors import AuthenticationError, BadAdvert
from lanchat.identity.keys import (
    KEY_SIZE,
    SIGNATURE_SIZE,
    Identity,
    PeerId,
    verify,
)
from lanchat.identity.keys import label as domain

SERVICE: Final = "_lanchat._tcp.local."  # the DNS-SD service type
VERSION: Final = 1  # the major version this program speaks
LABEL_LENGTH: Final = 26  # characters of base32: 130 bits of the hash
MAX_TXT: Final = 400  # bytes of the whole record
MAX_STRINGS: Final = 16
MAX_ADDRESSES: Final = 8
MAX_NAME: Final = 63  # bytes of UTF-8
LOWEST_PORT: Final = 1024  # below are the system's own services
MAX_EPOCH: Final = 2**64 - 1

_PURPOSE: Final = "advert"
_LABEL: Final = re.compile(r"[a-z2-7]{26}")
_VERSION: Final = re.compile(rb"([1-9][0-9]{0,2})(?:\.[0-9]{1,3})?")
_EPOCH: Final = re.compile(rb"0|[1-9][0-9]{0,19}")
_CAPABILITIES: Final = re.compile(rb"[A-Za-z0-9]{0,32}")
_KEY: Final = re.compile(rb"[!-<>-~]{1,9}")  # printable ASCII but "=" (RFC 6763, 6.4)
_UNSHOWN: Final = frozenset({"Cc", "Cf", "Cs"})  # controls, format and bidi, surrogates


@dataclass(frozen=True, slots=True)
class Advert:
    """A peer says it is here.  A rumour: no key has been proven yet.

    `addresses` are texts, link-local ones with their zone, the newest first.  A `version`
    other than ours was not checked any further: it may be listed, never dialled.
    """

    peer_id: PeerId
    nickname: str
    port: int
    epoch: int
    capabilities: str = ""
    addresses: tuple[str, ...] = ()
    label: str = ""
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Claim:
    """An advert that is well formed and fits its label; its signature is not checked yet."""

    advert: Advert
    message: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """Our own advert, ready to be announced."""

    label: str
    txt: bytes
    port: int


def label_of(peer_id: PeerId) -> str:
    """The one instance name under which this key may announce itself."""
    digest = hashlib.sha256(domain("label") + peer_id.key).digest()
    return base64.b32encode(digest).decode("ascii")[:LABEL_LENGTH].lower()


def is_label(text: str) -> bool:
    """Whether this could be the instance name of some key."""
    return _LABEL.fullmatch(text) is not None


def clean_name(text: str) -> str:
    """`text` without what a screen must not obey, in normal form C and 63 bytes at most."""
    spaced = (" " if character.isspace() else character for character in text)
    kept = "".join(c for c in spaced if unicodedata.category(c) not in _UNSHOWN)
    one_line = unicodedata.normalize("NFC", " ".join(kept.split()))
    return one_line.encode("utf-8")[:MAX_NAME].decode("utf-8", "ignore").rstrip()


def sign(
    identity: Identity, nickname: str, port: int, epoch: int, *, capabilities: str = ""
) -> Signed:
    """Make our own advert.

    Raises:
        BadAdvert: nobody would believe it, for its port, epoch or capabilities.
    """
    label = label_of(identity.peer_id)
    values = {
        b"v": b"%d" % VERSION,
        b"pk": _base64(identity.peer_id.key),
        b"n": clean_name(nickname).encode("utf-8"),
        b"e": b"%d" % epoch,
    }
    if capabilities:
        values[b"c"] = capabilities.encode("ascii", "replace")
    values[b"s"] = _base64(identity.sign(_PURPOSE, _message(label, port, values)))
    strings = [key + b"=" + value for key, value in values.items()]
    txt = b"".join(bytes((len(one),)) + one for one in strings)
    read(label, txt, port)
    return Signed(label, txt, port)


def parse(label: str, txt: bytes, port: int, addresses: Sequence[str] = ()) -> Advert:
    """Read and check in one: the advert that was announced as `label`.

    Raises:
        BadAdvert: it is malformed, does not fit the label, or is not signed by its key.
    """
    return check(read(label, txt, port, addresses))


def read(label: str, txt: bytes, port: int, addresses: Sequence[str] = ()) -> Claim:
    """All checks but the signature, the cheapest first.

    Raises:
        BadAdvert: it is malformed or does not fit the label.
    """
    _check_bounds(label, txt, port, addresses)
    values = _values(txt)
    version = _VERSION.fullmatch(values.get(b"v", b""))
    if version is None:
        raise BadAdvert("no version")
    peer_id = PeerId(_unbase64(values, b"pk", KEY_SIZE))
    if label_of(peer_id) != label:
        raise BadAdvert("label of another key")
    known = Advert(peer_id, "", port, 0, "", tuple(addresses), label, int(version[1]))
    if known.version != VERSION:
        return Claim(known, b"", b"")
    return _read_ours(known, values)


def check(claim: Claim) -> Advert:
    """The advert, once its signature is known to be good.

    Raises:
        BadAdvert: the key of this label did not sign it.
    """
    advert = claim.advert
    if advert.version != VERSION:  # nobody here knows how that one is signed
        return advert
    try:
        verify(advert.peer_id, _PURPOSE, claim.message, claim.signature)
    except AuthenticationError as error:
        raise BadAdvert("not signed by its key") from error
    return advert


def _check_bounds(label: str, txt: bytes, port: int, addresses: Sequence[str]) -> None:
    if not is_label(label):
        raise BadAdvert("no label of ours")
    if len(txt) > MAX_TXT:
        raise BadAdvert(f"{len(txt)} bytes, at most {MAX_TXT}")
    if not LOWEST_PORT <= port <= 65_535:
        raise BadAdvert(f"port {port}")
    if len(addresses) > MAX_ADDRESSES:
        raise BadAdvert(f"{len(addresses)} addresses, at most {MAX_ADDRESSES}")


def _values(txt: bytes) -> dict[bytes, bytes]:
    """The strings of a TXT record by their key, in the order in which they stand."""
    values: dict[bytes, bytes] = {}
    at = 0
    while at < len(txt):
        end = at + 1 + txt[at]
        key, equals, value = txt[at + 1 : end].partition(b"=")
        key = key.lower()  # keys have no case (RFC 6763, 6.4)
        if end > len(txt) or not equals or not _KEY.fullmatch(key) or key in values:
            raise BadAdvert("a string is cut short, has no key or no value, or comes twice")
        values[key] = value
        if len(values) > MAX_STRINGS:
            raise BadAdvert(f"more than {MAX_STRINGS} strings")
        at = end
    return values


def _read_ours(known: Advert, values: dict[bytes, bytes]) -> Claim:
    """The fields of our own version."""
    name, epoch = values.get(b"n"), values.get(b"e", b"")
    capabilities = values.get(b"c", b"")
    if name is None or len(name) > MAX_NAME:
        raise BadAdvert("no name, or one too long")
    if not _EPOCH.fullmatch(epoch) or int(epoch) > MAX_EPOCH:
        raise BadAdvert("no epoch")
    if not _CAPABILITIES.fullmatch(capabilities):
        raise BadAdvert("capabilities are letters")
    try:
        nickname = clean_name(name.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadAdvert("name is not UTF-8") from error
    signature = _unbase64(values, b"s", SIGNATURE_SIZE)
    advert = Advert(
        known.peer_id,
        nickname,
        known.port,
        int(epoch),
        capabilities.decode("ascii"),
        known.addresses,
        known.label,
        known.version,
    )
    return Claim(advert, _message(known.label, known.port, values), signature)


def _message(label: str, port: int, values: dict[bytes, bytes]) -> bytes:
    """What is signed: the values as they stand in the record, and never the addresses."""
    texts = [values.get(key, b"") for key in (b"v", b"n", b"e", b"c")]
    parts = [_t8(label.encode("ascii")), port.to_bytes(2, "big"), *map(_t8, texts)]
    return b"".join(parts)


def _t8(text: bytes) -> bytes:
    return bytes((len(text),)) + text


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _unbase64(values: dict[bytes, bytes], key: bytes, size: int) -> bytes:
    """The bytes of a base64url value; only the one way to write them is taken."""
    text = values.get(key, b"")
    try:
        data = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error as error:
        raise BadAdvert(f"{key!r} is not base64") from error
    if len(data) != size or _base64(data) != text:
        raise BadAdvert(f"{key!r} is not {size} bytes of base64")
    return data
