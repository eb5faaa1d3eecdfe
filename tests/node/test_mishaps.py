"""Mishaps of a transfer: a disk nearly full, a book that cannot be written, a dead host, a
crash.  PROTOCOL.md, 4."""

import asyncio
import os
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from lanchat.conversation.message import Message
from lanchat.errors import DiskFailed, StoreFull
from lanchat.identity.trust import Trust
from lanchat.node import acts, leftovers, tasks
from lanchat.node.events import (
    FileReceived,
    MessageAdded,
    OfferReceived,
    TransferEnded,
    TransferMoved,
    TransferState,
    Warned,
)
from lanchat.node.settings import Accepting
from lanchat.node.transfer_book import TransferBook
from lanchat.session.address import Address
from lanchat.store.history import History
from lanchat.store.transfers import Transfers
from lanchat.transfer import lane, space
from lanchat.transfer.parts import Incoming
from lanchat.transfer.parts_folder import PARTS, part_name
from lanchat.wire.payloads import Cancel, CancelCode, Decline
from tests.node.house import (
    MIB,
    SLOW,
    House,
    Resident,
    failure,
    make_file,
    parts,
    quiet,
    same,
    under_way,
    until,
)
from tests.node.test_foul_play import Hand
from tests.transfer.lanepair import fill_queue


async def break_off(ann: Resident, bob: Resident, file: Path, done: int) -> None:
    """Send the beginning of a file."""
    sending = asyncio.ensure_future(ann.send(bob, file))
    await under_way(ann, done)
    sending.cancel()
    await asyncio.wait({sending})
    await quiet(bob)


# --- a disk that is nearly full -----------------------------------------------------------


