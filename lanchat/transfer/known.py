"""Known: what is known of an offer once its manifest came, and how a part keeps that.

    <part>/manifest            as it came, checked
    <part>/held                what of it was here before (`held.py`), where that was looked at

PROTOCOL.md, 4.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Self

from lanchat.errors import BadManifest, MalformedPayload
from lanchat.transfer import held as holding
from lanchat.transfer.held import Held
from lanchat.transfer.manifest import EXECUTABLE, Manifest, check, decode, layout
from lanchat.transfer.plan import Plan
from lanchat.wire.payloads import Offer, TopKind

_MANIFEST: Final = "manifest"
_HELD: Final = "held"


@dataclass(frozen=True, slots=True)
class Known:
    """The plan of the stream, where each entry lies in the part, and what was here before."""

    plan: Plan
    paths: tuple[str, ...]
    held: Held | None = None

    @classmethod
    def of(cls, data: bytes, offer: Offer) -> Self:
        """What the bytes of a manifest say.

        Raises:
            BadManifest, UnsafeName: it is refused.
        """
        manifest = decode(data)
        check(manifest, offer)
        return cls(Plan(manifest), layout(manifest))

    @property
    def manifest(self) -> Manifest:
        """All that is offered."""
        return self.plan.manifest

    @property
    def bases(self) -> Mapping[str, str]:
        """The names of earlier top-level entries, by the names of those that come."""
        return self.held.bases if self.held is not None else {}

    @property
    def programs(self) -> list[int]:
        """The files that come and were programs at the sender."""
        sizes = self.plan.sizes
        return [
            index
            for index, entry in enumerate(self.manifest.entries)
            if entry.flags & EXECUTABLE and entry.kind is TopKind.FILE and sizes[index] >= 0
        ]

    def holding(self, held: Held) -> "Known":
        """The same, and what of it is here; BadManifest if that is no part of the offer."""
        try:
            return Known(Plan(self.manifest, held.skip), self.paths, held)
        except MalformedPayload as error:
            raise BadManifest("a set of other files") from error

    def write(self, part: int) -> None:
        """Keep it in a new part; OSError as the disk says it."""
        _write(_MANIFEST, self.manifest.encoded, part)
        if self.held is not None:
            _write(_HELD, self.held.encode(), part)

    def sync(self, part: int) -> None:
        """Bring what is kept to the disk; OSError as that says it."""
        for name in (_MANIFEST, *([_HELD] if self.held is not None else [])):
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=part)
            try:
                os.fsync(file)
            finally:
                os.close(file)

    @classmethod
    def recall(cls, part: int, offer: Offer) -> "Known":
        """What an earlier run of ours kept.

        Raises:
            BadManifest, UnsafeName: it is damaged, or that of another offer.
            OSError: as the disk says it.
        """
        known = cls.of(_read(_MANIFEST, offer.manifest_len + 1, part), offer)
        with suppress(FileNotFoundError):
            return known.holding(holding.decode(_read(_HELD, holding.LARGEST, part)))
        return known


def _write(name: str, data: bytes, part: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, 0o600, dir_fd=part), "wb") as kept:
        kept.write(data)


def _read(name: str, limit: int, part: int) -> bytes:
    file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=part)
    with os.fdopen(file, "rb") as kept:
        return kept.read(limit)
