"""The plan of a stream: which bytes it holds, and where each entry begins.  PROTOCOL.md, 4.

    nothing is skipped    manifest | file | file | file ...
    something is          file | file ...                   the receiver has the manifest

Both sides make it of the same manifest and the same set, so no length need be told.
"""

from bisect import bisect_left, bisect_right
from functools import cached_property
from itertools import accumulate
from typing import Final

from lanchat.transfer.manifest import Manifest
from lanchat.transfer.skips import files_of

ABSENT: Final = -1  # in the place of a size: the entry is no part of the stream


class Plan:
    """What travels of an offer.  It never changes, so threads may share it.

    `skip` is the set of files that are not sent (`skips.py`).

    Raises:
        MalformedPayload: the set names what is no file of the offer.
    """

    def __init__(self, manifest: Manifest, skip: bytes = b"") -> None:
        self.manifest: Final = manifest
        self.skip: Final = skip
        self.head: Final = b"" if skip else manifest.encoded
        sizes = [entry.size for entry in manifest.entries]
        left_out = files_of(skip, manifest)
        self.spared: Final = sum(sizes[entry] for entry in left_out)  # bytes not sent
        for entry in left_out:
            sizes[entry] = ABSENT
        self.skipped: Final = len(left_out)
        self.sizes: Final = tuple(sizes)  # of each entry in the stream, or ABSENT

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each entry begins in the stream, and behind the last one the stream's end."""
        sizes = (max(size, 0) for size in self.sizes) if self.skip else self.sizes
        return tuple(accumulate(sizes, initial=len(self.head)))

    @property
    def length(self) -> int:
        """Bytes of the whole stream."""
        return len(self.head) + self.manifest.total - self.spared

    def entry_at(self, offset: int) -> int:
        """The first entry that is not wholly before `offset`; their number if all are."""
        starts = self.starts
        begun = bisect_right(starts, offset, 1) - 1  # the first that ends behind `offset`
        return min(begun, bisect_left(starts, offset), len(self.sizes))

    def files_through(self, done: int) -> int:
        """Bytes of the offer's files that lie at the receiver after `done` of the stream."""
        total = self.manifest.total
        return min(max(done - len(self.head), 0) + self.spared, total)
