"""Send: files to one person, or to several at once, now or when they come."""

import asyncio
import secrets
from argparse import Namespace
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from lanchat.cli.confirming import confirmed
from lanchat.cli.exits import Exit, exit_of
from lanchat.cli.output import Output, complain, spoken, tell
from lanchat.errors import BadRequest, LanchatError

if TYPE_CHECKING:
    from lanchat.cli.progress import Progress
    from lanchat.cli.reach import Run
    from lanchat.node.rows import JSON, Row


async def send(arguments: Namespace, output: Output) -> Exit:
    """Send files and folders, and wait until the peer has them whole.

    A transfer that was interrupted goes on where it stopped when the same command is
    given again; the receiver is not asked again for 7 days.  With --queue it waits in the
    outbox for somebody who is away.  With --skip-identical the files that the peer has from
    you already are compared first, and stay where they are.

    Example: lanchat send ann report.pdf photos/
    """
    from lanchat.cli.progress import Progress
    from lanchat.cli.reach import reach

    paths = [str(_absolute(path)) for path in arguments.paths]
    receivers = list(dict.fromkeys([arguments.peer, *arguments.to]))
    params: dict[str, JSON] = {
        "paths": list(paths),
        "wait": arguments.wait,
        "queue": arguments.queue,
        "skip_identical": arguments.skip_identical,
        "limit_rate": arguments.limit_rate or 0,
        "limit_group": secrets.token_hex(8),
    }
    try:
        async with reach(arguments) as run:
            with Progress(shown=not output.as_json) as progress:
                if len(receivers) == 1:
                    sending = _Sending(run, output, progress, params, arguments.peer)
                    await sending.go()
                    return Exit.DONE
                several = [
                    _Sending(run, output, progress, params, one, several=True)
                    for one in receivers
                ]
                return await _all(several)
    except asyncio.CancelledError:
        if not arguments.queue:
            tell("hint: the same command goes on where this one stopped")
        raise


async def _all(several: "Sequence[_Sending]") -> Exit:
    """Send to each, whatever becomes of the others; the highest exit status."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one.try_to()) for one in several]
    return max(task.result() for task in tasks)


class _Sending:
    """Files on their way to one person; `several` others may get them, too."""

    def __init__(
        self,
        run: "Run",
        output: Output,
        progress: "Progress",
        params: "dict[str, JSON]",
        to: str,
        *,
        several: bool = False,
    ) -> None:
        self._run = run
        self._output = output
        self._progress = progress
        self._params = {**params, "peer": to}
        self._to = to
        self._several = several
        self._ended: Row = {}

    async def go(self) -> None:
        """Send them; LanchatError if they do not arrive."""
        from lanchat.cli import render

        async with aclosing(confirmed(self._run, "send", self._params)) as rows:
            async for row in rows:
                self._write(row)
                if row.get("event") == "progress":
                    self._progress.move(row, self._to)
                elif row.get("event") == "transfer-changed":
                    self._say(f"{spoken(render.word(row, 'reason'))}; it goes on by itself")
                else:
                    self._ended = row
                    self._progress.end(row)
        self._output.line(self._named(render.sent(self._ended)))
        if self._ended.get("reason"):
            self._say(spoken(render.word(self._ended, "reason")))

    async def try_to(self) -> Exit:
        """The same, with the exit status it would have alone."""
        try:
            await self.go()
        except LanchatError as error:
            status = exit_of(error)
            complain(error, before=self._named(""))
            if not self._ended:  # it did not even begin
                failed: Row = {
                    "state": "failed",
                    "status": int(status),
                    "reason": error.sentence,
                }
                self._write(failed)
            return status
        return Exit.DONE

    def _write(self, row: "Row") -> None:
        self._output.row({"to": self._to, **row} if self._several else row)

    def _say(self, text: str) -> None:
        tell(self._named(text))

    def _named(self, text: str) -> str:
        from lanchat.conversation.text import terminal

        return f"{terminal(self._to)}: {text}" if self._several else text


def _absolute(path: str) -> Path:
    """A path as another process finds it; not resolved, so that a link keeps its name."""
    if not path or "\0" in path:
        raise BadRequest("an empty path")
    return Path(path).absolute()
