"""Messages as rows: what History asks for, as SQL.  In the store's thread.

A batch is one statement, whatever its length: each statement gives the interpreter's lock
away and must win it back from a busy event loop.
"""

import json
from collections.abc import Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Final, cast

from lanchat.conversation.message import Message, State
from lanchat.identity.keys import PeerId
from lanchat.store import tallies, words
from lanchat.store.connection import Connection, Row
from lanchat.store.peers import find_number, number_of

#: The messages of the peer with number ?1: a conversation lies together (migrations.py).
CONVERSATION: Final = "place > ?1 << 32 AND place < (?1 + 1) << 32"

#: States as numbers, so that "only upwards" is a comparison.
RANKS: Final = MappingProxyType(
    {State.QUEUED: 0, State.DELIVERED: 1, State.READ: 2, State.RECEIVED: 3}
)
_STATES: Final = tuple(RANKS)
_FEW: Final = 4  # messages; up to here one statement each is quicker
LOOKED_AT: Final = 1000  # messages in one go, when old ones are looked for: some milliseconds
_MOST: Final = 2**63 - 1  # a column holds no more; the claims of others may be larger

_SELECT: Final = (
    "SELECT key, id, mine, state, seq, sent_at, arrived_at, reply_to, text, file"
    " FROM messages CROSS JOIN peers ON number = peer"
)
_Kept = tuple[bytes, bytes, int, int, int, int, int, bytes, str, str]  # a row of _SELECT

_COLUMNS: Final = (
    "place, peer, id, mine, state, seq, sent_at, arrived_at, reply_to, size, text, file"
)
_LAST_PLACE: Final = (
    "coalesce((SELECT max(place) FROM messages"
    " WHERE place > number << 32 AND place < (number + 1) << 32), number << 32)"
)
_INSERT_ONE: Final = f"""
    INSERT INTO messages ({_COLUMNS})
    SELECT {_LAST_PLACE} + 1, number, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM peers
    WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM tombstones WHERE peer = number AND id = ?2)
        AND (?11 <> '' OR NOT EXISTS
            (SELECT 1 FROM transfers WHERE transfers.peer = peers.number AND id = ?2))
    ON CONFLICT (peer, id) DO NOTHING
    """  # noqa: S608 - the columns above
_INSERT: Final = f"""
    INSERT INTO messages ({_COLUMNS})
    SELECT ?1 + key, ?2, unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4,
        value ->> 5, unhex(value ->> 6), value ->> 7, value ->> 8, value ->> 9
    FROM json_each(?3) ORDER BY key
    """  # noqa: S608 - the columns above
# CROSS JOIN: the left table first.  The planner knows nothing of a list in JSON, and would
# rather read through a whole conversation.
_KNOWN: Final = """
    SELECT json_group_array(value) FROM json_each(?2)
    WHERE EXISTS (SELECT 1 FROM messages INDEXED BY messages_by_id
                  WHERE peer = ?1 AND id = unhex(value))
       OR EXISTS (SELECT 1 FROM tombstones WHERE peer = ?1 AND id = unhex(value))
    """
_OFFERED: Final = """
    SELECT json_group_array(value) FROM json_each(?2)
    WHERE EXISTS (SELECT 1 FROM transfers WHERE peer = ?1 AND id = unhex(value))
    """

#: The places of the messages of peer ?1 with the ids in JSON ?2.
PLACES: Final = (
    "SELECT place FROM json_each(?2) CROSS JOIN messages INDEXED BY messages_by_id"
    " ON messages.peer = ?1 AND messages.id = unhex(json_each.value)"
)


def as_json(values: Sequence[object]) -> str:
    """Values as a parameter for json_each."""
    return json.dumps(values, ensure_ascii=False)


def _size_of(message: Message) -> int:
    """What a message counts in a quota, bytes."""
    return sum(len(text.encode("utf-8", "replace")) for text in (message.text, message.file))


