"""The listing: what the list of people shows, and in what order.  Pure.

Requests of strangers stand apart at the top.  People the user knows come before strangers,
whoever was talked with last first; so a flood of strangers moves nobody out of sight.  While
the user searches, the people and then the messages that fit take the place of all that.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from lanchat.conversation.message import Message
from lanchat.gui import amounts, moments
from lanchat.gui.cards import Transfer
from lanchat.gui.items import CardState
from lanchat.gui.state import Screen
from lanchat.gui.text import middle, name_text, one_line
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.events import Presence
from lanchat.node.views import Person

LONGEST: Final = 120  # characters of a last line that are looked at
LONGEST_NAME: Final = 64
LONGEST_FILE: Final = 40  # characters of a file's name, which keeps its ending
BEFORE: Final = 18  # characters of a message before the word that was looked for
SHORTEST_ID: Final = 4  # letters of a peer id that are taken for one
_KNOWN: Final = frozenset({Trust.KNOWN, Trust.VERIFIED})
_MOVING: Final = frozenset({CardState.RUNNING, CardState.CHECKING, CardState.LOST})


@dataclass(frozen=True, slots=True)
class Heading:
    """The name of a section."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence where there are no rows."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody.  All texts are safe to draw."""

    key: str
    person: Person
    name: str
    line: str  # what was said last, or what is under way
    tail: str = ""  # what the line ends with, however little room there is: "36 %"
    when: str = ""  # of the last message

    @property
    def peer_id(self) -> PeerId:
        """Whose row it is."""
        return self.person.peer_id


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message that a search found."""

    key: str
    peer_id: PeerId
    message: bytes
    name: str
    line: str
    when: str
    tail: str = ""


Row = Heading | Note | PersonRow | MessageRow
Entry = PersonRow | MessageRow  # what can be opened


@dataclass(frozen=True, slots=True)
class _Made:
    """A row, and what it was made of: the same again makes the same row."""

    person: Person
    transfer: Transfer | None
    row: PersonRow


class Listing:
    """Makes the rows of a screen; what did not change is not made anew."""

    def __init__(self) -> None:
        self._made: dict[PeerId, _Made] = {}
        self._day = date.min

    def rows(self, screen: Screen, now_ms: int) -> tuple[Row, ...]:
        """What the list shows now."""
        today = moments.local(now_ms).date()
        if today != self._day:
            self._made.clear()  # yesterday has another name now
            self._day = today
        elif len(self._made) > 2 * len(screen.people) + 16:
            self._made.clear()  # most of them are gone
        if query := screen.query.strip():
            return self._found(screen, query, now_ms)
        return self._everybody(screen, now_ms)

    def _everybody(self, screen: Screen, now_ms: int) -> tuple[Row, ...]:
        moving = _under_way(screen.transfers.values())
        sections: dict[str, list[Person]] = {
            "requests": [], "here": [], "away": [], "blocked": []
        }  # fmt: skip
        for person in screen.people.values():
            sections[_section(person, moving)].append(person)
        titles = {
            "requests": _("Requests"),
            "here": _("On this network"),
            "away": _("Offline"),
            "blocked": _("Blocked"),
        }
        found: list[Row] = []
        for key, people in sections.items():
            if people:
                found.append(_heading(key, titles[key], len(people)))
                people.sort(key=_rank)
                found += [self._row(one, moving.get(one.peer_id), now_ms) for one in people]
            elif key == "here" and (sections["away"] or sections["requests"]):
                found.append(Heading(key, titles[key]))
                found.append(Note("nobody", _("Looking for people…")))
        return tuple(found)

    def _found(self, screen: Screen, query: str, now_ms: int) -> tuple[Row, ...]:
        """People who fit what was typed, then messages that hold it."""
        wanted = folded(query)
        moving = _under_way(screen.transfers.values())
        people = [
            (fit, _rank(person), person)
            for person in screen.people.values()
            if (fit := _fit(person, wanted)) is not None
        ]
        people.sort(key=lambda one: one[:2])
        found: list[Row] = []
        if people:
            found.append(_heading("people", _("People"), len(people)))
            found += [
                self._row(one, moving.get(one.peer_id), now_ms) for _fit, _at, one in people
            ]
        if screen.found:
            found.append(_heading("messages", _("Messages"), len(screen.found)))
            newest_first = reversed(screen.found)
            found += [_message(screen, one, wanted, now_ms) for one in newest_first]
        return tuple(found)

    def _row(self, person: Person, moving: Transfer | None, now_ms: int) -> PersonRow:
        made = self._made.get(person.peer_id)
        if made is None or made.person is not person or made.transfer is not moving:
            row = _person(person, moving, now_ms)
            made = self._made[person.peer_id] = _Made(person, moving, row)
        return made.row


def entries(rows: Sequence[Row]) -> tuple[Entry, ...]:
    """The rows that can be opened."""
    return tuple(row for row in rows if isinstance(row, PersonRow | MessageRow))


def folded(text: str) -> str:
    """A text as it is compared with what was typed: case and accents do not count."""
    taken_apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in taken_apart if not unicodedata.combining(one))


