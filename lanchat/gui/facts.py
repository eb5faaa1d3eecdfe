"""Facts: what is held of one person, as lines for people to read.  Pure."""

from dataclasses import dataclass
from typing import Final

from lanchat.gui import attending, moments
from lanchat.gui.text import name_text, one_line
from lanchat.gui.translate import _
from lanchat.identity.trust import Trust
from lanchat.node.person import Person

LONGEST: Final = 64  # characters of a name
MOST_ADDRESSES: Final = 3


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what is held; texts are safe to draw."""

    name: str  # of the label in the window
    label: str
    text: str


def called(person: Person) -> str:
    """The name of somebody, safe to draw."""
    return one_line(name_text(person.name), LONGEST)


def standing(person: Person, now_ms: int) -> str:
    """How far somebody is trusted, since when and why."""
    held = person.contact
    if held is not None and held.failed_at:
        return _("The words were different when you compared {when}").format(
            when=moments.when(held.failed_at, now_ms)
        )
    if held is not None and person.trust is Trust.VERIFIED:
        how = {
            "words": _("Verified by comparing words {when}"),
            "fingerprint": _("Verified by the fingerprint {when}"),
            "code": _("Verified by their code {when}"),
        }.get(held.verified_how, _("Verified {when}"))
        return how.format(when=moments.when(held.verified_at, now_ms))
    return {
        Trust.NEW: _("New here. You have not accepted them yet."),
        Trust.KNOWN: _("Not verified. Anyone on this network can use this name."),
        Trust.VERIFIED: _("Verified"),
        Trust.CONFLICT: _("Another person with the name of somebody you know"),
        Trust.BLOCKED: _("Blocked. Nothing they send reaches you."),
    }[person.trust]


def facts(person: Person, now_ms: int) -> tuple[Fact, ...]:
    """What is held besides trust and fingerprint."""
    return (*_names(person), *_says(person), *_places(person), *_times(person, now_ms))


def _says(person: Person) -> list[Fact]:
    said = attending.line(person)
    return [Fact("status", _("Status line"), said)] if said else []


def _names(person: Person) -> list[Fact]:
    held, found = person.contact, []
    if held is not None and held.name and held.alias:
        found.append(Fact("pinned", _("Their name"), one_line(name_text(held.name), LONGEST)))
    if held is not None and held.claimed_name:
        claimed = one_line(name_text(held.claimed_name), LONGEST)
        found.append(Fact("claimed", _("Now goes by"), claimed))
    return found


def _places(person: Person) -> list[Fact]:
    port, held = person.view.port, person.contact
    where = [f"{_host(one)}:{port}" for one in person.view.addresses[:MOST_ADDRESSES]]
    earlier = [one for one in held.addresses if one not in where] if held is not None else []
    lines = (
        ("addresses", _("Address"), where),
        ("remembered", _("Reached before at"), earlier[:MOST_ADDRESSES]),
    )
    return [
        Fact(name, label, "\n".join(one_line(one, 60) for one in places))
        for name, label, places in lines
        if places
    ]


def _times(person: Person, now_ms: int) -> list[Fact]:
    held = person.contact
    if held is None:
        return []
    pairs = (
        ("first_seen", _("First seen"), held.first_seen),
        ("last_seen", _("Last seen"), held.last_seen),
    )
    return [Fact(name, label, moments.full(at, now_ms)) for name, label, at in pairs if at]


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address
