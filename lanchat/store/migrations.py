"""Migrations: how the tables came to be, one numbered step after the other.

A step that was released is never edited again, a column never changes its meaning, and a
new wish is a new step.  `PRAGMA user_version` counts the steps that were taken.
"""

from collections.abc import Callable
from typing import Final, cast

from lanchat.errors import StoreDamaged, StoreTooNew
from lanchat.store.connection import APPLICATION, Connection

Migration = Callable[[Connection], None]


def migrate(connection: Connection, *, fresh: bool) -> None:
    """Bring the tables to what this lanchat knows, each step whole or not at all.

    `fresh`: the file was just made, and is empty.

    Raises:
        StoreTooNew: a later lanchat took steps we do not know.
        StoreDamaged: an empty or foreign database where ours should be.
    """
    application, taken = _number(connection, "application_id"), version(connection)
    if not fresh and (application != APPLICATION or taken == 0):
        raise StoreDamaged("no database of lanchat")
    if taken > len(MIGRATIONS):
        raise StoreTooNew(f"database of version {taken}, ours is {len(MIGRATIONS)}")
    for number, step in enumerate(MIGRATIONS[taken:], start=taken + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            step(connection)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def version(connection: Connection) -> int:
    """How many steps a database has taken."""
    return _number(connection, "user_version")


def _number(connection: Connection, pragma: str) -> int:
    row = connection.execute(f"PRAGMA {pragma}").fetchone()
    return cast("int", row[0]) if row else 0


def _first(connection: Connection) -> None:
    for statement in _FIRST:
        connection.execute(statement)


_FIRST: Final = (
    """
    CREATE TABLE meta (
        key   TEXT NOT NULL PRIMARY KEY,
        value BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    # Everybody with whom anything is shared.  A number stands for the key elsewhere: the
    # books and their indexes stay small.  The counters are what quotas ask for.
    """
    CREATE TABLE peers (
        number       INTEGER PRIMARY KEY,
        key          BLOB    NOT NULL UNIQUE,     -- the 32-byte identity key
        last_seq     INTEGER NOT NULL DEFAULT 0,  -- of our deleted messages to them
        seen         INTEGER NOT NULL DEFAULT 0,  -- the user has seen theirs up to this place
        indexed      INTEGER NOT NULL DEFAULT 0,  -- `words` holds them up to this place
        counted      INTEGER NOT NULL DEFAULT 0,  -- and the counters below up to this one
        texts        INTEGER NOT NULL DEFAULT 0,  -- theirs that are kept
        bytes        INTEGER NOT NULL DEFAULT 0,  -- size of those
        unread_texts INTEGER NOT NULL DEFAULT 0,
        unread_bytes INTEGER NOT NULL DEFAULT 0,
        day          INTEGER NOT NULL DEFAULT 0,  -- days since 1970 of their last one
        day_bytes    INTEGER NOT NULL DEFAULT 0   -- stored on that day, deleted ones too
    ) STRICT
    """,
    """
    CREATE TABLE contacts (
        peer         INTEGER NOT NULL PRIMARY KEY REFERENCES peers (number),
        name         TEXT    NOT NULL,  -- pinned
        alias        TEXT    NOT NULL,
        trust        TEXT    NOT NULL,  -- new, known, verified or blocked
        was_known    INTEGER NOT NULL,
        claimed_name TEXT    NOT NULL,
        first_seen   INTEGER NOT NULL,  -- ms since 1970, as all times
        last_seen    INTEGER NOT NULL,
        verified_at  INTEGER NOT NULL,
        verified_how TEXT    NOT NULL,
        failed_at    INTEGER NOT NULL,
        wire_version INTEGER NOT NULL,
        reach        BLOB    NOT NULL,
        beacon_key   BLOB    NOT NULL,
        addresses    TEXT    NOT NULL   -- JSON list
    ) STRICT
    """,
    """
    CREATE TABLE messages (
        -- The peer's number, then 32 bits of order of arrival: a conversation lies together,
        -- and needs no index of its own.
        place      INTEGER PRIMARY KEY,
        peer       INTEGER NOT NULL REFERENCES peers (number),
        id         BLOB    NOT NULL,     -- 16 random bytes, chosen by the author
        mine       INTEGER NOT NULL,
        state      INTEGER NOT NULL,     -- 0 queued, 1 delivered, 2 read, 3 received
        seq        INTEGER NOT NULL,
        sent_at    INTEGER NOT NULL,     -- the author's claim
        arrived_at INTEGER NOT NULL,
        reply_to   BLOB    NOT NULL,
        size       INTEGER NOT NULL,     -- bytes of text and file
        text       TEXT    NOT NULL,     -- as written
        file       TEXT    NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX messages_by_id ON messages (peer, id)",
    "CREATE INDEX messages_waiting ON messages (peer) WHERE state = 0",
    """
    CREATE TABLE tombstones (
        peer       INTEGER NOT NULL REFERENCES peers (number),
        id         BLOB    NOT NULL,  -- of a deleted message of theirs
        deleted_at INTEGER NOT NULL,
        PRIMARY KEY (peer, id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX tombstones_by_age ON tombstones (deleted_at)",
    # Filled a little later than `messages`: up to the place that is `indexed` of each peer.
    """
    CREATE VIRTUAL TABLE words USING fts5 (
        text, file,
        content = 'messages', content_rowid = 'place',
        tokenize = 'unicode61 remove_diacritics 2', columnsize = 0
    )
    """,
    """
    CREATE TABLE transfers (
        number          INTEGER PRIMARY KEY,
        peer            INTEGER NOT NULL REFERENCES peers (number),
        id              BLOB    NOT NULL,  -- 16 random bytes, chosen by the sender
        outgoing        INTEGER NOT NULL,
        state           TEXT    NOT NULL,
        manifest_digest BLOB    NOT NULL,
        offer           BLOB    NOT NULL,  -- body of the OFFER, hashed into the lane's keys
        files           INTEGER NOT NULL,
        folders         INTEGER NOT NULL,
        total           INTEGER NOT NULL,  -- bytes of the files
        done            INTEGER NOT NULL,  -- bytes of the stream that are safe
        attempt         INTEGER NOT NULL,  -- the last one used; only ever grows
        sources         TEXT    NOT NULL,  -- JSON list: what the sender was asked to send
        root            TEXT    NOT NULL,  -- where the receiver puts it
        part            TEXT    NOT NULL,  -- name of the unfinished file
        results         TEXT    NOT NULL,  -- JSON list: where it lies now
        code            INTEGER NOT NULL,  -- why it ended, as in DECLINE or CANCEL
        unasked         INTEGER NOT NULL,  -- accepted by a setting
        created_at      INTEGER NOT NULL,
        changed_at      INTEGER NOT NULL,
        accepted_at     INTEGER NOT NULL,  -- not asked again for 7 days
        done_at         INTEGER NOT NULL,  -- stored whole; answered for 7 days
        UNIQUE (peer, id, outgoing)
    ) STRICT
    """,
    "CREATE INDEX transfers_by_age ON transfers (changed_at)",
    "CREATE INDEX transfers_by_manifest ON transfers (manifest_digest)",
    # Up to 32 MiB each, and read only on resume: apart from the rows that lists show.
    """
    CREATE TABLE manifests (
        transfer INTEGER NOT NULL PRIMARY KEY REFERENCES transfers (number) ON DELETE CASCADE,
        body     BLOB    NOT NULL
    ) STRICT
    """,
)


def _goes_on(connection: Connection) -> None:
    """What a transfer needs to be listed, paused and taken up again after a restart."""
    for statement in _GOES_ON:
        connection.execute(statement)


_GOES_ON: Final = (
    # ours: goes on by itself, no command waits for it
    "ALTER TABLE transfers ADD COLUMN standing INTEGER NOT NULL DEFAULT 0",
    # who paused or ended it: 'me', 'them' or nobody
    "ALTER TABLE transfers ADD COLUMN said_by TEXT NOT NULL DEFAULT ''",
    # a sentence for people: why it is not done
    "ALTER TABLE transfers ADD COLUMN reason TEXT NOT NULL DEFAULT ''",
)


def _rooted(connection: Connection) -> None:
    """Which folder a part was begun in: another one may lie there one day."""
    connection.execute("ALTER TABLE transfers ADD COLUMN root_id TEXT NOT NULL DEFAULT ''")


def _comes_again(connection: Connection) -> None:
    """What a transfer needs to be compared with an earlier one of the same person."""
    for statement in _COMES_AGAIN:
        connection.execute(statement)


_COMES_AGAIN: Final = (
    # theirs: what becomes of names that are taken; '' as nobody decided yet
    "ALTER TABLE transfers ADD COLUMN clash TEXT NOT NULL DEFAULT ''",
    # files that were not sent, as the receiver had them
    "ALTER TABLE transfers ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0",
    """
    CREATE TABLE arrivals (
        peer    INTEGER NOT NULL REFERENCES peers (number),
        root    TEXT    NOT NULL,  -- JSON, as a path may hold what UTF-8 cannot
        wanted  TEXT    NOT NULL,  -- JSON: the name that it was to get there
        name    TEXT    NOT NULL,  -- JSON: the one that it got
        kind    INTEGER NOT NULL,  -- 1 file, 2 folder
        inode   INTEGER NOT NULL,  -- signed; tells it from another one of that name
        came_at INTEGER NOT NULL,
        UNIQUE (peer, root, wanted, name)
    ) STRICT
    """,
)


def _brings_programs(connection: Connection) -> None:
    """Which received files were programs at their sender: a JSON list, from the root."""
    connection.execute("ALTER TABLE transfers ADD COLUMN programs TEXT NOT NULL DEFAULT '[]'")


def _born(connection: Connection) -> None:
    """When what came was made, in ns since 1970: an inode alone is used again for others.

    0 stands for what came before this was kept, and proves nothing.
    """
    connection.execute("ALTER TABLE arrivals ADD COLUMN birth INTEGER NOT NULL DEFAULT 0")


def _muted(connection: Connection) -> None:
    """Of whom nobody is told, whatever they write."""
    connection.execute("ALTER TABLE contacts ADD COLUMN muted INTEGER NOT NULL DEFAULT 0")


def _begun(connection: Connection) -> None:
    """What was written to somebody and not sent: it outlives a lock, a crash and a restart."""
    connection.execute(
        """
        CREATE TABLE drafts (
            peer INTEGER NOT NULL PRIMARY KEY REFERENCES peers (number),
            text TEXT    NOT NULL
        ) STRICT
        """
    )


#: Every step there is, oldest first.
MIGRATIONS: Final[tuple[Migration, ...]] = (
    _first,
    _goes_on,
    _rooted,
    _comes_again,
    _brings_programs,
    _born,
    _muted,
    _begun,
)
