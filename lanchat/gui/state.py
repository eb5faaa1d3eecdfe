"""The state: all that the window shows, as one frozen value, and how events change it.  Pure.

`update(screen, happened)` folds one event of the node, one answer or one gesture of the
user into the screen.  Panes get the new value and draw the difference; nothing else in the
window remembers what there is to show, so all of it can be tested without a display.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, assert_never

from lanchat.conversation.message import Message
from lanchat.gui import pictures, remarks, timeline
from lanchat.gui.cards import Transfer, Which, shown
from lanchat.gui.cards import follow as follow_transfer
from lanchat.gui.carrying import answered_anew, asked_anew, card_of, carried
from lanchat.gui.gestures import (
    Alert,
    Cleared,
    Dismissed,
    Drafted,
    FocusChanged,
    Found,
    Gesture,
    Opened,
    PageRead,
    PeerChosen,
    PictureAsked,
    PictureFound,
    PicturesForgotten,
    Reached,
    Removed,
    RoomSeen,
    Seen,
    Sought,
    TransferAdded,
    Typed,
)
from lanchat.gui.items import Item, NewMark, Said
from lanchat.gui.leaving import (
    cleared,
    drafted,
    expired,
    put,
    removed,
    still_found,
    without_strays,
)
from lanchat.gui.screen import Conversation as Conversation
from lanchat.gui.screen import Me as Me
from lanchat.gui.screen import Screen as Screen
from lanchat.gui.timeline import Entry
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node.events import (
    CheckChanged,
    CheckState,
    ContactChanged,
    FileReceived,
    HistoryExpired,
    MessageAdded,
    MessageChanged,
    NetworksChanged,
    NodeEvent,
    NodeReady,
    OfferReceived,
    PeerAppeared,
    PeerChanged,
    PeerLeft,
    PeerView,
    Presence,
    Renamed,
    SessionClosed,
    SessionOpened,
    Showing,
    ShowingChanged,
    TransferChanged,
    TransferEnded,
    TransferMoved,
    TransferView,
    Warned,
)
from lanchat.node.person import Person

MOST_ALERTS: Final = 8  # the newest
NEAR: Final = 1000  # items of a conversation: more than a page read meanwhile brought


def update(screen: Screen, happened: NodeEvent | Gesture) -> Screen:  # noqa: C901 - flat switch
    """The screen after one thing happened."""
    match happened:
        case Opened(overview):
            who = (overview.me, overview.name, overview.port, overview.addresses)
            me = Me(*who, overview.showing)
            people = {person.peer_id: person for person in overview.people}
            moving = _transfers(overview.transfers)
            drafts, asking = overview.drafts, overview.asking
            return Screen(me, people, transfers=moving, drafts=drafts, asking=asking)
        case NodeReady(peer_id, name, port, addresses):
            showing = replace(screen.me.showing, idle=False) if screen.me else Showing()
            return replace(screen, me=Me(peer_id, name, port, addresses, showing))
        case ShowingChanged(showing):
            return replace(screen, me=screen.me and replace(screen.me, showing=showing))
        case NetworksChanged(addresses):
            return replace(screen, me=screen.me and replace(screen.me, addresses=addresses))
        case Renamed(_me, name):
            return replace(screen, me=replace(screen.me, name=name) if screen.me else None)
        case PeerAppeared(view) | PeerChanged(view):
            return _seen(screen, view)
        case PeerLeft(view):
            return _left(screen, view)
        case ContactChanged(peer_id, contact):
            return _held(screen, peer_id, contact)
        case MessageAdded():
            return _added(screen, happened)
        case MessageChanged(message):
            return _restated(screen, message)
        case HistoryExpired(peer_id, ids):
            return expired(screen, peer_id, ids)
        case OfferReceived() | TransferMoved() | TransferChanged():
            return carried(screen, follow_transfer(screen.transfers, happened))
        case TransferEnded() | FileReceived():
            return carried(screen, follow_transfer(screen.transfers, happened))
        case TransferAdded(transfer):
            return carried(screen, transfer)
        case RoomSeen(landing):
            return asked_anew(replace(screen, landing=landing))
        case PictureFound() | PictureAsked() | PicturesForgotten():
            return pictures.follow(screen, happened)
        case Warned(code, detail, peer_id):
            alert = Alert(code, detail, peer_id)
            rest = tuple(one for one in screen.alerts if one != alert)
            return replace(screen, alerts=(*rest, alert)[-MOST_ALERTS:])
        case CheckChanged(peer_id):
            others = tuple(one for one in screen.asking if one.peer_id != peer_id)
            asks = (happened,) if happened.state is CheckState.ASKED else ()
            return replace(screen, asking=(*others, *asks))
        case SessionOpened() | SessionClosed():
            return screen  # the peer's line says it
        case PeerChosen(peer_id):
            if peer_id == screen.chosen:
                return screen
            return replace(screen, conversation=Conversation(peer_id) if peer_id else None)
        case Sought(peer_id, key):
            talk = screen.conversation if peer_id == screen.chosen else None
            talk = replace(talk or Conversation(peer_id), sought=key)
            return replace(screen, conversation=talk)
        case Reached():
            talk = screen.conversation
            return replace(screen, conversation=talk and replace(talk, sought=""))
        case PageRead():
            return _page(screen, happened)
        case Drafted(peer_id, text):
            return drafted(screen, peer_id, text)
        case Seen(peer_id):
            return _with(screen, peer_id, unread=0)
        case Removed(peer_id, key):
            return removed(screen, peer_id, key)
        case Cleared():
            return cleared(screen)
        case Typed(query):
            return replace(screen, query=query, found=still_found(screen, query))
        case Found(query, messages):
            return replace(screen, found=messages) if query == screen.query else screen
        case FocusChanged(focused):
            return replace(screen, focused=focused)
        case Dismissed(alert):
            rest = tuple(one for one in screen.alerts if one != alert)
            return replace(screen, alerts=rest)
        case _:
            assert_never(happened)


def _transfers(views: Sequence[TransferView]) -> dict[Which, Transfer]:
    """The newest comes first, and what ended last is held last."""
    return {one.which: one for one in map(shown, reversed(views))}


# --- people -------------------------------------------------------------------------------


def _seen(screen: Screen, view: PeerView) -> Screen:
    held = screen.people.get(view.peer_id)
    person = replace(held, view=view) if held else Person(view)
    return answered_anew(put(screen, person), held, person)


def _left(screen: Screen, view: PeerView) -> Screen:
    """Somebody is gone: a contact and whoever wrote stay on the list, as offline."""
    held = screen.people.get(view.peer_id)
    if held is None:
        return screen
    contact = held.contact
    trust = view.trust  # of a stranger it hangs on the name; others may be blocked just now
    if contact is not None and contact.trust is not Trust.NEW:
        trust = contact.trust
    away = replace(held, view=replace(view, presence=Presence.OFFLINE, trust=trust))
    return without_strays(put(screen, away), view.peer_id)


def _held(screen: Screen, peer_id: PeerId, contact: Contact | None) -> Screen:
    person = screen.people.get(peer_id)
    if contact is None:  # who is forgotten is written to no more
        screen = drafted(screen, peer_id, "")
    screen = _remarked(screen, person, contact)
    if person is None:
        if contact is None:
            return screen
        view = PeerView(peer_id, contact.display, contact.trust, Presence.OFFLINE)
        return put(screen, Person(view, contact))
    view = person.view
    if contact is not None and view.presence is Presence.OFFLINE:
        view = replace(view, name=contact.display or view.name, trust=contact.trust)
    now = replace(person, view=view, contact=contact)
    return without_strays(answered_anew(put(screen, now), person, now), peer_id)


def _remarked(screen: Screen, person: Person | None, contact: Contact | None) -> Screen:
    """What was found out about whose conversation is open stands in it at once."""
    talk = screen.conversation
    if person is None or contact is None or talk is None or not talk.loaded:
        return screen
    if talk.peer_id != contact.peer_id:
        return screen
    items = remarks.added(talk.items, person.contact, contact)
    return replace(screen, conversation=replace(talk, items=items))


def _with(screen: Screen, peer_id: PeerId, *, unread: int) -> Screen:
    person = screen.people.get(peer_id)
    if person is None or person.unread == unread:
        return screen
    return put(screen, replace(person, unread=unread))


# --- messages -----------------------------------------------------------------------------


def _added(screen: Screen, happened: MessageAdded) -> Screen:
    message, peer = happened.message, happened.message.peer
    held = screen.people.get(peer) or Person(
        PeerView(peer, happened.name, happened.trust, Presence.OFFLINE)
    )
    talk = screen.conversation
    unread = held.unread + (not message.mine)  # until `reading.py` tells that it was seen
    screen = put(screen, replace(held, last=message, unread=unread))
    if talk is None or talk.peer_id != peer:
        return screen
    items = talk.items
    # The card of a transfer that ended stands anywhere; words that a page had stand in it.
    near = items if message.file else items[-NEAR:]
    if timeline.find(near, message.id.hex()) is not None:
        return screen
    fresh = talk.loaded and not message.mine and not screen.focused
    if fresh and unread == 1 and timeline.find(items, NewMark().key) is None:
        items = timeline.append(items, NewMark())
    items = timeline.extend(items, _entry(screen, message))
    return replace(screen, conversation=replace(talk, items=items))


def _restated(screen: Screen, message: Message) -> Screen:
    person = screen.people.get(message.peer)
    if person is not None and person.last is not None and person.last.id == message.id:
        screen = put(screen, replace(person, last=message))
    talk = screen.conversation
    if talk is None or talk.peer_id != message.peer:
        return screen
    return replace(
        screen, conversation=replace(talk, items=timeline.restate(talk.items, message))
    )


def _page(screen: Screen, page: PageRead) -> Screen:
    talk = screen.conversation
    if talk is None or talk.peer_id != page.peer_id:
        return screen  # the user went on to somebody else
    if page.before != (talk.oldest if talk.loaded else None) or (
        talk.loaded and page.before is None
    ):
        return screen  # it was asked for before the conversation was read anew
    shown = {item.key for item in talk.items}
    messages = [one for one in page.messages if one.id.hex() not in shown]
    entries = _merged(screen, page, messages, first=not talk.loaded)
    older = timeline.build(entries)
    person = screen.people.get(page.peer_id)
    if person is not None and person.contact is not None:
        since = messages[0].arrived_at if messages and page.more else 0
        until = page.messages[-1].arrived_at if talk.loaded and page.messages else None
        older = remarks.within(older, person.contact, since, until)
    items = timeline.join(older, talk.items)
    if not talk.loaded and person is not None:
        items = _with_mark(items, page.messages, person.unread)
    oldest = page.messages[0].id if page.messages else talk.oldest
    return replace(
        screen,
        conversation=replace(
            talk, items=items, oldest=oldest, more=page.more, loaded=True,
            sought=talk.sought if page.more or _shows(items, talk.sought) else "",
        ),
    )  # fmt: skip


def _with_mark(
    items: tuple[Item, ...], read: Sequence[Message], unread: int
) -> tuple[Item, ...]:
    """A conversation just read, with where the new begins, unless all of it is new."""
    held = {one.id.hex(): one.mine for one in read}
    held |= {
        one.key: one.mine for one in items if isinstance(one, Said) and one.key not in held
    }
    theirs = [key for key, mine in held.items() if not mine]
    first = next(iter(held), "")
    if not 0 < unread <= len(theirs) or theirs[-unread] == first:
        return items
    return timeline.insert(items, theirs[-unread], NewMark())


def _merged(
    screen: Screen, page: PageRead, messages: list[Message], *, first: bool
) -> list[Entry]:
    """A page's messages, and the transfers that no message stands for, by their time."""
    since = messages[0].arrived_at if messages and page.more else 0
    until = None if first or not page.messages else page.messages[-1].arrived_at
    known = {message.id for message in messages}
    loose = [
        card_of(screen, one)
        for one in screen.transfers.values()
        if one.peer_id == page.peer_id
        and one.id not in known
        and one.at >= since
        and (until is None or one.at < until)
        and (screen.conversation is None or not _shows(screen.conversation.items, one.id.hex()))
    ]
    entries = [(message.arrived_at, _entry(screen, message)) for message in messages]
    entries += [(one.at, one) for one in loose]
    entries.sort(key=lambda pair: pair[0])
    return [one for _at, one in entries]


def _shows(items: Sequence[Item], key: str) -> bool:
    return timeline.find(items, key) is not None


def _entry(screen: Screen, message: Message) -> Entry:
    transfer = screen.transfers.get((message.peer, message.id)) if message.file else None
    made = card_of(screen, transfer) if transfer is not None else timeline.entry(message)
    return pictures.entered(screen, message.peer, made)
