"""File requests: the verbs about transfers, for every front end.  docs/COMMANDS.md."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Final

from lanchat.errors import BadRequest, PeerError, RemoteProtocolError
from lanchat.identity.keys import PeerId
from lanchat.node import file_acts, lookup, rows
from lanchat.node import params as given
from lanchat.node.events import (
    FileReceived,
    NodeEvent,
    TransferChanged,
    TransferEnded,
    TransferMoved,
    TransferView,
)
from lanchat.node.node import Node, now_ms
from lanchat.node.params import Params
from lanchat.node.rows import Row
from lanchat.node.seek import QUEUE_TRY, Seeker
from lanchat.node.settings import Clash
from lanchat.node.watching import watching
from lanchat.wire.payloads import ID_SIZE

Act = Callable[[Node, PeerId, bytes], Awaitable[TransferView]]
Verb = Callable[[Node, Params], AsyncGenerator[Row, None]]


async def transfers(node: Node, params: Params) -> AsyncGenerator[Row, None]:
    """Files on their way and the last ones that are over; with `watch`, what changes."""
    limit = given.count(params, "limit", file_acts.RECENT)
    if params.get("watch"):
        async with aclosing(_watch(node, limit)) as watched:
            async for row in watched:
                yield row
        return
    for view in await file_acts.transfers(node, limit):
        yield _named_row(node, view)


async def offer(node: Node, params: Params) -> AsyncGenerator[Row, None]:
    """Offer files and folders; one row at once, and it goes on by itself."""
    paths = given.paths(params)
    if not all(path.is_absolute() for path in paths):
        raise BadRequest("a path is not whole")
    seeker = Seeker(node, given.seconds(params, "wait", 0.0))
    peer = await seeker.chosen(given.text(params, "peer"), given.confirmed(params))
    skip = bool(params.get("skip_identical"))
    yield _named_row(node, await file_acts.offer(node, peer, paths, skip=skip))


async def accept(node: Node, params: Params) -> AsyncGenerator[Row, None]:
    """Take what is offered; with `folder`, there."""
    folder = params.get("folder")
    if folder is not None and (not isinstance(folder, str) or not folder or "\0" in folder):
        raise BadRequest("folder is no path")
    view = await _named(node, params)
    where = Path(folder) if folder is not None else None
    clash = _clash(params)
    taken = await file_acts.accept(node, view.peer_id, view.transfer, where, clash)
    yield _named_row(node, taken)


def _clash(params: Params) -> Clash | None:
    said = params.get("clash")
    try:
        return None if said is None else Clash(str(said))
    except ValueError as error:
        raise BadRequest("clash is rename, skip or overwrite") from error


async def make_executable(node: Node, params: Params) -> AsyncGenerator[Row, None]:
    """Let our user run what were programs at the sender; the other side need not know."""
    view = await _named(node, params)
    made = await file_acts.make_executable(node, view.peer_id, view.transfer)
    yield _named_row(node, made)


def _verb(act: Act) -> Verb:
    """A verb that needs to know the transfer and no more."""

    async def verb(node: Node, params: Params) -> AsyncGenerator[Row, None]:
        view = await _named(node, params)
        await _meet(node, view.peer_id)
        yield _named_row(node, await act(node, view.peer_id, view.transfer))

    return verb


async def _meet(node: Node, peer: PeerId) -> None:
    """Let a command tell the other side, if that is there: it ends in a moment."""
    if not node.settings.listening:
        with suppress(PeerError, RemoteProtocolError):
            await Seeker(node, QUEUE_TRY).reach(peer)


async def _named(node: Node, params: Params) -> TransferView:
    """The transfer that is meant; `peer` says whose, where two bear one id."""
    try:
        transfer = bytes.fromhex(given.text(params, "transfer"))
    except ValueError as error:
        raise BadRequest("transfer is no id") from error
    if len(transfer) != ID_SIZE:
        raise BadRequest("transfer is no id")
    peer = params.get("peer")
    whose = lookup.whole_id(peer) if isinstance(peer, str) else None
    if peer is not None and whose is None:
        raise BadRequest("peer is no whole id")
    return await node.transfers.list.find(transfer, whose)


async def _watch(node: Node, limit: int) -> AsyncGenerator[Row, None]:
    told = TransferMoved | TransferChanged | TransferEnded | FileReceived
    with watching(node, lambda happened: isinstance(happened, told)) as watch:
        for view in reversed(await file_acts.transfers(node, limit)):
            yield _row(TransferMoved(view))
        while True:
            yield _row(await watch.next())


def _named_row(node: Node, view: TransferView) -> Row:
    return {**rows.transfer_row(view), "name": node.people.name(view.peer_id)}


def _row(happened: NodeEvent) -> Row:
    return rows.event(happened, now_ms()) or {}


VERBS: Final[Mapping[str, Verb]] = {
    "transfers": transfers,
    "offer": offer,
    "accept": accept,
    "decline": _verb(file_acts.decline),
    "pause": _verb(file_acts.pause),
    "resume": _verb(file_acts.resume),
    "cancel": _verb(file_acts.cancel),
    "retry": _verb(file_acts.retry),
    "make-executable": make_executable,
}
