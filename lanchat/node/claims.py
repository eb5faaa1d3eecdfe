"""Claims: which window comes forward for a profile that none of them holds yet.

A profile is held from its passphrase on (`profiles.hold`).  A window that waits for one, or
for a new profile, claims it instead, so that a second start shows that window and opens none:
a lock and a local socket, in a folder beside the profiles, because commands may use the
profile meanwhile.  PROTOCOL.md, 7.
"""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Final

from lanchat.errors import BadRequest, LanchatError
from lanchat.identity.fingerprint import LONGEST_TYPED
from lanchat.node import control
from lanchat.node.control import Control
from lanchat.node.json_row import JSON, Row
from lanchat.store.profile import Profile, ProfileLock, locate, profiles_folder

PATIENCE: Final = 5.0  # seconds another process may take to answer, or to begin to
_PAUSE: Final = 0.05  # seconds between two looks whether it does


class Claim:
    """A profile that this process claims.  `answer` and `release` are for the node thread."""

    def __init__(self, room: Profile, lock: ProfileLock) -> None:
        self._room = room
        self._lock = lock
        self._control: Control | None = None

    async def answer(self, raised: Callable[[str], None]) -> None:
        """Call `raised` when somebody asks for the window, with the invite they opened or "".

        Raises:
            StoreError: the socket cannot be made.
        """
        path = await asyncio.to_thread(self._room.prepare_socket)

        async def handle(verb: str, params: Mapping[str, JSON]) -> AsyncGenerator[Row, None]:
            if verb != "raise":
                raise BadRequest("no profile is open here")
            raised(opened(params))
            return
            yield {}  # no rows

        self._control = Control(path, handle)
        await self._control.start()

    async def release(self) -> None:
        """Let others claim it.  Twice is once."""
        held, self._control = self._control, None
        if held is not None:
            await held.stop()
        self._lock.release()


def claim(name_or_dir: str) -> Claim:
    """Claim a profile, there or not.

    Raises:
        AlreadyRunning: another process does.
        BadRequest: no profile can have such a name.
        StoreError: there is no place to write that down.
    """
    room = _room(name_or_dir)
    room.create_folder()
    return Claim(room, room.lock())


def opened(params: Mapping[str, JSON]) -> str:
    """The invite that came with the wish to see the window; "" for none."""
    text = params.get("invite")
    return text[:LONGEST_TYPED] if isinstance(text, str) else ""


async def show_holder(name_or_dir: str, invite: str = "") -> bool:
    """Have the window that holds a profile come forward; False if none does.

    With an invite, that window shows it; nobody is dialled by that.

    Raises:
        BadRequest: no profile can have such a name.
    """
    return await _raised(Profile(locate(name_or_dir)), invite)


async def show_claimer(name_or_dir: str, invite: str = "") -> bool:
    """Have the window that claims a profile come forward, once it is there; False if none is.

    Raises:
        BadRequest: no profile can have such a name.
    """
    room = _room(name_or_dir)
    until = time.monotonic() + PATIENCE
    while not await _raised(room, invite):
        if await asyncio.to_thread(room.holder) is None or time.monotonic() > until:
            return False
        await asyncio.sleep(_PAUSE)
    return True


def _room(name_or_dir: str) -> Profile:
    """Where a claim lies: a folder like a profile's, without a profile in it."""
    folder = locate(name_or_dir).absolute()
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Profile(profiles_folder().parent / "windows" / digest)


async def _raised(place: Profile, invite: str) -> bool:
    """Whether a window answered there that it comes forward."""
    path = await asyncio.to_thread(lambda: place.socket)
    try:
        async with asyncio.timeout(PATIENCE):
            async with aclosing(control.ask(path, "raise", {"invite": invite})) as rows:
                async for _row in rows:
                    pass
    except (LanchatError, TimeoutError):
        return False  # nobody is there, or a `listen`, which has no window
    return True
