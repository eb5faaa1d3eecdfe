"""Pictures that were pasted: they lie in the profile as long as their card needs them."""

import asyncio
import os
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lanchat.errors import PeerBlocked, StoreFull
from lanchat.identity.trust import Trust
from lanchat.node import acts, pasted, profiles, relations, upkeep
from lanchat.node.events import FileReceived, TransferEnded, TransferState
from lanchat.node.fleeting import UNTIL_CLOSED
from lanchat.node.pasted import Pasted
from lanchat.store.profile import Profile
from tests.node.house import PASSPHRASE, House, Resident, make_file, until

PICTURE = b"\x89PNG\r\n\x1a\n" + os.urandom(5000)


def kept(one: Resident) -> list[Path]:
    """The pictures that lie in somebody's profile, of which some may just be removed."""
    walked = os.walk(one.opened.profile.pasted)
    return [Path(folder, name) for folder, _folders, names in walked for name in names]


@pytest.fixture(autouse=True)
def no_upkeep(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is removed, is so by what happened, and not by the sweep of each day."""
    monkeypatch.setattr(upkeep, "EVERY", 3600.0)


async def gone(one: Resident) -> None:
    await until(lambda: not one.opened.profile.pasted.exists(), "nothing pasted")


async def sent(ann: Resident, bob: Resident, name: str = "Pasted.png") -> bytes:
    """Bob has it; gives the id of its transfer."""
    view = await acts.offer_pasted(ann.node, bob.me, name, PICTURE)
    done = await ann.hears(TransferEnded, lambda ended: ended.transfer == view.transfer)
    assert done.state is TransferState.DONE
    return view.transfer


async def pictured(one: Resident, other: Resident, transfer: bytes) -> bool:
    """Whether the card of what was sent has its picture."""
    file = await acts.picture(one.node, other.me, transfer, outgoing=True)
    if file is None:
        return False
    with file:
        return file.read() == PICTURE


@pytest.mark.parametrize("how", ["card", "conversation", "all", "person", "age"])
async def test_one_that_was_sent_stays_with_its_card(
    house: House, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    transfer = await sent(ann, bob)
    received = bob.downloads / "Pasted.png"
    assert received.read_bytes() == PICTURE
    await ann.node.transfers.tidy()
    assert await pictured(ann, bob, transfer)
    await house.leaves(ann)
    ann = await house.returns(ann)
    await ann.node.transfers.tidy()
    assert await pictured(ann, bob, transfer)
    match how:
        case "card":
            await acts.hide(ann.node, bob.me, transfer)
        case "conversation":
            await acts.clear(ann.node, bob.me)
        case "all":
            await acts.clear_all(ann.node)
        case "person":
            await relations.forget(ann.node, bob.me)
        case "age":
            later = time.time_ns() + 2 * 86_400 * 10**9
            monkeypatch.setattr(time, "time_ns", lambda: later)
            await acts.keep(ann.node, 1)
    assert not ann.opened.profile.pasted.exists()
    assert not await pictured(ann, bob, transfer)


async def test_one_that_failed_can_be_tried_again(house: House) -> None:
    ann, bob = await house.friends()
    await house.leaves(bob)
    view = await acts.offer_pasted(ann.node, bob.me, "Pasted.png", PICTURE)
    await acts.cancel(ann.node, bob.me, view.transfer)
    await ann.node.transfers.tidy()
    bob = await house.returns(bob)
    await ann.meet(bob)
    await acts.retry(ann.node, bob.me, view.transfer)
    await bob.hears(FileReceived)
    assert (bob.downloads / "Pasted.png").read_bytes() == PICTURE


@pytest.mark.parametrize("limit", ["number", "size"])
async def test_of_those_that_were_sent_only_the_newest_stay(
    house: House, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if limit == "number":
        monkeypatch.setattr(pasted, "MOST", 2)
    else:
        monkeypatch.setattr(pasted, "MOST_BYTES", 2 * len(PICTURE) + 1)
    ann, bob = await house.friends()
    await ann.meet(bob)
    for number in range(4):
        await sent(ann, bob, f"{number}.png")
    newest = ["2.png", "3.png"]
    await until(lambda: sorted(path.name for path in kept(ann)) == newest, "the others go")
    folder = ann.opened.profile.pasted
    await until(lambda: len(list(folder.iterdir())) == 2, "and their folders")


async def test_what_cannot_be_swept_holds_up_no_offer_of_before(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await house.friends(listening=True)
    await house.leaves(bob)
    await acts.offer(ann.node, bob.me, [make_file(tmp_path / "file", 100)])
    await house.leaves(ann)

    async def full(_self: Pasted) -> None:
        raise StoreFull("no space")

    with monkeypatch.context() as broken:
        broken.setattr(Pasted, "sweep", full)
        ann = await house.returns(ann)
        bob = await house.returns(bob)
        await bob.meet(ann)
        await bob.hears(FileReceived)
        await ann.ends()


async def test_one_that_waits_outlives_a_start_and_goes_with_what_ends_it(house: House) -> None:
    ann, bob = await house.friends()
    await house.leaves(bob)
    for name in ("first.png", "second.png"):
        await acts.offer_pasted(ann.node, bob.me, name, PICTURE)
    assert sorted(path.name for path in kept(ann)) == ["first.png", "second.png"]
    for path in kept(ann):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    await house.leaves(ann)
    lost = ann.opened.profile.pasted / "0123456789abcdef" / "lost.png"  # by a crash
    lost.parent.mkdir()
    lost.write_bytes(PICTURE)

    ann = await house.returns(ann)
    await until(lambda: not lost.exists(), "what was lost is removed")
    views = {view.shown[0][0]: view for view in await acts.transfers(ann.node)}
    assert len(kept(ann)) == 2
    sending = ann.node.transfers._sending
    await until(lambda: len(sending._live) == 2, "both are offered again")
    await acts.cancel(ann.node, bob.me, views["first.png"].transfer)
    await ann.node.transfers.tidy()
    assert len(kept(ann)) == 2  # it may be tried again
    await acts.hide(ann.node, bob.me, views["first.png"].transfer)
    assert [path.name for path in kept(ann)] == ["second.png"]
    await acts.hide(ann.node, bob.me, views["second.png"].transfer)
    assert [path.name for path in kept(ann)] == ["second.png"]  # it is still to be sent
    await relations.forget(ann.node, bob.me)
    await gone(ann)


async def test_where_nothing_is_kept_only_those_that_wait_outlive_the_profile(
    house: House,
) -> None:
    ann, bob = await house.friends()
    await acts.keep(ann.node, UNTIL_CLOSED)
    await ann.meet(bob)
    await sent(ann, bob)
    await house.leaves(bob)
    await acts.offer_pasted(ann.node, bob.me, "waits.png", PICTURE)
    assert len(kept(ann)) == 2
    await house.leaves(ann)
    assert [path.name for path in kept(ann)] == ["waits.png"]
    lost = ann.opened.profile.pasted / "0123456789abcdef" / "lost.png"  # by a crash
    lost.parent.mkdir()
    lost.write_bytes(PICTURE)
    held = await asyncio.to_thread(profiles.hold, f"{ann.opened.profile.folder}/")
    opened = await profiles.unlock(held, PASSPHRASE)
    try:
        assert [path.name for path in kept(ann)] == ["waits.png"]
    finally:
        await opened.close()
    ann = await house.returns(ann)
    bob = await house.returns(bob)
    await ann.meet(bob)
    await bob.hears(FileReceived)


async def test_one_that_waits_is_kept_however_the_profile_is_named(
    house: House, tmp_path: Path
) -> None:
    ann, bob = await house.friends(listening=True)
    await ann.meet(bob)
    transfer = await sent(ann, bob)
    await house.leaves(bob)
    await acts.offer_pasted(ann.node, bob.me, "waits.png", PICTURE)
    await house.leaves(ann)
    folder = ann.opened.profile.folder
    (tmp_path / "link").symlink_to(folder.parent)
    linked = Profile(tmp_path / "link" / folder.name)
    ann = await house.returns(replace(ann, opened=replace(ann.opened, profile=linked)))
    await ann.node.transfers.tidy()
    assert sorted(path.name for path in kept(ann)) == ["Pasted.png", "waits.png"]
    await acts.hide(ann.node, bob.me, transfer)
    assert [path.name for path in kept(ann)] == ["waits.png"]
    bob = await house.returns(bob)
    await ann.meet(bob)
    await bob.hears(FileReceived)


async def test_one_that_cannot_be_offered_is_not_kept(house: House) -> None:
    ann, bob = await house.couple()
    await ann.holds(bob, Trust.BLOCKED)
    with pytest.raises(PeerBlocked):
        await acts.offer_pasted(ann.node, bob.me, "Pasted.png", PICTURE)
    await gone(ann)
