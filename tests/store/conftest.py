"""An open store in a folder of its own."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lanchat.store.database import Database
from lanchat.store.history import History


@pytest.fixture
def master_key() -> bytes:
    return secrets.token_bytes(32)


@pytest.fixture
async def database(tmp_path: Path, master_key: bytes) -> AsyncIterator[Database]:
    opened = await Database.create(tmp_path / "lanchat.db", master_key)
    yield opened
    await opened.close()


@pytest.fixture
def history(database: Database) -> History:
    return History(database)
