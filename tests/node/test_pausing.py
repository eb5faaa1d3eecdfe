"""What people do about files: yes, no, later, go on, stop, again.  PROTOCOL.md, 4."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from lanchat.errors import (
    BadRequest,
    FileChanged,
    NoSpace,
    OfferDeclined,
    TransferAbandoned,
)
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node import acts, requests
from lanchat.node.events import (
    By,
    FileReceived,
    OfferReceived,
    TransferEnded,
    TransferMoved,
    TransferState,
    TransferView,
)
from lanchat.node.node import Node
from lanchat.node.settings import Accepting
from lanchat.node.taking import Taking
from lanchat.transfer import disk, space
from tests.node.house import (
    MIB,
    SLOW,
    House,
    Resident,
    failure,
    make_file,
    no_file_beyond,
    parts,
    quiet,
    same,
    under_way,
    until,
)

pytestmark = pytest.mark.usefixtures("slow", "quick_again")


async def asking(house: House) -> tuple[Resident, Resident]:
    """Ann and Bob, who is asked about what Ann offers."""
    ann, bob = await house.friends(accept=Accepting.NONE, asks=True)
    await ann.meet(bob)
    return ann, bob


Ends = Callable[[Node, PeerId, bytes], Awaitable[TransferView]]


async def view(one: Resident, transfer: bytes) -> TransferView:
    return await one.node.transfers.list.find(transfer)


async def reaches(one: Resident, transfer: bytes, state: TransferState) -> TransferView:
    """Wait until somebody's list shows a transfer so."""
    async with asyncio.timeout(10):
        while True:
            try:
                found = await view(one, transfer)
            except BadRequest:
                found = None
            if found is not None and found.state is state:
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


# --- yes and no ---------------------------------------------------------------------------


async def test_an_offer_waits_for_an_answer_and_is_taken(house: House, tmp_path: Path) -> None:
    ann, bob = await asking(house)
    file = make_file(tmp_path / "file", MIB)
    offered = await acts.offer(ann.node, bob.me, [file])
    assert (offered.state, offered.outgoing, offered.total) == ("offered", True, MIB)
    told = await bob.hears(OfferReceived)
    assert not told.accepted
    seen = await reaches(bob, offered.transfer, TransferState.ASKED)
    assert (seen.outgoing, seen.shown, seen.count) == (False, (("file", MIB),), 1)
    assert parts(bob) == []
    await acts.accept(bob.node, ann.me, offered.transfer)
    done = await reaches(ann, offered.transfer, TransferState.DONE)
    assert (done.done, done.by, done.reason) == (MIB, None, "")
    assert await same(file, bob.downloads / "file")
    stored = await reaches(bob, offered.transfer, TransferState.DONE)
    assert stored.paths == (str(bob.downloads / "file"),)
    await bob.hears(TransferMoved, lambda moved: moved.view.state is TransferState.DONE)


async def test_an_offer_is_taken_into_another_folder(house: House, tmp_path: Path) -> None:
    ann, bob = await asking(house)
    file, folder = make_file(tmp_path / "file", MIB), tmp_path / "else" / "where"
    offered = await acts.offer(ann.node, bob.me, [file])
    await reaches(bob, offered.transfer, TransferState.ASKED)
    with pytest.raises(BadRequest):
        await acts.accept(bob.node, ann.me, offered.transfer, Path("not/whole"))
    await acts.accept(bob.node, ann.me, offered.transfer, folder)
    await reaches(ann, offered.transfer, TransferState.DONE)
    assert await same(file, folder / "file")
    assert [path.name for path in folder.iterdir()] == ["file"]


