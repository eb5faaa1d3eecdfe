"""Claims: a window that waits for a passphrase is found, and keeps nobody from the profile."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lanchat.errors import AlreadyRunning, BadRequest
from lanchat.identity.fingerprint import LONGEST_TYPED
from lanchat.node import claims, control, profiles
from lanchat.node.claims import Claim
from lanchat.store.profile import Profile

PHRASE = "granite otter paddles home"


@pytest.fixture
async def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    await profiles.register("ada", "Ada", PHRASE, profiles.QUICK)
    return "ada"


@pytest.fixture
async def waiting(profile: str) -> AsyncIterator[tuple[Claim, list[str]]]:
    """A window that claims the profile, and how often it was asked to come forward."""
    asked: list[str] = []
    claim = await asyncio.to_thread(claims.claim, profile)
    await claim.answer(lambda invite: asked.append(f"raise {invite}".strip()))
    yield claim, asked
    await claim.release()


async def test_a_second_claim_finds_the_first_and_shows_it(
    profile: str, waiting: tuple[Claim, list[str]]
) -> None:
    with pytest.raises(AlreadyRunning):
        await asyncio.to_thread(claims.claim, profile)
    assert await claims.show_claimer(profile)
    assert waiting[1] == ["raise"]
    assert await claims.show_claimer(profile, "lanchat:1:" + "x" * 5000)
    assert waiting[1][1] == "raise lanchat:1:" + "x" * (LONGEST_TYPED - 10)  # bounded
    assert not await claims.show_holder(profile)
    assert not await claims.show_claimer("somebody else")


async def test_a_claimed_profile_can_be_opened_by_a_command(
    profile: str, waiting: tuple[Claim, list[str]]
) -> None:
    held = await asyncio.to_thread(profiles.hold, profile)
    held.release()


async def test_a_claim_answers_nothing_but_that(
    profile: str, waiting: tuple[Claim, list[str]], tmp_path: Path
) -> None:
    (room,) = (tmp_path / "data" / "lanchat" / "windows").iterdir()
    for verb in ("say", "history", "nonsense"):
        with pytest.raises(BadRequest):
            async for _row in control.ask(Profile(room).socket, verb, {}):
                pass
    assert waiting[1] == []


async def test_a_claim_that_is_given_up_is_free_at_once(
    profile: str, waiting: tuple[Claim, list[str]]
) -> None:
    await waiting[0].release()
    assert not await claims.show_claimer(profile)
    again = await asyncio.to_thread(claims.claim, profile)
    assert waiting[1] == []
    await again.release()


async def test_a_window_that_is_only_starting_is_waited_for(profile: str) -> None:
    asked: list[str] = []
    claim = await asyncio.to_thread(claims.claim, profile)
    looking = asyncio.create_task(claims.show_claimer(profile))
    await asyncio.sleep(0)  # it finds a claim, and nobody who answers
    await claim.answer(lambda invite: asked.append(f"raise {invite}".strip()))
    assert await looking
    assert asked == ["raise"]
    await claim.release()
