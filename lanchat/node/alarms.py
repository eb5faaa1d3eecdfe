"""Alarms: what a person should hear of, once and not a thousand times."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from lanchat.errors import DnsError, LanchatError, NoMulticast, PeerError, StoreError
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.events import NodeEvent, Warned

_log = logging.getLogger(__name__)

WARN_EVERY: Final = 10.0  # seconds between two warnings about the store
WRONG_EVERY: Final = 600.0  # seconds between two about one person who does not answer
COUNT_EVERY: Final = 60.0  # seconds between two about what was refused on the network
MOST_REMEMBERED: Final = 1024  # conflicts that were told of
_REFUSED: Final = ("forged", "bad advert")  # as discovery counts them


class Alarms:
    """Says what went wrong.  Lives on the node thread."""

    def __init__(self, publish: Callable[[NodeEvent], None]) -> None:
        self._publish = publish
        self._warned_at = float("-inf")
        self._conflicts: dict[PeerId, None] = {}
        self._wrong: dict[PeerId, float] = {}

    def met(self, task: str, error: LanchatError | OSError) -> None:
        """Something that may fail did: it is noted, and a person hears what concerns them."""
        level = logging.INFO if isinstance(error, PeerError) else logging.WARNING
        _log.log(level, "%s: %s: %s", task, type(error).__name__, error)
        now = time.monotonic()
        if isinstance(error, StoreError) and now - self._warned_at > WARN_EVERY:
            self._warned_at = now
            self._publish(Warned("store", error.sentence))

    def wrong_peer(self, peer: PeerId) -> None:
        """Somebody else answered where a peer was announced: told of now and then.

        Whoever copies an advert can make us dial in vain as often as he likes.
        """
        now = time.monotonic()
        if now - self._wrong.get(peer, float("-inf")) < WRONG_EVERY:
            return
        self._wrong[peer] = now  # as many as people we dial, who are people we know
        text = "another key answered where this person was announced; nothing was sent to it"
        self._publish(Warned("wrong-peer", text, peer))

    def multicast(self, trouble: NoMulticast | None) -> None:
        """Multicast does not work, or works again."""
        if trouble is not None:
            self._publish(Warned("no-multicast", trouble.sentence))

    def dns(self, trouble: DnsError | None) -> None:
        """The site's DNS server does not do what it should, or does again."""
        if trouble is not None:
            self._publish(Warned("dns", trouble.sentence))

    def spoke(self, peer: PeerId, trust: Trust) -> None:
        """A peer wrote or offered something; in conflict it may pass for somebody else."""
        if trust is not Trust.CONFLICT or peer in self._conflicts:
            return
        if len(self._conflicts) >= MOST_REMEMBERED:
            del self._conflicts[next(iter(self._conflicts))]
        self._conflicts[peer] = None
        text = "another key uses the name of somebody you know, or yours; it is not that person"
        self._publish(Warned("identity-conflict", text, peer))

    async def watch(self, counts: Callable[[], Counter[str]]) -> None:
        """Tell of refused adverts now and then; never ends."""
        told = 0
        while True:
            await asyncio.sleep(COUNT_EVERY)
            now = counts()
            refused = sum(now[kind] for kind in _REFUSED)
            if refused > told:
                text = f"{refused - told} announcements on the network were forged or malformed"
                self._publish(Warned("advert-refused", text))
            told = refused
