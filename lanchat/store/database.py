"""The database: one thread, one connection, and work that comes to it in turn.

What is asked at the same time is stored in one transaction: a lone message pays for one
commit, and so does a burst.  Nobody hears "stored" before the commit is done.  When
nothing is asked for a while, the thread does its chores (the word index) and makes the log
last through a power cut.  PROTOCOL.md, 7.
"""

import asyncio
import logging
import stat
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, Self, TypeVar, cast

from lanchat.errors import ProfileExists, StoreDamaged, StoreError
from lanchat.store import files
from lanchat.store.connection import (
    Connection,
    connect,
    is_foreign,
    translated,
)
from lanchat.store.jobs import Job, Work, commit, emptied, transact
from lanchat.store.keyfile import db_key
from lanchat.store.migrations import migrate

T = TypeVar("T")
Row = TypeVar("Row")
RowWork = Callable[[Connection, Sequence[Row]], Sequence[T]]  # one result for each row
Chore = Callable[[Connection], bool]  # does a little, within milliseconds; True: there is more

MOST_ROWS: Final = 1000  # that go into one transaction, about
WORK: Final = 16  # rows that one piece of any other work counts for
PAGE: Final = 4096  # bytes; SQLCipher's default, and the least a database has
QUIET: Final = 1.0  # seconds without work before the chores

_log = logging.getLogger(__name__)


