"""Taking: what follows a yes to an offer, our user's or that of a setting."""

from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Final

from lanchat.errors import BadRequest
from lanchat.identity.keys import PeerId
from lanchat.node import outcomes
from lanchat.node.attempts import Attempts
from lanchat.node.events import By, TransferState
from lanchat.node.holds import Holds
from lanchat.node.kept_offers import offer_of
from lanchat.node.lanes import Lanes
from lanchat.node.people import People
from lanchat.node.placing import part_of
from lanchat.node.settings import Settings
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Arriving, Waiting
from lanchat.session.tcp import Link
from lanchat.store.transfers import StoredTransfer
from lanchat.transfer.clash import Merging
from lanchat.transfer.parts import Incoming
from lanchat.transfer.parts_folder import part_name
from lanchat.transfer.receiver import Receiver
from lanchat.transfer.roots import RootId


class Taking:
    """Writes a yes down and acts on it.  Lives on the node thread.

    `waiting` are the offers that wait for a word, `parts_key` marks our own parts.
    """

    def __init__(
        self,
        book: TransferBook,
        lanes: Lanes,
        people: People,
        attempts: Attempts,
        holds: Holds,
        waiting: MutableMapping[tuple[PeerId, bytes], Waiting],
        parts_key: bytes,
        settings: Callable[[], Settings],
        *,
        current: Callable[[PeerId], Link | None],
        awaits: Callable[[PeerId], None],
    ) -> None:
        self._book = book
        self._lanes = lanes
        self._people = people
        self._attempts = attempts
        self._holds = holds
        self._waiting = waiting
        self._parts_key: Final = parts_key
        self._settings = settings
        self._current = current
        self._awaits = awaits

    async def take(
        self,
        waiting: Waiting,
        kept: StoredTransfer | None,
        root: Path,
        here: RootId,
        merging: Merging,
        *,
        unasked: bool,
    ) -> None:
        """Ask for what is missing of an offer, or wait until it is offered again.

        Nothing comes of it if the user blocks or forgets the peer meanwhile.

        It goes into `root`, which is `here`; `kept` is what is known of it.

        Raises:
            BadRequest: it was taken back meanwhile.
        """
        link, offer, peer = waiting.link, waiting.offer, waiting.link.peer_id
        before = self._people.trusted(peer)
        part = kept.part if kept and kept.part else part_name(self._parts_key)
        waits = self._waiting.get((peer, offer.id)) is waiting
        await self._let_go(peer, offer.id, part)  # a while, on a slow disk
        if waits and self._waiting.get((peer, offer.id)) is not waiting:
            raise BadRequest("no such offer")
        self._waiting.pop((peer, offer.id), None)
        self._holds.release(peer, offer.id)
        await self._book.accepted(
            peer,
            offer,
            root,
            part=part,
            unasked=unasked,
            root_id=str(here),
            clash=merging.clash,
        )
        if self._people.withdrew(peer, before):
            state, why = TransferState.CANCELLED, outcomes.NO_TRUST
            await self._book.rests(peer, offer.id, state, outgoing=False, by=By.ME, reason=why)
            return
        if self._current(peer) is None:
            self._awaits(peer)
            return
        incoming = Incoming(root, offer, part=part, root=here)
        incoming.programs = self._settings().keep_executable
        arriving = Arriving(
            link,
            Receiver(offer, attempt=kept.attempt if kept else 0, body=waiting.body),
            incoming,
            self._attempts.turn(peer, offer.id),
            body=waiting.body,
            at=kept.created_at if kept else waiting.at,
            reached=kept.done if kept else 0,
            merging=merging if merging.looks else None,
        )
        self._attempts.live[peer, offer.id] = arriving
        self._attempts.begin(arriving, link)

    async def _let_go(self, peer: PeerId, transfer: bytes, part: str) -> None:
        """A part of the same offer that is not gone on with goes; or stays known, if it cannot.

        It was cancelled while its disk was away, or lies in a folder that is not chosen now.
        """
        row = await self._book.find_any(peer, transfer, outgoing=False)
        if row is None or row.part in ("", part) or (offer := offer_of(row)) is None:
            return
        async with self._attempts.turn(peer, transfer):
            placed = row.state == TransferState.DONE
            gone = await self._lanes.rid_of(part_of(row, offer), placed=placed)
        if not gone:
            await self._book.left_behind(row)
