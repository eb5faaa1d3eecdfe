"""Holds: offers of theirs that our disk does not take, and the watch until it does.

What is held goes on by itself: the disk is looked at after two seconds, then less and less
often.  Whoever offers it again meanwhile is told what it waits for.  PROTOCOL.md, 4.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from lanchat.errors import BadRequest, LanchatError, StoreError
from lanchat.identity.keys import PeerId
from lanchat.node import outcomes
from lanchat.node.events import Fault, NodeEvent, TransferState, Warned
from lanchat.node.kept_offers import offer_of
from lanchat.node.transfer_book import TransferBook
from lanchat.store.transfers import StoredTransfer
from lanchat.transfer.space import write_error
from lanchat.wire.payloads import CHUNK, Offer

FIRST_PAUSE: Final = 2.0  # seconds until the disk is looked at again
LONGEST_PAUSE: Final = 30.0  # seconds

_Key = tuple[PeerId, bytes]


@dataclass(frozen=True, slots=True)
class Hold:
    """One offer that waits for our disk.  `missing` and `done` in bytes."""

    peer: PeerId
    offer: Offer
    root: Path
    at: int  # ms since 1970 of the offer
    done: int
    reason: str
    fault: Fault | None = None  # not known yet: it was held when the program ended
    missing: int = 0

    @property
    def key(self) -> _Key:
        """Whose, and which."""
        return self.peer, self.offer.id


def hold_of(row: StoredTransfer, root: Path) -> Hold | None:
    """What is kept of an offer, as something that is held."""
    offer = offer_of(row)
    if offer is None:
        return None
    return Hold(row.peer, offer, root, row.created_at, row.done, row.reason)


def held(hold: Hold, error: LanchatError) -> Hold:
    """The same, with what the disk says now."""
    fault, missing = outcomes.fault_of(error), outcomes.missing(error)
    reason = outcomes.held_here(fault, missing, str(hold.root)) if fault else hold.reason
    return replace(hold, fault=fault or hold.fault, missing=missing, reason=reason)


def pause(looks: int) -> float:
    """Seconds until the next look, after so many in vain."""
    return min(FIRST_PAUSE * 2.0 ** min(looks, 10), LONGEST_PAUSE)


class Holds:
    """Everything that waits for our disk.  Lives on the node thread.

    `again` tries to go on with a transfer, which takes it from here if it can, and raises
    what the disk says if it cannot.  Without `watching` nothing is held: a command does what
    it was asked, and no more.
    """

    def __init__(
        self,
        book: TransferBook,
        *,
        again: Callable[[PeerId, bytes], Awaitable[None]],
        publish: Callable[[NodeEvent], None],
        watching: bool,
    ) -> None:
        self._book = book
        self._again = again
        self._publish = publish
        self._watching = watching
        self._held: dict[_Key, Hold] = {}
        self._due: dict[_Key, float] = {}
        self._looks: dict[_Key, int] = {}  # in vain, in a row
        self._more = asyncio.Event()

    def __contains__(self, key: object) -> bool:
        return key in self._held

    def all(self) -> list[Hold]:
        """Everything that is held now."""
        return list(self._held.values())

    def of(self, peer: PeerId) -> list[Hold]:
        """What is held of one peer's."""
        return [hold for hold in self._held.values() if hold.peer == peer]

    async def keep(self, hold: Hold, *, advanced: bool = False) -> None:
        """Hold an offer from now on; `advanced`: something came since it was held last."""
        if not self._watching:
            return
        key = hold.key
        first = advanced or key not in self._looks
        self._looks[key] = 0 if first else self._looks[key]
        if first and hold.fault is not None:
            full = hold.fault in {Fault.FULL, Fault.QUOTA}
            code = "disk-full" if full else "downloads"
            self._publish(Warned(code, hold.reason, hold.peer))
        self._held[key] = hold
        self._wait(key)
        self._more.set()
        await self._note(hold)

    def recall(self, row: StoredTransfer) -> None:
        """What was held when the program ended is looked at at once."""
        hold = hold_of(row, Path(row.root))
        if self._watching and hold is not None and hold.key not in self._held:
            self._held[hold.key] = hold
            self._due[hold.key] = 0.0
            self._looks[hold.key] = 0
            self._more.set()

    def release(self, peer: PeerId, transfer: bytes) -> None:
        """It goes on, or is about to; held again, it is looked at as rarely as before."""
        self._held.pop((peer, transfer), None)
        self._due.pop((peer, transfer), None)

    def drop(self, peer: PeerId, transfer: bytes) -> None:
        """It is over, or waits for something else."""
        self.release(peer, transfer)
        self._looks.pop((peer, transfer), None)

    async def watch(self) -> None:
        """Look at the disk now and then while something is held; never ends."""
        clock = asyncio.get_running_loop().time
        while True:
            self._more.clear()
            due = min(self._due.values(), default=None)
            if due is None or due > clock():
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(due):
                        await self._more.wait()
                continue
            for key, when in tuple(self._due.items()):
                if when <= clock() and (hold := self._held.get(key)) is not None:
                    await self._look(hold)

    async def _look(self, hold: Hold) -> None:
        self._looks[hold.key] = self._looks.get(hold.key, 0) + 1
        self._wait(hold.key)
        try:
            await self._again(*hold.key)
        except BadRequest:  # it is over
            self.drop(*hold.key)
        except (LanchatError, OSError) as met:  # whatever it is, the others are looked at
            error = write_error(met) if isinstance(met, OSError) else met
            told = held(hold, error)
            moved = abs(told.missing - hold.missing) >= CHUNK or told.fault is not hold.fault
            if self._held.get(hold.key) is hold and moved:
                self._held[hold.key] = told
                with suppress(StoreError):  # its disk may be the one that is full
                    await self._note(told)
        else:
            self.release(*hold.key)

    def _wait(self, key: _Key) -> None:
        self._due[key] = asyncio.get_running_loop().time() + pause(self._looks[key])

    async def _note(self, hold: Hold) -> None:
        await self._book.rests(
            hold.peer,
            hold.offer.id,
            TransferState.HELD,
            outgoing=False,
            reason=hold.reason,
            done=hold.done,
        )
