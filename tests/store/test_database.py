import asyncio
import os
import subprocess
import sys
import weakref
from collections.abc import Sequence
from pathlib import Path

import pytest

from lanchat.errors import (
    ProfileExists,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreTooNew,
)
from lanchat.store.connection import Connection, Cursor
from lanchat.store.database import Database
from lanchat.store.history import History
from lanchat.store.migrations import MIGRATIONS, version
from tests.store.making import ANN, theirs


async def test_what_was_put_is_there_after_reopening(tmp_path: Path, master_key: bytes) -> None:
    path = tmp_path / "lanchat.db"
    database = await Database.create(path, master_key)
    await database.put("epoch", b"one")
    await database.put("epoch", b"two")
    await database.close()
    database = await Database.open(path, master_key)
    assert await database.get("epoch") == b"two"
    assert await database.get("other") is None
    await database.close()
    assert _names(tmp_path) == ["lanchat.db"]


async def test_a_database_is_never_made_over_another(
    database: Database, tmp_path: Path, master_key: bytes
) -> None:
    with pytest.raises(ProfileExists):
        await Database.create(tmp_path / "lanchat.db", master_key)


async def test_a_missing_database_is_damage_and_none_is_made(
    tmp_path: Path, master_key: bytes
) -> None:
    with pytest.raises(StoreDamaged):
        await Database.open(tmp_path / "lanchat.db", master_key)
    assert _names(tmp_path) == []


