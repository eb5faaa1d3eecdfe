"""Tasks: what fails ends itself, a bug ends everything, and nothing is forgotten."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from lanchat.errors import LanchatError, PeerSilent, StoreError
from lanchat.node import tasks as tasks_module
from lanchat.node.tasks import Tasks
from tests.node.house import until

Failures = list[tuple[str, LanchatError | OSError]]


@pytest.fixture
def failures() -> Failures:
    return []


@pytest.fixture
async def tasks(failures: Failures) -> AsyncIterator[Tasks]:
    tasks = Tasks(lambda name, error: failures.append((name, error)))
    await tasks.start()
    yield tasks
    with suppress(BaseExceptionGroup):
        await tasks.stop()


async def raising(error: Exception) -> None:
    raise error


async def for_ever() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("error", [PeerSilent("x"), StoreError("x"), OSError(5, "x")])
async def test_what_is_no_bug_ends_one_task_and_is_told(
    tasks: Tasks, failures: Failures, error: LanchatError | OSError
) -> None:
    tasks.spawn(raising(error), "one")
    await until(lambda: failures)
    assert failures == [("one", error)]
    watching = asyncio.ensure_future(tasks.failed())
    await asyncio.sleep(0.01)
    assert not watching.done()
    watching.cancel()


@pytest.mark.parametrize("error", [PeerSilent("x"), StoreError("x"), OSError(5, "x")])
async def test_what_goes_in_rounds_goes_on_after_one_that_failed(
    tasks: Tasks, failures: Failures, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(tasks_module, "PAUSE", 0.01)
    begun = 0

    async def rounds() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise error
        await for_ever()

    tasks.keep_up(rounds, "rounds")
    await until(lambda: begun == 3)
    assert failures == [("rounds", error)] * 2


async def test_a_bug_in_a_round_ends_everything(tasks: Tasks) -> None:
    async def rounds() -> None:
        raise ZeroDivisionError

    tasks.keep_up(rounds, "rounds")
    with pytest.raises(BaseExceptionGroup) as caught:
        await tasks.failed()
    assert caught.group_contains(ZeroDivisionError)


async def test_a_bug_ends_everything_and_is_raised(tasks: Tasks, failures: Failures) -> None:
    cancelled = asyncio.Event()

    async def other() -> None:
        try:
            await for_ever()
        finally:
            cancelled.set()

    tasks.spawn(other(), "other")
    await asyncio.sleep(0)
    tasks.spawn(raising(ZeroDivisionError()), "bug")
    with pytest.raises(ExceptionGroup) as raised:
        await tasks.failed()
    assert raised.value.subgroup(ZeroDivisionError)
    assert cancelled.is_set()
    assert failures == []
    with pytest.raises(ExceptionGroup):
        await tasks.stop()


async def test_what_the_node_cannot_be_without_ends_it_however_it_fails(
    tasks: Tasks, failures: Failures
) -> None:
    tasks.keep(raising(StoreError("x")), "kept")
    with pytest.raises(ExceptionGroup) as raised:
        await tasks.failed()
    assert raised.value.subgroup(StoreError)
    assert failures == []


async def test_stopping_ends_what_runs_and_takes_no_more(tasks: Tasks) -> None:
    ended: list[str] = []

    async def run(name: str) -> None:
        try:
            await for_ever()
        finally:
            ended.append(name)

    tasks.spawn(run("spawned"), "spawned")
    tasks.keep(run("kept"), "kept")
    await tasks.stop()
    assert sorted(ended) == ["kept", "spawned"]
    tasks.spawn(run("too late"), "too late")
    tasks.keep(run("too late"), "too late")
    await asyncio.sleep(0)
    assert sorted(ended) == ["kept", "spawned"]


async def test_what_is_ended_before_it_began_is_not_taken_for_forgotten(tasks: Tasks) -> None:
    tasks.spawn(for_ever(), "one")
    (task,) = tasks._running
    task.cancel()
    await until(task.done)


async def test_nothing_is_taken_before_the_start(failures: Failures) -> None:
    tasks = Tasks(lambda name, error: failures.append((name, error)))
    tasks.spawn(raising(PeerSilent("x")), "early")
    await tasks.stop()
    assert failures == []


async def test_what_a_task_spawns_as_it_is_ended_is_dropped(tasks: Tasks) -> None:
    ran: list[str] = []

    async def late() -> None:
        ran.append("late")

    async def run() -> None:
        try:
            await for_ever()
        finally:
            tasks.spawn(late(), "late")

    tasks.spawn(run(), "run")
    await asyncio.sleep(0)
    await tasks.stop()
    assert ran == []
