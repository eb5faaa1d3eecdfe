"""Transfers that outlive a restart: what was offered, how far it came, where it lies.

A row is enough to go on: the sender keeps what it was asked to send and the manifest, so
that the same `send` resumes under the same id; the receiver keeps the part, the attempt
and the offer, and is not asked again for 7 days.  PROTOCOL.md, 4.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, cast

from lanchat.identity.keys import PeerId
from lanchat.store.arrivals import Arrivals, forget_arrivals, programs_kept, programs_of
from lanchat.store.connection import Connection, Row
from lanchat.store.database import Database
from lanchat.store.messages import utf8
from lanchat.store.peers import drop_unused, find_number, number_of
from lanchat.transfer.clash import Program

KEPT: Final = 7 * 86_400_000  # ms; how long parts, consent and the answer DONE last
#: The states a transfer does not leave.
ENDED: Final = frozenset({"done", "declined", "cancelled", "failed"})
_ENDED_SQL: Final = "('" + "', '".join(sorted(ENDED)) + "')"


@dataclass(frozen=True, slots=True)
class StoredTransfer:
    """One offer as this side remembers it.  Sizes in bytes, times in ms since 1970."""

    id: bytes  # 16 bytes, chosen by the sender
    peer: PeerId
    outgoing: bool
    state: str  # the node's word; `ENDED` says which are final
    manifest_digest: bytes
    total: int
    created_at: int
    changed_at: int
    files: int = 0
    folders: int = 0
    done: int = 0  # bytes of the stream that are safe at the receiver
    offer: bytes = b""  # body of the OFFER as sent: the lane's keys hang on it
    attempt: int = 0  # the last one used
    sources: tuple[str, ...] = ()  # absolute paths the sender was asked to send
    root: str = ""  # the receiver's download folder
    part: str = ""  # name of the unfinished file
    results: tuple[str, ...] = ()  # where the top-level entries lie now
    code: int = 0  # why it ended, as in DECLINE or CANCEL
    unasked: bool = False  # accepted by a setting
    accepted_at: int = 0
    done_at: int = 0
    standing: bool = False  # ours: goes on by itself, no command waits for it
    said_by: str = ""  # who paused or ended it: "me", "them" or nobody
    reason: str = ""  # a sentence: why it is not done
    root_id: str = ""  # which folder `root` was when it was accepted
    clash: str = ""  # theirs: what becomes of names that are taken; "" while nobody decided
    skipped: int = 0  # files that were not sent, as the receiver had them
    programs: tuple[Program, ...] = ()  # received ones that were programs there, below `root`
    stored: bool = field(default=False, compare=False)  # it was read from the store

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDED


_FIELDS: Final = (
    "state, manifest_digest, total, created_at, changed_at, files, folders, done, offer,"
    " attempt, sources, root, part, results, code, unasked, accepted_at, done_at,"
    " standing, said_by, reason, root_id, clash, skipped, programs"
)
_SELECT: Final = (
    f"SELECT id, key, outgoing, {_FIELDS} FROM transfers"  # noqa: S608 - the columns above
    " JOIN peers ON peers.number = peer"
)
_NAMED: Final = "(offer, sources, results, programs, reason) <> (x'', '[]', '[]', '[]', '')"
_PLACE: Final = "key = ? AND id = ? AND outgoing = ?"
_Kept = tuple[
    bytes, bytes, int, str, bytes, int, int, int, int, int, int, bytes,
    int, str, str, str, str, int, int, int, int, int, str, str, str, str, int, str,
]  # fmt: skip  # a row of _SELECT
_SAVE: Final = f"""
    INSERT INTO transfers (peer, id, outgoing, {_FIELDS})
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
        ?, ?, ?, ?)
    ON CONFLICT (peer, id, outgoing) DO UPDATE SET
        state = excluded.state, changed_at = excluded.changed_at, done = excluded.done,
        attempt = max(attempt, excluded.attempt), root = excluded.root,
        part = excluded.part, results = excluded.results, code = excluded.code,
        unasked = excluded.unasked, accepted_at = excluded.accepted_at,
        done_at = excluded.done_at, sources = excluded.sources, offer = excluded.offer,
        standing = excluded.standing, said_by = excluded.said_by, reason = excluded.reason,
        root_id = excluded.root_id, clash = excluded.clash,
        skipped = excluded.skipped, programs = excluded.programs
    RETURNING number
    """  # noqa: S608 - the columns above


class Transfers:
    """The transfers of a profile.  Lives on the node thread."""

    def __init__(self, database: Database) -> None:
        self.arrivals: Final = Arrivals(database)
        self._database = database

    async def save(self, transfer: StoredTransfer, manifest: bytes | None = None) -> None:
        """Keep `transfer` in the place of what was kept of it; `attempt` only ever grows.

        What was offered (manifest, sizes, counts) never changes under one id.  What was read
        from here and is forgotten by now stays so.
        """

        def work(connection: Connection) -> None:
            place = transfer.peer.key, transfer.id, transfer.outgoing
            if transfer.stored and not _rows(connection, _PLACE, place):
                return
            number = number_of(connection, transfer.peer)
            row = connection.execute(_SAVE, (number, *_values(transfer))).fetchall()[0]
            if manifest is not None:
                connection.execute(
                    "INSERT INTO manifests (transfer, body) VALUES (?, ?)"
                    " ON CONFLICT (transfer) DO UPDATE SET body = excluded.body",
                    (row[0], manifest),
                )

        await self._database.run(work)

    async def find(self, peer: PeerId, id_: bytes, *, outgoing: bool) -> StoredTransfer | None:
        """One transfer, or None.  Both sides may use one id for offers of their own."""
        found = await self._select(_PLACE, peer.key, id_, outgoing)
        return found[0] if found else None

    async def named(self, id_: bytes) -> tuple[StoredTransfer, ...]:
        """Every transfer with this id, whoever offered it: mostly one."""
        return await self._select("id = ?", id_)

    async def manifest(self, peer: PeerId, id_: bytes, *, outgoing: bool) -> bytes | None:
        """The manifest kept with a transfer, up to 32 MiB; None: none was."""

        def work(connection: Connection) -> bytes | None:
            row = connection.execute(
                "SELECT body FROM manifests JOIN transfers ON transfers.number = transfer"
                " JOIN peers ON peers.number = peer WHERE key = ? AND id = ? AND outgoing = ?",
                (peer.key, id_, outgoing),
            ).fetchone()
            return None if row is None else cast("bytes", row[0])

        return await self._database.run(work)

    async def running(self) -> tuple[StoredTransfer, ...]:
        """All that have not ended, oldest first; a restart takes them up again."""
        return await self._select(f"state NOT IN {_ENDED_SQL} ORDER BY transfers.number")

    async def parted(self) -> tuple[StoredTransfer, ...]:
        """All offers to us of which a part may lie somewhere, whatever became of them."""
        return await self._select("outgoing = 0 AND part <> '' ORDER BY transfers.number")

    async def recent(self, limit: int) -> tuple[StoredTransfer, ...]:
        """The last ones, newest first, whatever became of them."""
        return await self._select("1 ORDER BY transfers.number DESC LIMIT ?", limit)

    async def sent_from(self, folder: str) -> tuple[StoredTransfer, ...]:
        """All offers of ours that lie below a folder of this name, the newest first."""
        below = "instr(replace(sources, '\\\\', '/'), ?)"  # as JSON, be they Windows'
        which = f"outgoing = 1 AND {below} ORDER BY transfers.number DESC"
        return await self._select(which, f"/{folder}/")

    async def of_source(
        self, peer: PeerId, manifest_digest: bytes
    ) -> tuple[StoredTransfer, ...]:
        """Our offers of just these files to `peer` that could still go on, the newest first."""
        return await self._select(
            "key = ? AND manifest_digest = ? AND outgoing = 1 AND state NOT IN"
            " ('done', 'declined') ORDER BY transfers.number DESC LIMIT 8",
            peer.key,
            manifest_digest,
        )

    async def taken_unasked(self, peer: PeerId, since_ms: int) -> tuple[int, int]:
        """Bytes, and files and folders, accepted from `peer` by a setting since then."""
        return await self._taken(since_ms, "key = ?", peer.key)

    async def taken_of_strangers(self, since_ms: int) -> tuple[int, int]:
        """The same of all strangers together: each has as many keys as it likes."""
        return await self._taken(
            since_ms,
            "NOT EXISTS (SELECT 1 FROM contacts WHERE contacts.peer = transfers.peer"
            " AND trust IN ('known', 'verified'))",
        )

    async def limit(self, peer: PeerId, most: int) -> None:
        """Keep the last `most` offers of `peer` that ended and that nobody ever accepted."""
        which = f"outgoing = 0 AND accepted_at = 0 AND part = '' AND state IN {_ENDED_SQL}"
        last = (
            f"SELECT one.number FROM transfers one WHERE one.peer = transfers.peer AND {which}"  # noqa: S608
            " ORDER BY one.number DESC LIMIT ?"
        )
        await self._drop(
            f"key = ? AND {which} AND transfers.number NOT IN ({last})", peer.key, most
        )

    async def forget(self, peer: PeerId) -> tuple[StoredTransfer, ...]:
        """Drop all transfers with `peer`; gives them, so that their parts can be removed."""
        return await self._drop("key = ?", peer.key)

    async def anonymise(self, peer: PeerId | None, before_ms: int | None) -> None:
        """Forget the names in transfers that ended, with `peer` or everybody, and their places.

        `before_ms`: only of what came before, and stands in no conversation any more.  What
        is left answers the same offer for 7 days; with a part that lies here all is kept.
        """
        which = f"state IN {_ENDED_SQL} AND part = '' AND peer = coalesce(?, peer)"
        if before_ms is not None:
            which += f" AND changed_at < {before_ms:d}"
            which += " AND NOT EXISTS (SELECT 1 FROM messages INDEXED BY messages_by_id"
            which += " WHERE messages.peer = transfers.peer AND messages.id = transfers.id)"

        def work(connection: Connection) -> None:
            number = None if peer is None else find_number(connection, peer)
            if peer is not None and number is None:
                return
            connection.execute(
                "DELETE FROM manifests WHERE transfer IN (SELECT number FROM transfers"  # noqa: S608
                f" WHERE {which})",
                (number,),
            )
            connection.execute(
                "UPDATE transfers SET offer = x'', sources = '[]', results = '[]',"  # noqa: S608
                f" programs = '[]', reason = '' WHERE {which} AND {_NAMED}",
                (number,),
            )
            forget_arrivals(connection, number, before_ms)

        await self._database.run(work)

    async def sweep(self, now_ms: int) -> tuple[StoredTransfer, ...]:
        """Drop what was not touched for 7 days; gives it, so that parts can be removed.

        Our own offers that wait for a peer stay.
        """
        return await self._drop(
            f"changed_at < ? AND (outgoing = 0 OR state IN {_ENDED_SQL})", now_ms - KEPT
        )

    async def _taken(self, since_ms: int, condition: str, *arguments: bytes) -> tuple[int, int]:
        def work(connection: Connection) -> tuple[int, int]:
            row = connection.execute(
                "SELECT coalesce(sum(total), 0), coalesce(sum(files + folders), 0)"  # noqa: S608
                " FROM transfers JOIN peers ON peers.number = peer WHERE outgoing = 0"
                f" AND unasked = 1 AND accepted_at >= ? AND {condition}",
                (since_ms, *arguments),
            ).fetchone()
            return cast("tuple[int, int]", row)

        return await self._database.run(work)

    async def _select(
        self, condition: str, *arguments: int | bytes | str
    ) -> tuple[StoredTransfer, ...]:
        return await self._database.run(lambda one: _rows(one, condition, arguments))

    async def _drop(
        self, condition: str, *arguments: int | bytes | str
    ) -> tuple[StoredTransfer, ...]:
        def work(connection: Connection) -> tuple[StoredTransfer, ...]:
            gone = _rows(connection, condition, arguments)
            connection.execute(
                "DELETE FROM transfers WHERE number IN (SELECT transfers.number"  # noqa: S608
                f" FROM transfers JOIN peers ON peers.number = peer WHERE {condition})",
                arguments,
            )
            drop_unused(connection)
            return gone

        return await self._database.run(work)


def _rows(
    connection: Connection, condition: str, arguments: Iterable[int | bytes | str]
) -> tuple[StoredTransfer, ...]:
    """The transfers of `condition`, which is SQL of ours, never of a user's."""
    rows = connection.execute(f"{_SELECT} WHERE {condition}", tuple(arguments))
    return tuple(_transfer(row) for row in rows)


