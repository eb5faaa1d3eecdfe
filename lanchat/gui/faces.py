"""Faces: own profiles as the login picker shows them, before any key is known."""

import asyncio
from typing import Final

from PIL import ImageTk

from lanchat.gui.avatars import COLOURS, colour, disc
from lanchat.gui.picker import Choice
from lanchat.gui.shell import Front
from lanchat.gui.theme import Theme
from lanchat.identity.keys import PeerId
from lanchat.node import profiles

UNKNOWN: Final = "#334155"  # of a profile that was never opened by a window


def face(theme: Theme, choice: Choice, size: int, on: str) -> ImageTk.PhotoImage:
    """The avatar of a profile, `size` px at 100 %, on the token `on`."""
    fill = choice.colour if choice.colour in COLOURS else UNKNOWN
    return disc(theme, fill, choice.name, size, None, on)


def keep(front: Front, profile: str, me: PeerId) -> None:
    """The profile was opened, so its key is known: keep its colour for the next time."""
    chosen = colour(me)

    async def work() -> None:
        await asyncio.to_thread(profiles.note_colour, profile, chosen)

    front.run(work, lambda _none: None, front.tell)
