"""Person: all that a front end shows of one peer, and what a window starts from.  Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lanchat.conversation.message import Message
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node.events import (
    CheckChanged,
    PeerView,
    Presence,
    Showing,
    TransferView,
    Version,
)
from lanchat.node.presence import Said


@dataclass(frozen=True, slots=True)
class Person:
    """All that the list and the header show of one peer."""

    view: PeerView
    contact: Contact | None = None  # what is held of them; None for somebody only seen
    last: Message | None = None  # of the conversation
    unread: int = 0

    @property
    def peer_id(self) -> PeerId:
        """Whose line it is."""
        return self.view.peer_id

    @property
    def name(self) -> str:
        """What to call them; a claim, to be passed through what makes it safe to draw."""
        return self.view.name

    @property
    def trust(self) -> Trust:
        """How far we trust them."""
        return self.view.trust

    @property
    def presence(self) -> Presence:
        """How sure we are that they are there."""
        return self.view.presence

    @property
    def said(self) -> Said | None:
        """What they say of being there; None while they say nothing."""
        return self.view.said

    @property
    def version(self) -> Version:
        """Which lanchat they seem to have, by an advert that lives."""
        return self.view.version if self.presence is Presence.SEEN else Version.SAME

    @property
    def muted(self) -> bool:
        """Whether nobody is to be told of what they write."""
        return self.contact is not None and self.contact.muted

    @property
    def request(self) -> bool:
        """Whether a stranger wrote or offered something and waits for an answer."""
        held = self.contact
        return held is not None and held.trust is Trust.NEW


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything a window starts from.  `port` 0 until the node listens."""

    me: PeerId
    name: str
    port: int
    addresses: tuple[str, ...]
    people: tuple[Person, ...]
    transfers: tuple[TransferView, ...] = ()  # what runs and waits, and what ended last
    showing: Showing = field(default_factory=Showing)  # what we say of being there
    drafts: Mapping[PeerId, str] = field(default_factory=dict)  # begun and not sent
    asking: tuple[CheckChanged, ...] = ()  # who wants to compare words
