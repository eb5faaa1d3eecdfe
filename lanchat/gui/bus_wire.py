"""Messages of D-Bus, to bytes and back, as far as a window needs them.  Pure.

D-Bus Specification 0.43: a header, then a body whose types its signature tells; every value
begins at a multiple of its own size, counted from the message's beginning.  We write little
endian and read both.  What another program sent is bounded before it is read.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from lanchat.errors import LanchatError

LONGEST: Final = 2**20  # bytes of a message that is read
HEAD: Final = 16  # bytes after which a message's length is known
NO_REPLY: Final = 1  # a flag: nobody waits for an answer
DEEPEST: Final = 16  # values within values; the specification allows 64
_VERSION: Final = 1
_FORMATS: Final = {"y": "B", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q",
                   "d": "d", "b": "I"}  # fmt: skip
_ALIGNED: Final = {"y": 1, "g": 1, "v": 1, "n": 2, "q": 2, "i": 4, "u": 4, "b": 4, "s": 4,
                   "o": 4, "a": 4, "x": 8, "t": 8, "d": 8, "(": 8, "{": 8}  # fmt: skip
_CLOSES: Final = {"(": ")", "{": "}"}


class BadBusMessage(LanchatError):
    """The desktop's bus said something that makes no sense."""


class Kind(IntEnum):
    """What a message is."""

    CALL = 1
    RETURN = 2
    ERROR = 3
    SIGNAL = 4


@dataclass(frozen=True, slots=True)
class Variant:
    """A value that brings its type along."""

    signature: str
    value: object


@dataclass(frozen=True, slots=True)
class Message:
    """One message.  `body` holds a value for each type of `signature`."""

    kind: Kind
    serial: int
    path: str = ""
    interface: str = ""
    member: str = ""
    error: str = ""
    reply_to: int = 0
    destination: str = ""
    sender: str = ""
    signature: str = ""
    body: tuple[object, ...] = ()
    flags: int = 0


#: The fields of a header: their codes, names and types.
_FIELDS: Final = (
    (1, "path", "o"),
    (2, "interface", "s"),
    (3, "member", "s"),
    (4, "error", "s"),
    (5, "reply_to", "u"),
    (6, "destination", "s"),
    (7, "sender", "s"),
    (8, "signature", "g"),
)
_NAMES: Final = {code: (name, kind) for code, name, kind in _FIELDS}


def encode(message: Message) -> bytes:
    """The message as it is sent."""
    body = _Writer()
    for kind, value in zip(types(message.signature), message.body, strict=True):
        body.put(kind, value)
    fields = [
        (code, Variant(kind, getattr(message, name)))
        for code, name, kind in _FIELDS
        if getattr(message, name)
    ]
    head = _Writer()
    for number in (ord("l"), message.kind, message.flags, _VERSION):
        head.put("y", number)
    head.put("u", len(body.data))
    head.put("u", message.serial)
    head.put("a(yv)", fields)
    head.pad(8)
    return bytes(head.data + body.data)


def length(head: bytes) -> int:
    """The bytes of a whole message, by its first `HEAD` bytes.

    Raises:
        BadBusMessage: it is none, or longer than we read.
    """
    order = _order(head)
    body, _serial, fields = struct.unpack_from(f"{order}III", head, 4)
    whole: int = HEAD + fields + -fields % 8 + body
    if whole > LONGEST:
        raise BadBusMessage("too long")
    return whole


def decode(data: bytes) -> Message:
    """A message, whole.

    Raises:
        BadBusMessage: it is not put together as it must be.
    """
    try:
        return _decode(data)
    except (struct.error, IndexError, TypeError, ValueError) as error:
        raise BadBusMessage(type(error).__name__) from error


def types(signature: str) -> list[str]:
    """The single types that stand in a signature one after the other."""
    found, at = [], 0
    while at < len(signature):
        end = _type_end(signature, at, 0)
        found.append(signature[at:end])
        at = end
    return found


def _decode(data: bytes) -> Message:
    order = _order(data)
    if len(data) != length(data[:HEAD]):
        raise BadBusMessage("cut short")
    reader = _Reader(data, order, 1)
    kind, flags, _version = (reader.number("y") for _field in range(3))
    _size, serial = reader.number("u"), reader.number("u")
    found: dict[str, object] = {}
    fields: list[tuple[int, Variant]] = reader.take("a(yv)", 0)
    for code, value in fields:
        name, wanted = _NAMES.get(code, ("", ""))
        if name:
            if value.signature != wanted:
                raise BadBusMessage("a field of another type")
            found[name] = value.value
    reader.pad(8)
    signature = str(found.get("signature", ""))
    body = tuple(reader.take(one, 0) for one in types(signature))
    if reader.at != len(data):
        raise BadBusMessage("something behind the body")
    return Message(Kind(kind), serial, body=body, flags=flags, **found)  # type: ignore[arg-type]  # of the types in _FIELDS


