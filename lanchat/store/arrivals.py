"""Arrivals: where the top-level files and folders of earlier transfers came to lie.

A row for each name that a peer ever sent into a folder, and each that it got there: what
comes again under that name from the same peer may be compared with it (PROTOCOL.md, 4).
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, cast

from lanchat.identity.keys import PeerId
from lanchat.store.connection import Connection
from lanchat.store.database import Database
from lanchat.store.peers import drop_unused, find_number, number_of
from lanchat.transfer.clash import NOBODY, Program, TopId

MOST: Final = 1000  # of one peer; the oldest go
COPIES: Final = 8  # under one name that are looked for
_SIGN: Final = 2**63  # SQLite's integers are signed, an inode's are not

#: A transfer that stands in a conversation and brought what an arrival names; paths are JSON.
_STANDS: Final = r"""
    SELECT 1 FROM transfers JOIN messages INDEXED BY messages_by_id
    ON messages.peer = transfers.peer AND messages.id = transfers.id
    WHERE transfers.peer = arrivals.peer AND outgoing = 0 AND instr(
        replace(results, '\\', '/'),
        rtrim(replace(rtrim(arrivals.root, '"'), '\\', '/'), '/') || '/' || substr(name, 2)
    )
    """

_Row = tuple[str, str, int, int, int]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One top-level entry that came: the name it was to get, and the one it got."""

    wanted: str
    name: str
    kind: int  # as in OFFER: 1 file, 2 folder
    inode: int
    birth_ns: int = 0  # since 1970; 0: not known, and proves nothing


class Arrivals:
    """What came of whom.  Lives on the node thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, peer: PeerId, root: str, came: Sequence[Arrival], now_ms: int) -> None:
        """These came into the folder `root`."""

        def work(connection: Connection) -> None:
            number = number_of(connection, peer)
            connection.executemany(
                "INSERT INTO arrivals (peer, root, wanted, name, kind, inode, birth, came_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (peer, root, wanted, name) DO UPDATE SET kind = excluded.kind,"
                " inode = excluded.inode, birth = excluded.birth, came_at = excluded.came_at",
                [
                    (
                        number,
                        json.dumps(root),  # ASCII: a path may hold what UTF-8 cannot
                        json.dumps(one.wanted),
                        json.dumps(one.name),
                        one.kind,
                        one.inode - 2 * _SIGN if one.inode >= _SIGN else one.inode,
                        one.birth_ns,
                        now_ms,
                    )
                    for one in came
                ],
            )
            connection.execute(
                "DELETE FROM arrivals WHERE peer = ? AND rowid NOT IN (SELECT rowid"
                " FROM arrivals WHERE peer = ? ORDER BY came_at DESC, rowid DESC LIMIT ?)",
                (number, number, MOST),
            )

        await self._database.run(work)

    async def earlier(
        self, peer: PeerId, root: str, wanted: Collection[str]
    ) -> tuple[Arrival, ...]:
        """What came of `peer` into `root` under these names, of each the newest first."""

        def work(connection: Connection) -> tuple[Arrival, ...]:
            number, folder = find_number(connection, peer), json.dumps(root)
            found: list[Arrival] = []
            for name in wanted:
                rows = connection.execute(
                    "SELECT wanted, name, kind, inode, birth FROM arrivals WHERE peer = ?"
                    " AND root = ? AND wanted = ? ORDER BY came_at DESC, rowid DESC LIMIT ?",
                    (number, folder, json.dumps(name), COPIES),
                ).fetchall()
                found += (_arrival(cast("_Row", row)) for row in rows)
            return tuple(found)

        return await self._database.run(work)

    async def sweep(self, before_ms: int) -> None:
        """Drop what came before of people who are no contacts: there may be any number."""

        def work(connection: Connection) -> None:
            connection.execute(
                "DELETE FROM arrivals WHERE came_at < ? AND NOT EXISTS (SELECT 1 FROM contacts"
                " WHERE contacts.peer = arrivals.peer AND trust IN ('known', 'verified'))",
                (before_ms,),
            )
            drop_unused(connection)

        await self._database.run(work)

    async def forget(self, peer: PeerId) -> None:
        """Drop all of what came of `peer`; the files stay."""

        def work(connection: Connection) -> None:
            number = find_number(connection, peer)
            connection.execute("DELETE FROM arrivals WHERE peer = ?", (number,))
            drop_unused(connection)

        await self._database.run(work)


def forget_arrivals(connection: Connection, peer: int | None, before_ms: int | None) -> None:
    """Drop what came of `peer`, or of everybody; the files stay.

    `before_ms`: only what came before, and is of no transfer that stands in a conversation.
    """
    which = "peer = coalesce(?, peer)"
    if before_ms is not None:
        which += f" AND came_at < {before_ms:d} AND NOT EXISTS ({_STANDS})"
    connection.execute(f"DELETE FROM arrivals WHERE {which}", (peer,))  # noqa: S608 - ours
    drop_unused(connection)


def _arrival(row: _Row) -> Arrival:
    wanted, name, kind, inode, birth_ns = row
    return Arrival(json.loads(wanted), json.loads(name), kind, inode % (2 * _SIGN), birth_ns)


def programs_kept(programs: Sequence[Program]) -> str:
    """Which received files were programs at their sender, as a row of transfers holds it."""
    return json.dumps([(one.path, one.id.inode, one.id.birth_ns) for one in programs])


def programs_of(kept: str) -> tuple[Program, ...]:
    """What such a row says; an earlier lanchat kept names alone, which prove nothing."""
    rows = cast("list[str | tuple[str, int, int]]", json.loads(kept))
    return tuple(
        Program(row, NOBODY) if isinstance(row, str) else Program(row[0], TopId(*row[1:]))
        for row in rows
    )
