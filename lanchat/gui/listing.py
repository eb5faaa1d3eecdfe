"""The listing: what the list of people shows, and in what order.  Pure.

Requests of strangers stand apart at the top.  People the user knows come before strangers,
whoever was talked with last first; so a flood of strangers moves nobody out of sight.  While
the user searches, the people and then the messages that fit take the place of all that.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Final

from lanchat.conversation.message import Message
from lanchat.gui import moments, row_words
from lanchat.gui.cards import Transfer
from lanchat.gui.items import CardState
from lanchat.gui.screen import Screen
from lanchat.gui.text import name_text, one_line
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.events import Presence
from lanchat.node.person import Person

LONGEST_NAME: Final = 64
SHORTEST_ID: Final = 4  # letters of a peer id that are taken for one
SECTIONS: Final = ("requests", "here", "away", "blocked")
_RANK: Final = attrgetter("rank")
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
    sign: str = ""  # an icon before the line
    asks: bool = False  # somebody waits for an answer

    @property
    def peer_id(self) -> PeerId:
        """Whose row it is."""
        return self.person.peer_id

    @property
    def new(self) -> bool:
        """Whether there is something to be looked at: words, or an offer without an answer."""
        heard = self.person.trust is not Trust.BLOCKED and not self.person.muted
        return heard and (self.person.unread > 0 or self.asks)


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
    sign: str = ""
    asks: bool = False


Row = Heading | Note | PersonRow | MessageRow
Entry = PersonRow | MessageRow  # what can be opened


Rank = tuple[bool, int, str, PeerId]


@dataclass(slots=True)
class _Made:
    """What was made of a person: the same again makes the same row."""

    person: Person  # held, so that its `id` is nobody else's
    transfer: Transfer | None
    draft: str
    section: str
    rank: Rank
    row: PersonRow
    names: tuple[str, ...] | None = None  # as a search compares them


class Listing:
    """Makes the rows of a screen; what did not change is not made anew."""

    def __init__(self) -> None:
        self._made: dict[int, _Made] = {}  # by the `id` of the person: hashed fast
        self._day = date.min

    def rows(self, screen: Screen, now_ms: int) -> tuple[Row, ...]:
        """What the list shows now."""
        today = moments.local(now_ms).date()
        if today != self._day:
            self._made.clear()  # yesterday has another name now
            self._day = today
        people = screen.people.values()
        if len(self._made) > 2 * len(people) + 16:
            known = ((id(one), self._made.get(id(one))) for one in people)
            self._made = {at: made for at, made in known if made is not None}
        moving = _under_way(screen.transfers.values())
        drafts = _drafts(screen)
        made = [self._of(one, moving, drafts, now_ms) for one in people]
        if query := screen.query.strip():
            return _found(screen, made, folded(query), now_ms)
        return _everybody(made)

    def _of(
        self, person: Person, moving: Mapping[PeerId, Transfer], drafts: Mapping[PeerId, str],
        now_ms: int,
    ) -> _Made:  # fmt: skip
        made = self._made.get(id(person))
        transfer = moving.get(person.peer_id) if moving else None
        draft = drafts.get(person.peer_id, "") if drafts else ""
        if (
            made is None
            or made.person is not person
            or made.transfer is not transfer
            or made.draft != draft
        ):
            row = _person(person, transfer, draft, now_ms)
            section = _section(person, transfer)
            made = _Made(person, transfer, draft, section, _rank(person), row)
            self._made[id(person)] = made
        return made


def _everybody(made: Sequence[_Made]) -> tuple[Row, ...]:
    sections: dict[str, list[_Made]] = {name: [] for name in SECTIONS}
    for one in made:
        sections[one.section].append(one)
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
            people.sort(key=_RANK)
            found += [one.row for one in people]
        elif key == "here" and (sections["away"] or sections["requests"]):
            found.append(Heading(key, titles[key]))
            found.append(Note("nobody", _("Looking for people…")))
    return tuple(found)


def _found(screen: Screen, made: Sequence[_Made], wanted: str, now_ms: int) -> tuple[Row, ...]:
    """People who fit what was typed, then messages that hold it."""
    fitting = [(fit, one.rank, one) for one in made if (fit := _fit(one, wanted)) is not None]
    fitting.sort(key=lambda one: one[:2])
    found: list[Row] = []
    if fitting:
        found.append(_heading("people", _("People"), len(fitting)))
        found += [one.row for _fit, _rank, one in fitting]
    if screen.found:
        found.append(_heading("messages", _("Messages"), len(screen.found)))
        newest_first = reversed(screen.found)
        found += [_message(screen, one, wanted, now_ms) for one in newest_first]
    return tuple(found)


def entries(rows: Sequence[Row]) -> tuple[Entry, ...]:
    """The rows that can be opened."""
    return tuple(row for row in rows if isinstance(row, PersonRow | MessageRow))


def folded(text: str) -> str:
    """A text as it is compared with what was typed: case and accents do not count."""
    taken_apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in taken_apart if not unicodedata.combining(one))


def _heading(key: str, title: str, count: int) -> Heading:
    return Heading(key, f"{title} · {count}")


def _section(person: Person, moving: Transfer | None) -> str:
    if person.trust is Trust.BLOCKED:
        return "blocked"
    asks = moving is not None and moving.state is CardState.ASKING
    if person.request and (person.last is not None or asks):
        return "requests"
    return "away" if person.presence is Presence.OFFLINE else "here"


def _rank(person: Person) -> Rank:
    last = person.last.arrived_at if person.last else 0
    return person.trust not in _KNOWN, -last, person.name.casefold(), person.peer_id


def _fit(made: _Made, wanted: str) -> int | None:
    """How well somebody fits what was typed, 0 the best; None if not at all."""
    if made.names is None:
        made.names = tuple(folded(one) for one in _names(made.person))
    fits = [fit for name in made.names if (fit := _place(name, wanted)) is not None]
    if not fits and len(wanted) >= SHORTEST_ID and made.row.key.startswith(wanted):
        return 3
    return min(fits, default=None)


def _names(person: Person) -> set[str]:
    held = person.contact
    if held is None:
        return {person.name}
    return {person.name, held.name, held.alias, held.claimed_name} - {""}


def _place(name: str, wanted: str) -> int | None:
    if name.startswith(wanted):
        return 0
    if f" {wanted}" in name:
        return 1
    return 2 if wanted in name else None


def _person(person: Person, moving: Transfer | None, draft: str, now_ms: int) -> PersonRow:
    name = one_line(name_text(person.name), LONGEST_NAME)
    said = row_words.line(person, moving, draft, now_ms)
    when = moments.brief(person.last.arrived_at, now_ms) if person.last else ""
    return PersonRow(
        str(person.peer_id), person, name, said.text, said.tail, when, said.sign, said.asks
    )


def _drafts(screen: Screen) -> Mapping[PeerId, str]:
    """What is not sent yet, but for whom one is writing to now."""
    if screen.chosen not in screen.drafts:
        return screen.drafts
    return {one: text for one, text in screen.drafts.items() if one != screen.chosen}


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
    text = (
        row_words.file(message.file)
        if message.file
        else row_words.excerpt(message.text, wanted)
    )
    if message.mine:
        text = _("You: {text}").format(text=text)
    return MessageRow(
        key=f"{message.peer}/{message.id.hex()}",
        peer_id=message.peer,
        message=message.id,
        name=one_line(name_text(name), LONGEST_NAME),
        line=text,
        when=moments.brief(message.arrived_at, now_ms),
        sign="paperclip" if message.file else "",
    )
