"""The one connection to the encrypted database: opening it, and what its errors mean.

Made and used in the store's thread only.  The key is spoken once, to a statement whose
failure is raised anew without it.  PROTOCOL.md, 7.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol, cast

from lanchat.errors import AlreadyRunning, StoreDamaged, StoreError, StoreFull

Value = int | float | str | bytes | None
Row = tuple[Value, ...]

APPLICATION: Final = 0x4C414E43  # "LANC", in the header of our databases

_WAL_KEPT: Final = 4 * 1024 * 1024  # bytes of log that may stay on the disk after a burst
_PATIENCE: Final = 0.5  # seconds; whoever has the database open keeps it
_CACHED_STATEMENTS: Final = 256

_PRAGMAS: Final = (
    "cipher_memory_security = OFF",  # on costs 0.2 ms a commit
    "secure_delete = ON",
    # One process holds a profile, so the database is its own too: no shared memory file,
    # no locking per statement, and a second process is refused by the database itself.
    "locking_mode = EXCLUSIVE",
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "temp_store = MEMORY",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    f"journal_size_limit = {_WAL_KEPT}",
)

# Primary result codes of SQLite, for which we have a sentence of our own.
_FULL: Final = 13
_CODES_DAMAGED: Final = frozenset({11, 26})  # CORRUPT, NOTADB (also: another key)
_CODES_HELD: Final = frozenset({5, 6})  # BUSY, LOCKED


class Cursor(Protocol):
    """What a statement gives back."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""

    def fetchone(self) -> Row | None:
        """The next row."""

    def fetchall(self) -> list[Row]:
        """The rows that are left."""

    def __iter__(self) -> Iterator[Row]: ...


class Connection(Protocol):
    """What the books of the store need of the database."""

    @property
    def total_changes(self) -> int:
        """Rows changed since it was opened."""

    @property
    def in_transaction(self) -> bool:
        """Whether something is not committed yet."""

    def execute(self, sql: str, parameters: Sequence[Value] = ..., /) -> Cursor:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Sequence[Sequence[Value]], /) -> Cursor:
        """Run one statement for each row."""

    def close(self) -> None:
        """Fold the log into the database and let go of both."""


def connect(path: Path, key: bytes) -> Connection:
    """Open the database file at `path` with a raw 32-byte key.

    Raises:
        StoreError: sqlcipher3 is not installed; never plaintext instead.
        StoreDamaged: the file is damaged, or of another key.
        AlreadyRunning: another process has it open.
    """
    try:
        from sqlcipher3 import dbapi2
    except ImportError as error:
        raise StoreError("sqlcipher3 cannot be loaded") from error
    try:
        connection = cast(
            "Connection",
            dbapi2.connect(
                str(path),
                timeout=_PATIENCE,
                isolation_level=None,  # transactions are opened and closed by Database alone
                cached_statements=_CACHED_STATEMENTS,
            ),
        )
    except dbapi2.Error as error:
        raise translated(error) from error
    try:
        _prepare(connection, key)
    except dbapi2.Error as error:
        connection.close()
        raise translated(error) from error
    except StoreError:
        connection.close()
        raise
    return connection


def is_foreign(error: Exception) -> bool:
    """Whether the database library raised `error`."""
    return type(error).__module__.startswith("sqlcipher3")


def translated(error: Exception) -> StoreError:
    """The error of ours for one of the library's; never its text, which may quote data."""
    code = getattr(error, "sqlite_errorcode", 0) or 0
    detail = f"{type(error).__name__}, code {code}"
    primary = code & 0xFF
    if primary == _FULL:
        return StoreFull(detail)
    if primary in _CODES_DAMAGED:
        return StoreDamaged(detail)
    if primary in _CODES_HELD:
        return AlreadyRunning()
    return StoreError(detail)


def _prepare(connection: Connection, key: bytes) -> None:
    connection.execute("PRAGMA cipher_log_level = NONE")  # else it writes to our stderr
    failed = False
    try:
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    except Exception:
        failed = True
    if failed:  # outside of the handler, so that nothing hangs on the new error
        raise StoreError("the database did not take its key")
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    if connection.execute("PRAGMA cipher_version").fetchone() is None:
        raise StoreError("the database library cannot encrypt")
