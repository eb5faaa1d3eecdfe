"""Carrying: how transfers show on the screen, and in the open conversation.  Pure."""

from dataclasses import replace

from lanchat.gui import pictures, timeline
from lanchat.gui.cards import Transfer, card
from lanchat.gui.items import CardState, FileCard
from lanchat.gui.screen import Screen
from lanchat.identity.trust import Trust
from lanchat.node.person import Person


def carried(screen: Screen, transfer: Transfer | None) -> Screen:
    """A transfer moved on: its card follows, or comes into the open conversation."""
    if transfer is None:
        return screen
    screen = replace(screen, transfers={**screen.transfers, transfer.which: transfer})
    talk = screen.conversation
    if talk is None or talk.peer_id != transfer.peer_id or not talk.loaded:
        return screen
    shown = card_of(screen, transfer)
    if timeline.find(talk.items, shown.key) is None:
        items = timeline.extend(talk.items, shown)
    else:
        items = timeline.put(talk.items, shown.key, shown)
    return replace(screen, conversation=replace(talk, items=items))


def card_of(screen: Screen, transfer: Transfer) -> FileCard:
    """How a transfer looks in a conversation."""
    person = screen.people.get(transfer.peer_id)
    made = card(transfer, person.trust if person else Trust.NEW, screen.landing)
    return pictures.dressed(screen, transfer.peer_id, made)


def answered_anew(screen: Screen, before: Person | None, now: Person) -> Screen:
    """Somebody is trusted otherwise than before: what can be done about their offers, too."""
    if before is None or before.trust is now.trust:
        return screen
    screen = pictures.judged(screen, now.peer_id)
    return asked_anew(screen) if screen.chosen == now.peer_id else screen


def asked_anew(screen: Screen) -> Screen:
    """Offers of the open conversation that wait for an answer, as they are now."""
    talk = screen.conversation
    if talk is None:
        return screen
    items = talk.items
    for one in screen.transfers.values():
        if one.peer_id == talk.peer_id and one.state is CardState.ASKING:
            items = timeline.put(items, one.id.hex(), card_of(screen, one))
    return replace(screen, conversation=replace(talk, items=items))
