"""File acts: what a person does about files, in a window or by a request.

Each works on the node thread and returns as soon as it is written down; what comes of it is
told by events (`TransferMoved`, `TransferChanged`, `TransferEnded`, `FileReceived`).  A
transfer is named by its id and whose it is.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from lanchat.errors import BadRequest, PeerBlocked
from lanchat.identity.keys import PeerId
from lanchat.node import pictures, relations
from lanchat.node.events import TransferView
from lanchat.node.node import Node, now_ms
from lanchat.node.settings import Clash
from lanchat.transfer.space import spare

RECENT = 100  # transfers that are over, in a list


async def acknowledge(node: Node, peer: PeerId) -> None:
    """The user turned to this peer: a stranger becomes known from here on.

    Raises:
        PeerBlocked: the user blocked this peer.
    """
    if node.people.blocked(peer):
        raise PeerBlocked(peer.short)
    view = node.neighbours.view(peer)
    name = view.name if view else node.people.name(peer)
    if await node.people.pin(peer, name, now_ms()):
        await relations.changed(node, peer)


async def transfers(node: Node, limit: int = RECENT) -> tuple[TransferView, ...]:
    """All that run and wait, and the last `limit` that are over; the newest first."""
    return await node.transfers.list.views(limit)


async def landing(node: Node) -> tuple[Path, int]:
    """Where received files go, and how many bytes more of them there is room for.

    Raises:
        DiskFailed: the disk cannot be asked, or can only be read.
    """
    folder = node.settings.downloads
    return folder, max(await asyncio.to_thread(spare, folder), 0)


async def offer(
    node: Node, peer: PeerId, paths: Sequence[Path], *, skip: bool = False
) -> TransferView:
    """Offer files and folders; it goes on by itself, after a restart too.

    `skip` asks the receiver to take only what it does not have.

    Raises:
        SourceMissing, UnsafeName, DiskFailed: they cannot be read or named.
        PeerBlocked: the user blocked this peer.
    """
    await acknowledge(node, peer)
    out = await node.transfers.offer(peer, paths, standing=True, skip=skip)
    return await node.transfers.list.find(out.offer.id, peer)


async def offer_pasted(node: Node, peer: PeerId, name: str, picture: bytes) -> TransferView:
    """Offer a picture that lies in no file; the last ones are kept after that is over.

    Raises:
        StoreFull, StoreError: it cannot be kept so long.
        UnsafeName, DiskFailed, PeerBlocked: as in `offer`.
    """
    async with node.transfers.pasted.keeping(name, picture) as path:
        return await offer(node, peer, [path])


async def accept(
    node: Node,
    peer: PeerId,
    transfer: bytes,
    folder: Path | None = None,
    clash: Clash | None = None,
) -> TransferView:
    """Take what is offered, into `folder` unless it is the usual one.

    `clash` says what becomes of what an earlier transfer of theirs left there; None leaves
    that to the settings.

    Raises:
        BadRequest: it is not offered any more, or the folder is no whole path.
        NoSpace, DiskFailed: it does not fit there; it stays offered.
    """
    if folder is not None and not folder.is_absolute():
        raise BadRequest("the folder is no whole path")
    await acknowledge(node, peer)
    view = await node.transfers.list.find(transfer, peer)
    await node.transfers.accept(view, folder, clash)
    return await node.transfers.list.find(transfer, peer)


async def decline(node: Node, peer: PeerId, transfer: bytes) -> TransferView:
    """Do not take what is offered; BadRequest if it is not offered any more."""
    await node.transfers.decline(await node.transfers.list.find(transfer, peer))
    return await node.transfers.list.find(transfer, peer)


async def pause(node: Node, peer: PeerId, transfer: bytes) -> TransferView:
    """Stop a transfer, and keep what is there; BadRequest if it is over or not accepted."""
    await node.transfers.pause(await node.transfers.list.find(transfer, peer))
    return await node.transfers.list.find(transfer, peer)


async def resume(node: Node, peer: PeerId, transfer: bytes) -> TransferView:
    """Go on with a transfer where it stopped, now or once the peer is there.

    Raises:
        BadRequest: there is nothing to go on with.
        FileChanged, SourceMissing, NoSpace, DiskFailed: it cannot go on.
    """
    await node.transfers.resume(await node.transfers.list.find(transfer, peer))
    return await node.transfers.list.find(transfer, peer)


async def cancel(node: Node, peer: PeerId, transfer: bytes) -> TransferView:
    """End a transfer on both sides; BadRequest if it is over, or all of it is there."""
    await node.transfers.cancel(await node.transfers.list.find(transfer, peer))
    return await node.transfers.list.find(transfer, peer)


async def retry(node: Node, peer: PeerId, transfer: bytes) -> TransferView:
    """Try again what failed, was cancelled or declined; an offer of ours may get a new id.

    Raises:
        BadRequest: there is nothing to try, or only the other side can.
        SourceMissing, UnsafeName, NoSpace, DiskFailed: it cannot be tried.
    """
    return await node.transfers.retry(await node.transfers.list.find(transfer, peer))


async def make_executable(node: Node, peer: PeerId, transfer: bytes) -> TransferView:
    """Let our user run what were programs at the sender; NoProgram if there is none."""
    await node.transfers.make_executable(await node.transfers.list.find(transfer, peer))
    return await node.transfers.list.find(transfer, peer)


async def results(node: Node, peer: PeerId, transfer: bytes) -> tuple[str, ...]:
    """Where the files of a transfer lie; none if they do not, or not here."""
    try:
        return (await node.transfers.list.find(transfer, peer)).paths
    except BadRequest:
        return ()


async def picture(
    node: Node, peer: PeerId, transfer: bytes, *, outgoing: bool
) -> BinaryIO | None:
    """The picture that a transfer carries, opened for reading; None if it carries none.

    Only its first bytes were looked at.  Whoever decodes it does so in a process of its own.
    """
    path = await node.transfers.list.single(peer, transfer, outgoing=outgoing)
    return await asyncio.to_thread(pictures.opened, path) if path is not None else None
