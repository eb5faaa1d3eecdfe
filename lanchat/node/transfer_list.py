"""The list of transfers: all that runs and waits, the last that are over, and what moves."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lanchat.errors import BadRequest
from lanchat.identity.keys import PeerId
from lanchat.node import listing
from lanchat.node.events import (
    NodeEvent,
    TransferChanged,
    TransferMoved,
    TransferState,
    TransferView,
)
from lanchat.node.rates import Rates
from lanchat.node.receiving import Receiving
from lanchat.node.sending import Sending
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Carried

REPORT_EVERY: Final = 0.25  # seconds: at most four a second (docs/COMMANDS.md)

_Key = tuple[PeerId, bytes, bool]  # whose, its id, and whether it is ours


class TransferList:
    """What is asked and told of all transfers.  Lives on the node thread."""

    def __init__(
        self,
        book: TransferBook,
        sending: Sending,
        receiving: Receiving,
        publish: Callable[[NodeEvent], None],
    ) -> None:
        self._book = book
        self._sending = sending
        self._receiving = receiving
        self._publish = publish
        self._rates = Rates()
        self._told: dict[_Key, TransferView] = {}  # as it was last

    async def views(self, limit: int) -> tuple[TransferView, ...]:
        """What runs and waits, and the last `limit` that are over; the newest first."""
        listed = self._now()
        for row in (*await self._book.unfinished_rows(), *await self._book.recent(limit)):
            view = listing.kept(row)
            if view is not None:
                listed.setdefault(view.place, view)
        newest = sorted(listed.values(), key=lambda view: view.at, reverse=True)
        over = [view for view in newest if view.over][:limit]
        return tuple(view for view in newest if not view.over or view in over)

    async def find(self, transfer: bytes, peer: PeerId | None = None) -> TransferView:
        """One transfer; of two with one id the one that is not over.

        Raises:
            BadRequest: there is none.
        """
        listed = self._now()
        for row in await self._book.named(transfer):
            view = listing.kept(row)
            if view is not None:
                listed.setdefault(view.place, view)
        found = [
            view
            for view in listed.values()
            if view.transfer == transfer and peer in (None, view.peer_id)
        ]
        if not found:
            raise BadRequest("no such transfer")
        return min(found, key=lambda view: view.over)

    async def single(self, peer: PeerId, transfer: bytes, *, outgoing: bool) -> Path | None:
        """Where the file of a transfer lies that carries no other; theirs once it is there."""
        row = await self._book.find_any(peer, transfer, outgoing=outgoing)
        if row is None or (row.files, row.folders) != (1, 0):
            return None
        there = row.results if row.state == TransferState.DONE else ()
        paths = row.sources if outgoing else there
        return Path(paths[0]) if len(paths) == 1 else None

    async def report(self) -> None:
        """Say how far everything has come, four times a second; never ends."""
        while True:
            await asyncio.sleep(REPORT_EVERY)
            now = asyncio.get_running_loop().time()
            running = [*self._sending.running(), *self._receiving.running()]
            self._rates.keep({_pace(one) for one in running})
            for one in running:
                done, checking = one.done, one.checking
                if self._rates.see(_pace(one), done if checking is None else checking, now):
                    self._tell(one, self._rates.of(_pace(one)))
            await self.tell_moves()

    def _tell(self, one: Carried, rate: int) -> None:
        checking = one.checking
        done = one.done if checking is None else checking
        total, compares = one.offer.total, checking is not None
        self._publish(TransferChanged(one.peer, one.offer.id, done, total, rate, compares))

    async def tell_moves(self) -> None:
        """Say which transfers came to another state since the last time."""
        before, now = self._told, self._now()
        self._told = now
        for key, view in now.items():
            if key not in before or _state(before[key]) != _state(view):
                self._publish(TransferMoved(view))
        for peer, transfer, outgoing in before.keys() - now.keys():
            row = await self._book.find_any(peer, transfer, outgoing=outgoing)
            kept = listing.kept(row) if row is not None else None
            if kept is not None and (peer, transfer, outgoing) not in self._told:
                self._publish(TransferMoved(kept))

    def _now(self) -> dict[_Key, TransferView]:
        """Everything that is not over, as this run knows it."""
        rates = self._rates
        views = [
            *(listing.outgoing(one, rates.of(_pace(one))) for one in self._sending.live()),
            *(listing.arriving(one, rates.of(_pace(one))) for one in self._receiving.live()),
            *(listing.asked(one) for one in self._receiving.asked()),
            *(listing.held(one) for one in self._receiving.holds.all()),
        ]
        return {view.place: view for view in views}


def _pace(one: Carried) -> object:
    """What has a rate of its own: comparing is quicker than sending."""
    return one.place, one.checking is not None


def _state(view: TransferView) -> tuple[object, ...]:
    return view.state, view.by, view.reason
