"""The manifest: every file and folder of one offer, bounded and checked.  PROTOCOL.md, 4.

    count u32, then per entry:

    +------+-------+------+----------+--------+------------------+
    | kind | flags | size | mtime ms | length |       path       |
    |  u8  |  u8   | u64  |   i64    |  u16   | UTF-8, / between |
    +------+-------+------+----------+--------+------------------+

It is the head of the lane's stream, and it fixes the place and size of everything behind.
"""

import hashlib
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from lanchat.errors import BadManifest, UnsafeName
from lanchat.transfer.names import (
    MAX_BYTES,
    MAX_DEPTH,
    Names,
    check_component,
    check_path,
    safe_component,
)
from lanchat.wire.payloads import (
    MAX_ENTRIES,
    MAX_MANIFEST,
    MAX_SHOWN,
    MAX_TOTAL,
    Offer,
    Top,
    TopKind,
)

EXECUTABLE: Final = 1  # flag of an entry: it was a program; kept as data, never set here
MAX_PATH: Final = 1024  # bytes of a path
_COUNT: Final = struct.Struct(">I")
_ENTRY: Final = struct.Struct(">BBQqH")
_FILE: Final = TopKind.FILE  # an attribute of an enum costs more than a global
_FOLDER: Final = TopKind.FOLDER
_KINDS: Final = {int(kind): kind for kind in TopKind}
_MOST: Final = {int(_FILE): MAX_TOTAL, int(_FOLDER): 0}  # bytes of an entry, by its kind


class Entry(NamedTuple):
    """One file or folder; a tuple, because an offer may hold 200,000 of them."""

    kind: TopKind
    flags: int
    size: int  # bytes; 0 for a folder
    mtime_ms: int  # since 1970 UTC, as the sender's disk says
    path: str  # from the top of the offer, "/" between components


