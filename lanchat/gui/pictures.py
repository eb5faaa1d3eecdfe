"""Pictures of cards: which are shown unasked, which wait for a click, and what is known.  Pure.

Decoding is a risk that the user takes for people they know, and for anybody else only if
they say so, picture by picture.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, assert_never

from lanchat.gui.gestures import PictureAsked, PictureFound, PicturesForgotten
from lanchat.gui.items import Act, CardState, FileCard, Item, Picture, Place, Said
from lanchat.gui.screen import Screen
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust

_TRUSTED: Final = frozenset({Trust.KNOWN, Trust.VERIFIED})


_DONE: Final = CardState.DONE


def carried(card: FileCard) -> bool:
    """Whether it may be a picture: one file, theirs only once it is here."""
    return card.count == 1 and len(card.names) == 1 and (card.mine or card.state is _DONE)


def free(screen: Screen, place: Place) -> bool:
    """Whether a picture may be decoded without asking: ours, or of somebody we know."""
    peer_id, mine, _key = place
    person = screen.people.get(peer_id)
    return mine or (person is not None and person.trust in _TRUSTED)


def dressed(screen: Screen, peer_id: PeerId, card: FileCard) -> FileCard:
    """A card with its picture, or with the button that shows it."""
    place = peer_id, card.mine, card.key
    known = screen.pictures.get(place)
    acts: tuple[Act, ...] = tuple(act for act in card.acts if act is not Act.PICTURE)
    shown = None
    if known is not None and carried(card):
        if known.width and (known.asked or free(screen, place)):
            shown = known
        elif not known.asked:
            acts = (*acts, Act.PICTURE)
    if acts == card.acts and shown == card.picture:
        return card
    return replace(card, acts=acts, picture=shown)


def entered(screen: Screen, peer_id: PeerId, entry: Said | FileCard) -> Said | FileCard:
    """An entry of a conversation, with its picture if it carries one."""
    return dressed(screen, peer_id, entry) if isinstance(entry, FileCard) else entry


def follow(screen: Screen, happened: PictureFound | PictureAsked | PicturesForgotten) -> Screen:
    """What is known after something was found out, or asked for."""
    known = dict(screen.pictures)
    match happened:
        case PictureFound(place, picture):
            before = known.pop(place, Picture())
            if picture is not None:
                known[place] = replace(picture, asked=before.asked)
        case PictureAsked(place):
            known[place] = replace(known.get(place, Picture()), asked=True)
        case PicturesForgotten():
            known.clear()
        case _:
            assert_never(happened)
    return _with(screen, known)


def judged(screen: Screen, peer_id: PeerId) -> Screen:
    """Somebody is trusted otherwise than before: so are their pictures."""
    kept = {
        place: picture
        for place, picture in screen.pictures.items()
        if place[0] != peer_id or picture.width or picture.asked
    }
    return _with(screen, kept)


def _with(screen: Screen, pictures: Mapping[Place, Picture]) -> Screen:
    """The screen with this known, its cards as they are then."""
    talk = screen.conversation
    screen = replace(screen, pictures=pictures)
    if talk is None:
        return screen
    items: tuple[Item, ...] = tuple(
        dressed(screen, talk.peer_id, one) if isinstance(one, FileCard) else one
        for one in talk.items
    )
    if items == talk.items:
        return screen
    return replace(screen, conversation=replace(talk, items=items))
