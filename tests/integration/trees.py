"""Files and folders to send, and what is left of them at the other end."""

import hashlib
import os
import random
from pathlib import Path
from typing import Final

MEBIBYTE: Final = 2**20


def write_noise(path: Path, size: int) -> Path:
    """A file that cannot be compressed, so that a capture shows what travelled."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for start in range(0, size, MEBIBYTE):
            file.write(os.urandom(min(MEBIBYTE, size - start)))
    return path


def plant(root: Path, files: int, seed: int = 7) -> Path:
    """A folder with many files of all kinds of sizes and names, and empty folders."""
    draw = random.Random(seed)
    names = ["plain", "with space", "ünïcödé", "emoji 🎏", "{braces}", "dots.in.it", "dash-ed"]
    for number in range(files):
        folder = root / f"part {number % 17}" / f"deep {number % 5}"
        folder.mkdir(parents=True, exist_ok=True)
        size = draw.choice((0, 1, 700, 4096, 9000))
        name = f"{names[number % len(names)]} {number}.bin"
        (folder / name).write_bytes(draw.randbytes(size))
    for empty in ("empty", "part 3/empty", "empty too/in it"):
        (root / empty).mkdir(parents=True, exist_ok=True)
    os.utime(root / "part 0", (1_700_000_000, 1_700_000_000))
    return root


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def portrait(root: Path) -> dict[str, str]:
    """Every file by its path and digest, every folder by its path."""
    return {
        str(path.relative_to(root)): digest(path) if path.is_file() else "folder"
        for path in sorted(root.rglob("*"))
    }


def modified(root: Path) -> dict[str, int]:
    """The modification time of every file, in whole milliseconds."""
    return {
        str(path.relative_to(root)): path.stat().st_mtime_ns // 10**6
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
