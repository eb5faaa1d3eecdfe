"""Alerts: what the node warns of, as the sentence a person reads.  Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lanchat.gui import sentences
from lanchat.gui.gestures import Alert
from lanchat.gui.state import Screen
from lanchat.gui.text import name_text, one_line
from lanchat.gui.tone import Tone
from lanchat.gui.translate import _, later

LONGEST: Final = 300  # characters
_SENTENCES: Final[Mapping[str, str]] = MappingProxyType({
    "identity-conflict": later(
        "Somebody wrote who uses the name {name}. It is yours, or that of somebody you know;"
        " this is another person."
    ),
    "wrong-peer": later(
        "Somebody else answered where {name} was announced. Nothing was sent to them."
    ),
    "advert-refused": later(
        "On this network there are announcements that are forged or damaged. None was believed."
    ),
})  # fmt: skip
_GRAVE: Final = frozenset({"identity-conflict", "wrong-peer"})


def sentence(screen: Screen, alert: Alert) -> str:
    """What it says; the node's own sentence where it needs no more than that."""
    person = screen.people.get(alert.peer_id) if alert.peer_id else None
    name = one_line(name_text(person.name), 40) if person else ""
    if not name and alert.peer_id:
        name = alert.peer_id.short
    known = _SENTENCES.get(alert.code)
    if known is not None:
        return _(known).format(name=name)
    text = one_line(sentences.finished(sentences.reason(alert.detail)), LONGEST)
    return f"{name}: {text}" if name else text


def tone(alert: Alert) -> Tone:
    """How grave it is."""
    return Tone.BAD if alert.code in _GRAVE else Tone.WARN
