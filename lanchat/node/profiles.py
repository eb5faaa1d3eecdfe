"""Profiles: what can be done with one while no node runs it.

Two steps lead to an open profile, so that nobody is asked for a passphrase in vain:
`hold` takes it for this process, `unlock` opens what the passphrase protects.
"""

import asyncio
import ctypes
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import platformdirs

from lanchat.conversation.text import LONGEST_NAME, MAX_NAME, clean_name
from lanchat.errors import (
    BadRequest,
    LanchatError,
    NoProfile,
    ProfileExists,
    Sentence,
    StoreError,
)
from lanchat.identity.keys import Identity, PeerId
from lanchat.node import fleeting
from lanchat.store import keyfile
from lanchat.store.database import Database
from lanchat.store.keyfile import DEFAULT, MIN_MEMORY, Params
from lanchat.store.profile import Info, Profile, ProfileLock, locate, profiles

if sys.platform != "win32":
    import resource

QUICK: Final = Params(memory_kib=MIN_MEMORY, passes=1, lanes=1)  # for what is thrown away
_NAME_KEY: Final = "name"  # in the database; profile.json holds it in clear, as a hint
_PR_SET_DUMPABLE: Final = 4  # <sys/prctl.h>


@dataclass(frozen=True, slots=True)
class Held:
    """A profile that this process holds, still locked with its passphrase."""

    profile: Profile
    lock: ProfileLock

    def release(self) -> None:
        """Let others have it.  Twice is once."""
        self.lock.release()


@dataclass(frozen=True, slots=True)
class OpenProfile:
    """A profile that this process holds and may read.  Lives on the node thread."""

    identity: Identity = field(repr=False)
    name: str  # what others see
    database: Database
    profile: Profile
    lock: ProfileLock

    async def close(self) -> None:
        """Close the database and let others have the profile.  Twice is once."""
        try:
            await fleeting.shut(self.database)
        finally:
            self.lock.release()


@dataclass(frozen=True, slots=True)
class Listed:
    """A profile as the login picker shows it."""

    folder: Path
    info: Info


def find(name_or_dir: str) -> Profile:
    """The profile that `--profile` means.

    Raises:
        BadRequest: no profile can have such a name.
        NoProfile: there is none.
    """
    profile = Profile(locate(name_or_dir))
    if not profile.exists():
        raise NoProfile("no key file")
    return profile


def place(name_or_dir: str) -> Path:
    """The folder that `--profile` means, whether there is a profile in it or not.

    Raises:
        BadRequest: no profile can have such a name.
    """
    return locate(name_or_dir)


def exists(name_or_dir: str) -> bool:
    """Whether `--profile` means one that was registered."""
    try:
        return Profile(locate(name_or_dir)).exists()
    except BadRequest:
        return False


def listed() -> tuple[Listed, ...]:
    """The profiles of this user, by name."""
    return tuple(Listed(one.folder, one.read_info()) for one in profiles())


def hold(name_or_dir: str) -> Held:
    """Take a profile for this process.

    Raises:
        NoProfile: there is none.
        AlreadyRunning: another process holds it.
    """
    profile = find(name_or_dir)
    profile.tighten()
    return Held(profile, profile.lock())


def check_new(name_or_dir: str, name: str) -> tuple[str, Profile]:
    """Whether a profile can be registered there, and the name as others will see it.

    Raises:
        BadRequest: nobody may be called that.
        ProfileExists: there is one.
    """
    name = own_name(name)
    profile = Profile(locate(name_or_dir))
    if profile.exists():
        raise _exists(profile)
    return name, profile


async def register(
    name_or_dir: str, name: str, passphrase: str, params: Params = DEFAULT, *, keep: bool = True
) -> tuple[str, PeerId]:
    """Make a new identity called `name`, sealed with `passphrase`; the name as others see it.

    Without `keep` what is said is kept only until the profile is closed.

    Raises:
        BadRequest: nobody may be called that.
        BadPassphrase: too short or too long.
        ProfileExists: there is one; it was not touched.
    """
    name, profile = await asyncio.to_thread(check_new, name_or_dir, name)
    secrets = keyfile.draw()
    sealed = await asyncio.to_thread(
        keyfile.seal, secrets.seed, secrets.master_key, passphrase, params
    )
    lock = await _placed(profile)
    making = asyncio.ensure_future(_fill(profile, name, secrets.master_key, sealed, keep))
    try:
        await asyncio.shield(making)
    except asyncio.CancelledError:
        await asyncio.wait({making})  # the store's thread does not stop half-way
        await asyncio.to_thread(_remove, profile)
        raise
    except StoreError:
        await asyncio.to_thread(_remove, profile)
        raise
    finally:
        lock.release()
    return name, Identity(secrets.seed).peer_id


