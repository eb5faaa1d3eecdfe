"""Contacts: the trust book, one row for each key the user or the node must remember."""

import json
from collections.abc import Sequence
from typing import Final, cast

from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.store.connection import Connection, Row
from lanchat.store.database import Database
from lanchat.store.peers import find_number, number_of

_COLUMNS: Final = (
    "name, alias, trust, was_known, claimed_name, first_seen, last_seen, verified_at,"
    " verified_how, failed_at, wire_version, reach, beacon_key, addresses, muted"
)
_SAVE: Final = f"""
    INSERT INTO contacts (peer, {_COLUMNS})
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (peer) DO UPDATE SET
        name = excluded.name, alias = excluded.alias, trust = excluded.trust,
        was_known = excluded.was_known, claimed_name = excluded.claimed_name,
        first_seen = excluded.first_seen, last_seen = excluded.last_seen,
        verified_at = excluded.verified_at, verified_how = excluded.verified_how,
        failed_at = excluded.failed_at, wire_version = excluded.wire_version,
        reach = excluded.reach, beacon_key = excluded.beacon_key,
        addresses = excluded.addresses, muted = excluded.muted
    """  # noqa: S608 - the columns above, nothing of a user's
_SELECT: Final = f"SELECT key, {_COLUMNS} FROM contacts JOIN peers ON number = peer"  # noqa: S608
_Kept = tuple[
    bytes, str, str, str, int, str, int, int, int, str, int, int, bytes, bytes, str, int
]  # a row of _SELECT


class Contacts:
    """The trust book of a profile.  Lives on the node thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> tuple[Contact, ...]:
        """Everybody, blocked ones and strangers who wrote included; by first seen."""

        def work(connection: Connection) -> tuple[Contact, ...]:
            rows = connection.execute(f"{_SELECT} ORDER BY first_seen, peer")
            return tuple(_contact(row) for row in rows)

        return await self._database.run(work)

    async def find(self, peer: PeerId) -> Contact | None:
        """What is held of `peer`, or None."""

        def work(connection: Connection) -> Contact | None:
            row = connection.execute(f"{_SELECT} WHERE key = ?", (peer.key,)).fetchone()
            return None if row is None else _contact(row)

        return await self._database.run(work)

    async def save(self, contact: Contact) -> None:
        """Keep `contact` in the place of what was held of that key."""
        await self.save_many((contact,))

    async def save_many(self, contacts: Sequence[Contact]) -> None:
        """Keep them all, or none."""
        if any(contact.trust is Trust.CONFLICT for contact in contacts):
            raise ValueError("a conflict is computed, never stored")

        def work(connection: Connection) -> None:
            for contact in contacts:
                number = number_of(connection, contact.peer_id)
                connection.execute(_SAVE, (number, *_values(contact)))

        await self._database.run(work)

    async def forget(self, peer: PeerId) -> bool:
        """Drop what is held of `peer`, the pinned key included; False if nothing was.

        The conversation is History's to delete.
        """

        def work(connection: Connection) -> bool:
            number = find_number(connection, peer)
            done = connection.execute("DELETE FROM contacts WHERE peer = ?", (number,))
            return done.rowcount > 0

        return await self._database.run(work)

    async def names(self) -> dict[PeerId, str]:
        """What to call everybody: the user's own name for them, or the pinned one."""
        return {contact.peer_id: contact.display for contact in await self.all()}


def _values(contact: Contact) -> Row:
    return (
        contact.name,
        contact.alias,
        contact.trust.value,
        int(contact.was_known),
        contact.claimed_name,
        contact.first_seen,
        contact.last_seen,
        contact.verified_at,
        contact.verified_how,
        contact.failed_at,
        contact.wire_version,
        contact.reach,
        contact.beacon_key,
        json.dumps(contact.addresses),
        int(contact.muted),
    )


def _contact(row: Row) -> Contact:
    kept = cast("_Kept", row)
    return Contact(
        peer_id=PeerId(kept[0]),
        name=kept[1],
        alias=kept[2],
        trust=Trust(kept[3]),
        was_known=bool(kept[4]),
        claimed_name=kept[5],
        first_seen=kept[6],
        last_seen=kept[7],
        verified_at=kept[8],
        verified_how=kept[9],
        failed_at=kept[10],
        wire_version=kept[11],
        reach=kept[12],
        beacon_key=kept[13],
        addresses=tuple(cast("list[str]", json.loads(kept[14]))),
        muted=bool(kept[15]),
    )