def _heading(key: str, title: str, count: int) -> Heading:
    return Heading(key, f"{title} · {count}")


def _section(person: Person, moving: Mapping[PeerId, Transfer]) -> str:
    if person.trust is Trust.BLOCKED:
        return "blocked"
    one = moving.get(person.peer_id)
    asks = one is not None and one.state is CardState.ASKING
    if person.request and (person.last is not None or asks):
        return "requests"
    return "away" if person.presence is Presence.OFFLINE else "here"


def _rank(person: Person) -> tuple[bool, int, str, PeerId]:
    last = person.last.arrived_at if person.last else 0
    return person.trust not in _KNOWN, -last, person.name.casefold(), person.peer_id


def _fit(person: Person, wanted: str) -> int | None:
    """How well somebody fits what was typed, 0 the best; None if not at all."""
    held = person.contact
    names = [person.name]
    if held is not None:
        names += [held.name, held.alias, held.claimed_name]
    fits = [fit for name in names if (fit := _place(folded(name), wanted)) is not None]
    if not fits and len(wanted) >= SHORTEST_ID and str(person.peer_id).startswith(wanted):
        return 3
    return min(fits, default=None)


def _place(name: str, wanted: str) -> int | None:
    if name.startswith(wanted):
        return 0
    if f" {wanted}" in name:
        return 1
    return 2 if wanted in name else None


# --- texts --------------------------------------------------------------------------------


def _person(person: Person, moving: Transfer | None, now_ms: int) -> PersonRow:
    name = one_line(name_text(person.name), LONGEST_NAME)
    line, tail = _line(person, moving, now_ms)
    when = moments.brief(person.last.arrived_at, now_ms) if person.last else ""
    return PersonRow(str(person.peer_id), person, name, line, tail, when)


def _line(person: Person, moving: Transfer | None, now_ms: int) -> tuple[str, str]:
    """The second line of a row, and what it ends with."""
    if person.trust is Trust.CONFLICT:
        return _("Same name, other person"), ""
    if person.trust is Trust.BLOCKED:
        return _("Nothing of theirs reaches you"), ""
    if moving is not None:
        return _carried(moving)
    last = person.last
    if last is not None:
        text = _file(last.file) if last.file else one_line(last.text, LONGEST)
        return (_("You: {text}").format(text=text) if last.mine else text), ""
    return _silence(person, now_ms), ""


def _silence(person: Person, now_ms: int) -> str:
    """What to say of somebody with whom nothing was said yet."""
    match person.presence:
        case Presence.DOUBTFUL:
            return _("Not answering")
        case Presence.OFFLINE:
            seen = person.contact.last_seen if person.contact else 0
            if not seen:
                return _("Offline")
            return _("Last seen {when}").format(when=moments.full(seen, now_ms))
        case _ if person.trust is Trust.NEW:
            return _("New here")
        case _:
            return _("Say hello")


def _carried(one: Transfer) -> tuple[str, str]:
    name = _file(one.names[0][0]) if one.names else ""
    if len(one.names) > 1:
        name = _("{name} and more").format(name=name)
    if one.state is CardState.ASKING:
        return _("Wants to send {name}").format(name=name), ""
    text = _("Sending {name}") if one.mine else _("Receiving {name}")
    return text.format(name=name), f"{amounts.percent(one.done, one.total)} %"


def _file(name: str) -> str:
    return middle(one_line(name_text(name), LONGEST), LONGEST_FILE)


def _under_way(transfers: Iterable[Transfer]) -> dict[PeerId, Transfer]:
    """The transfer that the row of each peer tells of: a question first, then the newest."""
    found: dict[PeerId, Transfer] = {}
    for one in transfers:
        asks = one.state is CardState.ASKING
        if not asks and one.state not in _MOVING:
            continue
        held = found.get(one.peer_id)
        if held is None or (asks, one.at) >= (held.state is CardState.ASKING, held.at):
            found[one.peer_id] = one
    return found


def _message(screen: Screen, message: Message, wanted: str, now_ms: int) -> MessageRow:
    person = screen.people.get(message.peer)
    name = person.name if person else message.peer.short
    text = _file(message.file) if message.file else excerpt(message.text, wanted)
    if message.mine:
        text = _("You: {text}").format(text=text)
    return MessageRow(
        key=f"{message.peer}/{message.id.hex()}",
        peer_id=message.peer,
        message=message.id,
        name=one_line(name_text(name), LONGEST_NAME),
        line=text,
        when=moments.brief(message.arrived_at, now_ms),
    )


def excerpt(text: str, wanted: str) -> str:
    """A message on one line, from a little before the first word that was looked for."""
    words = folded(wanted).split()
    low = text[: 16 * LONGEST].casefold()
    places = [at for word in words if (at := low.find(word)) >= 0]
    start = max(min(places, default=0) - BEFORE, 0)
    if start:
        blank = text.find(" ", start, start + BEFORE)
        start = blank + 1 if blank >= 0 else start
        return "…" + one_line(text[start:], LONGEST)
    return one_line(text, LONGEST)
