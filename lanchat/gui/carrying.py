"""Carrying: how transfers show on the screen, and in the open conversation.  Pure."""

from dataclasses import replace
from typing import Final

from lanchat.gui import pictures, timeline
from lanchat.gui.cards import Transfer, card
from lanchat.gui.items import CardState, FileCard
from lanchat.gui.screen import Screen
from lanchat.identity.trust import Trust
from lanchat.node.person import Person

MOST_OVER: Final = 200  # transfers that are over and still on the screen, the last to end
MOST_STRANGE: Final = 40  # and of those that strangers offered
_FRIENDS: Final = frozenset({Trust.KNOWN, Trust.VERIFIED})


def carried(screen: Screen, transfer: Transfer | None) -> Screen:
    """A transfer moved on: its card follows, or comes into the open conversation."""
    if transfer is None:
        return screen
    held = dict(screen.transfers)
    before = held.get(transfer.which)
    pace = transfer.rate or transfer.pace or (before.pace if before else 0)
    transfer = replace(transfer, pace=pace)
    if not transfer.active:  # what is over is held in the order in which it ended
        held.pop(transfer.which, None)
    screen = replace(screen, transfers={**held, transfer.which: transfer})
    return _room(_followed(screen, transfer))


def _followed(screen: Screen, transfer: Transfer) -> Screen:
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
    """What ended first makes room: of offers that are taken back there is no end.

    Strangers take none of what others need.  What was done stays in its conversation, where
    the history holds it.
    """
    strange: list[Transfer] = []
    others: list[Transfer] = []
    for one in screen.transfers.values():
        if not one.active:
            (strange if _is_strange(screen, one) else others).append(one)
    gone = [*strange[:-MOST_STRANGE], *others[:-MOST_OVER]]
    if not gone:
        return screen
    keys = {one.which for one in gone}
    held = {which: one for which, one in screen.transfers.items() if which not in keys}
    screen, talk = replace(screen, transfers=held), screen.conversation
    if talk is None:
        return screen
    undone = (one for one in gone if one.state is not CardState.DONE)
    cards = {one.id.hex() for one in undone if one.peer_id == talk.peer_id}
    items = tuple(item for item in talk.items if item.key not in cards)
    return replace(screen, conversation=replace(talk, items=items))


def _is_strange(screen: Screen, one: Transfer) -> bool:
    """Whether somebody offered it whom we do not know."""
    person = screen.people.get(one.peer_id)
    return not one.mine and (person is None or person.trust not in _FRIENDS)


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
