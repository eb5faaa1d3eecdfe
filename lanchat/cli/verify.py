"""Verify: compare four words with somebody, or their permanent fingerprint."""

import asyncio
import contextlib
from argparse import Namespace
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from lanchat.cli.confirming import confirmed
from lanchat.cli.exits import Exit
from lanchat.cli.output import Output, tell
from lanchat.errors import CheckInterrupted, CheckOver

if TYPE_CHECKING:
    from lanchat.cli.reach import Run
    from lanchat.node.rows import JSON, Row

_YES: Final = frozenset({"y", "yes"})
_NO: Final = frozenset({"n", "no"})


async def verify(arguments: Namespace, output: Output) -> Exit:
    """Make sure that somebody is who they are, by four words read aloud.

    The other person runs it too, or presses Verify in the window, within two minutes. Read
    the words to each other by voice, on the phone or in person, and answer yes or no.  With
    --fingerprint nobody has to be there: give the words, the digits or the invite that you
    have from the person itself.

    Example: lanchat verify ann
    """
    from lanchat.cli.reach import reach

    params: dict[str, JSON] = {"peer": arguments.peer, "wait": arguments.wait}
    if arguments.fingerprint is not None:
        params["fingerprint"] = " ".join(arguments.fingerprint)
    elif not output.as_json:
        tell("the other person has to run lanchat verify now, or press Verify in the window")
    async with reach(arguments) as run, aclosing(confirmed(run, "verify", params)) as rows:
        await _follow(run, rows, output)
    return Exit.DONE


async def _follow(run: "Run", rows: "AsyncGenerator[Row, None]", output: Output) -> None:
    """Show what comes, and pass the answer on, whichever is first: the words may go stale."""
    coming = asyncio.ensure_future(anext(rows, None))
    answering: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    try:
        while True:
            both: tuple[asyncio.Future[Any], ...] = (coming, answering)
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                answering.result()  # no answer at all ends it
                await asyncio.wait({coming})
            if (row := coming.result()) is None:
                return
            _show(row, output)
            if "words" in row:
                answering = asyncio.ensure_future(_answer(run, row))
            coming = asyncio.ensure_future(anext(rows, None))
    finally:
        for task in (coming, answering):
            task.cancel()
            await asyncio.wait({task})


def _show(row: "Row", output: Output) -> None:
    output.row(row)
    for line in _lines(row):
        output.line(line)


def _lines(row: "Row") -> list[str]:
    """The words to compare, or what came of it."""
    from lanchat.cli.render import word
    from lanchat.conversation.text import terminal

    words = row.get("words")
    if not isinstance(words, list):
        return [f"this peer is {word(row, 'trust')} now"]
    return [
        f"Call {word(row, 'name') or 'them'} or walk over, and read these four words aloud,",
        "one of you after the other.  By voice or in person, never in a chat.",
        "",
        *[f"    {place}  {terminal(str(one))}" for place, one in enumerate(words, start=1)],
        "",
    ]


async def _answer(run: "Run", row: "Row") -> None:
    """Ask the person at standard input, and say what they said."""
    from lanchat.cli import terminal

    while True:
        line = await terminal.line("Are the words the same on both screens? [yes/no] ")
        said = line.strip().casefold()
        if said in _YES | _NO:
            break
        if not line:
            unanswered = CheckInterrupted("no answer")
            unanswered.hint = "nobody answered yes or no on standard input"
            raise unanswered
    answer = {"peer": row["peer_id"], "run": row["run"], "match": said in _YES}
    with contextlib.suppress(CheckOver):  # then the rows say why
        async with aclosing(run("answer", answer)) as rows:
            async for _row in rows:
                pass
