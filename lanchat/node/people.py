"""People: the trust book, held in memory and written through to the store.

A dial, an advert or a record never waits for the disk to learn how far a peer is trusted;
a change is stored before anybody is told of it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Final, Protocol, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from lanchat.conversation.text import shown_name
from lanchat.discovery.advert import label_of
from lanchat.identity import trust as trusting
from lanchat.identity.keys import PeerId, label
from lanchat.identity.trust import Contact, Trust
from lanchat.node.epochs import Drawer, secret
from lanchat.node.finishing import to_the_end
from lanchat.wire.payloads import NO_KEY

Act = Callable[[Contact | None], Contact | None]

_TRUSTED: Final = frozenset({Trust.KNOWN, Trust.VERIFIED})


class Book(Protocol):
    """What people need of the store."""

    def all(self) -> Awaitable[tuple[Contact, ...]]:
        """Every contact."""

    def save(self, contact: Contact) -> Awaitable[None]:
        """Insert or replace a contact."""

    def forget(self, peer: PeerId) -> Awaitable[object]:
        """Remove a contact."""


class People:
    """Who we know, and how far we trust them.  Lives on the node thread.

    `reach` and `beacon` are the profile's secrets R and Q (PROTOCOL.md, 2, *Reach secrets*).
    """

    def __init__(
        self, book: Book, me: PeerId, my_name: str, *, reach: bytes, beacon: bytes
    ) -> None:
        self._book = book
        self._me = me
        self.my_name = my_name  # as others see it
        self._reach = reach
        self._beacon = beacon
        self._held: dict[PeerId, Contact] = {}
        self._labels: set[str] = set()  # of their adverts: looked up for each that is heard
        self._taken: dict[str, PeerId] = {}
        self._turn = asyncio.Lock()
        self.told: Callable[[PeerId, Contact | None], None] = _nobody  # of every change
        self.names_changed: Callable[[], None] = _nothing  # others are spoken for now
        self.hidden: Callable[[], bool] = bool  # whether our user is invisible

    @classmethod
    async def open(cls, book: Book, drawer: Drawer, me: PeerId, my_name: str) -> Self:
        """The book as it was kept, and the secrets of this profile."""
        reach, beacon = await secret(drawer, "reach"), await secret(drawer, "beacon")
        people = cls(book, me, my_name, reach=reach, beacon=beacon)
        await people.load()
        return people

    async def load(self) -> None:
        """Read the book; once, before anything else."""
        self._held = {contact.peer_id: contact for contact in await self._book.all()}
        self._labels = {label_of(peer) for peer in self._held}
        self._index()

    def find(self, peer_id: PeerId) -> Contact | None:
        """What we hold of a peer."""
        return self._held.get(peer_id)

    def all(self) -> tuple[Contact, ...]:
        """Everybody we hold something of."""
        return tuple(self._held.values())

    def holds(self, advert_label: str) -> bool:
        """Whether an advert of this label can be of somebody we hold something of."""
        return advert_label in self._labels

    def trust(self, peer_id: PeerId, name: str) -> Trust:
        """How far we trust a key that calls itself `name`: as it does, and as that is shown."""
        held = self._held.get(peer_id)
        judged = trusting.judge(held, peer_id, name, self._taken)
        if judged is not Trust.NEW:
            return judged
        return trusting.judge(held, peer_id, _shown(name), self._taken)

    def namesake(self, peer_id: PeerId, name: str) -> PeerId | None:
        """Whose name a stranger uses, if that is why it is in conflict; it may be ours."""
        held = self._held.get(peer_id)
        names = (name, _shown(name), held.name if held else "")
        found = [trusting.bearer(one, peer_id, self._taken) for one in names]
        return next((one for one in found if one is not None), None)

    def trusted(self, peer_id: PeerId) -> bool:
        """Whether the user accepted this key: known or verified."""
        held = self._held.get(peer_id)
        return held is not None and held.trust in _TRUSTED

    def blocked(self, peer_id: PeerId) -> bool:
        """Whether the user blocked this key."""
        held = self._held.get(peer_id)
        return held is not None and held.trust is Trust.BLOCKED

    def withdrew(self, peer_id: PeerId, before: bool) -> bool:
        """Whether the user blocked a peer, or forgot one who was trusted `before`."""
        return self.blocked(peer_id) or (before and not self.trusted(peer_id))

    def floor(self, peer_id: PeerId) -> int:
        """The lowest wire version to speak with a peer: the highest of before."""
        held = self._held.get(peer_id)
        return held.wire_version if held else 1

    def taken(self) -> Mapping[str, PeerId]:
        """The folded names that are spoken for, and by whom."""
        return self._taken

    def name(self, peer_id: PeerId, claimed: str = "") -> str:
        """What to call a peer: alias, pinned name, what it calls itself, or the id's start."""
        held = self._held.get(peer_id)
        return (held.display if held else "") or _shown(claimed) or peer_id.short

    def named(self, contact: Contact) -> Contact:
        """Somebody added by the key alone gets the name they come with, if it is free."""
        if contact.name or not trusting.may_adopt(contact, self._taken):
            return contact
        return trusting.adopt_name(contact, self._taken)

    def name_for(self, peer_id: PeerId) -> str:
        """What we are called, to this peer; strangers are not told while we are invisible."""
        return self.my_name if self.trusted(peer_id) or not self.hidden() else ""

    def secrets_for(self, peer_id: PeerId) -> tuple[bytes, bytes]:
        """What READY gives this peer to reach us by; zeros unless it is trusted."""
        if not self.trusted(peer_id):
            return NO_KEY, NO_KEY
        expand = HKDFExpand(algorithm=SHA256(), length=32, info=label("reach") + peer_id.key)
        return expand.derive(self._reach), self._beacon

    async def pin(self, peer_id: PeerId, name: str, now_ms: int) -> bool:
        """Trust on first use: the user acted on purpose towards a proven key.

        True if the peer was not known before.
        """

        def act(held: Contact | None) -> Contact | None:
            if held is not None and held.trust is not Trust.NEW:
                return None
            return trusting.pin(held, peer_id, shown_name(name), now_ms)

        return await self.change(peer_id, act) is not None

    async def meet(self, peer_id: PeerId, name: str, now_ms: int) -> None:
        """Remember a stranger who wrote, so that the request outlives the session."""
        new = trusting.stranger(peer_id, shown_name(name), now_ms)
        await self.change(peer_id, lambda held: None if held else new)

    async def change(self, peer_id: PeerId, act: Act) -> Contact | None:
        """Store what `act` makes of what we hold of a peer, then go by it.

        `act` gives None to leave it as it is, and so does this then.  One change waits for
        the other: what a peer says of itself never undoes what the user did meanwhile.  Once
        asked for it is done, also if whoever asked is cancelled.
        """
        return await to_the_end(self._change(peer_id, act))

    async def _change(self, peer_id: PeerId, act: Act) -> Contact | None:
        async with self._turn:
            new = act(self._held.get(peer_id))
            if new is not None:
                await self._book.save(new)
                self._held[peer_id] = new
                self._labels.add(label_of(peer_id))
                changed = self._index()
                self.told(peer_id, new)
                if changed:
                    self.names_changed()
            return new

    async def forget(self, peer_id: PeerId) -> None:
        """Hold nothing of a peer any more; done to its end, as a change is."""
        await to_the_end(self._forget(peer_id))

    async def _forget(self, peer_id: PeerId) -> None:
        async with self._turn:
            await self._book.forget(peer_id)
            self._held.pop(peer_id, None)
            self._labels.discard(label_of(peer_id))
            changed = self._index()
            self.told(peer_id, None)
            if changed:
                self.names_changed()

    def rename(self, name: str) -> None:
        """We are called so from now on: the name is spoken for, and the old one is free."""
        self.my_name = name
        if self._index():
            self.names_changed()

    def hide(self, beacon: bytes) -> None:
        """From now on friends get this beacon secret; whoever had the old one is no friend."""
        self._beacon = beacon

    def _index(self) -> bool:
        """Work out which names are spoken for; whether those are others now."""
        before = self._taken
        self._taken = trusting.taken_names(self._held.values(), self._me, self.my_name)
        return self._taken != before


@lru_cache(maxsize=2048)  # as many as can be listed at a time
def _shown(name: str) -> str:
    """A name without the badges and words that are not drawn; asked for with each record."""
    return shown_name(name)


def _nobody(_peer: PeerId, _contact: Contact | None) -> None:
    """Nobody is told."""


def _nothing() -> None:
    """Nobody is told."""
