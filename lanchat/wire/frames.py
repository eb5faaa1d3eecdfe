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
        self._buffer = bytearray()

    @property
    def held(self) -> int:
        """Bytes that wait for the rest of their frame."""
        return len(self._buffer)

    def receive(self, data: bytes) -> Iterator[bytes]:
        """Take `data` off the wire and yield each body it completes.

        Raises:
            OversizedFrame: a header announced more than `most` bytes.
            BadLength: a header announced fewer than `least` bytes.
        """
        buffer = self._buffer
        buffer += data
        at = 0
        try:
            while len(buffer) - at >= HEADER:
                size = int.from_bytes(buffer[at : at + HEADER], "big")
                if size > self.most:
                    raise OversizedFrame(size, self.most)
                if size < self.least:
                    raise BadLength(f"frame of {size} bytes, at least {self.least}")
                end = at + HEADER + size
                if len(buffer) < end:
                    return
                body = bytes(buffer[at + HEADER : end])
                at = end
                yield body
        finally:  # one cut for many frames: a burst of small records stays linear
            del buffer[:at]