def _values(transfer: StoredTransfer) -> Row:
    return (
        transfer.id,
        int(transfer.outgoing),
        transfer.state,
        transfer.manifest_digest,
        transfer.total,
        transfer.created_at,
        transfer.changed_at,
        transfer.files,
        transfer.folders,
        transfer.done,
        transfer.offer,
        transfer.attempt,
        json.dumps(transfer.sources),  # ASCII: a path may hold what UTF-8 cannot
        json.dumps(transfer.root),
        transfer.part,
        json.dumps(transfer.results),
        transfer.code,
        int(transfer.unasked),
        transfer.accepted_at,
        transfer.done_at,
        int(transfer.standing),
        transfer.said_by,
        utf8(transfer.reason),
        transfer.root_id,
        transfer.clash,
        transfer.skipped,
        programs_kept(transfer.programs),
    )


def _transfer(row: Row) -> StoredTransfer:
    kept = cast("_Kept", row)
    return StoredTransfer(
        id=kept[0],
        peer=PeerId(kept[1]),
        outgoing=bool(kept[2]),
        state=kept[3],
        manifest_digest=kept[4],
        total=kept[5],
        created_at=kept[6],
        changed_at=kept[7],
        files=kept[8],
        folders=kept[9],
        done=kept[10],
        offer=kept[11],
        attempt=kept[12],
        sources=tuple(cast("list[str]", json.loads(kept[13]))),
        root=cast("str", json.loads(kept[14])),
        part=kept[15],
        results=tuple(cast("list[str]", json.loads(kept[16]))),
        code=kept[17],
        unasked=bool(kept[18]),
        accepted_at=kept[19],
        done_at=kept[20],
        standing=bool(kept[21]),
        said_by=kept[22],
        reason=kept[23],
        root_id=kept[24],
        clash=kept[25],
        skipped=kept[26],
        programs=programs_of(kept[27]),
        stored=True,
    )
