"""Listen: a peer without a window, and the door for other commands."""

import asyncio
import signal
from argparse import Namespace
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

from lanchat.cli.exits import Exit
from lanchat.cli.output import Output, complain
from lanchat.errors import BadInput

if TYPE_CHECKING:
    from lanchat.node.node import Node
    from lanchat.node.profiles import OpenProfile
    from lanchat.node.rows import JSON, Row
    from lanchat.node.settings import Settings

_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP")


async def listen(arguments: Namespace, output: Output) -> Exit:
    """Be here without a window until Ctrl-C, and show what happens.

    Others see this computer, can write and, if --accept allows it, send files.  While it
    runs, all other commands of this profile are done by it and need no passphrase.

    Example: lanchat listen --accept trusted --downloads Inbox
    """
    from lanchat.cli import reach

    settings = _settings(arguments)
    held = await reach.hold(arguments)
    try:
        opened = await reach.unlock(arguments, held)
    except BaseException:
        held.release()
        raise
    try:
        await _serve(opened, settings, output, arguments.keep)
    finally:
        await opened.close()
    return Exit.DONE


async def _serve(
    opened: "OpenProfile", settings: "Settings", output: Output, keep: int | None
) -> None:
    from lanchat.cli.events import EventWriter
    from lanchat.node import requests
    from lanchat.node.control import Control
    from lanchat.node.node import Node

    ended = asyncio.Event()
    node = Node(opened, settings)
    started = asyncio.Event()

    async def answer(verb: str, params: "Mapping[str, JSON]") -> "AsyncGenerator[Row, None]":
        await started.wait()
        async with aclosing(requests.run(node, verb, params)) as rows:
            async for row in rows:
                yield row

    control = Control(await asyncio.to_thread(opened.profile.prepare_socket), answer)
    with EventWriter(output, on_gone=ended.set) as writer, _ends(ended):
        node.subscribe(writer.take)
        try:
            await control.start()  # whoever reads `ready` may hand a request over at once
            await node.start()
            started.set()
            if keep is not None:
                await node.retention.keep(keep)
            await _until(ended, node)
        finally:
            await control.stop()
            if started.is_set():
                await node.stop()


async def _until(ended: asyncio.Event, node: "Node") -> None:
    """Wait for the end; if that is the node's own, raise why."""
    told = asyncio.create_task(ended.wait(), name="told to end")
    failed = asyncio.create_task(node.failed(), name="node watch")
    try:
        await asyncio.wait({told, failed}, return_when=asyncio.FIRST_COMPLETED)
        if failed.done():
            failed.result()
    finally:
        told.cancel()
        failed.cancel()


@contextmanager
def _ends(ended: asyncio.Event) -> Iterator[None]:
    """Let the first signal to end set `ended`; a second one ends the process at once."""
    loop = asyncio.get_running_loop()
    held = {}

    def heard(number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(ended.set)
        signal.signal(number, signal.SIG_DFL)

    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            continue  # not on this system, or under nohup
        held[number] = signal.signal(number, heard)
    try:
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)


def _settings(arguments: Namespace) -> "Settings":
    from lanchat.node import networks, profiles
    from lanchat.node.settings import (
        DAY_LIMIT,
        OFFER_LIMIT,
        Accepting,
        Clash,
        Settings,
        site_of,
    )

    limit = arguments.accept_limit
    site = site_of(arguments.dns, arguments.dns_key, arguments.dns_every)
    if site is not None and site.key is not None:
        exposed = networks.check_dns_key(site.key)
        if exposed is not None:
            complain(exposed)
    return Settings(
        downloads=_folder(arguments.downloads or profiles.downloads()),
        interfaces=tuple(arguments.interface),
        networks=tuple(arguments.network),
        port=arguments.port or 0,
        site=site,
        listening=True,
        accept=Accepting(arguments.accept),
        offer_limit=OFFER_LIMIT if limit is None else limit,
        day_limit=DAY_LIMIT if limit is None else max(limit, DAY_LIMIT),
        read_receipts=arguments.read_receipts,
        limit_rate=arguments.limit_rate or 0,
        clash=Clash(arguments.clash) if arguments.clash else None,
        keep_executable=arguments.keep_executable,
    )


def _folder(folder: Path) -> Path:
    folder = folder.expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        failed = BadInput("download folder")
        failed.hint = f"{folder} cannot be used for downloads: {error.strerror}"
        raise failed from error
    return folder