class Database:
    """The encrypted database of a profile.  Lives on the node thread; owns the store thread."""

    def __init__(self, path: Path, key: bytes, *, fresh: bool) -> None:
        """For `open` and `create` only."""
        self.path: Final = path
        self._fresh = fresh
        self._loop = asyncio.get_running_loop()
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._chores: list[Chore] = []
        self._closed = False
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(
            target=self._main, args=(key,), name="lanchat-store", daemon=True
        )

    def __repr__(self) -> str:
        return "Database()"

    @classmethod
    async def open(cls, path: Path, master_key: bytes) -> Self:
        """Open the database of a registered profile.

        Raises:
            StoreDamaged: it is missing, damaged, or not ours: lanchat never goes on
                without the trust book.
            StoreTooNew: a later lanchat wrote it.
            AlreadyRunning: another process has it open.
        """
        return await cls._start(path, master_key, fresh=False)

    @classmethod
    async def create(cls, path: Path, master_key: bytes) -> Self:
        """Make the database of a new profile, 0600, and open it.

        Raises:
            ProfileExists: something has that name; it was not touched.
        """
        return await cls._start(path, master_key, fresh=True)

    @classmethod
    async def _start(cls, path: Path, master_key: bytes, *, fresh: bool) -> Self:
        database = cls(path, db_key(master_key), fresh=fresh)
        database._thread.start()
        try:
            await database._opened
        except BaseException:
            database._closed = True
            database._jobs.put(None)  # where only the waiting was cancelled
            raise
        return database

    async def run(self, work: Work[T]) -> T:
        """Do `work` with the connection, in a transaction, in the store's thread.

        Returns when it is committed.  `work` changes nothing but the database: it may run
        twice, if something else in its transaction failed.  A caller who is cancelled
        only stops waiting.

        Raises:
            StoreFull: no space; nothing of this work was stored.
            StoreDamaged: the database does not hold what it should.
            StoreError: it is closed, or the system failed it.
        """
        return cast("T", await self._ask(work, None))

    async def add(self, work: RowWork[Row, T], rows: Sequence[Row]) -> Sequence[T]:
        """As `run`, for rows that may be added together with others of the same `work`.

        What is asked at the same time costs one call of `work` for all of it: a burst of
        single messages is stored like a batch.
        """
        return cast("Sequence[T]", await self._ask(work, rows))

    def _ask(
        self, work: Callable[..., Any], rows: Sequence[Any] | None
    ) -> "asyncio.Future[Any]":
        if self._closed:
            raise StoreError("the database is closed")
        job = Job(work, rows, self._loop.create_future())
        self._jobs.put(job)
        return job.future

    async def get(self, key: str) -> bytes | None:
        """The value put under `key`, or None."""

        def work(connection: Connection) -> bytes | None:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
            return None if row is None else cast("bytes", row[0])

        return await self.run(work)

    async def put(self, key: str, value: bytes) -> None:
        """Keep `value` under `key`, in the place of what was there."""

        def work(connection: Connection) -> None:
            connection.execute(
                "INSERT INTO meta (key, value) VALUES (?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, value),
            )

        await self.run(work)

    def add_chore(self, chore: Chore) -> None:
        """Have `chore` done when nothing else was asked for a second after a change."""
        if chore not in self._chores:  # a node was started again on the same database
            self._chores.append(chore)

    @property
    def closed(self) -> bool:
        """Whether nothing can be asked of it any more."""
        return self._closed

    async def close(self) -> None:
        """Finish what was asked, fold the log into the file, end the thread.  Twice is once."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
        await asyncio.shield(self._ended)  # the thread's last act
        while self._thread.is_alive():  # noqa: ASYNC110 - a moment more; a thread has no event
            await asyncio.sleep(0)

    # --- from here on in the store's thread ---------------------------------------------

    def _main(self, key: bytes) -> None:
        try:
            try:
                connection = self._connect(key)
            except BaseException as error:
                del key  # this frame goes along with the error
                self._tell(_settle, self._opened, None, emptied(error))
                return
            del key
            self._tell(_settle, self._opened, None, None)
            try:
                self._serve(connection)
            finally:
                _close(connection)
        finally:
            self._tell(_settle, self._ended, None, None)

    def _connect(self, key: bytes) -> Connection:
        if self._fresh:
            try:
                files.create(self.path)
            except FileExistsError as error:
                raise ProfileExists("a database exists") from error
            except OSError as error:
                raise files.translated(error) from error
        else:
            _check_file(self.path)
        connection = connect(self.path, key)
        try:
            migrate(connection, fresh=self._fresh)
        except BaseException as error:
            _close(connection)
            if isinstance(error, Exception) and is_foreign(error):
                raise translated(error) from error
            raise
        return connection

    def _serve(self, connection: Connection) -> None:
        """Do what is asked until None comes."""
        restless = True  # the last process may have left chores
        open_ = True
        while open_:
            try:
                jobs, open_ = self._take(QUIET if restless else None)
            except Empty:
                restless = self._do_chores(connection)
                continue
            before = connection.total_changes
            commit(connection, jobs)
            for job in jobs:
                if job.error is not None:
                    emptied(job.error)
            restless = restless or connection.total_changes != before
            self._tell(_settle_all, jobs)

    def _take(self, patience: float | None) -> tuple[list[Job], bool]:
        """All that waits, up to a group; whether there can be more."""
        jobs: list[Job] = []
        size = 0
        job = self._jobs.get(timeout=patience)
        while job is not None:
            jobs.append(job)
            size += WORK if job.rows is None else len(job.rows)
            if size >= MOST_ROWS:
                return jobs, True
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return jobs, True
        return jobs, False

    def _do_chores(self, connection: Connection) -> bool:
        """Work a little at each chore until somebody asks for something; is any left?"""
        try:
            for chore in tuple(self._chores):
                while transact(connection, chore):
                    if not self._jobs.empty():
                        return True
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except Exception as error:
            _log.warning("a chore of the store failed: %s", type(error).__name__)
        return False

    def _tell(self, what: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(what, *arguments)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return


def _check_file(path: Path) -> None:
    """Refuse what SQLite would take for a new database and begin to fill."""
    try:
        found = path.lstat()
    except FileNotFoundError as error:
        raise StoreDamaged("no database beside the key file") from error
    except OSError as error:
        raise files.translated(error) from error
    if not stat.S_ISREG(found.st_mode) or found.st_size < PAGE:
        raise StoreDamaged(f"no database: {found.st_size} bytes, mode {found.st_mode:o}")


def _close(connection: Connection) -> None:
    try:
        connection.close()
    except Exception as error:
        _log.warning("the database did not close cleanly: %s", type(error).__name__)


# --- and these on the node thread again ---------------------------------------------------


def _settle_all(jobs: list[Job]) -> None:
    for job in jobs:
        _settle(job.future, job.result, job.error)


def _settle(future: "asyncio.Future[Any]", result: object, error: BaseException | None) -> None:
    if future.done():  # whoever asked was cancelled
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
