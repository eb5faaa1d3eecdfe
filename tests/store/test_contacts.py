import secrets
from pathlib import Path

import pytest

from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.store import migrations
from lanchat.store.connection import Connection
from lanchat.store.contacts import Contacts
from lanchat.store.database import Database
from lanchat.store.migrations import MIGRATIONS, _muted
from lanchat.store.peers import number_of

ANN, BOB = PeerId(b"a" * 32), PeerId(b"b" * 32)
FULL = Contact(
    ANN,
    "Ann",
    alias="Sister ☃",
    trust=Trust.VERIFIED,
    was_known=True,
    claimed_name="Anna",
    first_seen=5,
    last_seen=6,
    verified_at=7,
    verified_how="words",
    failed_at=8,
    wire_version=2,
    reach=secrets.token_bytes(32),
    beacon_key=secrets.token_bytes(32),
    addresses=("10.0.0.1:4000", "[fe80::1%eth0]:4000"),
    muted=True,
)


async def test_a_contact_comes_back_as_it_was_saved(database: Database) -> None:
    contacts = Contacts(database)
    await contacts.save(FULL)
    assert await contacts.find(ANN) == FULL
    assert await contacts.all() == (FULL,)
    assert await contacts.names() == {ANN: "Sister ☃"}


async def test_saving_again_replaces_what_was_held(database: Database) -> None:
    contacts = Contacts(database)
    await contacts.save(FULL)
    blocked = Contact(ANN, "Ann", trust=Trust.BLOCKED, was_known=True, first_seen=5)
    await contacts.save(blocked)
    assert await contacts.all() == (blocked,)


async def test_a_stranger_who_wrote_may_be_held_as_new(database: Database) -> None:
    contacts = Contacts(database)
    stranger = Contact(BOB, "Bob", first_seen=1, last_seen=1)
    await contacts.save_many((FULL, stranger))
    assert await contacts.all() == (stranger, FULL)


async def test_a_conflict_is_never_stored(database: Database) -> None:
    with pytest.raises(ValueError, match="never stored"):
        await Contacts(database).save(Contact(ANN, "Ann", trust=Trust.CONFLICT))


async def test_a_forgotten_contact_is_gone_and_others_stay(database: Database) -> None:
    contacts = Contacts(database)
    bob = Contact(BOB, "Bob", trust=Trust.KNOWN)
    await contacts.save_many((FULL, bob))
    assert await contacts.forget(ANN)
    assert not await contacts.forget(ANN)
    assert await contacts.find(ANN) is None
    assert await contacts.all() == (bob,)


async def test_nobody_is_held_in_a_new_profile(database: Database) -> None:
    contacts = Contacts(database)
    assert await contacts.all() == ()
    assert await contacts.find(ANN) is None


async def test_nobody_of_before_is_muted(
    tmp_path: Path, master_key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, before = tmp_path / "lanchat.db", MIGRATIONS[: MIGRATIONS.index(_muted)]
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "MIGRATIONS", before)
        database = await Database.create(path, master_key)

    def held_then(connection: Connection) -> None:
        connection.execute(
            "INSERT INTO contacts VALUES (?, 'Bob', '', 'known', 1, '', 1, 1, 0, '', 0, 1, ?,"
            " ?, '[]')",
            (number_of(connection, BOB), b"", b""),
        )

    await database.run(held_then)
    await database.close()
    database = await Database.open(path, master_key)
    try:
        (bob,) = await Contacts(database).all()
        assert (bob.trust, bob.muted) == (Trust.KNOWN, False)
    finally:
        await database.close()
