"""Demo: two people on this one machine, by the way every front end takes."""

import asyncio
import hashlib
import os
import shutil
import socket
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lanchat.cli.exits import Exit
from lanchat.cli.output import Output
from lanchat.errors import DemoFailed, LanchatError, PeerNotFound

if TYPE_CHECKING:
    from lanchat.node.node import Node
    from lanchat.node.profiles import OpenProfile
    from lanchat.node.rows import JSON, Row

FIND_TIME: Final = 15.0  # seconds to find each other; it takes a tenth of one
FILE_SIZE: Final = 64 * 2**20  # bytes
STEP_TIME: Final = 60.0  # seconds a step may take; it takes one or two
_PASSPHRASE: Final = "a throw-away passphrase"  # noqa: S105 - it seals nothing that stays
_PIECE: Final = 2**20  # bytes written at a time
#: Where a window would keep what it chose, which profile it had last, and its lock; the first
#: three on Linux and macOS.
_PLACES: Final = (
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "WIN_PD_OVERRIDE_APPDATA",
    "WIN_PD_OVERRIDE_LOCAL_APPDATA",
)


async def demo(arguments: Namespace, output: Output) -> Exit:
    """Show on this machine alone that everything works.

    Two throw-away profiles find each other by multicast on the loopback interface, open a
    session, compare four words, exchange messages and a file of 64 MiB whose digest is
    compared.  Then, where there is a display, a window of each stays open until you close
    it.  Needs no network and no profile, and leaves nothing behind.

    Example: lanchat demo --headless
    """
    began = time.monotonic()
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="lanchat-demo-"))
    show = _Show(output)
    try:
        async with AsyncExitStack() as stack:
            await _play(show, folder, stack)
        output.line(f"everything works; it took {time.monotonic() - began:.1f} s")
        if not arguments.headless and _has_display():
            output.line("Ann and Bob have a window each now; close both to end this")
            await _open_windows(folder)
    finally:
        await show.step("leave nothing behind", lambda: _removed(folder))
    return Exit.DONE


class _Show:
    """Do step after step, and show each with its time."""

    def __init__(self, output: Output) -> None:
        self._output = output

    async def step(self, name: str, work: Callable[[], Awaitable[str]]) -> None:
        began = time.perf_counter()
        failed: LanchatError | None = None
        detail = ""
        try:
            async with asyncio.timeout(STEP_TIME):
                detail = await work()
        except TimeoutError as error:
            failed = DemoFailed(f"{name}: no end after {STEP_TIME:.0f} s")
            failed.__cause__ = error
        except LanchatError as error:
            failed = error
        ms = round((time.perf_counter() - began) * 1000, 1)
        row: Row = {"step": name, "ok": failed is None, "ms": ms}
        if failed is not None:
            row["detail"] = failed.sentence
        self._output.row(row)
        self._output.line(
            f"{'ok  ' if failed is None else 'FAIL'} {ms:9.1f} ms  {name}{detail}"
        )
        if failed is not None:
            raise failed


