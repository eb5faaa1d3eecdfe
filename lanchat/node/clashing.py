"""Clashing: whether an offer came before, and what becomes of names that are taken.

Our user says it, or a setting; the sender's wish to skip what is here counts only where
neither does, and only of people we know.  PROTOCOL.md, 4.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from lanchat.errors import LanchatError, UnsafeName
from lanchat.identity.trust import Trust
from lanchat.node.lanes import Lanes
from lanchat.node.people import People
from lanchat.node.settings import Settings
from lanchat.node.surveying import can_survey
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Waiting
from lanchat.session.tcp import Link
from lanchat.store.transfers import StoredTransfer
from lanchat.transfer.clash import Clash, Earlier, Merging
from lanchat.transfer.ground import still_there
from lanchat.transfer.names import safe_component, unique
from lanchat.wire.payloads import MAX_SHOWN, SKIP, Offer

_KNOWN: Final = frozenset({Trust.KNOWN, Trust.VERIFIED})
_NOTHING: Final[Mapping[str, Earlier]] = {}


class Clashing:
    """Looks for earlier transfers of the same name.  Lives on the node thread."""

    def __init__(
        self,
        book: TransferBook,
        lanes: Lanes,
        people: People,
        settings: Callable[[], Settings],
    ) -> None:
        self._book = book
        self._lanes = lanes
        self._people = people
        self._settings = settings

    async def merge(
        self,
        waiting: Waiting,
        root: Path,
        kept: StoredTransfer | None,
        chosen: Clash | None,
    ) -> Merging:
        """The same of an offer that our user says something to."""
        link = waiting.link
        trust = self._people.trust(link.peer_id, link.ready.name)
        return await self.find(link, waiting.offer, root, trust, kept, chosen)

    async def find(
        self,
        link: Link,
        offer: Offer,
        root: Path,
        trust: Trust,
        kept: StoredTransfer | None,
        chosen: Clash | None = None,
    ) -> Merging:
        """What to do with an offer, and what of it came into `root` before.

        `kept` is what is known of the same offer, `chosen` our user's word.
        """
        clash = self._decide(offer, trust, kept, chosen)
        if not can_survey(link) or offer.tops > MAX_SHOWN:
            return Merging(clash, _NOTHING)
        try:
            names = tuple(unique(safe_component(top.name, top=True) for top in offer.shown))
        except UnsafeName:  # it is refused when its manifest comes
            return Merging(clash, _NOTHING)
        earlier = await self._book.earlier(link.peer_id, root, names)
        if not earlier:
            return Merging(clash, _NOTHING)
        try:
            there = await self._lanes.in_thread(lambda: still_there(root, earlier))
        except LanchatError:  # the disk will say it again, to somebody who can deal with it
            return Merging(clash, _NOTHING)
        return Merging(clash, there)

    def _decide(
        self, offer: Offer, trust: Trust, kept: StoredTransfer | None, chosen: Clash | None
    ) -> Clash:
        if chosen is not None:
            return chosen
        if kept is not None and kept.clash:
            return Clash(kept.clash)
        if (setting := self._settings().clash) is not None:
            return setting
        wished = bool(offer.flags & SKIP) and trust in _KNOWN
        return Clash.SKIP if wished else Clash.RENAME
