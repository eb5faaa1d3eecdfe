"""Transfers: what is on its way, what waits in the outbox, and what to do about it."""

import asyncio
from argparse import Namespace
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from lanchat.cli.exits import Exit
from lanchat.cli.output import Output
from lanchat.errors import BadRequest

if TYPE_CHECKING:
    from lanchat.cli.reach import Run
    from lanchat.node.rows import JSON, Row

_SHORTEST: Final = 4  # characters of an id
_MOST: Final = 10_000  # transfers that a beginning of an id is looked for in
_SHOWN: Final = 8  # characters of an id in the list; the beginning is enough to name one
_STATES: Final = {
    "asked": "waits for your answer",
    "offered": "waits for their answer",
    "held": "waits for the disk",
}


async def transfers(arguments: Namespace, output: Output) -> Exit:
    """Show the files on their way and in the outbox, or do something about one.

    TRANSFER is an id from the list, or its beginning.  What waits for somebody who is away
    goes out when they come, as long as `listen` or the window runs.

    Example: lanchat transfers 3f9a --cancel
    """
    from lanchat.cli.reach import reach

    how = arguments.folder or arguments.clash
    if arguments.transfer is None and (arguments.action or how):
        raise _odd("which transfer?  lanchat transfers lists them")
    if how and arguments.action != "accept":
        raise _odd("--folder and --clash go with --accept")
    async with reach(arguments) as run:
        if arguments.transfer is None:
            rows = await _all(run, arguments.limit)
        else:
            rows = [await _do(run, await _find(run, arguments.transfer), arguments)]
    for row in rows:
        output.row(row)
    for line in _lines(rows):
        output.line(line)
    return Exit.DONE


async def _all(run: "Run", limit: int | None) -> "list[Row]":
    async with aclosing(run("transfers", {"limit": limit})) as rows:
        return [row async for row in rows]


async def _find(run: "Run", wanted: str) -> "Row":
    """The one transfer whose id begins so; of two with one id the one that is not over."""
    wanted = wanted.strip().lower()
    if len(wanted) < _SHORTEST:
        raise _odd(f"the beginning of an id has {_SHORTEST} characters or more")
    fit = [row for row in await _all(run, _MOST) if str(row["transfer"]).startswith(wanted)]
    ids = {str(row["transfer"]) for row in fit}
    if not fit:
        raise _odd("no transfer has an id that begins so; lanchat transfers lists them")
    if len(ids) > 1:
        raise _odd(f"these fit: {', '.join(sorted(ids))}")
    return fit[0]


async def _do(run: "Run", row: "Row", arguments: Namespace) -> "Row":
    """What is wanted of a transfer; the row as it is then."""
    if not arguments.action:
        return row
    params: dict[str, JSON] = {"transfer": row["transfer"], "peer": row["peer_id"]}
    if arguments.folder:
        folder = await asyncio.to_thread(arguments.folder.absolute)
        params["folder"] = str(folder)
    if arguments.clash:
        params["clash"] = arguments.clash
    async with aclosing(run(arguments.action, params)) as rows:
        return [one async for one in rows][-1]


def _odd(hint: str) -> BadRequest:
    error = BadRequest("transfers")
    error.hint = hint
    return error


def _lines(rows: "list[Row]") -> list[str]:
    """The list, one transfer a line, and why it is as it is where there is more to say."""
    if not rows:
        return ["nothing is on its way, and nothing waits"]
    return [line for row in rows for line in _line(row)]


def _line(row: "Row") -> list[str]:
    from lanchat.cli import render

    arrow = "to" if row.get("direction") == "out" else "from"
    name = render.word(row, "name") or render.word(row, "peer_id")[:_SHOWN]
    state = render.word(row, "state")
    done, total = render.size(row.get("bytes")), render.size(row.get("total"))
    far = total if state in ("done", "asked", "offered") else f"{done} of {total}"
    known = f"{render.word(row, 'transfer')[:_SHOWN]}  {arrow} {name}: {render.offered(row)}"
    first = f"{known}, {far}, {_STATES.get(state, state)}"
    reason = render.word(row, "reason")
    return [first, *([f"    {reason}"] if reason else []), *_programs(row)]


def _programs(row: "Row") -> list[str]:
    """That some of it were programs, which are none here before their owner says so."""
    programs = row.get("programs")
    if not isinstance(programs, list) or not programs:
        return []
    count = "1 program" if len(programs) == 1 else f"{len(programs)} programs"
    return [f"    {count} among them; --make-executable lets you run what you trust"]
