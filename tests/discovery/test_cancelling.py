"""Cancelling a question that is being answered: it ends, whatever dnspython waits by."""

import asyncio

import pytest

from lanchat.discovery.server import cancellable


@pytest.mark.parametrize("fails", [False, True], ids=["an answer", "an error"])
async def test_a_cancellation_that_comes_with_the_answer_is_heard(fails: bool) -> None:
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def ask() -> str:
        with cancellable():
            return await asyncio.wait_for(answer, 5)

    task = asyncio.create_task(ask())
    await asyncio.sleep(0)
    if fails:
        answer.set_exception(OSError())
    else:
        answer.set_result("an answer")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_is_cancelled_already_may_still_ask_while_tidying_up() -> None:
    said: list[str] = []

    async def tidy() -> None:
        try:
            await asyncio.sleep(5)
        finally:
            with cancellable():
                said.append(await asyncio.wait_for(asyncio.sleep(0, "goodbye"), 5))

    task = asyncio.create_task(tidy())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert said == ["goodbye"]


async def test_a_time_that_is_over_at_that_moment_is_over() -> None:
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    limit = asyncio.timeout(5)

    async def ask() -> None:
        async with limit:
            with cancellable():
                await asyncio.wait_for(answer, 5)

    task = asyncio.create_task(ask())
    await asyncio.sleep(0)
    answer.set_result("an answer")
    limit._on_timeout()  # type: ignore[attr-defined]  # at that very moment
    with pytest.raises(TimeoutError):
        await task
