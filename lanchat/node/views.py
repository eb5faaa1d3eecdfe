"""Views: what a window reads of a node, as values.  Events tell what changes from then on."""

from typing import TYPE_CHECKING, Final

from lanchat.conversation.message import Message
from lanchat.identity.keys import PeerId
from lanchat.node.events import PeerView, Presence
from lanchat.node.person import Overview, Person

if TYPE_CHECKING:  # a window draws these before it has a node, and loading one takes long
    from lanchat.node.node import Node

PAGE: Final = 200  # messages read at a time
RECENT: Final = 50  # transfers that are over


async def overview(node: "Node") -> Overview:
    """Who I am, who is there, and whom we know."""
    last = {message.peer: message for message in await node.history.latest()}
    unread = await node.history.unread()
    transfers = await node.transfers.list.views(RECENT)
    drafts = await node.history.drafts()
    ids = dict.fromkeys([view.peer_id for view in node.neighbours.views()])
    ids.update(dict.fromkeys(held.peer_id for held in node.people.all()))
    ids.update(dict.fromkeys(drafts))  # what was written to somebody is never out of sight
    people = tuple(
        Person(line(node, peer), node.people.find(peer), last.get(peer), unread.get(peer, 0))
        for peer in ids
    )
    return Overview(
        node.me, node.name, node.doors.port, node.doors.addresses(), people, transfers,
        node.attendance.showing, drafts, node.verification.asked(),
    )  # fmt: skip


def line(node: "Node", peer: PeerId) -> PeerView:
    """The line of somebody, here or not."""
    view = node.neighbours.view(peer)
    if view is not None:
        return view
    held = node.people.find(peer)
    trust = node.people.trust(peer, held.name if held else "")
    return PeerView(peer, node.people.name(peer), trust, Presence.OFFLINE)


async def page(node: "Node", peer: PeerId, before: bytes | None = None) -> tuple[Message, ...]:
    """The last messages with a peer, oldest first; `before` an id: those above it."""
    return await node.history.page(peer, PAGE, before)


async def search(node: "Node", text: str, limit: int = 50) -> tuple[Message, ...]:
    """The newest messages of all conversations that hold all words of `text`."""
    return await node.history.search(None, text, limit)