async def test_what_does_not_fit_stays_offered(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await asking(house)
    offered = await acts.offer(ann.node, bob.me, [make_file(tmp_path / "file", MIB)])
    await reaches(bob, offered.transfer, TransferState.ASKED)
    with monkeypatch.context() as full:
        full.setattr(space, "RESERVE", 2**62)
        with pytest.raises(NoSpace):
            await acts.accept(bob.node, ann.me, offered.transfer)
    assert (await view(bob, offered.transfer)).state is TransferState.ASKED
    await acts.accept(bob.node, ann.me, offered.transfer)
    await reaches(ann, offered.transfer, TransferState.DONE)


async def test_an_offer_is_declined_and_can_be_made_again(house: House, tmp_path: Path) -> None:
    ann, bob = await asking(house)
    offered = await acts.offer(ann.node, bob.me, [make_file(tmp_path / "file", 10)])
    await reaches(bob, offered.transfer, TransferState.ASKED)
    declined = await acts.decline(bob.node, ann.me, offered.transfer)
    assert (declined.state, declined.by) == ("declined", By.ME)
    heard = await reaches(ann, offered.transfer, TransferState.DECLINED)
    assert (heard.by, heard.reason) == (By.THEM, "the other person declined")
    with pytest.raises(BadRequest):
        await acts.accept(bob.node, ann.me, offered.transfer)
    again = await acts.retry(ann.node, bob.me, offered.transfer)
    assert again.transfer != offered.transfer
    await reaches(bob, again.transfer, TransferState.ASKED)
    await acts.accept(bob.node, ann.me, again.transfer)
    await reaches(ann, again.transfer, TransferState.DONE)


async def test_an_offer_is_taken_back_before_it_is_answered(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await asking(house)
    offered = await acts.offer(ann.node, bob.me, [make_file(tmp_path / "file", 10)])
    await reaches(bob, offered.transfer, TransferState.ASKED)
    await acts.cancel(ann.node, bob.me, offered.transfer)
    gone = await reaches(bob, offered.transfer, TransferState.CANCELLED)
    assert gone.by is By.THEM
    with pytest.raises(BadRequest):
        await acts.accept(bob.node, ann.me, offered.transfer)


async def test_an_offer_is_taken_back_while_what_lay_here_of_it_goes(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await asking(house)
    let_go, begins, room = Taking._let_go, asyncio.Event(), asyncio.Event()

    async def slowly(self: Taking, *given: Any) -> None:
        begins.set()
        await room.wait()
        await let_go(self, *given)

    monkeypatch.setattr(Taking, "_let_go", slowly)
    offered = await acts.offer(ann.node, bob.me, [make_file(tmp_path / "file", 10)])
    await reaches(bob, offered.transfer, TransferState.ASKED)
    taking = asyncio.create_task(acts.accept(bob.node, ann.me, offered.transfer))
    await begins.wait()
    await acts.cancel(ann.node, bob.me, offered.transfer)
    ended = await bob.ends()
    assert (ended.state, ended.transfer) == (TransferState.CANCELLED, offered.transfer)
    room.set()
    assert isinstance(await failure(taking), BadRequest)
    assert not bob.node.transfers._receiving.live()
    assert (await view(bob, offered.transfer)).state is TransferState.CANCELLED


async def test_a_yes_while_the_sender_is_away_counts_when_it_is_back(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await asking(house)
    file = make_file(tmp_path / "file", 10)
    offered = await acts.offer(ann.node, bob.me, [file])
    await reaches(bob, offered.transfer, TransferState.ASKED)
    await house.leaves(ann)
    await until(lambda: not bob.node.sessions.current(ann.me))
    taken = await acts.accept(bob.node, ann.me, offered.transfer)
    assert taken.state is TransferState.WAITING
    ann = await house.returns(ann)  # and offers by herself what was not over
    await ann.meet(bob)
    await reaches(ann, offered.transfer, TransferState.DONE)
    assert await same(file, bob.downloads / "file")


async def test_strangers_ask_nothing_unless_everybody_may(house: House, tmp_path: Path) -> None:
    ann, bob = await house.couple(accept=Accepting.TRUSTED, asks=True)
    error = await failure(ann.send(bob, make_file(tmp_path / "file", 10)))
    assert isinstance(error, OfferDeclined)
    assert await bob.node.transfers.list.views(10) == ()


async def test_more_than_is_taken_unasked_is_asked_about(house: House, tmp_path: Path) -> None:
    ann, bob = await house.friends(asks=True, offer_limit=100)
    await ann.meet(bob)
    offered = await acts.offer(ann.node, bob.me, [make_file(tmp_path / "file", 101)])
    await reaches(bob, offered.transfer, TransferState.ASKED)
    await acts.accept(bob.node, ann.me, offered.transfer)
    await reaches(ann, offered.transfer, TransferState.DONE)


# --- pause and resume ---------------------------------------------------------------------


@pytest.mark.parametrize("side", ["sender", "receiver"])
async def test_who_paused_resumes_where_it_was(house: House, tmp_path: Path, side: str) -> None:
    ann, bob, transfer, file = await running(house, tmp_path)
    one, other = (ann, bob) if side == "sender" else (bob, ann)
    paused = await acts.pause(one.node, other.me, transfer)
    assert (paused.state, paused.by) == (TransferState.PAUSED, By.ME)
    seen = await reaches(other, transfer, TransferState.PAUSED)
    assert seen.by is By.THEM
    await until(lambda: not ann.node.transfers._sending.running())
    await asyncio.sleep(0.1)  # longer than the receiver takes to ask again
    assert len(parts(bob)) == 1
    assert not bob.node.transfers._receiving._live
    assert (await view(one, transfer)).done > 0
    assert (await acts.pause(one.node, other.me, transfer)).state is TransferState.PAUSED
    await acts.resume(one.node, other.me, transfer)
    await reaches(ann, transfer, TransferState.DONE)
    assert await same(file, bob.downloads / "file")
    assert len(bob.told(FileReceived)) == 1
    attempts = (await bob.node.transfers._book.named(transfer))[0].attempt
    assert attempts >= 2
    assert [one.state for one in bob.told(TransferEnded)] == [TransferState.DONE]


@pytest.mark.parametrize("restarts", ["sender", "receiver", "both"])
@pytest.mark.parametrize("side", ["sender", "receiver"])
async def test_a_pause_outlives_a_restart(
    house: House, tmp_path: Path, side: str, restarts: str
) -> None:
    ann, bob, transfer, file = await running(house, tmp_path)
    one, other = (ann, bob) if side == "sender" else (bob, ann)
    await acts.pause(one.node, other.me, transfer)
    await reaches(other, transfer, TransferState.PAUSED)
    if restarts in {"sender", "both"}:
        await house.leaves(ann)
    if restarts in {"receiver", "both"}:
        await house.leaves(bob)
        bob = await house.returns(bob)
    if restarts in {"sender", "both"}:
        ann = await house.returns(ann)
    await ann.meet(bob)
    one, other = (ann, bob) if side == "sender" else (bob, ann)
    kept = await reaches(one, transfer, TransferState.PAUSED)
    assert kept.by is By.ME
    await asyncio.sleep(0.2)
    assert (await view(one, transfer)).state is TransferState.PAUSED
    assert not (bob.downloads / "file").exists()
    assert len(parts(bob)) == 1
    await acts.resume(one.node, other.me, transfer)
    await reaches(ann, transfer, TransferState.DONE)
    assert await same(file, bob.downloads / "file")


@pytest.mark.parametrize("side", ["sender", "receiver"])
async def test_who_did_not_pause_cannot_make_it_go_on(
    house: House, tmp_path: Path, side: str
) -> None:
    ann, bob, transfer, _ = await running(house, tmp_path)
    one, other = (ann, bob) if side == "sender" else (bob, ann)
    await acts.pause(one.node, other.me, transfer)
    await reaches(other, transfer, TransferState.PAUSED)
    await acts.resume(other.node, one.me, transfer)
    again = await reaches(other, transfer, TransferState.PAUSED)
    assert again.by is By.THEM
    assert (await view(one, transfer)).state is TransferState.PAUSED


async def test_an_offer_that_is_paused_before_it_is_answered_waits(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await asking(house)
    offered = await acts.offer(ann.node, bob.me, [make_file(tmp_path / "file", 10)])
    await reaches(bob, offered.transfer, TransferState.ASKED)
    await acts.pause(ann.node, bob.me, offered.transfer)
    await acts.accept(bob.node, ann.me, offered.transfer)
    waits = await reaches(bob, offered.transfer, TransferState.PAUSED)
    assert waits.by is By.THEM
    await acts.resume(ann.node, bob.me, offered.transfer)
    await reaches(ann, offered.transfer, TransferState.DONE)


async def test_files_that_changed_during_a_pause_do_not_go_on(
    house: House, tmp_path: Path
) -> None:
    ann, bob, transfer, file = await running(house, tmp_path)
    await acts.pause(ann.node, bob.me, transfer)
    await house.leaves(ann)
    make_file(file, SLOW // 2, seed=3)
    ann = await house.returns(ann)
    with pytest.raises(FileChanged):
        await acts.resume(ann.node, bob.me, transfer)


async def test_an_interrupted_send_is_paused_and_can_be_resumed(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", SLOW)
    sending = asyncio.ensure_future(ann.send(bob, file))
    await under_way(ann, 3 * MIB)
    sending.cancel()
    await asyncio.wait({sending})
    (listed,) = await acts.transfers(ann.node)
    await reaches(ann, listed.transfer, TransferState.PAUSED)
    await acts.resume(ann.node, bob.me, listed.transfer)
    await reaches(ann, listed.transfer, TransferState.DONE)
    assert await same(file, bob.downloads / "file")


# --- no more, and again -------------------------------------------------------------------


@pytest.mark.parametrize("paused", [False, True], ids=["running", "paused"])
@pytest.mark.parametrize("side", ["sender", "receiver"])
async def test_a_transfer_is_cancelled_by_either_side(
    house: House, tmp_path: Path, side: str, paused: bool
) -> None:
    ann, bob, transfer, _ = await running(house, tmp_path)
    one, other = (ann, bob) if side == "sender" else (bob, ann)
    if paused:
        await acts.pause(one.node, other.me, transfer)
        await reaches(other, transfer, TransferState.PAUSED)
    await acts.cancel(one.node, other.me, transfer)
    mine = await reaches(one, transfer, TransferState.CANCELLED)
    theirs = await reaches(other, transfer, TransferState.CANCELLED)
    assert (mine.by, theirs.by) == (By.ME, By.THEM)
    await quiet(bob)
    await until(lambda: parts(bob) == [])
    assert not (bob.downloads / "file").exists()
    with pytest.raises(BadRequest):
        await acts.cancel(one.node, other.me, transfer)
    with pytest.raises(BadRequest):
        await acts.pause(one.node, other.me, transfer)


async def test_what_our_user_cancelled_is_asked_about_again(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await asking(house)
    offered = await acts.offer(ann.node, bob.me, [make_file(tmp_path / "file", SLOW)])
    await reaches(bob, offered.transfer, TransferState.ASKED)
    await acts.accept(bob.node, ann.me, offered.transfer)
    await under_way(ann, 2 * MIB)
    await acts.cancel(bob.node, ann.me, offered.transfer)
    await reaches(ann, offered.transfer, TransferState.CANCELLED)
    again = await acts.retry(ann.node, bob.me, offered.transfer)
    await reaches(bob, again.transfer, TransferState.ASKED)


async def test_a_file_that_a_disk_cannot_hold_is_tried_again_by_the_receiver(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    file = make_file(tmp_path / "file", 4 * MIB)
    with no_file_beyond(2 * MIB):
        offered = await acts.offer(ann.node, bob.me, [file])
        failed = await reaches(bob, offered.transfer, TransferState.FAILED)
    assert failed.reason.startswith("A file is larger than that disk can hold")
    waits = await reaches(ann, offered.transfer, TransferState.PAUSED)
    assert (waits.by, "could not write" in waits.reason) == (By.THEM, True)
    await acts.retry(bob.node, ann.me, offered.transfer)
    await reaches(ann, offered.transfer, TransferState.DONE)
    assert await same(file, bob.downloads / "file")


async def test_a_standing_offer_goes_on_after_a_restart(house: House, tmp_path: Path) -> None:
    ann, bob, transfer, file = await running(house, tmp_path)
    await house.leaves(ann)
    ann = await house.returns(ann)
    await ann.meet(bob)
    await reaches(ann, transfer, TransferState.DONE)
    assert await same(file, bob.downloads / "file")
    assert len(bob.told(FileReceived)) == 1


async def test_a_standing_offer_whose_files_are_gone_fails_with_a_sentence(
    house: House, tmp_path: Path
) -> None:
    ann, _, transfer, file = await running(house, tmp_path)
    await house.leaves(ann)
    file.unlink()
    ann = await house.returns(ann)
    failed = await reaches(ann, transfer, TransferState.FAILED)
    assert failed.reason.startswith("A file or folder to send is not there")


@pytest.mark.parametrize("verb", [acts.cancel, acts.pause])
async def test_what_our_user_ends_while_a_start_looks_at_its_files_is_not_offered_again(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: Ends
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", 10)
    offered = await acts.offer(ann.node, bob.me, [file])
    await house.leaves(ann)
    begun, go, inspect = Event(), Event(), disk.inspect

    def looking(*given: Any, **how: Any) -> disk.Source:
        begun.set()
        go.wait(10)
        return inspect(*given, **how)

    monkeypatch.setattr(disk, "inspect", looking)
    ann = await house.returns(ann)
    await until(begun.is_set)
    (row,) = await ann.node.transfers._book.recent(9)
    resuming = asyncio.create_task(ann.node.transfers._sending.proposing.resume(row))
    ended = await verb(ann.node, bob.me, offered.transfer)
    go.set()
    await resuming
    assert ended.state in {TransferState.CANCELLED, TransferState.PAUSED}
    await ann.meet(bob)
    await ann.say(bob, "whatever was to be offered came before this")
    assert (await view(ann, offered.transfer)).state is ended.state
    assert not bob.told(OfferReceived)


# --- as requests --------------------------------------------------------------------------


async def test_the_verbs_of_transfers(house: House, tmp_path: Path) -> None:
    ann, bob = await asking(house)
    file = make_file(tmp_path / "file", SLOW)
    (row,) = await ann.ask("offer", peer=str(bob.me), paths=[str(file)])
    assert (row["direction"], row["state"], row["total"]) == ("out", "offered", SLOW)
    await reaches(bob, bytes.fromhex(str(row["transfer"])), TransferState.ASKED)
    named: dict[str, Any] = {"transfer": row["transfer"]}
    (taken,) = await bob.ask("accept", **named, folder=str(tmp_path / "here"))
    assert taken["state"] in {"waiting", "checking", "running"}
    await under_way(ann, 2 * MIB)
    (paused,) = await ann.ask("pause", **named, peer=str(bob.me))
    assert (paused["state"], paused["by"]) == ("paused", "me")
    (listed,) = await ann.ask("transfers")
    assert listed["state"] == "paused"
    (resumed,) = await ann.ask("resume", **named)
    assert resumed["by"] is None
    await under_way(ann, 2 * MIB)
    (cancelled,) = await bob.ask("cancel", **named)
    assert cancelled["direction"] == "in"
    await reaches(ann, bytes.fromhex(str(row["transfer"])), TransferState.CANCELLED)
    (again,) = await ann.ask("retry", **named)
    assert again["transfer"] == row["transfer"]
    await reaches(bob, bytes.fromhex(str(row["transfer"])), TransferState.ASKED)
    (declined,) = await bob.ask("decline", **named)
    assert declined["state"] == "declined"


@pytest.mark.parametrize(
    ("verb", "params"),
    [
        ("pause", {}),
        ("pause", {"transfer": "zz"}),
        ("pause", {"transfer": "00"}),
        ("pause", {"transfer": "00" * 16}),
        ("pause", {"transfer": "00" * 16, "peer": 3}),
        ("accept", {"transfer": "00" * 16, "folder": ""}),
        ("accept", {"transfer": "00" * 16, "folder": 3}),
        ("transfers", {"limit": 0}),
        ("offer", {"peer": "x", "paths": ["not/whole"]}),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(
    house: House, verb: str, params: dict[str, Any]
) -> None:
    ann = await house.lives("ann")
    assert isinstance(await failure(ann.ask(verb, **params)), BadRequest)


async def test_watching_tells_every_state(house: House, tmp_path: Path) -> None:
    ann, bob, transfer, _ = await running(house, tmp_path)
    states: list[object] = []

    async def watch() -> None:
        async with aclosing(requests.run(ann.node, "transfers", {"watch": True})) as rows:
            async for row in rows:
                if row["event"] == "transfer-changed":
                    states.append(row["state"])

    watching = asyncio.ensure_future(watch())
    await until(lambda: states)
    await acts.pause(ann.node, bob.me, transfer)
    await until(lambda: "paused" in states)
    await acts.resume(ann.node, bob.me, transfer)
    await reaches(ann, transfer, TransferState.DONE)
    await until(lambda: "done" in states)
    watching.cancel()
    await asyncio.wait({watching})


async def test_blocking_takes_every_question_away(house: House, tmp_path: Path) -> None:
    ann, bob = await asking(house)
    offered = await acts.offer(ann.node, bob.me, [make_file(tmp_path / "file", 10)])
    await reaches(bob, offered.transfer, TransferState.ASKED)
    await bob.holds(ann, Trust.BLOCKED)
    with pytest.raises(BadRequest):
        await view(bob, offered.transfer)


async def test_who_waits_no_longer_leaves_no_look_at_the_files_behind(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    root = tmp_path / "t"
    for name in "abc":
        (root / name).mkdir(parents=True)
    begun, go, given_up = Event(), Event(), Event()
    scandir, inspect = os.scandir, disk.inspect

    def waiting(place: Any = ".") -> Any:
        if str(place).startswith(str(root)):
            begun.set()
            go.wait(10)
        return scandir(place)

    def looking(*given: Any, **how: Any) -> disk.Source:
        try:
            return inspect(*given, **how)
        except TransferAbandoned:
            given_up.set()
            raise

    monkeypatch.setattr(os, "scandir", waiting)
    monkeypatch.setattr(disk, "inspect", looking)
    asking = asyncio.create_task(acts.offer(ann.node, bob.me, [root]))
    await until(begun.is_set)
    asking.cancel()
    await asyncio.wait((asking,))
    go.set()
    await until(given_up.is_set)