def _order(head: bytes) -> str:
    if len(head) < HEAD or head[:1] not in (b"l", b"B") or head[3] != _VERSION:
        raise BadBusMessage("no message")
    return "<" if head[:1] == b"l" else ">"


def _type_end(signature: str, at: int, deep: int) -> int:
    """Where the type that begins at `at` ends."""
    if deep > DEEPEST or at >= len(signature) or signature[at] not in _ALIGNED:
        raise BadBusMessage("no signature")
    first = signature[at]
    if first == "a":
        return _type_end(signature, at + 1, deep + 1)
    if first not in _CLOSES:
        return at + 1
    at += 1
    while signature[at : at + 1] != _CLOSES[first]:
        at = _type_end(signature, at, deep + 1)
    return at + 1


class _Writer:
    """Puts values one after the other."""

    def __init__(self) -> None:
        self.data = bytearray()

    def pad(self, to: int) -> None:
        self.data += bytes(-len(self.data) % to)

    def put(self, kind: str, value: Any) -> None:
        first = kind[0]
        self.pad(_ALIGNED[first])
        if first in _FORMATS:
            self.data += struct.pack(f"<{_FORMATS[first]}", value)
        elif first in "so":
            data = str(value).encode()
            self.data += struct.pack("<I", len(data)) + data + b"\0"
        elif first == "g":
            data = str(value).encode()
            self.data += bytes([len(data)]) + data + b"\0"
        elif first == "v":
            self.put("g", value.signature)
            self.put(value.signature, value.value)
        elif first == "a":
            self._put_array(kind[1:], value)
        else:
            for one, inner in zip(types(kind[1:-1]), value, strict=True):
                self.put(one, inner)

    def _put_array(self, kind: str, value: Any) -> None:
        items = list(value.items()) if isinstance(value, dict) else value
        at = len(self.data)
        self.data += bytes(4)
        self.pad(_ALIGNED[kind[0]])
        begin = len(self.data)
        for item in items:
            self.put(kind, item)
        struct.pack_into("<I", self.data, at, len(self.data) - begin)


class _Reader:
    """Takes values one after the other; whoever calls turns its errors into ours."""

    def __init__(self, data: bytes, order: str, at: int) -> None:
        self.data, self.order, self.at = data, order, at

    def pad(self, to: int) -> None:
        self.at += -self.at % to

    def number(self, kind: str) -> int:
        value: int = self.take(kind, 0)
        return value

    def take(self, kind: str, deep: int) -> Any:
        first = kind[0]
        if deep > DEEPEST:
            raise BadBusMessage("too deep")
        self.pad(_ALIGNED[first])
        if first in _FORMATS:
            (value,) = struct.unpack_from(self.order + _FORMATS[first], self.data, self.at)
            self.at += _ALIGNED[first]
            return bool(value) if first == "b" else value
        if first in "sog":
            return self._text(self.number("y" if first == "g" else "u"))
        if first == "v":
            signature = self._text(self.number("y"))
            (inner,) = types(signature)
            return Variant(inner, self.take(inner, deep + 1))
        if first == "a":
            return self._array(kind[1:], deep + 1)
        return tuple(self.take(one, deep + 1) for one in types(kind[1:-1]))

    def _text(self, size: int) -> str:
        text = self.data[self.at : self.at + size]
        if len(text) != size or self.data[self.at + size] != 0:
            raise BadBusMessage("a text cut short")
        self.at += size + 1
        return text.decode()

    def _array(self, kind: str, deep: int) -> Any:
        size = self.number("u")
        self.pad(_ALIGNED[kind[0]])
        end = self.at + size
        if end > len(self.data):
            raise BadBusMessage("a list cut short")
        items: list[Any] = []
        while self.at < end:
            before = self.at
            items.append(self.take(kind, deep))
            if self.at == before:
                raise BadBusMessage("a list of nothing")
        if self.at != end:
            raise BadBusMessage("a list that ends within a value")
        return dict(items) if kind[0] == "{" else items
