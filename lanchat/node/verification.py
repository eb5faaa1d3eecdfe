"""Verification: spoken checks with peers, and what they do to trust.  PROTOCOL.md, 5.

Our user compares words with one peer at a time; others may ask meanwhile.  Trust follows
what our user says and nothing else: a peer that says "they match" changes nothing here.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from lanchat.errors import (
    CheckOver,
    CheckUnderWay,
    PeerUnreachable,
    StoreError,
    TooManyChecks,
)
from lanchat.identity import trust as trusting
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact
from lanchat.node.events import CheckChanged, CheckState, NodeEvent
from lanchat.node.finishing import to_the_end
from lanchat.node.people import People
from lanchat.node.quotas import REFUSALS, Ration
from lanchat.session.sas import FAILURES, NONCE_SIZE, End, SpokenCheck, Stage
from lanchat.session.tcp import Link
from lanchat.wire.payloads import CloseCode, Sas, SasCode, SasCommit

_log = logging.getLogger(__name__)

SPOKEN: Final = "words"  # how somebody was verified (trust.mark_verified)
_RUN_BITS: Final = 32

_STATES: Final = {
    Stage.INVITED: CheckState.ASKED,
    Stage.COMMITTED: CheckState.WAITING,
    Stage.AGREED: CheckState.WAITING,
    Stage.COMPARING: CheckState.WORDS,
    Stage.AWAITED: CheckState.WORDS,  # what theirs said must not persuade ours
    Stage.CONFIRMED: CheckState.ANSWERED,
}
_UNTAKEN: Final = frozenset({End.NOBODY, End.BUSY})


@dataclass(slots=True)
class _Table:
    """Where one session's checks are made."""

    link: Link
    check: SpokenCheck
    timer: asyncio.TimerHandle | None = None
    until: int = 0  # ms since 1970
    refused: int = 0
    told: tuple[int, CheckState | None] = (0, None)  # the run and state told last
    keeping: int = 0  # while the store is busy with it, nothing is told


class Sessions(Protocol):
    """What checks need of the sessions."""

    def current(self, peer: PeerId) -> Link | None:
        """The session that speaks for this peer now."""

    def drop(self, peer: PeerId, code: CloseCode) -> None:
        """End every session with a peer."""


