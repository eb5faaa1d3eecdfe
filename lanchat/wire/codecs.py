"""Codecs: how one field of a payload is read and written.

A payload is a row of fields, so its layout is a row of these, in the order of the wire
(`bodies.LAYOUTS`).  Reading raises `MalformedPayload`, writing `ValueError`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import IntEnum
from typing import Any, Final

from lanchat.errors import MalformedPayload
from lanchat.wire.fields import U8, U16, U32, U64, Reader, Writer, read_text, text_bytes

_FORMATS: Final = {U8: "B", U16: "H", U32: "I", U64: "Q"}  # struct, big endian


class Codec(ABC):
    """One field: `read` takes it off a body, `write` puts it behind the others."""

    @abstractmethod
    def read(self, reader: Reader) -> object:
        """The value of this field."""

    @abstractmethod
    def write(self, writer: Writer, value: object) -> None:
        """Write `value` as this field."""


class Fixed(Codec):
    """A field of always the same size, which `struct` can take: `format` is its letter.

    What `struct` itself makes sure of needs no second look: whatever it reads may stand in a
    field of `any_read`, and whatever it writes in one of `any_written`.
    """

    format: str
    size: int
    any_read = False
    any_written = False

    @abstractmethod
    def pack(self, value: object) -> int | bytes:
        """What `struct` writes for `value`; ValueError if it may not stand here."""

    @abstractmethod
    def unpack(self, cell: Any) -> object:
        """The value that `struct` read, checked."""

    def read(self, reader: Reader) -> object:
        """The value of this field."""
        data = reader.take(self.size)
        return self.unpack(data if self.format.endswith("s") else int.from_bytes(data, "big"))

    def write(self, writer: Writer, value: object) -> None:
        """Write `value` as this field."""
        cell = self.pack(value)
        writer.raw(cell if isinstance(cell, bytes) else cell.to_bytes(self.size, "big"))


class Number(Fixed):
    """An unsigned integer of `size` bytes between `least` and `most`."""

    def __init__(self, size: int, *, least: int = 0, most: int | None = None) -> None:
        self.size = size
        self.format = _FORMATS[size]
        self._least = least
        self._most = 256**size - 1 if most is None else most
        self.any_read = self.any_written = least == 0 and most is None

    def pack(self, value: object) -> int:
        """The number, which must be in its range."""
        if not isinstance(value, int) or not self._least <= value <= self._most:
            raise ValueError(f"number out of range {self._least} to {self._most}")
        return value

    def unpack(self, cell: int) -> int:
        """The number, refused outside its range."""
        if not self._least <= cell <= self._most:
            raise MalformedPayload(f"number {cell}, {self._least} to {self._most}")
        return cell


class Raw(Fixed):
    """Exactly `size` bytes."""

    any_read = True  # written, `struct` would cut or fill them

    def __init__(self, size: int) -> None:
        self.size = size
        self.format = f"{size}s"

    def pack(self, value: object) -> bytes:
        """The bytes, all of them."""
        if not isinstance(value, bytes) or len(value) != self.size:
            raise ValueError(f"{self.size} bytes wanted")
        return value

    def unpack(self, cell: bytes) -> bytes:
        """The bytes as they are."""
        return cell


class Choice(Fixed):
    """One byte that names a member of `codes`; `other` stands for bytes without a name."""

    size = U8
    format = _FORMATS[U8]

    def __init__(self, codes: type[IntEnum], *, other: IntEnum | None = None) -> None:
        self._codes = codes
        self._members = {int(member): member for member in codes}
        self._other = other

    def pack(self, value: object) -> int:
        """The member's number."""
        if not isinstance(value, self._codes):
            raise ValueError(f"{self._codes.__name__} wanted")  # noqa: TRY004 - as its siblings
        return int(value)

    def unpack(self, cell: int) -> IntEnum:
        """The member, or `other`, or a refusal."""
        member = self._members.get(cell, self._other)
        if member is None:
            raise MalformedPayload(f"{self._codes.__name__} {cell}")
        return member


class Words(Codec):
    """A text of `least` to `most` bytes of UTF-8 behind a length of `prefix` bytes."""

    def __init__(self, prefix: int, least: int, most: int) -> None:
        self._prefix = prefix
        self._least = least
        self._most = most
        self.format = _FORMATS[prefix]  # of the length

    def unpack(self, data: bytes) -> str:
        """The text that `data` is."""
        return read_text(data, least=self._least, most=self._most)

    def pack(self, value: object) -> bytes:
        """The bytes of the text, without its length."""
        return text_bytes(str(value), least=self._least, most=self._most)

    def read(self, reader: Reader) -> str:
        """The text."""
        return reader.text(self._prefix, least=self._least, most=self._most)

    def write(self, writer: Writer, value: object) -> None:
        """Write the text in normal form C."""
        writer.text(str(value), self._prefix, least=self._least, most=self._most)


class Bytes(Codec):
    """`least` to `most` bytes behind a length of `prefix` bytes."""

    def __init__(self, prefix: int, least: int, most: int) -> None:
        self._prefix = prefix
        self._least = least
        self._most = most

    def read(self, reader: Reader) -> bytes:
        """The bytes, their number checked before they are taken."""
        size = reader.number(self._prefix, most=self._most)
        if size < self._least:
            raise MalformedPayload(f"{size} bytes, at least {self._least}")
        return reader.take(size)

    def write(self, writer: Writer, value: object) -> None:
        """Write the length and the bytes."""
        if not isinstance(value, bytes) or not self._least <= len(value) <= self._most:
            raise ValueError(f"{self._least} to {self._most} bytes wanted")
        writer.number(len(value), self._prefix).raw(value)


class Added(Codec):
    """A field at the end that came later: a body that ends before it says `unsaid`.

    A `silent` one is not written where it says that, so that such a body is what it was.
    """

    def __init__(self, field: Codec, unsaid: object = b"", *, silent: bool = False) -> None:
        self._field = field
        self._unsaid = unsaid
        self._silent = silent

    def read(self, reader: Reader) -> object:
        """The value; `unsaid` where the body ends."""
        return self._field.read(reader) if reader.left else self._unsaid

    def write(self, writer: Writer, value: object) -> None:
        """Write the field, if there is something to say."""
        if not self._silent or value != self._unsaid:
            self._field.write(writer, value)


class Several(Codec):
    """`least` to `most` rows of the same fields behind a count of one byte.

    A row of one field is that field's value; a row of more is what `make` makes of them.
    """

    def __init__(
        self,
        least: int,
        most: int,
        row: tuple[Codec, ...],
        make: Callable[..., object] | None = None,
    ) -> None:
        self._least = least
        self._most = most
        self._row = row
        self._make = make

    def read(self, reader: Reader) -> tuple[object, ...]:
        """The rows, counted before the first is read."""
        count = reader.number(U8, most=self._most)
        if count < self._least:
            raise MalformedPayload(f"{count} rows, at least {self._least}")
        return tuple(self._read_row(reader) for _ in range(count))

    def write(self, writer: Writer, value: object) -> None:
        """Write the count and the rows."""
        if not isinstance(value, tuple) or not self._least <= len(value) <= self._most:
            raise ValueError("wrong number of rows")
        writer.number(len(value), U8)
        for row in value:
            cells = [row] if self._make is None else [getattr(row, n) for n in row.__slots__]
            for codec, cell in zip(self._row, cells, strict=True):
                codec.write(writer, cell)

    def _read_row(self, reader: Reader) -> object:
        cells = [codec.read(reader) for codec in self._row]
        return cells[0] if self._make is None else self._make(*cells)
