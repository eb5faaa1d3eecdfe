"""Fields: bounded reading and writing of the numbers, bytes and texts of a body.

Integers are big endian.  A text is UTF-8 in normal form C without NUL, behind its length.
The reader checks every length against what is there before it takes anything, and takes
no short text that could not be written again.
PROTOCOL.md, 1.
"""

import unicodedata
from typing import Final

from lanchat.errors import MalformedPayload

U8: Final = 1  # bytes
U16: Final = 2
U32: Final = 4
U64: Final = 8

SHORT: Final = 255  # bytes; looked at in normal form C, which costs the square of the length
_GROWTH: Final = 3  # times the bytes, at most, that normal form C makes of a text


def read_text(data: bytes, *, least: int, most: int) -> str:
    """The text that `data` is, `least` to `most` bytes of UTF-8.

    Raises:
        MalformedPayload: too short, too long, not UTF-8, or it holds a NUL; or `most` is
            SHORT or less, and in normal form C it would be longer than that.
    """
    if not least <= len(data) <= most:
        raise MalformedPayload(f"text of {len(data)} bytes, {least} to {most}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedPayload("text is not UTF-8") from error
    if "\0" in text:
        raise MalformedPayload("text holds a NUL")
    if most <= SHORT and len(data) * _GROWTH > most and not text.isascii():
        size = len(unicodedata.normalize("NFC", text).encode())
        if size > most:
            raise MalformedPayload(f"text of {size} bytes in normal form C, at most {most}")
    return text


def text_bytes(value: str, *, least: int, most: int) -> bytes:
    """`value` in normal form C as UTF-8; ValueError beyond the bounds, or if it holds a NUL."""
    data = unicodedata.normalize("NFC", value).encode("utf-8")
    if not least <= len(data) <= most or b"\0" in data:
        raise ValueError(f"text of {len(data)} bytes, {least} to {most}, without NUL")
    return data


class Reader:
    """Take fields off `data`, from `at` on; whatever is left at the end is ignored."""

    def __init__(self, data: bytes | memoryview, at: int = 0) -> None:
        self._data = memoryview(data)
        self._size = len(self._data)
        self._at = at

    @property
    def left(self) -> int:
        """How many bytes have not been read."""
        return self._size - self._at

    def number(self, size: int, *, most: int | None = None) -> int:
        """An unsigned integer of `size` bytes, at most `most`."""
        value = int.from_bytes(self.take(size), "big")
        if most is not None and value > most:
            raise MalformedPayload(f"number {value}, at most {most}")
        return value

    def signed(self, size: int) -> int:
        """A two's-complement integer of `size` bytes."""
        return int.from_bytes(self.take(size), "big", signed=True)

    def take(self, size: int) -> bytes:
        """Exactly `size` bytes.

        Raises:
            MalformedPayload: fewer are left.
        """
        start = self._at
        end = start + size
        if end > self._size:
            raise MalformedPayload(f"field of {size} bytes, {self.left} left")
        self._at = end
        return bytes(self._data[start:end])

    def text(self, prefix: int, *, least: int = 0, most: int) -> str:
        """A text behind a length of `prefix` bytes; `least` to `most` bytes of UTF-8.

        Raises:
            MalformedPayload: as in `read_text`.
        """
        return read_text(self.take(self.number(prefix)), least=least, most=most)


class Writer:
    """Put fields one behind the other."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def number(self, value: int, size: int) -> "Writer":
        """An unsigned integer of `size` bytes; OverflowError if it does not fit."""
        self._parts.append(value.to_bytes(size, "big"))
        return self

    def signed(self, value: int, size: int) -> "Writer":
        """A two's-complement integer of `size` bytes."""
        self._parts.append(value.to_bytes(size, "big", signed=True))
        return self

    def raw(self, value: bytes, size: int | None = None) -> "Writer":
        """The bytes as they are; `size` is how many there must be."""
        if size is not None and len(value) != size:
            raise ValueError(f"field of {len(value)} bytes, {size} wanted")
        self._parts.append(value)
        return self

    def text(self, value: str, prefix: int, *, least: int = 0, most: int) -> "Writer":
        """A text behind a length of `prefix` bytes, brought to normal form C."""
        data = text_bytes(value, least=least, most=most)
        return self.number(len(data), prefix).raw(data)

    def done(self) -> bytes:
        """Everything written so far."""
        return b"".join(self._parts)
