"""Showing: what a receiver may know of an offer of ours before it accepts.  PROTOCOL.md, 4.

It is told what is offered, and given proofs of files that it may have already.  One survey of
an offer is under way at a time, on the session that began it; each file is hashed once in it.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Final

from lanchat.errors import LanchatError, LocalProtocolError, TransferAbandoned
from lanchat.node.lanes import Lanes
from lanchat.node.transfer_book import TransferBook
from lanchat.node.underway import Outgoing, Shown
from lanchat.session.tcp import Link
from lanchat.transfer.proofs import prove
from lanchat.transfer.sender import Stage
from lanchat.transfer.stream import survey_key
from lanchat.transfer.survey import Telling
from lanchat.wire.bodies import encode
from lanchat.wire.payloads import Look, Prove

MOST_AT_ONCE: Final = 2  # that hash; a disk is no faster for more


class Showing:
    """Answers surveys of offers of ours.  Lives on the node thread.

    `halt` stops what is under way of an offer, `failed` is told of a fault of ours.
    """

    def __init__(
        self,
        book: TransferBook,
        lanes: Lanes,
        *,
        spawn: Callable[[Awaitable[None], str], object],
        halt: Callable[[Outgoing], None],
        failed: Callable[[Outgoing, LanchatError], None],
    ) -> None:
        self._book = book
        self._lanes = lanes
        self._spawn = spawn
        self._halt = halt
        self._failed = failed
        self._hashing = asyncio.Semaphore(MOST_AT_ONCE)

    async def take(
        self, out: Outgoing, link: Link, asked: Look | Prove, served: MutableMapping[bytes, int]
    ) -> None:
        """Answer a question about an offer that is not over.

        `served` are the last attempts at each transfer that were served on this session.

        Raises:
            RemoteProtocolError: it does not belong here; the session is to be closed.
        """
        shown, last = out.shown, served.get(asked.id, 0)
        if asked.attempt > last:
            served[asked.id] = asked.attempt
            shown = await self._begin(out, link, asked.attempt, last)
        if shown is None or shown.telling.attempt != asked.attempt or shown.link is not link:
            return  # of a survey that is over
        if isinstance(asked, Look):
            link.post(shown.telling.look(asked))
            return
        files = shown.telling.prove(asked)
        self._spawn(self._prove(out, shown, files), f"prove to {out.peer.short}")

    async def _begin(
        self, out: Outgoing, link: Link, attempt: int, served: int
    ) -> Shown | None:
        out.count_accept()
        if not out.sender.looked(attempt, served=served):
            return None
        self._halt(out)
        out.go_on()
        body = encode(out.offer)[1]
        try:
            key = survey_key(link.export, out.offer.id, attempt, body)
        except LocalProtocolError:  # the session ended as this came; the next one brings more
            out.sender.pause()
            return None
        telling = Telling(out.source.manifest, out.offer.id, attempt)
        shown = out.shown = Shown(telling, link, key)
        await self._book.attempted(out.peer, out.offer, attempt, outgoing=True)
        return shown

    async def _prove(self, out: Outgoing, shown: Shown, files: list[int]) -> None:
        try:
            async with self._hashing:
                proofs = await self._lanes.in_thread(
                    lambda: prove(out.source, files, shown.key, shown.go_on)
                )
        except TransferAbandoned:
            return
        except LanchatError as error:
            if out.shown is shown and out.is_at(Stage.SHOWING):
                self._failed(out, error)
            return
        if out.shown is shown:
            shown.link.post(shown.telling.proof(proofs))
