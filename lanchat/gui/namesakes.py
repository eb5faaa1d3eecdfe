"""Namesakes: who uses the name of somebody else, and whose.  Pure."""

from collections.abc import Mapping

from lanchat.gui.screen import Screen
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust, bearer, taken_names
from lanchat.node.events import Presence
from lanchat.node.person import Person


def borrowed(screen: Screen, person: Person) -> PeerId | None:
    """Whose name somebody uses who is in conflict: that of a person I know, or mine."""
    if person.trust is not Trust.CONFLICT:
        return None
    return _bearer(person, _taken(screen))


def borrower(screen: Screen, person: Person) -> Person | None:
    """Who is in conflict because they use the name of this person, whom I know.

    Of several, one who is here, and who came last.
    """
    if person.trust not in {Trust.KNOWN, Trust.VERIFIED}:
        return None
    strange = [one for one in screen.people.values() if one.trust is Trust.CONFLICT]
    taken = _taken(screen) if strange else {}
    found = [one for one in strange if _bearer(one, taken) == person.peer_id]
    return max(found, key=_lately, default=None)


def _taken(screen: Screen) -> Mapping[str, PeerId]:
    if screen.me is None:
        return {}
    held = [one.contact for one in screen.people.values() if one.contact is not None]
    return taken_names(held, screen.me.peer_id, screen.me.name)


def _lately(person: Person) -> tuple[bool, int]:
    here = person.presence in {Presence.ONLINE, Presence.DOUBTFUL}
    return here, person.contact.last_seen if person.contact else 0


def _bearer(person: Person, taken: Mapping[str, PeerId]) -> PeerId | None:
    held = person.contact
    names = (person.name, held.name if held else "")
    found = (bearer(name, person.peer_id, taken) for name in names)
    return next((one for one in found if one is not None), None)
