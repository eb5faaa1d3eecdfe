"""Reach: one way for every command to get a request done.

Whoever holds the profile does it; if nobody does, we hold it for the time of the command,
with a node of our own that browses and dials but neither advertises nor listens.  Rows and
errors are the same both ways.
"""

import asyncio
import time
from argparse import Namespace
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from lanchat.cli import passphrase, terminal
from lanchat.cli.output import complain, spoken, tell
from lanchat.errors import AlreadyRunning, PeerNotFound, WrongPassphrase
from lanchat.node import control, profiles
from lanchat.node.settings import Accepting, Settings, site_of

if TYPE_CHECKING:
    from lanchat.node.events import NodeEvent
    from lanchat.node.node import Node
    from lanchat.node.profiles import Held, OpenProfile
    from lanchat.node.rows import JSON, Row

Run = Callable[[str, "Mapping[str, JSON]"], "AsyncGenerator[Row, None]"]

PATIENCE: Final = 10.0  # seconds for a holder that is just starting, or about to end
RETRY: Final = 0.05  # seconds
_HINDERING: Final = ("no-multicast", "dns")  # what keeps people from being found


@asynccontextmanager
async def reach(arguments: Namespace, *, node: bool = True) -> AsyncIterator[Run]:
    """Give a function that runs requests, on the holder of the profile or on our own node.

    Without `node` our own profile is only opened, which is enough for `whoami`.

    Raises:
        NoProfile: there is none.
        NoPassphrase: nobody holds the profile, and there is no passphrase to open it.
        AlreadyRunning: somebody holds it who takes no requests.
    """
    held = await _hold_or_find(arguments)
    if held is None:
        yield _handing_over(arguments)
        return
    try:
        opened = await unlock(arguments, held)
    except BaseException:
        held.release()
        raise
    try:
        if node:
            async with _own_node(arguments, opened) as run:
                yield run
        else:
            yield lambda _verb, _params: _whoami(opened)
    finally:
        await opened.close()


async def hold(arguments: Namespace) -> "Held":
    """Hold the profile, waiting for a command that is about to end.

    Raises:
        NoProfile: there is none.
        AlreadyRunning: a lanchat that stays holds it; the hint names the process.
    """
    held = await _hold_or_find(arguments)
    if held is None:
        raise AlreadyRunning(await control.holder(profiles.find(arguments.profile).socket))
    return held


async def unlock(arguments: Namespace, held: "Held") -> "OpenProfile":
    """Open a profile that we hold; at a terminal a mistyped passphrase is asked for again.

    Raises:
        NoPassphrase: there is none to be had.
        WrongPassphrase: it is not the right one.
    """
    profiles.keep_from_core_dumps()
    if arguments.passphrase_file:
        return await profiles.unlock(held, passphrase.from_file(arguments.passphrase_file))
    for tries in range(passphrase.TRIES, 0, -1):
        try:
            return await profiles.unlock(held, passphrase.ask())
        except WrongPassphrase as error:
            if tries == 1 or not terminal.present():
                raise
            complain(error)
    raise AssertionError("a loop that always returns or raises")


@asynccontextmanager
async def _own_node(arguments: Namespace, opened: "OpenProfile") -> AsyncIterator[Run]:
    """Run requests on a node of our own, which ends with this command."""
    from lanchat.node import requests  # zeroconf, the sessions: loaded only now
    from lanchat.node.node import Node

    node = Node(opened, settings(arguments))
    node.subscribe(_warn)
    asked: set[str] = set()

    def run(verb: str, params: "Mapping[str, JSON]") -> "AsyncGenerator[Row, None]":
        asked.add(verb)
        return requests.run(node, verb, params)

    await node.start()
    try:
        yield run
        if "peers" in asked:
            _tell_of_silence(node)
    except PeerNotFound:
        _tell_of_silence(node)
        raise
    finally:
        await node.stop()


def _tell_of_silence(node: "Node") -> None:
    """Who was not found may be named by a server that was not given the time to answer."""
    beyond = node.doors.beyond
    if beyond is not None and not beyond.answered and beyond.trouble is None:
        tell("the DNS server has not answered yet; --wait gives it longer")


def _warn(happened: "NodeEvent") -> None:
    """Say what keeps us from finding people, before it is said that nobody was found."""
    from lanchat.node.events import Warned

    if isinstance(happened, Warned) and happened.code in _HINDERING:
        tell(spoken(happened.detail))


async def _whoami(opened: "OpenProfile") -> "AsyncGenerator[Row, None]":
    from lanchat.node import attendance, rows

    showing = await attendance.kept(opened.database)
    yield rows.me(opened.identity.peer_id, opened.name, showing)


def settings(arguments: Namespace) -> Settings:
    """What a node of our own is told; it neither advertises nor listens."""
    return Settings(
        downloads=profiles.downloads(),
        interfaces=tuple(arguments.interface),
        networks=tuple(arguments.network),
        port=arguments.port or 0,
        site=site_of(arguments.dns, arguments.dns_key, arguments.dns_every),
        listening=False,
        accept=Accepting.NONE,
    )


async def _hold_or_find(arguments: Namespace) -> "Held | None":
    """The profile, held; or None if a process that takes requests holds it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return profiles.hold(arguments.profile)
        except AlreadyRunning:
            if await control.holder(profiles.find(arguments.profile).socket) is not None:
                return None
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(RETRY)


def _handing_over(arguments: Namespace) -> Run:
    path = profiles.find(arguments.profile).socket
    return lambda verb, params: control.ask(path, verb, params)
