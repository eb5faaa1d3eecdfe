"""News: what somebody is told who is not looking, in which words and how often.  Pure.

A contact is told of by name.  Whoever is new here shares one notice with all the others who
are, so that a crowd of strangers is no louder than one of them, and nobody who took a name
that is known here is told of by that name alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lanchat.conversation.text import isolated
from lanchat.gui.text import ELLIPSIS, name_text, one_line
from lanchat.gui.translate import _, ngettext
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.events import CheckChanged, CheckState, MessageAdded, NodeEvent, OfferReceived
from lanchat.node.person import Person

PAUSE: Final = 2.0  # seconds between two notices of one key
LONGEST: Final = 80  # characters: other programs show and keep them
LONGEST_NAME: Final = 32
STRANGERS: Final = "strangers"  # the key of everybody who is new here
_FRIENDS: Final = (Trust.KNOWN, Trust.VERIFIED)
_STRANGERS: Final = (Trust.NEW, Trust.CONFLICT)


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened.  `name` and `text` are as they came."""

    peer: PeerId
    name: str
    trust: Trust
    text: str = ""
    offer: bytes = b""  # of files: its id
    check: bool = False  # they want to compare words

    @property
    def key(self) -> str:
        """What it shares a notice with."""
        return str(self.peer) if self.trust in _FRIENDS else STRANGERS


def of(event: NodeEvent) -> News | None:
    """What there is to tell of an event; None for most."""
    match event:
        case MessageAdded(message, name, trust) if not message.mine and not message.file:
            news = News(message.peer, name, trust, message.text)
        case OfferReceived(peer, name, trust, offer, accepted=False, declined=False):
            news = News(peer, name, trust, offer=offer)
        case CheckChanged(peer, name, trust, CheckState.ASKED):
            news = News(peer, name, trust, check=True)
        case _:
            return None
    return None if news.trust is Trust.BLOCKED else news


def headline(news: News, people: Iterable[Person], *, apart: bool) -> str:
    """Who wrote, and how much; nothing of what was written.

    `people` are all that are known of, with what is unread of each.  `apart` keeps a name
    that is read from right to left from turning the sentence around, where that is drawn.
    """
    name = one_line(name_text(news.name), LONGEST_NAME)
    said = _sentence(news, people, isolated(name) if apart else name)
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + ELLIPSIS


def body(news: News, *, wanted: bool) -> str:
    """What was written, on one line, if the user wants it to be shown."""
    return one_line(news.text, LONGEST) if wanted else ""


def _sentence(news: News, people: Iterable[Person], name: str) -> str:
    if news.trust in _FRIENDS:
        if news.check:
            return _("{name} wants to compare words with you").format(name=name)
        if news.offer:
            return _("{name} wants to send you files").format(name=name)
        unread = sum(one.unread for one in people if one.peer_id == news.peer)
        said = ngettext(
            "New message from {name}", "{number} new messages from {name}", max(unread, 1)
        )
        return said.format(name=name, number=unread)
    crowd = sum(one.unread > 0 and one.trust in _STRANGERS for one in people)
    if crowd > 1:
        return ngettext(
            "{number} person who is new here wrote to you",
            "{number} people who are new here wrote to you",
            crowd,
        ).format(number=crowd)
    if news.trust is Trust.CONFLICT:
        return _("Somebody else who calls themselves {name} is here").format(name=name)
    if news.offer:
        return _("{name}, who is new here, wants to send you files").format(name=name)
    return _("{name}, who is new here, wrote to you").format(name=name)


class Pace:
    """When each key was told of last.  Its owner says what time it is."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def left(self, key: str, now: float) -> float:
        """Seconds until `key` may be told of again; 0.0 takes that turn."""
        left = self._last.get(key, float("-inf")) + PAUSE - now
        if left > 0:
            return left
        self._last[key] = now
        return 0.0
