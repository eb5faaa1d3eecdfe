"""Row words: what the second line of a row in the list of people says.  Pure."""

from dataclasses import dataclass
from typing import Final

from lanchat.gui import amounts, attending, moments
from lanchat.gui.cards import Transfer
from lanchat.gui.items import CardState
from lanchat.gui.text import middle, name_text, one_line
from lanchat.gui.translate import _
from lanchat.identity.trust import Trust
from lanchat.node.events import Presence
from lanchat.node.person import Person

LONGEST: Final = 120  # characters of a last line that are looked at
LONGEST_FILE: Final = 40  # characters of a file's name, which keeps its ending
BEFORE: Final = 18  # characters of a message before the word that was looked for


@dataclass(frozen=True, slots=True)
class Line:
    """The second line of a row: its words, what it ends with, an icon before it."""

    text: str
    tail: str = ""
    sign: str = ""
    asks: bool = False


def line(person: Person, moving: Transfer | None, draft: str, now_ms: int) -> Line:
    """What the second line of a row says; the most urgent first."""
    if person.trust is Trust.CONFLICT:
        return Line(_("Same name, other person"))
    if person.trust is Trust.BLOCKED:
        return Line(_("Nothing of theirs reaches you"))
    if moving is not None:
        return _carried(moving)
    if draft:
        return Line(_("Draft: {text}").format(text=one_line(draft, LONGEST)), sign="pencil")
    if other := attending.version(person):
        return Line(other)
    last = person.last
    if last is not None:
        text = file(last.file) if last.file else one_line(last.text, LONGEST)
        sign = "paperclip" if last.file else ""
        return Line(_("You: {text}").format(text=text) if last.mine else text, sign=sign)
    return Line(_silence(person, now_ms))


def _silence(person: Person, now_ms: int) -> str:
    """What to say of somebody with whom nothing was said yet."""
    match person.presence:
        case Presence.DOUBTFUL:
            return _("Not answering")
        case Presence.OFFLINE:
            seen = person.contact.last_seen if person.contact else 0
            if not seen:
                return _("Offline")
            return _("Last seen {when}").format(when=moments.lately(seen, now_ms))
        case _ if said := attending.line(person):
            return said
        case _ if person.trust is Trust.NEW:
            return _("New here")
        case _:
            return _("Say hello")


def _carried(one: Transfer) -> Line:
    name = file(one.names[0][0]) if one.names else ""
    if len(one.names) > 1:
        name = _("{name} and more").format(name=name)
    if one.state is CardState.ASKING:
        return Line(_("Wants to send {name}").format(name=name), sign="paperclip", asks=True)
    text = _("Sending {name}") if one.mine else _("Receiving {name}")
    sign = "arrow-up" if one.mine else "arrow-down"
    return Line(text.format(name=name), amounts.share(one.done, one.total), sign)


def file(name: str) -> str:
    """The name of a file as a row shows it."""
    return middle(one_line(name_text(name), LONGEST), LONGEST_FILE)


def excerpt(text: str, wanted: str) -> str:
    """A message on one line, from a little before the first word that was looked for.

    `wanted` in small letters.
    """
    words = wanted.split()
    low = text[: 16 * LONGEST].casefold()
    places = [at for word in words if (at := low.find(word)) >= 0]
    start = max(min(places, default=0) - BEFORE, 0)
    if start:
        blank = text.find(" ", start, start + BEFORE)
        start = blank + 1 if blank >= 0 else start
        return "…" + one_line(text[start:], LONGEST)
    return one_line(text, LONGEST)