def utf8(text: str) -> str:
    """Text as the database takes it: without what has no UTF-8 form (names of files)."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _row(message: Message) -> tuple[bytes, int, int, int, int, int, bytes, int, str, str]:
    """A message as the columns from `id` on."""
    return (
        message.id,
        int(message.mine),
        RANKS[message.state],
        min(message.seq, _MOST),
        min(message.sent_at, _MOST),
        message.arrived_at,
        message.reply_to,
        _size_of(message),
        utf8(message.text),
        utf8(message.file),
    )


def _message(row: Row) -> Message:
    """The message in a row of _SELECT."""
    key, id_, mine, state, seq, sent_at, arrived_at, reply_to, text, file = cast("_Kept", row)
    return Message(
        id=id_,
        peer=PeerId(key),
        mine=bool(mine),
        text=text,
        sent_at=sent_at,
        arrived_at=arrived_at,
        state=_STATES[state],
        seq=seq,
        reply_to=reply_to,
        file=file,
    )


def append(connection: Connection, batch: Sequence[Message]) -> list[bool]:
    """Store what is new of `batch`, in this order; for each, whether it was.

    No text is new under the id of a transfer: its files stand there, or are to.
    """
    results: list[bool] = []
    for peer, run in groupby(batch, key=lambda one: one.peer):
        together = tuple(run)
        if len(together) <= _FEW:
            results += [_append_one(connection, message) for message in together]
        else:
            results += _append_all(connection, peer, together)
    return results


def _append_one(connection: Connection, message: Message) -> bool:
    """The quick way for a message or two: one statement, unless the peer is new."""
    values = (message.peer.key, *_row(message))
    if connection.execute(_INSERT_ONE, values).rowcount > 0:
        return True
    if find_number(connection, message.peer) is not None:
        return False
    number_of(connection, message.peer)
    return connection.execute(_INSERT_ONE, values).rowcount > 0


def _append_all(connection: Connection, peer: PeerId, batch: Sequence[Message]) -> list[bool]:
    """The quick way for a burst: the same few statements for any number."""
    number = number_of(connection, peer)
    seen = known(connection, number, [message.id for message in batch])
    seen |= _ids(connection, _OFFERED, number, [one.id for one in batch if not one.file])
    new: list[bool] = []
    rows: list[tuple[object, ...]] = []
    for message in batch:
        id_, mine, state, seq, sent_at, arrived_at, reply_to, *rest = _row(message)
        new.append(id_ not in seen)
        if new[-1]:
            seen.add(id_)
            numbers = (mine, state, seq, sent_at, arrived_at)
            rows.append((id_.hex(), *numbers, reply_to.hex(), *rest))
    if rows:
        connection.execute(_INSERT, (last_place(connection, number) + 1, number, as_json(rows)))
    return new


def known(connection: Connection, number: int, ids: Sequence[bytes]) -> set[bytes]:
    """Which of these ids were seen before in this conversation, deleted ones included."""
    return _ids(connection, _KNOWN, number, ids)


def _ids(connection: Connection, sql: str, number: int, ids: Sequence[bytes]) -> set[bytes]:
    wanted = as_json([one.hex() for one in ids])
    found = connection.execute(sql, (number, wanted)).fetchone()
    return set(map(bytes.fromhex, json.loads(cast("str", found[0])))) if found else set()


def last_place(connection: Connection, number: int) -> int:
    """Behind which place the next message of this peer comes."""
    row = connection.execute(
        f"SELECT {_LAST_PLACE} FROM peers WHERE number = ?",  # noqa: S608 - ours
        (number,),
    ).fetchone()
    return 0 if row is None else cast("int", row[0])


def select(
    connection: Connection, condition: str, *arguments: int | bytes | str | None
) -> tuple[Message, ...]:
    """The messages of `condition`, which is SQL of ours, never of a user's."""
    rows = connection.execute(f"{_SELECT} WHERE {condition}", arguments)
    return tuple(_message(row) for row in rows)


def place_of(connection: Connection, peer: PeerId, id_: bytes | None) -> int | None:
    """Where a message stands in the order of arrival; None: nowhere."""
    row = connection.execute(
        "SELECT place FROM messages JOIN peers ON number = peer WHERE key = ? AND id = ?",
        (peer.key, id_),
    ).fetchone()
    return None if row is None else cast("int", row[0])


def last_seq(connection: Connection, peer: PeerId) -> int:
    """The highest number we gave to a message to `peer`; 0: none yet."""
    row = connection.execute(
        "SELECT max(last_seq, coalesce((SELECT max(seq) FROM messages WHERE mine = 1"
        " AND place > number << 32 AND place < (number + 1) << 32), 0))"
        " FROM peers WHERE key = ?",
        (peer.key,),
    ).fetchone()
    return 0 if row is None else cast("int", row[0])


def delete(connection: Connection, number: int, chosen: str | None, now_ms: int) -> int:
    """Delete a conversation, or the ids in JSON that were chosen; gives how many went."""
    which = CONVERSATION
    if chosen is not None:
        which += f" AND place IN ({PLACES})"
    arguments = (number, chosen, now_ms)
    tallies.count(connection, number)  # a day is not emptied by deleting
    connection.execute(
        "UPDATE peers SET last_seq = max(last_seq, coalesce((SELECT max(seq)"  # noqa: S608
        f" FROM messages WHERE {CONVERSATION} AND mine = 1), 0)) WHERE number = ?1",
        (number,),
    )
    connection.execute(
        "INSERT INTO tombstones (peer, id, deleted_at)"  # noqa: S608 - `which` is ours
        f" SELECT peer, id, ?3 FROM messages WHERE {which} AND mine = 0"
        " ON CONFLICT (peer, id) DO UPDATE SET deleted_at = excluded.deleted_at",
        arguments,
    )
    words.drop(connection, which, arguments[:2])
    gone = connection.execute(
        f"DELETE FROM messages WHERE {which} AND ?2 IS ?2",  # noqa: S608 - as above
        arguments[:2],
    ).rowcount
    last = last_place(connection, number)
    connection.execute(  # places above may be given again: nobody has seen or indexed those
        "UPDATE peers SET seen = min(seen, ?2), indexed = min(indexed, ?2) WHERE number = ?1",
        (number, last),
    )
    tallies.count_anew(connection, number, last)
    return gone


def expire_some(
    connection: Connection, after: int, before_ms: int, now_ms: int
) -> tuple[int | None, list[tuple[bytes, bytes]]]:
    """Look at the next few messages behind the place `after`, and delete the old ones.

    Gives the place to go on behind (None: that was all), and the key of the peer and the
    id of each that went.  What waits to be sent stays, and so does what nobody has read.
    """
    (last,) = connection.execute(
        "SELECT max(place) FROM (SELECT place FROM messages WHERE place > ?"
        " ORDER BY place LIMIT ?)",
        (after, LOOKED_AT),
    ).fetchall()[0]
    if last is None:
        return None, []
    old = cast(
        "list[tuple[int, bytes, bytes]]",
        connection.execute(
            "SELECT number, key, id FROM messages CROSS JOIN peers ON number = peer"
            " WHERE place > ? AND place <= ? AND arrived_at < ?"
            " AND NOT (mine = 1 AND state = 0) AND NOT (mine = 0 AND place > seen)"
            " ORDER BY place",
            (after, last, before_ms),
        ).fetchall(),
    )
    for number, rows in groupby(old, key=lambda row: row[0]):
        delete(connection, number, as_json([row[2].hex() for row in rows]), now_ms)
    return cast("int", last), [(key, id_) for _number, key, id_ in old]
