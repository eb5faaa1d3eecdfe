"""Carrying: how transfers show on the screen, and in the open conversation.  Pure."""

from dataclasses import replace
from typing import Final

from lanchat.gui import pictures, timeline
from lanchat.gui.cards import Transfer, card
from lanchat.gui.items import CardState, FileCard
from lanchat.gui.screen import Screen
from lanchat.identity.trust import Trust
from lanchat.node.person import Person

MOST_OVER: Final = 200  # transfers that are over and still on the screen, the newest


def carried(screen: Screen, transfer: Transfer | None) -> Screen:
    """A transfer moved on: its card follows, or comes into the open conversation."""
    if transfer is None:
        return screen
    held = screen.transfers.get(transfer.which)
    pace = transfer.rate or transfer.pace or (held.pace if held else 0)
    transfer = replace(transfer, pace=pace)
    screen = _room(replace(screen, transfers={**screen.transfers, transfer.which: transfer}))
    if transfer.which not in screen.transfers:  # it was the oldest itself
        return screen
    talk = screen.conversation
    if talk is None or talk.peer_id != transfer.peer_id or not talk.loaded:
        return screen
    shown = card_of(screen, transfer)
    if timeline.find(talk.items, shown.key) is None:
        items = timeline.extend(talk.items, shown)
    else:
        items = timeline.put(talk.items, shown.key, shown)
    return replace(screen, conversation=replace(talk, items=items))


def _room(screen: Screen) -> Screen:
    """The oldest of what is over makes room: of offers that are taken back there is no end.

    What was done stays in its conversation, where the history holds it.
    """
    over = [one for one in screen.transfers.values() if not one.active]
    if len(over) <= MOST_OVER:
        return screen
    gone = sorted(over, key=lambda one: one.at)[:-MOST_OVER]
    keys = {one.which for one in gone}
    held = {which: one for which, one in screen.transfers.items() if which not in keys}
    screen, talk = replace(screen, transfers=held), screen.conversation
    if talk is None:
        return screen
    undone = (one for one in gone if one.state is not CardState.DONE)
    cards = {one.id.hex() for one in undone if one.peer_id == talk.peer_id}
    items = tuple(item for item in talk.items if item.key not in cards)
    return replace(screen, conversation=replace(talk, items=items))


def card_of(screen: Screen, transfer: Transfer) -> FileCard:
    """How a transfer looks in a conversation."""
    person = screen.people.get(transfer.peer_id)
    trust, name = (person.trust, person.name) if person else (Trust.NEW, "")
    made = card(transfer, trust, screen.landing, name=name)
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
