"""Bars: what the user should know of the person whose conversation is open.  Pure.

The gravest first, and never more than two: who reads too much reads nothing.
"""

from dataclasses import dataclass
from typing import Final

from lanchat.gui import moments, namesakes
from lanchat.gui.state import Screen
from lanchat.gui.text import name_text
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.events import Presence, Version
from lanchat.node.person import Person

MOST: Final = 2


@dataclass(frozen=True, slots=True)
class Button:
    """Something that can be done about it; `does` is known to `bar_pane.py`.

    `whom` is who it is done to, if that is not the person whose conversation is open.
    """

    text: str
    does: str
    whom: PeerId | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One line above the composer."""

    name: str
    tone: Tone
    text: str
    buttons: tuple[Button, ...] = ()


def bars(screen: Screen) -> tuple[Bar, ...]:
    """What to say of the person whose conversation is open."""
    person = screen.person
    if person is None:
        return ()
    found = [
        *_impostor(screen, person),
        *_failed(person),
        *_standing(person),
        *_renamed(person),
        *_away(person),
    ]
    return tuple(found[:MOST])


def conflict(screen: Screen, person: Person) -> str:
    """That somebody uses the name of a friend, or ours."""
    if screen.me is not None and namesakes.borrowed(screen, person) == screen.me.peer_id:
        return _("This is not you. It is another person who uses your name.")
    return _(
        "This is not the {name} you know. It is another person who uses that name."
    ).format(name=name_text(person.name))


def _impostor(screen: Screen, person: Person) -> list[Bar]:
    """Another key uses this person's name; or this one uses somebody's."""
    name = name_text(person.name)
    details, block = Button(_("Details…"), "details"), Button(_("Block"), "block")
    if person.trust is Trust.CONFLICT:
        return [Bar("conflict", Tone.BAD, conflict(screen, person), (details, block))]
    other = namesakes.borrower(screen, person)
    if other is None:
        return []
    text = _(
        "Someone else here calls themselves {name}. This conversation still goes to the {name}"
        " you know."
    ).format(name=name)
    compare = Button(_("Compare…"), "verify")
    other_one = Button(_("Block the other person…"), "block_other", other.peer_id)
    return [Bar("impostor", Tone.BAD, text, (compare, other_one, details))]


def _failed(person: Person) -> list[Bar]:
    held = person.contact
    if held is None or not held.failed_at:
        return []
    text = _("The words were different when you compared on {day}. Do not trust this.").format(
        day=moments.dated(held.failed_at)
    )
    again = Button(_("Compare again…"), "verify")
    return [Bar("failed", Tone.BAD, text, (again, Button(_("Block"), "block")))]


def _standing(person: Person) -> list[Bar]:
    name, verify = name_text(person.name), Button(_("Verify…"), "verify")
    if person.trust is Trust.BLOCKED:
        text = _("You blocked {name}. Nothing they send reaches you.").format(name=name)
        return [Bar("blocked", Tone.PLAIN, text, (Button(_("Unblock"), "unblock"),))]
    if person.request:
        text = _("{name} is new here. Do you want to hear from them?").format(name=name)
        accept, block = Button(_("Accept"), "accept"), Button(_("Block"), "block")
        return [Bar("request", Tone.WARN, text, (accept, verify, block))]
    if person.trust in {Trust.NEW, Trust.KNOWN}:
        text = _("Not verified. Anyone on this network can use this name.")
        return [Bar("unverified", Tone.WARN, text, (verify,))]
    return []


def _renamed(person: Person) -> list[Bar]:
    held = person.contact
    if held is None or not held.claimed_name or person.request:
        return []
    text = _("{old} now goes by the name {new}.").format(
        old=name_text(held.name), new=name_text(held.claimed_name)
    )
    return [Bar("renamed", Tone.PLAIN, text, (Button(_("Use the new name"), "adopt"),))]


def _away(person: Person) -> list[Bar]:
    if person.trust is Trust.BLOCKED:
        return []
    name = name_text(person.name)
    if person.presence is Presence.OFFLINE:
        text = _("Offline. Messages will be sent when {name} is back.").format(name=name)
        return [Bar("offline", Tone.PLAIN, text)]
    if person.presence is Presence.DOUBTFUL:
        text = _("{name} is not answering. Messages will be sent as soon as they do.")
        return [Bar("doubtful", Tone.PLAIN, text.format(name=name))]
    if person.version is Version.NEWER:
        text = _(
            "{name} seems to have a newer lanchat. Messages will be sent when you have it too."
        )
        return [Bar("newer", Tone.PLAIN, text.format(name=name))]
    if person.version is Version.OLDER:
        text = _(
            "{name} seems to have an older lanchat. Messages will be sent when they have yours."
        )
        return [Bar("older", Tone.PLAIN, text.format(name=name))]
    return []
