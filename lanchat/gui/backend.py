"""The backend: what the window has on the node thread.

A profile is held from the moment it is opened until the window closes; locking takes the
node and the keys away and leaves a door for a second `lanchat`, which raises this window.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any, TypeVar

from lanchat.errors import AlreadyRunning, LanchatError, ProfileLocked
from lanchat.node import claims, fleeting, profiles, requests, views
from lanchat.node.control import Control
from lanchat.node.events import NodeEvent, PeerLeft, TransferMoved
from lanchat.node.node import Node
from lanchat.node.person import Overview
from lanchat.node.profiles import Held, OpenProfile
from lanchat.node.rows import JSON, Row
from lanchat.node.settings import Settings

T = TypeVar("T")


class Backend:
    """A profile and its node, held for a window.  Lives on the node thread.

    `raised` is called when somebody starts lanchat a second time, with the invite they
    opened or "", `told` with every event
    of the node, `failed` if the node ends by itself.
    """

    def __init__(
        self,
        told: Callable[[NodeEvent], None],
        raised: Callable[[str], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._told = told
        self._raised = raised
        self._failed = failed
        self._held: Held | None = None
        self._opened: OpenProfile | None = None
        self._node: Node | None = None
        self._control: Control | None = None
        self._watch: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()  # a node that ends is waited for by who opens or closes

    async def open(self, name_or_dir: str, passphrase: str, settings: Settings) -> Overview:
        """Unlock a profile and start its node.

        Raises:
            NoProfile: there is none.
            AlreadyRunning: another lanchat holds it; if that is a window, it was raised.
            WrongPassphrase, StoreError, PortTaken.
        """
        async with self._turn:
            return await self._open(name_or_dir, passphrase, settings)

    async def _open(self, name_or_dir: str, passphrase: str, settings: Settings) -> Overview:
        held = await self._hold(name_or_dir)
        profiles.keep_from_core_dumps()
        opened = await profiles.unlock(held, passphrase)
        try:
            node = await self._run(opened, settings)
            overview = await views.overview(node)
        except BaseException:
            await self._lock()
            await opened.database.close()
            raise
        self._opened = opened
        return overview

    async def restart(self, settings: Settings) -> None:
        """Start the node anew with other settings; the profile stays open meanwhile.

        Sessions are opened again, and what was on its way goes on.  Commands that were
        handed over end.  Whoever asks for the node waits.

        Raises:
            ProfileLocked: there is none to be started anew.
            PortTaken: it runs as it did before.
        """
        async with self._turn:
            if self._node is None or self._opened is None or self._control is None:
                raise ProfileLocked("no node runs")
            await self._control.stop()
            try:
                await self._again(self._node, self._opened, settings)
            except BaseException as error:
                if self._node is None:
                    self._failed(error)
                raise
            finally:
                await self._control.start()

    async def _again(self, node: Node, opened: OpenProfile, settings: Settings) -> None:
        """End a node and run another one; if that cannot be, one as before."""
        gone = node.neighbours.views()
        await self._halt()
        for view in gone:
            self._told(PeerLeft(view))
        self._opened = opened = replace(opened, name=node.name)
        try:
            node = await self._run(opened, settings)
        except LanchatError:
            await self._run(opened, node.settings)
            raise
        for moved in await node.transfers.list.views(views.RECENT):
            self._told(TransferMoved(moved))

    async def erase(self, passphrase: str) -> None:
        """Destroy the profile that is open, for good.

        Raises:
            ProfileLocked: none is.
            WrongPassphrase: nothing was changed.
            StoreError: not all of it could be removed; the key file went first.
        """
        async with self._turn:
            held = self._held
            if held is None or self._opened is None:
                raise ProfileLocked("nothing is open")
            await profiles.check_passphrase(held, passphrase)
            await self._lock()
            if self._control is not None:
                await self._control.stop()
            self._control = self._held = None
            await profiles.erase(held)

    async def lock(self) -> None:
        """End the node and forget the keys; the profile stays held.  Twice is once."""
        async with self._turn:
            await self._lock()

    async def _lock(self) -> None:
        opened, self._opened = self._opened, None
        await self._halt()
        if opened is not None:
            await fleeting.shut(opened.database)

    async def close(self) -> None:
        """Lock, and let others have the profile."""
        async with self._turn:
            await self._close()

    async def _close(self) -> None:
        if self._control is not None:
            await self._control.stop()
            self._control = None
        await self._lock()
        if self._held is not None:
            self._held.release()
            self._held = None

    async def do(self, call: Callable[[Node], Coroutine[Any, Any, T]]) -> T:
        """Run `call` with the node.

        Raises:
            ProfileLocked: there is none now.
            LanchatError: it failed; the sentence says why.
        """
        return await call(await self._there())

    # --- within -------------------------------------------------------------------------

    async def _there(self) -> Node:
        """The node, also one that is just starting."""
        if self._node is None:
            async with self._turn:
                pass
        if self._node is None:
            raise ProfileLocked("no node runs")
        return self._node

    async def _run(self, opened: OpenProfile, settings: Settings) -> Node:
        node = Node(opened, settings)
        node.subscribe(self._told)
        await node.start()
        self._node = node
        self._watch = asyncio.create_task(self._until_failed(node), name="node watch")
        return node

    async def _halt(self) -> None:
        """End the node, if one runs."""
        node, watch = self._node, self._watch
        self._node = self._watch = None
        if watch is not None:
            watch.cancel()
        if node is not None:
            await node.stop()

    async def _hold(self, name_or_dir: str) -> Held:
        """Take the profile, or raise the window that has it."""
        wanted = (await asyncio.to_thread(profiles.find, name_or_dir)).folder
        if self._held is not None:
            if self._held.profile.folder == wanted:
                return self._held
            await self._close()  # another one was chosen at the picker
        try:
            held = await asyncio.to_thread(profiles.hold, name_or_dir)
        except AlreadyRunning as error:
            error.raised = await claims.show_holder(name_or_dir)
            raise
        self._held = held
        path = await asyncio.to_thread(held.profile.prepare_socket)
        self._control = Control(path, self._answer)
        await self._control.start()
        return held

    async def _answer(self, verb: str, params: Mapping[str, JSON]) -> AsyncGenerator[Row, None]:
        """What a second command asks of us."""
        if verb == "raise":
            self._raised(claims.opened(params))
            return
        async with aclosing(requests.run(await self._there(), verb, params)) as rows:
            async for row in rows:
                yield row

    async def _until_failed(self, node: Node) -> None:
        try:
            await node.failed()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._failed(error)
