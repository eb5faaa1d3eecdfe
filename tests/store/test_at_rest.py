import asyncio
import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from lanchat.errors import AlreadyRunning, LanchatError
from lanchat.identity.trust import Contact
from lanchat.store.contacts import Contacts
from lanchat.store.database import Database
from lanchat.store.history import History
from lanchat.store.profile import Profile
from tests.store.making import ANN, theirs


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_every_file_of_a_profile_in_use_is_the_owners(
    tmp_path: Path, master_key: bytes, umask: int
) -> None:
    async def use() -> None:
        database = await Database.create(profile.database, master_key)
        await History(database).append_many([theirs(str(n)) for n in range(500)])
        in_use.update(await asyncio.to_thread(_modes, profile.folder))
        await database.close()

    in_use: dict[str, int] = {}
    before = os.umask(umask)
    try:
        profile = Profile(tmp_path / "profile")
        profile.create_folder()
        with profile.lock():
            asyncio.run(use())
    finally:
        os.umask(before)
    assert profile.folder.stat().st_mode & 0o777 == 0o700
    assert in_use == {"lanchat.db": 0o600, "lanchat.db-wal": 0o600, "lock": 0o600}
    assert _modes(profile.folder) == {"lanchat.db": 0o600, "lock": 0o600}


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


async def test_planted_words_are_in_no_file_while_open_or_closed(
    database: Database, tmp_path: Path
) -> None:
    planted = "xylophonecanary"
    await Contacts(database).save(Contact(ANN, planted, alias=planted, addresses=(planted,)))
    history = History(database)
    await history.append_many([theirs(f"{planted} {n}") for n in range(50)])
    await history.search(ANN, planted, 5)
    await history.draft(ANN, f"{planted} half")
    await database.put("secret", planted.encode())
    while_open = _contents(tmp_path)
    await database.close()
    for content in (while_open, _contents(tmp_path)):
        assert len(content) > 10_000
        for form in (planted.encode(), planted.encode("utf-16-le"), ANN.key):
            assert form not in content
        assert b"SQLite format" not in content


def _contents(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_the_key_is_in_no_error_and_no_traceback(
    tmp_path: Path, master_key: bytes
) -> None:
    path = tmp_path / "lanchat.db"
    path.write_bytes(os.urandom(8192))
    with pytest.raises(LanchatError) as caught:
        await Database.open(path, master_key)
    error: BaseException | None = caught.value
    shown = "".join(traceback.format_exception(caught.value))
    while error is not None:
        shown += f"{error!r} {error.args!r} {vars(error)!r}"
        error = error.__context__
    assert "PRAGMA key" not in shown
    assert master_key.hex() not in shown


APPEND = """
import asyncio, sys
from pathlib import Path
from lanchat.conversation.message import Message, State
from lanchat.identity.keys import PeerId
from lanchat.store.database import Database
from lanchat.store.history import History
from lanchat.store.profile import Profile

async def main():
    profile = Profile(Path(sys.argv[1]))
    lock = profile.lock()
    database = await Database.open(profile.database, bytes.fromhex(sys.argv[2]))
    history, peer = History(database), PeerId(b"a" * 32)
    async def one(n):
        id = n.to_bytes(16, "big")
        await history.append(Message(id, peer, False, str(n), 1, 2, State.RECEIVED))
        print(n, flush=True)
    for n in range(0, 200_000, 5):
        await asyncio.gather(*(one(n + m) for m in range(5)))

asyncio.run(main())
"""


def test_a_killed_process_loses_nothing_it_called_stored_and_frees_the_lock(
    tmp_path: Path, master_key: bytes
) -> None:
    async def create() -> None:
        await (await Database.create(profile.database, master_key)).close()

    async def read() -> set[int]:
        database = await Database.open(profile.database, master_key)
        kept = await History(database).page(ANN, 1_000_000)
        assert await History(database).append(theirs("goes on"))
        await database.close()
        return {int(one.text) for one in kept}

    profile = Profile(tmp_path / "profile")
    profile.create_folder()
    asyncio.run(create())
    command = [sys.executable, "-c", APPEND, str(profile.folder), master_key.hex()]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(200)]
        with pytest.raises(AlreadyRunning):
            profile.lock()
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.readlines()
    with profile.lock():
        kept = asyncio.run(read())
    told = {int(line) for line in lines if line.endswith(b"\n")}
    assert len(told) >= 200
    assert told <= kept
    assert kept == set(range(len(kept)))  # in the order asked, without a hole
