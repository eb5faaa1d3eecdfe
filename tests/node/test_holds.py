"""What the receiver's disk does not take waits, says so, and goes on.  PROTOCOL.md, 4; F21."""

import asyncio
import errno
import os
import shutil
import threading
from contextlib import aclosing, suppress
from itertools import count
from pathlib import Path

import pytest

from lanchat.errors import BadRequest, NoSpace, TransferAbandoned
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts, holds, requests
from lanchat.node.events import (
    By,
    Fault,
    MessageAdded,
    TransferEnded,
    TransferState,
    TransferView,
    Warned,
)
from lanchat.node.rows import JSON, Row
from lanchat.transfer import space
from lanchat.transfer.manifest import Entry, Manifest, make_offer
from lanchat.wire import payloads as wire
from lanchat.wire.payloads import (
    NO_KEY,
    RESUMABLE,
    Accept,
    Cancel,
    CancelCode,
    Offer,
    TopKind,
)
from tests.node.byhand import ByHand
from tests.node.house import (
    MIB,
    SLOW,
    House,
    Resident,
    failure,
    make_file,
    parts,
    same,
    under_way,
    until,
)

pytestmark = pytest.mark.usefixtures("slow", "quick_again")

FULL = 2**62  # bytes that are always to be left free: no disk has so many


async def view(one: Resident, transfer: bytes) -> TransferView:
    return await one.node.transfers.list.find(transfer)


async def reaches(one: Resident, transfer: bytes, state: TransferState) -> TransferView:
    """Wait until somebody's list shows a transfer so."""
    async with asyncio.timeout(10):
        while True:
            with suppress(BadRequest):
                found = await view(one, transfer)
                if found.state is state:
                    return found
            await asyncio.sleep(0.01)


async def learns(one: Resident, transfer: bytes, fault: Fault) -> TransferView:
    """Wait until somebody's list shows what holds a transfer."""
    async with asyncio.timeout(10):
        while True:
            found = await reaches(one, transfer, TransferState.HELD)
            if found.fault is fault:
                return found
            await asyncio.sleep(0.01)


async def running(house: House, tmp_path: Path) -> tuple[Resident, Resident, bytes, Path]:
    """Something of Ann's is on its way to Bob, with nobody waiting for it."""
    ann, bob = await house.friends()
    await ann.meet(bob)
    file = make_file(tmp_path / "file", SLOW)
    offered = await acts.offer(ann.node, bob.me, [file])
    await under_way(ann, 3 * MIB)
    return ann, bob, offered.transfer, file


async def asks_again(ann: Resident, bob: Resident, transfer: bytes) -> None:
    """Ann pauses and goes on: what lacks must fit on Bob's disk again."""
    await acts.pause(ann.node, bob.me, transfer)
    await reaches(bob, transfer, TransferState.PAUSED)
    await acts.resume(ann.node, bob.me, transfer)


# --- full ---------------------------------------------------------------------------------