@pytest.mark.usefixtures("slow", "quick_again")
async def test_what_is_resumed_needs_room_for_the_rest_only(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", SLOW)
    await break_off(ann, bob, file, 8 * MIB)
    real = os.statvfs(tmp_path)
    room = SLOW - 4 * MIB  # not enough for all of it

    def nearly_full(_path: object) -> os.statvfs_result:
        free = room // real.f_frsize
        return os.statvfs_result((*real[:2], free, free, free, *real[5:]))

    monkeypatch.setattr(space, "RESERVE", 0)
    monkeypatch.setattr(space, "RESERVE_SHARE", 2**40)
    monkeypatch.setattr(os, "statvfs", nearly_full)
    other = make_file(tmp_path / "other", SLOW, seed=1)
    assert "free space" in (await failure(ann.send(bob, other))).hint
    *_, row = await ann.send(bob, file)
    assert row["state"] == "done"
    assert int(str(row["resumed_from"])) > 0
    assert await same(file, bob.downloads / "file")


# --- between the place and the book -------------------------------------------------------


@pytest.mark.usefixtures("quick_again")
async def test_a_book_that_cannot_be_written_leads_to_no_second_copy(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", 2 * MIB)
    with monkeypatch.context() as broken:

        async def full(*_given: object) -> None:
            raise StoreFull("no space")

        broken.setattr(TransferBook, "stored", full)
        sending = asyncio.ensure_future(ann.send(bob, file))
        await bob.hears(TransferMoved, lambda moved: moved.view.held)
        assert await same(file, bob.downloads / "file")
    assert (await sending)[-1]["state"] == "done"
    await quiet(bob)
    assert [path.name for path in bob.downloads.iterdir()] == ["file"]
    assert len(bob.told(FileReceived)) == 1
    assert [one.file for one in await bob.history(ann)] == ["file"]


async def test_a_book_that_cannot_be_read_for_a_moment_does_not_end_the_node(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "PAUSE", 0.02)
    ann, bob = await house.friends()
    one, other = (make_file(tmp_path / name, 100) for name in ("one", "other"))
    with monkeypatch.context() as broken:

        async def full(*_given: object, **_more: object) -> None:
            raise StoreFull("no space")

        broken.setattr(ann.node.transfers._book, "find_any", full)
        assert (await ann.send(bob, one))[-1]["state"] == "done"
        await ann.hears(Warned, lambda warned: warned.code == "store")
    *_, row = await ann.send(bob, other)
    done = TransferState.DONE
    moved = await ann.hears(TransferMoved, lambda moved: moved.view.state is done)
    assert moved.view.transfer.hex() == row["transfer"]


@pytest.mark.usefixtures("quick_again")
async def test_what_was_whole_when_the_program_died_is_done_at_the_next_start(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", 2 * MIB)
    died = asyncio.Event()
    with monkeypatch.context() as dying:

        async def dies(*_given: object) -> None:
            died.set()
            raise StoreFull("dead")

        dying.setattr(TransferBook, "stored", dies)
        sending = asyncio.ensure_future(ann.send(bob, file))
        await died.wait()
        await house.leaves(bob)
        sending.cancel()
        await asyncio.wait({sending})
    bob = await house.returns(bob)
    await bob.hears(FileReceived)
    assert [path.name for path in bob.downloads.iterdir()] == ["file"]
    await ann.meet(bob)
    *_, row = await ann.send(bob, file)
    assert row["state"] == "done"
    assert [path.name for path in bob.downloads.iterdir()] == ["file"]


@pytest.mark.usefixtures("quick_again")
async def test_what_was_sent_as_the_program_died_stands_in_the_conversation_after_that(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    died, append = asyncio.Event(), History.append
    with monkeypatch.context() as dying:

        async def dies(self: History, new: Message) -> bool:
            if new.mine:
                died.set()
                raise StoreFull("dead")
            return await append(self, new)

        dying.setattr(History, "append", dies)
        await acts.offer(ann.node, bob.me, [make_file(tmp_path / "file", 10)])
        await died.wait()
        await house.leaves(ann)
    ann = await house.returns(ann)
    assert await ann.history(bob) == ()
    await ann.meet(bob)
    await ann.hears(MessageAdded)
    assert [one.file for one in await ann.history(bob)] == ["file"]
    assert [one.file for one in await bob.history(ann)] == ["file"]
    assert [path.name for path in bob.downloads.iterdir()] == ["file"]


@pytest.mark.usefixtures("quick_again")
@pytest.mark.parametrize("when", ["at the next start", "once a day"])
async def test_a_part_that_could_not_be_removed_is_removed_later(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", 2 * MIB)
    with monkeypatch.context() as dying:

        def dies(_self: Incoming, **_how: bool) -> None:
            raise DiskFailed("dead")

        dying.setattr(Incoming, "discard", dies)
        assert (await ann.send(bob, file))[-1]["state"] == "done"
        await quiet(bob)
        if when == "at the next start":
            await house.leaves(bob)
    assert len(parts(bob)) == 1
    if when == "at the next start":
        bob = await house.returns(bob)
        assert bob.told(FileReceived) == []  # that was told
    else:
        await bob.node.transfers.tidy()
    await until(lambda: not parts(bob))
    assert [path.name for path in bob.downloads.iterdir()] == ["file"]
    assert [one.file for one in await bob.history(ann)] == ["file"]


@pytest.mark.usefixtures("quick_again")
async def test_the_part_on_a_disk_that_was_unplugged_too_early_is_removed_when_it_is_back(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", 2 * MIB)
    unplugged = tmp_path / "unplugged"
    stored = TransferBook.stored

    async def unplug(self: TransferBook, *given: Any) -> None:
        await stored(self, *given)
        await asyncio.to_thread(bob.downloads.rename, unplugged)

    with monkeypatch.context() as early:
        early.setattr(TransferBook, "stored", unplug)
        assert (await ann.send(bob, file))[-1]["state"] == "done"
        await quiet(bob)
    await bob.node.transfers.tidy()
    unplugged.rename(bob.downloads)
    assert len(parts(bob)) == 1
    await bob.node.transfers.tidy()
    assert [path.name for path in bob.downloads.iterdir()] == ["file"]


# --- between a no and the book ------------------------------------------------------------


@pytest.mark.parametrize("whose", ["ours", "theirs"])
async def test_a_no_is_written_down_at_once_or_not_and_told_in_any_case(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    bob = await house.lives("bob", accept=Accepting.ALL, asks=True, offer_limit=0)
    saved = 0

    async def dies(self: Transfers, *given: Any) -> None:
        nonlocal saved
        saved += 1
        if saved == 2:
            raise StoreFull("dead")
        await save(self, *given)

    save = Transfers.save
    monkeypatch.setattr(Transfers, "save", dies)
    over = TransferState.DECLINED if whose == "ours" else TransferState.CANCELLED

    async def refused(ann: Hand, file: Path) -> None:
        sender = await ann.offers(make_file(file, 100))
        offer = sender.offer.id
        await bob.hears(OfferReceived, lambda told: told.transfer == offer)
        if whose == "ours":
            with suppress(StoreFull):
                await bob.ask("decline", transfer=offer.hex())
            await until(lambda: any(one.id == offer for one in ann.got(Decline)))
        else:
            ann.posts(Cancel(offer, 0, CancelCode.USER))
        ended = await bob.hears(TransferEnded, lambda told: told.transfer == offer)
        assert ended.state is over

    async with Hand(bob) as ann:
        await refused(ann, tmp_path / "file 1")
        await refused(ann, tmp_path / "file 2")
    (view,) = await bob.node.transfers.list.views(10)
    assert (view.shown[0][0], view.state) == ("file 1", over)


# --- a host that is dead ------------------------------------------------------------------


class Relay:
    """Stands between a caller and a host for one call, and is dead after that."""

    def __init__(self, goal: Address) -> None:
        self._goal = goal
        self._stack = ExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Relay":
        self._server = self._stack.enter_context(socket.socket())
        self._server.bind(("127.0.0.1", 0))
        self._server.listen(0)
        self._server.setblocking(False)
        self.address = Address("127.0.0.1", self._server.getsockname()[1])
        self._tasks.append(asyncio.create_task(self._relay()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        self._stack.close()

    async def _relay(self) -> None:
        loop = asyncio.get_running_loop()
        caller, _ = await loop.sock_accept(self._server)
        called = socket.create_connection((self._goal.host, self._goal.port))
        for sock in (caller, called):
            sock.setblocking(False)
            self._stack.enter_context(sock)
        for one, other in ((caller, called), (called, caller)):
            self._tasks.append(asyncio.create_task(self._pump(one, other)))
        fill_queue(self._stack, self.address.port)

    async def _pump(self, one: socket.socket, other: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(one, 65536):
            await loop.sock_sendall(other, data)


@pytest.mark.parametrize("ends", ["the node", "the send"])
async def test_a_dead_host_holds_nobody_up(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    monkeypatch.setattr(lane, "DIAL_TIMEOUT", 3600.0)
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", MIB)
    async with Relay(bob.address) as relay:
        await ann.node.sessions.connect(bob.me, [relay.address])
        sending = asyncio.ensure_future(ann.send(bob, file))
        await until(lambda: ann.node.transfers._sending.running())
        (out,) = ann.node.transfers._sending.running()
        await until(lambda: out.carriage is not None and out.carriage._limit is not None)
        if ends == "the node":
            await house.leaves(ann)
        sending.cancel()
        await asyncio.wait({sending})
        assert out.carriage is None


# --- parts that nobody knows --------------------------------------------------------------


def leave_part(downloads: Path, name: str, *, age: float = 2 * leftovers.ORPHANED) -> None:
    """A part as a crash leaves it."""
    part = downloads / PARTS / name
    make_file(part / "files" / "file", 1000)
    then = time.time() - age
    os.utime(part, (then, then))


@pytest.mark.usefixtures("slow", "quick_again")
async def test_a_crash_leaves_no_part_behind_for_ever(house: House, tmp_path: Path) -> None:
    downloads = tmp_path / "shared"
    ann, bob = await house.friends(downloads=downloads)
    file = make_file(tmp_path / "file", SLOW)
    await break_off(ann, bob, file, 3 * MIB)
    (known,) = parts(bob)
    outside = make_file(tmp_path / "outside" / "precious", 10)
    key = bob.node.transfers._receiving._parts_key
    mine, young, theirs, link = (
        part_name(key),
        part_name(key),
        part_name(b"x" * 32),
        part_name(key),
    )
    leave_part(downloads, mine)
    leave_part(downloads, young, age=0)
    leave_part(downloads, theirs)
    (downloads / PARTS / mine / "files" / "link").symlink_to(outside.parent)
    (downloads / PARTS / link).symlink_to(outside.parent)
    await house.leaves(bob)
    bob = await house.returns(bob)
    await until(lambda: mine not in parts(bob))
    await house.leaves(ann)  # who shares the folder, and owns none of it
    ann = await house.returns(ann)
    await asyncio.sleep(0.1)
    assert set(parts(bob)) == {known, young, theirs, link}
    assert outside.exists()
    *_, row = await ann.send(bob, file)
    assert row["state"] == "done"
    assert int(str(row["resumed_from"])) > 0
    assert bob.trusts(ann) is Trust.KNOWN
    assert [one.state for one in bob.told(TransferEnded)] == [TransferState.DONE]
