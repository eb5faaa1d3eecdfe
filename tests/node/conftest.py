"""The house in which nodes live, one for each test."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lanchat.node import acceptance, attempts, holds, serving
from lanchat.transfer import pipe
from tests.node.house import House, Seat, seats


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> list[Seat]:
    """Registered profiles; a test works with copies."""
    return seats(tmp_path_factory.mktemp("seats"))


@pytest.fixture
async def house(tmp_path: Path, prepared: list[Seat]) -> AsyncIterator[House]:
    """Where residents live."""
    house = House(tmp_path, prepared)
    try:
        yield house
    finally:
        await house.empties()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each chunk takes its time, so that a test can come in between."""
    send = pipe.Pipe.send

    def slowly(self: pipe.Pipe, data: memoryview, counters: pipe.Counters) -> None:
        time.sleep(0.02)
        send(self, data, counters)

    monkeypatch.setattr(pipe.Pipe, "send", slowly)


@pytest.fixture
def quick_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits before trying again."""
    monkeypatch.setattr(attempts, "RETRY_PAUSE", 0.02)
    monkeypatch.setattr(serving, "PREFIX_PAUSE", 0.0)
    monkeypatch.setattr(acceptance, "BUSY_PAUSE", 0)
    monkeypatch.setattr(holds, "FIRST_PAUSE", 0.02)