async def unlock(held: Held, passphrase: str) -> OpenProfile:
    """Open a profile that we hold; it stays held if that fails.

    Raises:
        WrongPassphrase: it is another one.
        StoreDamaged: a part of the profile is missing or changed.
        StoreTooNew: a newer lanchat wrote it.
    """
    profile = held.profile
    sealed = await asyncio.to_thread(keyfile.read, profile.keyfile)
    secrets = await asyncio.to_thread(keyfile.open_key, sealed, passphrase)
    database = await Database.open(profile.database, secrets.master_key)
    try:
        await fleeting.forget(database)
        stored = await database.get(_NAME_KEY)
        name = await asyncio.to_thread(_note_use, profile, (stored or b"").decode())
    except BaseException:
        await database.close()
        raise
    return OpenProfile(Identity(secrets.seed), name, database, profile, held.lock)


async def keep_name(opened: OpenProfile, name: str) -> None:
    """Keep another name for ourselves, one that `own_name` gave.

    Raises:
        StoreError: it could not be kept.
    """
    await opened.database.put(_NAME_KEY, name.encode())
    await asyncio.to_thread(_note_use, opened.profile, name)


async def check_passphrase(held: Held, passphrase: str) -> None:
    """See whether a passphrase is that of a profile that we hold.

    Raises:
        WrongPassphrase: it is another one.
        StoreDamaged: the key file is missing or changed.
    """
    sealed = await asyncio.to_thread(keyfile.read, held.profile.keyfile)
    await asyncio.to_thread(keyfile.open_key, sealed, passphrase)


async def erase(held: Held) -> None:
    """Destroy a profile that we hold and nobody has open, for good; then let go of it.

    Raises:
        StoreError: not all of it could be removed; the key file went first.
    """
    try:
        await asyncio.to_thread(held.profile.erase)
    finally:
        held.release()


async def change_passphrase(
    name_or_dir: str, old: str, new: str, params: Params = DEFAULT
) -> None:
    """Seal the same secrets with another passphrase; a node that runs does not notice.

    Raises:
        NoProfile: there is none.
        BadPassphrase: the new one is too short or too long; nothing was changed.
        WrongPassphrase: the old one is not right; nothing was changed.
    """
    profile = await asyncio.to_thread(find, name_or_dir)
    await asyncio.to_thread(keyfile.change_passphrase, profile.keyfile, old, new, params)


def note_colour(name_or_dir: str, colour: str) -> None:
    """Keep a colour for the login picker; a full disk keeps nobody from anything."""
    with suppress(LanchatError):
        profile = find(name_or_dir)
        info = profile.read_info()
        if info.colour != colour:
            profile.write_info(replace(info, colour=colour))


def downloads() -> Path:
    """Where files go unless somebody says otherwise."""
    return Path(platformdirs.user_downloads_dir())


def keep_from_core_dumps() -> None:
    """Let no crash write our memory to a disk, and no other process of ours read it.

    To be called before anything is unlocked.  PROTOCOL.md, 8.
    """
    if sys.platform == "win32":
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


async def _placed(profile: Profile) -> ProfileLock:
    """A place for a new profile, locked; whoever gives up meanwhile holds nothing."""
    placing = asyncio.ensure_future(asyncio.to_thread(_make_place, profile))
    try:
        return await asyncio.shield(placing)
    except asyncio.CancelledError:
        await asyncio.wait({placing})
        if placing.exception() is None:
            placing.result().release()
        raise


def _make_place(profile: Profile) -> ProfileLock:
    profile.create_folder()
    lock = profile.lock()
    if profile.exists() or profile.database.exists():
        lock.release()
        raise _exists(profile)
    return lock


async def _fill(
    profile: Profile, name: str, master_key: bytes, sealed: bytes, keep: bool
) -> None:
    database = await Database.create(profile.database, master_key)
    try:
        await database.put(_NAME_KEY, name.encode())
        if not keep:
            await fleeting.choose(database)
    finally:
        await database.close()
    await asyncio.to_thread(_note_use, profile, name)
    await asyncio.to_thread(keyfile.write, profile.keyfile, sealed, fresh=True)  # now it exists


def _note_use(profile: Profile, name: str) -> str:
    """Tell the login picker; a full disk must not keep anybody out."""
    info = profile.read_info()
    name = name or info.name or profile.name
    with suppress(LanchatError):
        profile.write_info(replace(info, name=name, last_used_at=time.time_ns() // 10**6))
    return name


def own_name(name: str) -> str:
    """Our own name as others will see it.

    Raises:
        BadRequest: nobody may be called that; the hint says what fits.
    """
    try:
        return clean_name(name)
    except BadRequest as error:
        error.hint = Sentence(
            "a name has 1 to {characters} characters, at most {bytes} bytes, and not only"
            " marks or words by which lanchat itself speaks",
            characters=LONGEST_NAME,
            bytes=MAX_NAME,
        )
        raise


def _exists(profile: Profile) -> ProfileExists:
    error = ProfileExists("key file or database exists")
    error.hint = Sentence(
        "it lies in {folder}; --profile OTHER_NAME makes another one", folder=profile.folder
    )
    return error


def _remove(profile: Profile) -> None:
    """Take back what a failed `register` made: nobody could ever open it."""
    for path in (profile.keyfile, profile.info):
        path.unlink(missing_ok=True)
    for suffix in ("", "-wal", "-shm", "-journal"):
        profile.database.with_name(profile.database.name + suffix).unlink(missing_ok=True)
