"""Tallies: what each peer has put into our store, which quotas and front ends ask for.

The counters in `peers` are brought up to date when nobody is waiting (database.py), so that
storing a message writes one page less; what came since is counted when somebody asks.
In the store's thread.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast

from lanchat.identity.keys import PeerId
from lanchat.store.connection import Connection

DAY: Final = 86_400_000  # ms

#: Theirs that are not in the counters yet, of the peer in a row of `peers`.
_UNCOUNTED: Final = (
    "mine = 0 AND place > max(counted, number << 32) AND place < (number + 1) << 32"
)
_COUNT: Final = f"""
    SELECT arrived_at / {DAY}, count(*), sum(size),
        count(*) FILTER (WHERE place > seen), total(size) FILTER (WHERE place > seen)
    FROM peers CROSS JOIN messages ON {_UNCOUNTED}
    WHERE number = ? GROUP BY 1 ORDER BY 1
    """  # noqa: S608 - ours
_INTAKE: Final = f"""
    SELECT texts + count(place), bytes + total(size),
        unread_texts + count(place) FILTER (WHERE place > seen),
        unread_bytes + total(size) FILTER (WHERE place > seen),
        iif(day = ?2, day_bytes, 0) + total(size) FILTER (WHERE arrived_at / {DAY} = ?2)
    FROM peers LEFT JOIN messages ON {_UNCOUNTED}
    WHERE key = ?1 GROUP BY number
    """  # noqa: S608 - ours


@dataclass(frozen=True, slots=True)
class Intake:
    """What a peer has put into our store; sizes in bytes."""

    texts: int = 0  # kept
    size: int = 0  # of those
    unread_texts: int = 0
    unread_size: int = 0
    today: int = 0  # size of all that came on the day (UTC) asked about, deleted ones too


def intake(connection: Connection, peer: PeerId, now_ms: int) -> Intake:
    """What `peer` has put into the store."""
    row = connection.execute(_INTAKE, (peer.key, now_ms // DAY)).fetchone()
    return Intake(*map(int, cast("Iterable[int]", row))) if row else Intake()


def unread(connection: Connection) -> dict[PeerId, int]:
    """How many of theirs the user has not seen, where there are any."""
    rows = connection.execute(
        "SELECT key, unread_texts + count(place) FILTER (WHERE place > seen) AS unread"  # noqa: S608
        f" FROM peers LEFT JOIN messages ON {_UNCOUNTED}"
        " GROUP BY number HAVING unread > 0"
    )
    return {PeerId(key): count for key, count in cast("Iterable[tuple[bytes, int]]", rows)}


def see(connection: Connection, number: int) -> tuple[bytes, ...]:
    """The user has seen all of a peer's; gives the ids that were unread until now."""
    rows = connection.execute(
        "SELECT id FROM peers CROSS JOIN messages ON mine = 0"
        " AND place > max(seen, number << 32) AND place < (number + 1) << 32"
        " WHERE number = ? ORDER BY place",
        (number,),
    ).fetchall()
    count(connection, number)
    connection.execute(
        "UPDATE peers SET unread_texts = 0, unread_bytes = 0, seen = counted WHERE number = ?",
        (number,),
    )
    return tuple(cast("bytes", row[0]) for row in rows)


def count_some(connection: Connection) -> bool:
    """Bring the counters of somebody up to date; True if there may be more to do."""
    row = connection.execute(
        "SELECT number FROM peers WHERE EXISTS (SELECT 1 FROM messages"
        " WHERE place > max(counted, number << 32) AND place < (number + 1) << 32) LIMIT 1"
    ).fetchone()
    if row is None:
        return False
    count(connection, cast("int", row[0]))
    return True


def count(connection: Connection, number: int) -> None:
    """Bring the counters of one peer up to date."""
    for day, *counted in connection.execute(_COUNT, (number,)).fetchall():
        connection.execute(
            "UPDATE peers SET texts = texts + ?1, bytes = bytes + ?2,"
            " unread_texts = unread_texts + ?3, unread_bytes = unread_bytes + ?4,"
            " day_bytes = iif(day = ?5, day_bytes, 0) + ?2, day = ?5 WHERE number = ?6",
            (*counted, day, number),
        )
    connection.execute(
        "UPDATE peers SET counted = coalesce((SELECT max(place) FROM messages"
        " WHERE place > ?1 << 32 AND place < (?1 + 1) << 32), counted) WHERE number = ?1",
        (number,),
    )


def count_anew(connection: Connection, number: int, last: int) -> None:
    """Count what is left of a peer's after a deletion; `last` is the last place that is left.

    The day keeps what it had: it is not emptied by deleting.
    """
    connection.execute(
        "UPDATE peers SET counted = min(counted, ?2), (texts, bytes) ="
        " (SELECT count(*), coalesce(sum(size), 0) FROM messages"
        " WHERE mine = 0 AND place > ?1 << 32 AND place < (?1 + 1) << 32),"
        " (unread_texts, unread_bytes) = (SELECT count(*), coalesce(sum(size), 0)"
        " FROM messages WHERE mine = 0 AND place > max(seen, ?1 << 32)"
        " AND place < (?1 + 1) << 32) WHERE number = ?1",
        (number, last),
    )
