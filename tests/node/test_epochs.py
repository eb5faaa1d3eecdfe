"""Epochs never go back, and secrets stay until they are drawn anew."""

import time

import pytest

from lanchat.node.epochs import new_secret, next_epoch, secret
from tests.node.house import House


class Drawer:
    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    async def get(self, key: str) -> bytes | None:
        return self.held.get(key)

    async def put(self, key: str, value: bytes) -> None:
        self.held[key] = value


async def test_an_epoch_is_the_time_in_milliseconds() -> None:
    before = time.time_ns() // 10**6
    epoch = await next_epoch(Drawer())
    assert before <= epoch <= time.time_ns() // 10**6


async def test_epochs_rise_even_within_a_millisecond() -> None:
    drawer = Drawer()
    epochs = [await next_epoch(drawer) for _ in range(100)]
    assert epochs == sorted(set(epochs))


async def test_an_epoch_is_above_the_last_whatever_the_clock_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawer = Drawer()
    first = await next_epoch(drawer)
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert await next_epoch(drawer) == first + 1


async def test_an_epoch_is_kept_before_it_is_used(house: House) -> None:
    ann = await house.lives("ann")
    kept = await ann.opened.database.get("epoch")
    await house.leaves(ann)
    ann = await house.returns(ann)
    assert (await ann.opened.database.get("epoch") or b"") > (kept or b"")


async def test_a_secret_stays_and_a_new_one_takes_its_place() -> None:
    drawer = Drawer()
    first = await secret(drawer, "reach")
    assert len(first) == 32
    assert await secret(drawer, "reach") == first
    assert await secret(drawer, "beacon") != first
    second = await new_secret(drawer, "reach")
    assert second != first
    assert await secret(drawer, "reach") == second
