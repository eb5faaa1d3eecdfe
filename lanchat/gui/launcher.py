"""The launcher: lanchat in the menu of programs, with its icons, for this user alone.

What it starts is the program that is running now, by its whole path.  A file that somebody
else put where ours would lie is neither replaced nor removed.
"""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

import platformdirs

import lanchat
from lanchat.errors import LauncherError, NotForMenus, NotOurs
from lanchat.gui import desktop_entry

ASSETS: Final = Path(__file__).parent / "assets" / "launcher"
INDEX_PATIENCE: Final = 5.0  # seconds; without it links are opened after the next login
LONGEST: Final = 64 * 1024  # bytes of a file that might be ours
_NO_LINKS: Final = b"[MIME Cache]\n"
_MODE: Final = 0o644  # anybody may see what our menu has


class State(Enum):
    """What there is at a place where the desktop looks for what to start."""

    NOTHING = "nothing"
    THIS = "this lanchat"
    OTHER = "another lanchat, such as one that was moved"
    FOREIGN = "something that is not ours"


@dataclass(frozen=True, slots=True)
class Start:
    """How to start this lanchat again: its words, and where if that matters."""

    words: tuple[str, ...]
    folder: str = ""


def this_start(program: str | None = None, python: str | None = None) -> Start:
    """How this process was started; for the tests with another `program` and `python`.

    The script `lanchat` if it was that one, else the one beside this Python, else the
    package by its folder.
    """
    python = python or sys.executable
    names = ("lanchat.exe",) if sys.platform == "win32" else ("lanchat",)
    started = Path(program or sys.argv[0]).absolute()
    beside = Path(python).absolute().with_name(names[0])
    for script in (started, beside):
        with suppress(OSError):
            if script.name in names and script.is_file():
                return Start((str(script), "gui"))
    folder = Path(lanchat.__file__).absolute().parent.parent
    return Start((python, "-m", "lanchat", "gui"), str(folder))


def possible() -> bool:
    """Whether this system has a menu that we can write into."""
    return sys.platform not in ("win32", "darwin")


def place() -> Path:
    """Where our file in the menu of programs lies."""
    return Path(platformdirs.user_data_dir()) / "applications" / desktop_entry.NAME


def state() -> State:
    """What is in the menu now.

    Raises:
        LauncherError: that cannot be read.
    """
    try:
        wanted = _entry()
    except NotForMenus:
        wanted = b""
    return look(place(), wanted, _ours)


def add() -> Path:
    """Put this lanchat into the menu; where its file lies.

    Raises:
        NotOurs: there is a file of that name that lanchat did not write.
        NotForMenus: the path of this lanchat cannot be written there.
        LauncherError: the files cannot be written.
    """
    data, path = _entry(), place()
    check(path, _ours)
    for target, source in _icons():
        put(target, _asset(source))
    put(path, data)
    _tell_of_icons()
    _tell_of_links(path.parent)
    return path


def remove() -> Path:
    """Take lanchat out of the menu; where its file lay.  Nothing there is fine.

    Raises:
        NotOurs: the file there is not one that lanchat wrote.
        LauncherError: the files cannot be removed.
    """
    path = place()
    check(path, _ours)
    if path.is_file():
        drop(path)
        for target, _source in _icons():
            drop(target)
        _tell_of_icons()
        _tell_of_links(path.parent)
    return path


# --- files that others read, too ----------------------------------------------------------


def look(path: Path, wanted: bytes, ours: Callable[[bytes], bool]) -> State:
    """What there is at `path`, where we would write `wanted`."""
    held = _read(path)
    if held is None:
        return State.NOTHING
    if held == wanted:
        return State.THIS
    return State.OTHER if ours(held) else State.FOREIGN


def check(path: Path, ours: Callable[[bytes], bool]) -> None:
    """Raise NotOurs if somebody else's file is there."""
    held = _read(path)
    if held is not None and not ours(held):
        raise NotOurs("a file is there")


def put(path: Path, data: bytes) -> None:
    """Write a whole file or none; the folders above it are made.

    Raises:
        LauncherError: that is not possible.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(
            os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE), "wb"
        ) as out:
            out.write(data)
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise LauncherError(f"errno {error.errno}") from error


def drop(path: Path) -> None:
    """Remove a file; none is fine.

    Raises:
        LauncherError: that is not possible.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise LauncherError(f"errno {error.errno}") from error


def _read(path: Path) -> bytes | None:
    """What is in a file; None if there is none."""
    try:
        with path.open("rb") as file:
            return file.read(LONGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LauncherError(f"errno {error.errno}") from error


# --- within -------------------------------------------------------------------------------


def _entry() -> bytes:
    start = this_start()
    return desktop_entry.entry(start.words, folder=start.folder).encode()


def _ours(held: bytes) -> bool:
    return desktop_entry.ours(held.decode(errors="replace"))


def _icons() -> Iterator[tuple[Path, Path]]:
    """Where each icon goes, and which of ours it is."""
    theme = _theme()
    for source in sorted(ASSETS.glob("lanchat-*.png")):
        size = source.stem.removeprefix("lanchat-")
        yield theme / f"{size}x{size}" / "apps" / "lanchat.png", source
    yield theme / "scalable" / "apps" / "lanchat.svg", ASSETS / "lanchat.svg"


def _theme() -> Path:
    """The icons of this user that every theme falls back on."""
    return Path(platformdirs.user_data_dir()) / "icons" / "hicolor"


def _asset(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise LauncherError(f"errno {error.errno}") from error


def _tell_of_icons() -> None:
    """A newer folder is what makes desktops look at the icons again."""
    with suppress(OSError):
        os.utime(_theme())


def _tell_of_links(menu: Path) -> None:
    """Desktops look up who opens a link in an index, which this program writes anew."""
    program = shutil.which("update-desktop-database")
    if program is None:
        return
    with suppress(OSError, subprocess.SubprocessError):
        subprocess.run(  # noqa: S603 - a program of the system, and our own folder
            [program, str(menu)], timeout=INDEX_PATIENCE, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    index = menu / "mimeinfo.cache"
    if _read(index) == _NO_LINKS:  # there was none before we came
        drop(index)