@dataclass(frozen=True)
class Manifest:
    """The entries of one offer, sorted by the bytes of their paths."""

    entries: tuple[Entry, ...]

    @cached_property
    def encoded(self) -> bytes:
        """The bytes on the wire; ValueError if they are more than an offer can carry."""
        written, pack = bytearray(_COUNT.pack(len(self.entries))), _ENTRY.pack
        for kind, flags, size, mtime_ms, path in self.entries:
            name = path.encode("utf-8")
            written += pack(kind, flags, size, mtime_ms, len(name)) + name
        data = bytes(written)
        if not 1 <= len(self.entries) <= MAX_ENTRIES or len(data) > MAX_MANIFEST:
            raise ValueError(f"manifest of {len(self.entries)} entries, {len(data)} bytes")
        return data

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the bytes on the wire."""
        return hashlib.sha256(self.encoded).digest()

    @cached_property
    def total(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.entries)

    @cached_property
    def files(self) -> int:
        """How many entries are files."""
        return sum(entry.kind is _FILE for entry in self.entries)

    @property
    def folders(self) -> int:
        """How many entries are folders."""
        return len(self.entries) - self.files

    @cached_property
    def tops(self) -> tuple[Top, ...]:
        """The top-level entries in order; of a folder the sum of its files."""
        kinds: dict[str, TopKind] = {}
        sizes: dict[str, int] = {}
        for entry in self.entries:
            name, below, _ = entry.path.partition("/")
            if not below:
                kinds[name] = entry.kind
            sizes[name] = sizes.get(name, 0) + entry.size
        return tuple(Top(kind, sizes[name], name) for name, kind in kinds.items())


def make_offer(transfer: bytes, manifest: Manifest, flags: int = 0) -> Offer:
    """The offer that proposes `manifest` under the id `transfer` (16 bytes).

    Raises:
        UnsafeName: a name cannot be said, being too long in normal form C.
    """
    tops = manifest.tops
    for _kind, _size, name in _plain(tops[:MAX_SHOWN]):
        if len(name.encode("utf-8")) > MAX_BYTES:
            raise UnsafeName("name too long in normal form C")
    return Offer(
        id=transfer,
        flags=flags,
        files=manifest.files,
        folders=manifest.folders,
        total=manifest.total,
        manifest_len=len(manifest.encoded),
        manifest_sha256=manifest.digest,
        tops=len(tops),
        shown=tops[:MAX_SHOWN],
    )


def decode(data: bytes) -> Manifest:
    """Read the bytes of a manifest; only its form is checked, `check` does the rest.

    Raises:
        BadManifest: not put together as it must be.
    """
    if not _COUNT.size <= len(data) <= MAX_MANIFEST:
        raise BadManifest(f"manifest of {len(data)} bytes")
    (count,) = _COUNT.unpack_from(data)
    if not 1 <= count <= MAX_ENTRIES:
        raise BadManifest(f"manifest of {count} entries")
    try:
        manifest = Manifest(tuple(_entries(data, count)))
    except (struct.error, UnicodeDecodeError) as error:
        raise BadManifest("manifest cut short, or a path is not UTF-8") from error
    vars(manifest)["encoded"] = data  # the cached property: there is one way to write it
    return manifest


def _entries(data: bytes, count: int) -> Iterator[Entry]:
    at, before, header, unpack = _COUNT.size, b"", _ENTRY.size, _ENTRY.unpack_from
    for _ in range(count):  # 200,000 times at most: each step counts
        kind, flags, size, mtime_ms, length = unpack(data, at)
        start, at = at + header, at + header + length
        path = data[start:at]
        if not 1 <= length <= MAX_PATH or at > len(data):
            raise BadManifest(f"path of {length} bytes")
        if path <= before:
            raise BadManifest("paths out of order, or one twice")
        if size > _MOST.get(kind, -1):
            raise BadManifest(f"entry of kind {kind} with {size} bytes")
        before = path
        yield Entry(_KINDS[kind], flags, size, mtime_ms, path.decode("utf-8"))
    if at != len(data):
        raise BadManifest(f"{len(data) - at} bytes behind the manifest")


def check(manifest: Manifest, offer: Offer) -> None:
    """Compare a manifest with the offer it came for, and look at every path.

    Raises:
        BadManifest: the two contradict each other, or a file lies in no listed folder.
        UnsafeName: a path could lead outside.
    """
    said = (offer.files, offer.folders, offer.total, offer.manifest_len)
    found = (manifest.files, manifest.folders, manifest.total, len(manifest.encoded))
    if said != found or manifest.total > MAX_TOTAL:
        raise BadManifest(f"offered {said}, listed {found}")
    if offer.manifest_sha256 != manifest.digest:
        raise BadManifest("another manifest than the one offered")
    _check_paths(manifest)
    tops = manifest.tops
    if len(tops) != offer.tops or _plain(tops[:MAX_SHOWN]) != _plain(offer.shown):
        raise BadManifest("not the entries that were offered")


def _check_paths(manifest: Manifest) -> None:
    depths = {"": 0}  # of the folders listed so far, each of them checked
    for entry in manifest.entries:
        parent, below, name = entry.path.rpartition("/")
        depth = depths.get(parent)
        if depth is None or (below and not parent):
            check_path(entry.path)  # unsafe rather than merely contradictory?
            raise BadManifest("an entry without its folder")
        if depth >= MAX_DEPTH:
            raise UnsafeName("path too deep")
        check_component(name)
        if entry.kind is _FOLDER:
            depths[entry.path] = depth + 1


def _plain(tops: tuple[Top, ...]) -> list[tuple[int, int, str]]:
    # An offer writes names in normal form C, a manifest may not have done so.
    return [(top.kind, top.size, unicodedata.normalize("NFC", top.name)) for top in tops]


def layout(manifest: Manifest) -> tuple[str, ...]:
    """Where each entry will lie: safe relative paths, no two of them alike on any disk.

    Raises:
        UnsafeName: of some name nothing is left.
    """
    folders: dict[str, tuple[str, Names]] = {"": ("", Names())}
    paths = []
    for entry in manifest.entries:
        parent, _, last = entry.path.rpartition("/")
        prefix, names = folders[parent]
        path = prefix + names.add(safe_component(last, top=not parent))
        if entry.kind is _FOLDER:
            folders[entry.path] = (path + "/", Names())
        paths.append(entry.path if path == entry.path else path)  # most lie as they are called
    return tuple(paths)
