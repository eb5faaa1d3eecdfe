"""The same folder again on a disk that is nearly full: room for what comes, and no more.
PROTOCOL.md, 4."""

import asyncio
from pathlib import Path

import pytest

from lanchat.errors import NoSpace, OfferDeclined
from lanchat.node.acceptance import ENTRY_ROOM
from lanchat.node.events import TransferMoved, TransferState, Warned
from tests.node.house import MIB, SLOW, House, failure, make_file, under_way, until
from tests.node.test_skipping import again, sent_once


async def test_room_is_needed_only_for_what_comes(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await sent_once(house, tmp_path / "t")
    room = 3 * 400 + 10 + 5 * ENTRY_ROOM  # two folders are told of, too

    def little(_folder: Path, size: int) -> None:
        if size > room:
            raise NoSpace(size - room)

    for module in ("lanchat.transfer.parts", "lanchat.node.acceptance"):
        monkeypatch.setattr(f"{module}.check_space", little)
    assert isinstance(await failure(ann.send(bob, tmp_path / "t")), OfferDeclined)
    assert (await again(ann, bob, tmp_path / "t"))["state"] == "done"
    room = 10
    make_file(tmp_path / "t/00/00001.dat", 400, seed=5)
    sending = asyncio.ensure_future(again(ann, bob, tmp_path / "t"))
    held = await bob.hears(TransferMoved, lambda e: e.view.state is TransferState.HELD)
    assert held.view.missing == 400 - room
    room = 500 + 3 * ENTRY_ROOM
    await bob.ask("resume", transfer=held.view.transfer.hex())
    row = await sending
    assert (row["state"], row["skipped"]) == ("done", 29)


@pytest.mark.usefixtures("quick_again")
async def test_what_did_not_fit_once_compared_is_not_taken_at_the_next_look(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    root = tmp_path / "t"
    await ann.send(bob, make_file(root / "file", 1000).parent)
    make_file(root / "file", 1000, seed=1)  # nothing is the same
    refused, room = 0, 1000

    def little(_folder: Path, size: int) -> None:
        nonlocal refused
        if size > room:
            refused += 1
            raise NoSpace(size - room)

    monkeypatch.setattr("lanchat.node.acceptance.check_space", little)
    sending = asyncio.ensure_future(again(ann, bob, root))
    await until(lambda: refused >= 4 or sending.done())
    assert not sending.done()
    held = await bob.hears(TransferMoved, lambda e: e.view.state is TransferState.HELD)
    room = 2**40
    await bob.ask("resume", transfer=held.view.transfer.hex())
    assert (await sending)["state"] == "done"


@pytest.mark.usefixtures("slow", "quick_again")
@pytest.mark.parametrize("stands", ["something", "nothing"])
async def test_what_is_compared_must_fit_beside_what_else_comes(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stands: str
) -> None:
    ann, bob = await house.friends()
    roots = [tmp_path / "t", tmp_path / "u"]
    for root in roots:
        make_file(root / "same", 1000)
        make_file(root / "other", 1000)
        await ann.send(bob, root)
        make_file(root / "other", SLOW, seed=1)
        if stands == "nothing":
            make_file(root / "same", 1000, seed=2)

    def little(_folder: Path, size: int) -> None:
        if size > SLOW + MIB:
            raise NoSpace(size - SLOW - MIB)

    for module in ("lanchat.transfer.parts", "lanchat.node.acceptance"):
        monkeypatch.setattr(f"{module}.check_space", little)
    first = asyncio.ensure_future(again(ann, bob, roots[0]))
    await under_way(ann)
    second = asyncio.ensure_future(again(ann, bob, roots[1]))
    warned = await bob.hears(Warned, lambda event: event.code == "disk-full")
    assert "bytes more are needed" in warned.detail
    assert not first.done()
    assert [(await one)["state"] for one in (first, second)] == ["done", "done"]
