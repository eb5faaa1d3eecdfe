"""Fingerprints: what people compare of a key, by ear, by eye or by camera.  PROTOCOL.md, 5.

    words      16 of the PGP list, four rows of four, to be read aloud
    hex        32 digits, eight groups of four, to be compared by eye
    invite     the whole key with a check sum, for a code or a letter

The fingerprint is 128 bits, and each try at a key whose print resembles another costs 5200
rounds of SHA-512.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from hashlib import sha256, sha512
from types import MappingProxyType
from typing import Final

from lanchat.errors import BadInvite, BadKey, BadWords, Sentence
from lanchat.identity.keys import KEY_SIZE, PeerId, check_key, label
from lanchat.identity.words import EVEN, ODD

ROUNDS: Final = 5200  # as Signal's safety numbers; about 3 ms
SIZE: Final = 16  # bytes
ROW: Final = 4  # words
SCHEME: Final = "lanchat:1:"
INVITE_LENGTH: Final = 58  # characters of base32 for a key and its check sum
CHECK_SIZE: Final = 4  # bytes
MOST_ADDRESSES: Final = 8
LONGEST_TYPED: Final = 4096  # characters that a person may type or paste

_LISTS: Final = (EVEN, ODD)
_VALUES: Final = tuple(
    MappingProxyType({word.lower(): value for value, word in enumerate(words)})
    for words in _LISTS
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_BEGINS: Final = re.compile(r"\s*lanchat:[0-9]{1,4}:", re.ASCII | re.IGNORECASE)
# An invite as mail may bring it: lines broken, and marked as somebody else's.
_WRAPPED: Final = re.compile(
    r"\blanchat:[0-9]{1,4}:[!-~]+(?:[ \t]*\r?\n[ \t>]*[!-~]+){0,9}", re.IGNORECASE
)
_BREAK: Final = re.compile(r"[ \t]*\r?\n[ \t>]*")
# HOST:PORT or [v6]:PORT.  No zone: it would name an interface of another computer.
_ADDRESS: Final = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What people compare of a key; `str()` is the words in four rows."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != SIZE:
            raise ValueError(f"fingerprint of {len(self.raw)} bytes")

    @property
    def words(self) -> tuple[str, ...]:
        """The 16 words."""
        return spoken(self.raw)

    @property
    def hex(self) -> str:
        """The 32 hex digits, without spaces."""
        return self.raw.hex()

    @property
    def rows(self) -> tuple[str, ...]:
        """The words as they are shown: four rows of four."""
        words = self.words
        return tuple(" ".join(words[at : at + ROW]) for at in range(0, SIZE, ROW))

    @property
    def groups(self) -> tuple[str, ...]:
        """The digits as they are shown: eight groups of four."""
        return tuple(self.hex[at : at + 4] for at in range(0, 2 * SIZE, 4))

    def __str__(self) -> str:
        return "\n".join(self.rows)


@dataclass(frozen=True, slots=True)
class Invite:
    """What an invite says: a key, and where its owner may be reached, which proves nothing."""

    peer_id: PeerId
    addresses: tuple[str, ...] = ()


@lru_cache(maxsize=1024)
def fingerprint(peer_id: PeerId) -> Fingerprint:
    """The fingerprint of a peer's key."""
    digest = sha512(label("fingerprint") + peer_id.key).digest()
    for _ in range(ROUNDS):
        digest = sha512(digest + peer_id.key).digest()
    return Fingerprint(digest[:SIZE])


def spoken(data: bytes) -> tuple[str, ...]:
    """Bytes as words to be read aloud, one a byte, from the two lists in turn."""
    return tuple(_LISTS[place % 2][value] for place, value in enumerate(data))


def parse_words(text: str) -> Fingerprint:
    """Read the 16 words as somebody typed them: any case, anything between them.

    Raises:
        BadWords: a word is none, or stands at a wrong place, or there are too few or too
            many; its hint names the first such place.
    """
    words = _WORD.findall(text[:LONGEST_TYPED].lower())
    values = [_value(word, place) for place, word in enumerate(words[:SIZE])]
    if len(words) != SIZE:
        hint = Sentence("there are 16 words, not {number}", number=len(words))
        raise BadWords(min(len(words), SIZE) + 1, hint)
    return Fingerprint(bytes(values))


