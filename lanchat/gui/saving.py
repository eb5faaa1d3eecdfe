"""Saving: a conversation as a text for people, in a file that only its owner can read."""

import asyncio
import os
import time
from pathlib import Path
from typing import Final

from lanchat.conversation.message import Message
from lanchat.errors import BadInput, LanchatError
from lanchat.gui import chat_copying, choosing, timeline
from lanchat.gui.shell import Shell
from lanchat.gui.text import name_text, one_line, ui_text
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.node import views
from lanchat.node.node import Node

_STAMP: Final = "%Y-%m-%d %H.%M"  # no colon: not every file system has names with one
_OURS: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def ask(shell: Shell, peer: PeerId) -> None:
    """Let the user choose a file, and write the conversation there.

    With whom it is says neither the title nor the file: every user of this computer can read
    the command line of the dialog.
    """
    person = shell.screen.people.get(peer)
    name = one_line(name_text(person.name), 40) if person else peer.short
    choosing.new_file(
        shell,
        _("Save the conversation"),
        _("Conversation {day}").format(day=time.strftime(_STAMP)) + ".txt",
        lambda path: save(shell, peer, name, path),
    )


def save(shell: Shell, peer: PeerId, name: str, path: Path) -> None:
    """Write all that was said with somebody into a file; one that is there is overwritten."""
    me = shell.screen.me
    mine = me.name if me else ""

    async def work(node: Node) -> int:
        said = await _all(node, peer)
        text = chat_copying.lines(
            map(timeline.entry, said), lambda ours: mine if ours else name
        )
        await asyncio.to_thread(_write, path, text)
        return len(said)

    def done(_count: int) -> None:
        where = one_line(ui_text(str(path)), 120)
        shell.say(_("The conversation is in {file}.").format(file=where), Tone.GOOD)

    shell.ask(work, done)


async def _all(node: Node, peer: PeerId) -> list[Message]:
    """Everything that was said, oldest first."""
    said: list[Message] = []
    before: bytes | None = None
    while page := await views.page(node, peer, before):
        said[:0] = page
        before = page[0].id
    return said


def _write(path: Path, text: str) -> None:
    try:
        with os.fdopen(os.open(path, _OURS, 0o600), "w", encoding="utf-8") as file:
            path.chmod(0o600)  # one that was there before keeps no other
            file.write(text + "\n")
    except OSError as error:
        raise _failed(path, error) from error


def _failed(path: Path, error: OSError) -> LanchatError:
    failed = BadInput("save a conversation")
    failed.hint = f"{path}: {error.strerror}"
    return failed
