"""Conversations: messages in, messages out, and the receipts between them.

The order of work is the guarantee: first the history, then the screen, then the wire.
What the user sees is stored; what the peer was told is stored.

There is no outbox object: the outbox is the question `history.undelivered(peer)`.  What
arrives together is stored in one transaction, so a burst costs one commit and not one
for each message.
"""

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from lanchat.conversation.message import Message, State
from lanchat.conversation.text import clean_message
from lanchat.errors import LocalProtocolError, StoreError
from lanchat.identity.keys import PeerId
from lanchat.identity.trust import Trust
from lanchat.node.events import MessageAdded, MessageChanged, NodeEvent, Warned
from lanchat.store.database import MOST_ROWS
from lanchat.wire.payloads import ID_SIZE, NO_ID, Payload, Receipt, ReceiptState, Text

_log = logging.getLogger(__name__)

PAGE: Final = 256  # messages read from the outbox at once
MOST_WAITING: Final = 1024  # payloads that wait to be stored before a link is held up
MOST_LETTERS: Final = 2**22  # of the texts among them
TRY_AGAIN: Final = 5.0  # seconds until an outbox that could not be read is looked at again
_IDS: Final = 255  # of one receipt (PROTOCOL.md, 3a)


class History(Protocol):
    """What conversations need of the store."""

    def append(self, message: Message, drafted: str = "") -> Awaitable[bool]:
        """Store `message`, drop what was kept of it as a draft; False if its id is there."""

    def append_many(self, messages: Sequence[Message]) -> Awaitable[list[bool]]:
        """Store messages in one transaction; False for each that was there."""

    def find(self, peer: PeerId, id_: bytes, /) -> Awaitable[Message | None]:
        """One message, or None."""

    def known(self, peer: PeerId, ids: Sequence[bytes], /) -> Awaitable[set[bytes]]:
        """Which of these ids were seen before in a conversation."""

    def undelivered(
        self, peer: PeerId, *, after: bytes | None, limit: int
    ) -> Awaitable[tuple[Message, ...]]:
        """Our messages to `peer` without a receipt, oldest first, behind id `after`."""

    def delete(self, peer: PeerId, now_ms: int, *, ids: Sequence[bytes]) -> Awaitable[int]:
        """Delete messages; how many there were."""

    def mark(
        self, peer: PeerId, ids: Sequence[bytes], state: State
    ) -> Awaitable[tuple[Message, ...]]:
        """Raise the state of our messages; those that changed."""

    def next_seq(self, peer: PeerId) -> Awaitable[int]:
        """The next number of this conversation, counted per writer."""


class Wire(Protocol):
    """What conversations need of a session with one peer."""

    def post(self, payload: Payload) -> bool:
        """Send without waiting; False if the session has ended."""

    def writable(self) -> Awaitable[None]:
        """Wait until little is unsent."""


_Key = tuple[PeerId, bytes]  # of a message: ids mean nothing without their peer

Publish = Callable[[NodeEvent], None]
Clock = Callable[[], int]
#: Which of these texts may be stored?  Asked before they are, with whose and their sizes.
Allow = Callable[[Sequence[tuple[PeerId, int]]], Awaitable[list[bool]]]


