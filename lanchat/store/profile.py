"""Profiles: the folder of one identity, who holds it, and the little that is not sealed.

    key.lc          the seed and the master key, sealed (keyfile)
    lanchat.db      everything remembered, encrypted (database)
    profile.json    the own display name and colour, for the login picker; nothing of others
    pasted/         pictures that were pasted, until they are sent, and the last ones; in clear
    lock            whose process holds the profile; a crash leaves nothing stuck
    control.sock    how a second command reaches that process

PROTOCOL.md, 7.
"""

import hashlib
import json
import logging
import os
import shutil
import stat
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import platformdirs

from lanchat.errors import AlreadyRunning, BadRequest, NotPrivate, ProfileExists, StoreError
from lanchat.store import files

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

DEFAULT_NAME: Final = "default"
MAX_INFO: Final = 64 * 1024  # bytes; more than that is not ours
MAX_SHOWN: Final = 63  # bytes of a display name; PROTOCOL.md, 3a
MAX_SOCKET_PATH: Final = 100  # bytes; sockaddr_un holds 104 to 108
_DATABASE_FILES: Final = ("", "-wal", "-shm", "-journal")
_PID_DIGITS: Final = 20
_LOCK_AT: Final = 1 << 20  # Windows locks bytes: far behind the pid, so that it stays readable

_log = logging.getLogger(__name__)


def profiles_folder() -> Path:
    """Where profiles with a bare name lie."""
    return Path(platformdirs.user_data_dir("lanchat", appauthor=False)) / "profiles"


def locate(name_or_dir: str) -> Path:
    """The folder that `--profile` means: a bare name's, or any path with a separator in it.

    Raises:
        BadRequest: no name of a folder.
    """
    separators = {"/", os.sep, os.altsep or os.sep}
    if "\0" in name_or_dir or not name_or_dir.strip():
        raise BadRequest("a profile needs a name or a folder")
    if any(separator in name_or_dir for separator in separators):
        return Path(name_or_dir).expanduser().absolute()
    if name_or_dir.startswith(".") or ":" in name_or_dir:
        raise BadRequest("a profile's name may not begin with a dot or hold a colon")
    return profiles_folder() / name_or_dir


def profiles() -> tuple["Profile", ...]:
    """The profiles with a bare name that exist, in order of name."""
    try:
        folders = sorted(profiles_folder().iterdir())
    except OSError:
        return ()
    return tuple(profile for folder in folders if (profile := Profile(folder)).exists())


@dataclass(frozen=True, slots=True)
class Info:
    """What the login picker shows of a locked profile; in clear, and only a hint."""

    name: str = ""  # own display name
    colour: str = ""
    last_used_at: int = 0  # ms since 1970


