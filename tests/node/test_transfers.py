"""Files from node to node: taken or not, broken off at any moment, and whole at the end."""

import asyncio
import os
import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from lanchat.errors import NoSpace, OfferDeclined, SourceMissing, TransferAbandoned
from lanchat.identity.trust import Trust
from lanchat.node import requests, transfer_list, transfers, upkeep
from lanchat.node.events import (
    FileReceived,
    MessageAdded,
    OfferReceived,
    SessionClosed,
    SessionOpened,
    TransferEnded,
    TransferMoved,
    TransferState,
    Warned,
)
from lanchat.node.rows import Row
from lanchat.node.settings import Accepting
from lanchat.transfer import space
from lanchat.transfer.parts import Incoming
from lanchat.transfer.publish import Published
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


def begin(one: Resident, other: Resident, *paths: Path) -> AsyncGenerator[Row, None]:
    """A `send`, row by row."""
    params: dict[str, Any] = {
        "peer": str(other.address),
        "confirmed": str(other.me),
        "paths": [str(path) for path in paths],
    }
    return requests.run(one.node, "send", params)


# --- what can be sent ---------------------------------------------------------------------


async def test_a_file_arrives_whole_and_both_sides_know_it(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "picture.jpg", 3 * MIB + 17)
    *_, row = await ann.send(bob, file)
    assert row["state"] == "done"
    assert (row["files"], row["bytes"], row["resumed_from"]) == (1, 3 * MIB + 17, 0)
    assert await same(file, bob.downloads / "picture.jpg")
    received = await bob.hears(FileReceived)
    assert (received.path, received.size) == (str(bob.downloads / "picture.jpg"), 3 * MIB + 17)
    assert bob.told(OfferReceived)[0].accepted
    assert [event.state for event in bob.told(TransferEnded)] == [TransferState.DONE]
    assert [one.file for one in await bob.history(ann)] == ["picture.jpg"]
    assert [one.file for one in await ann.history(bob)] == ["picture.jpg"]
    assert parts(bob) == []


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1])
async def test_a_file_of_any_size_arrives(house: House, tmp_path: Path, size: int) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", size)
    assert (await ann.send(bob, file))[-1]["state"] == "done"
    assert await same(file, bob.downloads / "file")


async def test_a_folder_arrives_with_all_that_is_in_it(house: House, tmp_path: Path) -> None:
    ann, bob = await house.friends()
    tree = tmp_path / "tree"
    make_file(tree / "a" / "b" / "deep", 1000)
    make_file(tree / "nothing", 0)
    (tree / "empty" / "in empty").mkdir(parents=True)
    other = make_file(tmp_path / "beside", 5)
    *_, row = await ann.send(bob, tree, other)
    assert (row["state"], row["files"]) == ("done", 3)
    arrived = sorted(str(path.relative_to(bob.downloads)) for path in bob.downloads.rglob("*"))
    assert arrived == [
        "beside", "tree", "tree/a", "tree/a/b", "tree/a/b/deep", "tree/empty",
        "tree/empty/in empty", "tree/nothing",
    ]  # fmt: skip
    assert sorted(Path(event.path).name for event in bob.told(FileReceived)) == [
        "beside",
        "tree",
    ]


async def test_the_same_file_twice_lies_there_twice(house: House, tmp_path: Path) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", 1000)
    for _ in range(2):
        assert (await ann.send(bob, file))[-1]["state"] == "done"
    assert len(list(bob.downloads.iterdir())) == 2


async def test_what_is_not_there_is_not_offered(house: House, tmp_path: Path) -> None:
    ann, bob = await house.friends()
    assert isinstance(await failure(ann.send(bob, tmp_path / "none")), SourceMissing)
    assert bob.told(OfferReceived) == []


