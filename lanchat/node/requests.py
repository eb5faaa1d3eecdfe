"""Requests: the one door by which every front end asks the node for something.

A request is a verb and its parameters, as JSON; what comes back is rows, as JSON, as
docs/COMMANDS.md gives them.  The command line asks its own node or, through `control.py`,
the one that already holds the profile: the same rows and the same errors either way.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any, Final

from lanchat.conversation.text import clean_message
from lanchat.errors import (
    BadRequest,
    PeerBlocked,
    PeerRefused,
    PeerSilent,
    StoreError,
)
from lanchat.identity import trust as trusting
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact, Trust
from lanchat.node import (
    attendance,
    comparing,
    delivering,
    doctoring,
    file_requests,
    inviting,
    naming,
    relations,
    rows,
)
from lanchat.node import params as given
from lanchat.node.events import (
    PeerAppeared,
    PeerChanged,
    PeerLeft,
    PeerView,
    Presence,
)
from lanchat.node.finishing import to_the_end
from lanchat.node.node import Node, now_ms
from lanchat.node.params import Params
from lanchat.node.rows import Row
from lanchat.node.seek import DEFAULT_WAIT, QUEUE_TRY, Seeker, gone_for
from lanchat.node.watching import watching
from lanchat.wire.payloads import ReceiptState

CUT_PATIENCE: Final = 1.0  # seconds in which another session may take the place of a cut one
RECEIPT_TIMEOUT: Final = 30.0  # seconds a peer may take to store a message
LOOK_AROUND: Final = 1.0  # seconds `peers` looks around when it is told nothing
DEFAULT_LIMIT: Final = 100  # messages of a history

Verb = Callable[[Node, Params], AsyncGenerator[Row, None]]


async def run(node: Node, verb: str, params: Params) -> AsyncGenerator[Row, None]:
    """Do `verb` and yield its rows; closing the iterator is how a person interrupts.

    Raises:
        BadRequest: there is no such verb, or a parameter is missing or of another kind.
        LanchatError: it failed; the sentence says why.
    """
    known = VERBS.get(verb)
    if known is None:
        raise BadRequest("unknown verb")
    async with aclosing(known(node, params)) as answer:  # ends with us, not some time later
        async for row in answer:
            yield row


async def whoami(node: Node, _params: Params) -> AsyncGenerator[Row, None]:
    """My name, peer id and fingerprint."""
    yield rows.me(node.me, node.name, node.attendance.showing)


async def invite(node: Node, _params: Params) -> AsyncGenerator[Row, None]:
    """My invite, with the addresses at which I listen."""
    port = 0 if node.attendance.hidden() else node.doors.port
    text, addresses = inviting.ours(node.me, node.doors.addresses(), port)
    yield rows.invite(node.me, node.name, text, addresses)


async def rename(node: Node, params: Params) -> AsyncGenerator[Row, None]:
    """Be called something else from now on; who I am then."""
    name = await naming.rename(node, given.text(params, "name"))
    yield rows.me(node.me, name, node.attendance.showing)


async def attend(node: Node, params: Params) -> AsyncGenerator[Row, None]:
    """Say something else of being there from now on; who I am then."""
    status, word = params.get("status"), params.get("availability")
    chosen = attendance.availability(str(word)) if word is not None else None
    await node.attendance.attend(chosen, None if status is None else str(status))
    yield rows.me(node.me, node.name, node.attendance.showing)


async def peers(node: Node, params: Params) -> AsyncGenerator[Row, None]:
    """Who is here; with `watch`, what changes from then on."""
    wait = given.seconds(params, "wait", 0.0 if node.settings.listening else LOOK_AROUND)
    if params.get("watch"):
        async with aclosing(_watch_peers(node)) as watched:
            async for row in watched:
                yield row
        return
    await asyncio.sleep(wait)
    listed = {view.peer_id: view for view in node.neighbours.views()}
    for held in node.people.all():
        if held.trust is not Trust.NEW:
            listed.setdefault(held.peer_id, _absent(node, held))
    for view in sorted(listed.values(), key=lambda one: (one.name.casefold(), one.peer_id)):
        yield rows.peer(view)


async def scan(node: Node, _params: Params) -> AsyncGenerator[Row, None]:
    """Ask each address of our networks; how far it is, and how many people answered."""
    async with aclosing(node.doors.mdns.scan()) as steps:
        async for step in steps:
            yield {"asked": step.asked, "total": step.total, "found": step.found}


async def say(node: Node, params: Params) -> AsyncGenerator[Row, None]:
    """Send a text; one row when the peer has stored it, or when it waits."""
    text = given.text(params, "text")
    clean_message(text)  # nobody is called, or known from then on, for what cannot be said
    began = time.monotonic()
    if params.get("queue"):
        message_id, ended = await _say_later(node, params, text)
    else:
        message_id, ended = await _say_now(node, params, text), {"state": "delivered"}
    took = round((time.monotonic() - began) * 1000, 1)
    yield {"id": message_id.hex(), "ms": took, **ended}


async def trust(node: Node, params: Params) -> AsyncGenerator[Row, None]:
    """Show or set what I hold of a peer."""
    action = params.get("action")
    query = given.text(params, "peer")
    seeker = Seeker(node, given.seconds(params, "wait", 0.0))
    if action is None:
        peer = await seeker.find(query)
    else:
        peer = await seeker.chosen(query, given.confirmed(params))
    view = node.neighbours.view(peer)
    held = node.people.find(peer) or trusting.stranger(peer, view.name if view else "", 0)
    if action == "forget":
        await to_the_end(relations.forget(node, peer))
        held = trusting.stranger(peer, held.name, 0)
    elif action is not None:
        change = _ACTS.get(str(action))
        if change is None:
            raise BadRequest("unknown action")
        fallback = held

        async def act() -> Contact | None:
            new = await node.people.change(peer, lambda now: change(now or fallback))
            await relations.changed(node, peer)
            return new

        new = await to_the_end(act())
        held = new or held
    yield rows.contact(held, node.people.trust(peer, held.name))


async def history(node: Node, params: Params) -> AsyncGenerator[Row, None]:
    """What was said with a peer, oldest first."""
    peer = await Seeker(node, 0.0).find(given.text(params, "peer"))
    limit = given.count(params, "limit", DEFAULT_LIMIT)
    wanted = params.get("search")
    if isinstance(wanted, str) and wanted:
        found = await node.history.search(peer, wanted, limit)
    else:
        found = await node.history.page(peer, limit)
        await node.seen(peer)
    for message in found:
        yield rows.message(message, node.me)


async def doctor(node: Node, params: Params) -> AsyncGenerator[Row, None]:
    """Why somebody is not seen: each check with what was found."""
    peer = given.text(params, "peer") if params.get("peer") else ""
    made = doctoring.examine(node, peer=peer, names=bool(params.get("names")))
    async with aclosing(made) as checks:
        async for check in checks:
            yield doctoring.row(check)


def _known(held: Contact) -> Contact:
    if held.trust is Trust.VERIFIED:
        return trusting.unverify(held)
    return trusting.pin(held, held.peer_id, held.name, now_ms())


VERBS: Final[Mapping[str, Verb]] = {
    "whoami": whoami,
    "rename": rename,
    "attend": attend,
    "invite": invite,
    "peers": peers,
    "scan": scan,
    "say": say,
    "send": delivering.send,
    "trust": trust,
    "verify": comparing.verify,
    "answer": comparing.answered,
    "history": history,
    "doctor": doctor,
    **file_requests.VERBS,
}
_ACTS: Final[Mapping[str, Callable[[Contact], Contact]]] = {
    "verified": lambda held: trusting.mark_verified(held, comparing.PRINT, now_ms()),
    "known": _known,
    "block": trusting.block,
    "unblock": trusting.unblock,
}


# --- within -----------------------------------------------------------------------------


async def _say_now(node: Node, params: Params, text: str) -> bytes:
    """Open the session first: whoever is not found leaves nothing behind."""
    seeker = Seeker(node, given.seconds(params, "wait", DEFAULT_WAIT))
    link = await seeker.session(given.text(params, "peer"), given.confirmed(params))
    await node.acquaintance.pin(link)
    message = await node.conversations.compose(link.peer_id, text)
    state = await _receipt(node, link.peer_id, message.id, RECEIPT_TIMEOUT)
    if state is None:
        error = PeerSilent("no receipt")
        if node.people.trusted(link.peer_id):  # nobody forgot it meanwhile, and the message
            error.hint = "the message waits in the outbox and goes out when the peer is back"
            node.dialler.wait_for(link.peer_id)
        raise error
    if state is ReceiptState.REFUSED:
        refused = PeerRefused("text refused")
        refused.hint = "the message waits in the outbox; try again later"
        raise refused
    return message.id


async def _say_later(node: Node, params: Params, text: str) -> tuple[bytes, Row]:
    """Store first, then try for a moment; where it waits, why that was in vain."""
    seeker = Seeker(node, QUEUE_TRY)
    peer = await seeker.chosen(given.text(params, "peer"), given.confirmed(params))
    if node.people.blocked(peer):
        raise PeerBlocked(peer.short)
    until = time.monotonic() + QUEUE_TRY
    await _pin(node, peer)  # first: once the words are stored they go out
    message = await node.conversations.compose(peer, text)
    node.dialler.wait_for(peer)
    with suppress(StoreError):  # of a session that came meanwhile; the next one brings it, too
        await _pin(node, peer)
    state = await _receipt(node, peer, message.id, until - time.monotonic(), cut=False)
    if state in {ReceiptState.STORED, ReceiptState.READ}:
        return message.id, {"state": "delivered"}
    return message.id, {"state": "queued", "reason": seeker.so_far(peer)}


async def _pin(node: Node, peer: PeerId) -> None:
    if (link := node.sessions.current(peer)) is not None:
        await node.acquaintance.pin(link)


async def _receipt(
    node: Node, peer: PeerId, message_id: bytes, timeout: float, *, cut: bool = True
) -> ReceiptState | None:
    """What the peer says of a message; None if it says nothing in time.

    `cut`: do not wait on once no session is left, and none has taken its place.
    """
    receipt = node.conversations.await_receipt(peer, message_id)
    ended = asyncio.ensure_future(gone_for(node, peer, CUT_PATIENCE)) if cut else None
    try:
        waiting: list[asyncio.Future[Any]] = [receipt, *([ended] if ended else [])]
        await asyncio.wait(
            waiting,
            timeout=max(timeout, 0.0),
            return_when=asyncio.FIRST_COMPLETED,
        )
        return receipt.result() if receipt.done() else None
    finally:
        receipt.cancel()
        if ended is not None:
            ended.cancel()


async def _watch_peers(node: Node) -> AsyncGenerator[Row, None]:
    with watching(
        node, lambda one: isinstance(one, PeerAppeared | PeerChanged | PeerLeft)
    ) as on:
        for view in node.neighbours.views():
            yield rows.event(PeerAppeared(view), now_ms()) or {}
        while True:
            yield rows.event(await on.next(), now_ms()) or {}


def _absent(node: Node, held: Contact) -> PeerView:
    trust_now = node.people.trust(held.peer_id, held.name)
    return PeerView(held.peer_id, node.people.name(held.peer_id), trust_now, Presence.OFFLINE)