class Profile:
    """The places in one profile folder.  Making one touches nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder: Final = folder
        self.keyfile: Final = folder / "key.lc"
        self.database: Final = folder / "lanchat.db"
        self.lockfile: Final = folder / "lock"
        self.info: Final = folder / "profile.json"
        self.pasted: Final = folder / "pasted"

    @property
    def socket(self) -> Path:
        """Where the control socket is; `prepare_socket` makes the way to it."""
        inside = self.folder / "control.sock"
        if len(os.fsencode(inside)) <= MAX_SOCKET_PATH:
            return inside
        digest = hashlib.sha256(os.fsencode(self.folder.absolute())).hexdigest()[:16]
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        for parent in (runtime, tempfile.gettempdir()):
            outside = Path(parent) / f"lanchat-{digest}" / "control.sock"
            if outside.is_absolute() and len(os.fsencode(outside)) <= MAX_SOCKET_PATH:
                return outside
        return inside  # `bind` will say that it is too long

    @property
    def name(self) -> str:
        """The own display name, or the folder's."""
        return self.read_info().name or self.folder.name

    def exists(self) -> bool:
        """Whether a profile was registered here."""
        return self.keyfile.is_file()

    def create_folder(self) -> None:
        """Make the folder, 0700; one that is there is tightened.

        Raises:
            NotPrivate: it belongs to another user.
            StoreError: it cannot be made.
        """
        files.make_folder(self.folder)

    def remove_unfinished(self) -> None:
        """Clear away the database of a registration that was cut short.

        The key file is written last: without it nothing can open that database any more.
        The caller holds the lock.

        Raises:
            ProfileExists: there is a key file; nothing was touched.
        """
        if self.keyfile.exists() or self.keyfile.is_symlink():
            raise ProfileExists("key file exists")
        try:
            for suffix in _DATABASE_FILES:
                self.database.with_name(self.database.name + suffix).unlink(missing_ok=True)
        except OSError as error:
            raise files.translated(error) from error

    def erase(self) -> None:
        """Destroy the profile: the key file first, without which nothing of it can be read.

        The caller holds the lock, and nobody has the database open.  What is not ours stays
        in the folder, and the folder with it.

        Raises:
            StoreError: the system does not let us; without a key file it is none any more.
        """
        for path in (self.keyfile, *self._drafts(self.keyfile)):
            files.destroy(path)
        ours = [self.database.with_name(self.database.name + one) for one in _DATABASE_FILES]
        try:
            for path in (*ours, self.info, *self._drafts(self.info), self.socket):
                path.unlink(missing_ok=True)
            if self.pasted.exists():
                shutil.rmtree(self.pasted)
        except OSError as error:
            raise files.translated(error) from error
        with suppress(OSError):  # held open by us, where that counts; or not empty
            self.lockfile.unlink(missing_ok=True)
            self.folder.rmdir()

    def _drafts(self, path: Path) -> tuple[Path, ...]:
        """What a crash left of a file that was to be replaced."""
        return tuple(self.folder.glob(f".{path.name}.*"))

    def tighten(self) -> None:
        """Give the folder and the files in it the modes they must have.

        A folder that is a link stays one (some keep profiles on another disk), but says so.

        Raises:
            NotPrivate: a part of it belongs to another user.
        """
        if self.folder.is_symlink():
            _log.warning("the profile's folder is a link; where it leads must be private too")
        files.tighten(self.folder, files.FOLDER_MODE)
        for path in (self.keyfile, self.lockfile, self.info):
            files.tighten(path)
        for suffix in _DATABASE_FILES:
            files.tighten(self.database.with_name(self.database.name + suffix))

    def read_info(self) -> Info:
        """What profile.json says; a missing or damaged one says nothing."""
        try:
            found = json.loads(files.read(self.info, MAX_INFO))
        except (OSError, StoreError, ValueError, RecursionError):
            return Info()
        if not isinstance(found, dict):
            return Info()
        return Info(
            name=_short_text(found.get("name")),
            colour=_short_text(found.get("colour")),
            last_used_at=_moment(found.get("last_used_at")),
        )

    def write_info(self, info: Info) -> None:
        """Replace profile.json, 0600."""
        files.write(self.info, json.dumps(asdict(info)).encode())

    def prepare_socket(self) -> Path:
        """The control socket's path, in a folder that only we can enter.

        Raises:
            NotPrivate: somebody else made that folder before us.
        """
        place = self.socket
        if place.parent == self.folder:
            files.tighten(self.folder, files.FOLDER_MODE)
            return place
        try:
            place.parent.mkdir(mode=files.FOLDER_MODE, exist_ok=True)
            found = place.parent.lstat()
        except OSError as error:
            raise files.translated(error) from error
        mine = sys.platform == "win32" or found.st_uid == os.geteuid()
        if not stat.S_ISDIR(found.st_mode) or not mine:
            raise NotPrivate("folder of the control socket")
        files.tighten(place.parent, files.FOLDER_MODE)
        return place

    def lock(self) -> "ProfileLock":
        """Take the profile for this process, until the lock is released or we die.

        Raises:
            AlreadyRunning: another process holds it; `pid` says which, where it could be read.
        """
        return ProfileLock(self.lockfile)

    def holder(self) -> int | None:
        """The process that holds the profile now; None if nobody does (0: unknown)."""
        try:
            with ProfileLock(self.lockfile, make=False):
                return None
        except AlreadyRunning as error:
            return error.pid or 0
        except StoreError:
            return None


class ProfileLock:
    """The right to use a profile: a lock of the system's on an open file, so it dies with us.

    The file stays; removing it would let two processes lock two files of one name.
    """

    def __init__(self, path: Path, *, make: bool = True) -> None:
        flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | (os.O_CREAT if make else 0)
        try:
            self._descriptor = os.open(path, flags, files.FILE_MODE)
        except OSError as error:
            raise files.translated(error) from error
        try:
            _lock(self._descriptor)
        except OSError as error:
            pid = _read_pid(self._descriptor)
            os.close(self._descriptor)
            raise AlreadyRunning(pid) from error
        if make:
            self._write_pid()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def release(self) -> None:
        """Let others have the profile.  Twice is once."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _write_pid(self) -> None:
        try:
            if sys.platform != "win32":
                os.fchmod(self._descriptor, files.FILE_MODE)
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, str(os.getpid()).encode())
        except OSError as error:
            self.release()
            raise files.translated(error) from error


def _read_pid(descriptor: int) -> int | None:
    with suppress(OSError, ValueError):
        os.lseek(descriptor, 0, os.SEEK_SET)
        pid = int(os.read(descriptor, _PID_DIGITS))
        return pid if pid > 0 else None
    return None


def _short_text(value: object) -> str:
    """A display name out of a file anybody could have written; "" if it is none."""
    if not isinstance(value, str) or not value.isprintable():
        return ""
    return value if len(value.encode("utf-8", "replace")) <= MAX_SHOWN else ""


def _moment(value: object) -> int:
    return value if type(value) is int and 0 <= value < 1 << 53 else 0


if sys.platform == "win32":

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCK_AT, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

else:

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
