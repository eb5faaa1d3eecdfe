"""Profiles: made once, taken by one process, opened with the passphrase."""

import asyncio
import stat
from pathlib import Path

import pytest

from lanchat.errors import (
    AlreadyRunning,
    BadPassphrase,
    BadRequest,
    LanchatError,
    NoProfile,
    ProfileExists,
    StoreDamaged,
    WrongPassphrase,
)
from lanchat.node import profiles
from lanchat.node.profiles import QUICK, Held

PHRASE = "correct horse battery staple"


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "profile")


async def _made(place: str, name: str = "Ann") -> str:
    _, peer_id = await profiles.register(place, name, PHRASE, QUICK)
    return str(peer_id)


async def _held(place: str) -> Held:
    return await asyncio.to_thread(profiles.hold, place)


def _modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


async def test_what_was_registered_opens_as_the_same_identity(place: str) -> None:
    peer_id = await _made(place)
    opened = await profiles.unlock(await _held(place), PHRASE)
    assert (str(opened.identity.peer_id), opened.name) == (peer_id, "Ann")
    assert await opened.database.get("name") == b"Ann"
    assert await asyncio.to_thread(_modes, Path(place)) == {0o600}
    await opened.close()


async def test_the_name_comes_from_what_is_sealed(place: str) -> None:
    await _made(place)
    info = Path(place) / "profile.json"
    await asyncio.to_thread(info.write_text, '{"name": "Mallory"}')
    opened = await profiles.unlock(await _held(place), PHRASE)
    assert opened.name == "Ann"
    await opened.close()


async def test_a_name_is_cleaned_before_others_see_it(place: str) -> None:
    name, _ = await profiles.register(place, "  Ann \u202e  Example ", PHRASE, QUICK)
    assert name == "Ann Example"


@pytest.mark.parametrize("name", ["", "\u200b", "x" * 41, "lanchat"])
async def test_a_name_that_nobody_may_bear_makes_nothing(place: str, name: str) -> None:
    with pytest.raises(BadRequest):
        await profiles.register(place, name, PHRASE, QUICK)
    assert not await asyncio.to_thread(Path(place).exists)


async def test_a_passphrase_that_is_refused_makes_nothing(place: str) -> None:
    with pytest.raises(BadPassphrase):
        await profiles.register(place, "Ann", "short", QUICK)
    assert not await asyncio.to_thread(Path(place).exists)


async def test_a_profile_is_made_once(place: str) -> None:
    peer_id = await _made(place)
    with pytest.raises(ProfileExists):
        await _made(place, "Bob")
    opened = await profiles.unlock(await _held(place), PHRASE)
    assert str(opened.identity.peer_id) == peer_id
    await opened.close()


async def test_of_two_who_register_at_once_one_has_it(place: str) -> None:
    found = await asyncio.gather(_made(place), _made(place), return_exceptions=True)
    made = [one for one in found if isinstance(one, str)]
    failed = [one for one in found if not isinstance(one, str)]
    assert len(made) == 1
    assert isinstance(failed[0], ProfileExists | AlreadyRunning)
    opened = await profiles.unlock(await _held(place), PHRASE)
    assert str(opened.identity.peer_id) == made[0]
    await opened.close()


@pytest.mark.parametrize("milliseconds", [0, 5, 20, 40, 60, 80, 120, 200])
async def test_who_gives_up_while_registering_leaves_no_half_profile(
    place: str, milliseconds: int
) -> None:
    making = asyncio.create_task(_made(place))
    await asyncio.sleep(milliseconds / 1000)
    making.cancel()
    (made,) = await asyncio.gather(making, return_exceptions=True)
    if isinstance(made, asyncio.CancelledError):
        made = await _made(place)
    opened = await profiles.unlock(await _held(place), PHRASE)
    assert str(opened.identity.peer_id) == made
    await opened.close()


async def test_somebody_elses_database_is_left_alone(place: str) -> None:
    database = Path(place) / "lanchat.db"
    await asyncio.to_thread(Path(place).mkdir)
    await asyncio.to_thread(database.write_bytes, b"whose key file was moved away")
    with pytest.raises(ProfileExists):
        await _made(place)
    assert await asyncio.to_thread(database.read_bytes) == b"whose key file was moved away"


async def test_a_profile_is_held_once_and_before_its_passphrase_is_asked(place: str) -> None:
    await _made(place)
    held = await _held(place)
    with pytest.raises(AlreadyRunning):
        await _held(place)
    held.release()
    (await _held(place)).release()


async def test_a_wrong_passphrase_leaves_the_profile_held(place: str) -> None:
    await _made(place)
    held = await _held(place)
    with pytest.raises(WrongPassphrase):
        await profiles.unlock(held, "not this one at all")
    with pytest.raises(AlreadyRunning):
        await _held(place)
    opened = await profiles.unlock(held, PHRASE)
    await opened.close()


async def test_a_profile_without_its_database_is_damaged(place: str) -> None:
    await _made(place)
    await asyncio.to_thread((Path(place) / "lanchat.db").unlink)
    held = await _held(place)
    with pytest.raises(StoreDamaged):
        await profiles.unlock(held, PHRASE)
    held.release()


async def test_another_passphrase_opens_the_same_secrets(place: str) -> None:
    peer_id = await _made(place)
    held = await _held(place)
    await profiles.change_passphrase(place, PHRASE, "another one entirely", QUICK)
    with pytest.raises(WrongPassphrase):
        await profiles.unlock(held, PHRASE)
    opened = await profiles.unlock(held, "another one entirely")
    assert str(opened.identity.peer_id) == peer_id
    await opened.close()


@pytest.mark.parametrize("name", ["nobody", "../nobody", "/nowhere/at/all"])
def test_a_profile_that_is_not_there_is_said_to_be_missing(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with pytest.raises(NoProfile):
        profiles.hold(name)


@pytest.mark.parametrize("name", ["", " ", ".hidden", "a\0b"])
def test_no_profile_can_have_such_a_name(name: str) -> None:
    with pytest.raises(LanchatError):
        profiles.find(name)


async def test_profiles_are_listed_with_their_names_in_clear(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert await asyncio.to_thread(profiles.listed) == ()
    await _made("work", "Ann at work")
    await _made("home", "Ann")
    found = await asyncio.to_thread(profiles.listed)
    assert [(one.folder.name, one.info.name) for one in found] == [
        ("home", "Ann"),
        ("work", "Ann at work"),
    ]
    assert all(one.info.last_used_at > 0 for one in found)
