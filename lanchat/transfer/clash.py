"""Clash: what to do where a name that is offered is taken already.  PROTOCOL.md, 4.

Only what an earlier transfer of the same person left there counts: nobody learns of, adds to
or replaces anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lanchat.wire.codes import TopKind


class Clash(StrEnum):
    """What becomes of an offer whose name is taken by an earlier one of the same person."""

    RENAME = "rename"  # all of it comes, and lies beside under a name of its own
    SKIP = "skip"  # what is the same is not sent; what changed lies beside the older file
    OVERWRITE = "overwrite"  # what is the same is not sent; what changed replaces the older


@dataclass(frozen=True, slots=True)
class TopId:
    """Which very file or folder it is, whatever its name: another one is none of theirs."""

    inode: int
    birth_ns: int  # since 1970; 0: not known

    def is_same(self, other: "TopId") -> bool:
        """Whether both are proven to be one: an inode alone is used again."""
        return self == other and self.birth_ns > 0


NOBODY: Final = TopId(0, 0)  # nothing is the same as this, itself included


@dataclass(frozen=True, slots=True)
class Program:
    """A received file that was a program at its sender: another one may get its name."""

    path: str  # from the download folder
    id: TopId


@dataclass(frozen=True, slots=True)
class Earlier:
    """A top-level file or folder that an earlier transfer left in the download folder."""

    name: str  # there
    kind: TopKind
    id: TopId


@dataclass(frozen=True, slots=True)
class Merging:
    """What to do with an offer, and what there is: by the name that an entry would get."""

    clash: Clash
    earlier: Mapping[str, Earlier]

    @property
    def looks(self) -> bool:
        """Whether what is there is looked at, and need not come."""
        return self.clash is not Clash.RENAME and bool(self.earlier)


NOTHING: Final = Merging(Clash.RENAME, {})
