"""What is sent in a fault run, what lay there before, and how both must look at the end."""

import hashlib
import os
import random
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MIB: Final = 2**20
BIG: Final = (12 * MIB, 28 * MIB)  # the size of the big file
SMALL: Final = 240  # files
DEPTH: Final = 40  # folders down

#: Names as they are sent, and as they have to arrive inside a folder.
ODD: Final = {
    "-rf": "-rf",
    ".git": ".git",
    "a;b $(c) `d`": "a;b $(c) `d`",
    "emoji 🎏 and ünïcödé": "emoji 🎏 and ünïcödé",
    'quote"d and 5 > 4?': "quote_d and 5 _ 4_",
    "line\nbreak and \x1b[31mred": "linebreak and [31mred",
    "gpj.\u202eexe": "gpj.exe",
    "dots at the end. .": "dots at the end",
    "CON.txt": "_CON.txt",
    "CAPITALS": "CAPITALS",
    "capitals": "capitals (2)",  # as some disks take both for one
    "e\u0301": "é",
    "n" * 250 + ".txt": "n" * 250 + ".txt",
}
#: The same of names that lie in the download folder itself.
TOPS: Final = {
    "holiday 🎏": "holiday 🎏",
    "big.bin": "big.bin",
    "a mebibyte": "a mebibyte",
    "a byte less": "a byte less",
    "a byte more": "a byte more",
    "nothing": "nothing",
    "no files": "no files",
    ".hidden": "_hidden",
    "-option": "_option",
}

#: How something looks: its kind and size or digest; of files, when they were changed too.
Portrait = dict[str, tuple[str, str, int]]


@dataclass(frozen=True)
class Goods:
    """What is sent: the paths to name, in any order."""

    root: Path

    @property
    def paths(self) -> list[Path]:
        return sorted(self.root.iterdir())

    @property
    def size(self) -> int:
        return sum(path.stat().st_size for path in self.files())

    def files(self) -> list[Path]:
        return sorted(path for path in self.root.rglob("*") if path.is_file())


def make_goods(root: Path, draw: random.Random) -> Goods:
    """A tree of everything that may be hard, and single files beside it."""
    root.mkdir(parents=True)
    tree = root / "holiday 🎏"
    for number in range(SMALL):
        size = draw.choice((0, 1, 700, 4096, 9000, 70_000))
        folder = tree / f"part {number % 11}" / f"deep {number % 3}"
        _write(folder / f"file {number}.txt", draw.randbytes(size), draw)
    for number, name in enumerate(ODD):
        _write(tree / name / name if number % 2 else tree / name, draw.randbytes(300), draw)
    _write(tree.joinpath(*"x" * DEPTH) / "at the bottom", b"found", draw)
    for empty in ("empty", "part 3/empty", "empty too/in it"):
        (tree / empty).mkdir(parents=True, exist_ok=True)
    _write(tree / "in the middle.bin", draw.randbytes(3 * MIB + 5), draw)
    _write(root / "big.bin", draw.randbytes(draw.randint(*BIG)), draw)
    _write(root / "a mebibyte", draw.randbytes(MIB), draw)
    _write(root / "a byte less", draw.randbytes(MIB - 1), draw)
    _write(root / "a byte more", draw.randbytes(MIB + 1), draw)
    _write(root / "nothing", b"", draw)
    _write(root / ".hidden", b"hidden", draw)
    _write(root / "-option", b"option", draw)
    (root / "no files").mkdir()
    return Goods(root)


def make_noise(root: Path, size: int, draw: random.Random) -> Goods:
    """One file of `size` bytes."""
    root.mkdir(parents=True)
    with (root / "big.bin").open("wb") as file:
        for start in range(0, size, MIB):
            file.write(draw.randbytes(min(MIB, size - start)))
    return Goods(root)


def plant(downloads: Path, beyond: Path, draw: random.Random) -> None:
    """What the user had there before, under the very names that will come; `beyond` lies
    outside, and links lead to it."""
    downloads.mkdir(parents=True)
    beyond.write_bytes(b"not yours")
    for name in (numbered(top, number) for top in TOPS.values() for number in (1, 2)):
        place = downloads / name
        match draw.randrange(10):
            case 0 | 1:
                _write(place, draw.randbytes(99), draw)
            case 2:
                _write(place / "part 0" / "mine", draw.randbytes(99), draw)
            case 3:
                place.symlink_to(beyond)
            case 4:
                place.symlink_to(beyond.with_name("not there"))
            case 5:
                os.mkfifo(place)
            case 6:
                _write(place, b"read me only", draw)
                place.chmod(0o400)


