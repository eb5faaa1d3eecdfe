"""Gestures: what the user does and what the node answers, as values.  Pure.

Together with the events of the node they are all that changes the screen (`state.py`).
"""

from dataclasses import dataclass

from lanchat.conversation.message import Message
from lanchat.gui.cards import Landing, Transfer
from lanchat.gui.items import Picture, Place
from lanchat.identity.keys import PeerId
from lanchat.node.person import Overview


@dataclass(frozen=True, slots=True)
class Alert:
    """Something a person should know; the window shows it until it is dismissed."""

    code: str
    detail: str
    peer_id: PeerId | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A profile was opened."""

    overview: Overview


@dataclass(frozen=True, slots=True)
class PeerChosen:
    """The user opened a conversation, or closed it."""

    peer_id: PeerId | None


@dataclass(frozen=True, slots=True)
class PageRead:
    """Messages of the open conversation came from the store, above those that are there."""

    peer_id: PeerId
    messages: tuple[Message, ...]
    more: bool
    before: bytes | None = None  # id of the message they stand above; None: the newest


@dataclass(frozen=True, slots=True)
class Sought:
    """The user wants to see one message, wherever in its conversation it is."""

    peer_id: PeerId
    key: str  # of its item


@dataclass(frozen=True, slots=True)
class Reached:
    """It is shown."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """This is written to somebody and not sent, and the node was given it; "" for nothing."""

    peer_id: PeerId
    text: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The user looked at a conversation to its end."""

    peer_id: PeerId


@dataclass(frozen=True, slots=True)
class Removed:
    """Messages were deleted here; `key` None: the whole conversation."""

    peer_id: PeerId
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Cleared:
    """All conversations were deleted here."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The user typed into the search."""

    query: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found in the store."""

    query: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class FocusChanged:
    """The user came to this window, or left it."""

    focused: bool


@dataclass(frozen=True, slots=True)
class Dismissed:
    """The user has read an alert."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class RoomSeen:
    """It was looked where received files go, and how much fits there."""

    landing: Landing


@dataclass(frozen=True, slots=True)
class TransferAdded:
    """A transfer that was not on the screen yet."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class PictureFound:
    """A card carries a picture; None: what it carries cannot be shown."""

    place: Place
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class PictureAsked:
    """The user wants to see a picture that is not shown unasked."""

    place: Place


@dataclass(frozen=True, slots=True)
class PicturesForgotten:
    """What is known of pictures counts no more: it is found out anew."""


Gesture = (
    Opened
    | PeerChosen
    | Sought
    | Reached
    | PageRead
    | Drafted
    | Seen
    | Removed
    | Cleared
    | Typed
    | Found
    | FocusChanged
    | Dismissed
    | TransferAdded
    | RoomSeen
    | PictureFound
    | PictureAsked
    | PicturesForgotten
)
