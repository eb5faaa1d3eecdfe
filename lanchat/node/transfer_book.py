"""The transfer book: what both desks of transfers write down so that a restart can go on."""

import secrets
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Final

from lanchat.identity.keys import PeerId
from lanchat.node.events import By, TransferState
from lanchat.node.kept_offers import flags_of, row_for
from lanchat.store.arrivals import Arrival
from lanchat.store.transfers import KEPT, StoredTransfer, Transfers
from lanchat.transfer.clash import Clash, Earlier, TopId
from lanchat.transfer.disk import Source
from lanchat.transfer.publish import Published
from lanchat.wire.bodies import encode
from lanchat.wire.payloads import MAX_SHOWN, Offer, TopKind

DAY: Final = 86_400_000  # ms
MOST_REFUSED: Final = 50  # offers of one peer that ended before any yes


class TransferBook:
    """Rows of the store, written at the moments that count.  Lives on the node thread."""

    def __init__(self, table: Transfers) -> None:
        self._table = table
        self._arrivals = table.arrivals

    # --- offers of ours -----------------------------------------------------------------

    async def unfinished(
        self, peer: PeerId, source: Source, flags: int = 0
    ) -> StoredTransfer | None:
        """Our earlier offer of just these files to this peer, made alike, if it could go on."""
        rows = await self._table.of_source(peer, source.manifest.digest)
        made = (row for row in rows if row.offer)  # else nobody knows what it said
        return next((row for row in made if flags_of(row) == flags), None)

    async def offered(
        self,
        peer: PeerId,
        offer: Offer,
        paths: Sequence[Path],
        attempt: int,
        *,
        standing: bool = False,
    ) -> None:
        """Something of ours is proposed, or proposed again."""
        row = await self.sent(peer, offer.id) or row_for(peer, offer, outgoing=True)
        await self._table.save(
            replace(
                _moved(row, TransferState.OFFERED),
                attempt=attempt,
                offer=encode(offer)[1],
                sources=tuple(str(path.absolute()) for path in paths),
                standing=standing or row.standing,
            )
        )

    async def sent(self, peer: PeerId, transfer: bytes) -> StoredTransfer | None:
        """What is kept of an offer of ours."""
        return await self._table.find(peer, transfer, outgoing=True)

    async def sent_from(self, folder: Path) -> tuple[StoredTransfer, ...]:
        """All offers of ours out of a folder so called, wherever it is; the newest first."""
        return await self._table.sent_from(folder.name)

    async def unsourced(self, row: StoredTransfer) -> None:
        """Nothing is known any more of where that of ours lay."""
        await self._table.save(replace(row, sources=()))

    async def standing(self) -> tuple[StoredTransfer, ...]:
        """Offers of ours that go on by themselves after a restart."""
        paused = TransferState.PAUSED.value
        rows = await self._table.running()
        return tuple(row for row in rows if row.standing and row.state != paused)

    # --- offers of theirs ---------------------------------------------------------------

    async def find(self, peer: PeerId, transfer: bytes) -> StoredTransfer | None:
        """What is kept of an offer of theirs; after 7 days without a change no yes to it.

        Nor once it is forgotten what it said.  Until it is swept its part and its attempts
        count on: the clock may have jumped.
        """
        row = await self._table.find(peer, transfer, outgoing=False)
        if row is not None and row.state == TransferState.CANCELLED:
            row = replace(row, part="", root_id="")  # one that was left is not gone on with
        if row is not None and (not row.offer or _now() - row.changed_at >= KEPT):
            return replace(row, accepted_at=0, unasked=False)
        return row

    async def accepted(
        self,
        peer: PeerId,
        offer: Offer,
        downloads: Path,
        *,
        part: str,
        unasked: bool,
        root_id: str,
        clash: Clash = Clash.RENAME,
    ) -> None:
        """An offer of theirs was accepted: it is not asked about again for 7 days."""
        kept = await self.find(peer, offer.id)
        row = kept or row_for(peer, offer, outgoing=False)
        first = row.accepted_at or _now()
        await self._table.save(
            replace(
                _moved(row, TransferState.WAITING),
                root=str(downloads),
                part=part,
                offer=encode(offer)[1],
                root_id=root_id,
                unasked=unasked,
                clash=clash.value,
                accepted_at=first,
            )
        )

    async def earlier(
        self, peer: PeerId, root: Path, names: Collection[str]
    ) -> list[tuple[str, Earlier]]:
        """What earlier transfers of a peer left in a folder under these names, newest first."""
        found = await self._arrivals.earlier(peer, str(root), names)
        return [
            (
                one.wanted,
                Earlier(one.name, TopKind(one.kind), TopId(one.inode, one.birth_ns)),
            )
            for one in found
        ]

    async def refused(
        self, peer: PeerId, offer: Offer, state: TransferState, *, by: By, reason: str
    ) -> None:
        """An offer of theirs was declined or taken back; nothing may be kept of it so far.

        It is written down as over at once: who dies in between would be asked for it again.
        """
        if await self.find_any(peer, offer.id, outgoing=False) is not None:
            await self.ended(peer, offer, state, outgoing=False, by=by, reason=reason)
            return
        row = row_for(peer, offer, outgoing=False)
        await self._table.save(replace(row, state=state.value, said_by=by.value, reason=reason))
        await self._table.limit(peer, MOST_REFUSED)

    async def stored(
        self, peer: PeerId, offer: Offer, published: Sequence[Published], skipped: int
    ) -> None:
        """Everything of an offer lies in its place; its part is yet to be removed."""
        row = await self.find(peer, offer.id)
        if row is None:  # the peer was forgotten meanwhile
            return
        results = [one.path for one in published]
        await self._table.save(
            replace(
                _moved(row, TransferState.DONE),
                done=offer.total,
                results=tuple(str(path) for path in results),
                done_at=_now(),
                skipped=skipped,
                programs=tuple(chain.from_iterable(one.programs for one in published)),
            )
        )
        if offer.tops <= MAX_SHOWN:  # else a folder of ours holds them
            came = [
                Arrival(one.wanted, one.path.name, one.kind, one.id.inode, one.id.birth_ns)
                for one in published
            ]
            root = str(results[0].parent) if results else ""
            await self._arrivals.note(peer, root, came, _now())

    async def allowed(self, row: StoredTransfer) -> None:
        """Its programs may be run from here on: nothing more is to be said of them."""
        await self._table.save(replace(row, programs=()))

    async def skipping(self, peer: PeerId, transfer: bytes, skipped: int) -> None:
        """So many files of an offer of ours are not sent, as the receiver has them."""
        row = await self.sent(peer, transfer)
        if row is not None and row.skipped != skipped:
            await self._table.save(replace(row, skipped=skipped))

    async def held(self) -> tuple[StoredTransfer, ...]:
        """Offers of theirs that wait for our disk."""
        held = TransferState.HELD.value
        rows = await self._table.running()
        return tuple(row for row in rows if row.state == held and not row.outgoing)

    async def parted(self) -> tuple[StoredTransfer, ...]:
        """All offers of theirs of which a part may lie here."""
        return await self._table.parted()

    async def resting(self, peer: PeerId) -> tuple[StoredTransfer, ...]:
        """Offers of theirs that may go on with a part that lies here, the newest first.

        Not what is over, whose part goes as soon as its disk lets it.
        """
        over = (TransferState.CANCELLED, TransferState.DONE)
        parted = await self._table.parted()
        rows = (row for row in parted if row.peer == peer and row.state not in over)
        return tuple(sorted(rows, key=lambda row: row.changed_at, reverse=True))

    async def goes_on(self, peer: PeerId, transfer: bytes) -> None:
        """It is on its way still: the 7 days without a change begin now."""
        row = await self._table.find(peer, transfer, outgoing=False)
        if row is not None:
            await self._table.save(replace(row, changed_at=_now()))

    async def left_part(self, kept: StoredTransfer) -> None:
        """The part of an offer that ended could not be removed: it is known by `kept`."""
        row = await self._table.find(kept.peer, kept.id, outgoing=False)
        if row is not None:
            await self._table.save(replace(row, part=kept.part, root_id=kept.root_id))

    async def left_behind(self, row: StoredTransfer) -> None:
        """Its part could not be removed, and another takes its place: it is known apart."""
        cancelled, me = TransferState.CANCELLED.value, By.ME.value
        id_, now = secrets.token_bytes(len(row.id)), _now()
        apart = replace(row, id=id_, state=cancelled, changed_at=now, said_by=row.said_by or me)
        await self._table.save(replace(apart, accepted_at=0, unasked=False, stored=False))

    async def unparted(self, peer: PeerId, transfer: bytes) -> None:
        """The part of an offer was removed; it was accepted all the same."""
        row = await self._table.find(peer, transfer, outgoing=False)
        if row is not None:
            await self._table.save(replace(row, part=""))

    async def unasked_today(self, peer: PeerId) -> tuple[int, int]:
        """Bytes, and files and folders, taken from a peer unasked in the last 24 hours."""
        return await self._table.taken_unasked(peer, _now() - DAY)

    async def strangers_today(self) -> tuple[int, int]:
        """The same of all strangers together."""
        return await self._table.taken_of_strangers(_now() - DAY)

    # --- both ---------------------------------------------------------------------------

    async def attempted(
        self, peer: PeerId, offer: Offer, attempt: int, *, outgoing: bool
    ) -> None:
        """An attempt begins; its number is kept before anything is keyed by it."""
        row = await self._table.find(peer, offer.id, outgoing=outgoing)
        if row is not None:
            row = _moved(row, TransferState.RUNNING)
            await self._table.save(replace(row, attempt=attempt))

    async def rests(
        self,
        peer: PeerId,
        transfer: bytes,
        state: TransferState,
        *,
        outgoing: bool,
        by: By | None = None,
        reason: str = "",
        done: int | None = None,
    ) -> None:
        """It is paused, waits, or failed in a way that can be mended: what is here stays."""
        row = await self._table.find(peer, transfer, outgoing=outgoing)
        if row is not None and row.state != TransferState.DONE:
            row = _moved(row, state, by, reason)
            await self._table.save(replace(row, done=row.done if done is None else done))

    async def ended(
        self,
        peer: PeerId,
        offer: Offer,
        state: TransferState,
        *,
        outgoing: bool,
        by: By | None = None,
        reason: str = "",
    ) -> None:
        """A transfer reached its final state; offered again, it may go to any folder."""
        row = await self._table.find(peer, offer.id, outgoing=outgoing)
        if row is None:  # the peer was forgotten meanwhile
            return
        done = state is TransferState.DONE
        await self._table.save(
            replace(
                _moved(row, state, by, reason),
                done=offer.total if done else row.done,
                done_at=_now() if done else 0,
                part="",
                root_id="",
            )
        )

    async def find_any(
        self, peer: PeerId, transfer: bytes, *, outgoing: bool
    ) -> StoredTransfer | None:
        """What is kept of a transfer, however old."""
        return await self._table.find(peer, transfer, outgoing=outgoing)

    async def named(self, transfer: bytes) -> tuple[StoredTransfer, ...]:
        """Every transfer with this id, whoever offered it: mostly one."""
        return await self._table.named(transfer)

    async def unfinished_rows(self) -> tuple[StoredTransfer, ...]:
        """All that have not ended, in both directions."""
        return await self._table.running()

    async def recent(self, limit: int) -> tuple[StoredTransfer, ...]:
        """The last ones, newest first, whatever became of them."""
        return await self._table.recent(limit)

    async def known_parts(self) -> tuple[Collection[str], Collection[Path]]:
        """The names of all parts that may be gone on with, and the folders they lie in."""
        rows = await self._table.parted()
        return {row.part for row in rows}, {Path(row.root) for row in rows}

    async def forget(self, peer: PeerId) -> tuple[StoredTransfer, ...]:
        """Forget all transfers with a peer, and that any was accepted; gives them."""
        await self._arrivals.forget(peer)
        return await self._table.forget(peer)

    async def anonymise(self, peer: PeerId | None, before_ms: int | None) -> None:
        """Forget the names in what ended, with `peer` or with everybody, before a moment."""
        await self._table.anonymise(peer, before_ms)

    async def sweep(self) -> tuple[StoredTransfer, ...]:
        """Forget what nobody touched for 7 days; gives it, so that parts can be removed."""
        await self._arrivals.sweep(_now() - KEPT)
        return await self._table.sweep(_now())


def _moved(
    row: StoredTransfer, state: TransferState, by: By | None = None, reason: str = ""
) -> StoredTransfer:
    """The row in another state from now on, with who brought that about, and why."""
    said_by = by.value if by else ""
    return replace(row, state=state.value, changed_at=_now(), said_by=said_by, reason=reason)


def _now() -> int:
    return time.time_ns() // 1_000_000
