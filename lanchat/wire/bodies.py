"""Bodies: how every payload is written, field by field.  PROTOCOL.md, 3a.

`LAYOUTS` is the table of the protocol: type number and fields, in the order of the wire.
`encode` and `decode` are the only ways across.
"""

import struct
from collections.abc import Callable
from itertools import takewhile
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final, cast

from lanchat.errors import MalformedPayload
from lanchat.wire.codecs import (
    Added,
    Bytes,
    Choice,
    Codec,
    Fixed,
    Number,
    Raw,
    Several,
    Words,
)
from lanchat.wire.fields import U8, U16, U32, U64, Reader, Writer
from lanchat.wire.payloads import (
    ID_SIZE,
    MAX_ENTRIES,
    MAX_MANIFEST,
    MAX_NAME,
    MAX_SHOWN,
    MAX_STATUS,
    MAX_TEXT,
    MAX_TOTAL,
    MOST_ASKED,
    MOST_LISTED,
    MOST_RECORD,
    MOST_SKIPPED,
    MOST_SOUGHT,
    PROOF_SIZE,
    TAG_SIZE,
    Accept,
    Addresses,
    Availability,
    Cancel,
    CancelCode,
    Close,
    CloseCode,
    Decline,
    DeclineCode,
    DialBack,
    Dialled,
    Done,
    DoneStage,
    Fault,
    Info,
    KeyUpdate,
    Listing,
    Look,
    Offer,
    Payload,
    Ping,
    Pong,
    Proof,
    Prove,
    Reached,
    Ready,
    Receipt,
    ReceiptState,
    SasCode,
    SasCommit,
    SasNonce,
    SasResult,
    SasReveal,
    Seek,
    Start,
    Text,
    Top,
    TopKind,
)

_FIRST_IGNORABLE: Final = 128
_ID: Final = Raw(ID_SIZE)
_DIGEST: Final = Raw(32)
_ATTEMPT: Final = Number(U32, least=1)
_NAME: Final = Words(U8, 0, MAX_NAME)
_ENTRIES: Final = Number(U32, most=MAX_ENTRIES)
_TOP: Final = (Choice(TopKind), Number(U64, most=MAX_TOTAL), Words(U8, 1, 255))


class Layout:
    """The fields of one payload.

    The fields of fixed size at the front are one `Struct`, and so is the length of a text that
    ends the payload: what comes by the thousand costs one call and not one for each field.
    `since` are fields at the end that older peers do not send: all of them lack, and read as
    zeros, or none does.
    """

    def __init__(
        self,
        number: int,
        make: type[Payload],
        *codecs: Codec,
        exact: bool = False,
        since: tuple[Fixed, ...] = (),
    ) -> None:
        codecs += since
        self.number = number
        self.make = make
        self.exact = exact  # bytes behind the last field are refused, not ignored
        fixed = list(takewhile(lambda c: isinstance(c, Fixed), codecs))
        self._head = cast("list[Fixed]", fixed)
        self._tail = codecs[len(fixed) :]
        last = self._tail[0] if len(self._tail) == 1 else None
        self._text = last if isinstance(last, Words) else None
        formats = [codec.format for codec in self._head]
        if self._text is not None:
            formats.append(self._text.format)
        self._struct = struct.Struct(">" + "".join(formats))
        self._later = sum(codec.size for codec in since)  # bytes that older peers do not send
        names = make.__slots__
        self._tail_names = names[len(fixed) :]
        self._cells = _getter(names[: len(fixed)])
        self._reads = [(at, c) for at, c in enumerate(self._head) if not c.any_read]
        self._writes = [(at, c) for at, c in enumerate(self._head) if not c.any_written]

    def encode(self, payload: Payload) -> bytes:
        """The body of `payload`; ValueError if a field is out of its range."""
        cells = [*self._cells(payload)]
        for at, codec in self._writes:
            cells[at] = codec.pack(cells[at])
        text = b""
        if self._text is not None:
            text = self._text.pack(getattr(payload, self._tail_names[0]))
            cells.append(len(text))
        try:
            head = self._struct.pack(*cells)
        except struct.error as error:
            raise ValueError(f"{self.make.__name__}: {error}") from error
        if self._text is not None or not self._tail:
            return head + text
        writer = Writer().raw(head)
        for name, field in zip(self._tail_names, self._tail, strict=True):
            field.write(writer, getattr(payload, name))
        return writer.done()

    def decode(self, body: bytes) -> Payload:
        """The payload that `body` says; MalformedPayload if it says none."""
        if len(body) < self._struct.size:
            if not self._later or len(body) + self._later != self._struct.size:
                raise MalformedPayload(f"{self.make.__name__} of {len(body)} bytes")
            body += bytes(self._later)
        cells: list[Any] = [*self._struct.unpack_from(body)]
        for at, codec in self._reads:
            cells[at] = codec.unpack(cells[at])
        if self._text is not None:
            cells.append(self._text.unpack(self._last(body, cells.pop())))
        elif self._tail or self.exact:
            self._read_tail(body, cells)
        try:
            return self.make(*cells)
        except ValueError as error:
            raise MalformedPayload(str(error)) from error

    def _last(self, body: bytes, size: int) -> bytes:
        end = self._struct.size + size
        if end > len(body):
            raise MalformedPayload(f"text of {size} bytes, {end - len(body)} are missing")
        return body[self._struct.size : end]

    def _read_tail(self, body: bytes, cells: list[Any]) -> None:
        reader = Reader(body, self._struct.size)
        cells.extend(field.read(reader) for field in self._tail)
        if self.exact and reader.left:
            raise MalformedPayload(f"{self.make.__name__} with {reader.left} bytes too many")