class Verification:
    """Every spoken check.  Lives on the node thread.

    `attended`: there is somebody who can be asked, in a window or at another terminal.
    """

    def __init__(
        self,
        people: People,
        *,
        me: PeerId,
        sessions: Sessions,
        claimed_name: Callable[[PeerId], str],
        publish: Callable[[NodeEvent], None],
        refresh: Callable[[PeerId], None],
        clock: Callable[[], int],
        attended: bool,
    ) -> None:
        self._people = people
        self._me = me
        self._sessions = sessions
        self._claimed_name = claimed_name
        self._publish = publish
        self._refresh = refresh
        self._clock = clock
        self._attended = attended
        self._tables: dict[PeerId, _Table] = {}
        self._rations: dict[PeerId, Ration] = {}
        self._willing: dict[PeerId, int] = {}

    # --- questions ----------------------------------------------------------------------

    def now(self, peer: PeerId) -> CheckChanged | None:
        """The check with a peer that is under way."""
        table = self._tables.get(peer)
        return self._shown(table) if table and table.check.stage is not Stage.IDLE else None

    def asked(self) -> tuple[CheckChanged, ...]:
        """What peers ask of our user and was not answered yet, the first first."""
        shown = (self.now(peer) for peer in self._tables)
        return tuple(one for one in shown if one and one.state is CheckState.ASKED)

    def under_way(self, peer: PeerId) -> bool:
        """Whether a check with a peer is under way."""
        return self.now(peer) is not None

    # --- our user -----------------------------------------------------------------------

    def compare(self, peer: PeerId) -> None:
        """Our user wants to compare words: agree if the peer asked, else ask it.

        Raises:
            PeerUnreachable: no session stands.
            CheckUnderWay: our user is comparing words with somebody else.
            TooManyChecks: it was tried too often of late.
        """
        link = self._sessions.current(peer)
        if link is None or not link.open:
            raise PeerUnreachable("no session to compare words on")
        table = self._table(link)
        if table.check.stage not in (Stage.IDLE, Stage.INVITED):
            return
        if self._engaged(but=peer):
            raise CheckUnderWay("one at a time")
        if table.check.stage is Stage.INVITED:
            link.post(table.check.agree(_nonce()))
        else:
            if not self._ration(peer).take(_now()):
                raise TooManyChecks("spoken checks")
            run = secrets.randbits(_RUN_BITS)
            link.post(table.check.begin(run, _nonce(), _now()))
        self._moved(table)

    async def answer(self, peer: PeerId, run: int, *, match: bool) -> None:
        """Our user compared the words of `run`.

        What they said is kept and told, or neither, also if whoever asked is cancelled.

        Raises:
            CheckOver: there are none of that run to be compared any more.
            StoreError: it could not be kept, and counts for nothing.
        """
        table = self._tables.get(peer)
        if table is None or table.check.run != run or not table.check.answerable:
            raise CheckOver("no words to answer")
        said = table.check.answer(match=match)
        if not match:
            table.link.post(said)
            await self._failed(table)
            return
        with self._keeping(table):
            await to_the_end(self._matched(table, said))

    async def _matched(self, table: _Table, said: Sas) -> None:
        peer = table.link.peer_id
        try:
            await self._people.change(peer, self._verified)
        except StoreError:
            if taken_back := table.check.retract():
                table.link.post(taken_back)
            raise
        self._refresh(peer)
        table.link.post(said)

    def cancel(self, peer: PeerId) -> None:
        """Our user does not go on with the check, or does not want it."""
        table = self._tables.get(peer)
        if table is not None and table.check.stage is not Stage.IDLE:
            if said := table.check.cancel():
                table.link.post(said)
            self._moved(table)

    @contextmanager
    def willing(self, peer: PeerId) -> Iterator[None]:
        """Our user waits for this peer: if it asks meanwhile, that is agreed to."""
        self._willing[peer] = self._willing.get(peer, 0) + 1
        try:
            yield
        finally:
            self._willing[peer] -= 1
            if not self._willing[peer]:
                del self._willing[peer]

    # --- theirs -------------------------------------------------------------------------

    async def receive(self, link: Link, payload: Sas) -> None:
        """Hear what a peer says of a check.

        Raises:
            RemoteProtocolError: it does not belong here; the session is to be closed.
        """
        if self._sessions.current(link.peer_id) is not link:
            return  # it lost to another session, and its checks with it
        table = self._table(link)
        if isinstance(payload, SasCommit) and (code := self._refusal(table)) is not None:
            table.refused += 1
            if table.refused <= REFUSALS:
                link.post(table.check.refuse(payload, code))
            return
        for said in table.check.take(payload, _nonce(), _now()):
            link.post(said)
        if table.check.stage is Stage.INVITED and link.peer_id in self._willing:
            link.post(table.check.agree(_nonce()))
        if table.check.stage is Stage.IDLE and table.check.end in FAILURES:
            await self._failed(table)
        else:
            self._moved(table)

    def ended(self, link: Link) -> None:
        """No more can be said on this session."""
        table = self._tables.get(link.peer_id)
        if table is not None and table.link is link:
            del self._tables[link.peer_id]
            table.check.lose()
            self._moved(table)

    # --- within -------------------------------------------------------------------------

    def _table(self, link: Link) -> _Table:
        table = self._tables.get(link.peer_id)
        if table is None or table.link is not link:
            check = SpokenCheck(link.binding, self._me, link.peer_id)
            table = self._tables[link.peer_id] = _Table(link, check)
        return table

    def _refusal(self, table: _Table) -> SasCode | None:
        """Why we take no part in what a peer asks for; None: hear it."""
        peer = table.link.peer_id
        if table.check.stage is not Stage.IDLE:
            return None
        if peer not in self._willing and not (self._attended and self._people.trusted(peer)):
            return SasCode.NOBODY
        if self._engaged(but=peer) or not self._ration(peer).take(_now()):
            return SasCode.BUSY
        return None

    def _engaged(self, *, but: PeerId) -> bool:
        """Whether our user is comparing words with somebody else."""
        return any(
            peer != but and table.check.stage not in (Stage.IDLE, Stage.INVITED)
            for peer, table in self._tables.items()
        )

    def _ration(self, peer: PeerId) -> Ration:
        now = _now()
        for idle in [one for one, ration in self._rations.items() if not ration.spent(now)]:
            del self._rations[idle]
        return self._rations.setdefault(peer, Ration())

    def _verified(self, held: Contact | None) -> Contact | None:
        return trusting.mark_verified(held, SPOKEN, self._clock()) if held else None

    async def _failed(self, table: _Table) -> None:
        """The words differ, or somebody cheated: it is kept, told, and the session closed."""
        peer, end = table.link.peer_id, table.check.end
        _log.warning("spoken check with %s failed: %s", peer.short, end)
        now = self._clock()
        with self._keeping(table):
            wrong = end is End.WRONG_REVEAL
            self._sessions.drop(peer, CloseCode.PROTOCOL if wrong else CloseCode.GOODBYE)
            await self._people.change(
                peer, lambda held: trusting.mark_failed(held, now) if held else None
            )

    @contextmanager
    def _keeping(self, table: _Table) -> Iterator[None]:
        """What a check came to is stored first, and told when that is done."""
        table.keeping += 1
        try:
            yield
        finally:
            table.keeping -= 1
            self._moved(table)

    def _moved(self, table: _Table) -> None:
        """Tell what a check has come to, and watch its time."""
        check = table.check
        if table.timer is not None:
            table.timer.cancel()
            table.timer = None
        if check.deadline is not None:
            loop = asyncio.get_running_loop()
            table.timer = loop.call_at(check.deadline, self._expire, table)
        shown = None if table.keeping else self._shown(table)
        if shown is None or table.told == (shown.run, shown.state):
            return
        table.told = shown.run, shown.state
        if check.end in _UNTAKEN:
            self._ration(table.link.peer_id).give_back()
        self._publish(shown)

    def _expire(self, table: _Table) -> None:
        if said := table.check.expire(_now()):
            table.link.post(said)
        self._moved(table)

    def _shown(self, table: _Table) -> CheckChanged | None:
        """A check as front ends see it; None where there never was one."""
        check, peer = table.check, table.link.peer_id
        if check.stage is Stage.IDLE and check.end is None:
            return None
        claimed = self._claimed_name(peer) or table.link.ready.name
        left = 0.0 if check.deadline is None else check.deadline - _now()
        return CheckChanged(
            peer,
            self._people.name(peer, claimed),
            self._people.trust(peer, claimed),
            _state(check),
            check.run,
            check.words,
            "" if check.end in (None, End.MATCHED) else str(check.end),
            self._clock() + round(left * 1000) if left else 0,
        )


def _state(check: SpokenCheck) -> CheckState:
    if check.stage is not Stage.IDLE:
        return _STATES[check.stage]
    if check.end in FAILURES:
        return CheckState.FAILED
    return CheckState.MATCHED if check.confirmed else CheckState.INTERRUPTED


def _nonce() -> bytes:
    return secrets.token_bytes(NONCE_SIZE)


def _now() -> float:
    return asyncio.get_running_loop().time()