class _Outgoing:
    """What has been posted to one peer on its present session."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.posted: set[bytes] = set()
        self.flushing = False
        self.again = False  # something was written while a flush was reading


class Conversations:
    """Keep every conversation.  Lives on the node thread."""

    def __init__(
        self,
        history: History,
        *,
        publish: Publish,
        allow: Allow,
        name_of: Callable[[PeerId], str],
        trust_of: Callable[[PeerId], Trust],
        clock: Clock,
        read_receipts: Callable[[], bool] = lambda: False,
    ) -> None:
        self._history = history
        self._publish = publish
        self._allow = allow
        self._name_of = name_of
        self._trust_of = trust_of
        self._clock = clock
        self._read_receipts = read_receipts
        self._outgoing: dict[PeerId, _Outgoing] = {}
        self._arrived: list[tuple[PeerId, Wire, Text | Receipt]] = []
        self._letters = 0
        self._coming: set[_Key] = set()  # texts of theirs that are not stored yet
        self._work = asyncio.Event()
        self._room = asyncio.Event()
        self._waiters: dict[_Key, set[asyncio.Future[ReceiptState]]] = defaultdict(set)

    # --- ours ---------------------------------------------------------------------------

    async def compose(self, peer: PeerId, text: str, drafted: str = "") -> Message:
        """Write a message, `drafted` before: stored and shown, and sent if a session stands.

        Raises:
            BadRequest: the text is empty, too long or holds a NUL.
        """
        text = clean_message(text)
        now = self._clock()
        message = Message(
            id=secrets.token_bytes(ID_SIZE),
            peer=peer,
            mine=True,
            text=text,
            sent_at=now,
            arrived_at=now,
            state=State.QUEUED,
            seq=await self._history.next_seq(peer),
        )
        await self._history.append(message, drafted)
        self._tell(message)
        outgoing = self._outgoing.get(peer)
        if outgoing is None:
            return message
        if outgoing.flushing:
            outgoing.again = True  # it keeps its place behind the older ones
        else:
            self._post(outgoing, message)
        return message

    async def record(self, peer: PeerId, transfer: bytes, file: str, *, mine: bool) -> None:
        """Note that files went to a peer, or came from one: `file` is what to call them."""
        now = self._clock()
        state = State.DELIVERED if mine else State.RECEIVED
        entry = Message(transfer, peer, mine, "", now, now, state, file=file)
        if await self._history.append(entry):
            self._tell(entry)

    def await_receipt(self, peer: PeerId, message_id: bytes) -> "asyncio.Future[ReceiptState]":
        """A future of what `peer` says of a message; ask before it is sent."""
        key = peer, message_id
        future: asyncio.Future[ReceiptState] = asyncio.get_running_loop().create_future()
        self._waiters[key].add(future)
        future.add_done_callback(lambda done: self._forget(key, done))
        return future

    async def flush(self, peer: PeerId, wire: Wire) -> None:
        """Send everything `peer` has not acknowledged.  Called when a session opens.

        What the store fails is tried again for as long as the session stands.
        """
        outgoing = self._outgoing[peer] = _Outgoing(wire)
        outgoing.flushing = True
        failed = False
        while outgoing.flushing and self._outgoing.get(peer) is outgoing:
            outgoing.again = False
            try:
                await self._flush_once(peer, outgoing)
            except StoreError as error:
                _log.warning("outbox for %s not read: %s", peer.short, error)
                if not failed:
                    self._publish(Warned("store", error.sentence))
                failed = outgoing.again = True
                await asyncio.sleep(TRY_AGAIN)
            outgoing.flushing = outgoing.again

    async def withdraw(self, peer: PeerId) -> None:
        """Nothing that waits for `peer` is sent any more: it is deleted."""
        while waiting := await self._history.undelivered(peer, after=None, limit=PAGE):
            ids = [message.id for message in waiting]
            await self._history.delete(peer, self._clock(), ids=ids)

    def ended(self, peer: PeerId, wire: Wire) -> None:
        """No more can be sent on this session."""
        outgoing = self._outgoing.get(peer)
        if outgoing is not None and outgoing.wire is wire:
            del self._outgoing[peer]

    # --- theirs -------------------------------------------------------------------------

    async def receive(self, peer: PeerId, wire: Wire, payload: Text | Receipt) -> None:
        """Take what arrived on a session; `run` stores and answers it.

        Waits only while much is not stored yet, which holds up the link.
        """
        self._arrived.append((peer, wire, payload))
        if isinstance(payload, Text):
            self._coming.add((peer, payload.id))
        self._letters += len(payload.text) if isinstance(payload, Text) else 0
        self._work.set()
        if len(self._arrived) >= MOST_WAITING or self._letters >= MOST_LETTERS:
            self._room.clear()
            await self._room.wait()

    async def said(self, peer: PeerId, message_id: bytes) -> bool:
        """Whether a text has this id, ours or theirs, stored or about to be."""
        if (peer, message_id) in self._coming:
            return True
        found = await self._history.find(peer, message_id)
        return found is not None and not found.file

    async def run(self) -> None:
        """Store and answer what arrives, as one while the disk was busy; never ends."""
        while True:
            await self._work.wait()
            self._work.clear()
            batch, self._arrived, self._letters = self._arrived, [], 0
            self._room.set()
            texts = [(peer, wire, one) for peer, wire, one in batch if isinstance(one, Text)]
            receipts = [(peer, one) for peer, _, one in batch if isinstance(one, Receipt)]
            for start in range(0, len(texts), MOST_ROWS):  # each is stored as a whole, or not
                await self._take_or_refuse(texts[start : start + MOST_ROWS])
            self._coming.difference_update((peer, text.id) for peer, _, text in texts)
            try:
                await self._take_receipts(receipts)
            except StoreError as error:
                self._not_stored(error)  # the messages go again on the next session

    async def _take_or_refuse(self, rows: "list[tuple[PeerId, Wire, Text]]") -> None:
        try:
            await self._take_texts(rows)
        except StoreError as error:
            self._not_stored(error)
            refused: dict[tuple[PeerId, Wire], list[bytes]] = defaultdict(list)
            for peer, wire, text in rows:
                refused[peer, wire].append(text.id)
            self._answer(refused, ReceiptState.REFUSED)

    def _not_stored(self, error: StoreError) -> None:
        _log.error("not stored: %s", error)
        self._publish(Warned("store", error.sentence))

    async def _take_texts(self, rows: "list[tuple[PeerId, Wire, Text]]") -> None:
        wanted: list[tuple[PeerId, Wire, Message]] = []
        stored: dict[tuple[PeerId, Wire], list[bytes]] = defaultdict(list)
        over: dict[tuple[PeerId, Wire], list[bytes]] = defaultdict(list)
        asked = [(peer, len(text.text.encode())) for peer, _, text in rows]
        for (peer, wire, text), may in zip(rows, await self._allow(asked), strict=True):
            if may:
                wanted.append((peer, wire, _received(peer, text, self._clock())))
            else:
                over[peer, wire].append(text.id)
        fresh = await self._history.append_many([row[2] for row in wanted]) if wanted else []
        for (peer, wire, message), new in zip(wanted, fresh, strict=True):
            if new:
                self._tell(message)
            stored[peer, wire].append(message.id)  # a repeat is answered too
        refused: dict[tuple[PeerId, Wire], list[bytes]] = {}
        for (peer, wire), ids in over.items():  # one question, however many there are
            known = await self._history.known(peer, ids)
            stored[peer, wire] += [one for one in ids if one in known]  # a receipt was lost
            refused[peer, wire] = [one for one in ids if one not in known]
        self._answer(stored, ReceiptState.STORED)
        self._answer(refused, ReceiptState.REFUSED)
        if self._read_receipts():
            self._answer(stored, ReceiptState.READ)

    async def _take_receipts(self, rows: list[tuple[PeerId, Receipt]]) -> None:
        said: dict[tuple[PeerId, ReceiptState], list[bytes]] = defaultdict(list)
        for peer, receipt in rows:
            said[peer, receipt.state].extend(receipt.ids)
        for (peer, state), ids in said.items():
            if state is not ReceiptState.REFUSED:
                level = State.READ if state is ReceiptState.READ else State.DELIVERED
                for message in await self._history.mark(peer, ids, level):
                    self._publish(MessageChanged(message))
            self._wake(peer, ids, state)

    # --- within -------------------------------------------------------------------------

    def _tell(self, added: Message) -> None:
        peer = added.peer
        self._publish(MessageAdded(added, self._name_of(peer), self._trust_of(peer)))

    def _answer(
        self, ids: "dict[tuple[PeerId, Wire], list[bytes]]", state: ReceiptState
    ) -> None:
        for (_peer, wire), some in ids.items():
            for start in range(0, len(some), _IDS):
                wire.post(Receipt(state, tuple(some[start : start + _IDS])))

    async def _flush_once(self, peer: PeerId, outgoing: _Outgoing) -> None:
        after: bytes | None = None
        while page := await self._history.undelivered(peer, after=after, limit=PAGE):
            for message in page:
                await outgoing.wire.writable()
                if self._outgoing.get(peer) is not outgoing:
                    return
                self._post(outgoing, message)
            after = page[-1].id

    def _post(self, outgoing: _Outgoing, message: Message) -> None:
        if message.id in outgoing.posted:
            return
        outgoing.posted.add(message.id)
        reply_to = message.reply_to or NO_ID
        text = Text(message.id, message.seq, message.sent_at, 0, reply_to, message.text)
        try:
            outgoing.wire.post(text)
        except LocalProtocolError as error:  # longer than this peer takes: it waits
            _log.warning("message to %s not sent: %s", message.peer.short, error)

    def _wake(self, peer: PeerId, ids: Sequence[bytes], state: ReceiptState) -> None:
        outgoing = self._outgoing.get(peer)
        for message_id in ids:
            if outgoing is not None and state is not ReceiptState.REFUSED:
                outgoing.posted.discard(message_id)  # receipted: it can't come up again
            for future in tuple(self._waiters.get((peer, message_id), ())):
                if not future.done():
                    future.set_result(state)

    def _forget(self, key: _Key, done: "asyncio.Future[ReceiptState]") -> None:
        waiting = self._waiters.get(key)
        if waiting is not None:
            waiting.discard(done)
            if not waiting:
                del self._waiters[key]


def _received(peer: PeerId, text: Text, now: int) -> Message:
    return Message(
        id=text.id, peer=peer, mine=False, text=text.text, sent_at=text.sent_at,
        arrived_at=now, state=State.RECEIVED, seq=text.seq,
        reply_to=b"" if text.reply_to == NO_ID else text.reply_to,
    )  # fmt: skip
