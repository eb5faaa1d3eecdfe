"""Remarks: what lanchat itself has to say in a conversation, out of what is held.  Pure."""

from collections.abc import Sequence
from typing import Final

from lanchat.gui import moments, timeline
from lanchat.gui.items import Item, Notice
from lanchat.gui.text import name_text, one_line
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _
from lanchat.identity.trust import Contact

LONGEST: Final = 40  # characters of a name


def of(contact: Contact) -> list[tuple[int, Notice]]:
    """The lines about somebody, each with its moment in ms since 1970, oldest first."""
    found: list[tuple[int, Notice]] = []
    name = one_line(name_text(contact.display), LONGEST)
    if at := contact.verified_at:
        text = _("You verified {name} on {day}").format(name=name, day=moments.dated(at))
        found.append((at, Notice(f"verified:{at}", text, Tone.GOOD)))
    if at := contact.failed_at:
        text = _("The words were different when you compared them on {day}").format(
            day=moments.dated(at)
        )
        found.append((at, Notice(f"failed:{at}", text, Tone.BAD)))
    return sorted(found, key=lambda one: one[0])


def within(
    items: Sequence[Item], contact: Contact, since: int, until: int | None
) -> tuple[Item, ...]:
    """A page of a conversation with the lines of its time: from `since` on, before `until`."""
    found = tuple(items)
    for at, line in of(contact):
        if at >= since and (until is None or at < until):
            found = timeline.at_time(found, at, line)
    return found


def added(items: Sequence[Item], before: Contact | None, contact: Contact) -> tuple[Item, ...]:
    """A conversation with what was found out just now at its end."""
    known = {line.key for _at, line in of(before)} if before is not None else set()
    fresh = [line for _at, line in of(contact) if line.key not in known]
    return (*items, *(line for line in fresh if timeline.find(items, line.key) is None))
