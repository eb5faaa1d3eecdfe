"""What is done now and then, and at once when the clock jumped."""

import asyncio
import time
from collections.abc import Callable

import pytest

from lanchat.node import comparing, sessions, upkeep
from lanchat.node.events import CheckChanged, MessageAdded, SessionClosed
from lanchat.node.upkeep import Upkeep
from tests.node.byhand import ByHand, a_text
from tests.node.house import House, Resident, until


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "EVERY", 0.01)


@pytest.fixture
async def couple(house: House) -> tuple[Resident, Resident]:
    ann, bob = await house.friends()
    await ann.meet(bob)
    return ann, bob


def jump(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + seconds)


async def test_a_session_is_renewed_in_time_by_who_dialled_it(
    couple: tuple[Resident, Resident], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = couple
    first = ann.link(bob).binding
    monkeypatch.setattr(sessions, "RENEW_AFTER", 0.05)
    await until(lambda: ann.link(bob).binding != first)
    monkeypatch.setattr(sessions, "RENEW_AFTER", 3600.0)
    assert ann.link(bob).initiator
    assert ann.told(SessionClosed) == bob.told(SessionClosed) == []
    await ann.say(bob, "the same conversation")


async def test_a_session_is_not_renewed_while_words_are_compared_on_it(
    couple: tuple[Resident, Resident], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = couple
    first = ann.link(bob).binding
    await comparing.ask(bob.node, ann.me)
    await ann.hears(CheckChanged)
    monkeypatch.setattr(sessions, "RENEW_AFTER", 0.05)
    await asyncio.sleep(0.2)
    assert ann.link(bob).binding == first
    comparing.leave(bob.node, ann.me)
    await until(lambda: ann.link(bob).binding != first)
    monkeypatch.setattr(sessions, "RENEW_AFTER", 3600.0)


async def test_a_renewal_that_fails_is_not_tried_all_the_time(
    couple: tuple[Resident, Resident], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = couple
    tries: list[float] = []
    dial = ann.node.sessions._calls.dial

    async def counted(*arguments: object, **more: object) -> None:
        tries.append(time.monotonic())
        await dial(*arguments, **more)  # type: ignore[arg-type]  # what we were given

    monkeypatch.setattr(ann.node.sessions._calls, "dial", counted)
    await bob.node.doors.shut()
    monkeypatch.setattr(sessions, "RENEW_AFTER", 0.0)
    await until(lambda: tries)
    await asyncio.sleep(0.2)
    assert len(tries) == 1
    assert ann.told(SessionClosed) == []


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
async def test_a_jump_of_the_clock_makes_every_session_anew(
    couple: tuple[Resident, Resident], monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    ann, bob = couple
    old = ann.link(bob)
    jump(monkeypatch, seconds)
    await until(lambda: not old.open)
    await until(lambda: ann.node.sessions.current(bob.me) not in {None, old})
    await ann.say(bob, "here again")
    assert (await bob.hears(MessageAdded)).message.text == "here again"


async def test_a_small_step_of_the_clock_is_none(
    couple: tuple[Resident, Resident], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = couple
    old = ann.link(bob).binding
    jump(monkeypatch, 30.0)
    await asyncio.sleep(0.1)
    assert ann.link(bob).binding == old


async def test_after_a_jump_not_a_byte_is_said_to_who_cannot_be_dialled(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await house.lives("ann")
    async with ByHand(ann) as bob:
        bob.posts(a_text("hello"))
        await ann.hears(MessageAdded)
        jump(monkeypatch, 3600.0)
        assert await bob.ends() in {"LOST", "TIMEOUT"}
    assert [event.reason for event in ann.told(SessionClosed)] == ["TIMEOUT"]


async def test_an_advert_gets_a_new_epoch_and_the_house_is_tidied(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "NEW_EPOCH", 0.05)
    monkeypatch.setattr(upkeep, "TIDY_EVERY", 0.05)
    ann = await house.lives("ann")
    done: list[str] = []

    def note(name: str) -> Callable[[], object]:
        async def work() -> None:
            done.append(name)

        return work

    looking = Upkeep(
        ann.node.sessions,
        spawn=ann.node._tasks.spawn,
        announce=note("announced"),  # type: ignore[arg-type]  # it gives what is awaited
        tidy=note("tidied"),  # type: ignore[arg-type]  # it gives what is awaited
        jumped=lambda: done.append("jumped"),
        busy=lambda _peer: False,
    )
    running = asyncio.ensure_future(looking.run())
    await until(lambda: done.count("announced") >= 2 and done.count("tidied") >= 2)
    assert "jumped" not in done
    running.cancel()
    await asyncio.wait({running})


async def test_what_upkeep_meets_with_does_not_end_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "TIDY_EVERY", 0.01)
    ann = await house.lives("ann")
    fails: list[int] = []

    async def broken() -> None:
        fails.append(1)
        raise OSError(5, "no disk")

    monkeypatch.setattr(ann.node.transfers, "tidy", broken)
    await until(lambda: len(fails) >= 3)
