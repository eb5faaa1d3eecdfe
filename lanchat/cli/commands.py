"""Commands: one function each; its docstring is its help.  The law is docs/COMMANDS.md."""

import sys
from argparse import Namespace
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from lanchat.cli.confirming import confirmed
from lanchat.cli.exits import Exit
from lanchat.cli.output import Output, spoken, tell
from lanchat.errors import BadInput, BadRequest, LanchatError

if TYPE_CHECKING:
    from lanchat.cli.reach import Run
    from lanchat.node.rows import JSON, Row

_LONGEST_TEXT: Final = 240_000  # bytes of stdin for `say -`; no message is that long


async def register(arguments: Namespace, output: Output) -> Exit:
    """Make a profile: a new identity, sealed with a passphrase.

    NAME is what others see.  The passphrase is asked for twice, or read from the first
    line of --passphrase-file.  A profile that exists is never overwritten.

    Example: lanchat register "Ann Example"
    """
    from lanchat.cli import passphrase, render
    from lanchat.node import profiles, rows

    profiles.keep_from_core_dumps()
    profiles.check_new(arguments.profile, arguments.name)  # before anybody types a passphrase
    if arguments.passphrase_file:
        phrase = passphrase.from_file(arguments.passphrase_file)
    else:
        phrase = passphrase.ask_new("Passphrase for this profile")
    name, peer_id = await profiles.register(arguments.profile, arguments.name, phrase)
    row = rows.me(peer_id, name)
    output.row(row)
    for line in render.identity(row):
        output.line(line)
    return Exit.DONE


async def whoami(arguments: Namespace, output: Output) -> Exit:
    """Show my name, peer id and fingerprint.

    The peer id says who I am and may be given to anybody.  The words and the digits are
    the same fingerprint, for comparing by voice or by eye.  With --rename others see NAME
    from now on; who knows me keeps the old name until they agree to the new one.  --be and
    --status are what people I know see beside it.

    Example: lanchat whoami --be busy --status "back at three"
    """
    from lanchat.cli import qr, render
    from lanchat.cli.reach import reach

    new, said = arguments.rename, _said(arguments)
    async with reach(arguments, node=new is not None or bool(said)) as run:
        asked = run("whoami", {}) if new is None else run("rename", {"name": new})
        row = await _last(asked)
        if said:
            row = await _last(run("attend", said))
    if arguments.qr:
        row["invite"] = qr.invite_of(str(row["peer_id"]))
    output.row(row)
    for line in render.identity(row):
        output.line(line)
    if arguments.qr and not output.as_json:
        for line in qr.drawn(str(row["invite"])):
            output.line(line)
    return Exit.DONE


async def invite(arguments: Namespace, output: Output) -> Exit:
    """Show my invite: my key and where I am, for somebody who does not see me.

    It may be sent by any way, and is taken wherever a PEER is.  Whoever has it reaches this
    very key or nobody; it holds no secret.  Addresses are in it while the window or `listen`
    runs.  At a terminal it is also drawn as a code to be scanned.

    Example: lanchat invite --json
    """
    from lanchat.cli import qr
    from lanchat.cli.reach import reach
    from lanchat.node import inviting

    async with reach(arguments, node=False) as run:
        row = await _last(run("invite", {}))
        shown_as = "invite" in row and (await _last(run("whoami", {})))["availability"]
    if "invite" not in row:  # nobody holds the profile, so nobody listens
        row = {"peer_id": row["peer_id"], "name": row["name"], "addresses": []}
        row["invite"] = qr.invite_of(str(row["peer_id"]))
    output.row(row)
    if not output.as_json:
        for line in qr.drawn(str(row["invite"])) if output.seen else [str(row["invite"])]:
            output.line(line)
    if not row["addresses"]:
        why, do = "nobody listens", "start the window or listen first"
        if shown_as == "invisible":
            why, do = "you are invisible", "lanchat whoami --be available ends that"
        elif shown_as:
            why, do = "this computer is on no network", "lanchat doctor says more"
        tell(f"hint: it holds no address, as {why}; {do}")
    elif isinstance(row["addresses"], list) and inviting.is_inner(map(str, row["addresses"])):
        tell("hint: it leads to others on this computer only; lanchat doctor says why")
    return Exit.DONE


async def passwd(arguments: Namespace, output: Output) -> Exit:
    """Change the passphrase, also while a window or `listen` runs.

    The old one is asked for, or read from --passphrase-file; the new one is asked for
    twice, or read from --new-passphrase-file.

    Example: lanchat passwd --passphrase-file old.txt --new-passphrase-file new.txt
    """
    from lanchat.cli import passphrase
    from lanchat.node import profiles

    profiles.find(arguments.profile)
    profiles.keep_from_core_dumps()
    if arguments.passphrase_file:
        old = passphrase.from_file(arguments.passphrase_file)
    else:
        old = passphrase.ask("Old passphrase")
    if arguments.new_passphrase_file:
        new = passphrase.from_file(arguments.new_passphrase_file)
    else:
        new = passphrase.ask_new()
    await profiles.change_passphrase(arguments.profile, old, new)
    output.line("the passphrase is changed")
    return Exit.DONE


