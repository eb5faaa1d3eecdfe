r"""Held: what a receiver found that it has of an offer, kept with the part.  PROTOCOL.md, 4.

    JSON line: clash, bases, ids, bytes of the set \n | the set | for each file of it a row:

    +-----------+-------+----------+----------+
    | number u8 | inode | mtime ns | ctime ns |
    +-----------+-------+----------+----------+

It fixes the stream of every attempt that goes on with the part.  A file that does not look as
its row says is not the one that was proven.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from lanchat.errors import BadManifest
from lanchat.transfer.clash import Clash, TopId
from lanchat.transfer.skips import unpack
from lanchat.wire.payloads import MAX_ENTRIES, MAX_SHOWN, MOST_SKIPPED

_ROW: Final = struct.Struct(">BQqq")
_LINE: Final = MAX_SHOWN * (3 * 6 * 256 + 64)  # bytes; for each three escaped names, an id
LARGEST: Final = _LINE + MOST_SKIPPED + MAX_ENTRIES * _ROW.size  # bytes of it all


class Look(NamedTuple):
    """How a file looked when it was proven; `number` is that of its name, 1 for the plain."""

    number: int
    inode: int
    mtime_ns: int
    ctime_ns: int


@dataclass(frozen=True, slots=True)
class Held:
    """Where top-level entries go that an earlier transfer left, and which files are there.

    `bases` gives the name in the download folder by the name an entry would get, `ids` which
    file or folder that is: another one may have its name before the rest is here.
    """

    clash: Clash
    bases: Mapping[str, str]
    skip: bytes = b""  # the set of files that are there already (`skips.py`)
    looks: tuple[Look, ...] = ()  # of those, in order
    ids: Mapping[str, TopId] = field(default_factory=dict)  # by the names of `bases`

    def encode(self) -> bytes:
        """The bytes that are kept."""
        line = {
            "clash": self.clash.value,
            "bases": dict(self.bases),
            "ids": {name: (one.inode, one.birth_ns) for name, one in self.ids.items()},
            "set": len(self.skip),
        }
        rows = (_ROW.pack(*look) for look in self.looks)
        return b"".join((json.dumps(line).encode(), b"\n", self.skip, *rows))


def decode(data: bytes) -> Held:
    """Read what `encode` made.

    Raises:
        BadManifest: it was not.
    """
    line, end, rest = data.partition(b"\n")
    try:
        said = json.loads(line)
        clash, bases, size = Clash(said["clash"]), said["bases"], said["set"]
        ids = _ids(said.get("ids", {}))  # an earlier lanchat kept none: nothing is proven then
        skip, rows = rest[:size], rest[size:]
        looks = tuple(Look(*row) for row in _ROW.iter_unpack(rows))
    except (ValueError, KeyError, TypeError, RecursionError, struct.error) as error:
        raise BadManifest("what is held is not readable") from error
    if not end or len(skip) != size or len(looks) != len(unpack(skip)) or skip.endswith(b"\0"):
        raise BadManifest("what is held contradicts itself")
    if not isinstance(bases, dict) or not all(map(_is_name, (*bases, *bases.values()))):
        raise BadManifest("what is held lies nowhere")
    return Held(clash, bases, skip, looks, ids)


def _ids(said: object) -> dict[str, TopId]:
    if not isinstance(said, dict):
        raise ValueError("no ids")  # noqa: TRY004 - as all that is not readable
    found: dict[str, TopId] = {}
    for name, row in said.items():
        match row:
            case [int(inode), int(birth_ns)]:
                found[name] = TopId(inode, birth_ns)
            case _:
                raise ValueError("no id")
    return found


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name not in {"", ".", ".."} and not {"/", "\0"} & set(name)
