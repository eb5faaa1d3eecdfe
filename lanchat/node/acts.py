"""Acts: what a person does in a window, one function a gesture.

Each works on the node thread, returns as soon as it is stored, and tells what came of it
by events.  An act aimed at a peer pins its key, as writing to somebody by command does.
"""

from contextlib import aclosing
from typing import Final

from lanchat.conversation.message import Message
from lanchat.conversation.text import clean_message, cut_draft
from lanchat.identity import trust as trusting
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact
from lanchat.node import naming, requests
from lanchat.node.file_acts import accept as accept
from lanchat.node.file_acts import acknowledge as acknowledge  # the acts about files, too
from lanchat.node.file_acts import cancel as cancel
from lanchat.node.file_acts import decline as decline
from lanchat.node.file_acts import landing as landing
from lanchat.node.file_acts import make_executable as make_executable
from lanchat.node.file_acts import offer as offer
from lanchat.node.file_acts import offer_pasted as offer_pasted
from lanchat.node.file_acts import pause as pause
from lanchat.node.file_acts import picture as picture
from lanchat.node.file_acts import results as results
from lanchat.node.file_acts import resume as resume
from lanchat.node.file_acts import retry as retry
from lanchat.node.file_acts import transfers as transfers
from lanchat.node.node import Node, now_ms
from lanchat.node.presence import Availability
from lanchat.node.seek import STRANGE, Seeker, unconfirmed
from lanchat.node.settings import Settings
from lanchat.wire.payloads import Receipt, ReceiptState

ADDRESS_WAIT: Final = 5.0  # seconds to look for somebody at a typed address
_IDS: Final = 255  # of one receipt (PROTOCOL.md, 3a)


async def write(node: Node, peer: PeerId, text: str, drafted: str = "") -> Message:
    """Write to a peer: stored and shown at once, sent when a session stands.

    `drafted`: what was kept of it as a draft, which is none from then on.

    Raises:
        BadRequest: the text is empty, too long or holds a NUL.
        PeerBlocked: the user blocked this peer.
    """
    clean_message(text)  # nobody becomes known for what cannot be said
    await acknowledge(node, peer)
    message = await node.conversations.compose(peer, text, cut_draft(drafted))
    node.dialler.wait_for(peer)
    return message


async def draft(node: Node, peer: PeerId, text: str) -> None:
    """Keep what is being written to a peer until it is sent; "" for nothing.

    Of more than `MAX_DRAFT` bytes the beginning is kept.
    """
    await node.history.draft(peer, cut_draft(text))


async def see(node: Node, peer: PeerId, *, tell: bool = False) -> None:
    """The user looked at a conversation; with `tell` its author hears of it."""
    ids = await node.history.see(peer)
    await node.seen(peer)
    link = node.sessions.current(peer)
    if tell and link is not None and node.people.trusted(peer):
        for start in range(0, len(ids), _IDS):
            link.post(Receipt(ReceiptState.READ, tuple(ids[start : start + _IDS])))


async def trust(node: Node, peer: PeerId, action: str) -> None:
    """Change what is held of a peer: known, block, unblock or forget (docs/COMMANDS.md)."""
    asked = requests.run(node, "trust", {"peer": str(peer), "action": action})
    async with aclosing(asked) as rows:
        async for _row in rows:
            pass


async def call(node: Node, peer: PeerId, alias: str) -> None:
    """Give somebody the user's own name for them; "" takes it back."""

    def act(held: Contact | None) -> Contact:
        view = node.neighbours.view(peer)
        base = held or trusting.stranger(peer, view.name if view else "", now_ms())
        return trusting.set_alias(base, alias)

    await node.people.change(peer, act)
    node.neighbours.refresh(peer)


async def mute(node: Node, peer: PeerId, *, muted: bool) -> None:
    """Be told no more of what somebody we know writes, or again; nobody else hears of it."""
    await node.people.change(
        peer, lambda held: trusting.mute(held, muted=muted) if held else None
    )


async def rename(node: Node, name: str) -> str:
    """Be called something else from now on; the name as others see it.

    Raises:
        BadRequest: nobody may be called that.
        OwnNameTaken: it looks like the name of somebody we know.
    """
    return await naming.rename(node, name)


async def attend(
    node: Node, availability: Availability | None = None, status: str | None = None
) -> None:
    """Be available, away, busy or invisible; have a line beside the name, "" for none.

    Raises:
        BadRequest: the line is too long.
    """
    await node.attendance.attend(availability, status)


async def rest(node: Node, *, idle: bool) -> None:
    """Nobody touches this computer, or somebody does again."""
    node.attendance.rest(idle=idle)


async def change(node: Node, settings: Settings) -> None:
    """Go by other settings from now on, as far as that needs no new start."""
    node.change(settings)


async def adopt(node: Node, peer: PeerId) -> None:
    """The user agreed to what a contact calls itself now.

    Raises:
        NameTaken: it looks like the name of somebody else.
    """
    names = node.people.taken()
    await node.people.change(
        peer, lambda held: trusting.adopt_name(held, names) if held else None
    )
    node.neighbours.refresh(peer)


async def add(node: Node, address: str, confirmed: PeerId | None = None) -> PeerId:
    """Dial somebody whom multicast does not reach, at HOST:PORT or where their invite leads.

    Raises:
        UnconfirmedPeer: a stranger answered; show the fingerprint, ask, and try again.
        BadInvite, PeerNotFound, WrongPeer, PeerBlocked, ReachedOurselves.
    """
    link = await Seeker(node, ADDRESS_WAIT).session(address, confirmed)
    peer, claimed = link.peer_id, link.ready.name
    if peer != confirmed and node.people.trust(peer, claimed) in STRANGE:  # by an invite
        raise unconfirmed(node, peer, node.people.name(peer, claimed))
    await node.acquaintance.pin(link)
    return peer


async def clear(node: Node, peer: PeerId) -> None:
    """Delete a conversation here, the names of files and what was not sent yet, too.

    The other side keeps its own.
    """
    await node.history.delete(peer, now_ms())
    await node.transfers.anonymise(peer)


async def clear_all(node: Node) -> None:
    """Delete every conversation here; what is held of people stays."""
    for message in await node.history.latest():
        await node.history.delete(message.peer, now_ms())
    await node.history.drop_drafts()
    await node.transfers.anonymise()


async def keep(node: Node, days: int) -> None:
    """Keep messages for so many days, 0 for ever; what is older goes now.

    Raises:
        BadRequest: no such number of days.
    """
    await node.retention.keep(days)


async def kept(node: Node) -> int:
    """For how many days messages are kept; 0 for ever."""
    return await node.retention.days()


async def hide(node: Node, peer: PeerId, message: bytes) -> None:
    """Delete one message here, or what stands for files, with a picture that was pasted."""
    await node.history.delete(peer, now_ms(), ids=(message,))
    await node.transfers.pasted.drop(peer, message)