class _Person:
    """One of the two: a profile and a node, asked by the door all front ends use."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.downloads = folder / f"{name} downloads"
        self.peer_id = ""
        self._profile = f"{folder / name}{os.sep}"
        self._node: Node | None = None
        self._events: asyncio.Queue[Row] = asyncio.Queue()

    async def register(self) -> None:
        from lanchat.node import profiles

        _, peer_id = await profiles.register(
            self._profile, self.name, _PASSPHRASE, profiles.QUICK
        )
        self.peer_id = str(peer_id)

    async def start(self, stack: AsyncExitStack) -> None:
        from lanchat.node import profiles
        from lanchat.node.node import Node
        from lanchat.node.settings import Accepting, Settings

        await asyncio.to_thread(self.downloads.mkdir)
        held = await asyncio.to_thread(profiles.hold, self._profile)
        stack.callback(held.release)
        opened: OpenProfile = await profiles.unlock(held, _PASSPHRASE)
        stack.push_async_callback(opened.close)
        settings = Settings(
            downloads=self.downloads,
            interfaces=(_loopback(),),
            listening=True,
            accept=Accepting.TRUSTED,
        )
        self._node = Node(opened, settings)
        self._node.subscribe(self._hear)
        await self._node.start()
        stack.push_async_callback(self._node.stop)

    def _hear(self, happened: object) -> None:
        from lanchat.node import rows

        row = rows.event(happened, time.time_ns() // 10**6)  # type: ignore[arg-type]  # NodeEvent; its module is loaded only here
        if row is not None:
            self._events.put_nowait(row)

    async def sees(self, other: "_Person") -> None:
        """Wait until the other one is on the list."""
        async with aclosing(self._rows("peers", {"watch": True})) as found:
            async for row in found:
                if row["peer_id"] == other.peer_id and row["event"] != "peer-lost":
                    return

    async def ask(self, verb: str, **params: "JSON") -> "Row":
        """The last row of a request."""
        last: Row = {}
        async with aclosing(self._rows(verb, params)) as found:
            async for row in found:
                last = row
        return last

    async def heard(self, event: str) -> "Row":
        """The next event of this kind."""
        while (row := await self._events.get())["event"] != event:
            pass
        return row

    async def verify(self, other: "_Person", aloud: "dict[str, asyncio.Future[JSON]]") -> str:
        """Compare words with the other one; what they are then."""
        last: Row = {}
        async with aclosing(self._rows("verify", {"peer": other.peer_id})) as rows:
            async for last in rows:
                if "words" in last:
                    aloud[self.peer_id].set_result(last["words"])
                    same = await aloud[other.peer_id] == last["words"]
                    await self.ask("answer", peer=other.peer_id, run=last["run"], match=same)
        return str(last.get("trust"))

    async def connect(self, other: "_Person") -> None:
        from lanchat.identity.keys import PeerId

        assert self._node is not None  # noqa: S101 - the steps come in order
        await self._node.connect(PeerId.parse(other.peer_id))

    async def _rows(self, verb: str, params: "dict[str, JSON]") -> "AsyncGenerator[Row, None]":
        from lanchat.node import requests

        assert self._node is not None  # noqa: S101 - the steps come in order
        async with aclosing(requests.run(self._node, verb, params)) as rows:
            async for row in rows:
                yield row


async def _play(show: _Show, folder: Path, stack: AsyncExitStack) -> None:
    ann, bob = _Person("Ann", folder), _Person("Bob", folder)

    async def register() -> str:
        await asyncio.gather(ann.register(), bob.register())
        return ""

    async def start() -> str:
        await ann.start(stack)
        await bob.start(stack)
        return ""

    async def find() -> str:
        try:
            async with asyncio.timeout(FIND_TIME):
                await asyncio.gather(ann.sees(bob), bob.sees(ann))
        except TimeoutError as error:
            raise _not_found() from error
        return ""

    async def connect() -> str:
        await asyncio.gather(
            ann.connect(bob), ann.heard("session-opened"), bob.heard("session-opened")
        )
        return ""

    source = folder / "a file.bin"
    digest = await asyncio.to_thread(_write, source)
    await show.step("two people register", register)
    await show.step("both listen on the loopback interface", start)
    await show.step("they find each other by multicast", find)
    await show.step("they open a session", connect)
    await show.step("they compare four words", lambda: _compare(ann, bob))
    await show.step("Ann writes, Bob's computer says it has it", lambda: _say(ann, bob))
    await show.step("Bob answers", lambda: _say(bob, ann))
    await show.step("Ann sends a file of 64 MiB", lambda: _send(ann, bob, source, digest))


async def _compare(ann: _Person, bob: _Person) -> str:
    """Each reads its words aloud; the other one hears them and answers."""
    loop = asyncio.get_running_loop()
    aloud: dict[str, asyncio.Future[JSON]] = {
        one.peer_id: loop.create_future() for one in (ann, bob)
    }
    ends = await asyncio.gather(ann.verify(bob, aloud), bob.verify(ann, aloud))
    if set(ends) != {"verified"}:
        raise DemoFailed("not verified")
    words = aloud[ann.peer_id].result()
    return f": {' '.join(map(str, words))}" if isinstance(words, list) else ""


async def _say(author: _Person, reader: _Person) -> str:
    text = f"Hello, this is {author.name}."
    said = await author.ask("say", peer=reader.peer_id, text=text)
    heard = await reader.heard("message")
    if said["state"] != "delivered" or heard["text"] != text or heard["id"] != said["id"]:
        raise DemoFailed("another message arrived")
    return ""


async def _send(sender: _Person, receiver: _Person, source: Path, digest: bytes) -> str:
    began = time.perf_counter()
    sent = await sender.ask("send", peer=receiver.peer_id, paths=[str(source)])
    took = time.perf_counter() - began
    received = await receiver.heard("file-received")
    arrived = await asyncio.to_thread(_digest, Path(str(received["path"])))
    if sent["state"] != "done" or arrived != digest:
        raise DemoFailed("digests differ")
    return f": {FILE_SIZE / 2**20 / took:.0f} MiB/s, the digest is the same"


async def _open_windows(folder: Path) -> None:
    """A window for each of the two, until both are closed."""
    phrase = folder / "passphrase"
    await asyncio.to_thread(phrase.write_text, _PASSPHRASE)
    environment = {**os.environ, **{name: str(folder) for name in _PLACES}}
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lanchat",
            *("--profile", f"{folder / name}{os.sep}"),
            *("--passphrase-file", str(phrase)),
            *("--interface", _loopback()),
            env={**environment, "XDG_DOWNLOAD_DIR": str(folder / f"{name} downloads")},
        )
        for name in ("Ann", "Bob")
    ]
    try:
        ended = await asyncio.gather(*(one.wait() for one in running))
    finally:
        for one in running:
            if one.returncode is None:
                one.terminate()
                await one.wait()
    if any(ended):
        raise DemoFailed("a window ended with an error")


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _write(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("xb") as file:
        for _ in range(FILE_SIZE // _PIECE):
            piece = os.urandom(_PIECE)
            digest.update(piece)
            file.write(piece)
    return digest.digest()


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _not_found() -> PeerNotFound:
    failed = PeerNotFound("not on the loopback interface")
    failed.hint = "is the loopback interface up? try: ip link set lo up"
    return failed


async def _removed(folder: Path) -> str:
    await asyncio.to_thread(shutil.rmtree, folder)
    return ""


def _loopback() -> str:
    """The name of the loopback interface; its address where names are not what we know."""
    names = [name for _, name in socket.if_nameindex()]
    return next((name for name in ("lo", "lo0") if name in names), "127.0.0.1")
