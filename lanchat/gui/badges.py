"""Badges: what says how far somebody is trusted and whether they are there.  Pure.

An icon, a colour and a word each: nothing is told by colour alone.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lanchat.gui import attending, moments
from lanchat.gui.attending import Mark
from lanchat.gui.translate import _, later
from lanchat.identity.trust import Trust
from lanchat.node.events import Presence
from lanchat.node.person import Person

BADGES: Final[Mapping[Trust, Mark]] = MappingProxyType({
    Trust.VERIFIED: Mark("patch-check-fill", "ok", later("Verified")),
    Trust.KNOWN: Mark("question-circle", "warn", later("Not verified")),
    Trust.NEW: Mark("question-circle", "warn", later("New, not verified")),
    Trust.CONFLICT: Mark(
        "exclamation-circle-fill", "bad", later("Same name, other person")
    ),
    Trust.BLOCKED: Mark("slash-circle", "muted", later("Blocked")),
})  # fmt: skip


MUTED: Final = Mark("bell-slash", "muted", later("Muted"))
_FAILED: Final = Mark("exclamation-triangle-fill", "bad", later("Verification failed"))


def badge(person: Person) -> Mark:
    """What says how far somebody is trusted; words that differed outweigh a yes before."""
    held = person.contact
    failed = held is not None and held.failed_at and person.trust is not Trust.BLOCKED
    return _FAILED if failed else BADGES[person.trust]


def presence(person: Person, now_ms: int) -> str:
    """Whether somebody is there, in words."""
    match person.presence:
        case Presence.SEEN:
            seen = _("seen on the network, not proven yet")
            other = attending.version(person)
            return f"{seen} · {other[:1].lower()}{other[1:]}" if other else seen
        case Presence.ONLINE:
            shown = attending.mark(person)
            return _(shown.word) if shown else _("online")
        case Presence.DOUBTFUL:
            return _("not answering")
        case Presence.OFFLINE:
            last = person.contact.last_seen if person.contact else 0
            if not last:
                return _("offline")
            return _("offline · last seen {when}").format(when=moments.when(last, now_ms))


def about(person: Person, now_ms: int) -> str:
    """Trust, presence and what they say, on lines of their own, for a tooltip."""
    lines = [_(badge(person).word), presence(person, now_ms)]
    held = person.contact
    if held is not None and held.failed_at:
        lines.insert(1, _("The words were different when you compared."))
    if person.muted:
        lines.append(_("Muted: you are not told when they write."))
    if said := attending.line(person):
        lines.append(said)
    return "\n".join(line[:1].upper() + line[1:] for line in lines)
