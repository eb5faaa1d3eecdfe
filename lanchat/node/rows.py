"""Rows: events and values as the JSON objects of docs/COMMANDS.md.  Pure.

Every front end that speaks JSON, and the control socket, takes its keys from here.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import assert_never

from lanchat.conversation.message import Message
from lanchat.identity.fingerprint import fingerprint
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node.events import (
    CheckChanged,
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
    seconds_left,
)
from lanchat.node.json_row import JSON as JSON
from lanchat.node.json_row import Row as Row


def moment(at_ms: int) -> str:
    """Milliseconds since 1970 as RFC 3339 in UTC, with milliseconds."""
    try:
        when = datetime.fromtimestamp(at_ms / 1000, UTC)
    except (OverflowError, ValueError, OSError):  # a claim of the peer's, any number at all
        when = datetime.fromtimestamp(0, UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def print_of(peer_id: PeerId) -> Row:
    """The permanent fingerprint of a key: 32 hex digits and 16 words."""
    printed = fingerprint(peer_id)
    return {"hex": printed.hex, "words": list(printed.words)}


def me(peer_id: PeerId, name: str, showing: Showing | None = None) -> Row:
    """Who I am, and what I say of being there."""
    held: Row = {"peer_id": str(peer_id), "name": name, "fingerprint": print_of(peer_id)}
    if showing is not None:
        held |= {"availability": showing.chosen.value, "status": showing.status}
    return held


def invite(peer_id: PeerId, name: str, text: str, addresses: Sequence[str]) -> Row:
    """My invite, and where it says that I am."""
    return {
        "peer_id": str(peer_id),
        "name": name,
        "invite": text,
        "addresses": list(addresses),
    }


def peer(view: PeerView) -> Row:
    """One line of the list of who is here."""
    return {
        "peer_id": str(view.peer_id),
        "name": view.name,
        "addresses": list(view.addresses),
        "port": view.port,
        "trust": view.trust.value,
        "presence": view.presence.value,
        "availability": view.said.availability.value if view.said else None,
        "status": view.said.status if view.said else "",
        "version": view.version.value,
    }


def contact(held: Contact, trust: Trust) -> Row:
    """What I hold of a peer."""
    return {
        "peer_id": str(held.peer_id),
        "name": held.display,
        "trust": trust.value,
        "fingerprint": print_of(held.peer_id),
        "first_seen": _moment(held.first_seen),
        "last_seen": _moment(held.last_seen),
        "verified_at": _moment(held.verified_at),
        "verified_how": held.verified_how or None,
        "failed_at": _moment(held.failed_at),
        "addresses": list(held.addresses),
    }


def check(moved: CheckChanged) -> Row:
    """A spoken check as it stands."""
    words: Row = {"words": list(moved.words)} if moved.words else {}
    return {
        **_who(moved.peer_id, moved.name, moved.trust),
        "state": moved.state.value,
        "run": moved.run,
        **words,
        **({"reason": moved.reason} if moved.reason else {}),
    }


def message(said: Message, me: PeerId) -> Row:
    """One message of a history."""
    body: Row = {"file": said.file} if said.file else {"text": said.text}
    return {
        "id": said.id.hex(),
        "author": str(me if said.mine else said.peer),
        "sent_at": moment(said.sent_at),
        "arrived_at": moment(said.arrived_at),
        **body,
        "state": said.state.value,
    }


def event(happened: NodeEvent, at_ms: int) -> Row | None:
    """An event of `listen --json`; None for one that scripts do not see."""
    keys = _keys(happened)
    if keys is None:
        return None
    return {"event": keys.pop("event"), "at": moment(at_ms), **keys}


def progress(moved: TransferChanged) -> Row:
    """The keys of a `progress` row."""
    return {
        "event": "progress",
        "transfer": moved.transfer.hex(),
        "bytes": moved.done,
        "total": moved.total,
        "bytes_per_second": moved.rate,
        "seconds_left": seconds_left(moved.done, moved.total, moved.rate),
        **({"checking": True} if moved.checking else {}),
    }


def transfer_row(view: TransferView) -> Row:
    """One line of the list of transfers."""
    return {
        "transfer": view.transfer.hex(),
        "peer_id": str(view.peer_id),
        "direction": "out" if view.outgoing else "in",
        "state": view.state.value,
        "files": [{"path": name, "size": size} for name, size in view.shown],
        "count": view.count,
        "bytes": view.done,
        "total": view.total,
        "bytes_per_second": view.rate,
        "seconds_left": view.seconds_left,
        "by": view.by.value if view.by else None,
        "reason": view.reason,
        "paths": list(view.paths),
        "offered_at": moment(view.at),
        "fault": view.fault.value if view.fault else None,
        "missing": view.missing,
        "earlier": view.earlier,
        "clash": view.clash.value if view.clash else None,
        "skipped": view.skipped,
        "programs": list(view.programs),
    }


def _keys(happened: NodeEvent) -> Row | None:  # noqa: C901 - a flat switch, one case an event
    match happened:
        case NodeReady(peer_id, name, port, addresses):
            return {
                "event": "ready",
                "peer_id": str(peer_id),
                "name": name,
                "port": port,
                "addresses": list(addresses),
            }
        case NetworksChanged(addresses):
            return {"event": "networks-changed", "addresses": list(addresses)}
        case Renamed(peer_id, name):
            return {"event": "renamed", "peer_id": str(peer_id), "name": name}
        case PeerAppeared(view):
            return {"event": "peer-found", **peer(view)}
        case PeerChanged(view):
            return {"event": "peer-changed", **peer(view)}
        case PeerLeft(view):
            return {"event": "peer-lost", **peer(view)}
        case ContactChanged() | HistoryExpired() | ShowingChanged():
            return None
        case SessionOpened(peer_id, name, trust):
            return {"event": "session-opened", **_who(peer_id, name, trust)}
        case SessionClosed(peer_id, name, trust, reason):
            return {"event": "session-closed", **_who(peer_id, name, trust), "reason": reason}
        case MessageAdded(said, name, trust):
            return None if said.mine or said.file else _message(said, name, trust)
        case MessageChanged(said):
            return {
                "event": "receipt",
                "peer_id": str(said.peer),
                "id": said.id.hex(),
                "state": said.state.value,
            }
        case OfferReceived():
            return _offer(happened)
        case TransferMoved(view):
            return {"event": "transfer-changed", **transfer_row(view)}
        case TransferChanged():
            return progress(happened)
        case FileReceived(peer_id, transfer, path, size):
            return {
                "event": "file-received",
                "peer_id": str(peer_id),
                "transfer": transfer.hex(),
                "path": path,
                "size": size,
            }
        case TransferEnded():
            return {
                "event": "transfer-ended",
                "peer_id": str(happened.peer_id),
                "transfer": happened.transfer.hex(),
                "state": happened.state.value,
                "reason": happened.reason,
                "clash": happened.clash.value if happened.clash else None,
                "skipped": happened.skipped,
            }
        case CheckChanged():
            return {"event": "verification", **check(happened)}
        case Warned(code, detail, peer_id):
            concerned: Mapping[str, JSON] = {"peer_id": str(peer_id)} if peer_id else {}
            return {"event": "warning", "code": code, "detail": detail, **concerned}
        case _:
            assert_never(happened)


def _moment(at_ms: int) -> str | None:
    return moment(at_ms) if at_ms else None


def _who(peer_id: PeerId, name: str, trust: Trust) -> Row:
    return {"peer_id": str(peer_id), "name": name, "trust": trust.value}


def _message(said: Message, name: str, trust: Trust) -> Row:
    return {
        "event": "message",
        **_who(said.peer, name, trust),
        "id": said.id.hex(),
        "text": said.text,
        "sent_at": moment(said.sent_at),
    }


def _offer(offered: OfferReceived) -> Row:
    return {
        "event": "offer",
        **_who(offered.peer_id, offered.name, offered.trust),
        "transfer": offered.transfer.hex(),
        "files": [{"path": name, "size": size} for name, size in offered.shown],
        "count": offered.count,
        "bytes": offered.total,
        "accepted": offered.accepted,
        "earlier": offered.earlier,
    }
