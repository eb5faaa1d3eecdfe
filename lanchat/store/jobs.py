"""Jobs: what is asked of the store's thread, and doing it in transactions.

Lives in that thread alone.
"""

import asyncio
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, TypeVar

from lanchat.store.connection import Connection, is_foreign, translated

T = TypeVar("T")
Work = Callable[[Connection], T]


@dataclass(slots=True)
class Job:
    """Something asked, and what came of it."""

    work: Callable[..., Any]
    rows: Sequence[Any] | None  # to be added; None for any other work
    future: "asyncio.Future[Any]"
    result: Any = None
    error: BaseException | None = None


def transact(connection: Connection, work: Work[T]) -> T:
    """Do `work` in a transaction, whose errors are ours."""
    connection.execute("BEGIN")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, Exception) and is_foreign(error):
            raise translated(error) from error
        raise
    return result


def commit(connection: Connection, jobs: list[Job]) -> None:
    """Do all jobs in one transaction; if that fails, each in one of its own.

    Their errors are to be `emptied` before anybody hears of them.
    """
    try:
        results = transact(connection, lambda one: list(_done(one, jobs)))
    except Exception as error:
        if len(jobs) == 1:
            jobs[0].error = error
            return
    else:
        for job, result in zip(jobs, results, strict=True):
            job.result = result
        return
    for job in jobs:
        commit(connection, [job])


def emptied(error: BaseException) -> BaseException:
    """The same error, holding no cursor any more.

    One that another thread lets go of while this one closes the connection is reset after it
    was freed, and that ends the process.  What its frames hold goes here, in our thread.
    """
    left: list[BaseException | None] = [error]
    known: set[int] = set()
    while left:
        one = left.pop()
        if one is not None and id(one) not in known:
            known.add(id(one))
            traceback.clear_frames(one.__traceback__)
            left += (one.__cause__, one.__context__)
    return error


def _done(connection: Connection, jobs: list[Job]) -> Iterator[object]:
    """The results of jobs, in their order; neighbours that add rows in one way add as one."""
    for (work, adds), group in groupby(jobs, key=lambda job: (job.work, job.rows is not None)):
        if not adds:
            for _job in group:
                yield work(connection)
            continue
        asked = [job.rows or () for job in group]
        if len(asked) == 1:
            yield work(connection, asked[0])
            continue
        results = iter(work(connection, [row for rows in asked for row in rows]))
        for rows in asked:
            yield list(islice(results, len(rows)))
