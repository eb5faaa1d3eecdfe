"""Delivering: `send`, from the offer to how it ended, or to the outbox.  docs/COMMANDS.md."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator
from typing import Any, Final

from lanchat.errors import LanchatError, OfferDeclined, PeerSilent, TransferAbandoned
from lanchat.identity.keys import PeerId
from lanchat.node import file_acts, rows
from lanchat.node import params as given
from lanchat.node.events import (
    NodeEvent,
    TransferChanged,
    TransferEnded,
    TransferMoved,
    TransferState,
)
from lanchat.node.node import Node, now_ms
from lanchat.node.params import Params
from lanchat.node.rows import Row
from lanchat.node.seek import DEFAULT_WAIT, QUEUE_TRY, Seeker, gone_for
from lanchat.node.underway import Outgoing
from lanchat.node.watching import Watch, watching
from lanchat.transfer.throttle import Throttle

RESUME_WAIT: Final = 10.0  # seconds `send` goes on trying at the least


async def send(node: Node, params: Params) -> AsyncGenerator[Row, None]:
    """Offer files and folders; progress rows, then one row with how it ended, or waits.

    With `queue` it is stored first and tried for a moment: it goes on by itself, and after
    a restart too.  What is sent with one `limit_group` shares its `limit_rate`.
    """
    paths, limit = given.paths(params), _limit(node, params)
    wait = given.seconds(params, "wait", DEFAULT_WAIT)
    queue = bool(params.get("queue"))
    seeker = Seeker(node, QUEUE_TRY if queue else wait)
    peer = await (_whom_to_queue_for if queue else _whom_to_reach)(node, params, seeker)
    began = time.monotonic()
    with watching(node, lambda happened: _is_about(peer, happened)) as watch:
        patience = asyncio.sleep(QUEUE_TRY) if queue else gone_for(node, peer, _patience(wait))
        over = asyncio.ensure_future(patience)
        sending: Outgoing | None = None
        try:
            skip = bool(params.get("skip_identical"))
            sending = await node.transfers.offer(
                peer, paths, standing=queue, limit=limit, skip=skip
            )
            ended: TransferEnded | None = None
            while ended is None:
                match await _next(watch, over):
                    case TransferChanged(transfer=transfer) as moved if _is(transfer, sending):
                        yield {**rows.progress(moved), "peer_id": str(peer)}
                    case TransferMoved(view) as moved if (
                        view.place == sending.place and view.held
                    ):
                        yield rows.event(moved, now_ms()) or {}
                    case TransferEnded(transfer=transfer) as happened if _is(transfer, sending):
                        ended = happened
                    case None if queue:
                        yield {**_row(sending, "queued", began), "reason": seeker.so_far(peer)}
                        return
                    case None:
                        raise _resumable(PeerSilent("gone in the middle of a transfer"))
                    case _:
                        pass
            yield _row(sending, ended.state.value, began)
            _judge_end(ended)
        finally:
            over.cancel()
            if sending is not None and not queue:
                node.transfers.leave(sending)


async def _whom_to_reach(node: Node, params: Params, seeker: Seeker) -> PeerId:
    """Open the session first: whoever is not found leaves nothing behind."""
    link = await seeker.session(given.text(params, "peer"), given.confirmed(params))
    await node.acquaintance.pin(link)
    return link.peer_id


async def _whom_to_queue_for(node: Node, params: Params, seeker: Seeker) -> PeerId:
    """Somebody who need not be here."""
    peer = await seeker.chosen(given.text(params, "peer"), given.confirmed(params))
    await file_acts.acknowledge(node, peer)
    return peer


def _limit(node: Node, params: Params) -> Throttle | None:
    group = params.get("limit_group")
    name = group if isinstance(group, str) else secrets.token_hex(8)
    return node.transfers.limit(name[:64], given.rate(params, "limit_rate"))


def _patience(wait: float) -> float:
    return max(wait, RESUME_WAIT)


def _is_about(peer: PeerId, happened: NodeEvent) -> bool:
    """Whether it tells of what goes to a peer; how far something is says no direction."""
    match happened:
        case TransferChanged(peer_id):
            return peer_id == peer
        case TransferMoved(view):
            return view.peer_id == peer and view.outgoing
        case TransferEnded(peer_id, outgoing=outgoing):
            return peer_id == peer and outgoing
    return False


def _is(transfer: bytes, sending: Outgoing) -> bool:
    return transfer == sending.offer.id


def _row(sending: Outgoing, state: str, began: float) -> Row:
    """How it ended, or that it waits."""
    return {
        "transfer": sending.offer.id.hex(),
        "peer_id": str(sending.peer),
        "state": state,
        "files": sending.offer.files,
        "bytes": sending.offer.total,
        "seconds": round(time.monotonic() - began, 3),
        "resumed_from": sending.resumed_from,
        "skipped": sending.skipped,
    }


async def _next(watch: Watch, over: "asyncio.Future[None]") -> NodeEvent | None:
    """The next event; None once nobody waits any longer."""
    getting = asyncio.ensure_future(watch.next())
    try:
        waiting: set[asyncio.Future[Any]] = {getting, over}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        return getting.result() if getting.done() else None
    finally:
        getting.cancel()


def _judge_end(ended: TransferEnded) -> None:
    match ended.state:
        case TransferState.DONE:
            return
        case TransferState.DECLINED:
            error: LanchatError = OfferDeclined(ended.reason)
        case _:
            error = TransferAbandoned(ended.reason)
    error.hint = ended.reason
    raise error


def _resumable(error: LanchatError) -> LanchatError:
    error.hint = "the same command goes on where it stopped"
    return error
