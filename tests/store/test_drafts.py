"""What was written and not sent is kept, and goes with what it became or belonged to."""

import secrets
from pathlib import Path

import pytest

from lanchat.conversation.message import Message
from lanchat.errors import StoreFull
from lanchat.store import migrations
from lanchat.store.connection import Connection
from lanchat.store.database import Database
from lanchat.store.history import TOMBSTONE_AGE, History
from lanchat.store.migrations import MIGRATIONS, version
from tests.store.making import ANN, BOB, NOW, mine, theirs


async def peers(database: Database) -> int:
    def count(connection: Connection) -> int:
        return len(connection.execute("SELECT key FROM peers").fetchall())

    return await database.run(count)


async def test_one_for_each_peer_is_there_after_reopening(
    tmp_path: Path, master_key: bytes
) -> None:
    path = tmp_path / "lanchat.db"
    database = await Database.create(path, master_key)
    history = History(database)
    for peer, text in ((ANN, "hal"), (BOB, "a nul \0 and\nü 🎉"), (ANN, "half a "), (BOB, "")):
        await history.draft(peer, text)
    await history.draft(BOB, "a nul \0 and\nü 🎉 ")
    await database.close()
    database = await Database.open(path, master_key)
    assert await History(database).drafts() == {ANN: "half a ", BOB: "a nul \0 and\nü 🎉 "}
    await database.close()


async def test_it_goes_as_its_message_is_stored_and_what_was_begun_since_stays(
    history: History,
) -> None:
    await history.draft(ANN, "half a")
    await history.draft(BOB, "half a")
    assert await history.append(mine("half a message"), drafted="half a")
    assert await history.drafts() == {BOB: "half a"}
    await history.draft(BOB, "the next one")
    assert await history.append(mine("half a message", BOB), drafted="half a")
    assert await history.drafts() == {BOB: "the next one"}
    assert [one.text for one in await history.page(BOB, 9)] == ["half a message"]


async def test_it_stays_if_its_message_cannot_be_stored(
    database: Database, history: History
) -> None:
    def no_more_room(connection: Connection) -> None:
        row = connection.execute("PRAGMA page_count").fetchone()
        assert row is not None
        connection.execute(f"PRAGMA max_page_count = {int(str(row[0]))}")

    await history.draft(ANN, "half a")
    await database.run(no_more_room)
    with pytest.raises(StoreFull):
        await history.append(mine("x" * 60_000), drafted="half a")
    assert await history.drafts() == {ANN: "half a"}
    assert await history.page(ANN, 9) == ()


async def test_it_is_no_message_and_no_search_finds_it(history: History) -> None:
    await history.append(theirs("quokka"))
    await history.draft(ANN, "quokka half")
    await history.draft(BOB, "quokka half")
    for found in (
        await history.search(None, "quokka", 9),
        await history.page(ANN, 9),
        await history.latest(),
    ):
        assert [one.text for one in found] == ["quokka"]
    assert await history.waiting() == ()
    assert [ids async for ids in history.expire(2 * NOW, NOW)] == []  # not read yet
    await history.see(ANN)
    assert [peer async for peer, _ids in history.expire(2 * NOW, NOW)] == [ANN]
    assert await history.drafts() == {ANN: "quokka half", BOB: "quokka half"}


async def test_it_goes_with_the_whole_conversation_and_not_with_one_message(
    history: History,
) -> None:
    message = theirs()
    await history.append(message)
    for peer in (ANN, BOB):
        await history.draft(peer, "half a")
    await history.delete(ANN, NOW, ids=[message.id])
    assert len(await history.drafts()) == 2
    await history.delete(ANN, NOW)
    assert await history.drafts() == {BOB: "half a"}
    await history.drop_drafts()
    assert await history.drafts() == {}


async def test_the_key_of_somebody_of_whom_nothing_else_is_kept_goes_with_it(
    database: Database, history: History
) -> None:
    await history.draft(ANN, "to somebody only seen")
    await history.sweep(NOW + TOMBSTONE_AGE)
    assert await history.drafts() == {ANN: "to somebody only seen"}
    await history.draft(ANN, "")
    await history.sweep(NOW + TOMBSTONE_AGE)
    assert await peers(database) == 0


@pytest.mark.parametrize("taken", range(1, len(MIGRATIONS)))
async def test_a_database_of_before_takes_the_steps_it_lacks_and_loses_nothing(
    tmp_path: Path, master_key: bytes, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    path = tmp_path / "lanchat.db"
    said: list[Message] = [theirs("of before"), mine("waits", BOB)]
    with monkeypatch.context() as before:
        before.setattr(migrations, "MIGRATIONS", MIGRATIONS[:taken])
        database = await Database.create(path, master_key)
        assert await database.run(version) == taken
        await History(database).append_many(said)
        secret = secrets.token_bytes(16)
        await database.put("reach", secret)
        await database.close()
    database = await Database.open(path, master_key)
    history = History(database)
    assert await database.run(version) == len(MIGRATIONS)
    assert await database.get("reach") == secret
    assert [*await history.page(ANN, 9), *await history.page(BOB, 9)] == said
    assert await history.drafts() == {}
    await history.draft(ANN, "from now on")
    assert await history.drafts() == {ANN: "from now on"}
    await database.close()
