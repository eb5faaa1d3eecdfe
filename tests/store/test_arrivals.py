"""Where what came of whom came to lie.  PROTOCOL.md, 4."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust, stranger
from lanchat.store import arrivals as table
from lanchat.store import migrations
from lanchat.store.arrivals import Arrival, Arrivals
from lanchat.store.connection import Connection
from lanchat.store.contacts import Contacts
from lanchat.store.database import Database
from lanchat.store.migrations import MIGRATIONS, _born, version
from lanchat.store.peers import number_of

ANN, BOB = PeerId(b"a" * 32), PeerId(b"b" * 32)
ROOT = "/home/ann/Downloads\udcff"


@pytest.fixture
def arrivals(database: Database) -> Arrivals:
    return Arrivals(database)


def came(wanted: str, name: str = "", inode: int = 7, birth_ns: int = 5) -> Arrival:
    return Arrival(wanted, name or wanted, 2, inode, birth_ns)


async def test_those_of_a_name_are_found_by_whose_and_where(arrivals: Arrivals) -> None:
    await arrivals.note(ANN, ROOT, [came("t"), came("u\udcfe", "u (2)", 2**64 - 1)], 1)
    assert await arrivals.earlier(ANN, ROOT, ["t", "u\udcfe", "v"]) == (
        came("t"),
        came("u\udcfe", "u (2)", 2**64 - 1),
    )
    await arrivals.note(ANN, ROOT, [came("t", "t (2)", 2**63)], 2)
    later = came("t", "t (2)", 2**63)
    assert await arrivals.earlier(ANN, ROOT, ["t"]) == (later, came("t"))
    anew = came("t", inode=9, birth_ns=2**63 - 1)
    await arrivals.note(ANN, ROOT, [anew], 3)
    assert await arrivals.earlier(ANN, ROOT, ["t"]) == (anew, later)
    assert await arrivals.earlier(BOB, ROOT, ["t"]) == ()
    assert await arrivals.earlier(ANN, "/elsewhere", ["t"]) == ()


async def test_so_many_are_remembered_of_one_and_the_oldest_go(
    arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MOST", 3)
    await arrivals.note(BOB, ROOT, [came("t")], 0)
    for number in range(5):
        await arrivals.note(ANN, ROOT, [came(f"{number}")], number)
    left = await arrivals.earlier(ANN, ROOT, [f"{number}" for number in range(5)])
    assert [one.wanted for one in left] == ["2", "3", "4"]
    assert len(await arrivals.earlier(BOB, ROOT, ["t"])) == 1


async def test_of_strangers_they_are_forgotten_after_a_while(
    arrivals: Arrivals, database: Database
) -> None:
    friend: Contact = stranger(ANN, "ann", 0)
    contacts = Contacts(database)
    await contacts.save(friend)
    for peer in (ANN, BOB):
        await arrivals.note(peer, ROOT, [came("t")], 10)
    await arrivals.sweep(11)
    assert await arrivals.earlier(ANN, ROOT, ["t"]) == ()
    await contacts.save(replace(friend, trust=Trust.KNOWN))
    await arrivals.note(ANN, ROOT, [came("t")], 10)
    await arrivals.sweep(11)
    assert await arrivals.earlier(ANN, ROOT, ["t"]) == (came("t"),)


async def test_who_is_forgotten_left_nothing(arrivals: Arrivals, database: Database) -> None:
    await arrivals.note(ANN, ROOT, [came("t")], 10)
    await arrivals.forget(ANN)
    assert await arrivals.earlier(ANN, ROOT, ["t"]) == ()
    rows = await database.run(lambda c: c.execute("SELECT count(*) FROM peers").fetchall())
    assert rows == [(0,)]


async def test_what_came_before_births_were_kept_has_none(
    tmp_path: Path, master_key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, before = tmp_path / "lanchat.db", MIGRATIONS[: MIGRATIONS.index(_born)]
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "MIGRATIONS", before)
        database = await Database.create(path, master_key)
        assert await database.run(version) == len(before)

    def came_then(connection: Connection) -> None:
        connection.execute(
            "INSERT INTO arrivals (peer, root, wanted, name, kind, inode, came_at)"
            " VALUES (?, ?, ?, ?, 2, 7, 1)",
            (number_of(connection, ANN), json.dumps(ROOT), '"t"', '"t"'),
        )

    await database.run(came_then)
    await database.close()
    database = await Database.open(path, master_key)
    try:
        arrivals = Arrivals(database)
        assert await database.run(version) == len(MIGRATIONS)
        assert await arrivals.earlier(ANN, ROOT, ["t"]) == (came("t", birth_ns=0),)
        await arrivals.note(ANN, ROOT, [came("t")], 2)
        assert await arrivals.earlier(ANN, ROOT, ["t"]) == (came("t"),)
    finally:
        await database.close()
