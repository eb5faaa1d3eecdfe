"""Parts that wait: how many, how much, how long.  PROTOCOL.md, 3b."""

import asyncio
import time
from pathlib import Path

import pytest

from lanchat.node import acts, leftovers
from tests.node.house import (
    MIB,
    SLOW,
    House,
    Resident,
    make_file,
    parts,
    quiet,
    same,
    under_way,
    until,
)

pytestmark = pytest.mark.usefixtures("slow", "quick_again")


async def break_off(ann: Resident, bob: Resident, file: Path) -> None:
    """Send the beginning of a file."""
    sending = asyncio.ensure_future(ann.send(bob, file))
    await under_way(ann, 3 * MIB)
    sending.cancel()
    await asyncio.wait({sending})
    await quiet(bob)


def held(bob: Resident) -> int:
    """How much of all parts lies there."""
    folder = bob.downloads / ".lanchat-parts"
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


async def test_the_newest_three_parts_of_a_peer_are_kept(house: House, tmp_path: Path) -> None:
    ann, bob = await house.friends()
    files = [make_file(tmp_path / f"file {n}", SLOW, seed=n) for n in range(5)]
    kept: list[set[str]] = []
    for file in files:
        await break_off(ann, bob, file)
        await until(lambda: len(parts(bob)) <= leftovers.MOST_PARTS)
        kept.append(set(parts(bob)))
    assert [len(some) for some in kept] == [1, 2, 3, 3, 3]
    assert len(kept[2] & kept[4]) == 1
    *_, newest = await ann.send(bob, files[4])
    *_, oldest = await ann.send(bob, files[0])
    assert int(str(newest["resumed_from"])) > 0
    assert (oldest["state"], oldest["resumed_from"]) == ("done", 0)
    for file in (files[0], files[4]):
        assert await same(file, bob.downloads / file.name)


async def test_the_newest_part_may_be_large_and_the_others_may_not(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "MOST_BYTES", SLOW + 1)
    ann, bob = await house.friends()
    for number in range(2):
        await break_off(ann, bob, make_file(tmp_path / f"file {number}", SLOW, seed=number))
        await until(lambda: len(parts(bob)) == 1)
    assert held(bob) > 0


async def test_what_was_cancelled_while_its_disk_was_away_takes_no_room_of_others(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "MOST_BYTES", SLOW + 1)
    ann, bob = await house.friends()
    await break_off(ann, bob, make_file(tmp_path / "one", SLOW))
    (large,) = await bob.node.transfers.list.views(9)
    await house.leaves(bob)
    bob.downloads.rename(tmp_path / "unplugged")
    bob = await house.returns(bob, downloads=tmp_path / "another disk")
    sending = asyncio.ensure_future(ann.send(bob, make_file(tmp_path / "two", SLOW, seed=1)))
    await under_way(ann, 3 * MIB)
    await acts.cancel(bob.node, ann.me, large.transfer)
    sending.cancel()
    await asyncio.wait({sending})
    await house.leaves(ann)
    await quiet(bob)
    await bob.node.transfers._receiving.leftovers.limit(ann.me)
    assert len(parts(bob)) == 1


async def test_a_part_that_nobody_touched_for_a_week_is_removed(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    await break_off(ann, bob, make_file(tmp_path / "file", SLOW))
    await bob.node.transfers.tidy()
    assert len(parts(bob)) == 1
    later = time.time_ns() + 8 * 86_400 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    await bob.node.transfers.tidy()
    assert parts(bob) == []


async def test_a_clock_that_jumped_a_week_leaves_no_part_that_nobody_knows(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", SLOW)
    await break_off(ann, bob, file)
    (part,) = parts(bob)
    await house.leaves(bob)
    later = time.time_ns() + 8 * 86_400 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    bob = await house.returns(bob)
    sending = asyncio.ensure_future(ann.send(bob, file))
    await under_way(ann, 6 * MIB)
    assert parts(bob) == [part]
    *_, row = await sending
    assert row["state"] == "done"
    assert int(str(row["resumed_from"])) > 0
    assert await same(file, bob.downloads / "file")
    await until(lambda: not parts(bob))


async def test_what_is_on_its_way_for_a_week_is_not_taken_for_forgotten(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    file = make_file(tmp_path / "file", SLOW)
    sending = asyncio.ensure_future(ann.send(bob, file))
    await under_way(ann, 3 * MIB)
    later = time.time_ns() + 8 * 86_400 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    await bob.node.transfers.tidy()
    *_, row = await sending
    assert (row["state"], row["resumed_from"]) == ("done", 0)
    assert await same(file, bob.downloads / "file")
