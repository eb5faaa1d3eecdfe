"""Routing: the only switch in the program, from a record that came to the desk it is for."""

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from lanchat.errors import OutOfTurn, PeerTooGreedy
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.acceptance import BUSY_PAUSE
from lanchat.node.acquaintance import Acquaintance
from lanchat.node.people import People
from lanchat.node.quotas import Crowd, may_stand
from lanchat.session.events import PayloadReceived
from lanchat.session.tcp import Link
from lanchat.wire.payloads import (
    Addresses,
    Checkup,
    Decline,
    DeclineCode,
    DialBack,
    Dialled,
    Info,
    Introduction,
    Offer,
    Payload,
    Receipt,
    Sas,
    Seek,
    Text,
    Transfer,
)


class Talk(Protocol):
    """Where texts and receipts go."""

    def receive(self, peer: PeerId, wire: Link, payload: Text | Receipt) -> Awaitable[None]:
        """Take what was said."""

    def ended(self, peer: PeerId, wire: Link) -> None:
        """No more can be sent on this session."""

    def said(self, peer: PeerId, message_id: bytes) -> Awaitable[bool]:
        """Whether a text has this id, ours or theirs."""


class Files(Protocol):
    """Where files are seen to."""

    def receive(self, link: Link, payload: Transfer, body: bytes) -> Awaitable[None]:
        """Take what was said of one's files."""

    def offers(self, peer: PeerId, transfer: bytes) -> bool:
        """Whether an offer has this id, ours or theirs, that is not over."""


class Checks(Protocol):
    """Where spoken checks are made."""

    def receive(self, link: Link, payload: Sas) -> Awaitable[None]:
        """Take what was said."""

    def ended(self, link: Link) -> None:
        """No more can be said on this session."""


class Switch:
    """Decides whether a peer may say what it says.  Lives on the node thread."""

    def __init__(
        self,
        people: People,
        crowd: Crowd,
        acquaintance: Acquaintance,
        *,
        talk: Talk,
        files: Files,
        check: Checks,
        checkup: Callable[[Link, Checkup], None],
        introduce: Callable[[Link, Introduction], None],
        spoke: Callable[[PeerId, Trust], None],
        standing: Callable[[], Iterable[Link]],
    ) -> None:
        self._people = people
        self._crowd = crowd
        self._acquaintance = acquaintance
        self._talk = talk
        self._files = files
        self._check = check
        self._checkup = checkup
        self._introduce = introduce
        self._spoke = spoke
        self._standing = standing

    def welcome(self, link: Link) -> bool:
        """Whether a session may stand: strangers may not call all the time, nor all at once."""
        now = time.monotonic()
        seldom = self._crowd.of(link.peer_id, now).may_open(now)
        if link.initiator or self._people.trusted(link.peer_id):
            return True
        others = [
            one.address.host
            for one in self._standing()
            if one.peer_id != link.peer_id and not self._people.trusted(one.peer_id)
        ]
        return seldom and may_stand(link.address.host, others)

    def ended(self, link: Link) -> None:
        """No more can be sent on a session."""
        self._talk.ended(link.peer_id, link)
        self._check.ended(link)

    async def route(  # noqa: C901 - a flat switch, one case a desk
        self, link: Link, received: PayloadReceived
    ) -> None:
        """Hand a record to the desk it is for.

        Raises:
            RemoteProtocolError: it does not belong here; the session is to be closed.
            LanchatError: it could not be dealt with.
        """
        trust = self._people.trust(link.peer_id, link.ready.name)
        if isinstance(received.payload, Text | Offer):
            self._spoke(link.peer_id, trust)
        if self._too_much(link, received.payload, trust):
            return
        await self._see_id(link.peer_id, received.payload)
        match received.payload:
            case Text() | Receipt() as payload:
                await self._talk.receive(link.peer_id, link, payload)
            case Info() as info:
                await self._acquaintance.told(link, info)
            case DialBack() | Dialled() as payload:
                self._checkup(link, payload)
            case Seek() | Addresses() as payload:
                self._introduce(link, payload)
            case payload if isinstance(payload, Transfer):
                await self._files.receive(link, payload, received.body)
            case payload if isinstance(payload, Sas):
                await self._check.receive(link, payload)
            case _:
                pass  # READY to PONG end in the session

    async def _see_id(self, peer: PeerId, payload: Payload) -> None:
        """A conversation holds texts and files by their ids: one never stands for the other."""
        match payload:
            case Text(id=message_id) if self._files.offers(peer, message_id):
                raise OutOfTurn("a text under the id of an offer")
            case Offer(id=transfer) if await self._talk.said(peer, transfer):
                raise OutOfTurn("an offer under the id of a text")

    def _too_much(self, link: Link, payload: Payload, trust: Trust) -> bool:
        """Whether a peer says more than it may, and what it says now goes unheard."""
        now = time.monotonic()
        quotas = self._crowd.of(link.peer_id, now)
        if not quotas.may_speak(trust, now):
            raise PeerTooGreedy("a stranger says too much")
        match payload:
            case Info():
                return not quotas.may_inform(now)
            case Receipt(_, ids):  # the messages go again on the next session
                return not quotas.may_receipt(len(ids), now)
            case Offer(id=transfer) if not quotas.may_offer(trust, now):
                link.post(Decline(transfer, DeclineCode.BUSY, BUSY_PAUSE))
                return True
        return False
