"""The house in which nodes live, one for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

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
