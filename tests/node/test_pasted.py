"""Pictures that were pasted: they lie in the profile while they are sent, and no longer."""

import os
import stat
from pathlib import Path

import pytest

from lanchat.errors import PeerBlocked
from lanchat.identity.trust import Trust
from lanchat.node import acts, relations, upkeep
from lanchat.node.events import FileReceived, TransferState
from tests.node.house import House, Resident, until

PICTURE = b"\x89PNG\r\n\x1a\n" + os.urandom(5000)


def kept(one: Resident) -> list[Path]:
    """The pictures that lie in somebody's profile."""
    return [path for path in one.opened.profile.pasted.rglob("*") if path.is_file()]


@pytest.fixture(autouse=True)
def no_upkeep(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is removed, is so by what happened, and not by the sweep of each day."""
    monkeypatch.setattr(upkeep, "EVERY", 3600.0)


async def gone(one: Resident) -> None:
    await until(lambda: not one.opened.profile.pasted.exists(), "nothing pasted")


async def test_one_that_was_sent_lies_here_no_longer(house: House) -> None:
    ann, bob = await house.friends()
    await ann.meet(bob)
    await acts.offer_pasted(ann.node, bob.me, "Pasted.png", PICTURE)
    await bob.hears(FileReceived)
    received = bob.downloads / "Pasted.png"
    assert received.read_bytes() == PICTURE
    assert (await ann.ends()).state is TransferState.DONE
    await gone(ann)


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
    await acts.cancel(ann.node, bob.me, views["first.png"].transfer)
    await until(lambda: [path.name for path in kept(ann)] == ["second.png"], "one is gone")
    await relations.forget(ann.node, bob.me)
    await gone(ann)


async def test_one_that_cannot_be_offered_is_not_kept(house: House) -> None:
    ann, bob = await house.couple()
    await ann.holds(bob, Trust.BLOCKED)
    with pytest.raises(PeerBlocked):
        await acts.offer_pasted(ann.node, bob.me, "Pasted.png", PICTURE)
    await gone(ann)
