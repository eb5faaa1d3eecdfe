"""Leaving: what is no longer kept goes from the screen too, and nothing else does.  Pure."""

from collections.abc import Collection
from dataclasses import replace

from lanchat.conversation.message import Message
from lanchat.gui.items import Said
from lanchat.gui.screen import Conversation, Screen
from lanchat.identity.keys import PeerId
from lanchat.node.events import Presence
from lanchat.node.person import Person


def put(screen: Screen, person: Person) -> Screen:
    """Somebody as they are now."""
    return replace(screen, people={**screen.people, person.peer_id: person})


def without_strays(screen: Screen, peer_id: PeerId) -> Screen:
    """Whoever is away, forgotten, and was never written with is nobody any more."""
    person = screen.people[peer_id]
    here = person.presence is not Presence.OFFLINE or screen.chosen == peer_id
    written = person.last is not None or peer_id in screen.drafts
    if here or person.contact is not None or written:
        return screen
    people = {one: who for one, who in screen.people.items() if one != peer_id}
    return replace(screen, people=people)


def drafted(screen: Screen, peer_id: PeerId, text: str) -> Screen:
    """Something is being written to somebody; with "" nothing is any more."""
    rest = {one: held for one, held in screen.drafts.items() if one != peer_id}
    if text:
        return replace(screen, drafts={**rest, peer_id: text})
    if len(rest) == len(screen.drafts):
        return screen
    screen = replace(screen, drafts=rest)
    return without_strays(screen, peer_id) if peer_id in screen.people else screen


def removed(screen: Screen, peer_id: PeerId, key: str | None) -> Screen:
    """One entry of a conversation is gone, or with None all that was said in it.

    A draft stays: what was begun before went as the user agreed, and this one was begun since.
    """
    screen = _unpictured(screen, peer_id, None if key is None else {key})
    screen = _unfound(screen, peer_id, None if key is None else {key})
    talk = screen.conversation
    if talk is not None and talk.peer_id == peer_id:
        screen = replace(screen, conversation=_without(talk, key))
    if key is not None:
        return screen
    kept_transfers = {
        one: held
        for one, held in screen.transfers.items()
        if held.peer_id != peer_id or held.active
    }
    screen = replace(screen, transfers=kept_transfers)
    if (person := screen.people.get(peer_id)) is not None:
        screen = without_strays(put(screen, replace(person, last=None, unread=0)), peer_id)
    return screen


def _without(talk: Conversation, key: str | None) -> Conversation:
    if key is None:
        return replace(talk, items=(), more=False)
    kept = tuple(one for one in talk.items if one.key != key)
    if not talk.more or talk.oldest is None or talk.oldest.hex() != key:
        return replace(talk, items=kept)
    said = next((one.key for one in kept if isinstance(one, Said)), None)
    if said is None:
        return Conversation(talk.peer_id)  # what is above it is not in reach any more
    return replace(talk, items=kept, oldest=bytes.fromhex(said))


def cleared(screen: Screen) -> Screen:
    """Nothing was ever said: people stay, and what is on its way."""
    people = {
        one: replace(who, last=None, unread=0)
        for one, who in screen.people.items()
        if who.contact or who.presence is not Presence.OFFLINE or one == screen.chosen
    }
    talk = screen.conversation
    return replace(
        screen,
        people=people,
        conversation=replace(talk, items=(), more=False) if talk else None,
        pictures={},
        drafts={},
        transfers={one: held for one, held in screen.transfers.items() if held.active},
        found=(),
    )


def expired(screen: Screen, peer_id: PeerId, ids: frozenset[bytes]) -> Screen:
    """Old messages are gone: an open conversation that showed some is read again."""
    gone = {one.hex() for one in ids}
    screen = _unfound(_unpictured(screen, peer_id, gone), peer_id, gone)
    talk, person = screen.conversation, screen.people.get(peer_id)
    if person is not None and person.last is not None and person.last.id in ids:
        screen = put(screen, replace(person, last=None))
    if talk is None or talk.peer_id != peer_id:
        return screen
    if not any(item.key in gone for item in talk.items):
        return screen
    return replace(screen, conversation=Conversation(peer_id, sought=talk.sought))


def still_found(screen: Screen, query: str) -> tuple[Message, ...]:
    """What was found that holds what is typed now, too, until that was searched for."""
    words = query.casefold().split()
    return tuple(
        one
        for one in screen.found
        if words and all(word in (one.file or one.text).casefold() for word in words)
    )


def _unfound(screen: Screen, peer_id: PeerId, keys: Collection[str] | None) -> Screen:
    """What is gone is not found any more; with None all that was said with that peer."""
    kept = tuple(
        one
        for one in screen.found
        if one.peer != peer_id or (keys is not None and one.id.hex() not in keys)
    )
    return replace(screen, found=kept) if len(kept) < len(screen.found) else screen


def _unpictured(screen: Screen, peer_id: PeerId, keys: Collection[str] | None) -> Screen:
    """The pictures of these cards are gone, too; with None those of the conversation."""
    kept = {
        place: picture
        for place, picture in screen.pictures.items()
        if place[0] != peer_id or (keys is not None and place[2] not in keys)
    }
    return replace(screen, pictures=kept) if len(kept) < len(screen.pictures) else screen
