"""Comparing: how a person makes sure of somebody, in a window or by a command.

By four words read aloud, which needs a session and both people (`verification.py`), or by
the permanent fingerprint, which needs neither.  PROTOCOL.md, 5.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Final

from lanchat.errors import (
    BadRequest,
    CheckInterrupted,
    LanchatError,
    PeerUnreachable,
    Sentence,
    VerificationFailed,
)
from lanchat.identity import fingerprint as prints
from lanchat.identity import trust as trusting
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Contact
from lanchat.node import params as given
from lanchat.node import relations
from lanchat.node.events import CheckChanged, CheckState, NodeEvent
from lanchat.node.node import Node, now_ms
from lanchat.node.params import Params
from lanchat.node.rows import Row
from lanchat.node.seek import Seeker
from lanchat.node.watching import Watch, watching
from lanchat.session.sas import LASTS

FIND: Final = 5.0  # seconds to look for the peer (docs/COMMANDS.md)
CUT_PATIENCE: Final = 1.0  # seconds in which another session may take the place of a cut one
PRINT: Final = "fingerprint"  # how somebody was verified (trust.mark_verified) ...
CODE: Final = "code"  # ... or by an invite

_HINTS: Final = {
    "cancelled": "it was cancelled here",
    "they-cancelled": "the other person cancelled it",
    "nobody": "the other person has to run lanchat verify too, or press Verify in the window",
    "timeout": "the other person did not answer in two minutes; try again together",
    "busy": "the other person is comparing words with somebody else, or was asked too often",
    "lost": "the connection broke; try again",
}
_FAULTS: Final = {
    "different": "you said that the words differ; the connection was closed",
    "they-differ": "the other person said that the words differ; the connection was closed",
    "wrong-reveal": "the other side broke its promise, as somebody in between would have to",
}


# --- what a window calls ------------------------------------------------------------------


async def ask(node: Node, peer: PeerId) -> None:
    """Our user pressed Verify: ask the peer, or agree if it asked.  Events tell the rest.

    Raises:
        PeerUnreachable, CheckUnderWay, TooManyChecks, PeerBlocked.
    """
    link = await node.connect(peer)
    await node.acquaintance.pin(link)
    node.verification.compare(peer)


async def answer(node: Node, peer: PeerId, run: int, *, match: bool) -> None:
    """Our user read the words of a run aloud, and says whether they match.

    Raises:
        CheckOver: there is nothing to answer any more.
        StoreError: it could not be kept, and counts for nothing.
    """
    await node.verification.answer(peer, run, match=match)


def leave(node: Node, peer: PeerId) -> None:
    """Our user does not want to compare words, or not now."""
    node.verification.cancel(peer)


def proof(peer: PeerId, text: str) -> str:
    """How a text makes sure of a peer's key: as a fingerprint, or as a code.  Changes nothing.

    Raises:
        BadWords, BadInvite: it is none.
        VerificationFailed: it is of another key.
    """
    scanned = text.strip().lower().startswith(prints.SCHEME)
    if scanned:
        same = prints.parse_invite(text).peer_id == peer
    else:
        same = prints.parse_fingerprint(text) == prints.fingerprint(peer)
    if not same:
        failed = VerificationFailed("another fingerprint")
        failed.hint = Sentence("this is the fingerprint of another key")
        raise failed
    return CODE if scanned else PRINT


async def enter(node: Node, peer: PeerId, text: str) -> Contact:
    """Our user typed the fingerprint that the peer read out, or scanned the invite it showed.

    Raises:
        BadWords, BadInvite: it is none.
        VerificationFailed: it is of another key; that is noted.
        PeerBlocked.
    """
    now = now_ms()
    try:
        how = proof(peer, text)
    except VerificationFailed:
        await node.people.change(
            peer, lambda held: trusting.mark_failed(held, now) if held else None
        )
        raise
    view = node.neighbours.view(peer)
    fresh = trusting.stranger(peer, view.name if view else "", now)

    def verified(held: Contact | None) -> Contact:
        return trusting.mark_verified(held or fresh, how, now)

    contact = await node.people.change(peer, verified)
    await relations.changed(node, peer)
    return contact or fresh


# --- the requests -------------------------------------------------------------------------


async def verify(node: Node, params: Params) -> AsyncGenerator[Row, None]:
    """Compare words with a peer: a row with the words, then one with what came of it.

    The answer comes by the request `answer`.  Ends when the other person answered too.
    With `fingerprint` no session is needed, and there is the last row only.
    """
    seeker = Seeker(node, given.seconds(params, "wait", FIND))
    query, confirmed = given.text(params, "peer"), given.confirmed(params)
    if params.get("fingerprint") is not None:
        peer = await seeker.chosen(query, confirmed)
        contact = await enter(node, peer, given.text(params, "fingerprint"))
        yield _verified(contact)
        return
    link = await seeker.session(query, confirmed)
    await node.acquaintance.pin(link)
    async with contextlib.aclosing(_compared(node, link.peer_id)) as rows:
        async for row in rows:
            yield row


async def answered(node: Node, params: Params) -> AsyncGenerator[Row, None]:
    """Say whether the words of a run match; what the peer is from then on."""
    run, match = params.get("run"), params.get("match")
    if isinstance(run, bool) or not isinstance(run, int) or not isinstance(match, bool):
        raise BadRequest("run is a number, match is true or false")
    peer = await Seeker(node, 0.0).find(given.text(params, "peer"))
    await answer(node, peer, run, match=match)
    held = node.people.find(peer)
    yield {"peer_id": str(peer), "trust": held.trust.value if held else "new"}


# --- within -------------------------------------------------------------------------------


async def _compared(node: Node, peer: PeerId) -> AsyncGenerator[Row, None]:
    """One comparison, from the asking to both answers."""
    course = _Course()
    begun = node.verification.now(peer)
    until = asyncio.get_running_loop().time() + LASTS
    with watching(node, lambda one: _is_of(peer, one)) as watch:
        try:
            with node.verification.willing(peer):
                if begun is None or begun.state is CheckState.ASKED:
                    node.verification.compare(peer)
                else:
                    watch.hear(begun)
                while not course.over:
                    happened = await _next(node, peer, watch, until)
                    if course.may_go_on(happened):
                        await _again(node, peer, happened.reason)
                    elif row := course.row(happened):
                        yield row
        finally:
            node.verification.cancel(peer)


def _is_of(peer: PeerId, happened: NodeEvent) -> bool:
    return isinstance(happened, CheckChanged) and happened.peer_id == peer


async def _next(node: Node, peer: PeerId, watch: Watch, until: float) -> CheckChanged:
    """What happens next in a check with this peer; a run that is under way ends by itself."""
    while True:
        limit = None if node.verification.under_way(peer) else until
        try:
            async with asyncio.timeout_at(limit):
                happened = await watch.next()
        except TimeoutError as error:
            raise _interrupted("nobody") from error
        if isinstance(happened, CheckChanged):
            return happened


class _Course:
    """What a comparison has come to, for whoever asked for it by command."""

    def __init__(self) -> None:
        self.over = False
        self._shown = 0  # the run whose words were shown
        self._said = False  # that the peer is verified

    def may_go_on(self, happened: CheckChanged) -> bool:
        """Whether nothing was shown yet and the other person may only be late."""
        ended = happened.state is CheckState.INTERRUPTED
        return ended and not self._shown and happened.reason in ("nobody", "lost")

    def row(self, happened: CheckChanged) -> Row | None:
        """What to tell of this; raises where it went wrong."""
        match happened.state:
            case CheckState.WORDS if not self._shown:
                self._shown = happened.run
                return {
                    "words": list(happened.words),
                    "peer_id": str(happened.peer_id),
                    "name": happened.name,
                    "run": happened.run,
                }
            case CheckState.ANSWERED | CheckState.MATCHED:
                self.over = happened.state is CheckState.MATCHED
                if not self._said:
                    self._said = True
                    return _comes_to(happened)
            case CheckState.FAILED:
                failed = VerificationFailed(happened.reason)
                failed.hint = _FAULTS.get(happened.reason, "")
                raise failed
            case CheckState.INTERRUPTED:
                raise _interrupted(happened.reason)
        return None


async def _again(node: Node, peer: PeerId, reason: str) -> None:
    """Nobody takes part yet: they may ask us.  The session is gone: another may stand."""
    if reason != "lost":
        return
    try:
        async with asyncio.timeout(CUT_PATIENCE):
            await node.sessions.stands(peer)
        node.verification.compare(peer)
    except (TimeoutError, PeerUnreachable) as error:
        raise _interrupted("lost") from error


def _interrupted(reason: str) -> LanchatError:
    error = CheckInterrupted(reason)
    error.hint = _HINTS.get(reason, "")
    return error


def _comes_to(happened: CheckChanged) -> Row:
    return {"trust": happened.trust.value, "peer_id": str(happened.peer_id), "how": "words"}


def _verified(contact: Contact) -> Row:
    return {
        "trust": contact.trust.value,
        "peer_id": str(contact.peer_id),
        "how": contact.verified_how,
    }
