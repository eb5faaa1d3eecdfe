"""People to draw: persons as a node would tell of them."""

from dataclasses import dataclass

from lanchat.conversation.message import Message, State
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node.events import PeerView, Presence
from lanchat.node.person import Person

NOON = 1_795_000_000_000  # ms since 1970; the time it is


def peer(number: int) -> PeerId:
    """The key of somebody, made of a number."""
    return PeerId(number.to_bytes(4, "big") * 8)


def said(number: int, text: str, *, ago: int = 0, mine: bool = False) -> Message:
    """A message with the person of that number, `ago` seconds ago."""
    at = NOON - 1000 * ago
    state = State.DELIVERED if mine else State.RECEIVED
    ident = number.to_bytes(4, "big") + ago.to_bytes(8, "big") + bytes(4)
    return Message(ident, peer(number), mine, text, at, at, state)


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of somebody, and how they are there."""

    trust: Trust = Trust.KNOWN
    presence: Presence = Presence.ONLINE
    unread: int = 0
    alias: str = ""
    seen: int = 0  # seconds ago; 0 for never


def person(
    number: int, name: str, held: Held | None = Held(), last: Message | None = None
) -> Person:
    """Somebody; `held` None for somebody of whom nothing is held."""
    if held is None:
        return Person(PeerView(peer(number), name, Trust.NEW, Presence.SEEN, (), 0), last=last)
    stored = Trust.NEW if held.trust is Trust.CONFLICT else held.trust
    contact = Contact(
        peer(number), name, alias=held.alias, trust=stored, was_known=True, first_seen=1,
        last_seen=NOON - 1000 * held.seen if held.seen else 0,
    )  # fmt: skip
    view = PeerView(
        peer(number), held.alias or name, held.trust, held.presence, ("10.0.0.2",), 4000
    )
    return Person(view, contact, last, held.unread)