def _getter(names: tuple[str, ...]) -> Callable[[Payload], tuple[Any, ...]]:
    """A function that gives the attributes `names`, in one call where there are several."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda payload: tuple(getattr(payload, name) for name in names)


_LAYOUTS: Final = (
    Layout(
        1,
        Ready,
        Number(U16),
        Number(U64, most=2**63),
        Number(U32),
        Number(U16),
        Number(U32),
        Number(U32),
        Number(U64),
        _DIGEST,
        _DIGEST,
        _NAME,
    ),
    Layout(2, Close, Choice(CloseCode, other=CloseCode.PROTOCOL), Number(U16)),
    Layout(3, Ping, Raw(8)),
    Layout(4, Pong, Raw(8)),
    Layout(5, KeyUpdate, exact=True),
    Layout(
        6,
        Info,
        Number(U16),
        _DIGEST,
        _DIGEST,
        _NAME,
        Added(Choice(Availability, other=Availability.AVAILABLE), Availability.AVAILABLE),
        Added(Words(U8, 0, MAX_STATUS), ""),
    ),
    Layout(7, DialBack, Raw(8)),
    Layout(8, Dialled, Raw(8), Choice(Reached, other=Reached.UNTRIED), Number(U8)),
    Layout(9, Seek, Several(1, MOST_SOUGHT, (Raw(TAG_SIZE),))),
    Layout(10, Addresses, Bytes(U16, 1, MOST_RECORD)),
    Layout(16, Text, _ID, Number(U64), Number(U64), Number(U8), _ID, Words(U16, 1, MAX_TEXT)),
    Layout(17, Receipt, Choice(ReceiptState), Several(1, 255, (_ID,))),
    Layout(
        32,
        Offer,
        _ID,
        Number(U16),
        _ENTRIES,
        _ENTRIES,
        Number(U64, most=MAX_TOTAL),
        Number(U32, most=MAX_MANIFEST),
        _DIGEST,
        _ENTRIES,
        Several(0, MAX_SHOWN, _TOP, Top),
    ),
    Layout(
        33,
        Accept,
        _ID,
        _ATTEMPT,
        _DIGEST,
        Number(U64),
        _DIGEST,
        Added(Bytes(U16, 0, MOST_SKIPPED), silent=True),
    ),
    Layout(34, Decline, _ID, Choice(DeclineCode), Number(U64)),
    Layout(
        35,
        Cancel,
        _ID,
        Number(U32),
        Choice(CancelCode),
        Number(U8),
        since=(Number(U64), Choice(Fault, other=Fault.DEFECT)),
    ),
    Layout(36, Done, _ID, _ATTEMPT, Choice(DoneStage), Number(U32), _DIGEST),
    Layout(37, Start, _ID, _ATTEMPT, Number(U64)),
    Layout(38, Look, _ID, _ATTEMPT, Number(U32, most=MAX_MANIFEST)),
    Layout(
        39,
        Listing,
        _ID,
        _ATTEMPT,
        Number(U32, most=MAX_MANIFEST),
        Bytes(U16, 1, MOST_LISTED),
    ),
    Layout(40, Prove, _ID, _ATTEMPT, _ENTRIES, Bytes(U8, 1, MOST_ASKED // 8)),
    Layout(41, Proof, _ID, _ATTEMPT, _ENTRIES, Bytes(U16, PROOF_SIZE, MOST_ASKED * PROOF_SIZE)),
    Layout(48, SasCommit, Number(U32), _DIGEST, exact=True),
    Layout(49, SasNonce, Number(U32), _DIGEST, exact=True),
    Layout(50, SasReveal, Number(U32), _DIGEST, exact=True),
    Layout(51, SasResult, Number(U32), Choice(SasCode), exact=True),
)
#: every payload there is, and by its type number
LAYOUTS: Final = MappingProxyType({layout.make: layout for layout in _LAYOUTS})
_BY_NUMBER: Final = MappingProxyType({layout.number: layout for layout in _LAYOUTS})


def encode(payload: Payload) -> tuple[int, bytes]:
    """The record type and body of `payload`; ValueError if a field is out of its range."""
    layout = LAYOUTS[type(payload)]
    return layout.number, layout.encode(payload)


def decode(number: int, body: bytes) -> Payload | None:
    """What a record of type `number` says; None for a type that may be ignored.

    Raises:
        MalformedPayload: an unknown type below 128, a field cut short or out of range.
    """
    layout = _BY_NUMBER.get(number)
    if layout is not None:
        return layout.decode(body)
    if number >= _FIRST_IGNORABLE:
        return None
    raise MalformedPayload(f"record type {number}")