@pytest.mark.usefixtures("quick_again")
async def test_twelve_at_once_all_arrive(house: House, tmp_path: Path) -> None:
    ann, bob = await house.friends()
    files = [make_file(tmp_path / f"file {n}", 200_000 + n, seed=n) for n in range(12)]
    ended = await asyncio.gather(*(ann.send(bob, file) for file in files))
    assert [rows[-1]["state"] for rows in ended] == ["done"] * 12
    for file in files:
        assert await same(file, bob.downloads / file.name)


@pytest.mark.usefixtures("slow", "quick_again")
async def test_two_who_send_each_other_many_files_do_not_wait_for_each_other(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    to_bob = [make_file(tmp_path / f"to bob {n}", MIB) for n in range(6)]
    to_ann = [make_file(tmp_path / f"to ann {n}", MIB) for n in range(6)]
    ended = await asyncio.gather(
        *(ann.send(bob, file) for file in to_bob), *(bob.send(ann, file) for file in to_ann)
    )
    assert [rows[-1]["state"] for rows in ended] == ["done"] * 12


async def test_the_same_send_twice_at_once_is_one_transfer(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    file = make_file(tmp_path / "file", 2 * MIB)
    ended = await asyncio.gather(ann.send(bob, file), ann.send(bob, file))
    assert [rows[-1]["state"] for rows in ended] == ["done", "done"]
    assert len(bob.told(FileReceived)) == 1


# --- who may send -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "taken"),
    [
        (Accepting.NONE, set()),
        (Accepting.VERIFIED, {Trust.VERIFIED}),
        (Accepting.TRUSTED, {Trust.VERIFIED, Trust.KNOWN}),
        (Accepting.ALL, {Trust.VERIFIED, Trust.KNOWN, Trust.NEW}),
    ],
)
async def test_the_setting_says_whose_files_are_taken(
    house: House, tmp_path: Path, accept: Accepting, taken: set[Trust]
) -> None:
    ann, bob = await house.couple(accept=accept)
    for trust in (Trust.NEW, Trust.KNOWN, Trust.VERIFIED):
        if trust is not Trust.NEW:
            await bob.holds(ann, trust)
        file = make_file(tmp_path / trust.value, 10)
        if trust in taken:
            assert (await ann.send(bob, file))[-1]["state"] == "done"
        else:
            error = await failure(ann.send(bob, file))
            assert isinstance(error, OfferDeclined)
            assert "does not take files" in error.hint
            assert [event.state for event in bob.told(TransferEnded)][-1] == "declined"
    assert [event.accepted for event in bob.told(OfferReceived)] == [
        trust in taken for trust in (Trust.NEW, Trust.KNOWN, Trust.VERIFIED)
    ]


async def test_files_of_a_name_in_conflict_are_never_taken(
    house: House, tmp_path: Path
) -> None:
    bob = await house.lives("bob", 1, accept=Accepting.ALL)
    ann = await house.lives("ann", 0)
    await bob.say(ann, "hello")
    mallory = await house.lives("Ann", 2)
    file = make_file(tmp_path / "file", 10)
    assert isinstance(await failure(mallory.send(bob, file)), OfferDeclined)
    assert (await ann.send(bob, file))[-1]["state"] == "done"


async def test_more_than_the_limit_is_not_taken(house: House, tmp_path: Path) -> None:
    ann, bob = await house.friends(offer_limit=100, day_limit=150)
    small, large, another = (
        make_file(tmp_path / name, size) for name, size in (("s", 100), ("l", 101), ("a", 51))
    )
    assert isinstance(await failure(ann.send(bob, large)), OfferDeclined)
    assert (await ann.send(bob, small))[-1]["state"] == "done"
    error = await failure(ann.send(bob, another))
    assert isinstance(error, OfferDeclined)
    assert "without being asked" in error.hint


async def test_files_that_do_not_fit_on_the_disk_are_not_taken(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    monkeypatch.setattr(space, "RESERVE", 2**62)
    error = await failure(ann.send(bob, make_file(tmp_path / "file", 10)))
    assert isinstance(error, OfferDeclined)
    assert "free space" in error.hint
    assert "bytes are missing" in error.hint
    await bob.hears(Warned, lambda event: event.code == "disk-full")


@pytest.mark.usefixtures("quick_again")
async def test_a_disk_that_is_full_as_the_manifest_comes_is_waited_for(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", 3 * MIB)
    with monkeypatch.context() as full:
        full.setattr("lanchat.transfer.parts.check_space", _no_space)
        sending = asyncio.ensure_future(ann.send(bob, file))
        await bob.hears(TransferMoved, lambda moved: moved.view.held)
        await ann.hears(TransferMoved, lambda moved: moved.view.held)
        assert list(bob.downloads.iterdir()) == []
    assert (await sending)[-1]["state"] == "done"
    assert [one.state for one in bob.told(TransferEnded)] == [TransferState.DONE]


async def test_a_file_larger_than_the_free_space_is_refused_with_what_is_missing(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends(offer_limit=2**60, day_limit=2**60)
    room = os.statvfs(tmp_path)
    more = 2**33
    file = tmp_path / "sparse"
    with file.open("wb") as sparse:
        sparse.truncate(room.f_bavail * room.f_frsize + more)
    error = await failure(ann.send(bob, file))
    assert isinstance(error, OfferDeclined)
    said = re.fullmatch(r".* not enough free space: (\d+) bytes are missing", error.hint)
    assert said is not None
    reserve = max(space.RESERVE, room.f_blocks * room.f_frsize // space.RESERVE_SHARE)
    assert abs(int(said[1]) - more - reserve) < 2**32  # others write to this disk, too
    assert list(bob.downloads.iterdir()) == []
    assert [one.state for one in bob.told(TransferEnded)] == [TransferState.DECLINED]


def _no_space(_folder: Path, size: int) -> None:
    raise NoSpace(size)


# --- broken off ---------------------------------------------------------------------------


@pytest.mark.usefixtures("slow", "quick_again")
async def test_an_interrupted_send_goes_on_where_it_stopped(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_list, "REPORT_EVERY", 0.03)
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", SLOW)
    async with aclosing(begin(ann, bob, file)) as rows:
        async for row in rows:
            if (
                row.get("event") == "progress"
                and int(str(row["bytes"])) > 2 * MIB
                and parts(bob)
            ):
                break
    await asyncio.sleep(0.1)  # longer than the receiver takes to ask again
    assert len(parts(bob)) == 1
    *_, row = await ann.send(bob, file)
    assert row["state"] == "done"
    assert int(str(row["resumed_from"])) > 0
    assert await same(file, bob.downloads / "file")
    assert len(bob.told(FileReceived)) == 1
    assert parts(bob) == []


@pytest.mark.usefixtures("slow", "quick_again")
async def test_a_send_can_be_interrupted_at_any_moment(house: House, tmp_path: Path) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    file = make_file(tmp_path / "file", SLOW)
    for step in range(12):
        sending = asyncio.ensure_future(ann.send(bob, file))
        await asyncio.sleep(step * 0.004)
        sending.cancel()
        await asyncio.wait({sending})
    assert (await ann.send(bob, file))[-1]["state"] == "done"
    assert await same(file, bob.downloads / "file")
    assert len(bob.told(FileReceived)) == 1
    await quiet(bob)
    assert parts(bob) == []


@pytest.mark.usefixtures("slow", "quick_again")
@pytest.mark.parametrize("breaker", ["sender", "receiver"])
@pytest.mark.parametrize("dialler", ["sender", "receiver"])
async def test_a_send_outlives_its_session(
    house: House, tmp_path: Path, breaker: str, dialler: str
) -> None:
    ann, bob = await house.friends()
    await (ann.meet(bob) if dialler == "sender" else bob.meet(ann))
    file = make_file(tmp_path / "file", SLOW)
    sending = asyncio.ensure_future(ann.send(bob, file))
    await under_way(ann)
    one, other = (ann, bob) if breaker == "sender" else (bob, ann)
    one.link(other).abort("TEST")
    *_, row = await sending
    assert row["state"] == "done"
    assert await same(file, bob.downloads / "file")
    assert len(bob.told(FileReceived)) == 1


@pytest.mark.usefixtures("slow", "quick_again")
@pytest.mark.parametrize("side", ["sender", "receiver"])
async def test_a_lane_that_breaks_is_made_anew_and_goes_on(
    house: House, tmp_path: Path, side: str
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", SLOW)
    sending = asyncio.ensure_future(ann.send(bob, file))
    await under_way(ann, 4 * MIB)
    desk = ann.node.transfers._sending if side == "sender" else bob.node.transfers._receiving
    (one,) = desk.running()
    assert one.carriage is not None
    assert one.carriage._sock is not None
    one.carriage._sock.shutdown(2)
    *_, row = await sending
    assert row["state"] == "done"
    assert int(str(row["resumed_from"])) > 0
    assert await same(file, bob.downloads / "file")


@pytest.mark.usefixtures("slow", "quick_again")
async def test_a_receiver_that_restarts_goes_on_with_its_part(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", SLOW)
    sending = asyncio.ensure_future(ann.send(bob, file))
    await under_way(ann, 4 * MIB)
    await house.leaves(bob)
    assert len(parts(bob)) == 1
    bob = await house.returns(bob, port=bob.address.port)
    await bob.meet(ann)
    *_, row = await sending
    assert row["state"] == "done"
    assert int(str(row["resumed_from"])) > 0
    assert await same(file, bob.downloads / "file")
    assert parts(bob) == []


@pytest.mark.usefixtures("slow", "quick_again")
async def test_a_sender_that_restarts_goes_on_with_the_same_send(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", SLOW)
    sending = asyncio.ensure_future(ann.send(bob, file))
    await under_way(ann, 4 * MIB)
    sending.cancel()
    await asyncio.wait({sending})
    await house.leaves(ann)
    ann = await house.returns(ann)
    *_, row = await ann.send(bob, file)
    assert row["state"] == "done"
    assert int(str(row["resumed_from"])) > 0
    assert await same(file, bob.downloads / "file")


@pytest.mark.usefixtures("slow", "quick_again")
async def test_without_a_session_both_stop_and_go_on_with_the_next(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "ALONE", 0.03)
    ann, bob = await house.friends()
    await ann.meet(bob)
    file = make_file(tmp_path / "file", SLOW)
    sending = asyncio.ensure_future(ann.send(bob, file))
    await under_way(ann, 4 * MIB)
    for one in (ann, bob):  # nobody dials
        monkeypatch.setattr(one.node.dialler, "want", lambda _peer: None)
    ann.link(bob).abort("TEST")
    await until(lambda: not bob.node.transfers._receiving._live)
    await until(lambda: not ann.node.transfers._sending.running())
    assert len(parts(bob)) == 1
    await bob.meet(ann)
    *_, row = await sending
    assert row["state"] == "done"
    assert int(str(row["resumed_from"])) > 0
    assert await same(file, bob.downloads / "file")


@pytest.mark.usefixtures("quick_again")
@pytest.mark.parametrize("way", ["a session is lost", "the receiver ends"])
async def test_what_is_on_its_way_to_its_place_gets_there(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(transfers, "ALONE", 0.0)
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", MIB)
    publishing, go = Event(), Event()
    publish = Incoming.publish

    def slowly(self: Incoming) -> tuple[Published, ...]:
        publishing.set()
        go.wait(5)
        return publish(self)

    monkeypatch.setattr(Incoming, "publish", slowly)
    sending = asyncio.ensure_future(ann.send(bob, file))
    await until(publishing.is_set)
    if way == "a session is lost":
        bob.link(ann).abort("TEST")
        await bob.hears(SessionClosed)
        await asyncio.sleep(0.05)
        go.set()
    else:
        asyncio.get_running_loop().call_later(0.1, go.set)
        await house.leaves(bob)
        bob = await house.returns(bob, port=bob.address.port)
        await bob.meet(ann)
    assert (await sending)[-1]["state"] == "done"
    assert [path.name for path in bob.downloads.iterdir()] == ["file"]


@pytest.mark.usefixtures("slow")
async def test_a_lane_goes_on_when_the_session_is_renewed(house: House, tmp_path: Path) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", SLOW)
    sending = asyncio.ensure_future(ann.send(bob, file))
    await under_way(ann)
    await ann.node.sessions.renew(bob.me)
    *_, row = await sending
    assert (row["state"], row["resumed_from"]) == ("done", 0)


@pytest.mark.usefixtures("slow", "quick_again")
async def test_everything_is_made_anew_when_the_clock_jumps(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "EVERY", 0.02)
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", SLOW)
    sending = asyncio.ensure_future(ann.send(bob, file))
    await under_way(ann, 4 * MIB)
    before = ann.link(bob).binding
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 3600)
    *_, row = await sending
    assert row["state"] == "done"
    assert int(str(row["resumed_from"])) > 0
    assert ann.link(bob).binding != before
    assert len(ann.told(SessionOpened)) >= 2


@pytest.mark.usefixtures("slow")
async def test_a_file_that_changes_on_the_way_fails_with_a_sentence(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", SLOW)
    sending = asyncio.ensure_future(failure(ann.send(bob, file)))
    await under_way(ann)
    make_file(file, SLOW, seed=1)
    error = await sending
    assert isinstance(error, TransferAbandoned)
    assert "changed" in error.hint
    assert (await ann.hears(TransferEnded)).state is TransferState.FAILED
    assert (await bob.hears(TransferEnded)).state is TransferState.CANCELLED
    await quiet(bob)
    assert parts(bob) == []
    assert list(bob.downloads.glob("file*")) == []


@pytest.mark.usefixtures("slow", "quick_again")
@pytest.mark.parametrize("blocker", ["sender", "receiver"])
async def test_blocking_ends_transfers_at_once(
    house: House, tmp_path: Path, blocker: str
) -> None:
    ann, bob = await house.friends()
    sending = asyncio.ensure_future(failure(ann.send(bob, make_file(tmp_path / "file", SLOW))))
    await under_way(ann)
    one, other = (ann, bob) if blocker == "sender" else (bob, ann)
    await one.holds(other, Trust.BLOCKED)
    assert isinstance(await sending, TransferAbandoned)
    assert (await bob.hears(TransferEnded)).state is TransferState.CANCELLED
    await quiet(bob)
    assert parts(bob) == []


@pytest.mark.usefixtures("slow")
async def test_an_interrupted_send_does_not_stop_another_of_the_same_files(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", SLOW)
    first, second = (asyncio.ensure_future(ann.send(bob, file)) for _ in range(2))
    await under_way(ann)
    first.cancel()
    *_, row = await second
    assert (row["state"], row["resumed_from"]) == ("done", 0)
    await asyncio.wait({first})


@pytest.mark.usefixtures("slow")
async def test_a_node_that_ends_in_the_middle_leaves_a_part_and_no_thread(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends()
    sending = asyncio.ensure_future(ann.send(bob, make_file(tmp_path / "file", SLOW)))
    await under_way(ann)
    await house.leaves(bob)
    await house.leaves(ann)
    assert len(parts(bob)) == 1
    sending.cancel()
    await asyncio.wait({sending})


async def test_a_message_passes_a_file_on_its_way(
    house: House, tmp_path: Path, slow: None
) -> None:
    ann, bob = await house.friends()
    sending = asyncio.ensure_future(ann.send(bob, make_file(tmp_path / "file", SLOW)))
    await under_way(ann)
    await ann.say(bob, "it is coming")
    assert not sending.done()
    await bob.hears(MessageAdded)
    await sending