def parse_fingerprint(text: str) -> Fingerprint:
    """Read what somebody typed, the 16 words or the 32 hex digits.

    Raises:
        BadWords: it is neither.
    """
    digits = re.sub(r"[\s:-]", "", text[:LONGEST_TYPED])
    if re.fullmatch(r"[0-9A-Fa-f]{32}", digits):
        return Fingerprint(bytes.fromhex(digits))
    return parse_words(text)


def invite(peer_id: PeerId, addresses: Iterable[str] = ()) -> str:
    """The text of an invite; addresses that mean nothing to another computer are left out."""
    data = peer_id.key + sha256(peer_id.key).digest()[:CHECK_SIZE]
    text = SCHEME + base64.b32encode(data).decode("ascii").rstrip("=").lower()
    usable = _usable(addresses)
    return f"{text}?a={','.join(usable)}" if usable else text


def is_invite(text: str) -> bool:
    """Whether a text begins like an invite of any version; it may still be a damaged one."""
    return _BEGINS.match(text) is not None


def invite_in(text: str) -> str:
    """The invite in what somebody pasted, words around it and broken lines or not.

    Of what may belong to it that which names the most addresses; the text itself if none is
    in it.
    """
    found = _WRAPPED.search(text[:LONGEST_TYPED])
    if found is None:
        return text.strip()
    lines = _BREAK.split(found[0])
    best, most = text.strip(), -1
    for count in range(1, len(lines) + 1):
        joined = "".join(lines[:count])
        try:
            named = len(parse_invite(joined).addresses)
        except BadInvite:
            continue
        if named >= most:
            best, most = joined, named
    return best


def parse_invite(text: str) -> Invite:
    """Read an invite, in any case, with white space around it.

    Addresses that make no sense are passed over: they are a hint, the key is the invite.

    Raises:
        BadInvite: it is none, of another version, or damaged.
    """
    body, _, query = text[:LONGEST_TYPED].strip().partition("?")
    body = body.lower()
    if not body.startswith(SCHEME):
        error = BadInvite(f"does not start with {SCHEME}")
        if is_invite(body):
            error.hint = Sentence("it is of another version of lanchat")
        raise error
    peer_id = PeerId(_checked_key(body.removeprefix(SCHEME)))
    for parameter in query.split("&"):
        name, _, value = parameter.partition("=")
        if name in ("a", "A"):
            return Invite(peer_id, _usable(value.split(",")))
    return Invite(peer_id)


def _value(word: str, place: int) -> int:
    """What a typed word says at a place, both counted from 0."""
    here, there = _VALUES[place % 2], _VALUES[1 - place % 2]
    if word in here:
        return here[word]
    if word in there:
        hint = Sentence(
            "word {place} does not belong there; look for one missing or doubled",
            place=place + 1,
        )
    elif close := get_close_matches(word[:32], here, n=1):
        hint = Sentence(
            "word {place} is not one of the list; did you mean {word}?",
            place=place + 1,
            word=_LISTS[place % 2][here[close[0]]],
        )
    else:
        hint = Sentence("word {place} is not one of the list", place=place + 1)
    raise BadWords(place + 1, hint)


def _checked_key(encoded: str) -> bytes:
    if len(encoded) != INVITE_LENGTH:
        raise BadInvite(f"{len(encoded)} characters, {INVITE_LENGTH} wanted")
    try:
        data = base64.b32decode(encoded.upper() + "======")
    except (binascii.Error, ValueError) as error:
        raise BadInvite("not base32") from error
    key, check = data[:KEY_SIZE], data[KEY_SIZE:]
    spare_bits = base64.b32encode(data).decode("ascii").rstrip("=").lower() != encoded
    if check != sha256(key).digest()[:CHECK_SIZE] or spare_bits:
        raise BadInvite("check sum")
    try:
        check_key(key)
    except BadKey as error:
        raise BadInvite("its key proves nothing") from error
    return key


def _usable(addresses: Iterable[str]) -> tuple[str, ...]:
    matches = (_ADDRESS.fullmatch(address) for address in addresses)
    good = (match[0] for match in matches if match and 0 < int(match[1]) < 1 << 16)
    return tuple(dict.fromkeys(good))[:MOST_ADDRESSES]
