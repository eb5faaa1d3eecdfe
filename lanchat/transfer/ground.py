"""Ground: what lies where an offer would go, and whether it is the same.  PROTOCOL.md, 4.

A file is looked for under its own name and under those that lanchat gave to earlier copies
(` (2)` …), in the folders that an earlier transfer of the same person left; its size says
whether hashing it is worth while, and its proof alone whether it is the same.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from lanchat.transfer.births import top_id
from lanchat.transfer.clash import NOBODY, Earlier, Merging
from lanchat.transfer.held import Held, Look
from lanchat.transfer.known import Known
from lanchat.transfer.moving import look
from lanchat.transfer.names import numbered
from lanchat.transfer.parts_folder import opened
from lanchat.transfer.proofs import Prover
from lanchat.transfer.skips import pack, unpack
from lanchat.transfer.space import REFUSED, disk_error
from lanchat.transfer.staging import Branch
from lanchat.wire.payloads import MOST_ASKED, Offer, TopKind

_MOST_COPIES: Final = 16  # names of one file that are looked under
_BATCH: Final = 64 * 2**20  # bytes of files that are hashed for one question
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


#: For each entry the proofs of all files here that may be the same, and how they looked.
Proofs = dict[int, list[tuple[bytes, Look]]]


class Ground:
    """One offer compared with what lies there.  One thread at a time works with it.

    All methods that touch the disk block.  What was proven is kept, so a survey that was cut
    short goes on where it was.
    """

    def __init__(self, downloads: Path, offer: Offer, merging: Merging) -> None:
        self.downloads: Final = downloads
        self.offer: Final = offer
        self.known: Known | None = None  # once the manifest came
        self.checked = 0  # bytes of files whose question is settled
        self._merging = merging
        self._bases: dict[str, str] = {}
        self._wanted: dict[int, tuple[int, ...]] = {}  # numbers of the names to look at
        self._same: dict[int, Look] = {}

    def listed(self, data: bytes) -> None:
        """Take the manifest, and find what may be the same.

        Raises:
            BadManifest, UnsafeName: it is refused.
            DiskFailed: the disk refused.
        """
        known = self.known = Known.of(data, self.offer)
        try:
            with opened(str(self.downloads)) as goal:
                self._find(goal, known)
        except FileNotFoundError:
            return
        except REFUSED as error:
            raise disk_error(error) from error

    def questions(self) -> Iterator[list[int]]:
        """The files that are still to be compared, as many at a time as one PROVE asks for."""
        if self.known is None:
            return
        entries = self.known.manifest.entries
        asked: list[int] = []
        size = 0
        for entry in sorted(self._wanted):
            if asked and (entry - asked[0] >= MOST_ASKED or size >= _BATCH):
                yield asked
                asked, size = [], 0
            asked.append(entry)
            size += entries[entry].size
        if asked:
            yield asked

    def proofs(self, asked: Sequence[int], key: bytes, go_on: Callable[[int], None]) -> Proofs:
        """What ours are.

        `go_on` is told how many bytes were read, and may raise to stop it.

        Raises:
            DiskFailed: the disk refused.
        """
        prover = Prover(key, go_on)
        try:
            with opened(str(self.downloads)) as goal, Branch(goal) as branch:
                bases = self._standing(goal)
                return {entry: self._proofs(branch, bases, entry, prover) for entry in asked}
        except REFUSED as error:
            raise disk_error(error) from error

    def compare(
        self,
        asked: Sequence[int],
        ours: Proofs,
        theirs: Sequence[bytes],
    ) -> None:
        """Settle the question about `asked`: `theirs` are the proofs of the sender."""
        for entry, proof in zip(asked, theirs, strict=True):
            for mine, found in ours[entry]:
                if mine == proof:
                    self._same[entry] = found
                    break
            self._settled(entry)

    def held(self) -> Held | None:
        """What came out; None if nothing that was there before counts."""
        if not self._bases:
            return None
        same = sorted(self._same)
        looks = tuple(self._same[entry] for entry in same)
        ids = {name: self._merging.earlier[name].id for name in self._bases}
        return Held(self._merging.clash, self._bases, pack(same), looks, ids)

    def _settled(self, entry: int) -> None:
        if self._wanted.pop(entry, None) is not None and self.known is not None:
            self.checked += self.known.manifest.entries[entry].size

    # --- what lies there ----------------------------------------------------------------

    def _find(self, goal: int, known: Known) -> None:
        self._bases, self._wanted, self._same, self.checked = {}, {}, {}, 0
        listings: dict[str, _Listing] = {}
        with Branch(goal) as branch:
            for index, entry in enumerate(known.manifest.entries):
                path = known.paths[index]
                if "/" not in path:
                    self._find_base(goal, path, entry.kind)
                if entry.kind is TopKind.FOLDER:
                    continue
                numbers: tuple[int, ...] = ()
                if (where := below(self._bases, path)) is not None:
                    folder, name = where
                    if folder not in listings:
                        listings[folder] = _Listing(branch, folder)
                    numbers = listings[folder].alike(branch, name, entry.size)
                if numbers:
                    self._wanted[index] = numbers
                else:
                    self.checked += entry.size

    def _find_base(self, goal: int, name: str, kind: TopKind) -> None:
        earlier = self._merging.earlier.get(name)
        if earlier is not None and earlier.kind is kind and _is_there(goal, earlier):
            self._bases[name] = earlier.name

    def _standing(self, goal: int) -> dict[str, str]:
        """The bases that are still what they were: a survey takes its time."""
        earlier = self._merging.earlier
        found = self._bases.items()
        return {name: base for name, base in found if _is_there(goal, earlier[name])}

    def _proofs(
        self, branch: Branch, bases: Mapping[str, str], entry: int, prover: Prover
    ) -> list[tuple[bytes, Look]]:
        where = below(bases, self.known.paths[entry]) if self.known else None
        if where is None or self.known is None:
            return []
        folder, name = where
        found = []
        for number in self._wanted.get(entry, ()):
            try:
                file = os.open(numbered(name, number), _READ, dir_fd=branch.enter(folder))
            except OSError:  # gone, replaced by a link, or not for us to read: not the same
                continue
            try:
                before = os.fstat(file)
                if not stat.S_ISREG(before.st_mode):
                    continue
                proof = prover.prove(file, self.known.manifest.entries[entry].size)
                seen = _seen(before, number)
                if proof is not None and seen == _seen(os.fstat(file), number):
                    found.append((proof, seen))
            finally:
                os.close(file)
        return found


def still_there(downloads: Path, earlier: Iterable[tuple[str, Earlier]]) -> dict[str, Earlier]:
    """The first of each name that lies in the download folder as it was put there.  Blocks.

    Raises:
        DiskFailed: the disk refused.
    """
    try:
        with opened(str(downloads)) as goal:
            found: dict[str, Earlier] = {}
            for name, one in earlier:
                if name not in found and _is_there(goal, one):
                    found[name] = one
            return found
    except FileNotFoundError:
        return {}
    except REFUSED as error:
        raise disk_error(error) from error


def unchanged(goal: int, known: Known, held: Held) -> bool:
    """Whether what an earlier one left is still that, and what was proven looks as then."""
    entries = known.manifest.entries
    with Branch(goal) as branch:
        try:
            for name, base in held.bases.items():
                if not top_id(goal, base).is_same(held.ids.get(name, NOBODY)):
                    return False
            for entry, seen in zip(unpack(held.skip), held.looks, strict=True):
                folder, name = below(held.bases, known.paths[entry]) or ("", "")
                found = look(branch.enter(folder), numbered(name, seen.number))
                if found is None or found.st_size != entries[entry].size:
                    return False
                if not stat.S_ISREG(found.st_mode) or _seen(found, seen.number) != seen:
                    return False
        except OSError:  # a folder is gone, or is a link now
            return False
    return True


def below(bases: Mapping[str, str], path: str) -> tuple[str, str] | None:
    """The folder and name in the download folder that `path` of the offer means."""
    top, below, rest = path.partition("/")
    base = bases.get(top)
    if base is None:
        return None
    parent, _, name = (f"{base}/{rest}" if below else base).rpartition("/")
    return parent, name


def _is_there(goal: int, earlier: Earlier) -> bool:
    found = look(goal, earlier.name)
    if found is None:
        return False
    is_kind = stat.S_ISDIR if earlier.kind is TopKind.FOLDER else stat.S_ISREG
    return is_kind(found.st_mode) and top_id(goal, earlier.name).is_same(earlier.id)


def _seen(found: os.stat_result, number: int) -> Look:
    return Look(number, found.st_ino, found.st_mtime_ns, found.st_ctime_ns)


class _Listing:
    """The names in one folder that is there, read once; none if it is no folder."""

    def __init__(self, branch: Branch, folder: str) -> None:
        self._folder = folder
        self._names: frozenset[str] = frozenset()
        with suppress(OSError):
            self._names = frozenset(os.listdir(branch.enter(folder)))  # noqa: PTH208
        self._copies = bool(folder) and any(" (" in name for name in self._names)

    def alike(self, branch: Branch, name: str, size: int) -> tuple[int, ...]:
        """The numbers of the names under which files of this size lie.

        In the download folder itself only the name alone: others are none of theirs.
        """
        numbers: list[int] = []
        for number in range(1, _MOST_COPIES + 1 if self._copies else 2):
            chosen = numbered(name, number)
            if chosen not in self._names:
                break
            found = look(branch.enter(self._folder), chosen)
            if found is not None and found.st_size == size and stat.S_ISREG(found.st_mode):
                numbers.append(number)
        return tuple(numbers)
