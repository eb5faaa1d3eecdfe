"""Relations: what follows when the user changes what is held of somebody."""

from lanchat.errors import StoreError
from lanchat.identity.keys import PeerId
from lanchat.node.node import Node
from lanchat.wire.payloads import CloseCode


async def forget(node: Node, peer: PeerId) -> None:
    """Hold nothing of a peer any more, neither our yes to its files nor words for it.

    Words that wait are an act towards somebody; sent later, they would undo this one.
    What is said on a session meanwhile waits, and goes unheard with it: it would be a
    stranger's.

    Raises:
        StoreError: it could not be done.  If the book refused, all goes on as before, files
            on their way too; later on, some of what waits for the peer may be left.
    """
    with node.meeting.leaving(peer):
        with node.sessions.unheeded(peer):
            try:
                await node.people.forget(peer)
            except StoreError:
                node.meeting.reconsider(peer)  # nobody was dialled meanwhile
                raise
            node.transfers.withdraw(peer, forgotten=True)
            node.sessions.drop(peer, CloseCode.GOODBYE)
        node.sessions.give_up_dials(peer)
        node.dialler.waiting.discard(peer)
        try:
            await node.conversations.withdraw(peer)
            await node.history.draft(peer, "")
            await node.transfers.forget(peer)
        finally:
            node.dialler.waiting.discard(peer)
            await changed(node, peer, forgotten=True)


async def changed(node: Node, peer: PeerId, *, forgotten: bool = False) -> None:
    """The user changed what we hold of a peer: sessions, lanes and secrets follow.

    Whoever was `forgotten` may be held again, as a stranger who wrote meanwhile.
    """
    blocked = node.people.blocked(peer)
    if blocked or forgotten or node.people.find(peer) is None:
        node.transfers.withdraw(peer)
        node.sessions.drop(peer, CloseCode.REFUSED if blocked else CloseCode.GOODBYE)
        await node.acquaintance.estranged()
    else:
        node.acquaintance.share(peer)
        node.dialler.want(peer)
    node.neighbours.refresh(peer)