def change(goods: Goods, draw: random.Random) -> str:
    """Change one of the files that are sent, as its user may at any moment; what was done."""
    tree = [path for path in goods.files() if "holiday" in str(path)]
    path = draw.choice((*tree, *[goods.root / "big.bin"] * 40))
    size = path.stat().st_size
    what = draw.choice(("rewritten", "longer", "shorter", "removed", "a link", "a folder"))
    if path.name == "big.bin" and what in {"removed", "a link", "a folder"}:
        what = "rewritten"  # a path that is named must be there for the same command
    match what:
        case "rewritten":
            with path.open("r+b") as file:
                file.write(draw.randbytes(min(size, 5000)) or b"x")
        case "longer":
            with path.open("ab") as file:
                file.write(b"and more")
        case "shorter":
            os.truncate(path, size // 2)
        case "removed":
            path.unlink()
        case "a link":
            path.unlink()
            path.symlink_to(goods.root / "big.bin")
        case "a folder":
            path.unlink()
            path.mkdir()
    return f"{path.name!r:.40} {what}"


def edit(goods: Goods, draw: random.Random) -> int:
    """Work on what was sent, so that it is worth sending again; how many bytes changed."""
    tree = goods.root / "holiday 🎏"
    texts = sorted(tree.rglob("file *.txt"))
    edited = draw.sample(texts, draw.randrange(1, 9))
    for path in edited[1:]:
        path.write_bytes(draw.randbytes(draw.choice((0, 10, 5000, 70_000))))
    edited[0].unlink()
    fresh = [tree / "new" / "of late" / "file.txt", edited[0].with_name("instead.txt")]
    for path in fresh:
        _write(path, draw.randbytes(3000), draw)
    changed = [*edited[1:], *fresh]
    for name in ("big.bin", "a mebibyte", "holiday 🎏/in the middle.bin"):
        if draw.random() < 0.5:
            with (goods.root / name).open("r+b") as file:
                file.seek(draw.randrange(MIB // 2))
                file.write(draw.randbytes(100))
            changed.append(goods.root / name)
    return sum(path.stat().st_size for path in changed)


def as_it_arrives(goods: Goods) -> Portrait:
    """How the goods must look at the receiver, links left out."""
    wanted: Portrait = {}
    for path, looks in portrait(goods.root).items():
        if looks[0] != "link":
            first, *rest = path.split("/")
            inner = [ODD.get(name, name) for name in rest]
            wanted["/".join((TOPS[first], *inner))] = looks
    return wanted


def numbered(name: str, number: int) -> str:
    """What a name becomes where it is taken: "big (2).bin"."""
    stem, dot, extension = name.rpartition(".")
    mark = f" ({number})" if number > 1 else ""
    return f"{stem}{mark}{dot}{extension}" if stem else f"{name}{mark}"


def portrait(root: Path, leave: frozenset[str] = frozenset()) -> Portrait:
    """Everything below `root` but what is at its top under a name in `leave`."""
    found: Portrait = {}
    for folder, folders, files in os.walk(root):
        place = Path(folder)
        if place == root:
            folders[:] = [name for name in folders if name not in leave]
            files = [name for name in files if name not in leave]
        for name in (*folders, *files):
            path = place / name
            found[str(path.relative_to(root))] = _looks(path)
    return found


def tops(root: Path) -> dict[str, tuple[int, int, int]]:
    """What lies in a folder itself, by its name: inode, mode and when it was changed."""
    return {
        entry.name: (found.st_ino, found.st_mode, found.st_mtime_ns)
        for entry in os.scandir(root)
        for found in [entry.stat(follow_symlinks=False)]
    }


def clear(folder: Path) -> None:
    """Remove a folder that somebody is writing to."""
    for _ in range(100):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


def _looks(path: Path) -> tuple[str, str, int]:
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        return "link", str(path.readlink()), 0
    if stat.S_ISDIR(found.st_mode):
        return "folder", "", 0
    if not stat.S_ISREG(found.st_mode):
        return "special", oct(found.st_mode), 0
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return "file", f"{found.st_size} {digest}", found.st_mtime_ns // 10**6


def _write(path: Path, data: bytes, draw: random.Random) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    at = draw.randrange(10**9, 17 * 10**8)
    os.utime(path, (at, at))
