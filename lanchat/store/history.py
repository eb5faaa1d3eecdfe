"""History: every conversation, in the order of arrival, and the outbox within it.

There is no outbox of its own: what waits is what is still `QUEUED`.  A message is known by
its id; the ids of deleted ones are kept for 30 days, so that a peer who repeats one does
not bring it back.  PROTOCOL.md, 3 (Delivery) and 3b.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from functools import partial
from itertools import groupby
from typing import Final, cast

from lanchat.conversation.message import Message, State
from lanchat.identity.keys import PeerId
from lanchat.store import drafts, messages, tallies, words
from lanchat.store.connection import Connection
from lanchat.store.database import MOST_ROWS, Database
from lanchat.store.messages import CONVERSATION, PLACES, RANKS, as_json
from lanchat.store.peers import drop_unused, find_number
from lanchat.store.tallies import DAY
from lanchat.store.tallies import Intake as Intake  # what `intake` gives

TOMBSTONE_AGE: Final = 30 * DAY  # how long the id of a deleted message is remembered
PAGE: Final = 500  # messages; the most that `undelivered` gives at once unless told


class History:
    """The conversations of a profile.  Lives on the node thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seqs: dict[PeerId, int] = {}
        database.add_chore(tallies.count_some)
        database.add_chore(words.index_some)
        database.add_chore(words.purge_some)

    # --- storing ------------------------------------------------------------------------

    async def append(self, new: Message, drafted: str = "") -> bool:
        """Store a message; False if this peer and id were seen before.

        `drafted`: what was kept of it as a draft; that goes as the message is stored.

        Raises:
            StoreFull: no space; it is not stored.
        """
        if not drafted:
            return (await self.append_many((new,)))[0]

        def work(connection: Connection) -> bool:
            drafts.sent(connection, new.peer, drafted)
            return messages.append(connection, (new,))[0]

        return await self._database.run(work)

    async def append_many(self, new: Sequence[Message]) -> list[bool]:
        """Store messages in this order, in one transaction; for each, whether it was new."""
        batch = tuple(new)
        results: list[bool] = []
        for start in range(0, len(batch), MOST_ROWS):
            part = batch[start : start + MOST_ROWS]
            results += await self._database.add(messages.append, part)
        return results

    async def mark(
        self, peer: PeerId, ids: Iterable[bytes], state: State
    ) -> tuple[Message, ...]:
        """Move our messages to `peer` up to `state`; gives those that changed, in order.

        Unknown ids, theirs, and steps back are passed over.
        """
        rank, wanted = RANKS[state], as_json([one.hex() for one in ids])
        if state is State.RECEIVED:
            raise ValueError("only what is ours has receipts")

        def work(connection: Connection) -> tuple[Message, ...]:
            number = find_number(connection, peer)
            rows = connection.execute(
                f"SELECT place FROM ({PLACES}) JOIN messages USING (place)"  # noqa: S608 - ours
                " WHERE mine = 1 AND state < ?3 ORDER BY place",
                (number, wanted, rank),
            ).fetchall()
            places = as_json([row[0] for row in rows])
            connection.execute(
                "UPDATE messages SET state = ? WHERE place IN (SELECT value FROM json_each(?))",
                (rank, places),
            )
            return messages.select(
                connection,
                "place IN (SELECT value FROM json_each(?)) ORDER BY place",
                places,
            )

        return await self._database.run(work)

    async def see(self, peer: PeerId) -> tuple[bytes, ...]:
        """The user has seen all of theirs; gives the ids that were unread until now."""

        def work(connection: Connection) -> tuple[bytes, ...]:
            number = find_number(connection, peer)
            return () if number is None else tallies.see(connection, number)

        return await self._database.run(work)

    async def next_seq(self, peer: PeerId) -> int:
        """The number for our next message to `peer`: above all before, also deleted ones."""
        if peer not in self._seqs:
            last = await self._database.run(lambda one: messages.last_seq(one, peer))
            self._seqs[peer] = max(last, self._seqs.get(peer, 0))
        self._seqs[peer] += 1
        return self._seqs[peer]

    async def draft(self, peer: PeerId, text: str) -> None:
        """Keep what is being written to `peer` until it is sent; "" for nothing.

        Raises:
            StoreFull: no space; what was kept before stays.
        """
        await self._database.run(lambda one: drafts.keep(one, peer, text))

    async def drop_drafts(self) -> None:
        """Drop what was begun to anybody."""
        await self._database.run(drafts.drop_all)

    # --- reading ------------------------------------------------------------------------

    async def find(self, peer: PeerId, id_: bytes) -> Message | None:
        """One message of a conversation, or None."""

        def work(connection: Connection) -> Message | None:
            number = find_number(connection, peer)
            found = messages.select(connection, "peer = ? AND id = ?", number, id_)
            return found[0] if found else None

        return await self._database.run(work)

    async def known(self, peer: PeerId, ids: Sequence[bytes]) -> set[bytes]:
        """Which of these ids were seen before in a conversation, deleted ones included."""
        asked = tuple(ids)

        def work(connection: Connection) -> set[bytes]:
            number = find_number(connection, peer)
            return set() if number is None else messages.known(connection, number, asked)

        return await self._database.run(work)

    async def drafts(self) -> dict[PeerId, str]:
        """What was begun and not sent, by whom it is for."""
        return await self._database.run(drafts.select)

    async def undelivered(
        self, peer: PeerId, *, limit: int = PAGE, after: bytes | None = None
    ) -> tuple[Message, ...]:
        """Ours that `peer` has not stored, oldest first; `after` one of them: the next."""

        def work(connection: Connection) -> tuple[Message, ...]:
            return messages.select(
                connection,
                "peer = ? AND state = 0 AND place > ? ORDER BY place LIMIT ?",
                find_number(connection, peer),
                messages.place_of(connection, peer, after) or 0,
                limit,
            )

        return await self._database.run(work)

    async def waiting(self) -> tuple[PeerId, ...]:
        """The peers for whom something waits."""

        def work(connection: Connection) -> tuple[PeerId, ...]:
            rows = connection.execute(
                "SELECT key FROM peers WHERE EXISTS"
                " (SELECT 1 FROM messages WHERE peer = number AND state = 0) ORDER BY number"
            )
            return tuple(PeerId(cast("bytes", row[0])) for row in rows)

        return await self._database.run(work)

    async def page(
        self, peer: PeerId, limit: int, before: bytes | None = None
    ) -> tuple[Message, ...]:
        """The last messages with `peer`, oldest first; `before` an id: those above it.

        An id that is not there: nothing.
        """

        def work(connection: Connection) -> tuple[Message, ...]:
            place = messages.place_of(connection, peer, before)
            if before is not None and place is None:
                return ()
            newest_first = messages.select(
                connection,
                f"{CONVERSATION} AND place < coalesce(?2, 9e18) ORDER BY place DESC LIMIT ?3",
                find_number(connection, peer),
                place,
                limit,
            )
            return newest_first[::-1]

        return await self._database.run(work)

    async def latest(self) -> tuple[Message, ...]:
        """The last message of each conversation, the newest first."""

        def work(connection: Connection) -> tuple[Message, ...]:
            return messages.select(
                connection,
                "place IN (SELECT (SELECT max(place) FROM messages WHERE"
                " place > number << 32 AND place < (number + 1) << 32)"
                " FROM peers) ORDER BY arrived_at DESC, place DESC",
            )

        return await self._database.run(work)

    async def search(self, peer: PeerId | None, text: str, limit: int) -> tuple[Message, ...]:
        """The last messages that hold all words of `text`, oldest first.

        Words match from their beginning, whatever their case and accents.  `peer` None:
        in all conversations.
        """
        while await self._database.run(words.index_some):
            pass  # each round is short, so that messages pass in between

        def work(connection: Connection) -> tuple[Message, ...]:
            found = words.search(connection, text)
            if found is None:
                return ()
            condition, argument = found
            newest_first = messages.select(
                connection,
                f"{condition} AND coalesce(key = ?, 1)"
                " ORDER BY arrived_at DESC, place DESC LIMIT ?",
                argument,
                None if peer is None else peer.key,
                limit,
            )
            return newest_first[::-1]

        return await self._database.run(work)

    # --- what a peer may take of us -----------------------------------------------------

    async def intake(self, peer: PeerId, now_ms: int) -> Intake:
        """What `peer` has put into the store."""
        return await self._database.run(lambda one: tallies.intake(one, peer, now_ms))

    async def unread(self) -> dict[PeerId, int]:
        """How many of theirs the user has not seen, where there are any."""
        return await self._database.run(tallies.unread)

    # --- deleting -----------------------------------------------------------------------

    async def delete(
        self, peer: PeerId, now_ms: int, *, ids: Iterable[bytes] | None = None
    ) -> int:
        """Delete a conversation, or the messages `ids` of it; gives how many went.

        The ids of theirs are remembered, so that none comes back; ours that waited will
        not be sent.  What was begun and not sent goes with the whole of it.
        """
        chosen = None if ids is None else as_json([one.hex() for one in ids])

        def work(connection: Connection) -> int:
            number = find_number(connection, peer)
            if chosen is None:
                drafts.drop(connection, number)
            return 0 if number is None else messages.delete(connection, number, chosen, now_ms)

        return await self._database.run(work)

    async def expire(
        self, before_ms: int, now_ms: int
    ) -> AsyncIterator[tuple[PeerId, tuple[bytes, ...]]]:
        """Delete what came before `before_ms`; gives whose and their ids, some at a time.

        As with `delete`, but what waits to be sent stays, and so does what the user has not
        read yet.  Messages pass in between.
        """
        place: int | None = 0
        while place is not None:
            work = partial(
                messages.expire_some, after=place, before_ms=before_ms, now_ms=now_ms
            )
            place, gone = await self._database.run(work)
            for key, rows in groupby(gone, key=lambda row: row[0]):
                yield PeerId(key), tuple(id_ for _key, id_ in rows)

    async def sweep(self, now_ms: int) -> int:
        """Forget the ids that were deleted long ago; gives how many.  For once a day."""

        def work(connection: Connection) -> int:
            gone = connection.execute(
                "DELETE FROM tombstones WHERE deleted_at < ?", (now_ms - TOMBSTONE_AGE,)
            ).rowcount
            drop_unused(connection)
            return gone

        return await self._database.run(work)
