"""Confirming: somebody new is shown at the terminal before anything is done towards them."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from lanchat.errors import UnconfirmedPeer

if TYPE_CHECKING:
    from lanchat.cli.reach import Run
    from lanchat.node.rows import JSON, Row


_ONE_AT_A_TIME: Final = asyncio.Lock()  # of those who send to several at once


async def confirmed(
    run: "Run", verb: str, params: "dict[str, JSON]"
) -> "AsyncGenerator[Row, None]":
    """Run a request; somebody new is shown at the terminal and has to be confirmed first."""
    from lanchat.cli import terminal

    try:
        async with aclosing(run(verb, params)) as rows:
            async for row in rows:
                yield row
    except UnconfirmedPeer as error:
        if not terminal.present():
            raise
        await _show_and_ask(error)
        again = {**params, "confirmed": error.peer_id}
    else:
        return
    async with aclosing(run(verb, again)) as rows:
        async for row in rows:
            yield row


async def _show_and_ask(stranger: UnconfirmedPeer) -> None:
    async with _ONE_AT_A_TIME:
        await _ask(stranger)


async def _ask(stranger: UnconfirmedPeer) -> None:
    from lanchat.cli import render, terminal
    from lanchat.conversation.text import terminal as one_line
    from lanchat.identity.fingerprint import fingerprint
    from lanchat.identity.keys import PeerId

    name = one_line(stranger.name) or "somebody"
    sys.stderr.write(f"{name} is new here. This is the fingerprint of who would get it:\n")
    for line in render.words_in_rows(tuple(stranger.words)):
        sys.stderr.write(f"    {line}\n")
    sys.stderr.write(f"    {stranger.peer_id}\n")
    question = f"Does {name} see the same words? Go on? [y/N] "
    if stranger.namesake:
        whose = f"the {one_line(stranger.known_as)} you know" if stranger.known_as else "you"
        sys.stderr.write(f"WARNING: this is not {whose}, with this fingerprint:\n")
        for line in render.words_in_rows(fingerprint(PeerId.parse(stranger.namesake)).words):
            sys.stderr.write(f"    {line}\n")
        question = f"Does {name} see the first words? Go on? [y/N] "
    if not await terminal.agrees(question):
        raise stranger