async def peers(arguments: Namespace, output: Output) -> Exit:
    """Show who is here, and the contacts who are not.

    `seen`: announced on the network, not proven yet.  `online`: a session proves it.
    With --watch it goes on and shows who comes and who goes, until Ctrl-C.  --scan is for a
    network that keeps multicast back: it asks one address after the other, which takes some
    seconds, and tells whoever answers of us if the window or `listen` runs.

    Example: lanchat peers --wait 2
    """
    from lanchat.cli import render
    from lanchat.cli.reach import reach

    found = []
    params = {"wait": arguments.wait, "watch": arguments.watch}
    async with reach(arguments) as run:
        if arguments.scan:
            await _scan(run)
        async with aclosing(run("peers", params)) as rows:
            async for row in rows:
                output.row(row)
                if arguments.watch:
                    for line in render.event(row):
                        output.line(line)
                found.append(row)
                if output.gone:
                    return Exit.DONE
    if not arguments.watch:
        for line in render.peers(found):
            output.line(line)
    return Exit.DONE


async def say(arguments: Namespace, output: Output) -> Exit:
    """Send a message, and wait until the peer has stored it.

    The words are joined with spaces; a single - reads the message from stdin.  With
    --queue a peer who is away gets it later: it is left in the outbox.

    Example: lanchat say ann See you at noon
    """
    from lanchat.cli import render
    from lanchat.cli.reach import reach

    params: dict[str, JSON] = {
        "peer": arguments.peer,
        "text": _stdin() if arguments.text == ["-"] else " ".join(arguments.text),
        "queue": arguments.queue,
        "wait": arguments.wait,
    }
    async with reach(arguments) as run, aclosing(confirmed(run, "say", params)) as rows:
        row = await _last(rows)
    output.row(row)
    output.line(render.said(row))
    if row.get("reason"):
        tell(spoken(render.word(row, "reason")))
    return Exit.DONE


async def trust(arguments: Namespace, output: Output) -> Exit:
    """Show what I hold of a peer, or set how far I trust it.

    --verified says that I compared the fingerprint with this very person.  A blocked peer
    reaches nothing; unblocking gives back what it was before.

    Example: lanchat trust ann --verified
    """
    from lanchat.cli import render
    from lanchat.cli.reach import reach

    params: dict[str, JSON] = {
        "peer": arguments.peer,
        "action": arguments.action,
        "wait": arguments.wait,
    }
    async with reach(arguments) as run, aclosing(confirmed(run, "trust", params)) as rows:
        row = await _last(rows)
    output.row(row)
    for line in render.contact(row):
        output.line(line)
    return Exit.DONE


async def history(arguments: Namespace, output: Output) -> Exit:
    """Print what was said with a peer, oldest first.

    --search shows only the messages that hold all the words of TEXT.  --export writes the
    messages to a new file instead, one JSON object a line.

    Example: lanchat history ann --limit 20
    """
    from lanchat.cli import render
    from lanchat.cli.export import Export
    from lanchat.cli.reach import reach

    peer: JSON = arguments.peer
    params = {"peer": peer, "search": arguments.search, "limit": arguments.limit}
    if arguments.export is not None and arguments.limit is None:
        params["limit"] = 10**9  # all there is
    async with reach(arguments) as run:
        held = await _last(run("trust", {"peer": peer, "action": None, "wait": 0}))
        with Export(arguments.export) as export:
            async with aclosing(run("history", params)) as rows:
                async for row in rows:
                    output.row(row)
                    export.row(row)
                    theirs = row["author"] == held["peer_id"]
                    if arguments.export is None:
                        author = render.word(held, "name") if theirs else "me"
                        for line in render.message(row, author):
                            output.line(line)
                    if output.gone and arguments.export is None:
                        return Exit.DONE
    if arguments.export is not None:
        output.line(f"{export.count} messages are in {arguments.export}")
    return Exit.DONE


# --- within -----------------------------------------------------------------------------


def _said(arguments: Namespace) -> "Row":
    """What --be and --status ask for."""
    wanted = {"availability": arguments.be, "status": arguments.status}
    return {name: value for name, value in wanted.items() if value is not None}


async def _scan(run: "Run") -> None:
    """Ask each address; how far that is stands at the terminal, what came of it too."""
    from lanchat.cli.progress import Counter

    row: Row = {}
    with Counter("addresses asked") as counter:
        async with aclosing(run("scan", {})) as rows:
            async for row in rows:
                counter.move(row.get("asked"), row.get("total"))
    people = "1 person" if row.get("found") == 1 else f"{row.get('found')} people"
    tell(f"{people} answered" if row.get("total") else "there is no network to scan")


async def _last(rows: "AsyncGenerator[Row, None]") -> "Row":
    last: Row | None = None
    async with aclosing(rows):
        async for row in rows:
            last = row
    if last is None:
        raise LanchatError("a request without an answer")
    return last


def _stdin() -> str:
    if sys.stdin is None:
        raise BadInput("no stdin")
    from lanchat.cli.terminal import plain_interrupt

    with plain_interrupt():
        data = sys.stdin.buffer.read(_LONGEST_TEXT + 1)
    if len(data) > _LONGEST_TEXT:
        raise BadRequest(f"more than {_LONGEST_TEXT} bytes on stdin")
    try:
        return data.decode("utf-8").removesuffix("\n")
    except UnicodeDecodeError as error:
        failed = BadRequest("stdin is not UTF-8")
        failed.hint = "a message is UTF-8 text; files go with `lanchat send`"
        raise failed from error
