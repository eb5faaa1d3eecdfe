"""The screen: all that the window shows while a profile is open, as one frozen value.  Pure.

`state.py` says how events change it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # a locked window has a screen, too, and nothing that could be on it
    from lanchat.conversation.message import Message
    from lanchat.gui.cards import Landing, Transfer, Which
    from lanchat.gui.gestures import Alert
    from lanchat.gui.items import Item, Picture, Place
    from lanchat.identity.keys import PeerId
    from lanchat.node.events import CheckChanged
    from lanchat.node.person import Person
    from lanchat.node.presence import Showing

_NOTHING: Final[Mapping[Any, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Me:
    """Who I am, and where I can be reached; `port` 0 until the node listens."""

    peer_id: "PeerId"
    name: str
    port: int
    addresses: tuple[str, ...]
    showing: "Showing"  # what others see of us


@dataclass(frozen=True, slots=True)
class Conversation:
    """The conversation that is open, as far as it was read from the store."""

    peer_id: "PeerId"
    items: "tuple[Item, ...]" = ()
    oldest: bytes | None = None  # id of the oldest message read
    more: bool = False  # older ones are in the store
    loaded: bool = False
    sought: str = ""  # key of a message that is to be shown as soon as it was read


@dataclass(frozen=True, slots=True)
class Screen:
    """All that the window shows while a profile is open."""

    me: Me | None = None
    people: "Mapping[PeerId, Person]" = field(default_factory=lambda: _NOTHING)
    conversation: Conversation | None = None
    transfers: "Mapping[Which, Transfer]" = field(default_factory=lambda: _NOTHING)
    drafts: "Mapping[PeerId, str]" = field(default_factory=lambda: _NOTHING)  # as kept
    alerts: "tuple[Alert, ...]" = ()
    asking: "tuple[CheckChanged, ...]" = ()  # who wants to compare words, the first first
    landing: "Landing | None" = None  # where received files go; None until it was looked
    pictures: "Mapping[Place, Picture]" = field(default_factory=lambda: _NOTHING)
    query: str = ""  # what is typed into the search
    found: "tuple[Message, ...]" = ()  # messages that fit it
    focused: bool = True  # whether the user is looking at this window

    @property
    def chosen(self) -> "PeerId | None":
        """Whose conversation is open."""
        return self.conversation.peer_id if self.conversation else None

    @property
    def person(self) -> "Person | None":
        """The person whose conversation is open."""
        return self.people.get(self.conversation.peer_id) if self.conversation else None

    @property
    def unread(self) -> int:
        """Messages nobody has looked at, of everybody who is not muted."""
        return sum(person.unread for person in self.people.values() if not person.muted)
