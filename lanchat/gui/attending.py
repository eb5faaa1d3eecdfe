"""Attending: what somebody says of being there, as a sign, a word and a line.  Pure.

An icon, a colour and a word each: nothing is told by colour alone.  The line is anybody's
words, so it stands between quotation marks wherever the program speaks beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lanchat.gui.text import one_line
from lanchat.gui.translate import _, later
from lanchat.node.events import Availability, Presence, Showing, Version
from lanchat.node.person import Person

LONGEST: Final = 80  # characters of a line that are shown at once


@dataclass(frozen=True, slots=True)
class Mark:
    """How it looks.  `icon` of `icons.GLYPHS`, `colour` a token, `word` through `_`."""

    icon: str
    colour: str
    word: str


MARKS: Final[Mapping[Availability, Mark]] = MappingProxyType({
    Availability.AVAILABLE: Mark("circle-fill", "ok", later("Available")),
    Availability.AWAY: Mark("clock", "warn", later("Away")),
    Availability.BUSY: Mark("dash-circle", "bad", later("Busy")),
    Availability.INVISIBLE: Mark("eye-slash", "muted", later("Invisible")),
})  # fmt: skip


def mark(person: Person) -> Mark | None:
    """What stands beside somebody who is there and not simply available."""
    said = person.said
    if person.presence is not Presence.ONLINE or said is None:
        return None
    return None if said.availability is Availability.AVAILABLE else MARKS[said.availability]


def dot(person: Person) -> Presence | Availability:
    """What the dot at somebody's picture says."""
    said = person.said
    return said.availability if mark(person) and said else person.presence


def line(person: Person) -> str:
    """What somebody wrote beside their name, between quotation marks; "" for nothing."""
    said = person.said
    return quoted(said.status) if said and said.status else ""


def version(person: Person) -> str:
    """That somebody has another lanchat than we have; "" where nothing says so."""
    match person.version:
        case Version.NEWER:
            return _("Has a newer lanchat than you")
        case Version.OLDER:
            return _("Has an older lanchat than you")
        case Version.SAME:
            return ""


def quoted(status: str) -> str:
    """A status line as it stands beside words of the program."""
    shown = one_line(status, LONGEST)
    return _("“{line}”").format(line=shown) if shown else ""


def mine(showing: Showing) -> str:
    """What others see of us, on one line; "" where there is nothing to say of it."""
    word = MARKS[showing.shown].word if showing.shown is not Availability.AVAILABLE else ""
    told = "" if showing.hidden else quoted(showing.status)
    return " · ".join(one for one in (_(word) if word else "", told) if one)
