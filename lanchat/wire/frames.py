"""Frames: where one sealed record ends and the next begins.  PROTOCOL.md, 2 and 3.

TCP carries a stream of bytes without seams.  A frame puts the seams back: two
bytes of length, big endian, then that many bytes of body.

    +--------+--------------------+
    | length |        body        |
    | u16 BE | length bytes, >= 1 |
    +--------+--------------------+

`FrameReader` cuts frames out of whatever pieces arrive, and holds at most one
unfinished frame.
"""

from collections.abc import Iterator
from typing import Final

from lanchat.errors import BadLength, OversizedFrame

MAX_BODY: Final = 65_535  # bytes; also the longest Noise message (Noise spec, 3)
HEADER: Final = 2  # bytes


def encode_frame(body: bytes) -> bytes:
    """Put the length in front of `body` (1 to `MAX_BODY` bytes)."""
    if not 1 <= len(body) <= MAX_BODY:
        raise ValueError(f"frame body of {len(body)} bytes")
    return len(body).to_bytes(HEADER, "big") + body


class FrameReader:
    """Cut a stream of bytes into frame bodies.

    `least` and `most` bound one body, in bytes.  Both may be changed between two bodies:
    in the handshake each message has one exact length, so a stranger can make us hold
    little.
    """

    def __init__(self, *, least: int = 1, most: int = MAX_BODY) -> None:
        self.least = least
        self.most = most
        self._rest = bytearray()  # of the frame that is not whole

    @property
    def held(self) -> int:
        """Bytes that wait for the rest of their frame."""
        return len(self._rest)

    def receive(self, data: bytes) -> Iterator[bytes]:
        """Take `data` off the wire and yield each body it completes.

        Raises:
            OversizedFrame: a header announced more than `most` bytes.
            BadLength: a header announced fewer than `least` bytes.
        """
        rest = self._rest
        if rest:
            rest += data
            if self._lacks(rest):  # one who sends byte by byte costs a byte each, no copy
                return
            data = bytes(rest)
            rest.clear()
        at, there = 0, len(data)
        try:
            while there - at >= HEADER:
                size = data[at] << 8 | data[at + 1]
                if size > self.most:
                    raise OversizedFrame(size, self.most)
                if size < self.least:
                    raise BadLength(f"frame of {size} bytes, at least {self.least}")
                end = at + HEADER + size
                if there < end:
                    return
                body = data[at + HEADER : end]
                at = end
                yield body
        finally:  # what is whole was cut out of `data` itself: a burst is copied once
            rest += data[at:]

    def _lacks(self, rest: bytearray) -> bool:
        """Whether `rest` is a lawful beginning of a frame and no more."""
        if len(rest) < HEADER:
            return True
        size = rest[0] << 8 | rest[1]
        return self.least <= size <= self.most and len(rest) < HEADER + size
