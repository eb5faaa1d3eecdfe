"""Notifying: tells a user who is not looking that somebody wrote or offers files.

Where the desktop has notifications they are used, else a toast in the window.  What was
written is only shown if the user wants that; while the window is locked nothing is told.
"""

import asyncio
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from datetime import time as time_of_day
from time import monotonic
from typing import Final

from lanchat.gui.app_icon import app_icons
from lanchat.gui.items import Tone
from lanchat.gui.shell import Shell
from lanchat.gui.state import Screen
from lanchat.gui.text import name_text, one_line
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.events import MessageAdded, NodeEvent, OfferReceived

_log = logging.getLogger(__name__)

PAUSE: Final = 5.0  # seconds between two about one person
PATIENCE: Final = 3.0  # seconds a desktop may take
LONGEST: Final = 80  # characters: other programs show and keep them


def watch(shell: Shell) -> Callable[[], None]:
    """Tell of what happens from now on; the function returned ends that."""
    told: dict[PeerId, float] = {}

    def hear(event: NodeEvent) -> None:
        match event:
            case MessageAdded(message, name, trust) if not message.mine and not message.file:
                text = message.text if shell.preferences.notify_text else ""
                head = _("New message from {name}")
                _consider(shell, told, message.peer, name, trust, head, text)
            case OfferReceived(peer_id=peer, name=name, trust=trust, accepted=False):
                head = _("{name} wants to send files")
                _consider(shell, told, peer, name, trust, head)
            case _:
                pass

    return shell.listen(hear)


def title(shell: Shell, screen: Screen) -> None:
    """Show in the window's title and icon how much is unread."""
    unread = screen.unread
    wanted = f"({min(unread, 999)}) lanchat" if unread else "lanchat"
    if shell.root.title() != wanted:
        shell.root.title(wanted)
        shell.root.iconphoto(True, *map(str, app_icons(shell.theme, unread=bool(unread))))


def quiet(hours: str, now: datetime) -> bool:
    """Whether `now` lies in the hours such as "22:00-07:00" in which nothing is told."""
    begin, dash, end = hours.partition("-")
    try:
        first, last = (
            time_of_day.fromisoformat(begin.strip()),
            time_of_day.fromisoformat(end.strip()),
        )
    except ValueError:
        return False
    at = now.time()
    if not dash or first == last:
        return False
    return first <= at < last if first < last else at >= first or at < last


def _consider(
    shell: Shell,
    told: dict[PeerId, float],
    peer: PeerId,
    name: str,
    trust: Trust,
    head: str,
    text: str = "",
) -> None:
    screen, chosen = shell.screen, shell.preferences
    if screen.focused and screen.chosen == peer:
        return
    now = monotonic()
    if now - told.get(peer, float("-inf")) < PAUSE or trust is Trust.BLOCKED:
        return
    told[peer] = now
    shown = one_line(name_text(name), 40)
    headline = head.format(name=shown)
    body = one_line(text, LONGEST)
    if screen.focused:
        shell.say(f"{headline}\n{body}" if body else headline, Tone.PLAIN)
        return
    if not chosen.notify or quiet(chosen.quiet, datetime.now().astimezone()):
        return
    if chosen.sound:
        shell.root.bell()
    _hand_over(shell, headline[:LONGEST], body)


def _hand_over(shell: Shell, headline: str, body: str) -> None:
    """Give it to the desktop; where there is nothing to give it to, a toast says it."""

    def told(done: bool) -> None:
        if not done:
            shell.say(f"{headline}\n{body}" if body else headline, Tone.PLAIN)

    async def work() -> bool:
        return await asyncio.to_thread(_by_desktop, headline, body)

    shell.run(work, told, shell.tell)


def _by_desktop(headline: str, body: str) -> bool:
    program = shutil.which("notify-send") if sys.platform.startswith("linux") else None
    if program is None:
        return False
    words = [program, "--app-name=lanchat", "--icon=lanchat", "--", headline, _escaped(body)]
    try:
        done = subprocess.run(  # noqa: S603 - a list of words; a text is one word
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _log.info("notify-send: %s", type(error).__name__)
        return False
    return done.returncode == 0


def _escaped(text: str) -> str:
    """A body may be markup to the desktop: none of it is somebody's."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