@pytest.mark.parametrize(
    "content", [b"", b"x", b"SQLite format 3\0" + bytes(4080), os.urandom(8192)]
)
async def test_garbage_in_the_place_of_the_database_is_damage(
    tmp_path: Path, master_key: bytes, content: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lanchat.db"
    path.write_bytes(content)
    with pytest.raises(StoreDamaged):
        await Database.open(path, master_key)
    assert path.read_bytes() == content
    assert capfd.readouterr() == ("", "")


async def test_another_key_opens_nothing(
    tmp_path: Path, master_key: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    await (await Database.create(tmp_path / "lanchat.db", master_key)).close()
    with pytest.raises(StoreDamaged):
        await Database.open(tmp_path / "lanchat.db", b"?" * 32)
    assert capfd.readouterr() == ("", "")


async def test_a_flipped_bit_in_any_page_is_damage_and_not_another_text(
    tmp_path: Path, master_key: bytes
) -> None:
    path = tmp_path / "lanchat.db"
    database = await Database.create(path, master_key)
    texts = [str(n) * 900 for n in range(100)]
    await History(database).append_many([theirs(text) for text in texts])
    await database.close()
    whole = path.read_bytes()
    found_out = 0
    for page in range(len(whole) // 4096):
        data = bytearray(whole)
        data[page * 4096 + 2000] ^= 1
        path.write_bytes(data)
        try:
            database = await Database.open(path, master_key)
        except StoreDamaged:
            found_out += 1
            continue
        try:
            read = await History(database).page(ANN, 1000)
            assert [one.text for one in read] == texts  # it lay in a page that was not read
        except StoreDamaged:
            found_out += 1
        finally:
            await database.close()
    assert found_out > 20


async def test_an_error_brings_no_cursor_to_another_thread(
    tmp_path: Path, master_key: bytes
) -> None:
    """Let go of there while the store closes the connection, it would end the process."""
    seen: list[weakref.ref[Cursor]] = []

    def cursor(connection: Connection) -> Cursor:
        found = connection.execute("SELECT name FROM sqlite_master")
        seen.append(weakref.ref(found))
        return found

    def named(connection: Connection) -> None:
        one = cursor(connection)
        one.fetchone()
        raise ValueError

    def looped(connection: Connection) -> None:
        for _row in cursor(connection):  # held by the frame alone
            raise ValueError

    def within(connection: Connection) -> None:
        try:
            named(connection)
        except ValueError:
            looped(connection)

    database = await Database.create(tmp_path / "lanchat.db", master_key)
    errors = []
    for work in (named, looped, within):
        with pytest.raises(ValueError) as found:  # noqa: PT011 - as raised above
            await database.run(work)
        errors.append(found.value)
    assert len(seen) == 4
    assert [one() for one in seen] == [None] * 4
    assert all(error.__traceback__ for error in errors)  # where it was is still known
    await database.close()


async def test_a_database_of_a_later_lanchat_is_left_alone(
    tmp_path: Path, master_key: bytes
) -> None:
    path = tmp_path / "lanchat.db"
    database = await Database.create(path, master_key)

    def later(connection: Connection) -> None:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")

    await database.run(later)
    await database.close()
    with pytest.raises(StoreTooNew):
        await Database.open(path, master_key)


async def test_a_new_database_has_taken_every_step(database: Database) -> None:
    assert await database.run(version) == len(MIGRATIONS)


async def test_a_second_process_is_kept_out_by_the_database_itself(
    database: Database, tmp_path: Path, master_key: bytes
) -> None:
    await database.put("x", b"y")
    script = (
        "import asyncio, sys; from pathlib import Path\n"
        "from lanchat.errors import AlreadyRunning\n"
        "from lanchat.store.database import Database\n"
        "try: asyncio.run(Database.open(Path(sys.argv[1]), bytes.fromhex(sys.argv[2])))\n"
        "except AlreadyRunning: print('held')\n"
    )
    arguments = ("-c", script, str(tmp_path / "lanchat.db"), master_key.hex())
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert output == b"held\n"


async def test_work_that_fails_leaves_nothing_behind_and_its_neighbours_alone(
    database: Database,
) -> None:
    def half(connection: Connection) -> None:
        connection.execute("INSERT INTO meta (key, value) VALUES ('half', x'00')")
        raise LookupError("on purpose")

    results = await asyncio.gather(
        database.put("before", b"1"),
        database.run(half),
        database.put("after", b"2"),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), LookupError, type(None)]
    assert await database.get("half") is None
    assert (await database.get("before"), await database.get("after")) == (b"1", b"2")


async def test_rows_that_are_added_at_once_are_added_together_and_told_apart(
    database: Database,
) -> None:
    calls: list[int] = []

    def work(connection: Connection, rows: Sequence[int]) -> list[int]:
        calls.append(len(rows))
        if 13 in rows:
            connection.execute("INSERT INTO meta (key, value) VALUES ('bad', x'00')")
            raise LookupError("on purpose")
        return [row * 2 for row in rows]

    asked = [database.add(work, [n, n + 1]) for n in range(0, 12, 2)]
    assert await asyncio.gather(*asked) == [[2 * n, 2 * n + 2] for n in range(0, 12, 2)]
    assert sum(calls) == 12
    mixed = [database.add(work, rows) for rows in ([1], [13], [], [2, 3])]
    results = await asyncio.gather(*mixed, return_exceptions=True)
    assert results[0] == [2]
    assert isinstance(results[1], LookupError)
    assert results[2:] == [[], [4, 6]]
    assert await database.get("bad") is None


async def test_a_full_disk_is_said_stores_nothing_and_passes(database: Database) -> None:
    history = History(database)
    await history.append(theirs("before"))

    def small(connection: Connection) -> None:
        ((pages,),) = connection.execute("PRAGMA page_count").fetchall()
        assert isinstance(pages, int)
        connection.execute(f"PRAGMA max_page_count = {pages}")

    await database.run(small)
    with pytest.raises(StoreFull) as caught:
        await history.append_many([theirs("x" * 50_000) for _ in range(100)])
    assert "space" in caught.value.sentence
    assert len(await history.page(ANN, 1000)) == 1

    def large(connection: Connection) -> None:
        connection.execute("PRAGMA max_page_count = 1000000")

    await database.run(large)
    assert await history.append(theirs("after"))


async def test_a_caller_who_gives_up_does_not_undo_what_he_asked(database: Database) -> None:
    asked = asyncio.ensure_future(database.put("key", b"value"))
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await database.get("key") == b"value"


async def test_what_was_asked_before_closing_is_done_and_nothing_after(
    tmp_path: Path, master_key: bytes
) -> None:
    path = tmp_path / "lanchat.db"
    database = await Database.create(path, master_key)
    asked = [asyncio.ensure_future(database.put(str(n), b"value")) for n in range(200)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*asked)
    await database.close()
    with pytest.raises(StoreError, match="closed"):
        await database.get("1")
    database = await Database.open(path, master_key)
    assert await database.get("199") == b"value"
    await database.close()


async def test_chores_run_when_nobody_asks_until_they_are_done(database: Database) -> None:
    rounds: list[int] = []
    done = asyncio.get_running_loop().create_future()

    def chore(_connection: Connection) -> bool:
        rounds.append(1)
        if len(rounds) == 3:
            done.get_loop().call_soon_threadsafe(done.set_result, None)
        return len(rounds) < 3

    database.add_chore(chore)
    await database.put("wake", b"up")
    await done
    assert await database.get("wake") == b"up"


async def test_deleted_words_leave_the_index_when_nobody_asks(database: Database) -> None:
    history = History(database)
    await history.append_many([theirs(f"plantedword{n} stays") for n in range(200)])
    assert len(await history.search(ANN, "plantedword7", 10)) == 10
    await history.append(theirs("innocent"))
    page = await history.page(ANN, 1000)
    await history.delete(ANN, 1, ids=[one.id for one in page if "planted" in one.text])

    def planted(connection: Connection) -> bool:
        rows = connection.execute("SELECT block FROM words_data").fetchall()
        return any(b"plantedw" in bytes(row[0]) for row in rows if isinstance(row[0], bytes))

    cleaned = asyncio.Event()
    loop = asyncio.get_running_loop()

    def look(connection: Connection) -> bool:
        if not planted(connection):
            loop.call_soon_threadsafe(cleaned.set)
        return False

    database.add_chore(look)
    await cleaned.wait()
    assert [one.text for one in await history.search(ANN, "innocent", 10)] == ["innocent"]


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
