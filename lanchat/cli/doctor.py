"""Doctor: why do I not see them?  By the lanchat that runs, else without one or a profile."""

from argparse import Namespace
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from lanchat.cli.exits import Exit
from lanchat.cli.output import Output, tell
from lanchat.errors import NoProfile, ProfileLocked

if TYPE_CHECKING:
    from lanchat.node.rows import Row


async def doctor(arguments: Namespace, output: Output) -> Exit:
    """Find out why people are not seen, and what to do about it.

    Looks at this computer, its networks and its firewall, and asks who answers.  Needs no
    profile; if a window or `listen` runs, what that one knows goes in.  With --peer it looks
    at the way to one computer.  What is printed can be passed on: it holds addresses, but no
    name and no key.  1 if something keeps people from being seen or reached.

    Example: lanchat doctor --peer 192.168.1.31:48321
    """
    from lanchat.cli import render
    from lanchat.node import doctoring

    well, failed = True, False
    output.line(doctoring.machine())
    async with aclosing(_rows(arguments)) as rows:
        async for row in rows:
            well = well and row["status"] == "ok"
            failed = failed or row["status"] == "fail"
            output.row(row)
            for line in render.check(row):
                output.line(line)
            if output.gone:
                break
    if well and not arguments.peer and not output.as_json:
        tell("hint: somebody is not seen all the same? --peer HOST looks at the way to them")
    return Exit.FAILED if failed else Exit.DONE


async def _rows(arguments: Namespace) -> "AsyncGenerator[Row, None]":
    """What the holder of the profile finds; else what is found without one."""
    from lanchat.node import control, doctoring, profiles
    from lanchat.node.local import Unreachable

    try:
        path = profiles.find(arguments.profile).socket
        if await control.holder(path) is not None:
            params = {"peer": arguments.peer, "names": arguments.names}
            async with aclosing(control.ask(path, "doctor", params)) as rows:
                async for row in rows:
                    yield row
            return
    except (NoProfile, ProfileLocked, Unreachable):
        pass  # it is just going, or its window is locked: it knows nothing then
    made = doctoring.examine(chosen=arguments.interface, peer=arguments.peer)
    async with aclosing(made) as checks:
        async for check in checks:
            yield doctoring.row(check)