async def test_a_full_disk_holds_a_transfer_until_there_is_room(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob, transfer, file = await running(house, tmp_path)
    with monkeypatch.context() as full:
        full.setattr(space, "RESERVE", FULL)
        await asks_again(ann, bob, transfer)
        mine = await reaches(bob, transfer, TransferState.HELD)
        theirs = await reaches(ann, transfer, TransferState.HELD)
        assert (mine.fault, theirs.fault) == (Fault.FULL, Fault.FULL)
        assert 2**61 < mine.missing < FULL
        assert abs(theirs.missing - mine.missing) < 2**30  # others write to this disk, too
        assert mine.reason == f"the disk is full: {mine.missing} bytes more are needed"
        assert theirs.reason.startswith("the other computer's disk is full: ")
        assert (mine.by, theirs.by) == (None, None)
        assert await bob.hears(Warned, lambda warned: warned.code == "disk-full")
        with pytest.raises(NoSpace):
            await acts.resume(bob.node, ann.me, transfer)
        await ann.say(bob, "chat goes on")
        await bob.hears(MessageAdded, lambda added: added.message.text == "chat goes on")
        await acts.resume(ann.node, bob.me, transfer)  # asks, and is told again
        await reaches(ann, transfer, TransferState.HELD)
        assert (await view(bob, transfer)).state is TransferState.HELD
        assert len(parts(bob)) == 1
    await reaches(ann, transfer, TransferState.DONE)
    assert await same(file, bob.downloads / "file")
    assert [one.state for one in bob.told(TransferEnded)] == [TransferState.DONE]
    assert [one.code for one in bob.told(Warned)].count("disk-full") == 1
    assert (await view(bob, transfer)).reason == ""


@pytest.mark.parametrize("restarts", ["sender", "receiver", "both"])
async def test_what_is_held_outlives_a_restart(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, restarts: str
) -> None:
    with monkeypatch.context() as full:
        ann, bob, transfer, file = await running(house, tmp_path)
        full.setattr(space, "RESERVE", FULL)
        await asks_again(ann, bob, transfer)
        kept = await reaches(bob, transfer, TransferState.HELD)
        await reaches(ann, transfer, TransferState.HELD)
        if restarts in {"sender", "both"}:
            await house.leaves(ann)
        if restarts in {"receiver", "both"}:
            await house.leaves(bob)
            bob = await house.returns(bob)
            alone = await reaches(bob, transfer, TransferState.HELD)
            assert (alone.done, alone.reason[:16]) == (kept.done, kept.reason[:16])
        if restarts in {"sender", "both"}:
            ann = await house.returns(ann)
        if ann.node.sessions.current(bob.me) is None:
            await ann.meet(bob)
        await learns(ann, transfer, Fault.FULL)
        await learns(bob, transfer, Fault.FULL)
        assert len(parts(bob)) == 1
    await reaches(ann, transfer, TransferState.DONE)
    assert await same(file, bob.downloads / "file")


async def test_a_command_waits_for_the_disk_and_says_so(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", SLOW)
    rows: list[Row] = []
    params: dict[str, JSON] = {
        "peer": str(bob.address),
        "confirmed": str(bob.me),
        "paths": [str(file)],
    }
    with monkeypatch.context() as full:

        async def mends() -> None:
            await under_way(ann, 3 * MIB)
            full.setattr(space, "RESERVE", FULL)
            (out,) = ann.node.transfers._sending.running()
            await asks_again(ann, bob, out.offer.id)
            await until(lambda: [row["state"] for row in rows if "state" in row] == ["held"])
            full.undo()

        mending = asyncio.ensure_future(mends())
        async with aclosing(requests.run(ann.node, "send", params)) as answers:
            async for row in answers:
                rows.append(row)
        await mending
    states = [row["state"] for row in rows if "state" in row]
    assert states[0] == "held"
    assert states[-1] == "done"
    told = next(row for row in rows if row.get("state") == "held")
    assert (told["event"], told["fault"]) == ("transfer-changed", "full")
    assert int(str(told["missing"])) > 2**61
    assert int(str(rows[-1]["resumed_from"])) > 0


async def test_what_is_held_can_be_paused_and_cancelled(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob, transfer, _ = await running(house, tmp_path)
    monkeypatch.setattr(space, "RESERVE", FULL)
    await asks_again(ann, bob, transfer)
    await reaches(ann, transfer, TransferState.HELD)
    await acts.pause(bob.node, ann.me, transfer)
    paused = await reaches(ann, transfer, TransferState.PAUSED)
    assert (paused.by, paused.fault, paused.reason) == (By.THEM, None, "")
    assert not bob.node.transfers._receiving.holds.all()
    await acts.cancel(bob.node, ann.me, transfer)
    await reaches(ann, transfer, TransferState.CANCELLED)
    await until(lambda: parts(bob) == [])
    with pytest.raises(BadRequest):
        await acts.resume(bob.node, ann.me, transfer)


async def test_what_is_cancelled_while_the_disk_is_looked_at_is_over(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob, transfer, _ = await running(house, tmp_path)
    monkeypatch.setattr(space, "RESERVE", FULL)
    await asks_again(ann, bob, transfer)
    await reaches(ann, transfer, TransferState.HELD)
    asked, answers = threading.Event(), threading.Event()
    statvfs = os.statvfs

    def slowly(path: Path) -> os.statvfs_result:
        asked.set()
        assert answers.wait(10)
        return statvfs(path)

    monkeypatch.setattr(os, "statvfs", slowly)
    await acts.resume(ann.node, bob.me, transfer)  # offers it again
    await until(asked.is_set)
    cancelling = asyncio.ensure_future(acts.cancel(bob.node, ann.me, transfer))
    await asyncio.wait([cancelling], timeout=0.2)  # as far as it gets
    answers.set()
    await cancelling
    await reaches(ann, transfer, TransferState.CANCELLED)
    await until(lambda: parts(bob) == [])
    assert (await view(bob, transfer)).state is TransferState.CANCELLED
    assert not bob.node.transfers._receiving.holds.all()


@pytest.mark.parametrize("how", ["the sender takes it back", "the receiver blocks them"])
async def test_what_is_held_ends_with_its_offer(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    ann, bob, transfer, _ = await running(house, tmp_path)
    monkeypatch.setattr(space, "RESERVE", FULL)
    await asks_again(ann, bob, transfer)
    await reaches(ann, transfer, TransferState.HELD)
    if how == "the receiver blocks them":
        await bob.holds(ann, Trust.BLOCKED)
    else:
        await acts.cancel(ann.node, bob.me, transfer)
    ended = await reaches(bob, transfer, TransferState.CANCELLED)
    assert ended.by is (By.ME if "blocks" in how else By.THEM)
    await until(lambda: parts(bob) == [])
    assert not bob.node.transfers._receiving.holds.all()


# --- the folder is not there --------------------------------------------------------------


@pytest.mark.parametrize("left", ["an empty folder", "nothing"])
async def test_nothing_is_written_where_a_disk_was(
    house: House, tmp_path: Path, left: str
) -> None:
    ann, bob, transfer, file = await running(house, tmp_path)
    unplugged = tmp_path / "unplugged"
    bob.downloads.rename(unplugged)
    if left == "an empty folder":
        bob.downloads.mkdir()
    mine = await reaches(bob, transfer, TransferState.HELD)
    assert mine.fault is Fault.GONE
    assert str(bob.downloads) in mine.reason
    assert "plug its disk in again" in mine.reason
    assert (await reaches(ann, transfer, TransferState.HELD)).fault is Fault.GONE
    await house.leaves(bob)
    bob = await house.returns(bob)
    await ann.meet(bob)
    await learns(bob, transfer, Fault.GONE)
    await asyncio.sleep(0.1)  # longer than it takes to try again
    assert not bob.downloads.exists() or list(bob.downloads.iterdir()) == []
    if left == "an empty folder":
        bob.downloads.rmdir()
    unplugged.rename(bob.downloads)
    await reaches(ann, transfer, TransferState.DONE)
    assert await same(file, bob.downloads / "file")
    assert sorted(path.name for path in bob.downloads.iterdir()) == ["file"]


async def test_whatever_a_look_meets_what_is_held_is_looked_at_again(house: House) -> None:
    ann, bob = await house.friends()
    offer = make_offer(bytes(16), Manifest((Entry(TopKind.FILE, 0, 1, 0, "file"),)))
    looks, last = count(1), asyncio.Event()

    async def again(_peer: PeerId, _transfer: bytes) -> None:
        if next(looks) == 1:
            raise PermissionError(errno.EACCES, "of the system's own")
        last.set()

    book = bob.node.transfers._book
    watched = holds.Holds(book, again=again, publish=lambda _event: None, watching=True)
    await watched.keep(holds.Hold(ann.me, offer, bob.downloads, 0, 0, "", Fault.GONE))
    watch = asyncio.create_task(watched.watch())
    try:
        async with asyncio.timeout(10):
            await last.wait()
    finally:
        watch.cancel()


async def test_who_made_the_folder_anew_cancels_and_is_sent_it_again(
    house: House, tmp_path: Path
) -> None:
    ann, bob, transfer, file = await running(house, tmp_path)
    shutil.rmtree(bob.downloads)
    bob.downloads.mkdir()
    await reaches(bob, transfer, TransferState.HELD)
    await acts.cancel(bob.node, ann.me, transfer)
    await reaches(ann, transfer, TransferState.CANCELLED)
    assert (await ann.send(bob, file))[-1]["state"] == "done"
    assert await same(file, bob.downloads / "file")


@pytest.mark.parametrize("by", ["me", "them"])
async def test_the_part_of_what_is_cancelled_goes_once_its_disk_is_back(
    house: House, tmp_path: Path, by: str
) -> None:
    ann, bob, transfer, file = await running(house, tmp_path)
    unplugged = tmp_path / "unplugged"
    bob.downloads.rename(unplugged)
    bob.downloads.mkdir()
    await reaches(bob, transfer, TransferState.HELD)
    if by == "me":
        await acts.cancel(bob.node, ann.me, transfer)
    else:
        await acts.cancel(ann.node, bob.me, transfer)
    await reaches(bob, transfer, TransferState.CANCELLED)
    await bob.node.transfers.tidy()
    bob.downloads.rmdir()
    unplugged.rename(bob.downloads)
    assert len(parts(bob)) == 1
    await bob.node.transfers.tidy()
    assert parts(bob) == []
    assert (await ann.send(bob, file))[-1]["state"] == "done"


@pytest.mark.parametrize("back", ["before", "after"])
async def test_the_part_of_what_was_cancelled_goes_also_if_the_same_is_accepted_again(
    house: House, tmp_path: Path, back: str
) -> None:
    ann, bob, transfer, file = await running(house, tmp_path)
    unplugged = tmp_path / "unplugged"
    bob.downloads.rename(unplugged)
    await reaches(bob, transfer, TransferState.HELD)
    await acts.cancel(bob.node, ann.me, transfer)
    await reaches(ann, transfer, TransferState.CANCELLED)
    if back == "before":
        unplugged.rename(bob.downloads)
        assert len(parts(bob)) == 1
    sent = (await ann.send(bob, file))[-1]
    assert (sent["state"], sent["transfer"]) == ("done", transfer.hex())
    assert await same(file, bob.downloads / "file")
    if back == "after":
        bob.downloads.rename(tmp_path / "meanwhile")
        unplugged.rename(bob.downloads)
        assert len(parts(bob)) == 1
        await bob.node.transfers.tidy()
    assert parts(bob) == []


async def test_a_part_that_a_user_removed_is_begun_anew(house: House, tmp_path: Path) -> None:
    ann, bob, transfer, file = await running(house, tmp_path)
    await acts.pause(ann.node, bob.me, transfer)
    await reaches(bob, transfer, TransferState.PAUSED)
    await until(lambda: not bob.node.transfers._receiving.running())
    shutil.rmtree(bob.downloads / ".lanchat-parts")
    await acts.resume(ann.node, bob.me, transfer)
    await reaches(ann, transfer, TransferState.DONE)
    assert await same(file, bob.downloads / "file")


async def test_an_offer_to_a_folder_that_is_none_is_put_off(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lanchat.node.acceptance.FAULT_PAUSE", 1)
    ann, bob = await house.friends()
    await ann.meet(bob)
    make_file(bob.downloads, 10)
    file = make_file(tmp_path / "file", 10)
    offered = await acts.offer(ann.node, bob.me, [file])
    await bob.hears(Warned, lambda warned: warned.code == "downloads")
    assert (await view(ann, offered.transfer)).state is TransferState.OFFERED
    bob.downloads.unlink()
    await reaches(ann, offered.transfer, TransferState.DONE)
    assert await same(file, bob.downloads / "file")


# --- another lanchat ----------------------------------------------------------------------


def accept(offer: Offer, attempt: int) -> Accept:
    return Accept(offer.id, attempt, os.urandom(32), 0, NO_KEY)


async def test_a_receiver_that_names_no_fault_is_believed_as_before(
    house: House, tmp_path: Path
) -> None:
    ann = await house.lives("ann")
    file = make_file(tmp_path / "file", MIB)
    async with ByHand(ann) as hand:
        sending = asyncio.ensure_future(ann.ask("send", peer=str(hand.me), paths=[str(file)]))
        offer = await hand.hears(Offer)
        hand.posts(accept(offer, 1), Cancel(offer.id, 1, CancelCode.WRITE_ERROR, RESUMABLE))
        error = await failure(sending)
        assert isinstance(error, TransferAbandoned)
        assert "could not write" in error.hint


async def test_a_receiver_that_names_a_fault_is_waited_for(
    house: House, tmp_path: Path
) -> None:
    ann = await house.lives("ann")
    file = make_file(tmp_path / "file", MIB)
    async with ByHand(ann) as hand:
        sending = asyncio.ensure_future(ann.ask("send", peer=str(hand.me), paths=[str(file)]))
        offer = await hand.hears(Offer)
        code, fault = CancelCode.WRITE_ERROR, wire.Fault.QUOTA
        hand.posts(accept(offer, 1), Cancel(offer.id, 1, code, RESUMABLE, 2**64 - 1, fault))
        told = await reaches(ann, offer.id, TransferState.HELD)
        assert (told.fault, told.missing) == (Fault.QUOTA, 2**64 - 1)
        assert not sending.done()
        hand.posts(accept(offer, 2))
        await until(lambda: ann.node.transfers._sending.running())
        assert (await view(ann, offer.id)).fault is None
        hand.posts(Cancel(offer.id, 0, CancelCode.USER))
        assert isinstance(await failure(sending), TransferAbandoned)


def test_the_disk_is_looked_at_less_and_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # what `quick_again` made quick
    assert [holds.pause(looks) for looks in range(6)] == [2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    assert holds.pause(10**6) == 30.0
